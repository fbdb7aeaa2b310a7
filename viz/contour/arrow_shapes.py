"""The outlines of arrows and ellipses in pixels, each told from the others without colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...surfaces.surface import Box
    from ..style.layout import Rect

    Pixels = NDArray[np.float64]  # (..., 2)

_TURNS = np.linspace(0.0, 2 * np.pi, 49)


@dataclass(frozen=True, slots=True)
class Panel:
    """A plot's pixels: how long on the page a vector of its coordinates is."""

    low: tuple[float, float]  # coordinates of the lower left corner
    per_unit: tuple[float, float]  # pixels that one unit along x and y is long

    @classmethod
    def of(cls, place: Rect, view: Box) -> Panel:
        """Return the panel of a plot that shows a view."""
        (x0, x1), (y0, y1) = view
        return cls((x0, y0), (place.width / (x1 - x0), place.height / (y1 - y0)))

    def turned(self, vectors: Pixels) -> Pixels:
        """Return the direction on the page of vectors (..., 2) in data coordinates, of length 1 or NaN."""
        with np.errstate(all="ignore"):
            # Divided first, because the squares of huge numbers overflow.
            vectors = vectors / np.abs(vectors).max(axis=-1, keepdims=True) * self.per_unit
            return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))

    def path(self, *lines: Pixels, at: Pixels, closed: bool = False) -> Path:
        """Return lines (n, 2) in pixels around a point as one path in data coordinates."""
        codes: list[np.uint8] = []
        for line in lines:
            codes += [Path.MOVETO] + [Path.LINETO] * (len(line) - 1)
            if closed:
                codes[-1] = Path.CLOSEPOLY
        return Path(at + np.concatenate(lines) / self.per_unit, codes)


def open_arrow(way: Pixels, barb: float) -> tuple[Pixels, Pixels]:
    """Return the lines of a thin arrow: its shaft, and a head of two strokes.

    Args:
        way: From tail to tip, (2,) in pixels.
        barb: How long the head is.
    """
    along, across = _axes(way)
    head = [way - barb * (along + side * 0.55 * across) for side in (1, -1)]
    return np.array([np.zeros(2), way]), np.array([head[0], way, head[1]])


def block_arrow(way: Pixels, width: float, head: tuple[float, float]) -> Pixels:
    """Return the outline of an arrow with a broad shaft, closed, (8, 2).

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


def ellipse(axes: Pixels, longest: float, least: float) -> Pixels:
    """Return the outline of an upright ellipse, closed, (n, 2).

    Args:
        axes: The semi-axes (2,), to any scale.
        longest: What the longer one is drawn as, in pixels.
        least: What the shorter one is drawn as at least.
    """
    half = np.maximum(axes / np.max(axes) * longest, least)
    return np.column_stack([half[0] * np.cos(_TURNS), half[1] * np.sin(_TURNS)])


def _axes(way: Pixels) -> tuple[Pixels, Pixels]:
    along = way / np.hypot(*way)
    return along, np.array([-along[1], along[0]])
