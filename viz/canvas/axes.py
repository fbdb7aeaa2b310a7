"""Axes and texts as every panel uses them: dressed by the theme, measured in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..style.layout import DPI

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from ..scenes.scene import AbstractScene
    from ..style.layout import Rect

_LEAST = 4.5  # points: smaller text cannot be read


class Scaled(Protocol):
    """Whatever scales lengths to the size of the page: a `Layout` or a `Ruler`."""

    def px(self, length: float) -> float:
        """Scale a length given for 960 x 600 pixels."""


def points(pixels: float) -> float:
    """Convert pixels to points at the 100 dots an inch that figures are laid out with."""
    return pixels * 72 / DPI


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
    return axes


def ticks_offset(axis: Axis) -> str:
    """Return what matplotlib would write at an axis' end ("1e9", "+1e3"), and keep it from doing so there."""
    formatter = axis.get_major_formatter()
    formatter.format_ticks(list(axis.get_majorticklocs()))
    axis.get_offset_text().set_visible(False)
    return formatter.get_offset()


def fit(text: Text, width: float, height: float = float("inf")) -> float:
    """Make a text small enough for its room, in pixels; returns its size in points."""
    size = float(text.get_fontsize())
    for _ in range(6):  # small letters are wider than their share: they keep to whole pixels
        extent = text.get_window_extent()
        share = min(width / max(extent.width, 1.0), height / max(extent.height, 1.0))
        if share >= 1.0:
            break
        size *= share
        text.set_fontsize(size)
    return size


def fit_or_cut(text: Text, width: float, smallest: float, *, whole_words: bool = False) -> None:
    """Make a line of text small enough for its width in pixels; cut its end off rather than go below a size.

    Args:
        text: The line.
        width: Its room in pixels.
        smallest: The smallest size in points that can still be read.
        whole_words: Whether words are left out whole; a lone one is cut all the same.
    """
    if fit(text, width) >= smallest:
        return
    text.set_fontsize(smallest)
    words = text.get_text()
    while len(words) > 1 and text.get_window_extent().width > width:
        kept = words.rpartition(" ")[0] if whole_words else ""
        words = kept or words[:-1]
        text.set_text(words.rstrip(" ,;") + "…")
