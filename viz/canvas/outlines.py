"""Outlines as short texts: a path in whole units, written as SVG and canvas paths are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.path import Path

if TYPE_CHECKING:
    from collections.abc import Iterable

UNITS = 20  # to a pixel: a twentieth is finer than the eye, on screens of four dots to a pixel too
_MANY = 24  # a line of so many points or more is drawn through fewer where the eye cannot tell, as Agg does


def outline(
    path: Path, transform: Any, height: float, *, hollow: bool, units: int = UNITS, still: bool = False
) -> tuple[int, int, str] | None:
    """Write a path as its first point and, relative to that, its course; None where there is nothing to see.

    Args:
        path: The path, in any coordinates.
        transform: From those to pixels, y upwards; None where they are pixels.
        height: Of the page in pixels: the outline is measured from its top, y downwards.
        hollow: Whether it is only stroked, so that fewer points may do.
        units: How many there are to a pixel.
        still: Whether the course begins at the origin of the coordinates, not at the first point.

    >>> outline(Path([(1, 9), (3, 9), (3, 8)]), None, 10, hollow=True)
    (20, 20, 'm0 0h40v20')
    """
    fewer = hollow and path.codes is None and np.size(path.vertices) >= 2 * _MANY
    found: Any = path.cleaned(transform=transform, remove_nans=True, simplify=fewer, curves=True)
    keep = found.codes != Path.STOP
    codes = found.codes[keep].tolist()
    places = found.vertices[keep] * (units, -units) + (0.0, height * units)
    if len(codes) < 2:
        return None
    first = np.zeros(2) if still else places[0]
    # A hair less than the half: marks that are moved about round the same way everywhere.
    course = np.rint(places - first - 1e-6).astype(int).tolist()
    text = _course(course, codes, moved=bool((places != places[0]).any()))
    return None if text is None else (round(float(first[0])), round(float(first[1])), text)


def _course(places: list[list[int]], codes: list[int], *, moved: bool) -> str | None:
    text = _Writer()
    k, seen = 0, False
    while k < len(codes):
        code = codes[k]
        if code == Path.MOVETO:
            text.move(places[k])
        elif code == Path.LINETO:
            text.line(places[k])
        elif code == Path.CLOSEPOLY:
            text.close()
        else:
            more = 2 if code == Path.CURVE3 else 3
            text.curve("q" if more == 2 else "c", places[k : k + more])
            k += more - 1
        seen = seen or code not in (Path.MOVETO, Path.CLOSEPOLY)
        k += 1
    if not seen or not moved:
        return None
    return text.text + (
        "" if text.inked else "h1"
    )  # a canvas draws no line of no length, not even round ends


class _Writer:
    """Writes the course of a path, each place relative to the one before."""

    def __init__(self) -> None:
        self.text, self.inked = "", False
        self._at = self._begin = (0, 0)
        self._letter = ""

    def move(self, place: list[int]) -> None:
        self._begin = (place[0], place[1])
        self._put("m", [place])
        self._letter = "l"  # what numbers without a letter mean after a move

    def line(self, place: list[int]) -> None:
        x, y = place[0] - self._at[0], place[1] - self._at[1]
        if x == y == 0:
            return
        self.inked = True
        if x and y:
            self._put("l", [place])
        else:
            self._numbers("v" if x == 0 else "h", [x or y])
            self._at = (place[0], place[1])

    def curve(self, letter: str, places: list[list[int]]) -> None:
        self.inked = True
        self._put(letter, places)

    def close(self) -> None:
        self.text += "z"
        self._letter, self._at = "z", self._begin

    def _put(self, letter: str, places: list[list[int]]) -> None:
        x0, y0 = self._at
        self._numbers(letter, [n for x, y in places for n in (x - x0, y - y0)])
        self._at = (places[-1][0], places[-1][1])

    def _numbers(self, letter: str, numbers: Iterable[int]) -> None:
        if letter != self._letter:
            self.text += letter
        self._letter = letter
        for number in numbers:
            self.text += f" {number}" if number >= 0 and self.text[-1].isdigit() else f"{number}"
