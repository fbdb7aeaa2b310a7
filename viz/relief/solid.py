"""A relief: a field's heights as a solid block that is looked at from the side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...surfaces.field import Field
    from ...surfaces.surface import Box
    from ..style.heights import Heights

    Single = NDArray[np.float32]

TALL = 0.8  # how high the highest point is; the longer side of the floor is 2
_CELLS = 256  # a side; finer fields are drawn with so many, which is finer than the pixels of most pages
_LONGEST = 2.0  # the floor's longer side, in shorter sides, whatever the view's is


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """Heights above a floor, on a grid of equal cells; the middle of the floor is the origin."""

    z: Single  # (H, W): 0 at the lowest height drawn, TALL at the highest; NaN where there is none
    half: tuple[float, float]  # half the floor's sides along x and y; the longer is 1
    view: Box  # what the floor is in data coordinates

    def on_floor(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where points (..., 2) in data coordinates are on the floor, (..., 2)."""
        low, high = np.array(self.view, dtype=np.float64).T
        floor: NDArray[np.float64] = ((points - low) / (high - low) * 2 - 1) * np.array(self.half)
        return floor

    def at(self, x: NDArray[Any], y: NDArray[Any], values: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the height at places on the floor; NaN where a corner of their cell has none.

        Between the grid's points heights are bilinear; beyond the floor they are those of its border.

        Args:
            x: Any shape.
            y: Of the same shape.
            values: Something else at the grid's points, (H, W), to look up in place of the height.
        """
        rows, columns = self.z.shape
        across = np.clip((x + self.half[0]) * ((columns - 1) / (2 * self.half[0])), 0, columns - 1)
        up = np.clip((y + self.half[1]) * ((rows - 1) / (2 * self.half[1])), 0, rows - 1)
        return interpolate(self.z if values is None else values, across, up)

    def lifted(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points (..., 2) in data coordinates as points on the relief, (..., 3)."""
        floor = self.on_floor(points)
        return np.concatenate([floor, self.at(floor[..., 0], floor[..., 1])[..., None]], axis=-1)


def interpolate(values: NDArray[Any], across: NDArray[Any], up: NDArray[Any]) -> NDArray[Any]:
    """Interpolate bilinearly between an array's points.

    Args:
        values: Shape (H, W).
        across: Fractional column numbers within the array, any shape.
        up: Fractional row numbers, of the same shape.

    >>> interpolate(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([0.5]), np.array([1.0])).tolist()
    [2.5]
    """
    rows, columns = values.shape
    left = np.minimum(across.astype(np.int32), columns - 2)
    low = np.minimum(up.astype(np.int32), rows - 2)
    right_share, upper_share = across - left, up - low
    flat, corner = values.ravel(), low * columns + left
    lower, upper = flat.take(corner), flat.take(corner + columns)
    lower = lower + right_share * (flat.take(corner + 1) - lower)
    upper = upper + right_share * (flat.take(corner + columns + 1) - upper)
    found: NDArray[Any] = lower + upper_share * (upper - lower)
    return found


def carve(field: Field, heights: Heights, view: Box) -> Relief:
    """Make a relief of a field's heights as they are scaled for drawing.

    Args:
        field: Gives the places of the heights.
        heights: What the field's heights are drawn as, and between which levels.
        view: What is shown.
    """
    low, high = heights.levels[[0, -1]]
    (x0, x1), (y0, y1) = view
    columns, rows = (int(min(axis.size, _CELLS)) for axis in (field.x, field.y))
    across = np.interp(np.linspace(x0, x1, columns), field.x, np.arange(field.x.size, dtype=float))
    up = np.interp(np.linspace(y0, y1, rows), field.y, np.arange(field.y.size, dtype=float))
    sampled = interpolate(heights.values, *np.meshgrid(across, up))
    z = np.clip((sampled - low) / (high - low), 0, 1) * TALL
    shape = float(np.clip((x1 - x0) / (y1 - y0), 1 / _LONGEST, _LONGEST))
    return Relief(z.astype(np.float32), (min(1.0, shape), min(1.0, 1 / shape)), view)


def normals(relief: Relief) -> Single:
    """Return the upward unit normals of a relief at its grid's points, (H, W, 3); NaN beside gaps."""
    rows, columns = relief.z.shape
    up, across = np.gradient(relief.z, 2 * relief.half[1] / (rows - 1), 2 * relief.half[0] / (columns - 1))
    vectors = np.stack([-across, -up, np.ones_like(relief.z)], axis=-1)
    unit: Single = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
    return unit
