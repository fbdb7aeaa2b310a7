"""Line charts over the steps of a training: scales, growing lines, headings that explain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ..canvas.axes import add_axes, points
from ..canvas.parts import GROWING_ZORDER, MOVING_ZORDER, Growing, Moving, ghosts
from ..canvas.pens import Lines, Mark, Marks, Stroke
from ..canvas.pieces import frame_pieces
from ..style.colour_space import mix
from ..style.layout import Rect
from .edge_notes import draw_edge_notes
from .scales import LossScale, number_steps, set_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A line that grows with the steps."""

    x: NDArray[np.float64] | NDArray[np.int64]  # (n,), the step of each value, or see `at`; increasing
    y: NDArray[np.float64]  # (n,); what is not finite is a gap
    colour: str
    dash: tuple[float, ...] = ()
    width: float = 1.6  # in pixels at text scale 1
    marker: str = ""  # the shape at its end; empty for none
    ghost: bool = False  # whether what is still to come is shown faintly
    run: int | None = None  # the number of the run that it belongs to
    name: str = ""  # what numbers say it is where it leaves the axis; only for those without a mark
    at: NDArray[np.int64] | None = None  # (n,), the step of each value, where x is something else


def storeys(place: Rect, share: float, gap: float) -> tuple[Rect, Rect]:
    """Divide a plot into an upper and a lower storey; the lower one has a share of the height."""
    low = share * (place.height - gap)
    return (
        Rect(place.x, place.y + low + gap, place.width, place.height - low - gap),
        Rect(place.x, place.y, place.width, low),
    )


def add_chart(
    figure: Figure,
    place: Rect,
    scene: Scene,
    ruler: Scaled,
    scale: LossScale,
    *,
    labelled: bool = True,
) -> Axes:
    """Add quiet axes whose horizontal axis is the step, or what else a recording counts.

    Args:
        figure: Where to.
        place: The plot in pixels.
        scene: Gives the steps and the colours.
        ruler: Gives the text scale.
        scale: The vertical axis.
        labelled: Whether the horizontal axis has numbers; an upper storey has none.
    """
    theme = scene.theme
    axes = add_axes(figure, place, scene, ruler)
    axes.set_xlim(0, max(scene.recording.steps, 1))
    axes.set_ylim(scale.low, scale.high)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=points(ruler.px(10)))
    number_steps(axes, place, scene.recording.steps, ruler)
    if labelled:
        counted = "step" if scene.recording.training is None else scene.training.unit
        axes.set_xlabel(counted, color=theme.muted, size=points(ruler.px(10.5)), labelpad=points(ruler.px(1)))
    else:
        axes.tick_params(labelbottom=False, length=points(ruler.px(2)))
    set_ticks(axes, scale, max(1, int(place.height / ruler.px(24))))
    axes.grid(axis="y", color=theme.frame, alpha=0.35, linewidth=points(ruler.px(0.7)))
    axes.set_axisbelow(True)
    return axes


def draw_traces(
    axes: Axes, place: Rect, scene: Scene, ruler: Scaled, scale: LossScale, traces: Sequence[Trace]
) -> tuple[list[Growing], list[Moving]]:
    """Draw lines that grow, the first on top, each with its mark at its end."""
    theme = scene.theme
    curves = [np.column_stack([trace.x.astype(np.float64), scale.place(trace.y)]) for trace in traces]
    foretold = [(curve, trace) for curve, trace in zip(curves, traces, strict=True) if trace.ghost]
    growing = []
    if foretold:
        growing.append(
            ghosts(
                axes,
                [curve for curve, _ in foretold],
                [mix(trace.colour, theme.background, 0.80) for _, trace in foretold],
                points(ruler.px(1.0)),
                [trace.run for _, trace in foretold],
            )
        )
    (x0, x1), room = axes.get_xlim(), scale.high - scale.low
    per_unit = (points(place.width) / (x1 - x0), points(place.height) / room)
    box = ((x0 - 1.0, x1 + 1.0), (scale.low - room, scale.high + room))
    ends = [
        np.searchsorted(trace.x if trace.at is None else trace.at, scene.timing.steps, side="right") - 1
        for trace in traces
    ]
    frames: list[list[Stroke]] = [[] for _ in range(scene.frames)]
    for curve, rows, trace in reversed(list(zip(curves, ends, traces, strict=True))):
        width = points(ruler.px(trace.width))
        for strokes, pieces in zip(frames, frame_pieces([curve], rows, box, per_unit), strict=True):
            strokes.extend(
                Stroke(piece.line, trace.colour, width, trace.dash, piece.offset, trace.run)
                for piece in pieces
                if np.size(piece.line.vertices)
            )
    pen = Lines(axes, GROWING_ZORDER)

    def show(first: int, last: int) -> None:
        pen.strokes = tuple(chain.from_iterable(frames[first : last + 1]))

    marked = [k for k, trace in enumerate(traces) if trace.marker]
    edge = points(ruler.px(1.0))
    marks = Marks(
        axes,
        MOVING_ZORDER,
        [
            Mark(
                traces[k].marker,
                points(ruler.px(7)),
                traces[k].colour,
                theme.background,
                edge,
                traces[k].run,
            )
            for k in marked
        ],
        clip=False,
    )

    def update(frame: int) -> None:
        spots = np.array([curves[k][max(0, ends[k][frame])] for k in marked]).reshape(-1, 2)
        # A mark beyond the panel rests on its edge, so that one can see where the run went.
        spots[:, 1] = np.clip(spots[:, 1], scale.low, scale.high)
        marks.places = spots

    told = [
        (trace.y, partial(_at, ends[k]), trace.colour, trace.run, trace.name)
        for k, trace in enumerate(traces)
        if trace.marker or trace.name
    ]
    notes = draw_edge_notes(axes, place, ruler, scale, told, above=True)
    return [*growing, Growing(pen, show)], [*([Moving(marks, update)] if marked else []), *notes]


def _at(rows: NDArray[np.int64], frame: int) -> int:
    return int(rows[frame])


def second_look(dash: tuple[float, ...], dashes: bool) -> tuple[tuple[float, ...], float]:
    """Return dash and width of the lesser one of two lines of a run.

    Where runs themselves are told apart by dashes it keeps the run's, and is thin instead.

    Args:
        dash: The run's own.
        dashes: Whether runs are told apart by dashes.
    """
    return (dash, 0.7) if dashes else ((3.2, 2.0), 1.1)
