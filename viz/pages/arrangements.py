"""Arrangements of a hero, a legend and panels on a page, in pixels at text scale 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..style.layout import Rect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PAD, FOOTER, GUTTER = 18.0, 28.0, 12.0
HEADERS = (66.0, 46.0)  # with a line under the title, and on a page with no room for it without one
_SHARES = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6, 0.53, 0.46, 0.4)  # of the height, for the hero
_WIDEST = (1.0, 0.8, 0.72, 0.66, 0.6, 0.53, 0.46, 0.38)  # and of the width
_INTO = 10.0  # how far what is right of a hero may reach into the margin of a tall page
_NARROW = 20.0  # no hero is narrower


class Hero(Protocol):
    """What a page is about."""

    @property
    def around(self) -> tuple[float, float, float]:
        """What it has left, right and below, for numbers and a colour bar."""

    def taken(self, width: float, height: float) -> tuple[float, float]:
        """Return the width and the height that it takes of a room."""

    def area(self, width: float, height: float) -> float:
        """Return how much of what it takes is picture, in square pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A hero that is one plot."""

    shape: tuple[float, float]  # its least and its largest width, in heights
    around: tuple[float, float, float] = (44.0, 66.0, 36.0)

    def taken(self, width: float, height: float) -> tuple[float, float]:
        """Return the largest plot in a room."""
        wide = min(width, height * self.shape[1])
        return wide, min(height, wide / self.shape[0])

    def area(self, width: float, height: float) -> float:
        """Return all of it."""
        return width * height


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel beside the hero."""

    shape: tuple[float, float]  # the least and the largest width, in heights, that it makes use of
    storeys: int = 1
    second: bool = False  # whether it shows the descent itself, as the hero does
    around: tuple[float, float, float, float] = (44.0, 12.0, 27.0, 34.0)  # left, right, above, below its plot
    least: tuple[float, float] = (150.0, 84.0)  # a smaller plot cannot be read

    def plot(self, cell: Rect) -> Rect:
        """Return the part of a cell that is left for the plot when its labels have theirs."""
        left, right, above, below = self.around
        return Rect(cell.x + left, cell.y + below, cell.width - left - right, cell.height - above - below)


@dataclass(frozen=True, slots=True)
class Legend:
    """What a legend needs."""

    height: Callable[[float], float]  # that it takes of the one that is offered
    width: tuple[float, float] = (190.0, 290.0)  # the least, and the one wanted
    words: float = 0.0  # the width at which no words are cut
    rows: tuple[float, float] = (0.0, 0.0)  # heights below which some rows, and all results, are left out

    @property
    def wanted(self) -> float:
        """The height for all that it could say."""
        return self.height(1e4)


@dataclass(frozen=True, slots=True)
class Plan:
    """One arrangement: the hero's plot, the legend, the panels' cells, and the header above the hero."""

    hero: Rect
    legend: Rect
    cells: tuple[Rect, ...]
    header: Rect


def rooms_of(page: tuple[float, float], hero: Hero, header: float) -> list[tuple[float, float]]:
    """Return rooms of many sizes for a hero, width and height without what it has around it."""
    left, right, below = hero.around
    width, height = page[0] - 2 * PAD, page[1] - FOOTER - header - below
    return [(wide * width - left - right, share * height) for share in _SHARES for wide in _WIDEST]


def plans_of(
    page: tuple[float, float],
    hero: Hero,
    count: int,
    legend: Legend | None,
    header: float,
    rooms: Iterable[tuple[float, float]],
) -> Iterator[Plan]:
    """Yield arrangements of a hero, a legend and so many panels on a page.

    Args:
        page: Width and height at text scale 1.
        hero: What the page is about.
        count: How many panels there are.
        legend: None where there is nothing to explain; then there are no panels either.
        header: How high the title is, with the margin above it.
        rooms: What the hero may be offered.
    """
    if legend is None:
        yield _alone(page, hero, header)
        return
    sizes = dict.fromkeys(hero.taken(*room) for room in rooms if room[0] >= _NARROW and room[1] >= _NARROW)
    for wide, high in sizes:
        if wide >= _NARROW:
            yield from _side_by_side(page, hero, (wide, high), count, legend, header)
            yield from _stacked(page, hero, (wide, high), count, legend, header)


def _alone(page: tuple[float, float], hero: Hero, header: float) -> Plan:
    left, right, below = hero.around
    room = page[0] - 2 * PAD - left - right, page[1] - FOOTER - header - below
    wide, high = hero.taken(*room)
    x, y = PAD + left + (room[0] - wide) / 2, FOOTER + below + (room[1] - high) / 2
    return Plan(
        Rect(x, y, wide, high), Rect(0, 0, 0, 0), (), _header(x, y + high, page[0] - PAD - right / 2, header)
    )


def _header(x: float, y: float, right: float, header: float) -> Rect:
    return Rect(x, y, right - x, header - PAD)


