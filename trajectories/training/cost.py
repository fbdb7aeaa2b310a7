"""What one point of a network's field costs, as a number that is the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...surfaces.networks.first_layer import split_first
from ...surfaces.networks.weights import flatten, unflatten

if TYPE_CHECKING:
    from torch import nn

    from ...surfaces.networks.objective import Objective

# Writing and reading one activation takes about as long as so many products inside a matrix product.
PER_ACTIVATION = 60


def work(objective: Objective) -> float:
    """Return about how many products one point of a field is worth: multiplications, and memory moved.

    Products of a first layer whose outputs are computed once for the whole plane do not count.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    numbers = 0

    def count(_module: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal numbers
        if isinstance(output, torch.Tensor):
            numbers += output.numel()

    leaves = [each for each in objective.module.modules() if not list(each.children())]
    hooks = [each.register_forward_hook(count) for each in leaves]
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            objective.loss_with(unflatten(flatten(objective.module), objective.shapes))
    finally:
        for hook in hooks:
            hook.remove()
    flops = float(counter.get_total_flops())
    split = split_first(objective)
    if split is not None:
        with torch.no_grad(), FlopCounterMode(display=False) as once:
            split.first(*split.inputs)
        flops -= once.get_total_flops()
    return flops / 2 + PER_ACTIVATION * numbers
