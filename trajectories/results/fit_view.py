"""Which part of a view the runs of a recording are in. NumPy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.surface import width_of
from ...surfaces.views import fit_box
from .trajectory import exit_step, outside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ...surfaces.surface import Box, Minimum
    from .trajectory import Trajectory

_NEAR = 1.0  # a minimum is where the runs go when it is this many of their extents from where one ended


def fit_view(runs: Sequence[Trajectory], minima: Sequence[Minimum], view: Box) -> Box | None:
    """Return the box that holds what runs do inside a view, and the known minima that they come near.

    None where it is not much smaller than the view, and where no run is in it. Every point of a run that lies
    in the view lies in the box, and so does the place where it left: who leaves the box leaves the view.
    """
    paths = [seen for run in runs if len(seen := _seen(run.points, view))]
    if not paths:
        return None
    points = np.concatenate(paths)
    unit = np.ones(2) if width_of(view)[1] else np.ptp(np.array(view), axis=1)
    reach = _NEAR * float((np.ptp(points, axis=0) / unit).max())
    places = np.array([minimum.point for minimum in minima]).reshape(-1, 2)
    near = [
        places[np.argmin(apart)]
        for path in paths
        if len(places) and (apart := np.hypot(*((places - path[-1]) / unit).T)).min() <= reach
    ]
    return fit_box(np.concatenate([points, *(place[None] for place in near)]), view)


def _seen(points: NDArray[np.float64], view: Box) -> NDArray[np.float64]:
    """Return what a picture of the view shows of a path: its points inside, and where it crosses the border.

    A step across the border ends there: its end beyond is moved to the nearest place in the view.
    """
    left = exit_step(points, view)
    kept = points if left is None else points[: left + 1]
    inside = ~outside(kept, view)
    if not inside.any():
        return np.empty((0, 2))
    # A step from or to a point outside is drawn up to the border.
    drawn = inside.copy()
    drawn[1:] |= inside[:-1]
    drawn[:-1] |= inside[1:]
    drawn &= np.isfinite(kept).all(axis=1)
    low, high = np.array(view).T
    return np.clip(kept[drawn], low, high)