def _side_by_side(
    page: tuple[float, float],
    hero: Hero,
    size: tuple[float, float],
    count: int,
    legend: Legend,
    header: float,
) -> Iterator[Plan]:
    """Yield arrangements with the hero at the upper left, and the legend beside it or below it."""
    left, right, below = hero.around
    top = page[1] - PAD
    place = Rect(PAD + left, page[1] - header - size[1], *size)
    edge, foot = place.right + right + GUTTER, place.y - below
    head = _header(place.x, place.top, place.right + right / 2, header)
    column = Rect(edge, FOOTER, page[0] - PAD - edge, top - FOOTER)
    under = Rect(PAD, FOOTER, edge - GUTTER - PAD, foot - FOOTER)
    if column.width < _NARROW:
        return
    for tall in {legend.height(part * column.height) for part in (0.45, 0.62, 0.8, 1.0)}:
        side = Rect(edge, top - tall, column.width, tall)
        rest = Rect(edge, FOOTER, column.width, side.y - FOOTER - 8)
        for low in range(count + 1):
            for rows in (1, 2):
                one, other = grid(under, low, rows), grid(rest, count - low, 3 - rows)
                yield Plan(place, side, (*one, *other), head)
                if one and other:
                    yield Plan(place, side, (*other, *one), head)
    yield from _in_rows(page, place, edge, foot, count, legend, header)
    yield from _legend_below(place, column, under, count, legend, head)


def _legend_below(
    place: Rect, column: Rect, under: Rect, count: int, legend: Legend, head: Rect
) -> Iterator[Plan]:
    """Yield arrangements with panels beside the hero, and below it the legend with panels beside that."""
    for low in range(count):
        narrow = under.width if low == 0 else min(max(legend.width[0], legend.words), under.width)
        tall = legend.height(under.height - 8)
        side = Rect(under.x, under.top - 8 - tall, narrow, tall)
        beside = Rect(side.right + GUTTER, under.y, under.right - side.right - GUTTER, under.height)
        for rows in (1, 2):
            yield Plan(place, side, (*grid(column, count - low, 1 + rows), *grid(beside, low, 1)), head)


def _in_rows(
    page: tuple[float, float],
    place: Rect,
    edge: float,
    foot: float,
    count: int,
    legend: Legend,
    header: float,
) -> Iterator[Plan]:
    """Yield arrangements with panels between hero and legend, and the others in rows below."""
    room, offered = page[0] - PAD - edge, page[1] - PAD - foot
    tall = legend.height(offered)
    under = Rect(PAD, FOOTER, page[0] - 2 * PAD, foot - FOOTER)
    for beside in range(min(2, count) + 1):
        for wide in (0.34, 0.5) if beside else (1.0,):
            width = max(legend.width[0], wide * room) if beside else room
            left = Rect(edge, foot, room - width - GUTTER, place.top - foot)
            side = Rect(page[0] - PAD - width, page[1] - PAD - tall, width, tall)
            head = _header(place.x, place.top, left.right if beside else (place.right + edge) / 2, header)
            for rows in (1, 2):
                cells = [*grid(left, beside, 1), *grid(under, count - beside, rows)]
                yield Plan(place, side, tuple(cells), head)


def _stacked(
    page: tuple[float, float],
    hero: Hero,
    size: tuple[float, float],
    count: int,
    legend: Legend,
    header: float,
) -> Iterator[Plan]:
    """Yield arrangements for tall pages: hero, then the legend with panels beside it, then rows."""
    width = page[0] - 2 * PAD
    left, right, below = hero.around
    if page[0] > 1.25 * page[1]:
        return
    wide, high = size
    if wide + left + right > width + _INTO:
        return
    x = (page[0] - wide - left - right) / 2 + left if wide > 0.6 * width else PAD + left
    place = Rect(x, page[1] - header - high, wide, high)
    foot = place.y - below
    head = _header(place.x, place.top, max(place.right + right / 2, page[0] - PAD - right / 2), header)
    for beside in range(min(2, count) + 1):
        half = width if beside == 0 else (width - GUTTER) / 2
        for part in (0.3, 0.45, 0.6, 0.8, 1.0):
            tall = legend.height(part * (foot - FOOTER))
            row = max(tall, 0.0 if beside == 0 else min(part * (foot - FOOTER), 1.3 * half))
            side = Rect(PAD, foot - tall, half, tall)
            near = Rect(PAD + half + GUTTER, foot - row, width - half - GUTTER, row)
            rest = Rect(PAD, FOOTER, width, foot - row - FOOTER - 8)
            for rows in (1, 2):
                cells = [*grid(near, beside, 2), *grid(rest, count - beside, rows)]
                yield Plan(place, side, tuple(cells), head)


def grid(place: Rect, count: int, rows: int) -> list[Rect]:
    """Divide a place evenly among panels, by rows from the top."""
    if not count:
        return []
    rows = min(rows, count)
    columns = math.ceil(count / rows)
    cells = []
    for row in range(rows):
        here = min(columns, count - row * columns)
        width, height = (place.width - (here - 1) * GUTTER) / max(here, 1), place.height / rows
        cells += [
            Rect(place.x + k * (width + GUTTER), place.top - (row + 1) * height, width, height)
            for k in range(here)
        ]
    return cells
