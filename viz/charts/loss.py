"""The loss panel: loss against step, on a log scale where that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..canvas.axes import add_axes, points, ticks_offset
from ..canvas.headings import draw_heading
from ..canvas.heads import meet
from ..canvas.marks import run_marks
from ..canvas.parts import MOVING_ZORDER, Growing, Moving, ghosts, trail
from ..canvas.pens import Marks
from ..canvas.pieces import frame_pieces
from ..style.colour_space import mix
from ..style.language import say
from ..words.short_names import short_names
from .edge_notes import draw_edge_notes
from .end_labels import draw_end_labels, with_room
from .oscillation import add_bands, find_oscillation, steps_in_a_column
from .scales import LossScale, brief_flat, fit_scale, number_steps, set_loss_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.layout import Rect


def choose_scale(scene: Scene) -> LossScale:
    """Choose the axis so that it covers every loss met inside the view; a run that leaves runs off it.

    It is logarithmic, in the height above the known minimum, when losses span more than two powers of ten.
    """
    losses = np.concatenate([run.trajectory.losses for run in scene.runs])
    visible = np.concatenate([run.inside for run in scene.runs])
    shown = losses[visible & np.isfinite(losses)]
    if not shown.size:
        shown = losses[np.isfinite(losses)]
    minima = scene.recording.minima
    return fit_scale(shown, minima[0].value if minima else 0.0)


def draw_loss(
    figure: Figure, scene: Scene, place: Rect, ruler: Scaled, *, among: bool = False
) -> tuple[list[Growing], list[Moving]]:
    """Draw the losses of a surface's runs, and return what changes in the panel.

    Args:
        figure: Where to.
        scene: A recording and its look.
        place: The plot in pixels.
        ruler: Gives the text scale.
        among: Whether it is one of several panels, and its words and numbers are set like theirs.
    """
    recording, theme, styles = scene.recording, scene.theme, scene.styles
    names = short_names([run.label for run in scene.runs])
    whole = place
    place, named = with_room(figure, place, names, ruler)
    axes = add_axes(figure, place, scene, ruler)
    loss = choose_scale(scene)
    curves = [
        np.column_stack([run.at.astype(np.float64), loss.place(run.losses)]) for run in recording.trajectories
    ]
    per_unit = (
        points(place.width) / max(recording.steps, 1),
        points(place.height) / (loss.high - loss.low),
    )
    pixel = points(ruler.px(1.0))
    found = [find_oscillation(curve, per_unit, pixel) for curve in curves]
    together = steps_in_a_column(per_unit[0], pixel) if any(one.bands for one in found) else 0
    _dress(axes, loss, scene, whole, place, ruler, together, among=among)
    lines = [one.line for one in found]
    faint = ghosts(
        axes,
        lines,
        [mix(style.colour, theme.background, 0.78) for style in styles],
        points(ruler.px(1.0)),
        [style.run for style in styles],
    )
    if named:
        ends = [float(curve[-1, 1] - loss.low) / (loss.high - loss.low) for curve in curves]
        draw_end_labels(axes, place, names, ends, styles, ruler)
    box = ((-1.0, recording.steps + 1.0), (2 * loss.low - loss.high, 2 * loss.high - loss.low))
    pieces = add_bands(frame_pieces(lines, scene.timing.rows, box, per_unit), found, scene.timing.rows)
    own = run_marks(scene, ruler, 8.0)
    marks = Marks(axes, MOVING_ZORDER, own, clip=False)

    def update(frame: int) -> None:
        row = int(scene.timing.rows[frame])
        spots = np.array([curve[min(row, len(curve) - 1)] for curve in curves])
        # A mark beyond the panel rests on its edge, so that one can see where the run went.
        spots[:, 1] = np.clip(spots[:, 1], loss.low, loss.high)
        marks.places = spots
        marks.marks = tuple(meet(own, spots * np.array(per_unit)))

    growing = trail(axes, pieces, styles, [style.colour for style in styles], points(ruler.px(1.6)))
    told = [
        (run.losses, lambda frame: int(scene.timing.rows[frame]), style.colour, style.run, "")
        for run, style in zip(recording.trajectories, styles, strict=True)
    ]
    return [faint, growing], [Moving(marks, update), *draw_edge_notes(axes, place, ruler, loss, told)]


def _dress(
    axes: Axes,
    loss: LossScale,
    scene: Scene,
    whole: Rect,
    place: Rect,
    ruler: Scaled,
    together: int,
    *,
    among: bool,
) -> None:
    """Give the panel its axes and words.

    ``whole`` is where the plot and the names beside it are, over which its heading may run; ``together`` is
    how many steps a band's columns show, 0 for none.
    """
    theme = scene.theme
    axes.set_xlim(0, max(scene.recording.steps, 1))
    axes.set_ylim(loss.low, loss.high)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    number_steps(axes, place, scene.recording.steps, ruler)
    set_loss_ticks(axes, loss)
    axes.grid(axis="y", color=theme.frame, alpha=0.35, linewidth=points(ruler.px(0.7)))
    axes.set_axisbelow(True)
    name = " ".join(filter(None, (loss.label, ticks_offset(axes.yaxis))))
    labels = [f"{name}, {words}" for words in (loss.flat, brief_flat(loss.flat))] if loss.flat else [name]
    if together:
        words = (
            f"band: lowest to highest of {together} steps, line: median",
            f"band: range, line: median of {together} steps",
            f"band: range of {together} steps",
        )
        said = [say(each) for each in words]
        labels = [f"{name}; {said[0]}", *(f"{name}\n{each}" for each in said)]
    small = points(ruler.px(10.5 if among else 11))
    axes.set_xlabel(say("step"), color=theme.muted, size=small, labelpad=points(ruler.px(1 if among else 2)))
    if among:
        axes.tick_params(labelsize=points(ruler.px(10)))
        beyond = whole.width - place.width
        draw_heading(axes, place, [label.split("\n") for label in labels], theme, ruler, beyond=beyond)
        return
    for label in labels:
        title = axes.set_title(label, loc="left", color=theme.muted, size=small, pad=points(ruler.px(7)))
        if title.get_window_extent().width <= whole.width:
            break
