"""Paths on a relief: walked from step to step on its ground, split into what is seen and what is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.views import clip_segment
from ..scenes.paths import in_view
from .visibility import part_seen

if TYPE_CHECKING:
    from matplotlib.path import Path
    from numpy.typing import NDArray

    from .solid import Relief
    from .visibility import Horizon

_STRIDE = 0.02  # between two points of a walk, where the longer side of the floor is 2
_MOST = 200  # points between two steps


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """The path of one run on the ground of a relief, as far as it is in the view."""

    points: NDArray[np.float64]  # (n, 3); the height is NaN where the relief has none
    starts: NDArray[np.bool_]  # (n,): where the walk begins, or comes back into the view
    ends: NDArray[np.int64]  # (rows,): how many points the walk has by each row of the path
    steps: NDArray[np.float64]  # (rows, 3): where each row is; NaN outside the view

    def between(self, first: int, last: int, horizon: Horizon) -> tuple[Path, Path]:
        """Return what is seen and what is hidden of the walk between two rows of its path, on the page."""
        begin, end = (int(self.ends[min(row, len(self.ends) - 1)]) for row in (first, last))
        some = slice(max(0, begin - 1), end)
        return part_seen(self.points[some], self.starts[some], horizon)

    def at(self, row: int) -> NDArray[np.float64]:
        """Return where the run is at a row, (3,); one that has ended stays where it is."""
        step: NDArray[np.float64] = self.steps[min(row, len(self.steps) - 1)]
        return step

    def last_seen(self) -> NDArray[np.float64]:
        """Return the walk's last point that has a height, (3,); NaN where it has none."""
        known = self.points[np.isfinite(self.points[:, 2])]
        return np.array(known[-1]) if len(known) else np.full(3, np.nan)


def walk(path: NDArray[np.float64], relief: Relief, rows: int | None = None) -> Walk:
    """Lay a path on a relief.

    Args:
        path: Shape (rows, 2), in data coordinates.
        relief: Gives the view and the ground.
        rows: How many rows are walked, where it leaves the view for good.
    """
    view, kept = relief.view, path[:rows]
    low, high = np.array(view).T
    stride = _STRIDE / (2 * np.array(relief.half)) * (high - low)  # in data coordinates
    parts, starts, ends = [np.empty((0, 2))], [np.empty(0, bool)], []
    count, joined = 0, False
    if len(in_sight := kept[:1][np.isfinite(in_view(kept[:1], view)).all(axis=1)]):
        parts.append(in_sight)
        starts.append(np.array([True]))
        count, joined = 1, True
    ends.append(count)
    for row in range(1, len(kept)):
        cut = clip_segment(kept[row - 1], kept[row], view)
        if cut is None:
            joined = False
        else:
            pieces = int(np.clip(np.ceil(np.hypot(*((cut[1] - cut[0]) / stride))), 1, _MOST))
            shares = np.arange(1 if joined else 0, pieces + 1)[:, None] / pieces
            parts.append(cut[0] + shares * (cut[1] - cut[0]))
            starts.append(np.arange(len(shares)) < (not joined))
            count += len(shares)
            joined = bool((cut[1] == kept[row]).all())
        ends.append(count)
    ends.extend([count] * (len(path) - len(kept)))
    on_ground = relief.lifted(np.concatenate(parts))
    steps = np.full((len(path), 3), np.nan)
    shown = np.isfinite(in_view(path, view)).all(axis=1)
    steps[shown] = relief.lifted(path[shown])
    return Walk(on_ground, np.concatenate(starts), np.array(ends), steps)


def apart(steps: NDArray[np.float64], distance: float) -> NDArray[np.int64]:
    """Return the rows of steps (rows, 3) that are farther than a distance from the steps before and after.

    The first step, which has a mark of its own, is not among them.
    """
    long = np.concatenate([[True], np.linalg.norm(np.diff(steps, axis=0), axis=1) >= distance, [True]])
    found: NDArray[np.int64] = np.flatnonzero(long[:-1] & long[1:] & np.isfinite(steps).all(axis=1))
    return found[found > 0]
