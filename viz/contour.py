"""The contour panel: heights, paths, where each run is, and where runs left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from ..surfaces.surface import inside
from ..trajectories.trajectory import NON_FINITE, Outcome, exit_step, outside
from .axes import add_axes, points, ticks_offset
from .heights import scale
from .parts import MOVING_ZORDER, Growing, Moving, appear, comet, mix, still_there, trail
from .paths import crossing, fence, frame_pieces, in_view, until_exit
from .pens import Mark, Marks
from .readout import Readout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..surfaces.field import Field
    from ..surfaces.surface import Box, Minimum
    from ..trajectories.trajectory import Trajectory
    from .axes import Scaled
    from .heights import Heights
    from .layout import Layout, Rect
    from .scene import AbstractScene, Scene

FADED = 0.30  # how much of the page's colour a trail takes on behind its comet


def draw_contour(figure: Figure, scene: Scene, layout: Layout) -> tuple[list[Growing], list[Moving]]:
    """Draw the contour panel and return what changes in it."""
    recording, theme = scene.recording, scene.theme
    axes = add_axes(figure, layout.contour, scene, layout)
    (x0, x1), (y0, y1) = recording.view
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    for axis, room in ((axes.xaxis, layout.contour.width / 50), (axes.yaxis, layout.contour.height / 25)):
        axis.set_major_locator(MaxNLocator(min(6, max(1, int(room / layout.unit))), steps=[1, 2, 2.5, 5, 10]))
    for axis, name in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        words = f"{name}  {ticks_offset(axis)}".strip()
        axis.set_label_text(words, color=theme.muted, size=points(layout.px(12)), style="italic")
    axes.xaxis.labelpad, axes.yaxis.labelpad = 0.0, points(layout.px(2))
    axes.yaxis.label.set_rotation(0 if axes.get_ylabel() == "y" else 90)
    lowest = recording.minima[0].value if recording.minima else None
    heights = scale(recording.field, lowest, scene.heights)
    draw_heights(axes, recording.field, heights, scene, layout)
    draw_bar(figure, layout.bar, heights, scene, layout)
    start = recording.recipe.start if recording.trajectories else None
    marks = draw_marks(axes, scene, layout, recording.view, recording.minima, start)
    if not recording.trajectories:
        return [], []
    styles = scene.styles
    faded = [mix(style.colour, theme.heights[1], FADED) for style in styles]
    paths = [until_exit(run.points, recording.view) for run in recording.trajectories]
    width, dot = points(layout.px(1.7)), points(layout.px(4.4))
    pieces = frame_pieces(
        paths,
        scene.timing.rows,
        fence(recording.view),
        (points(layout.contour.width) / (x1 - x0), points(layout.contour.height) / (y1 - y0)),
        dot,
    )
    growing = [trail(axes, pieces, styles, faded, width, dot)]
    moving = [comet(axes, pieces, styles, faded, (width, points(layout.px(3.6))))]
    moving.extend(marks)
    moving.extend(_draw_exits(axes, scene, layout))
    moving.append(_draw_heads(axes, scene, layout))
    return growing, moving


def draw_heights(axes: Axes, field: Field, heights: Heights, scene: AbstractScene, layout: Scaled) -> None:
    """Draw a field's bands of colour and thin contour lines."""
    theme = scene.theme
    colours = LinearSegmentedColormap.from_list("heights", theme.heights)
    z = np.ma.masked_invalid(heights.values)
    axes.contourf(field.x, field.y, z, levels=heights.levels, cmap=colours, zorder=0, extend="both")
    if len(heights.levels) > 2:
        axes.contour(
            field.x,
            field.y,
            z,
            levels=heights.levels[1:-1:2],
            colors=theme.contour,
            linewidths=points(layout.px(0.6)),
            linestyles="solid",
            alpha=0.55,
            zorder=1,
        )


