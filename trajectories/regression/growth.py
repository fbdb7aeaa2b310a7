"""How the difference between two runs grew: in one step, step by step, or from rounding. NumPy only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = "rounding"  # all there is, where it first counts, is rounding
JUMP = "jump"  # it came in one step
AMPLIFIED = "amplified"  # rounding, multiplied at every step
ADDED = "added"  # rounding, added up over the steps
DRIFT = "drift"  # larger than rounding as soon as it was there, and it only later came to count
KINDS = (ROUNDING, JUMP, AMPLIFIED, ADDED, DRIFT)

_ROUNDINGS = 64  # epsilons that one step may be off by without more than rounding being different
_LEAP = 1000.0  # by how much a difference that comes in one step is larger than before
_SATURATED = 0.1  # of the size: from here on a difference cannot go on growing
_DOUBLINGS = 5  # fewer do not tell multiplying from adding
_LATE = 0.3  # of the doublings fall into the second half of the steps where a difference is multiplied


@dataclass(frozen=True, slots=True)
class Growth:
    """The course of a difference; sizes are shares of the quantity's largest size so far."""

    kind: str  # one of KINDS
    born: int  # the step after which the two runs are first not the same to the last bit
    birth: float  # how far apart they are then
    before: float  # one row before the first that counts
    there: float  # where it first counts
    largest: float  # at most, in the whole run
    doubling: float | None  # steps in which it doubles on the way to its largest; None where it hardly grows


def growth_of(steps: NDArray[np.int64], share: NDArray[np.float64], first: int, unit: float) -> Growth:
    """Describe how a difference grew.

    Args:
        steps: The step of each row, (rows,).
        share: The difference at each row, (rows,).
        first: The step at which it first counts; one of ``steps``.
        unit: The epsilon of the precision.

    >>> steps = np.arange(40)
    >>> growth = growth_of(steps, 1e-16 * 2.0 ** (steps / 2), 30, 2.0**-52)
    >>> growth.kind, round(growth.doubling, 3)
    ('amplified', 2.0)
    """
    row = int(np.searchsorted(steps, first))
    born = int(np.flatnonzero(share)[0])
    before = float(share[row - 1]) if row else 0.0
    birth, there = float(share[born]), float(share[row])
    bits, late, doubling = _course(steps[born:], share[born:])
    rounding = _ROUNDINGS * unit
    if there <= rounding:
        kind = ROUNDING
    elif before <= rounding and there > _LEAP * max(before, unit):
        kind = JUMP
    elif birth > rounding:
        kind = JUMP if born == row else DRIFT
    else:
        kind = AMPLIFIED if bits >= _DOUBLINGS and late >= _LATE * bits else ADDED
    return Growth(kind, int(steps[born]), birth, before, there, float(share.max()), doubling)


def _course(steps: NDArray[np.int64], share: NDArray[np.float64]) -> tuple[float, float, float | None]:
    """Return how often a difference doubles until it can grow no more, how often late, and how fast."""
    saturated = np.flatnonzero(share >= _SATURATED)
    end = int(saturated[0]) if saturated.size else int(np.argmax(share))
    if end == 0 or not math.isfinite(share[end]):
        return 0.0, 0.0, None
    bits = math.log2(share[end] / share[0])
    middle = share[: end // 2 + 1].max()
    late = math.log2(share[end] / middle)
    return bits, late, float(steps[end] - steps[0]) / bits if bits >= 1 else None
