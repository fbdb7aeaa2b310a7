"""The panel between two ends: loss along the straight line from one run's weights to another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection

from ...trajectories.results.network_runs import BARRIER
from ..canvas.axes import add_axes, fit, fit_or_cut, points
from ..canvas.headings import Sample, draw_heading
from ..canvas.pens import Mark, Marks
from ..style.colour_space import mix
from ..style.numbers import brief
from .scales import set_ticks, span
from .traces import second_look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...trajectories.results.network_runs import Array, Line
    from ..canvas.axes import Scaled
    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene
    from ..style.layout import Rect
    from .scales import LossScale

_MOST = 3  # lines in one panel


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw training loss, solid, and validation loss between the last weights of two runs, and the barrier.

    The line takes the runs' colours; nothing moves, for the ends are known only when the runs are over.
    """
    theme, lines = scene.theme, scene.training.lines[:_MOST]
    values = np.concatenate([each for line in lines for each in (line.train, line.val)])
    scale = span(values)
    axes = add_axes(figure, place, scene, ruler)
    reach = np.concatenate([line.positions for line in lines])
    axes.set_xlim(float(reach.min()), float(reach.max()))
    axes.set_ylim(scale.low, scale.high)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=points(ruler.px(10)))
    titles = _titles(scene, lines[0].runs) if len(lines) == 1 else ("one end", "the other")
    axes.set_xticks([0, 1], list(titles))
    first, last = axes.get_xticklabels()
    if reach.min() == 0:  # centred under an end of the axis the names would leave the panel
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")
    set_ticks(axes, scale, max(1, int(place.height / ruler.px(24))))
    axes.grid(axis="y", color=theme.frame, alpha=0.35, linewidth=points(ruler.px(0.7)))
    axes.set_axisbelow(True)
    dash, width = second_look((), theme.dashes)
    key: list[str | Sample] = [Sample((), 1.8), "training"]
    brief_key: list[str | Sample] = [Sample((), 1.8), "train"]
    if any(np.isfinite(line.val).any() for line in lines):
        key += [Sample(dash, width), "validation"]
        brief_key += [Sample(dash, width), "val."]
    problem = scene.recording.problem  # which has one loss only
    key, brief_key = ([], []) if problem else (key, brief_key)
    name = scale.titled("loss between ends")
    choices = [[name, *key], [name.replace(" scale", ""), *brief_key], ["between ends", *brief_key]]
    draw_heading(axes, place, choices, theme, ruler)
    words = "barrier " + ", ".join(brief(line.barrier) for line in lines)
    label = axes.set_xlabel(
        f"{words}: {BARRIER.replace('training ', '') if problem else BARRIER}",
        color=theme.text,
        size=points(ruler.px(10.5)),
        labelpad=points(ruler.px(1)),
    )
    for shorter in (f"{words}: highest less mean of the ends", words):
        if fit(label, place.width):
            break
        label.set(text=shorter, fontsize=points(ruler.px(10.5)))
    fit_or_cut(label, place.width)
    for line in lines:
        _draw_line(axes, line, scene, scale, ruler)
    return [], []


def _titles(scene: Scene, runs: tuple[int, int]) -> tuple[str, str]:
    """Return what the two ends are called; the rate where that is all that sets them apart."""
    one, other = (scene.specs[k] for k in runs)
    if one.title != other.title:
        return one.title, other.title
    return f"lr {one.lr:g}" if one.lr else one.title, f"lr {other.lr:g}" if other.lr else other.title


def _draw_line(axes: Axes, line: Line, scene: Scene, scale: LossScale, ruler: Scaled) -> None:
    theme = scene.theme
    ends = [scene.styles[k] for k in line.runs]
    dash, width = second_look((), theme.dashes)
    for losses, thick, pattern in ((line.val, width, dash), (line.train, 1.8, ())):
        _draw_blend(
            axes, line.positions, scale.place(losses), (ends[0].colour, ends[1].colour), thick, pattern, ruler
        )
    edge = points(ruler.px(1))
    marks = Marks(
        axes,
        4.5,
        [Mark(style.marker, points(ruler.px(7.5)), style.colour, theme.background, edge) for style in ends],
        clip=False,
    )
    marks.places = np.column_stack([[0.0, 1.0], scale.place(np.array(line.ends))])


def _draw_blend(
    axes: Axes,
    x: Array,
    y: Array,
    colours: tuple[str, str],
    width: float,
    dash: tuple[float, ...],
    ruler: Scaled,
) -> None:
    """Draw a line whose colour goes from one to another; a dashed one has a piece in every other segment."""
    finite = np.isfinite(y)
    if finite.sum() < 2:
        return
    fine = np.linspace(x[finite][0], x[finite][-1], 61)
    heights = np.interp(fine, x[finite], y[finite])
    spots = np.column_stack([fine, heights])
    segments = np.stack([spots[:-1], spots[1:]], axis=1)
    blend = [mix(*colours, float(share)) for share in np.clip((fine[:-1] + fine[1:]) / 2, 0, 1)]
    chosen = slice(None, None, 2 if dash else 1)
    axes.add_collection(
        LineCollection(
            list(segments[chosen]),
            colors=blend[chosen],
            linewidths=points(ruler.px(width)),
            capstyle="butt" if dash else "round",
            zorder=3,
        ),
        autolim=False,
    )
