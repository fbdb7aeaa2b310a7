"""The optimizer that is looked at without a reference, and short runs of it on which checks are built."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..matching.cells import Cell
from ..matching.layouts import BROAD, STEPS, hand, parameters
from ..matching.runs import kept_alive, wants_closure
from ..matching.switches import options_of
from ..matching.tensor_runs import TensorRun, compare_tensors, rows_of, step_with_closure
from ..optimizers.faces import for_training
from ..regression.tolerances import tolerance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import torch
    from torch.optim import Optimizer


class Fault(Exception):
    """What a check found."""

    def __init__(self, words: str, step: int | None = None, quantity: str = "") -> None:
        super().__init__(words)
        self.step = step  # the step at which it shows, where there is one
        self.quantity = quantity  # what is wrong: update, gradient, state, rate, loss, error


class NotForThis(Exception):
    """Why a check does not apply to an optimizer."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at."""

    make: Callable[..., Optimizer]
    options: Mapping[str, Any]
    layout: str  # one of BROAD
    closure: bool  # whether ``step`` must be given one
    silent: frozenset[str] = frozenset()  # options that are said to change nothing here
    later: tuple[str, ...] = ()  # options that are not in state dicts of older versions

    def has(self, option: str) -> bool:
        """Say whether the signature names an option; the rate is one."""
        return option == "lr" or option in options_of(self.make)


@dataclass(slots=True)
class Run:
    """A run under way."""

    subject: Subject
    layout: str
    dtype: str
    tensors: list[torch.Tensor]
    optimizer: Optimizer

    def step(self, number: int, *, handed: bool = True) -> None:
        """Make a step, from 1, with the gradients of the layout or with those that are there."""
        if self.subject.closure:
            step_with_closure(self.optimizer, self.layout, self.dtype, number, self.tensors)
            return
        if handed:
            hand(self.layout, self.dtype, number, self.tensors)
        with kept_alive():
            self.optimizer.step()


def subject_of(make: Callable[..., Optimizer], options: Mapping[str, Any]) -> Subject:
    """Find parameters on which an optimizer runs.

    Raises:
        Fault: It runs on none.
    """
    closure = wants_closure(make, options)
    errors = {}
    for layout in BROAD:
        found = Subject(make, options, layout, closure)
        try:
            drive(found, steps=2)
        except Exception as error:
            errors[layout] = f"{layout}: {in_words(error)}"
        else:
            return found
    raise Fault("it runs on no parameters: " + "; ".join(errors.values()), 1, "error")


def begin(subject: Subject, layout: str = "", dtype: str = "float64", **options: Any) -> Run:
    """Make parameters and the optimizer, with some options on top of the subject's."""
    layout = layout or subject.layout
    tensors = parameters(layout, dtype)
    return Run(subject, layout, dtype, tensors, made(subject, tensors, **options))


def made(subject: Subject, tensors: Sequence[Any], **options: Any) -> Optimizer:
    """Make the optimizer, told to train."""
    with kept_alive():
        optimizer = subject.make(list(tensors), **{**subject.options, **options})
    for_training(optimizer)
    return optimizer


def drive(
    subject: Subject,
    layout: str = "",
    dtype: str = "float64",
    steps: int = STEPS,
    before: Callable[[Run, int], None] | None = None,
    after: Callable[[Run, int], None] | None = None,
    **options: Any,
) -> TensorRun:
    """Make a run of some steps, always with the same seed.

    Args:
        subject: The optimizer.
        layout: On what it runs; the subject's where empty.
        dtype: In which precision.
        steps: How many steps.
        before: Called with the run and the step's number before each step, and may change the run.
        after: Likewise after each step.
        options: On top of the subject's.
    """
    import torch

    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        run = begin(subject, layout, dtype, **options)
        notes = [[each.detach().clone() for each in run.tensors]]
        for step in range(1, steps + 1):
            if before is not None:
                before(run, step)
            run.step(step)
            notes.append([each.detach().clone() for each in run.tensors])
            if after is not None:
                after(run, step)
    return TensorRun(getattr(subject.make, "__name__", type(subject.make).__name__), rows_of(notes))


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back warnings, which are about how a check goes about it, and leave gradients on."""
    import torch

    unchecked: Any = torch.sparse.check_sparse_tensor_invariants
    with warnings.catch_warnings(), torch.enable_grad(), unchecked(False):
        warnings.simplefilter("ignore")
        yield


def expect_same(
    expected: TensorRun, found: TensorRun, layout: str, preset: str, words: str, dtype: str = "float64"
) -> None:
    """Compare two runs on a layout.

    Raises:
        Fault: They differ by more than a tolerance allows; its words begin as said.
    """
    cell = Cell("", dtype, shape=layout)
    difference, where = compare_tensors(expected, found, cell, tolerance(preset, dtype))
    first = difference.first
    if first is not None:
        raise Fault(
            f"{words}: from step {first.step} on, in {where}; "
            f"expected {first.expected[0]!r}, found {first.found[0]!r}",
            first.step,
            "update",
        )


def moving(run: TensorRun) -> TensorRun:
    """Return a run as it is, where it shows anything.

    Raises:
        NotForThis: It moves nothing, as a rule does that first gathers many gradients.
    """
    if all((points == points[0]).all() for points in run.points):
        raise NotForThis(f"it moves nothing in {len(run.points[0]) - 1} steps")
    return run


def in_words(error: BaseException) -> str:
    """Return an error in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
