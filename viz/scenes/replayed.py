"""Whether what an optimizer holds is what its name says: only where the run's steps follow from it.

Torch's own classes are known. Others use torch's names for what they like: a ``momentum_buffer`` that holds a
position, an ``exp_avg_sq`` that is not what steps are divided by. Such state is not drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ...trajectories.specs.tables import OPTIMIZERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...trajectories.results.trajectory import Trajectory

    Vectors = NDArray[np.float64]  # (rows, 2)

_SHARE = 0.9  # of the rows that tell, so many must agree
_APART = 0.1  # by this share the axes of a scaling may differ from those of the steps, as weight decay has it
_ERROR = 0.05  # likewise of a momentum, from what it was and the gradient


def known(run: Trajectory) -> bool:
    """Say whether a run is of one of torch's own classes, whose state is documented."""
    return OptimizerSpec.parse(run.spec).name in OPTIMIZERS


def is_momentum(run: Trajectory, held: Vectors) -> bool:
    """Say whether what is held at each row is a sum of gradients that fade, and steps go against it."""
    if known(run):
        return True
    before, after, gradients = held[:-1], held[1:], run.gradients[:-1]
    begun = np.where(np.isnan(before), 0.0, before)  # nothing is held before the first step
    with np.errstate(all="ignore"):
        fine = np.isfinite(begun) & np.isfinite(after) & np.isfinite(gradients)
        if fine.sum() < 4:
            return False
        parts = np.stack([begun[fine], gradients[fine]], axis=1)
        (kept, added), *_ = np.linalg.lstsq(parts, after[fine], rcond=None)
        error = np.linalg.norm(parts @ (kept, added) - after[fine]) / np.linalg.norm(after[fine])
        steps = np.diff(run.points, axis=0)
        telling = fine & (steps != 0) & (after != 0)
        against = np.sign(steps[telling]) == -np.sign(after[telling])
    return bool(added > 0 and -1e-9 <= kept <= 1 + 1e-9 and error <= _ERROR and _most(against))


def is_scaling(run: Trajectory, found: Vectors) -> bool:
    """Say whether steps are the gradient, or its mean, with x and y multiplied in this ratio."""
    if known(run):
        return True
    steps = np.diff(run.points, axis=0)
    means = run.state.get("exp_avg")
    for pushed in (run.gradients[:-1], *(() if means is None else (means[1:],))):
        with np.errstate(all="ignore"):
            x, y = (steps / (-pushed * found[1:])).T
            ratio = np.log(x / y)
            telling = np.isfinite(x) & np.isfinite(y) & (x != 0) & (y != 0)
        if telling.sum() >= 4 and _most((np.abs(ratio) <= _APART)[telling]):
            return True
    return False


def _most(true: NDArray[np.bool_]) -> bool:
    return bool(len(true) and true.mean() >= _SHARE)
