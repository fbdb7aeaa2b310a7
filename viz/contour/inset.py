"""A small map of the whole view in a corner of the contour, with a frame around the part that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from ...surfaces.surface import inside, width_of
from ..canvas.axes import points
from ..style.heights import scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ...surfaces.surface import Box
    from ..scenes.scene import Scene
    from ..style.layout import Layout

_SHARE = 0.24  # the map's longer side, in the contour's shorter
_SMALLEST = 56.0  # pixels
_GAP = 7.0  # between the map and the contour's edges, in pixels at text scale 1
# Above the heights and their lines; below all that grows and moves, so that the map hides no run.
_ZORDER = 2.0


def draw_inset(axes: Axes, scene: Scene, layout: Layout) -> None:
    """Draw the whole view small, where the fewest steps of the runs are; nothing on a small contour."""
    (x0, x1), (y0, y1) = scene.view
    place = _corner(scene, layout)
    if place is None:
        return
    left, bottom, wide, high = place
    whole = scene.recording.view
    low, sides = np.array(whole)[:, 0], np.ptp(np.array(whole), axis=1)

    def placed(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        return left + (x - low[0]) / sides[0] * wide, bottom + (y - low[1]) / sides[1] * high

    field, theme = scene.recording.field, scene.theme
    minima = scene.recording.minima
    heights = scale(field, minima[0].value if minima else None, scene.heights)
    colours = LinearSegmentedColormap.from_list("heights", theme.heights)
    # The page's colour around the map parts it from the contour, which may have the same colours there.
    rim = points(layout.px(2.6))
    box = {"xy": (left, bottom), "width": wide, "height": high}
    axes.add_patch(
        Rectangle(**box, facecolor=theme.background, edgecolor=theme.background, lw=rim, zorder=_ZORDER)
    )
    x, y = placed(field.x, field.y)
    z = np.ma.masked_invalid(heights.values)
    axes.contourf(x, y, z, levels=heights.levels, cmap=colours, zorder=_ZORDER + 0.1, extend="both")
    edge = {"facecolor": "none", "edgecolor": theme.text}
    axes.add_patch(Rectangle(**box, **edge, linewidth=points(layout.px(0.8)), zorder=_ZORDER + 0.2))
    shown = [minimum.point for minimum in minima if inside(minimum.point, whole)]
    if shown:
        axes.plot(
            *placed(*np.array(shown).T),
            linestyle="none",
            marker="*",
            markersize=points(layout.px(5.5)),
            markerfacecolor=theme.background,
            markeredgecolor=theme.marks,
            markeredgewidth=points(layout.px(0.7)),
            zorder=_ZORDER + 0.3,
        )
    (a, b), (c, d) = placed(np.array([x0, x1]), np.array([y0, y1]))
    axes.add_patch(
        Rectangle((a, c), b - a, d - c, **edge, linewidth=points(layout.px(1.4)), zorder=_ZORDER + 0.4)
    )


def _corner(scene: Scene, layout: Layout) -> tuple[float, float, float, float] | None:
    """Return left, bottom, width and height of the map in data coordinates; None where it has no room."""
    (x0, x1), (y0, y1) = scene.view
    size = np.array([layout.contour.width, layout.contour.height])
    longer = max(_SHARE * float(size.min()), _SMALLEST)
    if longer > 0.4 * size.min():
        return None
    shape, to_scale = width_of(scene.recording.view)
    shape = shape if to_scale else 1.0
    sides = np.array([longer * min(1.0, shape), longer / max(1.0, shape)])
    low, per_pixel = np.array([x0, y0]), np.array([x1 - x0, y1 - y0]) / size
    gap = layout.px(_GAP)
    spots = (np.concatenate([run.path for run in scene.runs]) - low) / per_pixel
    marks = [(np.array(place) - low) / per_pixel for place in _landmarks(scene, scene.view)]

    def hidden(corner: NDArray[np.float64]) -> float:
        begin, end = corner - gap, corner + sides + gap
        inside_it = ((spots >= begin) & (spots <= end)).all(axis=1).mean()
        return float(inside_it) + sum(float(((mark >= begin) & (mark <= end)).all()) for mark in marks)

    # The upper corners first: labels of runs that end lower are read from left to right.
    ups, rights = size - sides - gap, np.array([gap, gap])
    corners = [np.array([ups[0], ups[1]]), np.array([rights[0], ups[1]])]
    corners += [np.array([ups[0], rights[1]]), np.array([rights[0], rights[1]])]
    best = min(corners, key=hidden)
    begin, extent = low + best * per_pixel, sides * per_pixel
    return float(begin[0]), float(begin[1]), float(extent[0]), float(extent[1])


def _landmarks(scene: Scene, view: Box) -> list[tuple[float, float]]:
    places = [minimum.point for minimum in scene.recording.minima] + [scene.recording.recipe.start]
    return [place for place in places if inside(place, view)]
