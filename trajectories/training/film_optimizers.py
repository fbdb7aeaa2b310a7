"""The optimizers of a loop: which ones make the steps, and what to call them."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ..optimizers.around import inside
from ..optimizers.watching import watchable
from ..specs.optimizer_spec import OptimizerSpec
from ..specs.tables import OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn
    from torch.optim import Optimizer


def stepping(optimizer: Any, module: nn.Module) -> list[Optimizer]:
    """Return the optimizers that make a loop's steps: mostly what is inside wrappers, one for each given.

    Args:
        optimizer: An optimizer of torch's, something that wraps one, or a list or dictionary of these.
        module: What they train.

    Raises:
        DescentError: One is no optimizer, or none holds a parameter of the module.
    """
    given: Iterable[Any] = (optimizer,)
    if isinstance(optimizer, dict):
        given = optimizer.values()
    elif isinstance(optimizer, tuple | list):
        given = optimizer
    found: list[Optimizer] = []
    for each in given:
        inner = watchable(each)
        if not any(inner is other for other in found):
            found.append(inner)
    theirs = {id(each) for made in found for group in made.param_groups for each in group["params"]}
    if not any(id(each) in theirs for each in module.parameters()):
        raise DescentError("the optimizer does not hold any parameter of the model, so nothing would move")
    return found


def names_of(optimizers: Iterable[Optimizer]) -> str:
    """Write the classes of some optimizers in a line.

    >>> import torch
    >>> weights = [torch.zeros(2, requires_grad=True)]
    >>> names_of([torch.optim.SGD(weights), torch.optim.Adam(weights)])
    'SGD and Adam'
    """
    names = [type(each).__name__ for each in optimizers]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def main_of(optimizers: Iterable[Optimizer]) -> Optimizer:
    """Return the optimizer that holds most numbers."""

    def size(optimizer: Optimizer) -> int:
        from torch.nn.parameter import is_lazy

        every = [each for group in optimizer.param_groups for each in group["params"]]
        return sum(each.numel() for each in every if not is_lazy(each))

    return max(optimizers, key=size)


def spec_of(optimizer: Optimizer) -> OptimizerSpec:
    """Return the spec that builds an optimizer like this one: its class, its rate and what is not default.

    >>> import torch
    >>> str(spec_of(torch.optim.SGD([torch.zeros(2, requires_grad=True)], lr=0.1, momentum=0.9)))
    'sgd:lr=0.1,momentum=0.9'
    """
    cls = type(optimizer)
    name = next((key for key, entry in OPTIMIZERS.items() if entry.class_name == cls.__name__), "")
    if not cls.__module__.startswith("torch.optim") or not name:
        name = f"{cls.__module__}.{cls.__qualname__.replace('<locals>.', '')}"
    inner = inside(optimizer)
    spec = OptimizerSpec(name, inner=None if inner is None else spec_of(inner))
    first, *others = optimizer.param_groups
    for key, parameter in inspect.signature(cls).parameters.items():
        if key == "params" or key not in first or parameter.default is None:
            continue  # a value in place of None may be worked out by the optimizer
        if any(group.get(key) is not first[key] and group.get(key) != first[key] for group in others):
            continue  # there is no one value
        try:
            value = float(f"{float(first[key]):.6g}") if key == "lr" else first[key]  # a tensor's is rounded
            if key == "lr" or value != parameter.default:
                spec = replace(spec, options=(*spec.options, (key, value)))
        except (DescentError, TypeError, ValueError, RuntimeError):
            continue  # not a value that can be written; the rates are in the recording
    return spec
