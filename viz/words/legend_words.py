"""The words of a legend: each run's name, rate and options, what befell it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...trajectories.reports.runs import NEAR, summarize
from ...trajectories.results.trajectory import FINISHED, NON_FINITE, exit_step
from ...trajectories.specs.labels import label
from ..style.numbers import brief
from .events import Event, left_and_lost, vital_details, wrapped

if TYPE_CHECKING:
    from ...trajectories.reports.runs import Row
    from ...trajectories.results.recording import Recording
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
    found = []
    for index, row in enumerate(summarize(scene.recording)):
        words = label(scene.specs[index])
        found.append(
            Entry(
                words.title,
                words.rate,
                wrapped(words.details, _WRAP),
                event(scene.recording, index, row),
                vital=vital_details(words.details),
            )
        )
    return tuple(found)


def event(recording: Recording, index: int, row: Row) -> Event:
    """Say what matters most about a run's end: divergence, else arrival at a minimum, else where it ended."""
    run = recording.trajectories[index]
    outcome = run.outcome
    if outcome.step is not None:
        out = exit_step(run.points, recording.view) if outcome.kind == NON_FINITE else None
        if out and (left := int(run.at[out])) < outcome.step:
            return Event(
                left,
                left_and_lost(run, out),
            )
        return Event(outcome.step, str(outcome))
    if row.steps_to_minimum is not None and (row.distance or 0.0) <= NEAR:  # it came, and it ended there
        return Event(row.steps_to_minimum, f"within {NEAR:g} of a minimum at step {row.steps_to_minimum}")
    if row.distance is not None:
        return Event(run.steps, f"{FINISHED} {brief(row.distance)} from a minimum")
    return Event(run.steps, FINISHED)
