"""Where a surface is stationary: minima and saddles in its view, found by Newton's method from a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..descent.last_slopes import slopes
from ..results.exploration import MINIMUM, SADDLE, Stationary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...surfaces.surface import Surface

_GRID, _TURNS = 24, 30
_LONGEST = 0.1  # of the view's sides: how far a step may lead
_APART = 1e-3  # two points nearer than this share of the view's shorter side are one
_FLAT = 1e-6  # an eigenvalue of less than this share of the other says nothing of the kind
_MOST = 12  # more than so many are not worth naming one by one


def stationary(surface: Surface) -> tuple[Stationary, ...]:
    """Return the minima and saddles in the view that Newton's method finds; none where there are very many.

    Points where the Hessian has an eigenvalue of nearly zero, and maxima, are left out.

    >>> from ...surfaces.analytic.resolve import get
    >>> [(each.kind, [round(v, 6) + 0.0 for v in each.point]) for each in stationary(get("saddle"))]
    [('saddle', [0.0, 0.0])]
    """
    x, y = (np.linspace(low, high, _GRID) for low, high in surface.view)
    at = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    low, high = np.array(surface.view).T
    sides = high - low
    try:
        with np.errstate(all="ignore"):
            for _ in range(_TURNS):
                slope, bend = _split(slopes(surface, at))
                step = _newton(slope, bend)
                far = np.maximum((np.abs(step) / (_LONGEST * sides)).max(axis=1, keepdims=True), 1.0)
                at = at - step / far
            slope, bend = _split(slopes(surface, at))
    except Exception:  # a function of anybody's that cannot be differentiated twice
        return ()
    size = np.abs(bend).max(axis=(1, 2))
    with np.errstate(all="ignore"):
        there = (np.hypot(*slope.T) <= 1e-8 * size * sides.min()) & (size > 0)
        there &= ((at >= low) & (at <= high)).all(axis=1) & np.isfinite(bend).all(axis=(1, 2))
    found: list[Stationary] = []
    for point, (small, large) in zip(at[there].tolist(), np.linalg.eigvalsh(bend[there]), strict=True):
        if min(abs(small), abs(large)) < _FLAT * max(abs(small), abs(large)) or large <= 0:
            continue
        if all(np.hypot(*np.subtract(point, one.point)) > _APART * sides.min() for one in found):
            found.append(Stationary((point[0], point[1]), MINIMUM if small > 0 else SADDLE))
        if len(found) > _MOST:
            return ()
    return tuple(found)


def _split(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return rows[:, 0], rows[:, 1:]


def _newton(slope: NDArray[np.float64], bend: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the step to where the slope would be zero, (n, 2); none where that is not known."""
    (a, b), (c, d) = np.moveaxis(bend, 0, -1)
    det = a * d - b * c
    step: NDArray[np.float64] = np.stack(
        [d * slope[:, 0] - b * slope[:, 1], a * slope[:, 1] - c * slope[:, 0]], axis=1
    )
    step = step / det[:, None]
    step[~np.isfinite(step).all(axis=1)] = 0.0
    return step
