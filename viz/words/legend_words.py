"""The words of a legend: each run's name, rate and options, what befell it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...trajectories.reports.endings import AT_MINIMUM, HOVERING, MOVING, NEAR, UNSAID
from ...trajectories.results.trajectory import CONVERGED, FINISHED, NON_FINITE
from ..style.language import number, say
from ..style.numbers import brief
from .events import Event, left_and_lost, left_words, vital_details, wrapped
from .surface_notes import known_minimum

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
    minimum = known_minimum(scene.recording)
    return tuple(
        Entry(
            run.label.title,
            number(run.label.rate),
            wrapped(run.label.details, _WRAP),
            event(run, minimum),
            vital=vital_details(run.label.details),
        )
        for run in scene.runs
    )


def event(run: SceneRun, minimum: str) -> Event:
    """Say what matters most about a run's end: divergence, else where it ended and since when.

    Args:
        run: What is told of.
        minimum: What the known minima are called.
    """
    path, row, outcome = run.trajectory, run.result, run.trajectory.outcome
    end = row.ending
    if outcome.step is not None and outcome.kind != CONVERGED:
        if run.left and outcome.kind == NON_FINITE and (left := int(path.at[run.left])) < outcome.step:
            return Event(left, say(left_and_lost(path, run.left)))
        if end.left is not None and end.left <= outcome.step:
            return Event(end.left, say(f"{end.where}, view at {outcome.step}"))
        return Event(outcome.step, say(left_words(run) or str(outcome)))
    if end.kind == AT_MINIMUM and end.settled is not None:
        stays = Event(end.settled, say(f"within {NEAR:g} of {minimum} from step {end.settled}"))
        return (
            stays if outcome.step is None else Event(outcome.step, f"{say(str(outcome))} {say(AT_MINIMUM)}")
        )
    if end.left is not None:
        return Event(end.left, say(end.where))
    if end.kind in (MOVING, UNSAID):
        said = str(outcome) if outcome.step is not None else end.kind or FINISHED
        if row.distance is None:
            return Event(path.steps, say(said))
        return Event(path.steps, say(f"{said}{',' if end.kind else ''} {brief(row.distance)} from {minimum}"))
    above = "" if end.above is None or end.kind in HOVERING else say(f", {brief(end.above)} above the best")
    first = f"{say(str(outcome))} " if outcome.step is not None else ""
    return Event(path.steps if end.settled is None else end.settled, f"{first}{say(end.kind)}{above}")
