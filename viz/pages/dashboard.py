"""Where everything stands on a page of panels: the roomiest of many arrangements, in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError
from ...surfaces.surface import width_of
from ..scenes.panel_table import PANELS, TWO_STOREYS, PanelEntry
from ..style.layout import Layout, Rect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ...surfaces.surface import Box

# Lengths in pixels at text scale 1.
_PAD, _FOOTER, _HEADER = 18.0, 28.0, 66.0
_TICKS, _BELOW, _BAR = 44.0, 36.0, 66.0  # beside the contour: tick labels, below it too, the colour bar
LEFT, RIGHT, ABOVE, BELOW = 44.0, 12.0, 27.0, 34.0  # what a panel's plot leaves of its cell for labels
_GUTTER = 12.0
_LEAST = (150.0, 60.0)  # a smaller plot cannot be read
# What panels leave the contour: square pixels, or on a small page a share of what it has without them.
_HERO = (62_000.0, 0.7)
_LEGEND = (190.0, 290.0)  # least and wanted width
_ENOUGH = 230.0 * 160.0  # a plot of this area, in square pixels, hardly gains by more
_STOREY = 1.4  # what a storey is worth, against the logarithm of sizes
_CONTOUR = 4.5  # how much more the contour's size counts than a panel's
# And where there is a second hero, of the first and of the second: that one's labels take much of its room.
_SECOND = (3.0, 5.0)
_STRETCH = 3.0  # a view longer than this many times its width is not drawn to one scale

_SOME_ROWS, _ALL_ROWS, _ALL_WORDS = range(3)  # what a legend has room for


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The places of the parts of a picture with panels."""

    page: Layout  # contour, colour bar and legend
    header: Rect
    panels: tuple[tuple[str, Rect], ...]  # the plot of each panel there is room for; labels stand around it


@dataclass(frozen=True, slots=True)
class _Plan:
    """One arrangement: rectangles of the contour's plot and of the other parts' cells."""

    contour: Rect
    legend: Rect
    cells: tuple[Rect, ...]
    header: float  # its right end


def arrange_dashboard(
    size: tuple[int, int],
    unit: float,
    shape: float,
    names: Sequence[str],
    legend: Callable[[float], float],
    *,
    least: tuple[float, float] = (0.0, 0.0),
    all_of_them: bool = False,
    to_scale: bool = True,
) -> Dashboard:
    """Place the hero, which is the contour as a rule, the legend and panels.

    The last panels are left out where there is no room for them. They are also left out, down to the
    first, where the legend has room for all its words only without them.

    Args:
        size: Width and height in pixels.
        unit: The text scale.
        shape: The width of the hero, in heights.
        names: The panels beside the hero, the most important first.
        legend: The height that the legend takes of the one that is offered, both at text scale 1.
        least: The width that the legend needs for all its words, and the height for all its rows, at text
            scale 1.
        all_of_them: Whether no panel may be left out.
        to_scale: Whether a contour as hero is drawn to one scale.

    Raises:
        DescentError: A panel that may not be left out has no room.
    """
    page = (size[0] / unit, size[1] / unit)
    wanted = legend(1e4)

    def choose(count: int, hero: float) -> tuple[tuple[int, float], _Plan]:
        entries = [PANELS[name] for name in names[:count]]
        plans = [*_side_by_side(page, shape, count, legend), *_stacked(page, shape, count, legend)]
        worths = [
            (_legibility(plan, wanted, least) if worth > -math.inf else -1, worth)
            for plan in plans
            for worth in [_worth(plan, entries, wanted, hero)]
        ]
        first = max(range(len(plans)), key=worths.__getitem__)
        return worths[first], plans[first]

    _, best = choose(0, 0.0)
    hero = min(_HERO[0], _HERO[1] * best.contour.width * best.contour.height)
    legible = -1
    for count in range(len(names), 0, -1):
        (legend_is, _), plan = choose(count, hero)
        if legend_is > legible:
            legible, best = legend_is, plan
        if legible == _ALL_WORDS or (all_of_them and legible >= 0):
            break
    if all_of_them and len(best.cells) < len(names):
        left_out = names[len(best.cells) :]
        raise DescentError(
            f"there is no room for the {'panel' if len(left_out) == 1 else 'panels'} {', '.join(left_out)} "
            f"at {size[0]}x{size[1]}; allowed: a larger size or fewer panels"
        )
    contour = _scaled(best.contour, unit)
    bar = Rect(contour.right + 10 * unit, contour.y, 9 * unit, contour.height)
    top = best.contour.top + _HEADER - _PAD
    header = Rect(contour.x, contour.top, best.header * unit - contour.x, (top - best.contour.top) * unit)
    return Dashboard(
        Layout(unit, contour, bar, _scaled(best.legend, unit), None, (contour.x, top * unit), to_scale),
        header,
        tuple((name, _scaled(plot(cell), unit)) for name, cell in zip(names, best.cells, strict=False)),
    )


