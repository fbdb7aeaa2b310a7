"""Heights between a field's points, so that lines of equal height run on where a valley is narrow.

Straight lines between points cut a valley that is a cell wide into islands, the more so on a log scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.field import Field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_DENSE = 1.25  # pixels that a cell may be wide; finer shows no more
_MOST = 2048  # cells a side: bounds memory on very large pages


def finer(field: Field, pixels: tuple[float, float]) -> Field:
    """Halve a field's cells, once at least, until they are no larger than pixels.

    Heights that the field has stay; those in the middle between two are read from a cubic through the four
    nearest on the line. Where those four show no valley or ridge, the new one lies between its neighbours,
    and no valley is deeper than both its slopes run on: a kink or a cliff makes no waves.

    Args:
        field: At least two points a side.
        pixels: How wide and how high it is drawn.
    """
    x, y, z = field.x, field.y, field.z
    for axis, size in ((1, pixels[0]), (0, pixels[1])):
        while True:
            places = (y, x)[axis]
            places, z = _doubled(places, z, axis)
            x, y = (x, places) if axis == 0 else (places, y)
            if places.size * _DENSE >= size or 2 * places.size > _MOST:
                break
    return Field(x, y, z)


def _doubled(places: Array, values: Array, axis: int) -> tuple[Array, Array]:
    """Put a point into the middle between every two along an axis."""
    known = np.moveaxis(values, axis, 0)
    both = np.empty((2 * len(known) - 1, *known.shape[1:]))
    both[::2], both[1::2] = known, between(places, known)
    grown = np.empty(2 * len(places) - 1)
    grown[::2], grown[1::2] = places, (places[:-1] + places[1:]) / 2
    return grown, np.moveaxis(both, 0, axis)


def between(places: Array, values: Array) -> Array:
    """Return values in the middle between neighbouring places, (n - 1, ...).

    Args:
        places: Shape (n,), increasing, n at least 2.
        values: Shape (n, ...); beside one that is not finite the middle is taken on a straight line.

    >>> between(np.array([0.0, 1.0, 2.0, 3.0]), np.array([4.0, 1.0, 1.0, 4.0])).tolist()
    [2.5, 0.625, 2.5]
    """
    steps = np.diff(places).reshape(-1, *[1] * (values.ndim - 1))
    with np.errstate(all="ignore"):
        rises = np.diff(values, axis=0)
        middle: Array = values[:-1] + rises / 2
        if len(places) < 4:
            return middle
        cubic = sum(weight * values[k : len(places) - 3 + k] for k, weight in enumerate(_weights(steps)))
        one, other = values[1:-2], values[2:-1]
        slopes = rises / steps
        ahead = one + slopes[:-2] * steps[1:-1] / 2  # what the slope on either side makes of the middle
        back = other - slopes[2:] * steps[1:-1] / 2
        valley, ridge = (rises[:-2] < 0) & (rises[2:] > 0), (rises[:-2] > 0) & (rises[2:] < 0)
        low = np.where(valley, np.maximum(ahead, back), np.minimum(one, other))
        high = np.where(ridge, np.minimum(ahead, back), np.maximum(one, other))
        cubic = np.clip(cubic, np.minimum(low, middle[1:-1]), np.maximum(high, middle[1:-1]))
        middle[1:-1] = np.where(np.isfinite(cubic), cubic, middle[1:-1])
    return middle


def _weights(steps: Array) -> list[Array]:
    """Return Lagrange's weights of four neighbouring places for the middle between the inner two.

    Args:
        steps: How far the places are apart, (n - 1, ...).
    """
    first, half, last = steps[:-2], steps[1:-1] / 2, steps[2:]
    at = [-first - half, -half, half, half + last]  # the four, seen from the middle
    weights = []
    for k, place in enumerate(at):
        shares = [other / (other - place) for j, other in enumerate(at) if j != k]
        weights.append(shares[0] * shares[1] * shares[2])
    return weights
