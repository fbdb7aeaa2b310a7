"""What moves on a curve: balls with the tangent there and the next step, and marks where runs left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path

from ..canvas.axes import points
from ..canvas.heads import draw_heads
from ..canvas.parts import MOVING_ZORDER, Moving, appear
from ..canvas.pens import Lines, Mark, Marks, Stroke
from ..canvas.readout import Readout
from ..scenes.paths import fence, in_view
from ..style.layout import Rect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ...surfaces.surface import Box
    from ..canvas.axes import Scaled
    from ..scenes.runs import SceneRun
    from ..scenes.scene import Scene
    from ..style.run_styles import RunStyle

    Array = NDArray[np.float64]

_HALF = 40.0  # of a tangent, in pixels at text scale 1
_HEAD = 6.5  # length of an arrow's head, in pixels at text scale 1
_STEEPEST = 1e100  # steeper slopes are as good as upright


@dataclass(frozen=True, slots=True, eq=False)
class Ball:
    """One run as a ball on the curve."""

    path: Array  # (rows, 2): parameter and loss
    slopes: Array  # (rows,): what the optimizer was handed there
    style: RunStyle

    def row(self, scene: Scene, frame: int) -> int:
        """Return the row that a frame shows."""
        return min(int(scene.timing.rows[frame]), len(self.path) - 1)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where and when a run left the view for good, or lost its numbers."""

    spot: tuple[float, float]  # on the border, level with where it came from; or the last finite place
    step: int
    text: str
    style: RunStyle


def find_leaving(runs: Sequence[SceneRun], balls: Sequence[Ball]) -> list[Leaving]:
    """Find where runs left the view along their parameter; one that ends in it, or never was, is left out."""
    found = []
    for run, ball in zip(runs, balls, strict=True):
        if run.exit is None:
            continue
        row = int(np.searchsorted(run.trajectory.at, run.exit.step))
        height = float(ball.path[row - 1, 1])
        if math.isfinite(height):
            found.append(Leaving((run.exit.point[0], height), run.exit.step, run.exit.text, ball.style))
    return found


def until_gone(run: SceneRun, ball: Ball) -> Array:
    """Return a ball's path up to the step that left the view for good, (n, 2), which ends level with it.

    Where the curve is beyond the view is not known to who looks at the picture.
    """
    row = run.left
    path = ball.path if row is None else ball.path[: row + 1].copy()
    if row:
        path[row, 1] = path[row - 1, 1]
    return path


def draw_balls(
    axes: Axes, scene: Scene, balls: Sequence[Ball], box: Box, per_unit: tuple[float, float], unit: float
) -> Moving:
    """Draw where each run is; ``unit`` is a pixel at text scale 1, in points."""
    edge = scene.theme.background
    marks = [
        Mark(ball.style.marker, 10.5 * unit, ball.style.colour, edge, 1.2 * unit, ball.style.run)
        for ball in balls
    ]
    stars = [(minimum.point[0], minimum.value) for minimum in scene.recording.minima]
    return draw_heads(axes, scene, marks, [in_view(ball.path, box) for ball in balls], stars, per_unit)


def draw_tangents(
    axes: Axes, scene: Scene, balls: Sequence[Ball], box: Box, per_unit: tuple[float, float], unit: float
) -> Moving:
    """Draw a short line through each ball, whose slope is the gradient that the optimizer was handed.

    That is the tangent, unless the gradient has noise, is clipped or is a sum of several.
    """
    pen, scale = Lines(axes, MOVING_ZORDER + 0.2), np.array(per_unit)

    def update(frame: int) -> None:
        strokes = []
        for ball in balls:
            row = ball.row(scene, frame)
            spot, slope = in_view(ball.path[row], box), float(ball.slopes[row])
            if np.isfinite([*spot, slope]).all():
                along = scale * (1.0, np.clip(slope, -_STEEPEST, _STEEPEST))
                half = _HALF * unit * along / np.hypot(*along) / scale
                strokes.append(
                    Stroke(
                        Path([spot - half, spot + half]), ball.style.colour, 2.2 * unit, run=ball.style.run
                    )
                )
        pen.strokes = strokes

    return Moving(pen, update)


