"""Numbers at a chart's lower edge: what a run is worth that the axis does not reach down to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..canvas.axes import points
from ..canvas.parts import MOVING_ZORDER, Moving
from ..canvas.pens import tag
from ..canvas.readout import Readout
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
    runs: Sequence[tuple[NDArray[np.float64], Callable[[int], int], str, int | None]],
) -> list[Moving]:
    """Write an arrow down and the number of each run while it is below the axis; its mark rests on the edge.

    Args:
        axes: The chart.
        place: Where it is, in pixels.
        ruler: Gives the text scale.
        scale: Its vertical axis.
        runs: Of each its values (rows,), what tells the row that a frame shows, its colour and its number.
    """
    with np.errstate(invalid="ignore"):
        low = [each for each in runs if (scale.place(each[0]) < scale.low).any()][:_MOST]
    return [_note(axes, place, ruler, scale, run, index) for index, run in enumerate(low)]


def _note(
    axes: Axes,
    place: Rect,
    ruler: Scaled,
    scale: LossScale,
    run: tuple[NDArray[np.float64], Callable[[int], int], str, int | None],
    index: int,
) -> Moving:
    values, row_of, colour, number = run
    note = Readout(
        1 - ruler.px(_ASIDE) / place.width,
        ruler.px(3 + _LINE * index) / place.height,
        "",
        transform=axes.transAxes,
        color=colour,
        size=points(ruler.px(10)),
        ha="right",
        va="bottom",
        zorder=MOVING_ZORDER + 0.1,
    )
    axes.add_artist(note)
    tag(note, number)
    placed = scale.place(values)

    def update(frame: int) -> None:
        row = max(0, min(row_of(frame), len(values) - 1))
        below = bool(placed[row] < scale.low)
        note.set_text(f"↓ {brief(float(values[row] - scale.base))}" if below else "")

    return Moving(note, update)
