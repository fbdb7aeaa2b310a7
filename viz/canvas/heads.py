"""The heads of runs: where each is in a frame, all of them seen where they meet, and no minimum hidden."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .parts import MOVING_ZORDER, Moving
from .pens import Marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..scenes.scene import AbstractScene
    from .pens import Mark

_NEAR = 0.5  # heads nearer than this many of their sizes would hide one another
_STEP, _MOST = 0.45, 3  # how much larger a head is for each that lies on it, and for how many of them
_ON_STAR = 0.9  # a head nearer to a star than this many of its sizes is hollow
_OPEN, _RING = 1.6, 1.7  # a hollow head's size, and the width of its line in widths of a full one's edge


def draw_heads(
    axes: Axes,
    scene: AbstractScene,
    marks: Sequence[Mark],
    tracks: Sequence[NDArray[np.float64]],
    stars: Sequence[tuple[float, float]],
    per_unit: tuple[float, float],
    start: tuple[float, float] | None = None,
) -> Moving:
    """Draw the head of each run.

    Args:
        axes: Where to.
        scene: Gives the row of each frame.
        marks: The marker of each run.
        tracks: Where each run is at each of its rows, (rows, 2) in data coordinates; NaN: nowhere.
        stars: Where stars are drawn, in data coordinates.
        per_unit: How many points one unit along x and y is long on the page.
        start: Where a ring stands around all heads, as they begin.
    """
    artist = Marks(axes, MOVING_ZORDER + 0.4, marks)
    spots, scale = np.array(stars, dtype=np.float64).reshape(-1, 2), np.array(per_unit)
    ring = None if start is None else np.array(start) * scale

    def update(frame: int) -> None:
        row, share = int(scene.timing.rows[frame]), float(scene.timing.shares[frame])
        places = np.array([between(track, row, share) for track in tracks]).reshape(-1, 2)
        artist.places = places
        artist.marks = tuple(meet(marks, places * scale, spots * scale, ring))

    return Moving(artist, update)


def between(path: NDArray[np.float64], row: int, share: float) -> NDArray[np.float64]:
    """Return the place (2,) on the straight way from a row of a path (rows, 2) to the next, 0 to 1.

    A path that has ended, or is nowhere at the next row, stays where it is.
    """
    here, there = path[min(row, len(path) - 1)], path[min(row + 1, len(path) - 1)]
    if not share or not np.isfinite(there).all():
        return np.asarray(here)
    return np.asarray((1 - share) * here + share * there)


def meet(
    marks: Sequence[Mark],
    places: NDArray[np.float64],
    stars: NDArray[np.float64] | None = None,
    start: NDArray[np.float64] | None = None,
) -> list[Mark]:
    """Return markers that can all be seen: larger below others, and hollow on a star.

    Args:
        marks: As they are where they are alone, in the order in which they are drawn.
        places: (n, 2) in points.
        stars: (k, 2) in points.
        start: (2,) in points: where heads are as they are, in a ring that says that all begin there.
    """
    # Plain numbers: there are few runs, and this is done in every frame.
    spots, others = places.tolist(), [] if stars is None else stars.tolist()
    ring = None if start is None else (float(start[0]), float(start[1]))
    found = []
    for number, (mark, spot) in enumerate(zip(marks, spots, strict=True)):
        near = _NEAR * mark.size
        above = min(sum(math.dist(spot, other) < near for other in spots[number + 1 :]), _MOST)
        if ring is not None and math.dist(spot, ring) < near:
            above = 0
        if any(math.dist(spot, star) < _ON_STAR * mark.size for star in others):
            width, size = _RING * mark.edge_width, (_OPEN + _STEP * above) * mark.size
            found.append(replace(mark, size=size, fill=None, edge=mark.fill or mark.edge, edge_width=width))
        else:
            found.append(replace(mark, size=(1 + _STEP * above) * mark.size) if above else mark)
    return found
