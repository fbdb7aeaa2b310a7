"""Tasks whose parameters are matrices: equations, factors, a network, and one sample after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .curvature import spectrum, turns
from .task import ENOUGH, Task, constant, enough, of_gradient_descent, of_projections, unit_rows

if TYPE_CHECKING:
    import torch

_CASES = 3  # seeds


def matrix_tasks() -> tuple[Task, ...]:
    """Return tasks in which every parameter is a matrix."""
    return (_equation(), _factors(), _network(), _samples())


def _square(points: torch.Tensor, high: int, wide: int) -> torch.Tensor:
    return points.reshape(*points.shape[:-1], high, wide)


def _equation() -> Task:
    side, steps = 6, 120
    left = turns(_CASES, side, 11) * np.sqrt(spectrum(10, side))[:, None]
    right = turns(_CASES, side, 12).transpose(0, 2, 1) * np.sqrt(spectrum(10, side))
    curvatures = np.outer(spectrum(10, side), spectrum(10, side)).ravel()
    # As high along each eigenvector of the Hessian, which are products of singular vectors of A and of B.
    signs = np.random.default_rng(13).choice([-1.0, 1.0], (_CASES, side, side))
    start = np.linalg.inv(left) @ signs @ np.linalg.inv(right)
    one, other = constant(left), constant(right)

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        products = one @ _square(points, side, side) @ other
        return 0.5 * products.square().sum((-1, -2))

    return Task(
        name="matrix ravine",
        kind="matrices",
        words=f"half the squares of A X B, X a matrix of {side} x {side}; the squares of the singular values "
        "of A and of B go from 1/10 to 1, so that the condition is 100; 3 random A and B",
        source="Gupta, Koren and Singer 2018, arXiv:1802.09568 (Shampoo)",
        steps=steps,
        mark=ENOUGH,
        why=enough(of_gradient_descent(curvatures, steps)),
        start=start.reshape(_CASES, -1),
        loss=loss,
        shapes=((side, side),),
    )


def _factors() -> Task:
    side, rank = 6, 2
    values = np.array([1.0, 0.2])
    bases = turns(2 * _CASES, side, 14)[:, :, :rank]
    goals = constant(np.stack([bases[2 * k] * values @ bases[2 * k + 1].T for k in range(_CASES)]))
    start = 0.05 * np.random.default_rng(15).standard_normal((_CASES, 2 * side * rank))

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        left, right = points[..., : side * rank], points[..., side * rank :]
        product = _square(left, side, rank) @ _square(right, rank, side)
        return 0.5 * (product - goals).square().sum((-1, -2))

    return Task(
        name="matrix factors",
        kind="matrices",
        words=f"half the squares of U V - M, U {side} x {rank} and V {rank} x {side}, from small random "
        "ones; M has singular values 1 and 0.2; 3 seeds",
        source="Saxe, McClelland and Ganguli 2014, arXiv:1312.6120",
        steps=200,
        mark=0.5 * float(values[1] ** 2 / (values**2).sum()),
        why="half of what is left when only the larger of both values is found",
        start=start,
        loss=loss,
        shapes=((side, rank), (rank, side)),
    )


def _network() -> Task:
    hidden = 8
    inputs = constant(np.array([[-1.0, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, 1]]))
    goals = constant([-1.0, 1, 1, -1])
    start = np.random.default_rng(16).standard_normal((_CASES, 4 * hidden)) * 0.5

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        first, second = points[..., : 3 * hidden], points[..., 3 * hidden :]
        layer = (inputs @ _square(first, hidden, 3).mT).tanh()
        outputs = (layer @ second[..., None])[..., 0]
        return (outputs - goals).square().mean(-1)

    return Task(
        name="XOR network",
        kind="matrices",
        words=f"the squared error of a network of {hidden} units of tanh on exclusive or, without biases "
        "behind them; 3 seeds",
        source="Rumelhart, Hinton and Williams 1986",
        steps=200,
        mark=0.01,
        why="outputs a tenth from their goals, 1 and -1",
        start=start,
        loss=loss,
        shapes=((hidden, 3), (1, hidden)),
    )


def _samples() -> Task:
    wide, high, rows, steps = 8, 4, 32, 300
    generator = np.random.default_rng(17)
    inputs = unit_rows(generator, rows, wide)
    chosen = constant(inputs[generator.integers(rows, size=(steps, _CASES))])

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        outputs = _square(points, high, wide) @ chosen[step][..., None]
        return 0.5 * outputs.square().sum((-1, -2))

    def height(points: torch.Tensor, step: int) -> torch.Tensor:
        return points.square().sum(-1)

    return Task(
        name="one row",
        kind="matrices",
        words=f"a linear layer of {high} x {wide} that can meet all of {rows} samples, one of them a step; "
        "judged by the squared distance; 3 seeds",
        source="Strohmer and Vershynin 2009, arXiv:math/0702226",
        steps=steps,
        mark=of_projections(inputs, steps),
        why="what theory promises of projections onto one sample after the other in half the steps",
        start=np.ones((_CASES, high * wide)),
        loss=loss,
        height=height,
        shapes=((high, wide),),
    )