def draw_bar(figure: Figure, place: Rect, heights: Heights, scene: AbstractScene, layout: Scaled) -> None:
    """Draw the colour bar: what the bands mean, in raw losses or heights above the minimum."""
    axes = add_axes(figure, place, scene, layout)
    colours = LinearSegmentedColormap.from_list("heights", scene.theme.heights)
    levels = heights.levels
    middles = (levels[:-1] + levels[1:]) / 2
    axes.pcolormesh([0.0, 1.0], levels, middles[:, None], cmap=colours, vmin=levels[0], vmax=levels[-1])
    axes.set_xlim(0, 1)
    axes.set_ylim(levels[0], levels[-1])
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.set_yticks([value for value, _ in heights.ticks], [text for _, text in heights.ticks])
    axes.tick_params(labelsize=points(layout.px(10)), length=points(layout.px(2.5)))
    axes.yaxis.set_label_position("right")
    axes.set_ylabel(
        heights.label, color=scene.theme.muted, size=points(layout.px(10)), labelpad=points(layout.px(3))
    )


def draw_marks(
    axes: Axes,
    scene: AbstractScene,
    layout: Scaled,
    view: Box,
    minima: Sequence[Minimum],
    start: tuple[float, float] | None,
    share: float = 1.0,
) -> list[Moving]:
    """Draw the known minima and the start above everything that grows, so that no path hides them.

    Args:
        axes: Where to.
        scene: Gives the colours.
        layout: Gives the text scale.
        view: Marks outside it are not drawn.
        minima: The known minima.
        start: Where runs begin; None where nothing runs.
        share: How large the marks are, 1 for a large panel.
    """
    theme, width = scene.theme, points(layout.px(1.3 * share))
    star = Mark("*", points(layout.px(11 * share)), theme.background, theme.marks, width)
    # The ring is wider than a head and lies above it: in the first frame every head is at the start.
    ring = Mark("o", points(layout.px(13 * share)), None, theme.marks, width)
    marks = [(star, [minimum.point for minimum in minima], 0.1)]
    if start is not None:
        marks.append((ring, [start], 0.45))
    moving = []
    for mark, places, height in marks:
        shown = [place for place in places if inside(place, view)]
        if shown:
            artist = Marks(axes, MOVING_ZORDER + height, [mark] * len(shown))
            artist.places = np.array(shown)
            moving.append(Moving(artist, still_there))
    return moving


def _draw_heads(axes: Axes, scene: Scene, layout: Layout) -> Moving:
    artist = Marks(axes, MOVING_ZORDER + 0.4, run_marks(scene, layout, 10.0))
    tracks = [in_view(run.points, scene.recording.view) for run in scene.recording.trajectories]

    def update(frame: int) -> None:
        row = int(scene.timing.rows[frame])
        artist.places = np.array([track[min(row, len(track) - 1)] for track in tracks])

    return Moving(artist, update)


def run_marks(scene: Scene, layout: Layout, size: float) -> list[Mark]:
    """Return the marker of each run's head; the size is in pixels at text scale 1."""
    edge, width = scene.theme.background, points(layout.px(1.2))
    return [Mark(style.marker, points(layout.px(size)), style.colour, edge, width) for style in scene.styles]


@dataclass(frozen=True, slots=True)
class Exit:
    """Where and when a run left the view for good, or stopped being finite inside it."""

    run: int
    step: int
    point: tuple[float, float]  # on the border, or the last finite point
    finite: bool  # whether the point that it went to is finite

    @property
    def text(self) -> str:
        """What the picture says there."""
        return f"left the view at step {self.step}" if self.finite else f"non-finite at step {self.step}"


