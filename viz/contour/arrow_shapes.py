"""The outlines of arrows and ellipses in pixels, each told from the others without colour; only NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Pixels = NDArray[np.float64]  # (..., 2)
    Px = Callable[[float], float]  # scales a length at text scale 1 to the picture's own

_TURNS = np.linspace(0.0, 2 * np.pi, 49)


def thin(way: Pixels, px: Px) -> tuple[Pixels, ...]:
    """Return the lines of a thin open arrow."""
    return open_arrow(way, px(6.5))


def block(way: Pixels, px: Px) -> tuple[Pixels, ...]:
    """Return the outline of an arrow with a shaft much narrower than its head."""
    return (block_arrow(way, px(4.4), (px(12), px(12))),)


def broad(way: Pixels, px: Px) -> tuple[Pixels, ...]:
    """Return the outline of an arrow with a broad shaft."""
    return (block_arrow(way, px(7), (px(10), px(15))),)


def ellipse(half: Pixels, px: Px) -> tuple[Pixels, ...]:
    """Return the outline of an upright ellipse, closed, (n, 2).

    Args:
        half: Its semi-axes, (2,) in pixels; one that is hardly anything is drawn as a little.
        px: Scales lengths.
    """
    half = np.maximum(half, px(1.5))
    return (np.column_stack([half[0] * np.cos(_TURNS), half[1] * np.sin(_TURNS)]),)


def open_arrow(way: Pixels, barb: float) -> tuple[Pixels, Pixels]:
    """Return the lines of a thin arrow: its shaft, and a head of two strokes.

    Args:
        way: From tail to tip, (2,) in pixels.
        barb: How long the head is; on a short arrow it is shorter.
    """
    along, across = _axes(way)
    barb = min(barb, 0.5 * float(np.hypot(*way)))
    head = [way - barb * (along + side * 0.55 * across) for side in (1, -1)]
    return np.array([np.zeros(2), way]), np.array([head[0], way, head[1]])


def block_arrow(way: Pixels, width: float, head: tuple[float, float]) -> Pixels:
    """Return the outline of an arrow with a filled shaft, closed, (8, 2).

    Args:
        way: From tail to tip, (2,) in pixels.
        width: Of the shaft.
        head: Length and width of the head, which a short arrow has less of.
    """
    along, across = _axes(way)
    length = float(np.hypot(*way))
    share = min(1.0, length / (1.2 * head[0]))
    neck = way - share * head[0] * along
    shaft, wing = share * width / 2 * across, share * head[1] / 2 * across
    return np.array([shaft, neck + shaft, neck + wing, way, neck - wing, neck - shaft, -shaft, shaft])


def _axes(way: Pixels) -> tuple[Pixels, Pixels]:
    along = way / np.hypot(*way)
    return along, np.array([-along[1], along[0]])
