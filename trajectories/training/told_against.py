"""The losses that a loop told, held against those that a picture has. NumPy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

ROUNDING = 1e-2  # relative: what other kernels, and the loop's mixed precision, may make
_CLEAR = 6.0  # standard errors of a mean beyond which batches by chance do not explain a difference
_SMOOTH = 0.3  # of 2, which the squares of neighbours' differences are of the squares where chance rules
_LARGE = 0.05  # of the losses: a smaller difference is not worth a word
_FEW = 8  # steps from which on chance can be judged
_FAR = 0.5  # of the larger loss: with fewer steps only so large a difference counts


def differing(
    at: NDArray[np.int64], told: Array, ours: Array, *, exact: bool
) -> tuple[int, float, float] | None:
    """Return a step and both losses there if what a loop told is not what a picture has; None where it is.

    Args:
        at: The steps, (n,).
        told: The loop's losses at them, (n,); NaN where it told none.
        ours: Those of the picture, (n,).
        exact: Whether both are of the same samples. Where they are not, because the loop's are of batches,
            they may differ, but not to one side by far more than they vary, nor smoothly from step to step.

    >>> at, told = np.arange(3), np.array([0.1, 0.09, 0.08])
    >>> differing(at, told, told * (1 + 1e-6), exact=True)
    >>> differing(at, told, 7 * told, exact=True)
    (0, 0.1, 0.7000000000000001)
    """
    known = np.isfinite(told) & np.isfinite(ours)
    at, told, ours = at[known], told[known], ours[known]
    if not len(at):
        return None
    size = np.maximum(np.abs(told), np.abs(ours))
    apart = told - ours
    far = np.abs(apart) > ROUNDING * size + 1e-7
    if not far.any():
        return None
    if not exact and not _not_by_chance(apart, size):
        return None
    first = int(np.argmax(far))
    return int(at[first]), float(told[first]), float(ours[first])


def _not_by_chance(apart: Array, size: Array) -> bool:
    if len(apart) < _FEW:
        one_side = bool((apart > 0).all() or (apart < 0).all())
        return one_side and bool((np.abs(apart) > _FAR * size).all())
    if float(np.abs(apart).mean()) <= _LARGE * float(size.mean()):
        return False
    error = float(apart.std(ddof=1)) / len(apart) ** 0.5
    # The ratio of von Neumann (1941), about 0 and not about the mean: what batches add is new at each step.
    smooth = float((np.diff(apart) ** 2).sum()) < _SMOOTH * float((apart**2).sum())
    return smooth or abs(float(apart.mean())) > _CLEAR * error
