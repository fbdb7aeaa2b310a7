"""How much room a page with a player takes."""

from __future__ import annotations

_CONTROLS, _LINE = 146, 24  # pixels that the page needs below its picture, and for each line of its caption


def room_below(size: tuple[int, int], caption: str) -> int:
    """Return how much higher than its picture a page is, in pixels: controls and a caption.

    Args:
        size: Width and height of the picture in pixels.
        caption: What stands below it.
    """
    letters = max(1, min(size[0], 736) // 8)  # on a line of the caption
    return _CONTROLS + _LINE * -(-len(caption) // letters)
