"""Boxes to look at: one that fits what happened, within one that holds everything. NumPy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .surface import width_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .surface import Box

_MARGIN = 0.12  # of the longer extent, on each side
_SLIMMEST = 0.9  # the shorter side of a fitted box, in longer sides
_SMALLEST = 0.02  # the longer side of a fitted box, in sides of the whole
_GAIN = 0.55  # a box with more than this share of the whole's area gains nothing


def fit_box(points: NDArray[np.float64], whole: Box) -> Box | None:
    """Return a box within the whole that holds points with a margin; None where it would gain little.

    Its sides are of one scale where the whole is drawn to one, and in the proportion of the whole's sides
    otherwise; the shorter is at least nine tenths of the longer, so that a path along an axis has a landscape
    around it.

    Args:
        points: Shape (n, 2); those outside the whole do not count.
        whole: The box to look at when nothing is fitted.

    >>> fit_box(np.array([(0.0, 0.0), (1.0, 0.0)]), ((-10.0, 10.0), (-10.0, 10.0)))
    ((-0.12, 1.12), (-0.558, 0.558))
    """
    low, high = np.array(whole, dtype=np.float64).T
    points = points[((points >= low) & (points <= high)).all(axis=1)]
    if not len(points):
        return None
    sides = high - low
    unit = np.ones(2) if width_of(whole)[1] else sides
    ends = np.array([points.min(axis=0), points.max(axis=0)])
    extents = np.ptp(ends, axis=0) / unit
    longest = max(float(extents.max()) * (1 + 2 * _MARGIN), _SMALLEST * float((sides / unit).max()))
    wanted = np.maximum(extents + 2 * _MARGIN * float(extents.max()), _SLIMMEST * longest)
    wanted[np.argmax(extents)] = longest
    wanted *= unit
    wanted = np.minimum(wanted, sides)
    if np.prod(wanted / sides) > _GAIN:
        return None
    begin = np.clip(ends.mean(axis=0) - wanted / 2, low, high - wanted)
    (x0, y0), (x1, y1) = begin.tolist(), (begin + wanted).tolist()
    return (x0, x1), (y0, y1)


def clip_segment(
    start: NDArray[np.float64], end: NDArray[np.float64], box: Box
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Cut a segment to a box; None when no part of it is inside or an end is not finite.

    Args:
        start: Shape (2,).
        end: Shape (2,).
        box: ((x0, x1), (y0, y1)).

    References:
        Y. Liang and B. Barsky, A new concept and method for line clipping, doi:10.1145/357332.357333
    """
    if not (np.isfinite(start).all() and np.isfinite(end).all()):
        return None
    enter, leave = 0.0, 1.0
    # Halves, because the difference of two huge coordinates may overflow.
    half = end / 2 - start / 2
    for axis, (low, high) in enumerate(box):
        if half[axis] == 0:
            if not low <= start[axis] <= high:
                return None
            continue
        with np.errstate(over="ignore"):  # a step that hardly moves: the border is infinitely many away
            near, far = sorted((bound / 2 - start[axis] / 2) / half[axis] for bound in (low, high))
        enter, leave = max(enter, near), min(leave, far)
    if enter > leave:
        return None
    return (
        start if enter == 0.0 else start + 2 * half * enter,
        end if leave == 1.0 else start + 2 * half * leave,
    )
