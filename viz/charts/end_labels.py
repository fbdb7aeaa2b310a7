"""Names at the ends of curves, beside the plot, one below the other where curves end close together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.text import Text

from ..canvas.axes import points
from ..canvas.pens import tag
from ..style.layout import Rect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..canvas.axes import Scaled
    from ..style.run_styles import RunStyle

_SIZE, _LINE = 10.5, 13.0  # of letters, of a line; pixels at text scale 1, as all below
_ASIDE, _MARK = 17.0, 6.0  # of names from the plot, and of the lines to them, which begin beyond a mark
_MOST = 0.3  # the share of a place that names may take
_LEAST = 150.0  # the width of a plot below which there are none
_LETTERS = 16  # longer names are left to the legend


def with_room(figure: Figure, place: Rect, names: Sequence[str], ruler: Scaled) -> tuple[Rect, bool]:
    """Return the place that is left for a plot with names beside it, and whether there is room for them."""
    if len(names) < 2 or max(map(len, names)) > _LETTERS or len(names) * ruler.px(_LINE) > place.height:
        return place, False
    wide = max(_width(figure, name, points(ruler.px(_SIZE))) for name in names) + ruler.px(_ASIDE)
    if wide > _MOST * place.width or place.width - wide < ruler.px(_LEAST):
        return place, False
    return Rect(place.x, place.y, place.width - wide, place.height), True


def _width(figure: Figure, words: str, size: float) -> float:
    text = Text(0, 0, words, size=size, parse_math=False)
    text.set_figure(figure)
    return float(text.get_window_extent().width)


def draw_end_labels(
    axes: Axes,
    place: Rect,
    names: Sequence[str],
    ends: Sequence[float],
    styles: Sequence[RunStyle],
    ruler: Scaled,
) -> None:
    """Write a name beside the end of each curve.

    Args:
        axes: The plot.
        place: Where it is, in pixels.
        names: Of each curve.
        ends: How high each ends, as a share of the plot's height; one beyond the plot is named at its edge.
        styles: Of each curve; its colour is used.
        ruler: Gives the text scale.
    """
    across = 1 / place.width
    seen = np.clip(np.nan_to_num(ends, nan=1.0, posinf=1.0), 0.0, 1.0).tolist()
    heights = spread(seen, ruler.px(_LINE) / place.height)
    for name, end, height, style in zip(names, seen, heights, styles, strict=True):
        text = Text(
            1 + ruler.px(_ASIDE) * across,
            height,
            name,
            color=style.colour,
            size=points(ruler.px(_SIZE)),
            va="center",
            transform=axes.transAxes,
            parse_math=False,
        )
        line = Line2D(
            [1 + ruler.px(_MARK) * across, 1 + ruler.px(_ASIDE - 3) * across],
            [end, height],
            color=style.colour,
            linewidth=points(ruler.px(0.9)),
            transform=axes.transAxes,
        )
        for artist in (text, line):
            artist.set_clip_on(False)
            tag(artist, style.run)
            axes.add_artist(artist)


def spread(places: Sequence[float], apart: float) -> list[float]:
    """Return places from 0 to 1 moved as little as need be until any two are so far apart.

    >>> [round(place, 2) for place in spread([0.5, 0.5, 0.9, 1.0], 0.1)]
    [0.45, 0.55, 0.9, 1.0]
    """
    order = np.argsort(places, kind="stable")
    # Less the steps that they must be apart, places may not fall: those that do are pooled at their mean.
    pools: list[list[float]] = []
    for rank, index in enumerate(order):
        pools.append([float(places[index]) - rank * apart])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    high = 1.0 - (len(places) - 1) * apart
    level = [min(max(float(np.mean(pool)), 0.0), high) for pool in pools for _ in pool]
    moved = [0.0] * len(places)
    for rank, index in enumerate(order):
        moved[index] = level[rank] + rank * apart
    return moved
