"""The two directions in which a network's loss curves most, and how much, without the whole Hessian."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DescentError, NotPossibleError
from ..imports import flat
from .plane import Plane

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import NDArray

    from .objective import Objective

    Vector = NDArray[np.float64]

DENSE = 64  # up to so many parameters, the whole Hessian is the shorter way
TOLERANCE = 1e-4  # of the eigenvalues, relative; products in single precision are hardly better
ROUNDS = 300  # restarts of the Lanczos iteration before it is given up


def sharpest(objective: Objective, origin: torch.Tensor, seed: int = 0) -> tuple[Plane, tuple[float, float]]:
    """Return the plane of the two sharpest directions at weights (P,), and the curvatures along them.

    These are the eigenvectors of the Hessian with the two largest eigenvalues, largest first.

    Only products of the Hessian with vectors are computed, each at about the cost of two gradients.

    Args:
        objective: The loss.
        origin: The weights (P,) where the curvature is taken; the plane goes through them.
        seed: From which the first vector of the iteration is drawn.

    Raises:
        DescentError: The network has one parameter, or the loss has no finite curvature there.
        NotPossibleError: The module cannot be differentiated twice, or the iteration does not converge.
    """
    import torch

    count = origin.shape[-1]
    if count < 2:
        raise DescentError("plane 'hessian' needs a network with at least two parameters")
    multiply = product(objective, origin)
    if count <= DENSE:
        values, vectors = dense(multiply, count)
    else:
        values, vectors = _lanczos(multiply, count, seed)
    order = np.argsort(values)[::-1][:2]
    values, vectors = values[order], vectors[:, order]
    directions, _ = np.linalg.qr(vectors)  # ARPACK's are orthogonal only to its tolerance
    directions *= np.sign(directions[np.abs(directions).argmax(axis=0), [0, 1]])
    one, other = values.tolist()
    meaning = (
        "The axes are the two directions in which the loss curves most (eigenvectors of the Hessian with the "
        "largest eigenvalues λ, at the end of the best run)."
    )
    plane = Plane(
        "hessian",
        origin.detach(),
        torch.as_tensor(np.ascontiguousarray(directions.T)).to(origin.device, origin.dtype),
        (f"eigenvector 1 (λ {one:.3g})", f"eigenvector 2 (λ {other:.3g})"),
        meaning,
    )
    return plane, (one, other)


def product(objective: Objective, origin: torch.Tensor) -> Callable[[Vector], Vector]:
    """Return the function that multiplies a vector (P,) by the Hessian at the origin.

    Raises:
        DescentError: The loss has no finite gradient there, or is flat or linear in the weights.
        NotPossibleError: The module cannot be differentiated, or, from the function, not twice.
    """
    import torch

    leaf = objective.take(origin).clone().requires_grad_()
    try:
        with torch.enable_grad():
            loss = objective.loss_of(leaf)
            (gradient,) = torch.autograd.grad(loss, leaf, create_graph=True, materialize_grads=True)
    except RuntimeError as error:
        raise NotPossibleError(f"the loss has no gradient to differentiate: {flat(error)}") from error
    if not torch.isfinite(gradient).all():
        raise DescentError("the loss has no finite gradient at these weights, so it has no Hessian")
    if not gradient.requires_grad:
        raise DescentError("the loss is flat or linear in the weights, so it has no Hessian")
    if _cut(gradient):
        raise NotPossibleError(
            "the module cannot be differentiated twice: a function in it is marked once_differentiable"
        )

    def multiply(vector: Vector) -> Vector:
        along = torch.as_tensor(np.asarray(vector, dtype=np.float64).reshape(-1)).to(leaf.device, leaf.dtype)
        try:
            (product,) = torch.autograd.grad(gradient, leaf, along, retain_graph=True, materialize_grads=True)
        except RuntimeError as error:
            raise NotPossibleError(f"the module cannot be differentiated twice: {flat(error)}") from error
        return product.detach().to("cpu", torch.float64).numpy()

    return multiply


def _cut(gradient: torch.Tensor) -> bool:
    """Whether the graph of a gradient ends at a function that is marked once_differentiable.

    torch puts a node there that would raise, but never comes to it on the way to the weights: what goes
    through that function would be left out of the Hessian without a word.
    """
    seen, left = set(), [gradient.grad_fn]
    while left:
        node = left.pop()
        if node is None or node in seen:
            continue
        if node.name().rpartition("::")[2] == "Error":
            return True
        seen.add(node)
        left.extend(each for each, _ in node.next_functions)
    return False


def dense(multiply: Callable[[Vector], Vector], count: int) -> tuple[Vector, NDArray[np.float64]]:
    """Return all eigenvalues (P,), in ascending order, and eigenvectors (P, P) of what multiplies vectors."""
    matrix = np.stack([multiply(row) for row in np.eye(count)])
    if not np.isfinite(matrix).all():
        raise DescentError("the loss has no finite curvature at these weights")
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return values, vectors


def _lanczos(
    multiply: Callable[[Vector], Vector], count: int, seed: int
) -> tuple[Vector, NDArray[np.float64]]:
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh  # type: ignore[import-untyped]

    operator: Any = LinearOperator((count, count), matvec=multiply, dtype=np.float64)
    first = np.random.default_rng(seed).standard_normal(count)
    if not np.isfinite(multiply(first)).all():
        raise DescentError("the loss has no finite curvature at these weights")
    try:
        values, vectors = eigsh(operator, k=2, which="LA", v0=first, tol=TOLERANCE, maxiter=ROUNDS)
    except ArpackError as error:
        raise NotPossibleError(
            f"the largest curvatures were not found at these weights: {flat(error)}"
        ) from error
    return values, vectors
