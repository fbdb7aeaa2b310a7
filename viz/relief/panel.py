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
from ..scenes.scaled import recording_heights
from ..style.heights import fine_log_ticks
from ..style.layout import Rect
from ..words.axis_names import Names
from ..words.network_words import contour_names
from .camera import framed
from .edge_numbers import draw_numbers
from .ground_paths import walk
from .lines import Outlines
from .overlay import HIDDEN_DASH, Stand, draw_spots, grow_trails, landmarks, turn_trails
from .painting import Painter
from .sides import Swing, best_side, swing
from .solid import TALL, carve
from .visibility import survey

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.heights import Heights


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
    edges = (ruler.px(10), ruler.px(6), place.width - ruler.px(24), place.height - ruler.px(4))
    side = best_side(relief, scene, walks)
    azimuths = swing(side.azimuth, scene.timing) if scene.orbit else [side.azimuth]
    camera = framed(side, relief.half, edges, azimuths)
    axes = _page(figure, scene, place, ruler)
    low, high = heights.levels[[0, -1]]
    levels = (heights.levels[1:-1:2] - low) / (high - low) * TALL
    outlines = Outlines(relief, axes, levels, scene.theme, ruler)
    if scene.orbit:
        stand = Stand(axes, scene, ruler, relief, walks, Swing(relief, camera, azimuths, place.width))
        growing, moving = _turn(stand, outlines, place)
    else:
        fixed = survey(relief, camera, place.width, density=2, places=420)
        stand = Stand(axes, scene, ruler, relief, walks, lambda frame: fixed)
        growing, moving = _stand_still(stand, outlines, place)
    moving += draw_numbers(stand, heights, names, azimuths)
    _head(stand, place)
    return growing, moving + draw_spots(stand)


def _measured(scene: Scene) -> tuple[Names, Heights]:
    """Return what axes and heights are called, and the heights as the contour has them."""
    recording = scene.recording
    if recording.training is None:
        floor = recording.minima[0].value if recording.minima else None
        return Names("x", "y", "loss", floor), recording_heights(recording, scene.heights, None, scene.ground)
    names = contour_names(scene)
    what = "loss on the plane" if names.heights == "loss" else names.heights
    heights = recording_heights(recording, scene.heights, names.floor, scene.ground)
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


def _head(stand: Stand, place: Rect) -> None:
    """Say above the relief what it is, and how what is behind it is drawn."""
    spots = [each.points for each in stand.walks] + [
        stand.relief.lifted(each) for each in landmarks(stand.scene)
    ]
    hides = stand.scene.orbit or any(stand.horizon(0).hides(each).any() for each in spots)
    hidden: list[str | Sample] = [Sample(HIDDEN_DASH, 1.2), "hidden behind it"] if hides else []
    if hides and stand.walks:
        hidden.insert(1, Sample(marker=stand.styles[-1].marker, hollow=True))
    heroes = [name for name in stand.scene.panels if PANELS[name].hero]
    draw_heading(
        stand.axes,
        place,
        [["in three dimensions", *hidden], ["3-D", *hidden], ["3-D"]],
        stand.scene.theme,
        stand.ruler,
        left=0.0 if heroes[:1] == ["surface3d"] else 38.0,  # in line with the title, or with other headings
    )
