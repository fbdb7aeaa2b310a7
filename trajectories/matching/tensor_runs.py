"""An optimizer, or an update rule in NumPy, run on the parameters of a layout, and two such runs compared."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..descent.noise import repeatable
from ..optimizers.faces import for_training
from ..regression.deviation import deviation_of
from ..regression.difference import UPDATE, First, RunDifference
from ..regression.growth import growth_of
from ..regression.tolerances import epsilon
from ..results.trajectory import FINISHED, Outcome
from .cells import DIFFERENTIABLE, arguments_of
from .layouts import LAYOUTS, STEPS, hand, numbers, parameters
from .runs import checked_answer, initial_rate, kept_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import torch
    from numpy.typing import NDArray
    from torch.optim import Optimizer

    from ..regression.tolerances import Tolerance
    from .cells import Cell
    from .runs import Rule


@dataclass(frozen=True, slots=True, eq=False)
class TensorRun:
    """Where every parameter of a layout was after each step."""

    name: str  # of the optimizer
    points: tuple[NDArray[np.float64], ...]  # a parameter each, (steps + 1, numbers); complex ones as pairs

    def same(self, other: TensorRun) -> bool:
        """Whether two runs are the same to the last bit."""
        return all(
            np.array_equal(one, two, equal_nan=True)
            for one, two in zip(self.points, other.points, strict=True)
        )


def run_layout(make: Callable[..., Optimizer], options: Mapping[str, Any], cell: Cell) -> TensorRun:
    """Run an optimizer on a layout, as a cell says.

    Args:
        make: The optimizer's class, or what makes one from parameters and options.
        options: Its options by name; the cell's switches come on top.
        cell: How it is run: layout, precision, path, groups, switches, and whether it is reloaded half way.
    """
    import torch

    tensors = parameters(cell.shape, cell.dtype)
    notes = [_copied(tensors)]
    if cell.path == DIFFERENTIABLE:  # which is for parameters that are results themselves
        with torch.enable_grad():
            tensors = [each.clone() for each in tensors]
    # Said in so many words, as torch otherwise warns that invariants of sparse tensors are not checked.
    unchecked: Any = torch.sparse.check_sparse_tensor_invariants
    with torch.enable_grad(), unchecked(False), repeatable(0, torch.device("cpu")):
        optimizer = _made(make, options, cell, tensors)
        for step in range(1, STEPS + 1):
            if cell.reload and step == STEPS // 2:
                saved = copy.deepcopy(optimizer.state_dict())
                tensors = [each.detach().clone().requires_grad_(each.requires_grad) for each in tensors]
                optimizer = _made(make, options, cell, tensors)
                optimizer.load_state_dict(saved)
            hand(cell.shape, cell.dtype, step, tensors)
            if cell.closure:
                step_with_closure(optimizer, cell.shape, cell.dtype, step, tensors)
            else:
                optimizer.step()
            notes.append(_copied(tensors))
    return TensorRun(getattr(make, "__name__", type(make).__name__), rows_of(notes))


def run_rule_on_layout(rule: Rule, lr: float, cell: Cell) -> TensorRun:
    """Run an update rule on a layout; a parameter without gradient stays where it is, and its step too."""
    dtype = np.dtype(cell.dtype)
    found = []
    for number, part in enumerate(LAYOUTS[cell.shape]):
        kind = np.result_type(dtype, np.complex64) if part.kind == "complex" else dtype
        value = numbers(part, cell.dtype, 0).astype(kind)
        rate = lr / 2 if cell.groups > 1 and number % 2 else lr
        state: dict[str, Any] = {}
        rows, made = [value], 0
        for step in range(1, STEPS + 1):
            gradient = _gradient_of(cell, number, step)
            if gradient is not None:
                made += 1
                with np.errstate(all="ignore"):
                    answer = checked_answer(rule(value.copy(), gradient, state, made, rate), value)
                value, state = np.asarray(answer[0], dtype=kind), answer[1]
            rows.append(value)
        found.append(np.stack([_flat(each) for each in rows]))
    return TensorRun(getattr(rule, "__name__", "the rule"), tuple(found))


def _gradient_of(cell: Cell, number: int, step: int) -> NDArray[Any] | None:
    tensors = parameters(cell.shape, cell.dtype)
    hand(cell.shape, cell.dtype, step, tensors)
    gradient = tensors[number].grad
    return None if gradient is None else gradient.to_dense().numpy().copy()


def _made(
    make: Callable[..., Optimizer], options: Mapping[str, Any], cell: Cell, tensors: Sequence[torch.Tensor]
) -> Optimizer:
    """Make the optimizer; of two groups, the second has every other parameter and options of its own."""
    switched = dict(cell.switched)
    everywhere = {**options, **arguments_of(cell.path, make)}
    if cell.groups == 1:
        with kept_alive():
            optimizer = make(list(tensors), **everywhere | switched)
    else:
        second: dict[str, Any] = {"params": list(tensors[1::2]), **switched}
        rate = initial_rate(make, options)
        if rate is not None:
            second["lr"] = rate / 2
        optimizer = make([{"params": list(tensors[::2])}, second], **everywhere)
    for_training(optimizer)
    return optimizer


def step_with_closure(
    optimizer: Optimizer, layout: str, dtype: str, step: int, tensors: list[torch.Tensor]
) -> None:
    """Make a step with a closure, whose loss is the linear function with the step's gradients."""
    import torch

    def closure() -> torch.Tensor:
        hand(layout, dtype, step, tensors)
        with torch.no_grad():
            parts = [
                (each.grad.to_dense().conj() * each).real.sum() for each in tensors if each.grad is not None
            ]
            return torch.stack(parts).sum()

    optimizer.zero_grad()
    stepped: Any = optimizer.step
    stepped(closure)


