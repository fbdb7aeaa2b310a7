"""Arrows at each head: what the optimizer is handed, what it holds, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.views import clip_segment
from ..canvas.axes import points
from ..canvas.parts import MOVING_ZORDER, Moving, mix
from ..canvas.pens import Lines, Shape, Shapes, Stroke
from ..scenes.arrow_vectors import ADAM, GRADIENT, MOMENTUM, STEP, VECTORS
from ..scenes.paths import fence, in_view
from .arrow_shapes import Panel, block_arrow, ellipse, open_arrow

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.layout import Rect
    from ..style.themes import Theme

# From below to above: trails and comets lie below all, and heads above.
_HEIGHTS = {ADAM: 0.20, MOMENTUM: 0.22, STEP: 0.24, GRADIENT: 0.26}
_SHORTEST, _LONGEST = 16.0, 46.0  # pixels at text scale 1, from the head's middle
_REACH = 22.0  # the longer semi-axis of an ellipse, likewise


@dataclass(frozen=True, slots=True)
class Looks:
    """How the arrows of one kind and one colour are drawn; lengths in pixels."""

    panel: Panel
    theme: Theme
    ruler: Scaled

    def gradient(self, at: NDArray[np.float64], way: NDArray[np.float64]) -> tuple[Stroke, ...]:
        """Return a thin open arrow on a seam in the colour of the page."""
        lines = self.panel.path(*open_arrow(way, self.ruler.px(6.5)), at=at)
        seam, width = points(self.ruler.px(3.4)), points(self.ruler.px(1.35))
        return Stroke(lines, self.theme.background, seam), Stroke(lines, self.theme.marks, width)

    def step(self, at: NDArray[np.float64], way: NDArray[np.float64], colour: str) -> Shape:
        """Return a solid arrow."""
        outline = block_arrow(way, self.ruler.px(4.4), (self.ruler.px(12), self.ruler.px(12)))
        return Shape(self.panel.path(outline, at=at, closed=True), colour, self.theme.background)

    def momentum(self, at: NDArray[np.float64], way: NDArray[np.float64], colour: str) -> Shape:
        """Return a broad hollow arrow."""
        outline = block_arrow(way, self.ruler.px(7), (self.ruler.px(10), self.ruler.px(15)))
        return Shape(
            self.panel.path(outline, at=at, closed=True), mix(colour, self.theme.background, 0.72), colour
        )

    def adam(self, at: NDArray[np.float64], axes: NDArray[np.float64], colour: str, reach: float) -> Shape:
        """Return an ellipse that the heights can be seen through."""
        outline = ellipse(axes, reach, self.ruler.px(1.5))
        return Shape(self.panel.path(outline, at=at, closed=True), f"{colour}2e", colour)


def draw_arrows(axes: Axes, scene: Scene, place: Rect, ruler: Scaled) -> list[Moving]:
    """Draw what is wished for at each head that is in the view, and return it.

    Args:
        axes: The contour, whose limits are the recording's view.
        scene: Says which arrows.
        place: Where the contour is, in pixels.
        ruler: Gives the text scale.
    """
    looks = Looks(Panel.of(place, scene.view), scene.theme, ruler)
    return [_moving(axes, scene, looks, name) for name in _HEIGHTS if name in scene.arrows]


def _moving(axes: Axes, scene: Scene, looks: Looks, name: str) -> Moving:
    view, px = scene.view, looks.ruler.px
    runs = scene.recording.trajectories
    tracks = [in_view(run.points, view) for run in runs]
    colours = [style.colour for style in scene.styles]
    vectors = [VECTORS[name](run) for run in runs]
    if name == STEP:
        ways = [_cut(track, way, scene, looks.panel) for track, way in zip(tracks, vectors, strict=True)]
    elif name == ADAM:
        ways = vectors
    else:
        lengths = (px(_SHORTEST), px(_LONGEST))
        ways = [
            looks.panel.turned(way) * lengths_of(way, track, lengths)[:, None]
            for track, way in zip(tracks, vectors, strict=True)
        ]

    least = 0.0 if name == ADAM else px(0.5)  # a shorter step cannot be seen

    def shown(frame: int) -> list[tuple[int, NDArray[np.float64], NDArray[np.float64]]]:
        row = int(scene.timing.rows[frame])
        found = []
        for run, (track, way) in enumerate(zip(tracks, ways, strict=True)):
            at = min(row, len(track) - 1)
            if np.isfinite(track[at]).all() and np.isfinite(way[at]).all() and np.hypot(*way[at]) > least:
                found.append((run, track[at], way[at]))
        return found

    if name == GRADIENT:
        lines = Lines(axes, MOVING_ZORDER + _HEIGHTS[name])

        def update_lines(frame: int) -> None:
            lines.strokes = [
                replace(stroke, run=run)
                for run, at, way in shown(frame)
                for stroke in looks.gradient(at, way)
            ]

        return Moving(lines, update_lines)
    make: Callable[[NDArray[np.float64], NDArray[np.float64], str], Shape] = {
        STEP: looks.step,
        MOMENTUM: looks.momentum,
        ADAM: lambda at, way, colour: looks.adam(at, way, colour, px(_REACH)),
    }[name]
    shapes = Shapes(axes, MOVING_ZORDER + _HEIGHTS[name])
    shapes.edge_width = points(px(1.1))

    def update_shapes(frame: int) -> None:
        shapes.shapes = [replace(make(at, way, colours[run]), run=run) for run, at, way in shown(frame)]

    return Moving(shapes, update_shapes)


def lengths_of(
    vectors: NDArray[np.float64], track: NDArray[np.float64], span: tuple[float, float]
) -> NDArray[np.float64]:
    """Return how long arrows (rows, 2) are drawn: by the square root of their size, so that small ones show.

    Args:
        vectors: In data coordinates; NaN or 0 for none.
        track: Where their run is, NaN where it is out of sight; the largest vector in sight counts as 1.
        span: The length in pixels of the smallest and the largest.
    """
    with np.errstate(all="ignore"):
        sizes = np.hypot(vectors[:, 0], vectors[:, 1])
        seen = sizes[np.isfinite(sizes) & np.isfinite(track).all(axis=1)]
        share = np.sqrt(sizes / max(seen.max(initial=0.0), np.finfo(float).tiny))
    return np.asarray(span[0] + (span[1] - span[0]) * np.minimum(share, 1.0))


def _cut(
    track: NDArray[np.float64], ways: NDArray[np.float64], scene: Scene, panel: Panel
) -> NDArray[np.float64]:
    """Return steps (rows, 2) in pixels, cut well outside the view, where the renderer can still reckon."""
    found = np.full_like(ways, np.nan)
    box = fence(scene.view)
    for row in np.flatnonzero(np.isfinite(track).all(axis=1) & np.isfinite(ways).all(axis=1)):
        with np.errstate(over="ignore"):
            cut = clip_segment(track[row], track[row] + ways[row], box)
        if cut is not None:
            found[row] = (cut[1] - track[row]) * panel.per_unit
    return found
