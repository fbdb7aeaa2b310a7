"""The words of a legend: each run's name, rate and options, what befell it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...trajectories.reports.runs import NEAR
from ...trajectories.results.trajectory import FINISHED, NON_FINITE
from ..style.numbers import brief
from .events import Event, left_and_lost, vital_details, wrapped

if TYPE_CHECKING:
    from ..scenes.runs import SceneRun
    from ..scenes.scene import Scene

_WRAP = 40  # characters on a line of details


@dataclass(frozen=True, slots=True)
class Entry:
    """One run's words in the legend."""

    title: str
    rate: str
    details: tuple[str, ...]  # wrapped lines
    event: Event
    end: Event | None = None  # what came of the run, which is said behind the event; a network's test
    vital: str = ""  # the details that change what the optimizer is handed; never left out


def entries(scene: Scene) -> tuple[Entry, ...]:
    """Collect the words of each run."""
    return tuple(
        Entry(
            run.label.title,
            run.label.rate,
            wrapped(run.label.details, _WRAP),
            event(run),
            vital=vital_details(run.label.details),
        )
        for run in scene.runs
    )


def event(run: SceneRun) -> Event:
    """Say what matters most about a run's end: divergence, else arrival at a minimum, else where it ended."""
    path, row, outcome = run.trajectory, run.result, run.trajectory.outcome
    if outcome.step is not None:
        if run.left and outcome.kind == NON_FINITE and (left := int(path.at[run.left])) < outcome.step:
            return Event(left, left_and_lost(path, run.left))
        return Event(outcome.step, str(outcome))
    if row.steps_to_minimum is not None and (row.distance or 0.0) <= NEAR:  # it came, and it ended there
        return Event(row.steps_to_minimum, f"within {NEAR:g} of a minimum at step {row.steps_to_minimum}")
    if row.distance is not None:
        return Event(path.steps, f"{FINISHED} {brief(row.distance)} from a minimum")
    return Event(path.steps, FINISHED)
