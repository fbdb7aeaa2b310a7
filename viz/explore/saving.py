"""From an exploration to a file: which parts it has, and how large it may get."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, NotPossibleError, check_suffix, unknown
from ...surfaces.reading import as_path
from ...surfaces.text import shown_value
from ...trajectories.arguments import parse_memory
from ...trajectories.results.whole_files import writing
from ..files.shrink import kilo
from .packing import COARSE
from .page import module, page
from .parts import PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ...trajectories.results.exploration import Exploration

MOST = 1_500_000  # bytes of a page, unless something else is asked for
SUFFIXES = (".html", ".mjs")  # a page of its own, and one inside another
_FEWEST = 4  # starts along a side
_SHARE = 0.92  # a try aims at this share of the limit: sizes are not quite proportional


def save(
    exploration: Exploration,
    path: str | Path,
    *,
    hide: str | Sequence[str] = (),
    max_size: str | float | None = None,
    say: Callable[[str], object] | None = None,
) -> Path:
    """Write the page; see `Exploration.save`."""
    where = as_path(path)
    check_suffix(where, SUFFIXES)
    parts, limit = parse_parts(hide), parse_limit(max_size)
    inside = where.suffix.lower() == SUFFIXES[1]
    # Marks of quotation inside a module's text are two letters.
    text, note = fitted(exploration, limit - (inside and limit // 25), parts)
    text = module(text) if inside else text
    with writing(where) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    if note and say is not None:
        say(f"{path}: {note}")
    return where


def parse_parts(hide: str | Sequence[str]) -> tuple[str, ...]:
    """Read names of parts of the page, as a list or apart by commas.

    >>> parse_parts("presets, numbers")
    ('presets', 'numbers')
    """
    names = hide.split(",") if isinstance(hide, str) else hide
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise DescentError(f"parts to hide are names apart by commas or in a list, not {shown_value(hide)}")
    found = tuple(filter(None, (name.strip() for name in names)))
    for name in found:
        if name not in PARTS:
            raise unknown("part of the page", name, PARTS)
    return tuple(dict.fromkeys(found))


def parse_limit(max_size: str | float | None) -> int:
    """Read how many bytes a page may have."""
    most = MOST if max_size is None else parse_memory(max_size)
    if most < 50_000:
        raise DescentError(f"max_size must be at least 50kB, not {shown_value(max_size)}; write it as 800kB")
    return int(most)


def fitted(exploration: Exploration, limit: int, hide: Sequence[str] = ()) -> tuple[str, str]:
    """Return the page with as many starts as there is room for, and what that took in words.

    Raises:
        NotPossibleError: It cannot be made so small.
    """
    made = exploration
    text, look = page(made, hide)
    if len(text.encode()) > limit:
        text, _ = page(made, hide, look, COARSE)
    while (size := len(text.encode())) > limit:
        counts = len(made.x), len(made.y)
        share = math.sqrt(_SHARE * limit / size)
        fewer = [max(_FEWEST, min(math.floor(count * share), count - 1)) for count in counts]
        if all(new >= old for new, old in zip(fewer, counts, strict=True)):
            raise NotPossibleError(
                f"the page has {kilo(size)} with {counts[0]} x {counts[1]} starts and cannot be made smaller "
                f"than --max-size {kilo(limit)}; allowed: a larger --max-size, or fewer rates, optimizers or "
                "steps"
            )
        made = thinned(exploration, (min(fewer[0], counts[0]), min(fewer[1], counts[1])))
        text, _ = page(made, hide, look, COARSE)
    if made is exploration:
        return text, ""
    return text, (
        f"{len(made.x)} x {len(made.y)} of the {len(exploration.x)} x {len(exploration.y)} starts, to stay "
        f"within {kilo(limit)}"
    )


def thinned(exploration: Exploration, counts: tuple[int, int]) -> Exploration:
    """Return an exploration with so many of its starts along x and along y, picked evenly."""
    row, column = exploration.nearest(*exploration.home)
    columns = _picked(counts[0], exploration.x.size, column)
    rows = _picked(counts[1], exploration.y.size, row)

    def some(values: NDArray[Any]) -> NDArray[Any]:
        return values[:, :, rows][:, :, :, columns]

    return replace(
        exploration,
        x=exploration.x[columns],
        y=exploration.y[rows],
        points=some(exploration.points),
        losses=some(exploration.losses),
        non_finite_at=some(exploration.non_finite_at),
        left_at=some(exploration.left_at),
    )


def _picked(count: int, of: int, kept: int) -> NDArray[np.int64]:
    """Return so many numbers below another, evenly spread, and one of them a given one."""
    found = np.round((np.arange(count) + 0.5) * of / count - 0.5).astype(np.int64)
    found[np.abs(found - kept).argmin()] = kept
    return np.unique(found)
