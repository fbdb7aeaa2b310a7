"""What one optimizer did, step by step, and how it ended. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..surfaces.messages import DescentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..surfaces.surface import Box

FINISHED = "finished"
CONVERGED = "converged"
LEFT_THE_VIEW = "left the view"
NON_FINITE = "non-finite"
KINDS = (FINISHED, CONVERGED, LEFT_THE_VIEW, NON_FINITE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: finished, converged, left the view at step k, or non-finite at step k."""

    kind: str  # one of KINDS
    step: int | None = None  # the step at which it happened; None for finished

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DescentError(f"unknown outcome {self.kind!r}; allowed: {', '.join(KINDS)}")

    def __str__(self) -> str:
        if self.kind == LEFT_THE_VIEW and self.step == 0:
            return "never in the view"
        return self.kind if self.step is None else f"{self.kind} at step {self.step}"


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """What one optimizer did in ``steps`` updates; row 0 is the start, row k the state after k steps.

    A run that becomes non-finite goes on to its last step, so NaN and infinity are ordinary values here.
    """

    spec: str  # the optimizer spec, as `OptimizerSpec.parse` reads it
    points: NDArray[np.float64]  # (steps + 1, 2)
    losses: NDArray[np.float64]  # (steps + 1,): loss at each point
    gradients: NDArray[np.float64]  # (steps + 1, 2): what the optimizer was handed at each point
    learning_rates: NDArray[np.float64]  # (steps,): the rate that each step used
    outcome: Outcome
    evaluations: int  # how often loss and gradient were computed for the steps

    def __post_init__(self) -> None:
        rows = len(self.points)
        shapes = {
            "points": (self.points, (rows, 2)),
            "losses": (self.losses, (rows,)),
            "gradients": (self.gradients, (rows, 2)),
            "learning_rates": (self.learning_rates, (rows - 1,)),
        }
        for name, (array, shape) in shapes.items():
            if array.shape != shape or array.dtype != np.float64:
                raise DescentError(
                    f"{name} of trajectory {self.spec!r} must be float64 of shape {shape}, "
                    f"not {array.dtype} of shape {array.shape}"
                )
        if rows < 1:
            raise DescentError(f"trajectory {self.spec!r} has no points")

    @property
    def steps(self) -> int:
        """How many updates the optimizer made."""
        return len(self.learning_rates)

    @property
    def finite_steps(self) -> int:
        """The last step whose point is finite, counted without a gap from the start."""
        finite = np.isfinite(self.points).all(axis=1)
        return self.steps if finite.all() else max(int(np.argmin(finite)) - 1, 0)


def outside(points: NDArray[np.float64], view: Box) -> NDArray[np.bool_]:
    """Say for points (..., 2) whether they lie outside the view; non-finite ones do."""
    (x0, x1), (y0, y1) = view
    x, y = points[..., 0], points[..., 1]
    return ~((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))


def exit_step(points: NDArray[np.float64], view: Box) -> int | None:
    """Return the step at which the path left the view for good, or None when it ended inside.

    A path that starts outside and never comes in left at step 0.
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
