"""How far two runs are apart at every step, quantity by quantity. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..results.network_runs import TrainedRun
    from ..results.trajectory import Trajectory
    from .tolerances import Tolerance

QUANTITIES = ("points", "losses", "gradients", "rates")  # in the order of cause and effect at one step


@dataclass(frozen=True, slots=True, eq=False)
class Deviation:
    """One quantity of two runs, side by side at the steps that both kept."""

    steps: NDArray[np.int64]  # (rows,): after how many steps each value is
    expected: NDArray[np.float64]  # (rows,), (rows, 2), (rows, layers) or (rows, numbers)
    found: NDArray[np.float64]  # the same shape
    apart: NDArray[np.float64]  # (rows,): length of the difference; infinite where just one is finite
    share: NDArray[np.float64]  # (rows,): ``apart`` over the largest size so far in either run
    allowed: NDArray[np.float64]  # (rows,): what ``apart`` may be
    ahead: int  # 1 where a value is for the step that follows, 0 where it is what a step led to

    @property
    def first(self) -> int | None:
        """The first row beyond what is allowed, or None."""
        rows = np.flatnonzero(self.apart > self.allowed)
        return int(rows[0]) if rows.size else None


def deviations(
    expected: Trajectory,
    found: Trajectory,
    tolerance: Tolerance,
    last: int,
    trained: tuple[TrainedRun, TrainedRun] | None = None,
) -> dict[str, Deviation]:
    """Compare each of QUANTITIES at the common steps up to and including step ``last``.

    Args:
        expected: What was to be.
        found: What came.
        tolerance: What counts as equal.
        last: The last step to look at.
        trained: Of networks on a plane that does not hold the whole weight space, what else is known of both
            runs: such a plane is laid by the paths, so that points on two planes say nothing of each other.
            Then the distances from the first weights stand for points, and the norms of the layers'
            gradients for gradients.
    """
    common, rows, others = np.intersect1d(expected.at, found.at, assume_unique=True, return_indices=True)
    there = common <= last
    common, rows, others = common[there], rows[there], others[there]
    points, other_points = expected.points, found.points
    gradients, other_gradients = expected.gradients, found.gradients
    if trained is not None:
        points, other_points = (run.moved for run in trained)
        gradients, other_gradients = (run.gradient_norms for run in trained)
    # Where one run goes on and the other ends, a network's has no gradient at its end to compare with.
    ends = np.isnan(gradients[rows]).all(axis=1) != np.isnan(other_gradients[others]).all(axis=1)
    ends &= (common == min(expected.steps, found.steps)) & (expected.steps != found.steps)
    steps = np.arange(min(last, expected.steps, found.steps))
    rates, other_rates = expected.learning_rates[steps], found.learning_rates[steps]
    handed = (gradients[rows[~ends]], other_gradients[others[~ends]])
    return {
        "points": deviation_of(common, points[rows], other_points[others], tolerance, "points", 0),
        "losses": deviation_of(common, expected.losses[rows], found.losses[others], tolerance, "losses", 0),
        "gradients": deviation_of(common[~ends], *handed, tolerance, "gradients", 1),
        "rates": deviation_of(steps, rates, other_rates, tolerance, "rates", 1),
    }


def deviation_of(
    steps: NDArray[np.int64],
    expected: NDArray[np.float64],
    found: NDArray[np.float64],
    tolerance: Tolerance,
    quantity: str,
    ahead: int,
) -> Deviation:
    """Compare one quantity of two runs.

    Args:
        steps: The step of each row, (rows,).
        expected: What was to be, (rows,) or (rows, n).
        found: What came, the same shape.
        tolerance: What counts as equal.
        quantity: One of QUANTITIES, whose share is allowed.
        ahead: 1 where a value is for the step that follows.
    """
    with np.errstate(all="ignore"):
        same = (expected == found) | (np.isnan(expected) & np.isnan(found))
        difference = np.where(same, 0.0, found - expected)
        # One value is NaN or infinite and the other is not, or is so in another way: as far apart as can be.
        lost = ~same & ~(np.isfinite(expected) & np.isfinite(found))
        apart = np.where(_any(lost), np.inf, _length(difference))
        size = np.maximum(_length(_finite(expected)), _length(_finite(found)))
        size = np.maximum.accumulate(size) if size.size else size
        share = np.where(apart == 0, 0.0, apart / size)
        allowed = tolerance.absolute + tolerance.of(quantity) * size
    # A size beyond the largest number would allow anything.
    allowed = np.where(np.isfinite(allowed), allowed, np.finfo(np.float64).max)
    return Deviation(steps, expected, found, apart, share, allowed, ahead)


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(values), values, 0.0)


def _any(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return flags if flags.ndim == 1 else np.asarray(flags.any(axis=1))


def _length(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(values) if values.ndim == 1 else np.hypot.reduce(values, axis=1)
