"""The surface in three dimensions: a solid relief with the paths on it, what is behind it dimmed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.image import AxesImage

from ..canvas.axes import add_axes
from ..canvas.headings import Sample, draw_heading
from ..canvas.parts import MOVING_ZORDER, Growing, Moving
from ..canvas.pens import Lines
from ..scenes.panel_table import PANELS
from ..style.heights import fine_log_ticks, scale
from ..style.layout import Rect
from ..words.axis_names import Names
from ..words.network_words import contour_names
from .camera import AZIMUTH, ELEVATION, Camera, framed
from .edge_numbers import draw_names, draw_numbers
from .ground_paths import walk
from .lines import Outlines
from .overlay import HIDDEN_DASH, Stand, draw_spots, grow_trails, landmarks, turn_trails
from .painting import Painter
from .solid import TALL, carve
from .visibility import survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.heights import Heights
    from .ground_paths import Walk
    from .solid import Relief
    from .visibility import Horizon

_HIGHER = 12.0  # degrees: by steps of so much the camera rises, to look into pits
_FAMILIAR = 0.08  # how much more must be seen from another side, or a step higher up, to go there


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the panel and return what changes in it; where the camera turns, that is everything.

    Args:
        figure: Where to.
        scene: A recording and its look.
        place: Where the relief stands, in pixels; numbers stand beside and below it.
        ruler: Gives the text scale.
    """
    place = Rect(round(place.x), round(place.y), round(place.width), round(place.height))
    names, heights = _measured(scene)
    relief = carve(scene.ground, heights, scene.view)
    walks = tuple(walk(run.trajectory.points, relief, len(run.path)) for run in scene.runs)
    left, right = (ruler.px(16), ruler.px(16)) if scene.orbit else (ruler.px(10), ruler.px(24))
    edges = (left, ruler.px(6), place.width - right, place.height - ruler.px(4))
    side = _best_side(Camera(AZIMUTH, ELEVATION), relief, scene, walks)
    camera = framed(side, relief.half, edges, turning=scene.orbit)
    axes = _page(figure, scene, place, ruler)
    low, high = heights.levels[[0, -1]]
    levels = (heights.levels[1:-1:2] - low) / (high - low) * TALL
    outlines = Outlines(relief, axes, levels, scene.theme, ruler)
    if scene.orbit:
        stand = Stand(axes, scene, ruler, relief, walks, _Turn(relief, camera, scene, place.width))
        growing, moving = _turn(stand, outlines, place)
        moving += draw_names(stand, names)
    else:
        fixed = survey(relief, camera, place.width, density=2, places=420)
        stand = Stand(axes, scene, ruler, relief, walks, lambda frame: fixed)
        growing, moving = _stand_still(stand, outlines, place)
        draw_numbers(axes, relief, camera, heights, names, scene.theme, ruler)
    _head(stand, place, names.heights + heights.label.removeprefix("loss"))
    return growing, moving + draw_spots(stand)


def _measured(scene: Scene) -> tuple[Names, Heights]:
    """Return what axes and heights are called, and the heights as the contour has them."""
    recording = scene.recording
    if recording.training is None:
        floor = recording.minima[0].value if recording.minima else None
        return Names("x", "y", "loss", floor), scale(scene.ground, floor, scene.heights)
    names = contour_names(scene)
    what = "loss on the plane" if names.heights == "loss" else names.heights
    heights = scale(scene.ground, names.floor, scene.heights)
    low, high = heights.levels[[0, -1]]
    if heights.log and high - low < 2 and len(ticks := fine_log_ticks(low, high)) > 1:
        heights = replace(heights, ticks=ticks)
    return replace(names, heights=what), heights