def find_exits(trajectories: Sequence[Trajectory], view: Box) -> tuple[Exit, ...]:
    """Find where runs left the view for good; a run that ends inside it, or never was, has none."""
    exits = []
    for index, run in enumerate(trajectories):
        row = exit_step(run.points, view)
        if not row:
            continue
        before, step = (int(each) for each in run.at[row - 1 : row + 1])
        border = crossing(run.points, row, view)
        point = run.points[row - 1] if border is None else border
        if border is None and run.outcome == Outcome(NON_FINITE, before):
            step = before  # its loss or gradient was lost first, and it is that step that the outcome names
        exits.append(Exit(index, step, (float(point[0]), float(point[1])), border is not None))
    return tuple(exits)


def _draw_exits(axes: Axes, scene: Scene, layout: Layout) -> list[Moving]:
    """Mark where runs left: a cross on the border and a line of text, from that step on."""
    view, theme = scene.recording.view, scene.theme
    exits = find_exits(scene.recording.trajectories, view)
    if not exits:
        return []
    size, width = points(layout.px(11)), points(layout.px(1.2))
    crosses = Marks(
        axes,
        MOVING_ZORDER + 0.5,
        [Mark("X", size, scene.styles[leaving.run].colour, theme.background, width) for leaving in exits],
        clip=False,
    )
    places = np.array([leaving.point for leaving in exits])
    steps = np.array([leaving.step for leaving in exits])

    def update_crosses(frame: int) -> None:
        gone = steps <= scene.timing.steps[frame]
        crosses.places = np.where(gone[:, None], places, np.nan)

    moving = [Moving(crosses, update_crosses)]
    for index, (x, y, align) in _label_places(exits, scene, layout).items():
        leaving = exits[index]
        label = Readout(
            x,
            y,
            leaving.text,
            color=scene.styles[leaving.run].colour,
            size=points(layout.px(11)),
            ha=align,
            va="center",
            zorder=MOVING_ZORDER + 0.6,
            bbox={"facecolor": theme.background, "alpha": 0.82, "linewidth": 0, "pad": 0.5},
        )
        axes.add_artist(label)
        moving.append(Moving(label, appear(label, leaving.step, scene)))
    return moving


def _label_places(exits: Sequence[Exit], scene: Scene, layout: Layout) -> dict[int, tuple[float, float, str]]:
    """Place the exits' texts near their marks, where they hide least of the paths and none of each other.

    Returns:
        By number of the exit its text's position in data coordinates and its horizontal alignment. An exit
        that there is no room for is left out; the legend says the same.
    """
    (x0, x1), (y0, y1) = scene.recording.view
    size = np.array([layout.contour.width, layout.contour.height])
    low, per_pixel = np.array([x0, y0]), np.array([x1 - x0, y1 - y0]) / size
    seen = np.concatenate(
        [run.points[~outside(run.points, scene.recording.view)] for run in scene.recording.trajectories]
    )
    spots = (seen - low) / per_pixel
    gap, line = layout.px(11), layout.px(16)
    taken: list[tuple[float, float, float]] = []  # left, right and row of the texts placed so far
    places: dict[int, tuple[float, float, str]] = {}
    for index, leaving in enumerate(exits):
        x, y = (np.array(leaving.point) - low) / per_pixel
        align, side = ("right", -1) if x > size[0] / 2 else ("left", 1)
        length = layout.px(6.3) * len(leaving.text)
        left = x + gap if align == "left" else x - gap - length
        if left < 0 or left + length > size[0]:
            continue
        across = (spots[:, 0] > left - gap) & (spots[:, 0] < left + length + gap)
        rows = np.clip(y + line * np.arange(-9, 10), line, size[1] - line)
        for low_end, high_end, row in taken:
            if left < high_end + gap and low_end < left + length + gap:
                rows = rows[np.abs(rows - row) >= line]
        if not rows.size:
            continue
        hidden = (np.abs(spots[across, 1][:, None] - rows) < line).sum(axis=0)
        row = float(rows[np.argmin(np.abs(rows - y) / line + hidden)])
        taken.append((left, left + length, row))
        spot = low + np.array([x + side * gap, row]) * per_pixel
        places[index] = (float(spot[0]), float(spot[1]), align)
    return places
