"""The runs of a recording as a scene has them: each is looked at once, and drawers and words take that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...trajectories.reports.runs import summarize
from ...trajectories.results.network_runs import schedules_per
from ...trajectories.results.trajectory import LEFT_THE_VIEW, NON_FINITE, exit_step, outside
from ...trajectories.specs.labels import label
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ..style.language import say
from ..style.run_styles import run_styles
from .paths import crossing
from .two_points import EVALUATED, words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...surfaces.surface import Box
    from ...trajectories.reports.runs import Row
    from ...trajectories.results.recording import Recording
    from ...trajectories.results.trajectory import Trajectory
    from ...trajectories.specs.labels import Label
    from ..style.run_styles import RunStyle
    from ..style.themes import Theme


@dataclass(frozen=True, slots=True)
class Exit:
    """Where and when a run left the view for good, or stopped being finite inside it."""

    step: int
    point: tuple[float, float]  # on the border, or the last finite point
    finite: bool  # whether the point that it went to is finite
    when: str  # "at step 7"; "by step 18" where steps before it were not kept

    @property
    def text(self) -> str:
        """What the picture says there."""
        return say(f"{LEFT_THE_VIEW if self.finite else NON_FINITE} {self.when}")


@dataclass(frozen=True, slots=True, eq=False)
class SceneRun:
    """One run of a recording, with all that a picture asks of it."""

    number: int  # its place in the recording
    trajectory: Trajectory
    spec: OptimizerSpec
    label: Label  # its name, rate and options in words
    style: RunStyle
    inside: NDArray[np.bool_]  # (rows,): which of its points lie in the view
    left: int | None  # the row at which it left the view for good; 0: it never was in it
    first_out: int | None  # the row at which it was outside first, after it had been inside; None: never
    exit: Exit | None  # where it did so; None for one that ended inside, or never was
    result: Row  # what came of it

    @property
    def path(self) -> NDArray[np.float64]:
        """Its points up to the one that left the view for good, (n, 2).

        The jumps of a diverging run across the view tell nothing.
        """
        points = self.trajectory.points
        return points if self.left is None else points[: self.left + 1]

    @property
    def shown(self) -> NDArray[np.float64]:
        """Its points, (rows, 2); NaN, which is not drawn, for those outside the view."""
        return np.where(self.inside[:, None], self.trajectory.points, np.nan)

    def row(self, row: int) -> int:
        """Return the row of this run that is shown with a row of the longest; one that ended stays there."""
        return min(row, len(self.inside) - 1)


def scene_runs(
    recording: Recording, theme: Theme, recorded: Recording | None = None, point: str = EVALUATED
) -> tuple[SceneRun, ...]:
    """Look at each run of a recording.

    Args:
        recording: With the points that are drawn.
        theme: Gives the colours.
        recorded: The recording as it was made, where other points of it are drawn.
        point: Which point of optimizers with two is drawn: one of `two_points.POINTS`.
    """
    specs = [OptimizerSpec.parse(run.spec) for run in recording.trajectories]
    recipe, found = recording.recipe.training, []
    as_made = (recorded or recording).trajectories
    unit = "step" if recording.training is None else recording.training.unit
    for number, (run, spec, style, result) in enumerate(
        zip(recording.trajectories, specs, run_styles(specs, theme), summarize(recording, specs), strict=True)
    ):
        left, inside = exit_step(run.points, recording.view), ~outside(run.points, recording.view)
        gone = np.flatnonzero(~inside[1:] & inside[:-1]) + 1
        found.append(
            SceneRun(
                number=number,
                trajectory=run,
                spec=spec,
                label=label(
                    spec,
                    per="" if recipe is None else schedules_per(recipe, spec),
                    more=words_of(as_made[number], point),
                    title=result.title,
                ),
                style=style,
                inside=inside,
                left=left,
                first_out=int(gone[0]) if len(gone) else None,
                exit=find_exit(run, left, recording.view, unit) if left else None,
                result=result,
            )
        )
    return tuple(found)


def find_exit(run: Trajectory, row: int, view: Box, unit: str = "step") -> Exit:
    """Find where a run left the view for good, when it came to a row; its rows count steps, or a unit."""
    before, step = (int(each) for each in run.at[row - 1 : row + 1])
    border = crossing(run.points, row, view)
    point = run.points[row - 1] if border is None else border
    said, outcome = when(run, row), run.outcome
    lost = outcome.step if outcome.kind == NON_FINITE else None
    if border is None and lost is not None and before <= lost <= step:
        # Its loss or gradient was lost first, or its step was not kept: the outcome names the step.
        step, said = lost, f"{'at' if outcome.exact else 'by'} step {lost}"
    said = said.replace("step ", f"{unit} ")
    return Exit(step, (float(point[0]), float(point[1])), border is not None, said)


def when(run: Trajectory, row: int) -> str:
    """Say when a run came to a row: at a step, or where steps before it were not kept, by that step."""
    step = int(run.at[row])
    return f"by step {step}" if row and step - int(run.at[row - 1]) > 1 else f"at step {step}"
