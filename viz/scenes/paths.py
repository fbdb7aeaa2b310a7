"""Paths as pieces: what each frame adds to a trail, cut where it leaves the picture by far."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.views import clip_segment
from ...trajectories.results.trajectory import outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ...surfaces.surface import Box


def fence(view: Box) -> Box:
    """Return the view with its own size added on every side: lines are cut there, well out of sight.

    Coordinates far beyond it (1e200, say) would overflow in the renderer.
    """
    (x0, x1), (y0, y1) = view
    return (x0 - (x1 - x0), x1 + (x1 - x0)), (y0 - (y1 - y0), y1 + (y1 - y0))


def crossing(points: NDArray[np.float64], step: int, view: Box) -> NDArray[np.float64] | None:
    """Return where the step that ends at ``points[step]`` crosses the border of the view, shape (2,).

    The step before must be inside; a step to infinity crosses in the direction it went, if that is known.
    """
    start, end = points[step - 1], points[step]
    if not np.isfinite(end).all():
        return None
    cut = clip_segment(start, end, view)
    return None if cut is None else cut[1]


def in_view(points: NDArray[np.float64], view: Box) -> NDArray[np.float64]:
    """Return points (..., 2) with NaN, which is not drawn, for those outside the view."""
    return np.where(outside(points, view)[..., None], np.nan, points)


def polylines(points: NDArray[np.float64], box: Box) -> Iterator[NDArray[np.float64]]:
    """Yield the parts of a path inside a box, each of shape (n, 2) with n >= 2."""
    (x0, x1), (y0, y1) = box
    if ((points >= (x0, y0)) & (points <= (x1, y1))).all():
        if len(points) > 1:
            yield points
        return
    for start, end in pairwise(points):
        cut = clip_segment(start, end, box)
        if cut is not None:
            yield np.array(cut)