def draw_steps(
    axes: Axes, scene: Scene, balls: Sequence[Ball], box: Box, per_unit: tuple[float, float], unit: float
) -> Moving:
    """Draw how far the parameter moves next, and from there a dashed line to the curve."""
    pen = Lines(axes, MOVING_ZORDER + 0.15)
    far_x, far_y = fence(box)

    def update(frame: int) -> None:
        strokes: list[Stroke] = []
        for ball in balls:
            row = ball.row(scene, frame)
            if row + 1 == len(ball.path):
                continue
            (x, y), (next_x, next_y) = in_view(ball.path[row], box), ball.path[row + 1]
            if not np.isfinite([x, next_x]).all():
                continue
            tip, colour = float(np.clip(next_x, *far_x)), ball.style.colour
            long = abs(tip - x) * per_unit[0]
            if long < 2 * unit:  # nothing to be seen beside the ball
                continue
            strokes.append(Stroke(Path([(x, y), (tip, y)]), colour, 1.5 * unit, run=ball.style.run))
            back, wing = np.array([min(_HEAD * unit, 0.6 * long), 0.55 * _HEAD * unit]) / per_unit
            base = tip - np.sign(tip - x) * back
            strokes.append(
                Stroke(
                    Path([(base, y + wing), (tip, y), (base, y - wing)]),
                    colour,
                    1.5 * unit,
                    run=ball.style.run,
                )
            )
            if tip == next_x and np.isfinite(next_y):
                drop = Path([(tip, y), (tip, np.clip(next_y, *far_y))])
                strokes.append(Stroke(drop, colour, 1.1 * unit, (2.6, 2.2), run=ball.style.run))
        pen.strokes = strokes

    return Moving(pen, update)


def draw_exits(
    axes: Axes,
    scene: Scene,
    leaving: Sequence[Leaving],
    curve: Array,
    place: Rect,
    ruler: Scaled,
    *,
    told: bool,
) -> list[Moving]:
    """Mark where runs left: a cross and, where there is room, a line of text, from that step on.

    Args:
        axes: Where to.
        scene: The recording and its look.
        leaving: The runs that left.
        curve: The curve as drawn, (n, 2), which texts should not hide.
        place: The plot in pixels.
        ruler: Gives the text scale.
        told: Whether there are texts.
    """
    moving: list[Moving] = []
    edge, size, width = scene.theme.background, points(ruler.px(11)), points(ruler.px(1.2))
    to_pixels = axes.transData.transform
    hidden = to_pixels(curve) - (place.x, place.y)
    taken: list[Rect] = []
    for one in leaving:
        cross = Marks(
            axes,
            MOVING_ZORDER + 0.5,
            [Mark("X", size, one.style.colour, edge, width, one.style.run)],
            clip=False,
        )
        cross.places = np.array(one.spot)[None]
        moving.append(Moving(cross, appear(cross, one.step, scene)))
        if not told:
            continue
        x, y = to_pixels(one.spot) - (place.x, place.y)
        room = _room_for(one.text, (float(x), float(y)), place, hidden, taken, ruler)
        if room is None:
            continue  # the legend says the same
        taken.append(room)
        # Set from the mark on, because the room is a little wider than the words.
        align, edge_x = ("right", room.right) if x > place.width / 2 else ("left", room.x)
        label = Readout(
            edge_x / place.width,
            (room.y + room.height / 2) / place.height,
            one.text,
            transform=axes.transAxes,
            color=one.style.colour,
            size=points(ruler.px(11)),
            ha=align,
            va="center",
            zorder=MOVING_ZORDER + 0.6,
            bbox={"facecolor": edge, "alpha": 0.82, "linewidth": 0, "pad": 0.5},
        )
        axes.add_artist(label)
        moving.append(Moving(label, appear(label, one.step, scene)))
    return moving


def _room_for(
    text: str, spot: tuple[float, float], place: Rect, curve: Array, taken: Sequence[Rect], ruler: Scaled
) -> Rect | None:
    """Return the place near a mark where a text hides least of the curve, in pixels within the plot."""
    width, height = ruler.px(6.3) * len(text), ruler.px(16)
    side = -1 if spot[0] > place.width / 2 else 1
    best: tuple[float, Rect] | None = None
    for up in (14.0, -14.0, 30.0, -30.0, 46.0, -46.0):  # never on the level of the mark, where its line is
        for along in (4.0, 16.0, 32.0, 50.0, 70.0, 95.0):
            x = spot[0] + side * ruler.px(along) - (width if side < 0 else 0.0)
            rect = Rect(x, spot[1] + ruler.px(up) - height / 2, width, height)
            if rect.x < 0 or rect.right > place.width or rect.y < 0 or rect.top > place.height:
                continue
            if any(_overlap(rect, other) for other in taken):
                continue
            hides = ((curve >= (rect.x, rect.y)) & (curve <= (rect.right, rect.top))).all(axis=1).sum()
            cost = 100.0 * bool(hides) + abs(up) + along
            if best is None or cost < best[0]:
                best = cost, rect
    return None if best is None else best[1]


def _overlap(one: Rect, other: Rect) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.top and other.y < one.top
