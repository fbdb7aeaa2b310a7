"""Data sets that come with scikit-learn: real measurements, nothing to download."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from .samples import Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray


def digits() -> Samples:
    """Return 1,797 handwritten digits: x (1797, 1, 8, 8) from 0 to 1, ten classes.

    References:
        Alpaydin and Kaynak 1998, doi:10.24432/C50P49.
    """
    return Samples("digits", *_digits())


def digits28() -> Samples:
    """Return the same digits enlarged by bilinear interpolation: x (1797, 1, 28, 28) from 0 to 1.

    References:
        Alpaydin and Kaynak 1998, doi:10.24432/C50P49.
    """
    x, y = _digits()
    across = enlarging(8, 28)
    return Samples("digits28", across @ x @ across.T, y)


def iris() -> Samples:
    """Return 150 iris flowers: x (150, 4), lengths in cm, three kinds.

    References:
        Fisher 1936, doi:10.1111/j.1469-1809.1936.tb02137.x.
    """
    return Samples("iris", *_load("load_iris"))


def breast_cancer() -> Samples:
    """Return 569 tumours: x (569, 30), measurements of cells; 0 malignant, 1 benign.

    References:
        Wolberg, Mangasarian, Street and Street 1995, doi:10.24432/C5DW2B.
    """
    return Samples("breast_cancer", *_load("load_breast_cancer"))


def diabetes() -> Samples:
    """Return 442 patients: x (442, 10), and how far their diabetes went on in a year, 25 to 346.

    References:
        Efron, Hastie, Johnstone and Tibshirani 2004, doi:10.1214/009053604000000067.
    """
    x, y = _load("load_diabetes", scaled=False)
    return Samples("diabetes", x, y.astype(np.float64), scaled_targets=True)


def enlarging(few: int, many: int) -> NDArray[np.float64]:
    """Return the matrix (many, few) that interpolates pixels linearly, edges of the pictures aligned.

    >>> enlarging(2, 4).tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    where = np.clip((np.arange(many) + 0.5) * few / many - 0.5, 0, few - 1)
    matrix: NDArray[np.float64] = np.maximum(0.0, 1.0 - np.abs(where[:, None] - np.arange(few)))
    return matrix


def _digits() -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = _load("load_digits")
    return x.reshape(-1, 1, 8, 8) / 16, y


def _load(loader: str, **options: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    load = getattr(import_module("sklearn.datasets"), loader)
    x, y = load(return_X_y=True, **options)
    return x, y
