"""A picture in words and numbers, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .escapes import markdown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..words.long_description import LongDescription


def as_markdown(told: LongDescription) -> str:
    """Write what a picture shows as a numbered list and a table.

    >>> from ..words.long_description import LongDescription
    >>> print(as_markdown(LongDescription(("Step 0: A at (1, 1).",), ("run", "loss"), (("A", "2"),))))
    1. Step 0: A at (1, 1).
    <BLANKLINE>
    | run | loss |
    | --- | --- |
    | A | 2 |
    """
    steps = [f"{number}. {markdown(each)}" for number, each in enumerate(told.sentences, 1)]
    lines = [_line(told.header), _line(["---"] * len(told.header), plain=True), *map(_line, told.rows)]
    parts = ["\n".join(steps)] * bool(steps) + ["\n".join(lines)] * bool(told.rows)
    return "\n\n".join(parts)


def _line(cells: Iterable[str], *, plain: bool = False) -> str:
    return f"| {' | '.join(each if plain else markdown(each) for each in cells)} |"
