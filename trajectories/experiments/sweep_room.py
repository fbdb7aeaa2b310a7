"""The arrays of a sweep while they are being filled, many rates at a time. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from ..descent.rate_rows import Paths
from ..results.exploration import endings, outcome_of
from ..results.trajectory import FINISHED, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ...surfaces.surface import Box, Minimum
    from ..results.trajectory import Trajectory


@dataclass(slots=True)
class Room:
    """The arrays of a sweep; see `Sweep` for their shapes."""

    losses: NDArray[np.float64]
    points: NDArray[np.float64] | None
    ends: NDArray[np.float64]
    spread: NDArray[np.float64] | None
    steps_to_minimum: NDArray[np.int64]
    outcomes: list[list[Outcome]]

    @classmethod
    def empty(cls, specs: int, rates: int, steps: int, seeds: int, memory: float) -> Self:
        """Return room, for the points too where half of the memory holds them."""
        many = (specs, rates)
        fits = specs * rates * (steps + 1) * (kept_bytes(seeds) + 16) <= memory / 2
        return cls(
            np.empty((*many, steps + 1)),
            np.empty((*many, steps + 1, 2)) if fits else None,
            np.empty((*many, seeds, 2)),
            np.empty((2, *many, steps + 1)) if seeds > 1 else None,
            np.empty(many, dtype=np.int64),
            [[Outcome(FINISHED)] * rates for _ in range(specs)],
        )

    def put(
        self, i: int, first: int, paths: Paths, minima: Sequence[Minimum], tolerance: float, view: Box
    ) -> None:
        """Keep what one optimizer did at some rates from the first on, one run a seed."""
        some = slice(first, first + len(paths.losses))
        seeds = paths.losses.shape[1]
        middle, quarter = (seeds - 1) // 2, (seeds - 1) // 4
        if self.spread is None:
            self.losses[i, some] = paths.losses[:, 0]
        else:
            # In order of size, NaN last: a run without a loss counts as the worst, and no middle is invented.
            ordered = np.sort(paths.losses, axis=1)
            self.losses[i, some] = ordered[:, middle]
            self.spread[:, i, some] = ordered[:, quarter], ordered[:, seeds - 1 - quarter]
        if self.points is not None:
            self.points[i, some] = paths.points[:, 0]
        self.ends[i, some] = paths.points[:, :, -1]
        arrivals = np.sort(first_near(paths.points, minima, tolerance), axis=1)[:, middle]
        never = arrivals > paths.losses.shape[-1]
        self.steps_to_minimum[i, some] = np.where(never, -1, arrivals)
        self.outcomes[i][some] = _gravest(paths, view)


def stacked(runs: Sequence[Trajectory], seeds: int) -> Paths:
    """Return runs, N seeds of the first rate and then those of the next, as arrays."""
    shape = (-1, seeds, len(runs[0].losses))
    points, losses = np.stack([run.points for run in runs]), np.stack([run.losses for run in runs])
    finite = np.stack([np.isfinite(run.gradients).all(axis=1) for run in runs])
    return Paths(points.reshape(*shape, 2), losses.reshape(shape), finite.reshape(shape))


def kept_bytes(seeds: int) -> int:
    """Return what is kept of one rate's losses at one step: their median, and of several two quartiles."""
    return 8 if seeds == 1 else 24


def _gravest(paths: Paths, view: Box) -> list[Outcome]:
    """Return the gravest outcome that any seed had at each rate, at the earliest step at which one had it."""
    broken, left = endings(paths.points, paths.losses, paths.finite, view)
    left = np.where(broken < 0, left, -1)
    never = paths.losses.shape[-1]
    first = (np.where(steps < 0, never, steps).min(axis=1) for steps in (broken, left))
    steps = (np.where(at == never, -1, at).tolist() for at in first)
    return [outcome_of(lost, out) for lost, out in zip(*steps, strict=True)]


def first_near(points: NDArray[np.float64], minima: Sequence[Minimum], tolerance: float) -> NDArray[np.int64]:
    """Return for points (..., rows, 2) the first row near a minimum; else a number beyond."""
    rows = points.shape[-2]
    near = np.zeros(points.shape[:-1], dtype=np.bool_)
    for minimum in minima:
        with np.errstate(over="ignore", invalid="ignore"):
            x, y = (points[..., axis] - minimum.point[axis] for axis in (0, 1))
            # Lengths are costly, and only near a minimum asked for.
            close = (np.abs(x) <= tolerance) & (np.abs(y) <= tolerance)
            near[close] |= np.hypot(x[close], y[close]) <= tolerance
    found: NDArray[np.int64] = np.where(near.any(axis=-1), near.argmax(axis=-1), rows + 1)
    return found
