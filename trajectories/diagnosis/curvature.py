"""Tasks of curvature: bowls and ravines, along the axes and turned, whose heights are known by formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .task import ENOUGH, Task, constant, enough, of_gradient_descent

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

SCHAUL = "Schaul, Antonoglou and Silver 2014, arXiv:1312.6055"
_HEAVY_BALL = "Polyak 1964; Nesterov 2004"
_NUMBERS = 8
_TURNS = 3  # random rotations


def curvature_tasks() -> tuple[Task, ...]:
    """Return a bowl, and ravines of growing condition, along the axes and turned."""
    return (
        _bowl(),
        _ravine(10, 100),
        _ravine(100, 120),
        _ravine(1000, 500),
        _ravine(100, 120, turned=True),
        _ravine(1000, 500, turned=True),
    )


def quadratic(curvatures: NDArray[np.float64]) -> object:
    """Return half the sum of curvatures times squares, as a loss."""
    weights = constant(curvatures)

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        return 0.5 * (weights * points.square()).sum(-1)

    return loss


def spectrum(condition: float, numbers: int = _NUMBERS) -> NDArray[np.float64]:
    """Return eigenvalues from 1 / condition to 1, evenly on a log scale."""
    return np.geomspace(1 / condition, 1, numbers)


def turns(count: int, numbers: int, seed: int) -> NDArray[np.float64]:
    """Return random rotations, (count, numbers, numbers)."""
    squares = np.random.default_rng(seed).standard_normal((count, numbers, numbers))
    return np.stack([np.linalg.qr(square)[0] for square in squares])


def _bowl() -> Task:
    return Task(
        name="bowl",
        kind="curvature",
        words="half the squared distance to the minimum, 4 numbers",
        source=SCHAUL,
        steps=100,
        mark=ENOUGH,
        why="a hundredth of the distance; gradient descent at rate 1 needs one step",
        start=np.array([[0.5, -1.0, 1.5, -2.0]]),
        loss=quadratic(np.ones(4)),  # type: ignore[arg-type]
    )


def _ravine(condition: int, steps: int, *, turned: bool = False) -> Task:
    curvatures = spectrum(condition)
    far = 1 / np.sqrt(curvatures)
    start, loss = far[None], quadratic(curvatures)
    if turned:
        rotations = turns(_TURNS, _NUMBERS, condition)
        start = np.einsum("cij,i->cj", rotations, far)
        loss = _turned(rotations, curvatures)
    return Task(
        name=f"{'turned ' if turned else ''}ravine {condition}",
        kind="curvature",
        words=f"a quadratic of {_NUMBERS} numbers with curvatures from 1/{condition} to 1"
        + (f", {_TURNS} random rotations of it" if turned else " along the axes")
        + "; as high along each",
        source=_HEAVY_BALL if not turned else f"{_HEAVY_BALL}; turned: Hansen et al. 2011 (BBOB)",
        steps=steps,
        mark=ENOUGH,
        why=enough(of_gradient_descent(curvatures, steps)),
        start=start,
        loss=loss,  # type: ignore[arg-type]
    )


def _turned(rotations: NDArray[np.float64], curvatures: NDArray[np.float64]) -> object:
    forms = constant(np.einsum("cij,i,cik->cjk", rotations, curvatures, rotations))

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        return 0.5 * ((forms @ points[..., None])[..., 0] * points).sum(-1)

    return loss
