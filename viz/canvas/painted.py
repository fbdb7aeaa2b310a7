"""Which pixels an artist paints, so that frames are put back, drawn and compared only there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from matplotlib.artist import Artist

    Box = tuple[int, int, int, int]  # of pixels: top, left, bottom, right, from the page's upper left corner

_AROUND = 2  # pixels: lines are smoothed beyond what they cover


def painted(artist: Artist, renderer: Any, size: tuple[int, int]) -> Box | None:
    """Return a box outside which an artist, as it is now, paints nothing; None where it paints nothing.

    Args:
        artist: One with ``bounds``, which returns its left, lower, right and upper end in page coordinates,
            or None for nothing; of another it is known only what it is clipped to.
        renderer: The page's.
        size: The page's width and height in pixels.
    """
    if not artist.get_visible():
        return None
    x0, y0, x1, y1 = 0.0, 0.0, *map(float, size)
    clip = artist.get_clip_box() if artist.get_clip_on() else None
    if clip is not None:
        x0, y0, x1, y1 = clip.extents
    if (bounds := getattr(artist, "bounds", None)) is not None:
        if (found := bounds(renderer)) is None:
            return None
        x0, y0, x1, y1 = max(x0, found[0]), max(y0, found[1]), min(x1, found[2]), min(y1, found[3])
    top, left = max(0, math.floor(size[1] - y1) - _AROUND), max(0, math.floor(x0) - _AROUND)
    bottom, right = min(size[1], math.ceil(size[1] - y0) + _AROUND), min(size[0], math.ceil(x1) + _AROUND)
    return (top, left, bottom, right) if top < bottom and left < right else None


def meets(box: Box, others: Iterable[tuple[object, Box]]) -> bool:
    """Say whether a box has a pixel in common with one of others, each with what it belongs to."""
    top, left, bottom, right = box
    return any(
        other[0] < bottom and top < other[2] and other[1] < right and left < other[3] for _, other in others
    )


def joined(boxes: Iterable[tuple[Hashable, Box]]) -> list[Box]:
    """Return one box for all that go together, around all of them.

    >>> joined([("a", (0, 0, 9, 9)), ("b", (300, 300, 310, 310)), ("a", (5, 5, 12, 12))])
    [(0, 0, 12, 12), (300, 300, 310, 310)]
    """
    found: dict[Hashable, Box] = {}
    for key, box in boxes:
        other = found.setdefault(key, box)
        if other is not box:
            top, left, bottom, right = box
            found[key] = min(top, other[0]), min(left, other[1]), max(bottom, other[2]), max(right, other[3])
    return list(found.values())
