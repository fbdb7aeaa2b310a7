"""Numbers at a chart's edges: what a run is worth that the axis does not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..canvas.axes import points
from ..canvas.parts import MOVING_ZORDER, Moving
from ..canvas.pens import tag
from ..canvas.readout import Readout
from ..style import language
from ..style.numbers import brief

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..style.layout import Rect
    from .scales import LossScale

_MOST = 4  # numbers above each other
_LINE, _ASIDE = 12.0, 9.0  # pixels at text scale 1: height of a number, and its distance from marks


def draw_edge_notes(
    axes: Axes,
    place: Rect,
    ruler: Scaled,
    scale: LossScale,
    runs: Sequence[tuple[NDArray[np.float64], Callable[[int], int], str, int | None, str]],
    *,
    above: bool = False,
) -> list[Moving]:
    """Write an arrow and the number of each run while it is off the axis; its mark rests on the edge.

    Args:
        axes: The chart.
        place: Where it is, in pixels.
        ruler: Gives the text scale.
        scale: Its vertical axis.
        runs: Of each its values (rows,), what tells the row that a frame shows, its colour, its number, and
            what is written before its own; empty for nothing.
        above: Whether numbers stand at the upper edge, too.
    """
    most = max(1, min(_MOST, int(place.height / ruler.px(_LINE)) // 2))
    with np.errstate(invalid="ignore"):
        low = [run for run in runs if (scale.place(run[0]) < scale.low).any()][:most]
        high = [run for run in runs if (scale.place(run[0]) > scale.high).any()][: most * above]
    notes = [_note(axes, place, ruler, scale, run, index, up=False) for index, run in enumerate(low)]
    return notes + [_note(axes, place, ruler, scale, run, index, up=True) for index, run in enumerate(high)]


def _note(
    axes: Axes,
    place: Rect,
    ruler: Scaled,
    scale: LossScale,
    run: tuple[NDArray[np.float64], Callable[[int], int], str, int | None, str],
    index: int,
    *,
    up: bool,
) -> Moving:
    values, row_of, colour, number, name = run
    inward = ruler.px(3 + _LINE * index) / place.height
    note = Readout(
        1 - ruler.px(_ASIDE) / place.width,
        1 - inward if up else inward,
        "",
        transform=axes.transAxes,
        color=colour,
        size=points(ruler.px(10)),
        ha="right",
        va="top" if up else "bottom",
        zorder=MOVING_ZORDER + 0.1,
    )
    axes.add_artist(note)
    tag(note, number)
    placed, arrow = scale.place(values), "↑" if up else "↓"

    def update(frame: int) -> None:
        row = max(0, min(row_of(frame), len(values) - 1))
        off = bool(placed[row] > scale.high if up else placed[row] < scale.low)
        note.set_text(
            f"{name} {arrow} {language.number(brief(float(values[row] - scale.base)))}".strip() if off else ""
        )

    return Moving(note, update)
