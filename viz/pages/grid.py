"""A grid of small panels: the runs of a recording apart by optimizer, learning rate or run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...surfaces.catalogue import CURVE
from ...surfaces.errors import DescentError
from ...surfaces.surface import width_of
from ..canvas.axes import points
from ..canvas.left_out import leave_out
from ..contour.bands import draw_bar
from ..scenes.grid_cells import sort_runs, without_rate
from ..scenes.panel_table import kind_of
from ..style.layout import Rect
from ..style.run_styles import run_styles
from .captions import captions, draw_line, draw_result, draw_words, word_alike
from .cover import draw_cover, draw_notes
from .page import add_page
from .small_panel import drawer, ground_of, shape
from .tiles import Around, Tiles, lay_out, tile, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..canvas.parts import Growing, Moving
    from ..scenes.grid_cells import Cells
    from ..scenes.scene import Scene
    from ..style.layout import Ruler
    from .captions import Caption

# Lengths in pixels at text scale 1. A mark on a panel's border reaches six beyond it: words keep clear of it.
_CLEAR, _HEADING, _ROW, _LINE = 9.0, 13.0, 19.0, 15.0
_NUMBERS, _LEFT, _BAR = 15.0, 22.0, 60.0  # below panels, left of the first, and for the colour bar
_SPACE = 8.0  # between the heading of a panel and what came of its run
_SHORT = 12  # letters of an optimizer's name that has room beside it
_GAIN = 1.25  # how much larger panels must become for rows and columns to be exchanged on a tall page
_MOST = 6  # of more runs in one panel the others are only counted
_SIZES = (13.0, 11.5, 10.5)  # of the words above a row, above a panel and below it


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What the words around the panels are taken from."""

    scene: Scene
    cells: Cells
    captions: Sequence[Caption]  # of each run
    numbered: bool = True  # whether panels have numbers around them, and a colour bar beside them

    @property
    def shared(self) -> bool:
        """Whether all runs share what no panel is by, so that it is said once, above all panels."""
        specs = self.scene.specs
        if self.cells.names == ("lr",):
            return len({without_rate(spec) for spec in specs}) == 1
        return self.cells.names == ("optimizer",) and len({spec.lr for spec in specs}) == 1

    @property
    def inline(self) -> bool:
        """Whether what came of a run stands beside the heading of its panel, which is then a short one."""
        if self.cells.most > 1 or self.cells.names == ("run",):
            return False
        by_rate = self.cells.names[-1] == "lr"
        names = [caption.entry for caption in self.captions]
        short = by_rate or all(len(name.title) <= _SHORT and not name.details for name in names)
        return short and (self.shared or len(self.cells.names) > 1)

    @property
    def around(self) -> Around:
        """What the cells have around the plots."""
        lines = min(self.cells.most, _MOST + 1)
        return Around(
            above=_CLEAR + _HEADING + (_ROW if self.cells.rows else 0.0),
            below=(_NUMBERS if self.numbered else 0.0) + (0.0 if self.inline else 4.0 + _LINE * lines),
            first=_ROW if self.shared else 0.0,
        )

    def arrange(self, area: Rect, ruler: Ruler) -> Tiles:
        """Place the panels in an area."""
        rows, columns = len(self.cells.rows), len(self.cells.columns)
        if self.numbered:
            left, right = ruler.px(_LEFT), ruler.px(_BAR)
            area = replace(area, x=area.x + left, width=area.width - left - right)
        if rows:
            return tile(area, rows, columns, shape(self.scene), self.around, ruler.unit)
        return wrap(area, columns, shape(self.scene), self.around, ruler.unit)

    def heading(self, name: str, run: int) -> tuple[tuple[str, str, str], str, str]:
        """Return the bold, plain and small words for what a run stands for, their colour, and vital ones."""
        entry, theme = self.captions[run].entry, self.scene.theme
        if name == "lr":
            return (entry.rate or "default lr", "", ""), theme.text, ""
        details = " ".join(entry.details)
        if name == "run":
            return (entry.title, entry.rate, details), self.scene.styles[run].colour, entry.vital
        (style,) = run_styles([without_rate(self.scene.specs[run])], theme)
        return (entry.title, "", details), style.colour, entry.vital

    def name(self, run: int) -> str:
        """Return what sets a run apart from the others in its panel."""
        entry = self.captions[run].entry
        if self.cells.names == ("lr",):
            rivals = [caption.entry for caption in self.captions if caption.entry.title == entry.title]
            alike = len({rival.details for rival in rivals}) == 1
            return " ".join([entry.title, *(() if alike else entry.details)])
        return entry.rate if self.cells.names == ("optimizer",) else ""


