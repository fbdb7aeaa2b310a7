"""From samples to data: a split by seed, and a scale that only the training part decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DescentError
from ..text import shown_value
from .dataset import Data, Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .samples import Samples

MOST_PART = 0.9  # of the samples, in one of validation and test
MOST_BOTH = 0.95  # in the two together
ORDER = 1  # tells the random numbers of the split from those that made the data


def check_shares(val: Any, test: Any) -> tuple[float, float]:
    """Return the shares of the samples for validation and test, or raise DescentError.

    >>> check_shares(0.2, 0)
    (0.2, 0.0)
    """
    for what, share in (("val", val), ("test", test)):
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < MOST_PART:
            raise DescentError(
                f"{what} must be a number from 0 up to, but not, {MOST_PART:g}, not {shown_value(share)}"
            )
    if val + test >= MOST_BOTH:
        raise DescentError(
            f"val and test take {val + test:.3g} of the samples together, {val:g} and {test:g}; "
            f"allowed: less than {MOST_BOTH:g}"
        )
    return float(val), float(test)


def to_data(samples: Samples, seed: int, val: float, test: float) -> Data:
    """Split tidy samples and scale them by the mean and the standard deviation of the training part.

    Vectors are scaled input by input; pictures by one mean and one deviation for all pixels. Where the
    samples bring their own test part, ``val`` is a share of the others and ``test`` is not used.

    Raises:
        DescentError: No sample would be left to train on, or scaling leaves the range of float32.
    """
    import torch

    order = np.random.default_rng((seed, ORDER))
    labels = samples.y if samples.task == "classification" else None
    parts = split(labels, len(samples.x), val, 0.0 if samples.test else test, order)
    if not len(parts[0]):
        raise DescentError(
            f"data set {samples.name!r}: val={val:g} and test={test:g} leave none of the {len(samples.x)} "
            "samples to train on; allowed: smaller shares"
        )
    pairs = [(samples.x[rows], samples.y[rows]) for rows in parts]
    if samples.test is not None:
        pairs[2] = samples.test
    x_scale = scale_of(pairs[0][0])
    y_scale = scale_of(pairs[0][1]) if samples.scaled_targets else None

    def part(x: NDArray[Any], y: NDArray[Any]) -> Part:
        x = _to_float32(samples.name, x, *x_scale)
        if labels is not None:
            return Part(torch.from_numpy(x), torch.from_numpy(y))
        y = _to_float32(samples.name, y, *(y_scale or (0.0, 1.0)))
        return Part(torch.from_numpy(x), torch.from_numpy(y))

    return Data(
        samples.name,
        samples.task,
        train=part(*pairs[0]),
        val=part(*pairs[1]),
        test=part(*pairs[2]),
        inputs=samples.x.shape[1:],
        outputs=samples.y.shape[1] if labels is None else _classes(samples),
        axes=samples.axes,
    )


def split(
    labels: NDArray[np.int64] | None, count: int, val: float, test: float, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows for training, validation and test, each in random order.

    With labels, every class has its share of each part, as nearly as whole samples allow, and where a class
    is too small for all parts, training comes first.

    >>> train, val, test = split(None, 10, 0.2, 0.2, np.random.default_rng(0))
    >>> len(train), len(val), len(test)
    (6, 2, 2)
    """
    rows = random.permutation(count)
    if labels is None:
        place = np.arange(count)
    else:
        # How far through its class each row comes: any stretch of rows in this order has all classes alike.
        through = np.empty(count)
        for label in np.unique(labels):
            own = np.flatnonzero(labels[rows] == label)
            through[own] = np.arange(len(own)) / len(own)
        place = np.empty(count, dtype=np.int64)
        place[np.argsort(through, kind="stable")] = np.arange(count)
    tests = round(count * test)
    trains = max(0, count - tests - round(count * val))
    train, rest = place < trains, place >= count - tests
    return rows[train], rows[~train & ~rest], rows[rest]


def scale_of(x: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean and the standard deviation to scale by; what does not vary keeps its unit.

    >>> scale_of(np.array([[1.0, 5.0], [3.0, 5.0]]))
    (array([2., 5.]), array([1., 1.]))
    """
    # Pixels that are dark but for one picture would otherwise be blown up, and pictures lose their look.
    axes = 0 if x.ndim <= 2 else None
    mean = np.asarray(x.mean(axis=axes, dtype=np.float64))
    deviation = np.asarray(x.std(axis=axes, dtype=np.float64))
    varies = (x.max(axis=axes) > x.min(axis=axes)) & (deviation > 0)
    return mean, np.where(varies, deviation, 1.0)


def _to_float32(name: str, values: NDArray[Any], mean: Any, deviation: Any) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        scaled: NDArray[np.float32] = ((values - mean) / deviation).astype(np.float32)
    if not np.isfinite(scaled).all():
        raise DescentError(
            f"data set {name!r}: outside the training part are values so far from those in it "
            "that float32 cannot hold them once scaled"
        )
    return scaled


def _classes(samples: Samples) -> int:
    tests = samples.test[1].max(initial=0) if samples.test is not None else 0
    return int(max(samples.y.max(), tests)) + 1
