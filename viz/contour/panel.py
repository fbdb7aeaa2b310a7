"""The contour panel: heights, paths, where each run is, and where runs left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from ..canvas.axes import add_axes, fit_or_cut, points, ticks_offset
from ..canvas.heads import draw_heads
from ..canvas.marks import draw_marks, run_marks
from ..canvas.parts import Growing, Moving, comet, trail
from ..canvas.pieces import frame_pieces
from ..scenes.paths import fence
from ..scenes.scaled import recording_heights
from ..scenes.two_points import BOTH
from ..style.distinct import trail_colour
from ..style.heights import fine_log_ticks
from ..style.layout import within
from ..words.network_words import contour_names
from .arrow_key import draw_key
from .arrows import draw_arrows
from .bands import draw_bar, draw_heights
from .domain import draw_domain
from .downhill import draw_downhill
from .exits import draw_exits
from .head_labels import draw_head_labels
from .inset import draw_inset
from .lens import draw_lens
from .level_labels import draw_level_labels
from .outside import draw_outside

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    from ..canvas.axes import Scaled
    from ..canvas.pieces import Piece
    from ..scenes.scene import Scene
    from ..style.heights import Heights
    from ..style.layout import Layout, Rect
    from ..style.run_styles import RunStyle
    from ..words.axis_names import Names

_THIN = 0.5  # how wide the line of the training point is, in widths of the other


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the contour as a panel beside another one; see `draw_contour`."""
    names = contour_names(scene) if scene.recording.training is not None else None
    return draw_contour(figure, scene, within(place, scene.view, ruler.px(1)), names)


def draw_contour(
    figure: Figure, scene: Scene, layout: Layout, names: Names | None = None
) -> tuple[list[Growing], list[Moving]]:
    """Draw the contour panel and return what changes in it.

    Args:
        figure: Where to.
        scene: A recording and its look.
        layout: Where the panel and its bar stand.
        names: What its axes and heights are called, where that is not x, y and loss.
    """
    recording, theme = scene.recording, scene.theme
    axes = add_axes(figure, layout.contour, scene, layout)
    (x0, x1), (y0, y1) = scene.view
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    for axis, room in ((axes.xaxis, layout.contour.width / 50), (axes.yaxis, layout.contour.height / 25)):
        axis.set_major_locator(MaxNLocator(min(6, max(1, int(room / layout.unit))), steps=[1, 2, 2.5, 5, 10]))
    # Beside the numbers stand a tick, gaps and the label, a line high.
    _narrow_ticks(axes, layout.contour.x - layout.px(24))
    for axis, name in ((axes.xaxis, names.x if names else "x"), (axes.yaxis, names.y if names else "y")):
        words = f"{name}  {ticks_offset(axis)}".strip()
        axis.set_label_text(words, color=theme.muted, size=points(layout.px(12)), style="italic")
    upright = axes.get_ylabel() == "y"  # then half of its width stands on the other side of its anchor
    axes.xaxis.labelpad, axes.yaxis.labelpad = 0.0, points(layout.px(6 if upright else 2))
    axes.yaxis.label.set_rotation(0 if upright else 90)
    if names:
        _set_label(axes.xaxis.label, (layout.contour.width, float("inf")), layout)
        _set_label(axes.yaxis.label, (float("inf"), layout.contour.height), layout)
    heights, lines = None, None
    if names is None or names.heights:
        heights, lines = _draw_field(figure, axes, scene, layout, names)
        if scene.field:
            draw_downhill(axes, scene.ground, scene, layout.contour, layout)
    draw_domain(axes, scene, layout, scene.view, recording.border)
    start = recording.recipe.start if recording.trajectories else None
    marks = draw_marks(axes, scene, layout, scene.view, recording.minima, start)
    if not recording.trajectories:
        if scene.wishes.levels and heights is not None:
            draw_level_labels(axes, scene, heights, lines, layout)
        return [], []
    styles = scene.styles
    faded = [trail_colour(style.colour, theme) for style in styles]
    paths = [run.path for run in scene.runs]
    width, dot = points(layout.px(1.7)), points(layout.px(4.4))
    per_unit = points(layout.contour.width) / (x1 - x0), points(layout.contour.height) / (y1 - y0)
    pieces = frame_pieces(
        paths,
        scene.timing.rows,
        fence(scene.view),
        per_unit,
        dot,
        scene.timing.shares,
        [run.shown for run in scene.runs],
    )
    if scene.point == BOTH:
        # One artist holds both, so that each frame's part lies above that of the frame before.
        thin, more, pale, narrow = _thin(scene, width, per_unit)
        both = [below + above for below, above in zip(thin, pieces, strict=True)]
        growing = [trail(axes, both, [*styles, *more], [*faded, *pale], [width] * len(styles) + narrow, dot)]
    else:
        growing = [trail(axes, pieces, styles, faded, width, dot)]
    moving = [comet(axes, pieces, styles, faded, (width, points(layout.px(3.6))))]
    moving.extend(marks)
    exits = draw_exits(axes, scene, layout)
    moving.extend(exits)
    moving.extend(draw_outside(axes, scene, layout))
    labels, taken = [thing.artist for thing in exits if isinstance(thing.artist, Text)], []
    if scene.arrows:
        moving.extend(draw_arrows(axes, scene, layout.contour, layout))
        taken = [draw_key(axes, scene, layout.contour, layout, labels)]
    if scene.zoomed and (inset := draw_inset(axes, scene, layout, labels, taken)) is not None:
        taken.append(inset)
    if scene.wishes.lens and heights is not None:
        grown, moved, lens = draw_lens(figure, axes, scene, heights, layout, labels, taken)
        growing += grown
        moving += moved
        taken += lens
    names_at_heads = draw_head_labels(axes, scene, layout, labels, taken)
    moving.extend(names_at_heads)
    if scene.wishes.levels and heights is not None:
        labels += [thing.artist for thing in names_at_heads if isinstance(thing.artist, Text)]
        draw_level_labels(axes, scene, heights, lines, layout, labels, taken)
    moving.append(
        draw_heads(
            axes,
            scene,
            run_marks(scene, layout, 10.0),
            [run.shown for run in scene.runs],
            [minimum.point for minimum in recording.minima],
            per_unit,
            start,
        )
    )
    return growing, moving


