"""Which steps of a recording tell its story in a few pictures."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.views import clip_segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...surfaces.surface import Box
    from ...trajectories.results.recording import Recording


def key_rows(recording: Recording, count: int) -> list[int]:
    """Return which rows of the longest trajectory to show: the first, the last, and some between.

    From each to the next the runs come about equally far: by even shares of their ways, in the mean.

    Args:
        recording: What is shown; its steps between kept ones cannot be.
        count: How many; fewer where fewer rows were kept.
    """
    last = len(recording.kept) - 1
    count = min(count, last + 1)
    if count < 2:
        return [0]
    done = progress(recording)
    rows = [0]
    for number in range(1, count - 1):
        free = np.arange(rows[-1] + 1, last - (count - 2 - number))  # as many must be left for those to come
        rows.append(int(free[np.argmin(np.abs(done[free] - done[last] * number / (count - 1)))]))
    return [*rows, last]


def progress(recording: Recording) -> NDArray[np.float64]:
    """Return which share of their ways the runs have gone at each row of the longest, (rows,), from 0 up.

    Runs that never move inside the view do not count; where none does, all rows count alike.
    """
    rows = np.arange(len(recording.kept))
    shares = []
    for run in recording.trajectories:
        way = travelled(run.points, recording.view)
        if way[-1] > 0:
            shares.append(way[np.minimum(rows, len(way) - 1)] / way[-1])
    done: NDArray[np.float64] = np.mean(shares, axis=0) if shares else rows / max(rows[-1], 1)
    return done


def travelled(points: NDArray[np.float64], view: Box) -> NDArray[np.float64]:
    """Return how far a path (rows, 2) has come inside the view at each row, (rows,), in widths of the view.

    Steps from or to where a point is not finite count nothing.
    """
    size = np.ptp(np.asarray(view), axis=1)
    lengths = [0.0]
    for start, end in pairwise(points):
        cut = clip_segment(start, end, view)
        lengths.append(0.0 if cut is None else float(np.hypot(*((cut[1] - cut[0]) / size))))
    return np.cumsum(np.array(lengths))
