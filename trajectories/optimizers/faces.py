"""Optimizers with two points: the one that gradients are taken at, and the one that their users evaluate.

Schedule-Free methods and others that average their points say so by two methods: ``train()`` before gradients
are computed and ``eval()`` before a loss is looked at, as modules have; a Lookahead by two that put its slow
weights in place and take them out again. Neither is called by torch itself.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import torch

# The methods that lead to the evaluated point and back.
_SWITCHES = (("eval", "train"), ("backup_and_load_cache", "clear_and_load_backup"))


def has_two(optimizer: Any) -> bool:
    """Say whether an optimizer, or a class of such, is switched between training and evaluation."""
    return _switch(optimizer) is not None


def for_training(optimizer: Any) -> None:
    """Tell an optimizer that knows training from evaluation that this is training."""
    train = getattr(optimizer, "train", None)
    if callable(train):
        train()


@contextmanager
def evaluated(optimizer: Any, parameters: Sequence[torch.Tensor]) -> Iterator[None]:
    """Have the parameters where their user would evaluate them; afterwards every bit is as before.

    The way back through ``train()`` alone is rounded, so that a run that is looked at would drift away from
    one that is not.

    Args:
        optimizer: One with two points, which is in training.
        parameters: All that it moves.
    """
    switch = _switch(optimizer)
    assert switch is not None
    before = [each.detach().clone() for each in parameters]
    getattr(optimizer, switch[0])()
    try:
        yield
    finally:
        getattr(optimizer, switch[1])()
        _put(parameters, before)


def both_points(
    optimizer: Any, parameters: Sequence[torch.Tensor], read: Callable[[], torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what is read at the training point and at the evaluated one, whichever of them it is at now.

    Afterwards it is there again, with every bit as before.
    """
    switch = _switch(optimizer)
    assert switch is not None
    there, back = (getattr(optimizer, name) for name in switch)
    before, now, flags = [each.detach().clone() for each in parameters], read(), _flags(optimizer)
    there()
    evaluated_at = read()
    # Where asking for the evaluated point changes nothing, it is that already.
    trains = switch[0] != "eval" or flags != _flags(optimizer) or not bool((now == evaluated_at).all())
    back()
    trained_at = now if trains else read()
    if not trains:
        there()
    _put(parameters, before)
    return trained_at, evaluated_at


def _put(parameters: Sequence[torch.Tensor], values: Sequence[torch.Tensor]) -> None:
    import torch

    with torch.no_grad():
        for each, value in zip(parameters, values, strict=True):
            each.copy_(value)


def _flags(optimizer: Any) -> list[tuple[str, bool]]:
    """Return all that is on or off in an optimizer and its groups."""
    held = [vars(optimizer), *optimizer.param_groups]
    return [(key, value) for some in held for key, value in some.items() if isinstance(value, bool)]


def _switch(optimizer: Any) -> tuple[str, str] | None:
    """Return the names of the two methods; None where there are none."""
    for names in _SWITCHES:
        if all(callable(getattr(optimizer, name, None)) for name in names):
            return names
    return None
