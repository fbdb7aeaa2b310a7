"""What a picture has no room for: noted on its page, so that it can be said outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.artist import Artist

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class LeftOut(Artist):
    """Something that the page has no room for."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def draw(self, renderer: Any) -> None:
        """Draw nothing."""


def leave_out(axes: Axes, what: str) -> None:
    """Note what is left out: "the panel loss"."""
    axes.add_artist(LeftOut(what))


def left_out(figure: Figure) -> str:
    """Say in a sentence what a picture has no room for; empty where it has room for everything."""
    found = dict.fromkeys(each.what for each in figure.findobj(LeftOut) if isinstance(each, LeftOut))
    if not found:
        return ""
    *some, last = found
    size = "x".join(f"{side:.0f}" for side in figure.bbox.size)
    return f"no room at {size} for {' and '.join(filter(None, (', '.join(some), last)))}"
