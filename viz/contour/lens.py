"""A lens on the contour: the small part in which the later half of the descent happens, magnified."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from ...surfaces.field import Field
from ..canvas.axes import add_axes, fit, points
from ..canvas.heads import draw_heads
from ..canvas.marks import draw_marks, run_marks
from ..canvas.parts import Growing, Moving, comet, trail
from ..canvas.pieces import frame_pieces
from ..scenes.late_part import late_part
from ..scenes.paths import fence, in_view
from ..style.distinct import trail_colour
from ..style.language import say
from ..style.layout import Rect
from .bands import draw_heights
from .free_place import Ground

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...surfaces.surface import Box
    from ..scenes.scene import Scene
    from ..style.heights import Heights
    from ..style.layout import Layout

_SHARE = 0.42  # the lens' side, in sides of the contour
_SMALLEST = 300.0  # pixels: a contour with a shorter side has no lens
_WORDS = 10.0  # the size of its words in pixels at text scale 1
_ZORDER = 1.6  # of its frame in the contour: above the lines, below all that grows and moves


def draw_lens(
    figure: Figure,
    axes: Axes,
    scene: Scene,
    heights: Heights,
    layout: Layout,
    labels: Sequence[Text],
    taken: Sequence[Rect],
) -> tuple[list[Growing], list[Moving], list[Rect]]:
    """Draw a magnified part of the contour where it hides no path and no word; nothing where there is none.

    Args:
        figure: Where to.
        axes: The contour.
        scene: A recording and its look.
        heights: The contour's bands.
        layout: Where the contour is, and the text scale.
        labels: Texts on the contour.
        taken: Boxes on it, in pixels from its lower left corner.

    Returns:
        What changes in it; and what no word may meet, in pixels of the contour: its place, and the four
        sides of the frame around what it shows. Empty where there is no lens.
    """
    contour, field = layout.contour, scene.ground
    minima = scene.recording.minima
    part = late_part(scene.runs, minima, scene.view, scene.timing, (field.x.size, field.y.size))
    if part is None or min(contour.width, contour.height) < _SMALLEST:
        return [], [], []
    size = _SHARE * contour.width, _SHARE * contour.height
    source = _box(part, scene, contour)
    boxes = [_wider(each, layout.px(8)) for each in (*taken, source)]
    (words, marks, crossed, _), place = Ground.of(scene, contour, layout, labels, boxes).freest(size)
    if words or marks or crossed:
        return [], [], []
    where = Rect(contour.x + place.x, contour.y + place.y, place.width, place.height)
    lens = add_axes(figure, where, scene, layout)
    lens.set_xticks([])
    lens.set_yticks([])
    for spine in lens.spines.values():
        spine.set_color(scene.theme.text)
    _frame(axes, part, scene, layout)
    draw_heights(lens, _cut(field, part), heights, scene, layout)
    lens.set_xlim(*part[0])
    lens.set_ylim(*part[1])
    (x0, x1), (y0, y1) = part
    per_unit = points(place.width) / (x1 - x0), points(place.height) / (y1 - y0)
    width, dot = points(layout.px(1.5)), points(layout.px(4.0))
    seen = [in_view(run.shown, part) for run in scene.runs]
    paths, timing = [run.path for run in scene.runs], scene.timing
    pieces = frame_pieces(paths, timing.rows, fence(part), per_unit, dot, timing.shares, seen)
    faded = [trail_colour(style.colour, scene.theme) for style in scene.styles]
    heads = draw_heads(
        lens, scene, run_marks(scene, layout, 9.0), seen, [minimum.point for minimum in minima], per_unit
    )
    growing = [trail(lens, pieces, scene.styles, faded, width, dot)]
    moving = [comet(lens, pieces, scene.styles, faded, (width, points(layout.px(3.0))))]
    moving += [*draw_marks(lens, scene, layout, part, minima, None, 0.9), heads]
    _say(lens, part, scene, layout, place)
    return growing, moving, [place, *_sides(source)]


def _cut(field: Field, part: Box) -> Field:
    """Return the points of a field in a part, and a few around it."""
    columns, rows = (
        slice(max(int(np.searchsorted(axis, low)) - 3, 0), int(np.searchsorted(axis, high)) + 3)
        for axis, (low, high) in zip((field.x, field.y), part, strict=True)
    )
    return Field(field.x[columns], field.y[rows], field.z[rows, columns])


def _box(part: Box, scene: Scene, contour: Rect) -> Rect:
    """Return where a part of the view is, in pixels of the contour."""
    low, high = np.array(scene.view).T
    begin, end = ((np.array(part).T - low) / (high - low) * (contour.width, contour.height)).tolist()
    return Rect(begin[0], begin[1], end[0] - begin[0], end[1] - begin[1])


def _sides(box: Rect) -> list[Rect]:
    """Return the sides of a box as boxes without width: what stands wholly inside crosses none of them."""
    wide, tall = box.width, box.height
    level = [Rect(box.x, y, wide, 0.0) for y in (box.y, box.top)]
    return level + [Rect(x, box.y, 0.0, tall) for x in (box.x, box.right)]


def _wider(box: Rect, gap: float) -> Rect:
    return Rect(box.x - gap, box.y - gap, box.width + 2 * gap, box.height + 2 * gap)


def _frame(axes: Axes, part: Box, scene: Scene, layout: Layout) -> None:
    (x0, x1), (y0, y1) = part
    line, edge = points(layout.px(1.0)), scene.theme.text
    axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=edge, lw=line, zorder=_ZORDER))


def _say(lens: Axes, part: Box, scene: Scene, layout: Layout, place: Rect) -> None:
    """Write in the lens how much it magnifies and what it shows."""
    (x0, x1), (y0, y1) = part
    # A length in it against the same one on the contour.
    times = place.width / (x1 - x0) / (layout.contour.width / (scene.view[0][1] - scene.view[0][0]))
    digits = max(0, 1 - int(np.floor(np.log10(x1 - x0))))
    words = say(
        f"{times:.2g} times: x {x0:.{digits}f} to {x1:.{digits}f}, y {y0:.{digits}f} to {y1:.{digits}f}"
    )
    plate = {"facecolor": scene.theme.background, "alpha": 0.82, "linewidth": 0, "pad": 1.0}
    text = Text(
        0.5,
        1 - layout.px(5) / place.height,
        words,
        color=scene.theme.text,
        size=points(layout.px(_WORDS)),
        ha="center",
        va="top",
        transform=lens.transAxes,
        zorder=4.0,
        bbox=plate,
    )
    lens.add_artist(text)
    if not fit(text, place.width - layout.px(8)):
        text.set_text(re.sub(r"([^\w\s]) ?(?=(?:y |x )(?!and))", r"\1\n", words))
