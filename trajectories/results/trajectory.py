"""What one optimizer did, step by step, and how it ended. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.text import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ...surfaces.surface import Box

FINISHED = "finished"
CONVERGED = "converged"
STOPPED = "stopped early"  # a training ended because validation no longer improved
LEFT_THE_VIEW = "left the view"
NON_FINITE = "non-finite"
IN_SINGLE = "updates are computed in float32"  # a fact of a run in float64
KINDS = (FINISHED, CONVERGED, STOPPED, LEFT_THE_VIEW, NON_FINITE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: finished, or at step k converged, stopped early, left the view or non-finite."""

    kind: str  # one of KINDS
    step: int | None = None  # the step at which it happened; None for finished
    exact: bool = True  # False: some steps before it were not kept, and it may have happened at one of them

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DescentError(f"unknown outcome {self.kind!r}; allowed: {', '.join(KINDS)}")

    def __str__(self) -> str:
        if self.kind == LEFT_THE_VIEW and self.step == 0:
            return "never in the view"
        word = "at" if self.exact else "by"
        return self.kind if self.step is None else f"{self.kind} {word} step {self.step}"


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """What one optimizer did in ``steps`` updates; row 0 is the start, the last row the end.

    On a surface every step has a row: row k is the state after k steps. Of a long training of a network only
    some steps are kept, and ``at`` says which; of checkpoints the first need not be step 0. A run that
    becomes non-finite goes on to its last step, so NaN and infinity are ordinary values here.
    """

    spec: str  # the optimizer spec, as `OptimizerSpec.parse` reads it
    points: NDArray[np.float64]  # (rows, 2); rows = steps + 1 where every step is kept
    losses: NDArray[np.float64]  # (rows,): loss at each point
    # (rows, 2): what the optimizer was handed, there or at the training point; a network's end has none
    gradients: NDArray[np.float64]
    learning_rates: NDArray[np.float64]  # (steps,): the rate that each step used
    outcome: Outcome  # how it ended
    evaluations: int  # how often loss and gradient were computed for the steps
    kept: NDArray[np.int64] | None = None  # (rows,): the step of each row, increasing; None: every step
    # What torch's optimizer held after each step, by torch's own names such as "momentum_buffer" and
    # "exp_avg_sq": (rows, 2) each, NaN where it held nothing yet. Empty for a network, and where nothing is.
    state: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    # (3, 2): the loss's own gradient at the last point, without noise or clipping, and below it the Hessian's
    # rows; of one parameter the rest is 0. None where they are not known.
    end: NDArray[np.float64] | None = None
    # (rows, 3): the training point, x and y, and its loss. Optimizers with two points take gradients there,
    # and ``points`` are those that their user evaluates. None: they are the same.
    trained: NDArray[np.float64] | None = None
    facts: tuple[str, ...] = ()  # what was seen in the run that its numbers alone do not say, a clause each

    def __repr__(self) -> str:
        """Name the run and how it ended in one line."""
        return escaped(f"<Trajectory of {self.spec}: {self.steps} steps, {self.outcome}>")

    def __post_init__(self) -> None:
        rows = len(self.points)
        steps = rows - 1 if self.kept is None else len(self.learning_rates)
        shapes = {
            "points": (self.points, (rows, 2)),
            "losses": (self.losses, (rows,)),
            "gradients": (self.gradients, (rows, 2)),
            "learning_rates": (self.learning_rates, (steps,)),
            **({} if self.end is None else {"end": (self.end, (3, 2))}),
            **({} if self.trained is None else {"trained": (self.trained, (rows, 3))}),
            **{f"state {name}": (array, (rows, 2)) for name, array in self.state.items()},
        }
        for name, (array, shape) in shapes.items():
            if array.shape != shape or array.dtype != np.float64:
                raise DescentError(
                    f"{name} of trajectory {self.spec!r} must be float64 of shape {shape}, "
                    f"not {array.dtype} of shape {array.shape}"
                )
        if rows < 1:
            raise DescentError(f"trajectory {self.spec!r} has no points")
        if self.kept is None:
            return
        first, last = int(self.at[0]), int(self.at[-1])
        if self.at.shape != (rows,) or first < 0 or last != steps or not (np.diff(self.at) > 0).all():
            raise DescentError(
                f"the kept steps of trajectory {self.spec!r} must increase up to {steps}, one a row"
            )

    @property
    def steps(self) -> int:
        """How many updates the optimizer made."""
        return len(self.learning_rates)

    @property
    def at(self) -> NDArray[np.int64]:
        """The step of each row, (rows,)."""
        return np.arange(len(self.points)) if self.kept is None else self.kept


def outside(points: NDArray[np.float64], view: Box) -> NDArray[np.bool_]:
    """Say for points (..., 2) whether they lie outside the view; non-finite ones do."""
    (x0, x1), (y0, y1) = view
    x, y = points[..., 0], points[..., 1]
    return ~((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))


def exit_step(points: NDArray[np.float64], view: Box) -> int | None:
    """Return the row of a path (rows, 2) at which it left the view for good, or None when it ended inside.

    Where every step has a row, that is the step. A path that starts outside and never comes in left at row 0.
    """
    out = outside(points, view)
    if not out[-1]:
        return None
    return len(out) - int(np.argmin(out[::-1])) if not out.all() else 0


def judge(
    points: NDArray[np.float64],
    losses: NDArray[np.float64],
    gradients: NDArray[np.float64],
    view: Box,
    converged_at: int | None = None,
) -> Outcome:
    """Say how a run ended; the gravest reason wins: non-finite, then left the view, then converged.

    Args:
        points: Shape (steps + 1, 2).
        losses: Shape (steps + 1,).
        gradients: Shape (steps + 1, 2).
        view: The box that pictures show.
        converged_at: The step at which the stopping rule was met, if it was.
    """
    finite = np.isfinite(points).all(axis=1) & np.isfinite(losses) & np.isfinite(gradients).all(axis=1)
    if not finite.all():
        return Outcome(NON_FINITE, int(np.argmin(finite)))
    left = exit_step(points, view)
    if left is not None:
        return Outcome(LEFT_THE_VIEW, left)
    return Outcome(FINISHED) if converged_at is None else Outcome(CONVERGED, converged_at)


def is_name(name: str) -> bool:
    """Say whether a name can be part of a file member's: letters, digits and underscores.

    >>> is_name("exp_avg_sq"), is_name("../a"), is_name("")
    (True, False, False)
    """
    return name.isascii() and name.isidentifier() and len(name) <= 100