def draw_grid(figure: Figure, scene: Scene) -> tuple[list[Growing], list[Moving]]:
    """Draw the panels, and return what changes in them."""
    curve = kind_of(scene.recording) == CURVE  # the fine print says its numbers
    first = _Plan(scene, sort_runs(scene.specs, scene.grid), captions(scene), numbered=not curve)
    plan, tiles, ruler = _choose(first)
    cells, page = plan.cells, add_page(figure, scene)
    draw, heights = drawer(figure, scene, ruler)
    growing: list[Growing] = []
    moving: list[Moving] = []
    panels = [
        (
            column,
            runs,
            tiles.place(row, column) if cells.rows else tiles.place(*divmod(column, tiles.columns)),
        )
        for (row, column), runs in sorted(cells.runs.items())
    ]
    widths = [_name_panel(page, plan, column, place, tiles, ruler) for column, _, place in panels]
    if plan.inline:
        room = tiles.cell - max(widths) - ruler.px(_SPACE)
        plan = replace(plan, captions=word_alike(page, plan.captions, room, ruler))
    for (_, runs, place), used in zip(panels, widths, strict=True):
        numbered = plan.numbered, plan.numbered and place.x < tiles.place(0, 0).x + 1
        more_growing, more_moving = draw(scene, place, runs, numbered)
        growing += more_growing + _tell_ends(page, plan, runs, place, used, tiles, ruler)
        moving += more_moving
    if plan.numbered:
        ground = ground_of(scene)
        if ground.heights is not None:
            place = panels[0][2]
            bar = Rect(tiles.block.right + ruler.px(10), place.y, ruler.px(9), place.height)
            draw_bar(figure, bar, ground.heights, scene, ruler, ground.name)
    elif not curve:
        leave_out(page, "numbers and the colour bar of small panels")
    _name_rows(page, plan, tiles, ruler)
    moving += draw_cover(page, scene, tiles.header(scene.size), ruler, counts=True)
    more = [(0, heights)] if heights else []
    draw_notes(page, scene, more, ruler, to_scale=width_of(scene.view)[1])
    return growing, moving


def _choose(plan: _Plan) -> tuple[_Plan, Tiles, Ruler]:
    """Lay the panels out, rows and columns exchanged where that makes them much larger on a tall page."""
    size, theme = plan.scene.size, plan.scene.theme
    choices = [plan]
    if plan.cells.rows and size[1] > size[0]:
        choices.append(replace(plan, cells=plan.cells.turned))
    if plan.numbered:
        choices += [replace(choice, numbered=False) for choice in choices]
    found: list[tuple[_Plan, Tiles, Ruler]] = []
    for choice in choices:
        if found and not choice.numbered and found[0][0].numbered:
            break
        try:
            tiles, ruler = lay_out(size, theme, choice.arrange, choice.cells.what)
        except DescentError:
            if choice is choices[-1] and not found:
                raise
            continue
        if not found or math.prod(tiles.plot) > _GAIN * math.prod(found[0][1].plot):
            found.insert(0, (choice, tiles, ruler))
    return found[0]


def _name_panel(page: Axes, plan: _Plan, column: int, place: Rect, tiles: Tiles, ruler: Ruler) -> float:
    """Write above a panel what it is of, and return the width of that in pixels."""
    heading, colour, vital = plan.heading(plan.cells.names[-1], plan.cells.columns[column])
    colours, size = (colour, plan.scene.theme.muted), points(ruler.px(_SIZES[1]))
    spot = place.x, place.top + ruler.px(_CLEAR)
    return draw_words(page, spot, heading, tiles.cell, colours, size, vital)


def _tell_ends(
    page: Axes, plan: _Plan, runs: Sequence[int], place: Rect, used: float, tiles: Tiles, ruler: Ruler
) -> list[Growing]:
    """Write what came of a panel's runs, beside its heading of a width or below the panel."""
    scene, left, right = plan.scene, place.x, place.x + tiles.cell
    if plan.inline:
        (run,) = runs
        beside = (left + used + ruler.px(_SPACE), right, place.top + ruler.px(_CLEAR))
        return draw_result(page, plan.captions[run], beside, scene, ruler, scene.styles[run])
    growing: list[Growing] = []
    marked = plan.cells.most > 1 or plan.cells.names == ("lr",)
    y = place.y - ruler.px(4.0 + (_NUMBERS if plan.numbered else 0.0))
    for run in runs[:_MOST]:
        y -= ruler.px(_LINE)
        caption, style = plan.captions[run], scene.styles[run]
        growing += draw_line(
            page, caption, plan.name(run), style, (left, right, y), scene, ruler, marked=marked
        )
    if len(runs) > _MOST:
        rest = ("", f"and {len(runs) - _MOST} more", "")
        muted = (scene.theme.muted, scene.theme.muted)
        spot = (left, y - ruler.px(_LINE))
        draw_words(page, spot, rest, tiles.cell, muted, points(ruler.px(_SIZES[2])))
    return growing


def _name_rows(page: Axes, plan: _Plan, tiles: Tiles, ruler: Ruler) -> None:
    """Write above each row, or once above all panels, what their runs have in common."""
    name, rows = plan.cells.names[0], plan.cells.rows
    if plan.shared:
        name, rows = ("optimizer" if name == "lr" else "lr"), (0,)
    above, size = _CLEAR + _HEADING + 5.0, points(ruler.px(_SIZES[0]))
    for row, run in enumerate(rows):
        heading, colour, vital = plan.heading(name, run)
        spot = tiles.block.x, tiles.place(row, 0).top + ruler.px(above)
        draw_words(page, spot, heading, tiles.block.width, (colour, plan.scene.theme.muted), size, vital)
