"""What stands around a relief: numbers along its edges, and what they are numbers of."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from ..canvas.axes import fit_or_cut, points
from ..canvas.parts import MOVING_ZORDER, Moving
from ..canvas.pens import Lines, Stroke
from .lines import front_corner
from .solid import TALL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.text import Text
    from numpy.typing import NDArray

    from ..style.heights import Heights
    from ..words.axis_names import Names
    from .camera import Camera
    from .overlay import Stand
    from .solid import Relief

    Thing = tuple[Artist, Callable[[Camera], None]]  # and what puts it where it belongs for a camera

_ENDS = 0.93  # numbers stand within this share of a side
_LINE, _TICK, _GAP = 13.0, 3.5, 3.0  # a line of numbers, a tick, and space beside it, in px at text scale 1


def draw_numbers(stand: Stand, heights: Heights, names: Names, azimuths: Sequence[float]) -> list[Moving]:
    """Write numbers along the two sides of the floor in front and up the corner at the left.

    Args:
        stand: The relief that they stand around.
        heights: Gives the heights' ticks.
        names: What the numbers are of.
        azimuths: From where the relief is seen, in degrees.

    Returns:
        What goes with a camera that turns; nothing where it stands still. Where y points straight up the
        page, its numbers and the heights pass from one edge to another.
    """
    things = [*_side(stand, 0, names.x, azimuths), *_side(stand, 1, names.y, azimuths)]
    things += _corner(stand, heights, names.heights + heights.label.removeprefix("loss"))
    if stand.scene.orbit:
        return [_turning(stand, *thing) for thing in things]
    for _, put in things:
        put(stand.horizon(0).camera)
    return []


def _turning(stand: Stand, artist: Artist, put: Callable[[Camera], None]) -> Moving:
    return Moving(artist, lambda frame: put(stand.horizon(frame).camera))


def _text(stand: Stand, words: str, size: float, **looks: Any) -> Text:
    if stand.scene.orbit:
        looks["zorder"] = MOVING_ZORDER + 0.02
    colour, size = stand.scene.theme.muted, points(stand.ruler.px(size))
    return stand.axes.text(0, 0, words, color=colour, size=size, va="center", **looks)


def _ticks(stand: Stand, paths: Callable[[Camera], Sequence[Path]]) -> Thing:
    """Return the pen of lines that differ from camera to camera."""
    pen = Lines(stand.axes, MOVING_ZORDER + 0.02 if stand.scene.orbit else 2.0, clip=False)
    colour, width = stand.scene.theme.frame, points(stand.ruler.px(0.9))

    def put(camera: Camera) -> None:
        pen.strokes = [Stroke(path, colour, width) for path in paths(camera)]

    return pen, put


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the floor's two sides in front."""

    relief: Relief
    axis: int  # 0 for the side along x, 1 for that along y

    def spot(self, camera: Camera, along: float, out: float = 0.0) -> NDArray[np.float64]:
        """Return where a place on the side, or beyond it, is on the page; the middle is 0, the end 1."""
        end = front_corner(self.relief, camera)[1 - self.axis]
        place = np.zeros(3)
        place[self.axis] = along * self.relief.half[self.axis]
        place[1 - self.axis] = end + math.copysign(out, end)
        return camera.project(place)

    def outward(self, camera: Camera) -> NDArray[np.float64]:
        """Return the direction away from the relief on the page, (2,)."""
        out = self.spot(camera, 0.0, 1.0) - self.spot(camera, 0.0)
        direction: NDArray[np.float64] = out / np.hypot(*out)
        return direction

    def along(self, camera: Camera) -> NDArray[np.float64]:
        """Return the side on the page, from its lower to its upper end, (2,)."""
        return self.spot(camera, 1.0) - self.spot(camera, -1.0)


