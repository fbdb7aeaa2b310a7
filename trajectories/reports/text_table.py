"""Tables of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[str]) -> str:
    """Return rows below their headings in aligned columns; those named in ``left`` are set to the left.

    >>> print(aligned(["name", "loss"], [["a", "10"], ["bcdef", "2"]], left={"name"}))
    name   loss
    a        10
    bcdef     2
    """
    columns = []
    for heading, cells in zip(headings, zip(headings, *rows, strict=True), strict=True):
        width = max(map(len, cells))
        columns.append([cell.ljust(width) if heading in left else cell.rjust(width) for cell in cells])
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))
