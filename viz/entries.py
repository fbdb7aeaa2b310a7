"""The words of a legend: each run's name, rate and options, what befell it, and how it ended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from ..trajectories.reports.runs import NEAR, summarize
from ..trajectories.results.trajectory import FINISHED, LEFT_THE_VIEW, NON_FINITE, exit_step
from ..trajectories.specs.labels import label

if TYPE_CHECKING:
    from ..trajectories.reports.runs import Row
    from ..trajectories.results.recording import Recording
    from ..trajectories.results.trajectory import Trajectory
    from .scene import Scene

_WRAP = 40  # characters on a line of details
_VITAL = ("clip ", "accumulate ", "no zero_grad")  # how vital details begin, the gravest first


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
    vital: str = ""  # the details that change what the optimizer is handed; never left out


def vital_details(details: str) -> str:
    """Return the details without which a run would be misread: changed gradients and joined batches.

    >>> vital_details("momentum 0.9, nesterov; StepLR step_size 30; accumulate 4; clip 1")
    'clip 1; accumulate 4'
    """
    parts = details.split("; ")
    chosen = [part for sign in _VITAL for part in parts if part.startswith(sign)]
    return "; ".join(chosen)


def wrapped(details: str, width: int) -> tuple[str, ...]:
    """Break details into lines of so many characters, none of them within vital ones.

    >>> wrapped("momentum 0.9; no zero_grad", 20)
    ('momentum 0.9;', 'no zero_grad')
    """
    for part in filter(None, vital_details(details).split("; ")):
        details = details.replace(part, part.replace(" ", "\N{NO-BREAK SPACE}"))
    return tuple(line.replace("\N{NO-BREAK SPACE}", " ") for line in wrap(details, width))


def when(run: Trajectory, row: int) -> str:
    """Say when a run came to a row: at a step, or where steps before it were not kept, by that step."""
    step = int(run.at[row])
    return f"by step {step}" if row and step - int(run.at[row - 1]) > 1 else f"at step {step}"


def left_and_lost(run: Trajectory, row: int) -> str:
    """Say that a run left the view when it came to a row, and later its numbers."""
    lost = str(run.outcome).replace(" step ", " ")
    return f"{LEFT_THE_VIEW} {when(run, row)}, {lost}"


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


def brief(value: float) -> str:
    """Write a loss in few characters.

    >>> brief(14.203125), brief(1.234e-05), brief(float("nan")), brief(123456.0)
    ('14.2', '1.23e-05', 'nan', '1.23e+05')
    """
    return f"{value:.3g}" if math.isfinite(value) else str(float(value))
