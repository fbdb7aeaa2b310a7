"""What is said of a diagnosis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...trajectories.reports.diagnosis import names_of, short, summary, verdict
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ..style.numbers import counted
from .prose import Words, listed, made, packages, paragraph, plain

if TYPE_CHECKING:
    from ...trajectories.results.diagnosis import Diagnosis, TaskFacts
    from ..scenes.diagnosis import DiagnosisScene


def of_diagnosis(scene: DiagnosisScene, _: bool) -> Words:
    """Say what a picture of a diagnosis shows: how many tasks each passes, and which the own ones do not."""
    found = scene.diagnosis
    names = names_of(found)
    own = listed(names[: found.own])
    first = (
        f"Heat map of {counted(len(found.tasks), 'task')} by {counted(len(names), 'optimizer')}: what is "
        f"left of the height at the start, {at_which(found)}."
    )
    sums = [f"{summary(found, number)}." for number in range(len(names))]
    failed = [_failed(found, number) for number in range(found.own)]
    caption = [
        f"{own} on {counted(len(found.tasks), 'small task')} with a budget of steps and a pass mark each"
        + (f", beside {listed(names[found.own :])}." if names[found.own :] else "."),
        *sums[: found.own],
        *made(map(OptimizerSpec.parse, found.specs), found.versions),
    ]
    return Words(
        plain(f"Diagnosis of {own}"),
        paragraph([first], [*sums, *filter(None, failed)], []),
        plain(" ".join(caption)),
    )


def _failed(found: Diagnosis, optimizer: int) -> str:
    missed = [
        task.name
        for number, task in enumerate(found.tasks)
        if found.suited[optimizer, number] and not found.passes[optimizer, number]
    ]
    return f"{names_of(found)[optimizer]} does not pass: {', '.join(missed)}." if missed else ""


def at_which(found: Diagnosis) -> str:
    """Say at which rates the optimizers ran.

    Where every optimizer has the same ones they are named.
    """
    rates = set(found.rates)
    if len(rates) == 1:
        (only,) = rates
        if len(only) > 1:
            return f"at the best of {len(only)} rates from {only[0]:g} to {only[-1]:g} for each task"
        if only[0] is not None:
            return f"at the rate {only[0]:g}"
    return (
        "each at the best of its rates for each task"
        if any(len(each) > 1 for each in rates)
        else "each at its rate"
    )


def column_names(found: Diagnosis) -> list[str]:
    """Return what stands above each column."""
    return names_of(found)


def mark_words(task: TaskFacts) -> str:
    """Write a task's mark."""
    return short(task.mark)


def cell_words(found: Diagnosis, optimizer: int, task: int) -> str:
    """Write a cell: a check where the task is passed, and what is left; a dash where it is not for it."""
    said, left = verdict(found, optimizer, task), short(float(found.left[optimizer, task]))
    return {"-": "–", "passes": f"✓ {left}"}.get(said, left)


def fine_print(found: Diagnosis) -> str:
    """Say in one line what the picture needs to be trusted."""
    parts = [
        "numbers: what is left of the height at the start",
        at_which(found),
        "✓ at most the mark",
        *packages(found.versions, map(OptimizerSpec.parse, found.specs)),
        "float64 on cpu",
    ]
    return "  ·  ".join(parts)
