"""Tasks of noise: gradients that are right on average, or nearly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .curvature import SCHAUL, quadratic, spectrum
from .task import ENOUGH, TAIL, Task, constant, enough, of_gradient_descent, of_projections, unit_rows

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

_CASES = 5  # seeds
_STEPS = 300
_FAR = 3.0  # how far a start is along each number, where the noise's deviation is 1
_RARE = 16  # features


def noise_tasks() -> tuple[Task, ...]:
    """Return tasks whose gradients are noisy, in five seeds each."""
    return (
        _added("white noise", np.ones(8), _white(8), "of deviation 1"),
        _added("noisy ravine", spectrum(30), _white(8), "of deviation 1"),
        _heavy(),
        _added(
            "lopsided noise",
            np.ones(8),
            _lopsided(8),
            "that is 3 in a tenth of the steps and else -1/3",
            "Karimireddy et al. 2019, arXiv:1901.09847",
        ),
        _relative(),
        _one_sample(),
        _rare(),
    )


def _white(numbers: int) -> NDArray[np.float64]:
    return np.random.default_rng(1).standard_normal((_STEPS, _CASES, numbers))


def _lopsided(numbers: int) -> NDArray[np.float64]:
    often = np.random.default_rng(2).random((_STEPS, _CASES, numbers)) < 0.1
    return np.where(often, 3.0, -1 / 3)


def _added(
    name: str, curvatures: NDArray[np.float64], noise: NDArray[np.float64], words: str, source: str = SCHAUL
) -> Task:
    parts = constant(noise)
    far = np.full(len(curvatures), _FAR)
    of = "a bowl" if curvatures.min() == curvatures.max() else "a ravine with curvatures from 1/30 to 1"
    return Task(
        name=name,
        kind="noise",
        words=f"{of} of {len(curvatures)} numbers, each {_FAR:g} off, with noise {words} on each slope",
        source=source,
        steps=_STEPS,
        mark=3 * of_gradient_descent(curvatures, 0.95 * _STEPS, noise=1.0, distances=far),
        why="three times what gradient descent is expected to reach at its best constant rate",
        start=np.tile(far, (_CASES, 1)),
        loss=quadratic(curvatures),  # type: ignore[arg-type]
        handed=lambda gradients, step: gradients + parts[step],
        judged=TAIL,
    )


def _heavy() -> Task:
    parts = constant(np.random.default_rng(3).standard_t(1.2, (_STEPS, _CASES, 8)))
    return Task(
        name="heavy tails",
        kind="noise",
        words=f"a bowl of 8 numbers, each {_FAR:g} off, with noise of Student's t on each of its slopes, "
        "1.2 degrees of freedom: its variance is infinite",
        source="Zhang et al. 2020, arXiv:1912.03194",
        steps=_STEPS,
        mark=0.01,
        why="a tenth of the distance",
        start=np.full((_CASES, 8), _FAR),
        loss=quadratic(np.ones(8)),  # type: ignore[arg-type]
        handed=lambda gradients, step: gradients + parts[step],
        judged=TAIL,
    )


def _relative() -> Task:
    factors = constant(1 + 2 * np.random.default_rng(4).standard_normal((_STEPS, _CASES, 8)))
    return Task(
        name="relative noise",
        kind="noise",
        words="a bowl of 8 numbers whose slopes are multiplied by 1 plus noise of deviation 2",
        source=SCHAUL,
        steps=_STEPS,
        mark=ENOUGH,
        why=enough(0.8**_STEPS),
        start=np.full((_CASES, 8), _FAR),
        loss=quadratic(np.ones(8)),  # type: ignore[arg-type]
        handed=lambda gradients, step: gradients * factors[step],
    )


def _one_sample() -> Task:
    numbers, rows, steps = 8, 32, 300
    generator = np.random.default_rng(6)
    inputs = unit_rows(generator, rows, numbers)
    order = generator.integers(rows, size=(steps, _CASES))
    chosen = constant(inputs[order])  # (steps, cases, numbers)

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        return 0.5 * (chosen[step] * points).sum(-1).square()

    def height(points: torch.Tensor, step: int) -> torch.Tensor:
        return points.square().sum(-1)

    return Task(
        name="one sample",
        kind="noise",
        words=f"{rows} linear equations that {numbers} numbers can meet, one of them a step, at random; "
        "judged by the squared distance",
        source="Strohmer and Vershynin 2009, arXiv:math/0702226",
        steps=steps,
        mark=of_projections(inputs, steps),
        why="what theory promises of projections onto one equation after the other in half the steps",
        start=np.ones((_CASES, numbers)),
        loss=loss,
        height=height,
    )


def _rare() -> Task:
    steps = 600
    shares = 1 / np.arange(1, _RARE + 1) ** 1.5
    shares /= shares.sum()
    generator = np.random.default_rng(7)
    seen = np.eye(_RARE)[generator.choice(_RARE, size=(steps, _CASES), p=shares)]
    start = generator.uniform(2.5, 3.5, (_CASES, _RARE))
    mask = constant(seen)

    def loss(points: torch.Tensor, step: int) -> torch.Tensor:
        return (mask[step] * points).abs().sum(-1)

    def height(points: torch.Tensor, step: int) -> torch.Tensor:
        return points.abs().sum(-1)

    return Task(
        name="rare features",
        kind="noise",
        words=f"the sum of |x| over {_RARE} numbers, each 2.5 to 3.5 off, of which one a step has a slope; "
        "number i comes in proportion to 1 / i^1.5",
        source="Duchi, Hazan and Singer 2011 (AdaGrad)",
        steps=steps,
        mark=0.5 * _rare_by_subgradients(seen, start),
        why="half of what the subgradient method reaches at its best constant rate",
        start=start,
        loss=loss,
        height=height,
        judged=TAIL,
    )


def _rare_by_subgradients(seen: NDArray[np.float64], start: NDArray[np.float64]) -> float:
    rates = np.geomspace(1e-2, 10, 200)[:, None, None]
    points = np.tile(start, (len(rates), 1, 1))
    total = np.zeros(points.shape[:2])
    for step, mask in enumerate(seen, 1):
        points = points - rates * mask * np.sign(points)
        if step > len(seen) - len(seen) // 10:
            total += np.abs(points).sum(-1) / (len(seen) // 10)
    return float(np.median(total / np.abs(start).sum(-1), axis=1).min())
