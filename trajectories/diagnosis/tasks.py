"""The table of all tasks, by name."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError, unknown
from .change import change_tasks
from .curvature import curvature_tasks
from .landscape import landscape_tasks
from .matrix import matrix_tasks
from .noisy import noise_tasks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .task import Task


@cache
def all_tasks() -> dict[str, Task]:
    """Return every task by name, in the order of the report."""
    made = (*curvature_tasks(), *landscape_tasks(), *noise_tasks(), *change_tasks(), *matrix_tasks())
    return {task.name: task for task in made}


def chosen(names: Iterable[str] | None) -> tuple[Task, ...]:
    """Return the tasks of some names, all where None.

    Raises:
        DescentError: A name that none has, or no name.
    """
    known = all_tasks()
    if names is None:
        return tuple(known.values())
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            raise unknown("task", name, known)
    if not wanted:
        raise DescentError(f"no task is named; there are {', '.join(known)}")
    return tuple(known[name] for name in wanted)


def as_markdown() -> str:
    """Return the table of tasks for the documentation."""
    lines = [
        "| task | what it is | steps | judged by | passes at | why | source |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in (task.facts for task in all_tasks().values()):
        cells = (
            each.name,
            each.words,
            str(each.steps),
            each.judged,
            f"{each.mark:.2g}",
            each.why,
            each.source,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return re.sub(r"\|(\w)\|", r"\\|\1\\|", "\n".join(lines))
