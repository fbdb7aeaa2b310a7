"""Paths as few bytes: whole numbers of a fine grid, second differences along the steps, and deflate.

A page reads them back with a few lines and ``DecompressionStream``. Points are exact to half a 4096th of the
view's sides, which is a tenth of a pixel where the map is 800 pixels wide; or to half a 2048th where a page
would be too large. Losses are kept as the logarithm
of their height above the lowest, exact to half a percent of that height.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...trajectories.results.exploration import Exploration

    Whole = NDArray[np.int64]

QUANTA, COARSE = 4096, 2048  # along each side of the view
MARGIN = (
    1  # sides of the view, beyond each of its edges, within which points are kept; others lie on its border
)
LOSS_STEP = math.log(1.01)
LOWEST, HIGHEST = 1e-12, 1e12  # heights above the lowest loss; those below and beyond are written as these
_EFFORT = 8  # of deflate: 9 takes twice as long for a fiftieth less
_ESCAPE = 255  # in the stream of bytes: the number is the next one of two bytes


@dataclass(frozen=True, slots=True)
class Packed:
    """What a page needs to draw the paths."""

    data: bytes  # deflated
    facts: dict[str, Any]  # how to read it, as plain JSON values


def pack(exploration: Exploration, floor: float, quanta: int = QUANTA) -> Packed:
    """Pack all paths, losses and ends.

    Args:
        exploration: What was computed.
        floor: The loss from which heights are measured, the lowest known.
        quanta: So many steps of the grid are along each side of the view.
    """
    points = _series(quantized(exploration, quanta))
    losses = _series(loss_levels(exploration.losses, floor)[..., None])
    ends = np.stack([exploration.non_finite_at, exploration.left_at]).astype("<i4")
    parts = [*points, *losses, np.frombuffer(ends.tobytes(), np.uint8)]
    data = zlib.compress(b"".join(part.tobytes() for part in parts), _EFFORT)
    x, y = (
        np.round(_shares(values, side) * quanta).astype(int).tolist()
        for values, side in zip((exploration.x, exploration.y), exploration.view, strict=True)
    )
    return Packed(
        data,
        {
            "sizes": [int(part.size) for part in parts],  # in bytes
            "quanta": quanta,
            "margin": MARGIN,
            "startX": x,
            "startY": y,
            "floor": floor,
            "lossStep": LOSS_STEP,
            "lossEnds": [_level(LOWEST), _level(HIGHEST)],
            "firstLevels": loss_levels(exploration.losses[0, 0, :, :, 0], floor).ravel().tolist(),
        },
    )


def floor_of(exploration: Exploration) -> float:
    """Return the loss from which heights are measured: the known minimum, or the lowest on the map."""
    if exploration.minima:
        return float(exploration.minima[0].value)
    return float(np.min(exploration.field.z, initial=math.inf, where=np.isfinite(exploration.field.z)))


def quantized(exploration: Exploration, quanta: int = QUANTA) -> Whole:
    """Return all points in quanta from the view's lower left corner, (O, R, H, W, steps + 1, 2).

    A point far out of the view lies where the line from the last point before it leaves the box that is kept,
    so that what is drawn of the line in the view has its true direction; while a run stays that far out, its
    point stays there. Points that are not finite are where the run was last.
    """
    shares = [_shares(exploration.points[..., axis], side) for axis, side in enumerate(exploration.view)]
    with np.errstate(over="ignore"):
        exact = quanta * np.stack(shares, axis=-1)
    low, high = -MARGIN * quanta, (1 + MARGIN) * quanta
    with np.errstate(invalid="ignore"):
        inside = np.asarray(((exact > low + 0.5) & (exact < high - 0.5)).all(axis=-1))
    found = np.empty(exact.shape)
    found[..., 0, :] = exact[..., 0, :]
    for k in range(1, exact.shape[-2]):
        before, now = found[..., k - 1, :], exact[..., k, :]
        leaves = inside[..., k - 1] & ~inside[..., k] & np.isfinite(now).all(axis=-1)
        found[..., k, :] = np.where(inside[..., k, None], now, before)
        found[leaves, k] = _on_border(before[leaves], now[leaves], low, high)
    return np.asarray(np.round(found), dtype=np.int64)


def loss_levels(losses: NDArray[np.float64], floor: float) -> Whole:
    """Return logarithms of heights above the floor in steps of a percent, of the shape of the losses."""
    with np.errstate(invalid="ignore", over="ignore"):
        heights = np.where(np.isfinite(losses), losses - floor, HIGHEST)
    return np.asarray(np.round(np.log(np.clip(heights, LOWEST, HIGHEST)) / LOSS_STEP), dtype=np.int64)


def _level(height: float) -> int:
    return round(math.log(height) / LOSS_STEP)


def _shares(values: NDArray[np.float64], side: tuple[float, float]) -> NDArray[np.float64]:
    """Return where values lie between the ends of a side, as shares of it."""
    low, high = side
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((values - low) / (high - low))


def _on_border(
    before: NDArray[np.float64], now: NDArray[np.float64], low: float, high: float
) -> NDArray[np.float64]:
    """Return where segments (n, 2) from within a box to points beyond it cross its border."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        bound = np.where(now > before, high, low)
        share = np.where(now != before, (bound - before) / (now - before), np.inf)
        nearest = np.minimum(share.min(axis=-1, keepdims=True), 1.0)
        crossing = before + nearest * (now - before)
        return np.where(share == nearest, bound, np.clip(crossing, low, high))


def _series(values: Whole) -> list[NDArray[np.uint8]]:
    """Return second differences of (..., steps + 1, axes) as a stream of bytes, and the larger ones of two.

    In order of runs, then axes, then steps, without the first step, which is told otherwise.
    """
    steps = np.diff(values, axis=-2)
    bends = np.diff(steps, axis=-2, prepend=0)
    signs = np.moveaxis(bends, -1, -2).ravel()
    plain = np.where(signs < 0, -2 * signs - 1, 2 * signs)
    large = plain[plain >= _ESCAPE].astype("<u2")
    assert not plain.size or plain.max() < 1 << 16  # by MARGIN and the loss's range
    return [np.minimum(plain, _ESCAPE).astype(np.uint8), np.frombuffer(large.tobytes(), np.uint8)]
