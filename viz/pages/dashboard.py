"""Where everything stands on a page: of many arrangements the one whose hero is largest, in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError
from ..scenes.panel_table import TWO_STOREYS
from ..style.layout import Layout, Rect
from .arrangements import FOOTER, HEADERS, PAD, plans_of, rooms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .arrangements import Hero, Legend, Panel, Plan

# What panels leave the hero: square pixels, or on a small page a share of what it has without them,
# which is less where they were asked for.
_HERO = (62_000.0, 0.72, 0.3)
_ENOUGH = 250.0 * 170.0  # a plot of this area, in square pixels, hardly gains by more
_LEADING = 2.0  # how much more the first panel's size counts than another's
_STOREY = 1.4  # what a storey is worth, against the logarithm of sizes
_FIRST = 10.0  # how much more the hero's size counts than a panel's
# And where there is a second hero, of the first and of the second: that one's labels take much of its room.
_SECOND = (4.0, 5.0)
_EMPTY = 4.0  # what a page that is empty would cost
_CUT = 0.8  # what it costs that the legend has no room for all its words
_UNTITLED = 1.5  # what the line under the title is worth: on a low page it is a tenth of the hero's height


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The places of the parts of a picture, in pixels."""

    page: Layout  # hero, colour bar and legend
    header: Rect
    panels: tuple[Rect, ...]  # the plot of each panel there is room for; labels stand around it
    untitled: bool  # whether there is no room for a line under the title


def arrange(
    size: tuple[int, int],
    unit: float,
    hero: Hero,
    panels: Sequence[Panel] = (),
    legend: Legend | None = None,
    *,
    to_scale: bool,
    all_of_them: bool = False,
    headers: Sequence[float] = HEADERS,
) -> Dashboard:
    """Place a hero, which is the contour as a rule, a legend and panels, the first of them most important.

    The last panels are left out where there is no room for them. They are also left out, down to the
    first, where the legend has room for all its rows only without them.

    Args:
        size: Width and height in pixels.
        unit: The text scale.
        hero: What the page is about.
        panels: What stands beside it.
        legend: What the legend needs; None where there is none, and no panels.
        to_scale: Whether a contour as hero is drawn to one scale.
        all_of_them: Whether panels are asked for, and may leave the hero less than it should have.
        headers: How high the title may be with the margin above it, at text scale 1; the best first.
    """
    page = (size[0] / unit, size[1] / unit)
    (alone, _), best = _choose(page, hero, (), legend, 0.0, headers)
    share = _HERO[2] if all_of_them else _HERO[1]
    least = min(_HERO[0], share * hero.area(best.hero.width, best.hero.height))
    told = min(alone, 1) - 1 if not all_of_them else -1
    for count in range(len(panels), 0, -1):
        (said, worth), plan = _choose(page, hero, panels[:count], legend, least, headers)
        if worth > -math.inf and said > told:
            told, best = said, plan
    contour = _scaled(best.hero, unit)
    bar = Rect(contour.right + 10 * unit, contour.y, 9 * unit, contour.height)
    return Dashboard(
        Layout(unit, contour, bar, _scaled(best.legend, unit), to_scale),
        _scaled(best.header, unit),
        tuple(_scaled(panel.plot(cell), unit) for panel, cell in zip(panels, best.cells, strict=False)),
        best.header.height < headers[0] - PAD,
    )


def check_room(size: tuple[int, int], names: Sequence[str], placed: int) -> None:
    """Raise DescentError where panels that may not be left out have no room."""
    left_out = names[placed:]
    if left_out:
        raise DescentError(
            f"there is no room for the {'panel' if len(left_out) == 1 else 'panels'} {', '.join(left_out)} "
            f"at {size[0]}x{size[1]}; allowed: a larger size or fewer panels"
        )


def _scaled(rect: Rect, unit: float) -> Rect:
    return Rect(rect.x * unit, rect.y * unit, rect.width * unit, rect.height * unit)


def _choose(
    page: tuple[float, float],
    hero: Hero,
    panels: Sequence[Panel],
    legend: Legend | None,
    least: float,
    headers: Sequence[float],
) -> tuple[tuple[int, float], Plan]:
    """Return the best of all arrangements, with what its legend has room for and its worth.

    A legend with room for all rows has 1, with room for results too 2.
    """
    best: tuple[tuple[int, float], Plan] | None = None
    wanted = legend.wanted if legend is not None else 1.0

    def look(header: float, rooms: Iterable[tuple[float, float]]) -> None:
        nonlocal best
        for plan in plans_of(page, hero, len(panels), legend, header, rooms):
            worth = _worth(page, plan, hero, panels, legend, wanted, least)
            said = sum(plan.legend.height >= need - 0.5 for need in legend.rows) if legend is not None else 2
            said *= worth > -math.inf
            worth -= _UNTITLED * (header < headers[0])
            if best is None or (said, worth) > best[0]:
                best = (said, worth), plan

    for header in headers:
        look(header, rooms_of(page, hero, header))
    assert best is not None
    place, header = best[1].hero, best[1].header.height + PAD
    look(header, [(place.width * (1 + k / 80), place.height * (1 + k / 80)) for k in range(1, 9)])
    return best


def _worth(
    page: tuple[float, float],
    plan: Plan,
    hero: Hero,
    panels: Sequence[Panel],
    legend: Legend | None,
    wanted: float,
    least: float,
) -> float:
    """Say how good an arrangement is: the sizes that can be used; -inf where something cannot be read."""
    area, (left, right, below) = hero.area(plan.hero.width, plan.hero.height), hero.around
    if area <= 0 or plan.hero.y < FOOTER + below - 1 or (panels and area < least):
        return -math.inf
    worth = (_SECOND[0] if any(panel.second for panel in panels) else _FIRST) * math.log(area)
    full = (plan.hero.width + left + right) * (plan.hero.height + below)
    if legend is not None:
        if min(plan.legend.width - legend.width[0], plan.legend.y - FOOTER + 1, plan.legend.height - 1) < 0:
            return -math.inf
        worth += 2 * math.log(min(1.0, plan.legend.width / legend.width[1]))
        worth += 1.5 * math.log(min(1.0, plan.legend.height / wanted))
        worth -= _CUT * (plan.legend.width < legend.words)
        full += plan.legend.height * min(plan.legend.width, 1.5 * legend.width[1])
    for number, (cell, panel) in enumerate(zip(plan.cells, panels, strict=True)):
        place = panel.plot(cell)
        if place.width < panel.least[0] or place.height < panel.least[1]:
            return -math.inf
        narrow, broad = panel.shape
        used = min(place.width, broad * place.height), min(place.height, place.width / narrow)
        area = used[0] * used[1]
        much, enough = (_SECOND[1], 4 * _ENOUGH) if panel.second else (1.0 if number else _LEADING, _ENOUGH)
        worth += much * (math.log(min(area, enough)) + 0.25 * math.log(max(1.0, area / enough)))
        if panel.storeys > 1 and place.height < TWO_STOREYS:
            worth -= _STOREY * (1.0 if number else _LEADING)
        full += (used[0] + cell.width - place.width) * (used[1] + cell.height - place.height)
    whole = (page[0] - 2 * PAD) * (plan.header.y - FOOTER)
    return worth - _EMPTY * max(0.0, 1 - full / whole)
