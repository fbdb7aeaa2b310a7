"""The picture of a diagnosis: tasks down, optimizers across, in each cell what is left against the mark."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle
from matplotlib.text import Text

from ...surfaces.errors import DescentError
from ..canvas.axes import fit, fit_or_cut, letters
from ..canvas.left_out import leave_out
from ..style.colour_space import mix
from ..style.layout import Rect, Ruler, text_scale
from ..style.themes import is_dark
from ..words.describe_diagnosis import cell_words, column_names, fine_print, mark_words
from .page import add_page, draw_fine_print, draw_header

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..canvas.parts import Growing, Moving
    from ..scenes.diagnosis import DiagnosisScene
    from ..style.themes import Theme

# Lengths in pixels at text scale 1.
_PAD, _HEADER, _FOOTER = 18.0, 40.0, 30.0
_HEADS = 38.0  # above the columns: a name, and how many tasks it passes
_NAME, _MARK = 150.0, 60.0  # the widths of the columns of names and of marks
_NARROW = 24.0  # of a column
_ROW = 9.5  # pixels of a row below which its words cannot be read
_WIDE = 190.0  # of a column at most
_FULL = 3.0  # decades from the mark at which a colour is full
_GAP = 1.5


@dataclass(frozen=True, slots=True)
class _Table:
    """Where rows and columns stand, in pixels."""

    body: Rect
    row: float
    column: float
    names: float  # the width of the column of names
    marks: float  # of that of marks; 0 where there is no room


def draw_diagnosis(figure: Figure, scene: DiagnosisScene) -> tuple[list[Growing], list[Moving]]:
    """Draw the whole picture; nothing in it moves."""
    ruler = Ruler(text_scale(scene.size, scene.theme))
    page = add_page(figure, scene)
    table = _arrange(scene, ruler)
    width, height = scene.size
    pad = ruler.px(_PAD)
    header = Rect(pad, height - pad - ruler.px(_HEADER), width - 2 * pad, ruler.px(_HEADER))
    names = column_names(scene.diagnosis)
    own = ", ".join(names[: scene.diagnosis.own])
    draw_header(page, scene, ruler, header, (f"{own} on small tasks", ""), counts=False)
    _draw_heads(page, scene, table, names, ruler)
    for row in range(len(scene.diagnosis.tasks)):
        _draw_row(page, scene, table, row, ruler)
    draw_fine_print(page, fine_print(scene.diagnosis), scene, ruler)
    return [], []


def _arrange(scene: DiagnosisScene, ruler: Ruler) -> _Table:
    found = scene.diagnosis
    width, height = scene.size
    pad = ruler.px(_PAD)
    top = height - pad - ruler.px(_HEADER) - ruler.px(_HEADS)
    bottom = ruler.px(_FOOTER)
    names = min(ruler.px(_NAME), 0.3 * width)
    room, count = width - 2 * pad - names, len(found.specs)
    marks = ruler.px(_MARK) if room / (count + 1) > ruler.px(_MARK) else 0.0
    column = min((room - marks) / count, ruler.px(_WIDE))
    row = (top - bottom) / len(found.tasks)
    if row < _ROW or column < ruler.px(_NARROW):
        raise DescentError(
            f"the cells of {len(found.tasks)} tasks and {count} optimizers would be {column:.0f} x {row:.0f} "
            f"pixels on a page of {width}x{height}, and they need at least {ruler.px(_NARROW):.0f} x "
            f"{math.ceil(_ROW)}; give a larger size or fewer of them"
        )
    row = min(row, ruler.px(34))
    used = row * len(found.tasks)
    body = Rect(pad + names + marks, top - used, column * count, used)
    return _Table(body, row, column, names, marks)


def _draw_heads(page: Axes, scene: DiagnosisScene, table: _Table, names: list[str], ruler: Ruler) -> None:
    found, theme = scene.diagnosis, scene.theme
    suited, passed = found.suited.sum(axis=1), found.passes.sum(axis=1)
    for k, name in enumerate(names):
        x = table.body.x + (k + 0.5) * table.column
        title = Text(
            x,
            table.body.top + ruler.px(22),
            name,
            color=theme.text,
            size=letters(ruler.px(12)),
            weight="bold" if k < found.own else "normal",
            ha="center",
            parse_math=False,
        )
        page.add_artist(title)
        fit_or_cut(title, table.column - ruler.px(4))
        words = f"{passed[k]} of {suited[k]}"
        count = Text(
            x, table.body.top + ruler.px(7), words, color=theme.muted, size=letters(ruler.px(11)), ha="center"
        )
        page.add_artist(count)
        fit_or_cut(count, table.column)
    if table.marks:
        mark = Text(
            table.body.x - ruler.px(8),
            table.body.top + ruler.px(7),
            "mark",
            color=theme.muted,
            size=letters(ruler.px(11)),
            ha="right",
        )
        page.add_artist(mark)
    else:
        leave_out(page, "the marks")


def _draw_row(page: Axes, scene: DiagnosisScene, table: _Table, row: int, ruler: Ruler) -> None:
    found, theme = scene.diagnosis, scene.theme
    task = found.tasks[row]
    middle = table.body.top - (row + 0.5) * table.row
    size = letters(min(ruler.px(11.5), 0.8 * table.row))
    name = Text(ruler.px(_PAD), middle, task.name, color=theme.text, size=size, va="center")
    page.add_artist(name)
    fit_or_cut(name, table.names - ruler.px(6))
    if table.marks:
        x = table.body.x - ruler.px(8)
        page.add_artist(
            Text(x, middle, mark_words(task), color=theme.muted, size=size, va="center", ha="right")
        )
    for k in range(len(found.specs)):
        corner = table.body.x + k * table.column, table.body.top - (row + 1) * table.row
        colour = cell_colour(theme, float(found.left[k, row]), task.mark)
        page.add_patch(
            Rectangle(corner, table.column - _GAP, table.row - _GAP, facecolor=colour, edgecolor="none")
        )
        words = cell_words(found, k, row)
        ink = "#ffffff" if is_dark(colour) else "#111111"
        text = Text(
            corner[0] + table.column / 2, middle, words, color=ink, size=size, ha="center", va="center"
        )
        page.add_artist(text)
        if not fit(text, table.column - ruler.px(4)):
            text.set_text(words.partition(" ")[0])


def cell_colour(theme: Theme, left: float, mark: float) -> str:
    """Return a cell's colour: of one hue below the mark and of another above, fuller the farther from it."""
    if math.isnan(left):
        return mix(theme.background, theme.frame, 0.25)
    passes, fails = ("#4a90d9", "#d9822b") if theme.chroma else ("#ffffff", "#5a5a5a")
    ratio = math.log10(left / mark) if 0 < left < math.inf else (math.inf if left else -math.inf)
    share = 0.3 + 0.7 * min(abs(ratio) / _FULL, 1.0)
    if not theme.chroma:  # greys have one direction only: white passes
        return passes if ratio <= 0 else mix("#e4e4e4", fails, share)
    return mix(theme.background, passes if ratio <= 0 else fails, share)
