"""Small arrows all over the contour that point downhill, by the heights of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..canvas.axes import points
from ..canvas.pens import Lines, Stroke
from ..style.colour_space import mix
from .arrow_paint import Panel
from .arrow_shapes import open_arrow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path
    from numpy.typing import NDArray

    from ...surfaces.field import Field
    from ..canvas.axes import Scaled
    from ..scenes.scene import AbstractScene
    from ..style.layout import Rect

_ZORDER = 1.5  # above the contour lines, below all that moves
_APART = 34.0  # pixels at text scale 1, as the other lengths
_LONGEST = 24.0
_LEAST = 2.0  # what would be shorter is a dot
_POWER = 1 / 3  # of the slope: losses are steep by powers of ten


def draw_downhill(axes: Axes, field: Field, scene: AbstractScene, place: Rect, ruler: Scaled) -> None:
    """Draw the arrows; where heights are not finite there is none, and where it is flat a dot.

    Args:
        axes: The contour, whose limits are the field's edges or lie within them.
        field: The heights as they are, not scaled.
        scene: Gives the colours.
        place: Where the contour is, in pixels.
        ruler: Gives the text scale.
    """
    view = (axes.get_xlim(), axes.get_ylim())
    panel = Panel.of(place, view)
    spots = grid(place, ruler.px(_APART)) / panel.per_unit + panel.low
    slopes = slope_at(field, spots)
    with np.errstate(all="ignore"):
        steep = np.hypot(slopes[:, 0], slopes[:, 1])
        known = np.isfinite(steep)
        usual = np.percentile(steep[known], 95) if known.any() else 0.0
        share = np.minimum(steep / max(usual, np.finfo(float).tiny), 1.0)
    lengths = ruler.px(_LONGEST) * share**_POWER
    ways = -panel.turned(slopes) * lengths[:, None]
    arrows, dots = [], []
    for spot, way, length in zip(spots[known], ways[known], lengths[known], strict=True):
        if length < ruler.px(_LEAST) or not np.isfinite(way).all():
            dots.append(_dot(panel, spot))
        else:
            shaft, head = (line - way / 2 for line in open_arrow(way, ruler.px(4)))
            arrows.append(panel.path(shaft, head, at=spot))
    colour = mix(scene.theme.contour, scene.theme.muted, 0.55)
    artist = Lines(axes, _ZORDER)
    artist.strokes = [
        Stroke(_joined(paths), colour, points(ruler.px(width)))
        for paths, width in ((arrows, 0.9), (dots, 2.2))
        if paths
    ]


def grid(place: Rect, apart: float) -> NDArray[np.float64]:
    """Return spots evenly over a plot, (n, 2) in its pixels, at least so far apart where there is room."""
    sides = []
    for length in (place.width, place.height):
        count = max(int(length / apart), 1)
        sides.append((np.arange(count) + 0.5) * length / count)
    return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)


def slope_at(field: Field, spots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the slope along x and y at spots (n, 2), between the field's points by straight lines.

    NaN beside heights that are not finite, and outside the field.
    """
    if min(field.z.shape) < 2:
        return np.full_like(spots, np.nan)
    z = np.where(np.isfinite(field.z), field.z, np.nan)
    with np.errstate(all="ignore"):
        along_y, along_x = np.gradient(z, field.y, field.x)
        for slope, spacing in ((along_x, np.gradient(field.x)), (along_y, np.gradient(field.y)[:, None])):
            slope[np.abs(slope * spacing) <= 1e-14 * np.abs(z)] = 0.0  # rounding
    column, right = _between(field.x, spots[:, 0])
    row, up = _between(field.y, spots[:, 1])
    found = np.empty_like(spots)
    for axis, slope in enumerate((along_x, along_y)):
        low = slope[row, column] * (1 - right) + slope[row, column + 1] * right
        high = slope[row + 1, column] * (1 - right) + slope[row + 1, column + 1] * right
        found[:, axis] = low * (1 - up) + high * up
    return found


def _between(
    values: NDArray[np.float64], at: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the number of the value below each place, and the share of the way to the next; NaN outside."""
    below = np.clip(np.searchsorted(values, at, side="right") - 1, 0, len(values) - 2)
    share = (at - values[below]) / (values[below + 1] - values[below])
    return below, np.where((at < values[0]) | (at > values[-1]), np.nan, share)


def _dot(panel: Panel, spot: NDArray[np.float64]) -> Path:
    # A line too short to see, with round ends, is a dot.
    return panel.path(np.array([[0.0, 0.0], [1e-3, 0.0]]), at=spot)


def _joined(paths: list[Path]) -> Path:
    return type(paths[0]).make_compound_path(*paths)
