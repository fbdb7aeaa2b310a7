"""Lines on which a function on a grid is zero: marching squares, joined to polylines. NumPy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Edge = tuple[int, int, int]  # axis along which it runs, and the numbers of the point where it begins


def zero_lines(values: Array, x: Array, y: Array) -> list[Array]:
    """Return the lines on which values change their sign, each (n, 2) with n >= 2.

    Args:
        values: Shape (Gx, Gy), finite; between points they are taken to be linear along the grid's edges.
        x: Shape (Gx,).
        y: Shape (Gy,).

    >>> (line,) = zero_lines(np.array([[-1.0, -1.0], [1.0, 3.0]]), np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    >>> line.tolist()
    [[0.5, 0.0], [0.25, 1.0]]

    References:
        W. Lorensen and H. Cline, Marching cubes, doi:10.1145/37402.37422
    """
    above = values > 0
    sums = above[:-1, :-1].astype(int) + above[1:, :-1] + above[:-1, 1:] + above[1:, 1:]
    neighbours: dict[Edge, list[Edge]] = {}
    for i, j in np.argwhere((sums > 0) & (sums < 4)).tolist():
        for one, other in _pairs(values, above, i, j):
            neighbours.setdefault(one, []).append(other)
            neighbours.setdefault(other, []).append(one)
    lines = []
    ends = [edge for edge, near in neighbours.items() if len(near) == 1]
    for start in [*ends, *neighbours]:
        chain = [start]
        while near := neighbours.get(chain[-1]):
            following = near.pop()
            neighbours[following].remove(chain[-1])
            chain.append(following)
        if len(chain) > 1:
            lines.append(np.array([_spot(values, x, y, edge) for edge in chain]))
    return lines


def _pairs(values: Array, above: NDArray[np.bool_], i: int, j: int) -> list[tuple[Edge, Edge]]:
    """Return the edges of a cell that the lines through it join."""
    around: list[tuple[Edge, bool]] = [  # counterclockwise from the lower one
        ((0, i, j), bool(above[i, j] != above[i + 1, j])),
        ((1, i + 1, j), bool(above[i + 1, j] != above[i + 1, j + 1])),
        ((0, i, j + 1), bool(above[i, j + 1] != above[i + 1, j + 1])),
        ((1, i, j), bool(above[i, j] != above[i, j + 1])),
    ]
    crossed = [edge for edge, crosses in around if crosses]
    if len(crossed) == 2:
        return [(crossed[0], crossed[1])]
    low, right, top, left = crossed  # a saddle: its middle says which corners belong together
    middle = bool(values[i : i + 2, j : j + 2].mean() > 0)
    return [(low, right), (top, left)] if middle == bool(above[i, j]) else [(low, left), (right, top)]


def _spot(values: Array, x: Array, y: Array, edge: Edge) -> tuple[float, float]:
    """Return where a line crosses an edge."""
    axis, i, j = edge
    k, m = (i + 1, j) if axis == 0 else (i, j + 1)
    share = values[i, j] / (values[i, j] - values[k, m])
    return float(x[i] + share * (x[k] - x[i])), float(y[j] + share * (y[m] - y[j]))
