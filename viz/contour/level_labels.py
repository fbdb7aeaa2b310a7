"""Numbers on some lines of equal height, where they hide no path, mark or word."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.text import Text

from ..canvas.axes import letters
from ..scenes.paths import polylines
from ..style.language import number
from ..style.layout import Rect
from .free_place import Ground

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.path import Path
    from numpy.typing import NDArray

    from ..scenes.scene import Scene
    from ..style.heights import Heights
    from ..style.layout import Layout

    Pixels = NDArray[np.float64]  # (n, 2)

_SIZE = 9.5  # of letters; pixels at text scale 1, as all below
_TRIED = 14.0  # how far along a line the next place is that is tried
_EDGE = 14.0  # from the plot's edge, where the numbers of runs outside are
_APART = 70.0  # of two numbers
_GAP = 4.0  # from words, marks and paths, which have one of their own
_SIDE = 62.0  # the plot's shorter side a number, four at most
_BENT = 0.97  # how long the straight way across a number must be, against the line itself
_ZORDER = 1.5  # above the lines, below the small map and all that grows and moves


@dataclass(frozen=True, slots=True)
class _Place:
    cost: float
    middle: tuple[float, float]  # in pixels of the plot
    turn: float  # degrees
    box: Rect  # around the turned number

    def around(self, gap: float) -> Rect:
        """Return the box with a gap around it."""
        box = self.box
        return Rect(box.x - gap, box.y - gap, box.width + 2 * gap, box.height + 2 * gap)


def draw_level_labels(
    axes: Axes,
    scene: Scene,
    heights: Heights,
    lines: Any,
    layout: Layout,
    labels: Sequence[Text] = (),
    taken: Sequence[Rect] = (),
) -> None:
    """Write the height at some lines of equal height, in what the colour bar counts in.

    Args:
        axes: The contour.
        scene: A recording and its look.
        heights: Its heights.
        lines: What `draw_heights` returned.
        layout: Where the contour is, and the text scale.
        labels: Texts on the contour.
        taken: Boxes on it, in pixels from its lower left corner.
    """
    contour = layout.contour
    most = min(4, int(min(contour.width, contour.height) / layout.px(_SIDE)) - 1)
    if lines is None or most < 1:
        return
    (x0, x1), (y0, y1) = scene.view
    low, per_unit = np.array([x0, y0]), np.array([contour.width / (x1 - x0), contour.height / (y1 - y0)])
    ground = Ground.of(scene, contour, layout, labels, taken, low=False)
    found: list[_Place] = []
    for rank in _spread(len(lines.levels)):
        if len(found) == most:
            return
        level = float(lines.levels[rank])
        text = Text(0, 0, _number(level, heights), color=scene.theme.text, alpha=0.8, zorder=_ZORDER)
        text.set(fontsize=letters(layout.px(_SIZE)), ha="center", va="center", parse_math=False)
        text.set_bbox({"facecolor": scene.theme.background, "alpha": 0.6, "edgecolor": "none", "pad": 0.6})
        axes.add_artist(text)
        extent = text.get_window_extent()
        courses = [
            (line - low) * per_unit
            for course in _courses(lines.get_paths()[rank])
            for line in _inside(course, scene.view)
        ]
        size = extent.width, extent.height
        places = [place for course in courses for place in _places(course, size, contour, layout)]
        best = next(
            (
                place
                for place in sorted(places, key=lambda place: place.cost)
                if all(math.dist(place.middle, other.middle) > layout.px(_APART) for other in found)
                and not any(ground.hidden(place.around(layout.px(_GAP)))[:3])
            ),
            None,
        )
        if best is None:
            text.remove()
            continue
        text.set(position=tuple(low + np.array(best.middle) / per_unit), rotation=best.turn)
        ground = replace(ground, labels=(*ground.labels, best.box))
        found.append(best)


def _number(level: float, heights: Heights) -> str:
    """Write a level as the colour bar's ticks are, to so many digits as tell it from the next line's."""
    return number(f"{float(f'{10**level:.2g}' if heights.log else f'{level - heights.base:.3g}'):g}")


def _spread(count: int) -> list[int]:
    """Return the numbers of lines, far apart first.

    >>> _spread(7)
    [3, 2, 6, 1, 5, 0, 4]
    """
    order: list[int] = []
    stride = count
    while stride > 1:
        stride = (stride + 1) // 2
        order += range(stride // 2 if stride > 1 else 0, count, stride)
    return list(dict.fromkeys([count // 2, *order]))


def _courses(path: Path) -> list[Pixels]:
    """Return the lines that a path holds, none of them smoothed."""
    vertices = np.asarray(path.vertices)
    if path.codes is None or not len(vertices):
        return [vertices]
    return np.split(vertices, np.flatnonzero(np.asarray(path.codes) == path.MOVETO)[1:])


def _inside(course: Pixels, view: Any) -> Iterator[Pixels]:
    """Yield the parts of a line inside a view."""
    (x0, x1), (y0, y1) = view
    within = np.asarray(((course >= (x0, y0)) & (course <= (x1, y1))).all(axis=1))
    for part in np.split(np.arange(len(course)), np.flatnonzero(np.diff(within)) + 1):
        if len(part) > 1 and within[part[0]]:
            yield from polylines(course[part], view)


def _places(course: Pixels, size: tuple[float, float], place: Rect, layout: Layout) -> Iterator[_Place]:
    """Yield where a number of a size can stand on a line in pixels of the plot."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(course, axis=0).T))])
    half, edge = size[0] / 2 + layout.px(2), layout.px(_EDGE)

    def spot(distance: Any) -> Pixels:
        return np.stack([np.interp(distance, along, course[:, k]) for k in (0, 1)], axis=-1)

    for middle in np.arange(2 * half, along[-1] - 2 * half, layout.px(_TRIED)).tolist():
        start, centre, end = spot([middle - half, middle, middle + half])
        straight = math.dist(start, end) / (2 * half)
        if straight < _BENT:
            continue
        turn = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
        turn = (turn + 90) % 180 - 90  # never upside down
        across, up = abs(math.cos(math.radians(turn))), abs(math.sin(math.radians(turn)))
        wide, tall = size[0] * across + size[1] * up, size[0] * up + size[1] * across
        x, y = float(centre[0]), float(centre[1])
        box = Rect(x - wide / 2, y - tall / 2, wide, tall)
        if min(box.x, box.y, place.width - box.right, place.height - box.top) < edge:
            continue
        yield _Place(abs(turn) / 90 + 20 * (1 - straight), (x, y), turn, box)
