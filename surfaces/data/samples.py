"""Samples before they are split and scaled, and the checks that all data pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DescentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..catalogue import Task

LEAST = 10  # samples: fewer cannot be split in three
FLOAT32_MAX = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What a builder of data returns: everything there is, in the data's own units."""

    name: str  # the spec that makes it again, for example "moons:noise=0.2"
    x: NDArray[Any]  # (n, *inputs), or (n,) where a sample is one number
    y: NDArray[Any]  # (n,) labels 0 to K - 1, or (n,) or (n, columns) floating targets
    axes: tuple[str, ...] = ()
    test: tuple[NDArray[Any], NDArray[Any]] | None = None  # (x, y) where the test part is given
    scaled_targets: bool = False  # whether targets are scaled too: where their units mean little

    @property
    def task(self) -> Task:
        """Return what there is to learn: floating targets are numbers, all others are labels."""
        return "regression" if self.y.dtype.kind == "f" else "classification"


def check_whole(name: str, option: str, value: object, low: int, high: int) -> int:
    """Return an option's value, or raise DescentError unless it is a whole number from low to high."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise DescentError(
            f"{option} of data set {name!r} must be a whole number from {low:,} to {high:,}, not {value!r}"
        )
    return value


def check_number(name: str, option: str, value: object, low: float, high: float) -> float:
    """Return an option's value, or raise DescentError unless it is a number from low to high."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise DescentError(
            f"{option} of data set {name!r} must be a number from {low:g} to {high:g}, not {value!r}"
        )
    return value


def tidy(samples: Samples) -> Samples:
    """Return samples as floating x (n, *inputs), and y as int64 (n,) or float64 (n, columns).

    Raises:
        DescentError: The arrays differ in length, are too short, hold values that are not finite, or
            labels other than 0 to K - 1 for K of at least two classes.

    >>> tidy(Samples("arrays", np.arange(12), np.arange(12) % 2)).x.shape
    (12, 1)
    """
    name = samples.name
    x, y = _inputs(name, "X", samples.x), _targets(name, "y", samples.y)
    _check_lengths(name, x, y)
    if len(x) < LEAST:
        raise DescentError(f"data set {name!r} has {len(x)} samples; allowed: at least {LEAST}")
    test = None
    if samples.test is not None:
        test_x, test_y = samples.test
        test = _inputs(name, "the test part's X", test_x), _targets(name, "the test part's y", test_y)
        _check_lengths(name, *test)
        if test[0].shape[1:] != x.shape[1:]:
            raise DescentError(
                f"data set {name!r}: samples have shape {x.shape[1:]}, but those of the test part "
                f"{test[0].shape[1:]}; allowed: one shape for all"
            )
    if y.dtype.kind != "f":
        _check_labels(name, y if test is None else np.concatenate((y, test[1])))
    return replace(samples, x=x, y=y, test=test)


def as_numbers(samples: Samples) -> Samples:
    """Return samples whose whole targets are floating ones where they cannot be class labels.

    >>> as_numbers(Samples("prices", np.zeros(3), np.array([120, 250, 80]))).task
    'regression'
    """
    y = samples.y
    if y.dtype.kind not in "iu" or y.ndim > 2:
        return samples
    found = np.unique(y)
    if y.ndim == 1 and len(found) and found[0] == 0 and found[-1] == len(found) - 1:
        return samples
    test = None if samples.test is None else (samples.test[0], samples.test[1].astype(np.float64))
    return replace(samples, y=y.astype(np.float64), test=test)


def _check_lengths(name: str, x: NDArray[Any], y: NDArray[Any]) -> None:
    if len(x) != len(y):
        raise DescentError(f"data set {name!r}: X has {len(x)} rows and y has {len(y)}; allowed: as many")


def _inputs(name: str, what: str, x: NDArray[Any]) -> NDArray[Any]:
    if x.dtype.kind not in "biuf" or x.ndim == 0:
        raise DescentError(
            f"data set {name!r}: {what} must be an array of numbers, one row a sample, "
            f"not of type {x.dtype} and shape {x.shape}"
        )
    x = x[:, None] if x.ndim == 1 else x
    if 0 in x.shape[1:]:
        raise DescentError(f"data set {name!r}: a sample in {what} has shape {x.shape[1:]}, so holds nothing")
    return _finite(name, what, x if x.dtype == np.float32 else x.astype(np.float64))


def _targets(name: str, what: str, y: NDArray[Any]) -> NDArray[Any]:
    if y.dtype.kind == "f" and (y.ndim == 1 or (y.ndim == 2 and y.shape[1])):
        return _finite(name, what, (y if y.ndim == 2 else y[:, None]).astype(np.float64))
    if y.dtype.kind in "biu" and y.ndim == 1:
        return y.astype(np.int64)
    if y.dtype.kind in "biufc":
        raise DescentError(
            f"data set {name!r}: {what} has type {y.dtype} and shape {y.shape}; "
            "allowed: whole numbers of shape (n,) for classes, floating ones of shape (n,) or (n, columns)"
        )
    raise _labels_error(name, sorted({repr(str(label)) for label in y.ravel()}))


def _finite(name: str, what: str, values: NDArray[Any]) -> NDArray[Any]:
    for bad, said in (
        (~np.isfinite(values), "that are NaN or infinite"),
        (np.abs(values) > FLOAT32_MAX, f"beyond ±{FLOAT32_MAX:.2g}, more than float32 holds"),
    ):
        if count := int(bad.sum()):
            row = int(bad.reshape(len(bad), -1).any(axis=1).argmax())
            values_are = "value" if count == 1 else "values"
            raise DescentError(
                f"data set {name!r}: {what} holds {count:,} {values_are} {said}, "
                f"the first in row {row} (counted from 0); allowed: finite numbers"
            )
    return values


def _check_labels(name: str, labels: NDArray[np.int64]) -> None:
    found = np.unique(labels)
    if len(found) == 1:
        raise DescentError(
            f"data set {name!r} has one class only: every label is {found[0]}; allowed: two classes or more"
        )
    if found[0] != 0 or found[-1] != len(found) - 1:
        raise _labels_error(name, [str(label) for label in found])


def _labels_error(name: str, found: list[str]) -> DescentError:
    shown = ", ".join(found if len(found) <= 8 else [*found[:4], "...", *found[-3:]])
    return DescentError(
        f"data set {name!r} has labels outside the classes: {shown} ({len(found)} different ones); "
        f"allowed: whole numbers from 0 to {max(len(found) - 1, 1)}, each one used, "
        "or floating numbers for regression"
    )