def shape_of(view: Box) -> tuple[float, bool]:
    """Return the width of a contour in heights, and whether it is drawn to one scale."""
    shape, to_scale = width_of(view, _STRETCH)
    return (shape if to_scale else min(max(shape, 0.8), 1.5)), to_scale


def filling(size: tuple[int, int], shapes: tuple[float, float]) -> float:
    """Return the width in heights, within a least and a largest, at which a hero fills its part of a page."""
    return min(max(0.68 * size[0] / size[1], shapes[0]), shapes[1])


def plot(cell: Rect) -> Rect:
    """Return the part of a cell that is left for the plot when its labels have theirs."""
    return Rect(cell.x + LEFT, cell.y + BELOW, cell.width - LEFT - RIGHT, cell.height - ABOVE - BELOW)


def _scaled(rect: Rect, unit: float) -> Rect:
    return Rect(rect.x * unit, rect.y * unit, rect.width * unit, rect.height * unit)


def _side_by_side(
    page: tuple[float, float], shape: float, count: int, legend: Callable[[float], float]
) -> Iterator[_Plan]:
    """Yield arrangements with the contour at the upper left and the legend at the upper right.

    Some panels stand below the contour, the others below the legend, and some may stand between the two.
    """
    width, height = page[0] - 2 * _PAD, page[1] - _FOOTER - _HEADER - _BELOW
    top = page[1] - _PAD
    for share in (1.0, 0.86, 0.74, 0.66, 0.58, 0.5, 0.42):
        high = share * height
        for widest in (0.72, 0.66, 0.55, 0.46, 0.38):
            wide = min(high * shape, widest * width - _TICKS - _BAR)
            if wide < 60:
                continue
            contour = Rect(_PAD + _TICKS, 0, wide, min(wide / shape, high))
            contour = Rect(contour.x, page[1] - _HEADER - contour.height, wide, contour.height)
            edge = contour.right + _BAR + _GUTTER
            foot = contour.y - _BELOW
            column = Rect(edge, _FOOTER, page[0] - _PAD - edge, top - _FOOTER)
            below = Rect(_PAD, _FOOTER, edge - _GUTTER - _PAD, foot - _FOOTER)
            for part in (0.62, 0.42):
                tall = legend(part * column.height)
                side = Rect(edge, top - tall, column.width, tall)
                rest = Rect(edge, _FOOTER, column.width, side.y - _FOOTER - 8)
                for under in range(count + 1):
                    for rows in (1, 2):
                        cells = [*_grid(below, under, rows), *_grid(rest, count - under, 3 - rows)]
                        yield _Plan(contour, side, tuple(cells), edge - _GUTTER - _BAR / 2)
            yield from _in_rows(page, contour, edge, foot, count, legend)


def _in_rows(
    page: tuple[float, float],
    contour: Rect,
    edge: float,
    foot: float,
    count: int,
    legend: Callable[[float], float],
) -> Iterator[_Plan]:
    """Yield arrangements with panels between contour and legend, and the others in rows below."""
    room = page[0] - _PAD - edge
    for beside in range(min(2, count) + 1):
        for wide in (0.34, 0.5, 1.0):
            legend_width = room if beside == 0 else max(_LEGEND[0], wide * room)
            if beside == 0 and wide < 1:
                continue
            left = Rect(edge, foot, room - legend_width - _GUTTER, contour.top + ABOVE - foot)
            offered = page[1] - _PAD - foot
            side = Rect(page[0] - _PAD - legend_width, 0, legend_width, legend(offered))
            side = Rect(side.x, page[1] - _PAD - side.height, side.width, side.height)
            below = Rect(_PAD, _FOOTER, page[0] - 2 * _PAD, foot - _FOOTER)
            for rows in (1, 2):
                cells = [*_grid(left, beside, 1), *_grid(below, count - beside, rows)]
                yield _Plan(
                    contour, side, tuple(cells), contour.right + _BAR / 2 if beside == 0 else left.right
                )


