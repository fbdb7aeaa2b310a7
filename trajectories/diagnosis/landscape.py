"""Tasks of landscape: a bent valley, a saddle, a plateau, a cliff, a kink and ripples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .curvature import SCHAUL
from .task import TAIL, WORST, Task, constant

if TYPE_CHECKING:
    import torch

_SADDLE = 0.01  # the curvature along which it falls
_KINKS = (1.0, 3.0, 10.0)  # slopes
_RIPPLE = 0.3  # half the height of a ripple


def landscape_tasks() -> tuple[Task, ...]:
    """Return one task for each feature of a landscape that is known to be hard."""
    return (_valley(), _saddle(), _plateau(), _cliff(), _kinks(), _ripples())


def _valley() -> Task:
    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        x, y = points.unbind(-1)
        return (1 - x).square() + 100 * (y - x.square()).square()

    return Task(
        name="bent valley",
        kind="landscape",
        words="Rosenbrock's function from (-1.2, 1)",
        source="Rosenbrock 1960, doi:10.1093/comjnl/3.3.175",
        steps=500,
        mark=0.01 / 24.2,
        why="the height of the valley's floor a tenth from the minimum",
        start=np.array([[-1.2, 1.0]]),
        loss=loss,
    )


def _saddle() -> Task:
    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        x, y = points.unbind(-1)
        return 0.5 * x.square() + 0.25 * _SADDLE * (y.square() - 1).square()

    return Task(
        name="saddle",
        kind="landscape",
        words=f"x^2/2 + {_SADDLE}/4 (y^2 - 1)^2 from (1, 0.001): a saddle whose curvature down is {_SADDLE}",
        source="Dauphin et al. 2014, arXiv:1406.2572",
        steps=200,
        mark=_SADDLE / 8 / (0.5 + _SADDLE / 4),
        why="half the height of the saddle",
        start=np.array([[1.0, 1e-3]]),
        loss=loss,
    )


def _plateau() -> Task:
    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        return -torch_expm1(-0.5 * points.square().sum(-1))

    from torch import expm1 as torch_expm1

    return Task(
        name="plateau",
        kind="landscape",
        words="1 - exp(-r^2/2) from r = 4.5, where the slope is 0.0002",
        source=SCHAUL,
        steps=300,
        mark=0.5,
        why="half the way down",
        start=np.array([[2.7, 3.6]]),
        loss=loss,
    )


def _cliff() -> Task:
    lowest = math.log(2) / 4

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        x = points[..., 0]
        return 0.25 * (-4 * x).exp() + 0.5 * x

    def height(points: torch.Tensor, step: int) -> torch.Tensor:
        return (points[..., 0] - lowest).square()

    return Task(
        name="cliff",
        kind="landscape",
        words="exp(-4 x)/4 + x/2 from -3, -2.5 and -2, where slopes are thousands; behind the cliff they are "
        "1/2",
        source="Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063",
        steps=200,
        mark=0.01,
        why="a tenth of the distance",
        start=np.array([[-3.0], [-2.5], [-2.0]]),
        loss=loss,
        height=height,
        over=WORST,
    )


def _kinks() -> Task:
    slopes = constant(list(_KINKS))
    start = np.array([[1.0, 0.7, 1.3]])

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        return (slopes * points.abs()).sum(-1)

    steps = 200
    bound = np.linalg.norm(start) * np.linalg.norm(_KINKS) / math.sqrt(steps)
    return Task(
        name="kinks",
        kind="landscape",
        words="|x| + 3 |y| + 10 |z|, which has kinks",
        source=f"Shor 1985; {SCHAUL}",
        steps=steps,
        mark=float(bound / (np.abs(start) @ _KINKS)[0]) / 10,
        why="a tenth of what theory promises of the subgradient method's best step, R G / sqrt(steps)",
        start=start,
        loss=loss,
        judged=TAIL,
    )


def _ripples() -> Task:
    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        waves = 1 - (2 * math.pi * points).cos()
        return (0.5 * points.square() + _RIPPLE * waves).sum(-1)

    starts = np.random.default_rng(5).uniform(3.5, 4.5, (5, 4)) * [1, -1, 1, -1]
    return Task(
        name="ripples",
        kind="landscape",
        words=f"4 numbers, each with x^2/2 + {_RIPPLE} (1 - cos 2 pi x), from 5 starts near 4",
        source="Rastrigin 1974",
        steps=300,
        mark=0.01,
        why="in all four numbers near the lowest of the minima; one beside it alone is at 0.014",
        start=starts,
        loss=loss,
    )
