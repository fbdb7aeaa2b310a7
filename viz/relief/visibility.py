"""What of a relief can be seen, and which points on it are hidden behind it.

Along a ray on the floor away from the camera, the relief is seen where it stands higher on the page than all
of it that is nearer. The highest so far is worked out once, for many columns of the page and many places
along the ray of each. From this table the relief is painted and every point's visibility is read, so that the
two agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.path import Path
    from numpy.typing import NDArray

    from .camera import Camera
    from .solid import Relief, Single

# Pixels by which the relief must stand above a point to hide it. Between the table's columns and places the
# highest so far is interpolated, which on the steepest slopes is right to about a pixel.
TOLERANCE = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Horizon:
    """How high on the page a relief reaches, along a ray away from the camera in each column of the page.

    Place 0 of a ray is on the floor, at the relief's front; the others lie on the relief from front to back.
    """

    camera: Camera
    density: int  # columns a pixel
    first: int  # the number of the first column that meets the relief; the page's leftmost is 0
    near: Single  # (C,): how far away each column's ray meets the relief
    far: Single  # (C,): and leaves it
    x: Single  # (S, C): each place on the floor but the first
    y: Single  # (S, C)
    z: Single  # (S, C): its height; NaN where the relief has none
    page: (
        Single  # (S + 1, C): how high on the page each place is, in pixels; the floor where it has no height
    )
    highest: Single  # (S + 1, C): the highest of a place and those before it

    def clearance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return by how many pixels the relief in front of points (n, 3) stands above them on the page, (n,).

        Nothing stands before points beside the relief, and before those nearer than all of it: -inf.
        """
        spots = self.camera.project(points)
        away = self.camera.away(points)
        places, columns = self.highest.shape
        across = spots[:, 0] * self.density - 0.5 - self.first
        left = np.clip(across, 0, columns - 1).astype(np.int64)
        right = np.minimum(left + 1, columns - 1)
        free: NDArray[np.bool_] = (across < -1) | (across > columns)
        free |= away < np.minimum(self.near[left], self.near[right]) - 1e-4
        above = np.zeros(len(points))
        share = np.clip(across - left, 0, 1)
        for column, weight in ((left, 1 - share), (right, share)):
            depth = np.maximum(self.far[column] - self.near[column], 1e-9)
            along = np.clip((away - self.near[column]) / depth * (places - 2), -1, places - 2)
            above += weight * self.highest[np.floor(along).astype(np.int64) + 1, column]
        return np.where(free, -np.inf, above - spots[:, 1])

    def hides(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say for each point (n, 3) whether it is hidden behind the relief; one without a place is not."""
        known: NDArray[np.bool_] = np.asarray(np.isfinite(points).all(axis=-1))
        return known & (self.clearance(np.where(known[:, None], points, 0.0)) > TOLERANCE)


def survey(relief: Relief, camera: Camera, width: float, density: int = 1, places: int = 220) -> Horizon:
    """Work out the horizon of a relief for a page.

    Args:
        relief: What is looked at.
        camera: Where from; its scale and centre are in pixels of the page.
        width: The width of the page in pixels.
        density: Columns a pixel.
        places: How many places along each ray are looked at.
    """
    (right_x, right_y), (towards_x, towards_y) = camera.right, camera.towards
    columns = np.arange(round(width * density))
    across = ((columns + 0.5) / density - camera.centre[0]) / camera.scale
    near, far = np.full(len(columns), -np.inf), np.full(len(columns), np.inf)
    # The part of each ray that is above the floor: within both pairs of its sides.
    for begin, step, side in (
        (across * right_x, -towards_x, relief.half[0]),
        (across * right_y, -towards_y, relief.half[1]),
    ):
        if abs(step) < 1e-9:
            near[np.abs(begin) > side] = np.inf
            continue
        ends = np.stack([(-side - begin) / step, (side - begin) / step])
        near, far = np.maximum(near, ends.min(axis=0)), np.minimum(far, ends.max(axis=0))
    met = np.flatnonzero(near < far)
    start, near_by, far_off = (each[met].astype(np.float32) for each in (across, near, far))
    away = near_by + np.linspace(0, 1, places, dtype=np.float32)[:, None] * (far_off - near_by)
    x = start * np.float32(right_x) - away * np.float32(towards_x)
    y = start * np.float32(right_y) - away * np.float32(towards_y)
    z = relief.at(x, y).astype(np.float32)
    tall, deep = camera.rise
    floor = np.float32(camera.centre[1]) + np.float32(deep) * away
    page = np.concatenate([floor[:1], floor + np.float32(tall) * np.nan_to_num(z)])
    first = int(met[0]) if met.size else 0
    return Horizon(
        camera, density, first, near_by, far_off, x, y, z, page, np.maximum.accumulate(page, axis=0)
    )


def part_seen(points: NDArray[np.float64], starts: NDArray[np.bool_], horizon: Horizon) -> tuple[Path, Path]:
    """Split lines on a relief into what is seen and what is hidden, each one path on the page.

    Args:
        points: Shape (n, 3); those whose height is NaN are left out.
        starts: Shape (n,): where a line begins that is not joined to the point before.
        horizon: Says what is hidden.
    """
    known = np.isfinite(points[:, 2])
    # The point after a gap begins a line.
    begins = starts | np.concatenate([[True], ~known[:-1]])
    points, begins = points[known], begins[known]
    spots = horizon.camera.project(points)
    over = horizon.clearance(points) - TOLERANCE
    # Where the sign changes on a line, it is cut: the clearance is continuous, so that is where it is zero.
    hidden = over > 0
    both = np.isfinite(over[1:]) & np.isfinite(over[:-1])
    cuts = np.flatnonzero((hidden[1:] != hidden[:-1]) & ~begins[1:] & both) + 1
    share = (over[cuts - 1] / (over[cuts - 1] - over[cuts]))[:, None]
    between = spots[cuts - 1] + share * (spots[cuts] - spots[cuts - 1])
    spots, begins = np.insert(spots, cuts, between, axis=0), np.insert(begins, cuts, False)
    # A segment is hidden when the end of it that is no cut is.
    owner = np.insert(hidden, cuts, hidden[cuts - 1])
    return _drawn(spots, ~begins & ~owner), _drawn(spots, ~begins & owner)


def _drawn(spots: NDArray[np.float64], segments: NDArray[np.bool_]) -> Path:
    """Return a path (n, 2) with only the segments that end at the points chosen (n,)."""
    from matplotlib.path import Path

    used = segments | np.concatenate([segments[1:], [False]]) if segments.size else segments
    codes = np.where(segments, Path.LINETO, Path.MOVETO).astype(Path.code_type)
    return Path(spots[used], codes[used]) if used.any() else Path(np.empty((0, 2)))
