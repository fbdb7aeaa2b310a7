"""What stands around a relief: numbers along its edges, and what they are numbers of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from ..canvas.axes import fit, points
from ..canvas.parts import MOVING_ZORDER, Moving
from ..canvas.pens import Lines, Stroke
from .lines import front_corner
from .solid import TALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..style.heights import Heights
    from ..style.themes import Theme
    from ..words.axis_names import Names
    from .camera import Camera
    from .overlay import Stand
    from .solid import Relief

_BESIDE = 0.17  # how far beyond a side of a turning floor its name is; the longer side is 2
_ENDS = 0.93  # numbers stand within this share of a side
_LINE = 13.0  # a line of numbers, in pixels at text scale 1


def draw_numbers(
    axes: Axes, relief: Relief, camera: Camera, heights: Heights, names: Names, theme: Theme, ruler: Scaled
) -> None:
    """Write numbers along the two sides of the floor in front and up the corner at the left.

    Args:
        axes: Where to; its units are pixels.
        relief: What they stand around.
        camera: Where it is seen from.
        heights: Gives the heights' ticks.
        names: What the numbers are of.
        theme: Gives the colours.
        ruler: Gives the text scale.
    """
    x, y = front_corner(relief, camera)
    for axis, end, name in ((0, y, names.x), (1, x, names.y)):
        _draw_side(axes, relief, camera, axis, end, name, theme, ruler)
    left = (
        (x, -y)
        if camera.project(np.array([x, -y, 0.0]))[0] < camera.project(np.array([-x, y, 0.0]))[0]
        else (-x, y)
    )
    foot, top = camera.project(np.array([[*left, 0.0], [*left, TALL]]))
    tick, size = ruler.px(3.5), points(ruler.px(10))
    strokes = [Path([foot, top])]
    low, high = heights.levels[[0, -1]]
    last, texts = -math.inf, []
    for value, words in heights.ticks:
        level = foot[1] + (value - low) / (high - low) * (top[1] - foot[1])
        if level - last < ruler.px(_LINE):
            continue
        last = level
        strokes.append(Path([(foot[0] - tick, level), (foot[0], level)]))
        texts.append(
            axes.text(
                foot[0] - 1.8 * tick, level, words, color=theme.muted, size=size, ha="right", va="center"
            )
        )
    _draw_ticks(axes, strokes, theme, ruler)
    wide = max((text.get_window_extent().width for text in texts), default=0.0)
    label = axes.text(
        foot[0] - 2.4 * tick - wide,
        (foot[1] + top[1]) / 2,
        names.heights + heights.label.removeprefix("loss"),
        color=theme.muted,
        size=points(ruler.px(11)),
        ha="right",
        va="center",
        rotation=90,
    )
    fit(label, math.inf, max(1.3 * (top[1] - foot[1]), ruler.px(100)))


def _draw_ticks(axes: Axes, paths: Sequence[Path], theme: Theme, ruler: Scaled) -> None:
    pen = Lines(axes, 2.0, clip=False)
    pen.strokes = [Stroke(path, theme.frame, points(ruler.px(0.9))) for path in paths]


def _draw_side(
    axes: Axes, relief: Relief, camera: Camera, axis: int, end: float, name: str, theme: Theme, ruler: Scaled
) -> None:
    """Write the numbers along one side of the floor.

    Args:
        axes: Where to.
        relief: Whose floor.
        camera: Where it is seen from.
        axis: 0 for the side along x, 1 for that along y.
        end: Where that side is on the other axis.
        name: What the numbers are of.
        theme: Gives the colours.
        ruler: Gives the text scale.
    """
    low, high = relief.view[axis]
    half = relief.half[axis]

    def spot(along: float, out: float = 0.0) -> NDArray[np.float64]:
        place = np.zeros(3)
        place[axis], place[1 - axis] = along, end + math.copysign(out, end)
        return camera.project(place)

    side = spot(half) - spot(-half)
    outward = spot(0.0, 1.0) - spot(0.0)
    outward /= np.hypot(*outward)
    room = float(np.hypot(*side))
    ticks = MaxNLocator(min(4, max(1, int(room / ruler.px(44)))), steps=[1, 2, 2.5, 5, 10]).tick_values(
        low, high
    )
    # Numbers at the very ends would meet those of the next side.
    middle, reach = (low + high) / 2, _ENDS * (high - low) / 2
    shown = [float(value) for value in ticks if abs(value - middle) <= reach]
    align = "left" if outward[0] > 0.25 else "right" if outward[0] < -0.25 else "center"
    strokes = []
    for value in shown:
        foot = spot(((value - low) / (high - low) * 2 - 1) * half)
        strokes.append(Path([foot, foot + ruler.px(3.5) * outward]))
        x, y = foot + ruler.px(6.5) * outward
        words = f"{value if abs(value) > 1e-9 * (high - low) else 0:g}".replace("-", "−")
        axes.text(
            x,
            y,
            words,
            color=theme.muted,
            size=points(ruler.px(10)),
            ha=align,
            va="top" if outward[1] < -0.5 else "center",
        )
    _draw_ticks(axes, strokes, theme, ruler)
    angle = math.degrees(math.atan2(*(side * np.sign(side[0]))[::-1]))
    x, y = spot(0.0) + ruler.px(34) * outward
    brief = len(name) < 3
    label = axes.text(
        x,
        y,
        name,
        color=theme.muted,
        size=points(ruler.px(12 if brief else 10.5)),
        style="italic" if brief else "normal",
        ha="center",
        va="center",
        parse_math=False,
    )
    if not brief:
        _fit_along(label, room, angle)


def _fit_along(label: Text, room: float, angle: float) -> None:
    """Make a label no longer than the side that it is along; what a share is of goes first."""
    if label.get_window_extent().width > room:
        label.set_text(label.get_text().replace(" of the paths' variance", ""))
    fit(label, room)
    label.set(rotation=angle, rotation_mode="anchor")


def draw_names(stand: Stand, names: Names) -> list[Moving]:
    """Let the names of x and y go round with a relief that turns, beyond the sides where they are largest."""
    theme, ruler, relief = stand.scene.theme, stand.ruler, stand.relief
    moving = []
    for axis, name in ((0, names.x), (1, names.y)):
        label = Text(
            0,
            0,
            name.partition(" (")[0],
            color=theme.muted,
            size=points(ruler.px(12)),
            style="italic" if len(name) < 3 else "normal",
            ha="center",
            va="center",
            zorder=MOVING_ZORDER + 0.02,
            parse_math=False,
        )
        stand.axes.add_artist(label)
        foot = np.zeros((1, 3))
        foot[0, axis] = relief.half[axis] + _BESIDE

        def update(frame: int, label: Text = label, foot: NDArray[np.float64] = foot) -> None:
            horizon = stand.horizon(frame)
            label.set_position(horizon.camera.project(foot)[0].tolist())
            label.set_visible(not horizon.hides(foot)[0])

        moving.append(Moving(label, update))
    return moving
