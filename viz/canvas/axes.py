"""Axes and texts as every panel uses them: dressed by the theme, measured in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from matplotlib.ticker import ScalarFormatter

from ..style.language import decimal_comma
from ..style.layout import DPI

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from ..scenes.scene import AbstractScene
    from ..style.layout import Rect

SMALLEST = 9.0  # pixels: smaller letters cannot be read


class _CommaFormatter(ScalarFormatter):
    """Numbers at ticks as matplotlib writes them, with a comma in place of the point."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return str(super().__call__(x, pos)).replace(".", ",")

    def get_offset(self) -> str:
        return str(super().get_offset()).replace(".", ",")


class Scaled(Protocol):
    """Whatever scales lengths to the size of the page: a `Layout` or a `Ruler`."""

    def px(self, length: float) -> float:
        """Scale a length given for 960 x 600 pixels."""


def points(pixels: float) -> float:
    """Convert pixels to points at the 100 dots an inch that figures are laid out with."""
    return pixels * 72 / DPI


def letters(pixels: float) -> float:
    """Convert a size of letters to points, those that could not be read to the smallest that can."""
    return points(max(pixels, SMALLEST))


def add_axes(figure: Figure, rect: Rect, scene: AbstractScene, layout: Scaled) -> Axes:
    """Add axes at a place in pixels, dressed by the theme."""
    width, height = scene.size
    axes = figure.add_axes((rect.x / width, rect.y / height, rect.width / width, rect.height / height))
    axes.set_facecolor("none" if scene.theme.transparent else scene.theme.background)
    for spine in axes.spines.values():
        spine.set_color(scene.theme.frame)
        spine.set_linewidth(points(layout.px(0.8)))
    axes.tick_params(
        colors=scene.theme.muted,
        color=scene.theme.frame,
        labelsize=points(layout.px(11)),
        length=points(layout.px(3.5)),
        width=points(layout.px(0.8)),
        pad=points(layout.px(4)),
    )
    if decimal_comma():
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(_CommaFormatter())
    return axes


def ticks_offset(axis: Axis) -> str:
    """Return what matplotlib would write at an axis' end ("1e9", "+1e3"), and keep it from doing so there."""
    formatter = axis.get_major_formatter()
    formatter.format_ticks(list(axis.get_majorticklocs()))
    axis.get_offset_text().set_visible(False)
    return formatter.get_offset()


def fit(text: Text, width: float, height: float = float("inf")) -> bool:
    """Make a text small enough for its room, in pixels, but not too small to read; says whether it fits."""
    size, least = float(text.get_fontsize()), points(SMALLEST)
    for _ in range(8):  # small letters are wider than their share: they keep to whole pixels
        extent = text.get_window_extent()
        share = min(width / max(extent.width, 1.0), height / max(extent.height, 1.0))
        if share >= 1.0:
            return True
        if size <= least:
            return False
        size = max(size * share, least)
        text.set_fontsize(size)
    extent = text.get_window_extent()
    return bool(extent.width <= width and extent.height <= height)


def fit_or_cut(
    text: Text,
    width: float,
    smallest: float = 0.0,
    *,
    tallest: float = float("inf"),
    whole_words: bool = False,
) -> bool:
    """Make a line of text small enough for its room in pixels; cut its end off rather than go below a size.

    Args:
        text: The line.
        width: Its room.
        smallest: The smallest size in points that it should have, at least one that can be read.
        tallest: How high it may be; of a line along a vertical axis, how long.
        whole_words: Whether words are left out whole; a lone one is cut all the same.

    Returns:
        Whether all of it is there.
    """
    if fit(text, width, tallest) and float(text.get_fontsize()) >= smallest:
        return True
    text.set_fontsize(max(smallest, points(SMALLEST)))
    words = text.get_text()
    while len(words) > 1:
        extent = text.get_window_extent()
        if extent.width <= width and extent.height <= tallest:
            break
        kept = words.rpartition(" ")[0] if whole_words else ""
        words = kept or words[:-1]
        text.set_text(words.rstrip(" ,;") + "…")
    return False
