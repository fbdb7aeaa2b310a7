"""Optimizers with two points: the one that gradients are taken at, and the one that their users evaluate.

Schedule-Free methods and others that average their points say so by two methods: ``train()`` before gradients
are computed and ``eval()`` before a loss is looked at, as modules have. Neither is called by torch itself.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import torch


def has_two(optimizer: Any) -> bool:
    """Say whether an optimizer, or a class of such, is switched between training and evaluation."""
    return all(callable(getattr(optimizer, name, None)) for name in ("train", "eval"))


@contextmanager
def evaluated(optimizer: Any, parameters: Sequence[torch.Tensor]) -> Iterator[None]:
    """Have the parameters where their user would evaluate them; afterwards every bit is as before.

    The way back through ``train()`` alone is rounded, so that a run that is looked at would drift away from
    one that is not.

    Args:
        optimizer: One with two points, which is in training.
        parameters: All that it moves.
    """
    import torch

    before = [each.detach().clone() for each in parameters]
    optimizer.eval()
    try:
        yield
    finally:
        optimizer.train()
        with torch.no_grad():
            for each, value in zip(parameters, before, strict=True):
                each.copy_(value)
