"""A small contour panel with some of a sweep's runs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..trajectories.trajectory import exit_step, outside
from .axes import add_axes, points
from .contour import FADED, draw_heights, draw_marks
from .parts import MOVING_ZORDER, Growing, Moving, appear, comet, mix, trail
from .paths import crossing, fence, frame_pieces, in_view, until_exit
from .pens import Mark, Marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from .axes import Scaled
    from .colours import RunStyle
    from .heights import Heights
    from .layout import Rect
    from .scene import SweepScene


def draw_panel(
    figure: Figure,
    scene: SweepScene,
    place: Rect,
    runs: Sequence[tuple[int, int]],
    heights: Heights,
    layout: Scaled,
) -> tuple[list[Growing], list[Moving]]:
    """Draw the field, the known minima, the start and some runs, and return what changes.

    Args:
        figure: Where to.
        scene: The sweep and its look; the sweep has kept its paths.
        place: The panel's place in pixels.
        runs: For each run to draw, the numbers of its optimizer and its rate.
        heights: The field's heights, scaled.
        layout: Gives the text scale.
    """
    sweep = scene.sweep
    assert sweep.points is not None
    axes = add_axes(figure, place, scene, layout)
    (x0, x1), (y0, y1) = sweep.view
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    axes.set_xticks([])
    axes.set_yticks([])
    draw_heights(axes, sweep.field, heights, scene, layout)
    styles = [scene.styles[optimizer] for optimizer, _ in runs]
    tracks = [sweep.points[run] for run in runs]
    left = [exit_step(track, sweep.view) for track in tracks]
    kept = [until_exit(track, sweep.view) for track in tracks]
    per_unit = (points(place.width) / (x1 - x0), points(place.height) / (y1 - y0))
    dot, width = points(layout.px(3.2)), points(layout.px(1.4))
    pieces = frame_pieces(kept, scene.timing.steps, fence(sweep.view), per_unit, dot)
    faded = [mix(style.colour, scene.theme.heights[1], FADED) for style in styles]
    growing = [trail(axes, pieces, styles, faded, width, dot)]
    moving = [
        comet(axes, pieces, styles, faded, (width, points(layout.px(2.6)))),
        *draw_marks(axes, scene, layout, sweep.view, sweep.minima, sweep.start, share=0.8),
        _heads(axes, scene, tracks, styles, layout),
    ]
    for track, step, style in zip(tracks, left, styles, strict=True):
        if step:
            moving.append(_cross(axes, scene, track, step, style, layout))
    if len(sweep.seeds) > 1:
        moving.append(_cloud(axes, scene, runs, layout))
    return growing, moving


def _heads(
    axes: Axes,
    scene: SweepScene,
    tracks: Sequence[NDArray[np.float64]],
    styles: Sequence[RunStyle],
    layout: Scaled,
) -> Moving:
    edge, size, width = scene.theme.background, points(layout.px(8)), points(layout.px(1))
    marks = [Mark(style.marker, size, style.colour, edge, width) for style in styles]
    artist = Marks(axes, MOVING_ZORDER + 0.4, marks)
    shown = in_view(np.array(tracks), scene.sweep.view)

    def update(frame: int) -> None:
        artist.places = shown[:, scene.timing.steps[frame]]

    return Moving(artist, update)


def _cross(
    axes: Axes,
    scene: SweepScene,
    track: NDArray[np.float64],
    left: int,
    style: RunStyle,
    layout: Scaled,
) -> Moving:
    """Mark where a run left for good."""
    mark = Mark("X", points(layout.px(9)), style.colour, scene.theme.background, points(layout.px(1)))
    artist = Marks(axes, MOVING_ZORDER + 0.5, [mark], clip=False)
    border = crossing(track, left, scene.sweep.view)
    artist.places = (track[left - 1] if border is None else border)[None]
    return Moving(artist, appear(artist, left, scene))


def _cloud(axes: Axes, scene: SweepScene, runs: Sequence[tuple[int, int]], layout: Scaled) -> Moving:
    """Mark, at the last step, where the runs of all seeds ended."""
    sweep = scene.sweep
    size = points(layout.px(4))
    marks, places = [], []
    for optimizer, rate in runs:
        colour = scene.styles[optimizer].colour
        for end in sweep.ends[optimizer, rate]:
            if not outside(end, sweep.view):
                marks.append(Mark("o", size, colour, scene.theme.background, points(layout.px(0.5))))
                places.append(end)
    artist = Marks(axes, MOVING_ZORDER + 0.3, marks)
    artist.places = np.array(places).reshape(-1, 2)
    return Moving(artist, appear(artist, sweep.steps, scene))
