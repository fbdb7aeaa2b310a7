"""Oscillations too fast to be drawn as a line: a band from lowest to highest, and the median in it.

A line that goes up and down within a few pixels is a solid block, and hides every other line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..canvas.pieces import Piece

_PERIOD = 3.0  # a period narrower than this cannot be told apart, in pixels at text scale 1
_LOW = 4.0  # a lower oscillation than this is a line that is a bit wider, in pixels at text scale 1
_FEWEST = 4  # in fewer columns in a row it is a spike or two


@dataclass(frozen=True, slots=True, eq=False)
class Oscillation:
    """A curve whose fast oscillations are bands."""

    line: NDArray[np.float64]  # (rows, 2), the curve, and the median where there are bands
    bands: tuple[tuple[int, Path], ...]  # the row that completes each, and its outline in data coordinates


def steps_in_a_column(per_step: float, pixel: float) -> int:
    """Return how many steps share a column of a band; an even number, so that the median favours no side.

    Args:
        per_step: How wide a step is, in points.
        pixel: How wide a pixel at text scale 1 is, in points.
    """
    return 2 * max(1, math.ceil(_PERIOD * pixel / per_step / 2))


def find_oscillation(curve: NDArray[np.float64], per_unit: tuple[float, float], pixel: float) -> Oscillation:
    """Find where a curve oscillates so fast that its line would be a solid block.

    Args:
        curve: The line's points (rows, 2): steps, increasing, and places on the axis; NaN is a gap.
        per_unit: How many points one unit along x and y is long on the page.
        pixel: How wide a pixel at text scale 1 is, in points.
    """
    together = steps_in_a_column(per_unit[0], pixel)
    if together < 4 or len(curve) < 4:
        return Oscillation(curve, ())
    x, y = curve.T
    firsts = np.flatnonzero(np.diff(x // together, prepend=-1.0))
    columns = list(zip(firsts.tolist(), [*firsts[1:].tolist(), len(curve)], strict=True))
    least = _LOW * pixel / per_unit[1]
    fast = _in_stretches(np.array([_goes_up_and_down(y[first:end], least) for first, end in columns]))
    line, bands = curve.copy(), []
    edges = np.concatenate([x[:1], (x[1:] + x[:-1]) / 2, x[-1:]])
    for (first, end), banded in zip(columns, fast.tolist(), strict=True):
        values = y[first:end][np.isfinite(y[first:end])]
        if not banded or not len(values):
            continue
        # Until a column is complete its line waits where it was: what is still to come is not known.
        line[first : end - 1] = line[first - 1] if first else curve[0]
        line[end - 1] = (edges[first] + edges[end]) / 2, np.median(values)
        low, high = values.min(), values.max()
        left, right = edges[first], edges[end]
        corners = [(left, low), (left, high), (right, high), (right, low), (left, low)]
        bands.append((end - 1, Path(corners, closed=True)))
    return Oscillation(line, tuple(bands))


def add_bands(
    pieces: Sequence[Sequence[Piece]], found: Sequence[Oscillation], frame_rows: NDArray[np.int64]
) -> list[list[Piece]]:
    """Add to the pieces of each frame and run the bands that are complete in it."""
    wide: list[dict[int, list[Path]]] = []
    for one in found:
        wide.append({})
        for row, outline in one.bands:
            frame = int(np.searchsorted(frame_rows, row))
            wide[-1].setdefault(frame, []).append(outline)
    return [
        [
            replace(piece, band=Path.make_compound_path(*bands))
            if (bands := wide[piece.run].get(frame))
            else piece
            for piece in some
        ]
        for frame, some in enumerate(pieces)
    ]


def _goes_up_and_down(values: NDArray[np.float64], least: float) -> bool:
    """Say whether values (n,) go up and down again, by at least so much."""
    there = values[np.isfinite(values)]
    if len(there) < 3:
        return False
    reach = float(np.ptp(there))
    return reach > least and float(np.abs(np.diff(there)).sum()) >= 1.8 * reach


def _in_stretches(fast: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leave out short stretches of what is said of columns, (n,)."""
    found = fast.copy()
    turns = (np.flatnonzero(np.diff(fast)) + 1).tolist()
    for first, end in zip([0, *turns], [*turns, len(fast)], strict=True):
        if end - first < _FEWEST:
            found[first:end] = False
    return found
