"""Arrows at each head: what the optimizer is handed, what it holds, and where it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.views import clip_segment
from ..canvas.parts import MOVING_ZORDER, Moving
from ..scenes.arrow_kinds import ARROWS, BY_RATIO, TO_SCALE
from ..scenes.arrow_vectors import vectors_of
from ..scenes.paths import fence
from .arrow_paint import Brush, Panel, hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..canvas.pens import Shape, Stroke
    from ..scenes.scene import Scene
    from ..style.layout import Rect

    Array = NDArray[np.float64]

_HIGHEST = 0.08  # above comets; stars and heads lie above all arrows, so that none hides a minimum
_LONGEST = 46.0  # pixels at text scale 1, from the head's middle
_LEAST = 2.0  # likewise: a shorter one could not be told from a dot, and is not drawn
_REACH = 22.0  # the longer semi-axis of an ellipse, likewise


def draw_arrows(axes: Axes, scene: Scene, place: Rect, ruler: Scaled) -> list[Moving]:
    """Draw what is wished for at each head that is in the view, and return it.

    Args:
        axes: The contour, whose limits are the recording's view.
        scene: Says which arrows.
        place: Where the contour is, in pixels.
        ruler: Gives the text scale.
    """
    panel = Panel.of(place, scene.view)
    return [
        _moving(axes, scene, Brush.of(name, panel, scene.theme, ruler), name)
        for name in reversed(ARROWS)
        if name in scene.arrows
    ]


def height_of(name: str) -> float:
    """Return how high a kind of arrow lies above what else moves."""
    return _HIGHEST * (1 - list(ARROWS).index(name) / len(ARROWS))


def _moving(axes: Axes, scene: Scene, brush: Brush, name: str) -> Moving:
    tracks = [run.shown for run in scene.runs]
    ways = ways_of(name, [vectors_of(run.trajectory, name) for run in scene.runs], tracks, scene, brush)
    least = brush.ruler.px(_LEAST)
    pen = brush.pen(axes, MOVING_ZORDER + height_of(name))

    def update(frame: int) -> None:
        row = int(scene.timing.rows[frame])
        drawn: list[Stroke | Shape] = []
        for run, track, way in zip(scene.runs, tracks, ways, strict=True):
            at = run.row(row)
            if np.isfinite(track[at]).all() and np.isfinite(way[at]).all() and np.hypot(*way[at]) > least:
                drawn += brush.drawn(track[at], way[at], run.style.colour, run.number)
        hold(pen, drawn)

    return Moving(pen, update)


def ways_of(
    name: str, vectors: Sequence[Array], tracks: Sequence[Array], scene: Scene, brush: Brush
) -> list[Array]:
    """Return what is drawn at each row of each run, (rows, 2) in pixels; NaN for nothing."""
    px, panel, length = brush.ruler.px, brush.panel, ARROWS[name].length
    if length == TO_SCALE:
        return [_cut(track, way, scene, panel) for track, way in zip(tracks, vectors, strict=True)]
    if length == BY_RATIO:
        return [way / way.max(axis=1, keepdims=True) * px(_REACH) for way in vectors]
    full = largest(vectors, tracks)
    return [panel.turned(way) * lengths_of(way, full, px(_LONGEST))[:, None] for way in vectors]


def largest(vectors: Sequence[Array], tracks: Sequence[Array]) -> float:
    """Return the size of the largest vector of all runs in sight; one scale makes runs comparable.

    Args:
        vectors: Of each run, (rows, 2) in data coordinates.
        tracks: Where each run is, (rows, 2), NaN where it is out of sight.
    """
    most = 0.0
    for way, track in zip(vectors, tracks, strict=True):
        with np.errstate(over="ignore"):
            sizes = np.hypot(way[:, 0], way[:, 1])
        most = max(most, sizes[np.isfinite(sizes) & np.isfinite(track).all(axis=1)].max(initial=0.0))
    return most


def lengths_of(vectors: Array, full: float, longest: float) -> Array:
    """Return how long arrows (rows, 2) are drawn: by the square root of their size, down to nothing.

    Args:
        vectors: In data coordinates; NaN or 0 for none.
        full: The size that is drawn as the longest.
        longest: The length of that in pixels.
    """
    with np.errstate(all="ignore"):
        share = np.sqrt(np.hypot(vectors[:, 0], vectors[:, 1]) / max(full, np.finfo(float).tiny))
    return np.asarray(longest * np.minimum(share, 1.0))


def _cut(track: Array, ways: Array, scene: Scene, panel: Panel) -> Array:
    """Return steps (rows, 2) in pixels, cut well outside the view, where the renderer can still reckon."""
    found = np.full_like(ways, np.nan)
    box = fence(scene.view)
    for row in np.flatnonzero(np.isfinite(track).all(axis=1) & np.isfinite(ways).all(axis=1)):
        with np.errstate(over="ignore"):
            cut = clip_segment(track[row], track[row] + ways[row], box)
        if cut is not None:
            found[row] = (cut[1] - track[row]) * panel.per_unit
    return found
