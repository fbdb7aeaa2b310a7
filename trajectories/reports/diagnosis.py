"""What came of a diagnosis, as JSON and a table of text. NumPy only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..specs.labels import label, titles
from ..specs.optimizer_spec import OptimizerSpec
from .text_table import aligned

if TYPE_CHECKING:
    from ..results.diagnosis import Diagnosis


def as_table(found: Diagnosis) -> str:
    """Return a line a task and a column an optimizer, and below it what each passes."""
    names = names_of(found)
    headings = ["task", "steps", "mark"]
    for optimizer, name in enumerate(names):
        headings += [name, "left", "lr", "rates"] if optimizer < found.own else [name]
    rows = []
    for number, task in enumerate(found.tasks):
        row = [task.name, str(task.steps), short(task.mark)]
        for optimizer in range(len(names)):
            row.append(verdict(found, optimizer, number))
            if optimizer < found.own:
                row += _details(found, optimizer, number)
        rows.append(row)
    table = aligned(headings, rows, {"task", *names})
    sentences = [summary(found, optimizer) for optimizer in range(len(names))]
    faults = [f"{spec} on {task}: {words}" for spec, task, words in found.faults]
    return "\n".join([table, MEANS, *sentences, *faults])


MEANS = (
    "passes: at the best of its rates for the task, at most the mark is left of the height at the start; "
    "rates: how many of them do"
)


def names_of(found: Diagnosis) -> list[str]:
    """Return what each optimizer is called, with the options that it was given."""
    specs = [OptimizerSpec.parse(spec) for spec in found.specs]
    names = []
    for spec, title in zip(specs, titles(specs), strict=True):
        words = label(spec)
        names.append(" ".join(filter(None, (title, words.rate, words.details))))
    return names


def verdict(found: Diagnosis, optimizer: int, task: int) -> str:
    """Return ``passes``, ``no`` or a dash where the optimizer is not for the task."""
    if not found.suited[optimizer, task]:
        return "-"
    return "passes" if found.passes[optimizer, task] else "no"


def _details(found: Diagnosis, optimizer: int, task: int) -> list[str]:
    best, count = found.best[optimizer, task], found.rates_that_pass[optimizer, task]
    if best < 0:
        return ["-", "-", "-"]
    rate = found.rates[optimizer][best]
    of = f"{count} of {len(found.rates[optimizer])}"
    return [short(found.left[optimizer, task]), "-" if rate is None else f"{rate:g}", of]


def short(share: float) -> str:
    """Write a share of a height in few characters.

    >>> short(0.0625), short(3.2e-17), short(float("inf")), short(0.0)
    ('0.062', '3e-17', 'lost', '0')
    """
    if not math.isfinite(share):
        return "lost"
    if share == 0:
        return "0"
    return f"{share:.2g}" if share >= 1e-3 else f"{share:.0e}"


def summary(found: Diagnosis, optimizer: int) -> str:
    """Say in a sentence how many tasks an optimizer passes."""
    name, suited = names_of(found)[optimizer], int(found.suited[optimizer].sum())
    if not suited:
        return f"{name} is for none of these tasks"
    rate, together = found.at_one_rate(optimizer)
    words = f"{name} passes {int(found.passes[optimizer].sum())} of {suited} tasks"
    if len(found.rates[optimizer]) > 1 and together:
        words += f", {together} of them at one rate for all, {rate:g}"
    if suited < len(found.tasks):
        words += f"; it takes matrices only, and the other {len(found.tasks) - suited} have none"
    return words


def as_json(found: Diagnosis) -> dict[str, Any]:
    """Return tasks, marks and what was left at each rate as plain JSON values."""
    tasks = [
        {
            "name": task.name,
            "kind": task.kind,
            "definition": task.words,
            "source": task.source,
            "steps": task.steps,
            "judged": task.judged,
            "mark": task.mark,
            "reason": task.why,
        }
        for task in found.tasks
    ]
    optimizers = {
        spec: {
            "reference": number >= found.own,
            "passed": int(found.passes[number].sum()),
            "suited": int(found.suited[number].sum()),
            "tasks": {task.name: _of_task(found, number, place) for place, task in enumerate(found.tasks)},
        }
        for number, spec in enumerate(found.specs)
    }
    return {"tasks": tasks, "optimizers": optimizers, "recipe": found.recipe}


def _of_task(found: Diagnosis, optimizer: int, task: int) -> dict[str, Any] | None:
    if not found.suited[optimizer, task]:
        return None
    best = int(found.best[optimizer, task])
    left = found.shares[optimizer][:, task].tolist()
    return {
        "passes": bool(found.passes[optimizer, task]),
        "left": _finite(left[best]),
        "lr": found.rates[optimizer][best],
        "left_at_each_rate": [_finite(each) for each in left],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
