"""What optimizers reach on small tasks: the numbers of a diagnosis, and what passes. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.text import escaped
from ..specs.labels import listed
from . import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What a task is, as far as a report says it."""

    name: str
    kind: str  # curvature, landscape, noise, change, scale, matrices or game
    words: str  # its definition
    source: str  # where the problem or its like comes from
    steps: int  # the budget
    cases: int  # seeds, rotations or scales
    judged: str  # "the end" or "the last tenth", and over several cases "the median" or "the worst"
    mark: float  # at most this share of the start's height passes
    why: str  # the reason for the mark


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """What is left of the height at the start, of every optimizer on every task at every rate."""

    tasks: tuple[TaskFacts, ...]  # (T,)
    specs: tuple[str, ...]  # (O,) optimizer specs, without a rate where several were tried
    own: int  # so many of them are what was asked about; the others stand beside them
    rates: tuple[tuple[float | None, ...], ...]  # (O, R): None where a class has no rate
    # (O, R, T): infinite where a run was lost or raised an error, NaN where the optimizer is not for the task
    shares: tuple[NDArray[np.float64], ...]
    layouts: tuple[str, ...]  # (O,): how the runs were batched
    faults: tuple[tuple[str, str, str], ...] = ()  # spec, task and what was raised at some rate
    versions: tuple[tuple[str, str], ...] = ()  # package -> version that made it
    capability: str = ""  # which instructions of the processor torch used

    def __post_init__(self) -> None:
        for rates, shares in zip(self.rates, self.shares, strict=True):
            if shares.shape != (len(rates), len(self.tasks)):
                wanted = (len(rates), len(self.tasks))
                raise DescentError(f"shares of a diagnosis must have shape {wanted}, not {shares.shape}")

    def __repr__(self) -> str:
        """Name what it holds in one line."""
        return escaped(f"<Diagnosis of {listed(self.specs)}: {len(self.tasks)} tasks>")

    _repr_mimebundle_ = shown.mimebundle
    _repr_html_ = shown.as_html
    _mime_ = shown.as_mime

    @property
    def marks(self) -> NDArray[np.float64]:
        """The pass marks, (T,)."""
        return np.array([task.mark for task in self.tasks])

    @property
    def best(self) -> NDArray[np.int64]:
        """The number of the rate that leaves least, (O, T); -1 where the optimizer is not for the task."""
        found = [
            np.where(np.isnan(each).all(axis=0), -1, np.where(np.isnan(each), np.inf, each).argmin(axis=0))
            for each in self.shares
        ]
        return np.array(found, dtype=np.int64).reshape(len(self.specs), len(self.tasks))

    @property
    def left(self) -> NDArray[np.float64]:
        """What is left at the best rate, (O, T); NaN where the optimizer is not for the task."""
        found = [
            np.where(best < 0, np.nan, each[best, range(len(self.tasks))])
            for each, best in zip(self.shares, self.best, strict=True)
        ]
        return np.array(found).reshape(len(self.specs), len(self.tasks))

    @property
    def passes(self) -> NDArray[np.bool_]:
        """Whether what is left at the best rate is at most the mark, (O, T)."""
        return np.asarray(self.left <= self.marks)

    @property
    def suited(self) -> NDArray[np.bool_]:
        """Whether an optimizer takes a task's parameters, (O, T)."""
        return ~np.isnan(self.left)

    @property
    def rates_that_pass(self) -> NDArray[np.int64]:
        """At how many of its rates an optimizer passes, (O, T)."""
        return np.array([(each <= self.marks).sum(axis=0) for each in self.shares], dtype=np.int64)

    def at_one_rate(self, optimizer: int) -> tuple[float | None, int]:
        """Return the rate at which an optimizer passes most tasks, the smallest of several, and how many."""
        counts = (self.shares[optimizer] <= self.marks).sum(axis=1)
        return self.rates[optimizer][int(counts.argmax())], int(counts.max())

    @property
    def recipe(self) -> dict[str, Any]:
        """What was run, as plain JSON values."""
        return {
            "specs": list(self.specs),
            "own": self.own,
            "tasks": [task.name for task in self.tasks],
            "rates": [list(rates) for rates in self.rates],
            "layouts": list(self.layouts),
            "dtype": "float64",
            "device": "cpu",
            "capability": self.capability,
            "versions": dict(self.versions),
        }
