"""The lines on a relief: its contour lines, its rim and the edges of its walls, without what is hidden."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path

from ..canvas.axes import points
from ..canvas.pens import Stroke
from ..style.colour_space import mix
from .visibility import part_seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..style.themes import Theme
    from .camera import Camera
    from .solid import Relief
    from .visibility import Horizon


class Outlines:
    """The contour lines of a relief, its rim and the edges of its walls, as strokes from any side."""

    def __init__(
        self, relief: Relief, axes: Axes, levels: NDArray[np.float64], theme: Theme, ruler: Scaled
    ) -> None:
        self._relief, self._theme, self._unit = relief, theme, points(ruler.px(1))
        self._contours = _joined(_level_lines(relief, axes, levels))
        self._rim = _joined(_rim(relief))

    def strokes(self, horizon: Horizon) -> tuple[Stroke, ...]:
        """Return what is seen of all lines."""
        theme = self._theme
        quiet = mix(theme.contour, theme.heights[len(theme.heights) // 2], 0.5)
        edges = [horizon.camera.project(edge) for edge in _wall_edges(self._relief, horizon.camera)]
        return (
            Stroke(part_seen(*self._contours, horizon)[0], quiet, 0.6 * self._unit),
            Stroke(part_seen(*self._rim, horizon)[0], theme.frame, 0.9 * self._unit),
            *(Stroke(Path(edge), theme.frame, 0.9 * self._unit) for edge in edges),
        )


def _joined(lines: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the points (n, 3) of all lines, and where each begins (n,)."""
    starts = [np.arange(len(line)) == 0 for line in lines]
    return np.concatenate([np.empty((0, 3)), *lines]), np.concatenate([np.empty(0, bool), *starts])


def _grid(relief: Relief) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, columns = relief.z.shape
    (a, b) = relief.half
    return np.linspace(-a, a, columns), np.linspace(-b, b, rows)


def _level_lines(relief: Relief, axes: Axes, levels: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the lines of equal height, (n, 3) each.

    Args:
        relief: What has them.
        axes: Any; nothing is left on it.
        levels: The heights, between 0 and TALL.
    """
    if not levels.size:
        return []
    drawn = axes.contour(*_grid(relief), np.ma.masked_invalid(relief.z), levels=levels)
    lines = [
        np.column_stack([line, np.full(len(line), level)])
        for path, level in zip(drawn.get_paths(), levels, strict=True)
        for line in np.split(path.vertices, np.flatnonzero(path.codes == Path.MOVETO)[1:])
    ]
    drawn.remove()
    return lines


def _rim(relief: Relief) -> list[NDArray[np.float64]]:
    x, y = _grid(relief)
    z = relief.z.astype(float)
    sides = [
        np.column_stack([x, np.full_like(x, side), height]) for side, height in ((y[0], z[0]), (y[-1], z[-1]))
    ]
    sides += [
        np.column_stack([np.full_like(y, side), y, height])
        for side, height in ((x[0], z[:, 0]), (x[-1], z[:, -1]))
    ]
    return sides


def front_corner(relief: Relief, camera: Camera) -> tuple[float, float]:
    """Return the corner of the floor that is nearest to the camera."""
    x, y = camera.towards
    return math.copysign(relief.half[0], x), math.copysign(relief.half[1], y)


def _wall_edges(relief: Relief, camera: Camera) -> list[NDArray[np.float64]]:
    """Return the edges of the two walls in front but for their rim, (2, 3) each."""
    x, y = front_corner(relief, camera)
    corners = [(-x, y), (x, y), (x, -y)]
    floor = [np.array([[*a, 0.0], [*b, 0.0]]) for a, b in pairwise(corners)]
    heights = [float(relief.at(np.array(a), np.array(b))) for a, b in corners]
    upright = [
        np.array([[*corner, 0.0], [*corner, height]])
        for corner, height in zip(corners, heights, strict=True)
        if math.isfinite(height)
    ]
    return floor + upright