def _stacked(
    page: tuple[float, float], shape: float, count: int, legend: Callable[[float], float]
) -> Iterator[_Plan]:
    """Yield arrangements for tall pages: contour, then the legend with panels beside it, then rows."""
    width = page[0] - 2 * _PAD
    if page[0] > 1.25 * page[1]:
        return
    for share in (0.62, 0.54, 0.46, 0.38, 0.3):
        high = share * page[1]
        wide = min(width - _TICKS - _BAR + _PAD, high * shape)
        high = min(high, wide / shape)
        left = (page[0] - wide - _TICKS - _BAR + _PAD) / 2 + _TICKS if wide > 0.6 * width else _PAD + _TICKS
        contour = Rect(left, page[1] - _HEADER - high, wide, high)
        foot = contour.y - _BELOW
        for beside in range(min(2, count) + 1):
            for part in (0.3, 0.45, 0.6, 1.0):
                tall = legend(part * (foot - _FOOTER))
                half = width if beside == 0 else (width - _GUTTER) / 2
                row = max(tall, part * (foot - _FOOTER)) if beside else tall
                side = Rect(_PAD, foot - tall, half, tall)
                near = Rect(_PAD + half + _GUTTER, foot - row, width - half - _GUTTER, row)
                rest = Rect(_PAD, _FOOTER, width, foot - row - _FOOTER - 8)
                for rows in (1, 2):
                    cells = [*_grid(near, beside, 2), *_grid(rest, count - beside, rows)]
                    yield _Plan(contour, side, tuple(cells), contour.right + _BAR / 2)


def _grid(place: Rect, count: int, rows: int) -> list[Rect]:
    """Divide a place evenly among panels, by rows from the top."""
    if not count:
        return []
    rows = min(rows, count)
    columns = math.ceil(count / rows)
    cells = []
    for row in range(rows):
        here = min(columns, count - row * columns)
        width, height = (place.width - (here - 1) * _GUTTER) / max(here, 1), place.height / rows
        cells += [
            Rect(place.x + k * (width + _GUTTER), place.top - (row + 1) * height, width, height)
            for k in range(here)
        ]
    return cells


def _legibility(plan: _Plan, wanted: float, least: tuple[float, float]) -> int:
    """Say what the legend has room for."""
    if plan.legend.height >= wanted - 0.5 and plan.legend.width >= least[0]:
        return _ALL_WORDS
    return _ALL_ROWS if plan.legend.height >= least[1] - 0.5 else _SOME_ROWS


def _worth(plan: _Plan, entries: Sequence[PanelEntry], wanted: float, hero: float) -> float:
    """Say how good an arrangement is: the sizes that can be used; -inf where something cannot be read."""
    least, ideal = _LEGEND
    if plan.legend.width < least or plan.legend.y < _FOOTER - 1 or plan.contour.y < _FOOTER + _BELOW - 1:
        return -math.inf
    if entries and plan.contour.width * plan.contour.height < hero:
        return -math.inf
    first = _SECOND[0] if any(entry.hero for entry in entries) else _CONTOUR
    worth = first * math.log(plan.contour.width * plan.contour.height)
    worth += 2 * math.log(min(1.0, plan.legend.width / ideal))
    worth += 1.5 * math.log(min(1.0, plan.legend.height / wanted))
    for cell, entry in zip(plan.cells, entries, strict=True):
        place = plot(cell)
        if place.width < _LEAST[0] or place.height < _LEAST[1]:
            return -math.inf
        narrow, broad = entry.shape
        used = min(place.width, broad * place.height) * min(place.height, place.width / narrow)
        much, enough = (_SECOND[1], 4 * _ENOUGH) if entry.hero else (1.0, _ENOUGH)
        worth += much * (math.log(min(used, enough)) + 0.25 * math.log(max(1.0, used / enough)))
        worth -= 0.5 * math.log(place.width * place.height / used)
        if entry.storeys > 1 and place.height < TWO_STOREYS:
            worth -= _STOREY
    return worth
