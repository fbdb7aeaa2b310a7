"""Tasks of change, of scale and of games: what moves, comes late, is measured in other units, or turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .curvature import SCHAUL, quadratic, spectrum
from .task import ENOUGH, TAIL, WORST, Task, constant, enough, of_gradient_descent

if TYPE_CHECKING:
    import torch

_LAG = 5
_PULL = 0.1  # of a game towards its equilibrium
_SCALES = (1e-3, 1.0, 1e3)
_LENGTHS = (0.01, 1.0, 100.0)


def change_tasks() -> tuple[Task, ...]:
    """Return tasks of late gradients, moving minima, scales and a game."""
    return (_late(), _drifting(), _jumping(), _scaled(), _lengths(), _game())


def _late() -> Task:
    curvatures, steps = spectrum(10, 4), 200
    return Task(
        name="late gradients",
        kind="change",
        words=f"a ravine of 4 numbers with curvatures from 1/10 to 1, gradients {_LAG} steps late",
        source="Agarwal and Duchi 2011, arXiv:1104.5525",
        steps=steps,
        mark=1e-2,
        why="a tenth of the distance; gradient descent at its best constant rate, as late, is left with "
        f"{_late_by_gradient_descent(curvatures, steps):.1g} of the height",
        start=(1 / np.sqrt(curvatures))[None],
        loss=quadratic(curvatures),  # type: ignore[arg-type]
        lag=_LAG,
    )


def _late_by_gradient_descent(curvatures: np.ndarray, steps: int) -> float:
    rates = np.geomspace(1e-3, 1, 400)[:, None]
    path = [np.tile(1 / np.sqrt(curvatures), (len(rates), 1))]
    for step in range(steps):
        path.append(path[-1] - rates * curvatures * path[max(step - _LAG, 0)])
    heights = (curvatures * path[-1] ** 2).sum(axis=1)
    return float(heights.min() / (curvatures * path[0][0] ** 2).sum())


def _drifting() -> Task:
    steps, speed, cases, numbers = 300, 0.02, 5, 8
    noise = constant(np.random.default_rng(8).standard_normal((steps, cases, numbers)))
    curvatures = np.ones(numbers)

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        return 0.5 * (points - speed * step).square().sum(-1)

    return Task(
        name="drifting minimum",
        kind="change",
        words=f"a bowl of {numbers} numbers, each 3 off, whose minimum moves by {speed} a step along each, "
        "with noise of deviation 1 on its slopes",
        source=SCHAUL,
        steps=steps,
        mark=3
        * of_gradient_descent(
            curvatures, 0.95 * steps, noise=1.0, distances=np.full(numbers, 3.0), drift=speed
        ),
        why="three times what gradient descent is expected to reach at its best constant rate",
        start=np.full((cases, numbers), 3.0),
        loss=loss,
        handed=lambda gradients, step: gradients + noise[step],
        judged=TAIL,
    )


def _jumping() -> Task:
    steps, at = 300, 200
    curvatures = spectrum(10, 4)
    weights, far = constant(curvatures), constant(1 / np.sqrt(curvatures))

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        where = far if step >= at else 0 * far
        return 0.5 * (weights * (points - where).square()).sum(-1)

    return Task(
        name="jumping minimum",
        kind="change",
        words=f"a ravine of 4 numbers with curvatures from 1/10 to 1, whose minimum is elsewhere from "
        f"step {at} on, as far as it was at the start",
        source=SCHAUL,
        steps=steps,
        mark=ENOUGH,
        why=enough(of_gradient_descent(curvatures, steps - at)),
        start=(1 / np.sqrt(curvatures))[None],
        loss=loss,
    )


def _scaled() -> Task:
    curvatures = spectrum(10, 4)
    weights, scales = constant(curvatures), constant(list(_SCALES))

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        return 0.5 * scales * (weights * points.square()).sum(-1)

    return Task(
        name="scaled loss",
        kind="scale",
        words="a ravine of 4 numbers with curvatures from 1/10 to 1, its loss times 0.001, 1 and 1000: one "
        "rate for all three",
        source="Kingma and Ba 2015, arXiv:1412.6980",
        steps=300,
        mark=ENOUGH,
        why="a hundredth of the distance in the worst of the three",
        start=np.tile(1 / np.sqrt(curvatures), (len(_SCALES), 1)),
        loss=loss,
        over=WORST,
    )


def _lengths() -> Task:
    curvatures = spectrum(10, 4)
    far = np.array(_LENGTHS)[:, None] / np.sqrt(curvatures)
    return Task(
        name="scaled lengths",
        kind="scale",
        words="a ravine of 4 numbers with curvatures from 1/10 to 1, its minimum 0.01, 1 and 100 times as "
        "far: one rate for all three",
        source="Defazio and Mishchenko 2023, arXiv:2301.07733",
        steps=300,
        mark=ENOUGH,
        why="a hundredth of the distance in the worst of the three",
        start=far,
        loss=quadratic(curvatures),  # type: ignore[arg-type]
        over=WORST,
    )


def _game() -> Task:
    steps = 500
    signs = constant([1.0, -1.0])

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        x, y = points.unbind(-1)
        return x * y + 0.5 * _PULL * (x.square() - y.square())

    def height(points: torch.Tensor, step: int) -> torch.Tensor:
        return points.square().sum(-1)

    return Task(
        name="minimax",
        kind="game",
        words=f"x y + {_PULL}/2 (x^2 - y^2), where x descends and y ascends; judged by the squared distance",
        source="Mescheder, Geiger and Nowozin 2018, arXiv:1801.04406",
        steps=steps,
        mark=(1 + _PULL**2) ** (-steps / 2),
        why="what both reach by plain gradient steps at their best constant rate in half the steps",
        start=np.array([[1.0, 1.0]]),
        loss=loss,
        height=height,
        handed=lambda gradients, step: signs * gradients,
    )
