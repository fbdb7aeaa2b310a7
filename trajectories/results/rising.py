"""What a run tells whose learning rate rises with each step: where its loss falls fastest, and where no more.

Each rate has one step, which begins where the steps at the smaller rates ended. So the numbers say which
rates move the loss, and from which on steps are too long; they are not what a training at such a rate gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..specs.labels import label
from ..specs.optimizer_spec import OptimizerSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .recording import Recording
    from .trajectory import Trajectory

_TEST = 10.0  # times its first one: a rate that rises by less is no test of rates
_WINDOW = 0.5  # decades over which the slope is that of a straight line
_FEWEST = 5  # losses that a slope is taken of


@dataclass(frozen=True, slots=True, eq=False)
class Rising:
    """Loss against rate within one run, and two places on that curve as numbers of rows."""

    rates: NDArray[np.float64]  # (n,), increasing
    losses: NDArray[np.float64]  # (n,): before the step at that rate, of all measured samples
    steps: NDArray[np.int64]  # (n,): which step that is
    steepest: int | None  # where the loss falls fastest with the logarithm of the rate; None: nowhere
    above: int | None  # the first one behind the lowest loss that is above the first loss, or not finite


def rises(run: Trajectory) -> bool:
    """Return whether each step's rate is above the one before, up to at least ten times the first."""
    rates = run.learning_rates
    return bool(
        len(rates) >= _FEWEST
        and np.isfinite(rates).all()
        and (np.diff(rates) > 0).all()
        and rates[-1] >= _TEST * rates[0]
    )


def all_rise(recording: Recording) -> bool:
    """Return whether every run of a network's recording is such a test."""
    runs = recording.trajectories
    return recording.training is not None and bool(runs) and all(map(rises, runs))


def rising(run: Trajectory) -> Rising:
    """Return what a run tells whose rate `rises`.

    The slope is that of the straight line through the losses within half a decade, five at least, by least
    squares; it is looked for up to where the loss is above its first one again.

    References:
        L. N. Smith, Cyclical learning rates for training neural networks, arXiv:1506.01186, section 3.3, for
        the test
    """
    made = run.at < run.steps
    steps, losses = run.at[made], run.losses[made]
    rates = run.learning_rates[steps]
    above = _above(losses, run.losses[-1])
    kept = slice(0, len(losses) if above is None else above)
    return Rising(rates, losses, steps, _steepest(np.log10(rates[kept]), losses[kept]), above)


def _above(losses: NDArray[np.float64], end: float) -> int | None:
    """Return the first row behind the lowest loss whose loss is above the first, or whose step lost it."""
    finite = np.isfinite(losses)
    if not len(losses) or not finite[0]:
        return 0
    lowest = int(np.where(finite, losses, np.inf).argmin())
    gone = np.flatnonzero(~finite[lowest:] | (losses[lowest:] > losses[0]))
    if len(gone):
        return lowest + int(gone[0])
    return None if np.isfinite(end) and end <= losses[0] else len(losses) - 1


def _steepest(x: NDArray[np.float64], losses: NDArray[np.float64]) -> int | None:
    best, found = 0.0, None
    for k in range(len(x)):
        near = np.flatnonzero(np.abs(x - x[k]) <= _WINDOW / 2)
        first, last = min(near[0], k - _FEWEST // 2), max(near[-1], k + _FEWEST // 2)
        if first < 0 or last >= len(x):
            continue
        slope = np.polyfit(x[first : last + 1] - x[k], losses[first : last + 1], 1)[0]
        if slope < best:
            best, found = slope, k
    return found


def words(found: Rising) -> tuple[str, str]:
    """Say where the loss falls fastest, and from where on it is above its start.

    >>> words(Rising(np.array([0.1, 1.0]), np.array([2.0, 1.0]), np.array([0, 1]), 0, None))
    ('falls fastest at lr 0.1', 'not above its start up to lr 1')
    """
    falls = (
        "does not fall" if found.steepest is None else f"falls fastest at lr {_rate(found, found.steepest)}"
    )
    if found.above is None:
        return falls, f"not above its start up to lr {_rate(found, -1)}"
    return falls, f"above its start from lr {_rate(found, found.above)}"


def sentences(recording: Recording) -> list[str]:
    """Say of each run of a recording where the loss falls fastest; none where rates do not rise."""
    if not all_rise(recording):
        return []
    return [
        f"loss of {label(OptimizerSpec.parse(run.spec)).title} {', '.join(words(rising(run)))}"
        for run in recording.trajectories
    ]


def as_json(run: Trajectory) -> dict[str, Any]:
    """Return the rates of `rising` as plain JSON values; nothing for a run whose rate does not rise."""
    if not rises(run):
        return {}
    found = rising(run)
    at = {"falls_fastest_at": found.steepest, "above_its_start_from": found.above}
    return {
        "rising_rate": {name: None if k is None else float(found.rates[k]) for name, k in at.items()}
        | {"up_to": float(found.rates[-1])}
    }


def _rate(found: Rising, row: int) -> str:
    return f"{found.rates[row]:.2g}"
