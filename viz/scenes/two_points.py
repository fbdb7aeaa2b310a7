"""Which point of an optimizer with two is drawn: the one its user evaluates, or that of its gradients.

Wishes name its points, so that it loads no NumPy.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ...trajectories.results.recording import Recording
    from ...trajectories.results.trajectory import Trajectory

EVALUATED, TRAINING, BOTH = "evaluated", "training", "both"
POINTS = (EVALUATED, TRAINING, BOTH)
_WORDS = {
    EVALUATED: "evaluated point",
    TRAINING: "training point",
    BOTH: "evaluated point, training point thin",
}


def check_point(point: str) -> str:
    """Return which point is wished for, or raise DescentError."""
    if point not in POINTS:
        raise unknown("point", str(point), POINTS)
    return point


def words_of(run: Trajectory, point: str) -> str:
    """Say which point of a run is drawn; empty where it has only one.

    Args:
        run: As it was recorded.
        point: One of POINTS.
    """
    return "" if run.trained is None else _WORDS[point]


def as_drawn(recording: Recording, point: str) -> Recording:
    """Return a recording whose points and losses are those to draw.

    Raises:
        DescentError: The training point is wished for, and no run has one of its own.
    """
    if point == EVALUATED or not recording.trajectories:
        return recording
    if all(run.trained is None for run in recording.trajectories):
        raise DescentError(
            f"point={point} needs an optimizer that takes gradients at another point than its user "
            "evaluates, such as schedulefree.SGDScheduleFree; no run of this recording has two points"
        )
    if point == BOTH:
        return recording
    if recording.training is not None:
        raise DescentError(
            "point=training is for surfaces: what else is drawn of a network is of its evaluated weights; "
            "point=both adds the training point as a thin line"
        )
    return replace(
        recording, trajectories=tuple(_at_training(run, recording) for run in recording.trajectories)
    )


def _at_training(run: Trajectory, recording: Recording) -> Trajectory:
    from ...trajectories.results.trajectory import CONVERGED, judge

    if run.trained is None:
        return run
    points, losses = run.trained[:, :2].copy(), run.trained[:, 2].copy()
    converged_at = run.steps if run.outcome.kind == CONVERGED else None
    outcome = judge(points, losses, run.gradients, recording.view, converged_at)
    # The slopes of the last point are those of the other one.
    return replace(run, points=points, losses=losses, outcome=outcome, end=None, trained=None)


def gradients_at(run: Trajectory) -> NDArray[np.float64]:
    """Return the gradients (rows, 2) at a run's points; NaN for a run that takes them elsewhere."""
    return run.gradients if run.trained is None else run.gradients * math.nan


def note(runs: Sequence[Trajectory], point: str) -> str:
    """Say for the fine print what the points of optimizers with two are; empty where no run has two.

    Args:
        runs: As they were recorded.
        point: One of POINTS.
    """
    if all(run.trained is None for run in runs):
        return ""
    if point == TRAINING:
        return "training point: where gradients are taken; users evaluate another"
    return "evaluated point: what users evaluate; gradients are taken at the training point"
