"""How sharply a network's loss curves along a path: the largest eigenvalue of its Hessian at each point."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DescentError, NotPossibleError
from .hessian import DENSE, dense, product

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import NDArray

    from .objective import Objective
    from .rows import Matrix

    Vector = NDArray[np.float64]

_TOLERANCE = 1e-3  # of the eigenvalue, relative: a hundredth of what a picture shows
_VECTORS = 12  # that the iteration holds at once; from a start near the eigenvector more do not help
_ROUNDS = 100  # restarts before a point is given up


def sharpness(
    objective: Objective, weights: Matrix, scales: torch.Tensor | None = None
) -> NDArray[np.float64]:
    """Return the largest eigenvalue of the Hessian at each of some weights, (rows,).

    Only products of the Hessian with vectors are computed; each point's iteration begins with the vector that
    the point before ended with. NaN where the loss has no finite curvature, or the iteration does not end.

    Args:
        objective: The loss.
        weights: Shape (rows, P), along a path.
        scales: Shape (rows, P), greater than 0: the eigenvalue is that of the Hessian between two diagonal
            matrices with 1 / sqrt(scales), which is what an optimizer that divides its step by the scales
            meets. NaN in a row: it has no eigenvalue. By default 1.

    Raises:
        NotPossibleError: The module cannot be differentiated twice.

    References:
        J. Cohen, S. Kaur, Y. Li, J. Kolter and A. Talwalkar, Gradient descent on neural networks typically
        occurs at the edge of stability, arXiv:2103.00065; for scales, Adaptive gradient methods at the edge
        of stability, arXiv:2207.14484
    """
    count = weights.shape[-1]
    found = np.full(len(weights), math.nan)
    vector = np.random.default_rng(0).standard_normal(count)
    for row, point in enumerate(weights):
        half = np.ones(count)
        if scales is not None:
            half = scales[row].double().cpu().numpy() ** -0.5
        if not (np.isfinite(half).all() and bool(point.isfinite().all())):
            continue
        try:
            found[row], vector = _largest(product(objective, point), half, vector)
        except NotPossibleError:  # the module cannot be differentiated twice anywhere
            raise
        except DescentError:  # the loss has no finite curvature here
            continue
    return found


def _largest(multiply: Callable[[Vector], Vector], half: Vector, first: Vector) -> tuple[float, Vector]:
    """Return the largest eigenvalue and its vector, from a vector to begin with."""
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh  # type: ignore[import-untyped]

    def scaled(vector: Vector) -> Vector:
        return half * multiply(half * np.asarray(vector).reshape(-1))

    if len(half) <= DENSE:
        values, vectors = dense(scaled, len(half))
        return float(values[-1]), vectors[:, -1]
    if not np.isfinite(scaled(first)).all():
        raise DescentError("the loss has no finite curvature at these weights")
    operator: Any = LinearOperator((len(half), len(half)), matvec=scaled, dtype=np.float64)
    try:
        values, vectors = eigsh(
            operator, k=1, which="LA", v0=first, ncv=_VECTORS, tol=_TOLERANCE, maxiter=_ROUNDS
        )
    except ArpackNoConvergence:
        return math.nan, first
    return float(values[0]), vectors[:, 0]
