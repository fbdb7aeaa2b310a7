"""The small part of a view in which the later half of an animation happens, for a lens to magnify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...surfaces.surface import Box, Minimum
    from .runs import SceneRun
    from .timing import Timing

LEAST = 4.0  # times: a lens that magnifies less shows little more
_MARGIN = 0.3  # of the part's side, beside what happens in it
_SEEN = 0.15  # of the part's side: what happens must be so large in it
_CELLS = 24  # points of the heights that the part must have along each side


def late_part(
    runs: Sequence[SceneRun],
    minima: Sequence[Minimum],
    view: Box,
    timing: Timing,
    resolution: tuple[int, int],
) -> Box | None:
    """Return the part of a view that holds what runs do in the later half of the frames, and minima near it.

    None where it is more than a quarter of the view along x or y, or where runs no longer move in it. It has
    the view's proportions, and no fewer points of the heights than are needed to show lines of equal height.

    Args:
        runs: The runs; those that have left do not count.
        minima: The known minima.
        view: What the contour shows.
        timing: Which rows the frames show.
        resolution: How many points the heights have along x and y.
    """
    half, last = int(timing.rows[len(timing.rows) // 2]), int(timing.rows[-1])
    late = [
        points[run.inside[run.row(half) : run.row(last) + 1]]
        for run in runs
        if run.inside[run.row(last)]
        for points in [run.trajectory.points[run.row(half) : run.row(last) + 1]]
    ]
    if not late:
        return None
    low, high = np.array(view).T
    shares = (np.concatenate(late) - low) / (high - low)
    # A minimum belongs to it that is no farther from where a run ends than what happens is wide.
    reach = float(np.ptp(shares, axis=0).max())
    stars = (np.array([minimum.point for minimum in minima]).reshape(-1, 2) - low) / (high - low)
    final = (np.array([points[-1] for points in late if len(points)]) - low) / (high - low)
    near = np.abs(stars[:, None] - final[None]).max(axis=-1).min(axis=1) <= reach
    shares = np.concatenate([shares, stars[near]])
    ends = np.array([shares.min(axis=0), shares.max(axis=0)])
    side = max(float(np.ptp(ends, axis=0).max()) * (1 + _MARGIN), _CELLS / (min(resolution) - 1))
    if side > 1 / LEAST or reach < _SEEN * side:
        return None
    begin = np.clip(ends.mean(axis=0) - side / 2, 0.0, 1.0 - side)
    (x0, y0), (x1, y1) = (low + begin * (high - low)).tolist(), (low + (begin + side) * (high - low)).tolist()
    return (x0, x1), (y0, y1)
