"""What happens to a run that a legend must say, and when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING

from ...trajectories.results.trajectory import LEFT_THE_VIEW
from ..scenes.runs import when

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...trajectories.results.trajectory import Trajectory
    from ..scenes.runs import SceneRun


DOT = " · "
# How vital details begin, the gravest first.
_VITAL = ("evaluated point", "training point", "clip ", "accumulate ", "no zero_grad")


@dataclass(frozen=True, slots=True)
class Event:
    """A sentence about a run, and the step from which on it is true."""

    step: int
    text: str


def broken(events: Sequence[Event], fits: Callable[[str], bool], most: int) -> list[list[Event]]:
    """Break what happened to a run into lines that fit, in shorter words where there would be too many.

    Of what is too long all the same only what comes last is left, which is what came of the run.

    Args:
        events: In their order; on a line a dot parts them, see `DOT`.
        fits: Says whether a line has room for a text.
        most: How many lines there may be.

    >>> left = Event(4, "left the view at step 4"), Event(9, "test loss 0.5")
    >>> [[event.text for event in line] for line in broken(left, lambda text: len(text) < 24, 2)]
    [['left the view at step 4'], ['test loss 0.5']]
    >>> [[event.text for event in line] for line in broken(left, lambda text: len(text) < 26, 1)]
    [['left at 4', 'test loss 0.5']]
    """
    shorter = [replace(event, text=_shorter(event.text)) for event in events]
    for words in (events, shorter, shorter[-1:]):
        lines = _lines(words, fits)
        if len(lines) <= most:
            return lines
    return [shorter[-1:]]


def _lines(events: Sequence[Event], fits: Callable[[str], bool]) -> list[list[Event]]:
    lines: list[list[Event]] = [[]]
    for event in events:
        if not lines[-1] or fits(DOT.join([*(part.text for part in lines[-1]), event.text])):
            lines[-1].append(event)
        else:
            lines.append([event])
        while not fits(lines[-1][-1].text) and " " in lines[-1][-1].text:
            words = lines[-1].pop().text.split(" ")
            count = next((k for k in range(len(words) - 1, 1, -1) if fits(" ".join(words[:k]))), 1)
            lines[-1].append(replace(event, text=" ".join(words[:count])))
            lines.append([replace(event, text=" ".join(words[count:]))])
    return lines


def _shorter(text: str) -> str:
    return text.partition(", ")[0].replace(f"{LEFT_THE_VIEW} at step ", "left at ")


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


def left_words(run: SceneRun) -> str:
    """Say when a run was outside the view first and when it left for good, where these are two steps.

    Empty for others.
    """
    if not run.left or run.first_out is None or run.first_out == run.left:
        return ""
    at = run.trajectory.at
    return f"first {LEFT_THE_VIEW} at {at[run.first_out]}, for good at {at[run.left]}"


def left_and_lost(run: Trajectory, row: int) -> str:
    """Say that a run left the view when it came to a row, and later its numbers."""
    lost = str(run.outcome).replace(" step ", " ")
    return f"{LEFT_THE_VIEW} {when(run, row)}, {lost}"