def _copied(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    return [each.detach().clone() for each in tensors]


def rows_of(notes: Sequence[Sequence[torch.Tensor]]) -> tuple[NDArray[np.float64], ...]:
    """Return the numbers of each parameter, a row a step."""
    import torch

    found = []
    for rows in zip(*notes, strict=True):
        stacked = torch.stack(rows)
        if stacked.is_complex():
            stacked = torch.view_as_real(stacked)
        found.append(
            stacked.reshape(len(rows), -1).double().numpy() if stacked.numel() else np.zeros((len(rows), 0))
        )
    return tuple(found)


def _flat(values: NDArray[Any]) -> NDArray[np.float64]:
    pairs = np.stack([values.real, values.imag], axis=-1) if np.iscomplexobj(values) else values
    return np.asarray(pairs, dtype=np.float64).reshape(-1)


def compare_tensors(
    expected: TensorRun, found: TensorRun, cell: Cell, allowed: Tolerance
) -> tuple[RunDifference, str]:
    """Compare two runs on a layout, and say in which parameter and where in it they differ first.

    Each parameter is measured by its own size, so that a small one is not hidden by a large one.
    """
    steps = np.arange(len(expected.points[0]))
    series = [
        deviation_of(steps, one, other, allowed, "points", 0)
        for one, other in zip(expected.points, found.points, strict=True)
    ]
    largest = {"points": max(float(each.share.max(initial=0.0)) for each in series)}
    firsts = [(row, number) for number, each in enumerate(series) if (row := each.first) is not None]
    done = Outcome(FINISHED)
    if not firsts:
        return RunDifference(0, expected.name, found.name, None, None, done, done, largest), ""
    row, number = min(firsts)
    worst = series[number]
    with np.errstate(all="ignore"):
        distance = np.nan_to_num(np.abs(worst.found[row] - worst.expected[row]), nan=np.inf)
    entry = int(np.argmax(distance))
    before = all(not each.apart[:row].any() for each in series)
    first = First(
        UPDATE,
        row,
        (float(worst.expected[row, entry]),),
        (float(worst.found[row, entry]),),
        float(worst.apart[row]),
        float(worst.allowed[row]),
        before,
    )
    growth = growth_of(worst.steps, worst.share, row, epsilon(cell.dtype))
    difference = RunDifference(0, expected.name, found.name, first, growth, done, done, largest)
    return difference, _place(cell, number, entry)


def _place(cell: Cell, number: int, entry: int) -> str:
    part = LAYOUTS[cell.shape][number]
    shape = (*part.shape, 2) if part.kind == "complex" else part.shape
    index = ", ".join(str(int(each)) for each in np.unravel_index(entry, shape)) if shape else ""
    where = f" at [{index}]" if index else ""
    without = {"absent": ", which has no gradient", "frozen": ", which requires no gradient"}
    return f"the parameter {part.name!r} of shape {part.shape}{where}{without.get(part.kind, '')}"