def _page(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> Axes:
    """Return axes without frame or ticks, whose units are pixels."""
    axes = add_axes(figure, place, scene, ruler)
    axes.set_axis_off()
    axes.set_xlim(0, place.width)
    axes.set_ylim(0, place.height)
    axes.set_autoscale_on(False)
    return axes


class _Turn:
    """One whole turn: every side is seen, and a looped animation has no jump.

    The horizon of the frame asked for last is kept, for all that is drawn of a frame asks for it.
    """

    def __init__(self, relief: Relief, camera: Camera, scene: Scene, width: float) -> None:
        self._relief, self._camera, self._width = relief, camera, width
        lasts = scene.timing.ticks.astype(float)
        lasts[-1] = 1.0  # the hold is no part of the turn
        # Time, not frames, is spread over the turn; the last frame is a tick short of the first one's side.
        self._turned = 360 * np.concatenate([[0.0], np.cumsum(lasts[:-1])]) / lasts.sum()
        self._kept: tuple[int, Horizon] | None = None

    def __call__(self, frame: int) -> Horizon:
        """Return the horizon of a frame."""
        if self._kept is None or self._kept[0] != frame:
            camera = replace(self._camera, azimuth=self._camera.azimuth + float(self._turned[frame]))
            self._kept = frame, survey(self._relief, camera, self._width)
        return self._kept[1]


def _best_side(camera: Camera, relief: Relief, scene: Scene, walks: Sequence[Walk]) -> Camera:
    """Move a camera to where most of the paths and marks is seen from: by eighths of a turn, or higher up."""
    path = np.concatenate([np.empty((0, 3)), *(each.points for each in walks)])
    path = path[:: max(1, len(path) // 2000)]
    shown = (path, *(relief.lifted(places) for places in landmarks(scene)))

    def worth(side: Camera) -> float:
        horizon = survey(relief, framed(side, relief.half, (0, 0, 300, 300)), 300, places=150)
        seen = sum(1 - float(horizon.hides(spots).mean()) for spots in shown if len(spots))
        strange = (side.elevation - camera.elevation) / _HIGHER + (side.azimuth != camera.azimuth)
        return seen - _FAMILIAR * strange

    sides = [replace(camera, azimuth=camera.azimuth + 45 * k) for k in range(8)]
    return max(
        (replace(side, elevation=side.elevation + _HIGHER * k) for side in sides for k in range(3)), key=worth
    )


def _stand_still(stand: Stand, outlines: Outlines, place: Rect) -> tuple[list[Growing], list[Moving]]:
    """Draw the relief once; the trails grow on it."""
    horizon = stand.horizon(0)
    pixels = Painter(stand.relief, stand.scene.theme).paint(horizon, (place.width, place.height))
    _image(stand, place, pixels, 0.0, "hanning")
    lines = Lines(stand.axes, 1.0)
    lines.strokes = outlines.strokes(horizon)
    return grow_trails(stand) if stand.walks else ([], [])


def _turn(stand: Stand, outlines: Outlines, place: Rect) -> tuple[list[Growing], list[Moving]]:
    """Draw everything anew in each frame."""
    painter, size = Painter(stand.relief, stand.scene.theme), (place.width, place.height)
    picture = _image(stand, place, painter.paint(stand.horizon(0), size), MOVING_ZORDER, "nearest")
    lines = Lines(stand.axes, MOVING_ZORDER + 0.01)

    def turn(frame: int) -> None:
        picture.set_data(painter.paint(stand.horizon(frame), size))

    def outline(frame: int) -> None:
        lines.strokes = outlines.strokes(stand.horizon(frame))

    return [], [Moving(picture, turn), Moving(lines, outline), turn_trails(stand)]


def _image(stand: Stand, place: Rect, pixels: NDArray[np.uint8], zorder: float, how: str) -> AxesImage:
    picture = _Picture(
        stand.axes, extent=(0, place.width, 0, place.height), origin="lower", interpolation=how, zorder=zorder
    )
    picture.set_data(pixels)
    stand.axes.add_image(picture)
    return picture


class _Picture(AxesImage):
    """An image that is put on a page of its own size as it is, without being sampled again."""

    def draw(self, renderer: Any) -> None:
        """Draw the image."""
        box = self.axes.get_window_extent(renderer)
        pixels = self.get_array()
        assert pixels is not None
        if not isinstance(renderer, RendererAgg) or pixels.shape[:2] != (round(box.height), round(box.width)):
            super().draw(renderer)
        elif self.get_visible():
            gc = renderer.new_gc()
            renderer.draw_image(gc, round(box.x0), round(box.y0), np.asarray(pixels))
            gc.restore()
            self.stale = False


def _head(stand: Stand, place: Rect, heights: str) -> None:
    """Say above the relief what it is and what dimmed means."""
    turns = stand.scene.orbit
    spots = [each.points for each in stand.walks] + [
        stand.relief.lifted(each) for each in landmarks(stand.scene)
    ]
    dimmed = turns or any(stand.horizon(0).hides(each).any() for each in spots)
    hidden: list[str | Sample] = [Sample(HIDDEN_DASH, 1.2), "hidden behind it"] if dimmed else []
    long = f"3-D, height: {heights}" if turns else "in three dimensions"
    heroes = [name for name in stand.scene.panels if PANELS[name].hero]
    draw_heading(
        stand.axes,
        place,
        [[long, *hidden], ["3-D", *hidden], ["3-D"]],
        stand.scene.theme,
        stand.ruler,
        left=0.0 if heroes[:1] == ["surface3d"] else 38.0,  # in line with the title, or with other headings
    )
