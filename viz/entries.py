"""The words of a legend: each run's name, rate and options, what befell it, and how it ended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from ..trajectories.labels import label
from ..trajectories.summary import NEAR, summarize
from ..trajectories.trajectory import FINISHED, NON_FINITE, exit_step

if TYPE_CHECKING:
    from ..trajectories.recording import Recording
    from ..trajectories.summary import Row
    from .scene import Scene

_WRAP = 40  # characters on a line of details


@dataclass(frozen=True, slots=True)
class Event:
    """A sentence about a run, and the step from which on it is true."""

    step: int
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One run's words in the legend."""

    title: str
    rate: str
    details: tuple[str, ...]  # wrapped lines
    event: Event
    end: Event | None = None  # what came of the run, which is said behind the event; a network's test


def entries(scene: Scene) -> tuple[Entry, ...]:
    """Collect the words of each run."""
    found = []
    for index, row in enumerate(summarize(scene.recording)):
        words = label(scene.specs[index])
        found.append(
            Entry(
                words.title, words.rate, tuple(wrap(words.details, _WRAP)), event(scene.recording, index, row)
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
            return Event(left, f"left the view at step {left}, {NON_FINITE} at {outcome.step}")
        return Event(outcome.step, str(outcome))
    if row.steps_to_minimum is not None and (row.distance or 0.0) <= NEAR:  # it came, and it ended there
        return Event(row.steps_to_minimum, f"within {NEAR:g} of a minimum at step {row.steps_to_minimum}")
    if row.distance is not None:
        return Event(run.steps, f"{FINISHED} {brief(row.distance)} from a minimum")
    return Event(run.steps, FINISHED)


def brief(value: float) -> str:
    """Write a loss in few characters.

    >>> brief(14.203125), brief(1.234e-05), brief(float("nan")), brief(123456.0)
    ('14.2', '1.23e-05', 'nan', '1.23e+05')
    """
    return f"{value:.3g}" if math.isfinite(value) else str(float(value))
