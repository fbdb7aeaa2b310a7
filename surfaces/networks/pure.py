"""Modules whose loss depends on their weights alone, and the types of these weights."""

from __future__ import annotations

import copy
from functools import reduce
from typing import TYPE_CHECKING

from torch import nn

from .weights import trainable

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch


class Shell(nn.Module):
    """A module inside another, so that what is called with its parameters may be any function of it."""

    def __init__(self, module: nn.Module, call: Callable[[nn.Module], torch.Tensor]) -> None:
        super().__init__()
        self.module, self.call = module, call

    def forward(self) -> torch.Tensor:
        """Return what the function gives."""
        return self.call(self.module)


def precision(module: nn.Module) -> torch.dtype:
    """Return the precision that holds all of a module's parameters: of complex ones, that of their parts."""
    import torch

    kinds = [each.dtype.to_real() if each.is_complex() else each.dtype for each in module.parameters()]
    return reduce(torch.promote_types, kinds)


def one_type(module: nn.Module) -> bool:
    """Whether all parameters are real and of one type, so that the module may be cast as a whole."""
    kinds = {each.dtype for each in module.parameters()}
    return len(kinds) == 1 and not next(iter(kinds)).is_complex


def pure(module: nn.Module, modes: bool) -> nn.Module:
    """Return a copy in evaluation mode whose norm layers take the statistics of their samples.

    Args:
        module: What is copied.
        modes: Whether norm layers that are in evaluation mode keep their running statistics.
    """
    from torch.nn.modules.batchnorm import _NormBase

    module = copy.deepcopy(module)
    by_batch = [each for each in module.modules() if not modes or each.training]
    module.eval()
    for each in by_batch:
        if isinstance(each, _NormBase):
            # Without running statistics, torch normalizes by the batch in evaluation mode too.
            each.running_mean = each.running_var = each.num_batches_tracked = None
            each.track_running_stats = False
    return module


def tied(module: nn.Module) -> dict[str, str]:
    """Return the other paths of parameters that layers share, each with its path in the flat vector."""
    first = {id(each): path for path, each in trainable(module).items()}
    every = {
        f"{name}.{own}" if name else own: each
        for name, layer in module.named_modules()
        for own, each in layer.named_parameters(recurse=False)
    }
    return {
        path: first[id(each)] for path, each in every.items() if id(each) in first and path != first[id(each)]
    }
