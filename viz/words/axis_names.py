"""What the axes and the heights of a contour are called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """What the axes and the heights of a contour are called."""

    x: str
    y: str
    heights: str  # empty where nothing is known of them
    floor: float | None = None  # what a log scale of the heights measures from, where that is known