def _thin(
    scene: Scene, width: float, per_unit: tuple[float, float]
) -> tuple[list[list[Piece]], list[RunStyle], list[str], list[float]]:
    """Return the lines of where optimizers with two points take their gradients.

    Pieces by frame, numbered behind the runs themselves, and of each line style, colour and width.
    """
    two = [(run, run.trajectory.trained) for run in scene.runs if run.trajectory.trained is not None]
    paths = [trained[: len(run.path), :2] for run, trained in two]
    styles = [run.style for run, _ in two]
    pieces = [
        [replace(piece, run=piece.run + len(scene.runs)) for piece in frame]
        for frame in frame_pieces(paths, scene.timing.rows, fence(scene.view), per_unit)
    ]
    colours = [trail_colour(style.colour, scene.theme) for style in styles]
    return pieces, styles, colours, [_THIN * width] * len(styles)


def _draw_field(
    figure: Figure, axes: Axes, scene: Scene, layout: Layout, names: Names | None
) -> tuple[Heights, Any]:
    """Draw the heights under the paths, and the bar that says what they mean; returns bands and lines."""
    recording = scene.recording
    heights = recording_heights(recording, scene.heights, names.floor if names else None, scene.ground)
    low, high = heights.levels[[0, -1]]
    if names and heights.log and high - low < 2 and len(ticks := fine_log_ticks(low, high)) > 1:
        heights = replace(heights, ticks=ticks)
    lines = draw_heights(axes, scene.ground, heights, scene, layout)
    draw_bar(figure, layout.bar, heights, scene, layout, names.heights if names else "loss")
    return heights, lines


def _narrow_ticks(axes: Axes, room: float) -> None:
    """Write the vertical axis' numbers as a few digits and a common power of ten where they are too wide.

    Args:
        axes: The axes, whose limits and tick places are set.
        room: How wide the numbers may be, in pixels.
    """
    axis = axes.yaxis
    if _widest(axis) <= room:
        return
    formatter = axis.get_major_formatter()
    if isinstance(formatter, ScalarFormatter):
        formatter.set_powerlimits((0, 0))
    size = float(axis.get_majorticklabels()[0].get_fontsize())
    if (wide := _widest(axis)) > room:
        axes.tick_params(axis="y", labelsize=size * room / wide)


def _widest(axis: Axis) -> float:
    """Return the width in pixels of an axis' widest number; those beyond its ends are not drawn."""
    low, high = sorted(axis.get_view_interval())
    places = [float(place) for place in axis.get_majorticklocs() if low <= place <= high]
    texts = axis.get_major_formatter().format_ticks(places)
    font = axis.get_majorticklabels()[0].get_fontproperties() if places else None
    widths = [0.0]
    for words in texts:
        text = Text(0, 0, words, fontproperties=font)
        text.set_figure(axis.axes.figure)
        widths.append(float(text.get_window_extent().width))
    return max(widths)


def _set_label(label: Text, room: tuple[float, float], layout: Layout) -> None:
    """Make a label of words no larger than its room in pixels; what a share is of goes first."""
    label.set(style="normal", size=points(layout.px(11)))
    extent = label.get_window_extent()
    if extent.width > room[0] or extent.height > room[1]:
        label.set_text(label.get_text().replace(" of the paths' variance", ""))
    fit_or_cut(label, room[0], tallest=room[1])
