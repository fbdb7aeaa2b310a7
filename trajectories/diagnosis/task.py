"""A task: what is minimized, how gradients reach the optimizer, for how many steps, and what passes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..results.diagnosis import TaskFacts

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import NDArray

    Loss = Callable[[torch.Tensor, int], torch.Tensor]  # points (..., cases, numbers), step -> (..., cases)
    # gradients (..., cases, numbers), step -> what the optimizer is given in their place
    Handed = Callable[[torch.Tensor, int], torch.Tensor]

END, TAIL = "end", "last tenth"  # which points are judged: the last one, or the mean over the last steps
MEDIAN, WORST = "median", "worst"  # over the cases
ENOUGH = 1e-4  # of the height: a hundredth of the distance in a quadratic
KINDS = ("curvature", "landscape", "noise", "change", "scale", "matrices", "game")


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One small problem, in one or several cases that differ by seed or by scale."""

    name: str
    kind: str  # one of KINDS
    words: str  # its definition, a sentence
    source: str  # where the problem or its like comes from
    steps: int  # the budget: so many updates
    mark: float  # passes at most this share of the height at the start
    why: str  # the reason for the mark, a clause
    start: NDArray[np.float64]  # (cases, numbers)
    loss: Loss  # what is differentiated at a step, from 0
    height: Loss | None = None  # what is judged, at least 0, with its minimum 0; the loss where None
    handed: Handed | None = None  # noise and the like; gradients as they are where None
    lag: int = 0  # gradients are those of so many steps before
    shapes: tuple[tuple[int, ...], ...] = ()  # of the parameters; one vector where empty
    judged: str = END
    over: str = MEDIAN

    @property
    def tensors(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of a case's parameters."""
        return self.shapes or ((self.start.shape[1],),)

    @property
    def matrices(self) -> bool:
        """Whether all parameters are matrices."""
        return all(len(shape) == 2 for shape in self.tensors)

    @property
    def first_judged(self) -> int:
        """The first of the steps after which the height is looked at."""
        return self.steps if self.judged == END else self.steps - self.steps // 10 + 1

    @property
    def facts(self) -> TaskFacts:
        """What a report says of it."""
        cases = len(self.start)
        judged = "the end" if self.judged == END else f"the mean of the {self.judged}"
        judged += f", {self.over} of {cases}" if cases > 1 else ""
        return TaskFacts(
            self.name, self.kind, self.words, self.source, self.steps, cases, judged, self.mark, self.why
        )

    def heights(self, points: torch.Tensor, step: int) -> torch.Tensor:
        """Return the height above the minimum, (..., cases)."""
        return (self.height or self.loss)(points, step)


def constant(values: NDArray[np.float64] | list[float]) -> torch.Tensor:
    """Return numbers as a tensor in float64."""
    import torch

    return torch.tensor(np.asarray(values, dtype=np.float64))


def unit_rows(generator: np.random.Generator, rows: int, wide: int) -> NDArray[np.float64]:
    """Return random rows of length 1, (rows, wide)."""
    found = generator.standard_normal((rows, wide))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def of_projections(inputs: NDArray[np.float64], steps: int) -> float:
    """Return the share of a squared distance that projections onto rows leave by theory in half the steps.

    References:
        Strohmer and Vershynin 2009, arXiv:math/0702226.
    """
    smallest = float(np.linalg.svd(inputs, compute_uv=False)[-1])
    return float((1 - smallest**2 / len(inputs)) ** (steps / 2))


def enough(left: float) -> str:
    """Say why a hundredth of the distance passes, beside what gradient descent is left with."""
    return (
        "a hundredth of the distance; gradient descent at its best constant rate is left with "
        f"{left:.1g} of the height"
    )


def of_gradient_descent(
    curvatures: NDArray[np.float64],
    steps: float,
    *,
    noise: float = 0.0,
    distances: NDArray[np.float64] | None = None,
    drift: float = 0.0,
) -> float:
    """Return what gradient descent reaches on a quadratic at its best constant rate, by formula.

    The share of the start's height that is left after some steps, in expectation where there is noise.

    Args:
        curvatures: The eigenvalues, (n,).
        steps: How many steps, not always a whole number.
        noise: The standard deviation of what is added to each component of the gradient.
        distances: Of the start along each eigenvector, (n,); of equal height along all where None.
        drift: How far the minimum moves at each step along each eigenvector.
    """
    far = 1 / np.sqrt(curvatures) if distances is None else distances
    best = math.inf
    for rate in np.geomspace(1e-5, 2, 2000, endpoint=False) / curvatures.max():
        kept = np.abs(1 - rate * curvatures)
        left = kept ** (2 * steps)
        lag = drift / (rate * curvatures)
        spread = rate * noise**2 / (curvatures * (2 - rate * curvatures))
        height = curvatures * (left * far**2 + (1 - left) * (lag**2 + spread))
        best = min(best, float(height.sum() / (curvatures * far**2).sum()))
    return best