def _side(stand: Stand, axis: int, name: str, azimuths: Sequence[float]) -> list[Thing]:
    """Write the numbers along one side of the floor, and what they are of.

    Args:
        stand: The relief.
        axis: 0 for the side along x, 1 for that along y.
        name: What the numbers are of.
        azimuths: From where it is seen; the numbers are the same from all of them.
    """
    ruler, first = stand.ruler, stand.horizon(0).camera
    side = _Side(stand.relief, axis)
    low, high = stand.relief.view[axis]
    # How long the side is where it looks shortest.
    room = min(float(np.hypot(*side.along(replace(first, azimuth=azimuth)))) for azimuth in azimuths)
    count = min(4, max(1, int(room / ruler.px(44))))
    ticks = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    # Numbers at the very ends would meet those of the next side.
    middle, reach = (low + high) / 2, _ENDS * (high - low) / 2
    shown = [float(value) for value in ticks if abs(value - middle) <= reach]
    places = [(value - middle) / (high - low) * 2 for value in shown]

    def marks(camera: Camera) -> list[Path]:
        feet = [side.spot(camera, place) for place in places]
        return [Path([foot, foot + ruler.px(_TICK) * side.outward(camera)]) for foot in feet]

    things = [_ticks(stand, marks)]
    widest = np.zeros(2)
    for value, place in zip(shown, places, strict=True):
        words = f"{value if abs(value) > 1e-9 * (high - low) else 0:g}".replace("-", "−")
        label = _text(stand, words, 10, ha="center")
        box = _box(label)
        widest = np.maximum(widest, box)

        def number(camera: Camera, label: Text = label, place: float = place, box: Any = box) -> None:
            out = side.outward(camera)
            far = ruler.px(_TICK + _GAP) + _reach(box, out)
            label.set_position((side.spot(camera, place) + far * out).tolist())

        things.append((label, number))
    turning = stand.scene.orbit
    name = name.partition(" (")[0] if turning else name
    brief = len(name) < 3
    style = "italic" if brief else "normal"
    title = _text(stand, name, 12 if brief else 10.5, style=style, ha="center", parse_math=False)
    size, level = _box(title), brief or turning
    if not level:
        _fit_along(title, room, side.along(first))

    def named(camera: Camera) -> None:
        out = side.outward(camera)
        far = ruler.px(_TICK + 2 * _GAP) + 2 * _reach(widest, out)
        far += _reach(size, out) if level else size[1] / 2
        title.set_position((side.spot(camera, 0.0) + far * out).tolist())

    return [*things, (title, named)]


def _box(label: Text) -> NDArray[np.float64]:
    """Return width and height of a text in pixels."""
    box = label.get_window_extent()
    return np.array([box.width, box.height])


def _reach(box: NDArray[np.float64], out: NDArray[np.float64]) -> float:
    """Return how far a text's middle must be from a line to keep clear of it, for a direction from it."""
    return float(np.abs(box * out).sum() / 2)


def _fit_along(label: Text, room: float, side: NDArray[np.float64]) -> None:
    """Make a label no longer than the side that it is along; what a share is of goes first."""
    if label.get_window_extent().width > room:
        label.set_text(label.get_text().replace(" of the paths' variance", ""))
    fit_or_cut(label, room)
    angle = math.degrees(math.atan2(*(side * np.sign(side[0]))[::-1]))
    label.set(rotation=angle, rotation_mode="anchor")


def _corner(stand: Stand, heights: Heights, name: str) -> list[Thing]:
    """Write the heights up the corner at the left, and what they are of."""
    ruler, tick = stand.ruler, stand.ruler.px(_TICK)

    def upright(camera: Camera) -> NDArray[np.float64]:
        x, y = front_corner(stand.relief, camera)
        left = min(((x, -y), (-x, y)), key=lambda corner: camera.project(np.array([*corner, 0.0]))[0])
        return camera.project(np.array([[*left, 0.0], [*left, TALL]]))

    foot, top = upright(stand.horizon(0).camera)  # the elevation, and so the length, is always the same
    long, (low, high) = float(top[1] - foot[1]), heights.levels[[0, -1]]
    last, levels, texts = -math.inf, [], []
    for value, words in heights.ticks:
        level = (value - low) / (high - low) * long
        if level - last >= ruler.px(_LINE):
            last = level
            levels.append(level)
            texts.append(_text(stand, words, 10, ha="right"))
    wide = max((_box(text)[0] for text in texts), default=0.0)

    def marks(camera: Camera) -> list[Path]:
        (x, y), end = upright(camera)
        return [Path([(x, y), end]), *(Path([(x - tick, y + level), (x, y + level)]) for level in levels)]

    title = _text(stand, name, 11, ha="right", rotation=90)
    fit_or_cut(title, math.inf, tallest=max(1.3 * long, ruler.px(100)))

    def put(label: Text, left: float, up: float, highest: float = math.inf) -> Thing:
        def place(camera: Camera) -> None:
            x, y = upright(camera)[0]
            label.set_position((x - left, min(y + up, highest)))

        return label, place

    numbers = [put(text, 1.8 * tick, level) for text, level in zip(texts, levels, strict=True)]
    highest = stand.axes.get_ylim()[1] - _box(title)[1] / 2  # the heading is above
    return [_ticks(stand, marks), *numbers, put(title, 2.4 * tick + wide, long / 2, highest)]
