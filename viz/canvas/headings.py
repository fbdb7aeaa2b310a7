"""The heading of a panel: words, and small samples of the lines and marks that they explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.text import Text

from .axes import SMALLEST, fit_or_cut, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ..style.layout import Rect
    from ..style.themes import Theme
    from .axes import Scaled


@dataclass(frozen=True, slots=True)
class Sample:
    """A short line, or a mark, that the words behind it explain."""

    dash: tuple[float, ...] = ()
    width: float = 1.6  # in pixels at text scale 1
    marker: str = ""  # a mark in place of a line
    colour: str = ""  # empty: that of the words
    hollow: bool = False  # whether the mark is


_LINE, _MARK, _SPACE, _APART = 20.0, 9.0, 4.0, 9.0  # widths in pixels at text scale 1
_SMALLEST = 0.8  # words are not made smaller than this share of their size; then the end is left out


def draw_heading(
    axes: Axes,
    place: Rect,
    choices: Sequence[Sequence[str | Sample]],
    theme: Theme,
    ruler: Scaled,
    *,
    left: float = 38.0,
    above: float = 9.0,
    beyond: float = 0.0,
) -> None:
    """Write a line above a plot.

    Args:
        axes: The plot.
        place: Where the plot is, in pixels.
        choices: Words and samples in their order, in several wordings, the longest first. The first that
            fits is taken; of the last one what there is no room for is left out from its end.
        theme: Gives the colours.
        ruler: Gives the text scale.
        left: How far left of the plot the line begins, in pixels at text scale 1.
        above: How far above the plot its words stand, in pixels at text scale 1.
        beyond: How far right of the plot the line may run, in pixels.
    """
    room, size = place.width + beyond + ruler.px(left + 10), ruler.px(11)
    smallest = max(_SMALLEST, SMALLEST / size)
    for parts in choices:
        words = [_measurable(part, axes, size) if isinstance(part, str) else part for part in parts]
        widths = [_width(word, ruler) for word in words]
        if sum(widths) * smallest <= room:
            break
    while len(words) > 1 and sum(widths) * smallest > room:
        words, widths = words[:-1], widths[:-1]
        while len(words) > 1 and isinstance(words[-1], Sample):
            words, widths = words[:-1], widths[:-1]
    shrink = min(1.0, room / sum(widths))

    def across(x: float) -> float:
        return x / place.width

    x, y = -ruler.px(left), place.height + ruler.px(above)
    for word, width in zip(words, widths, strict=True):
        if isinstance(word, Text):
            text = axes.text(
                across(x),
                y / place.height,
                word.get_text(),
                transform=axes.transAxes,
                color=theme.muted,
                size=points(size * max(shrink, smallest)),
                parse_math=False,
            )
            if len(words) == 1:
                fit_or_cut(text, room)
        else:
            middle = (y + 0.33 * size) / place.height
            long = (_MARK if word.marker else _LINE) * ruler.px(1) * shrink
            axes.add_line(_sample(word, (across(x), across(x + long)), middle, axes, theme, ruler))
        x += width * shrink


def _measurable(words: str, axes: Axes, size: float) -> Text:
    text = Text(0, 0, words, parse_math=False, size=points(size))
    text.set_figure(axes.figure)
    return text


def _width(word: Text | Sample, ruler: Scaled) -> float:
    if isinstance(word, Text):
        return word.get_window_extent().width + ruler.px(_APART)
    return ruler.px((_MARK if word.marker else _LINE) + _SPACE)


def _sample(
    look: Sample, ends: tuple[float, float], y: float, axes: Axes, theme: Theme, ruler: Scaled
) -> Line2D:
    colour = look.colour or theme.muted
    if look.marker:
        line = Line2D(
            [sum(ends) / 2],
            [y],
            linestyle="none",
            marker=look.marker,
            markersize=points(ruler.px(7)),
            markerfacecolor="none" if look.hollow else colour,
            markeredgecolor=colour,
            markeredgewidth=points(ruler.px(1)),
        )
    else:
        line = Line2D(list(ends), [y, y], color=colour, linewidth=points(ruler.px(look.width)))
        if look.dash:
            line.set_linestyle((0, look.dash))
    line.set_transform(axes.transAxes)
    line.set_clip_on(False)
    return line
