"""Data that users pass as objects: pairs of arrays or tensors, and torch's data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DescentError
from ..imports import flat
from .samples import Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 200_000  # samples read one by one
WAYS = (
    "a name from the catalogue of data sets, a .npz file with arrays X and y, a .csv file as in "
    "houses.csv:target=price, package.module:function, "
    "a pair (X, y) of arrays or tensors, or a torch Dataset or DataLoader"
)


def from_object(data: Any, name: str = "") -> Samples:
    """Return the samples of a pair (X, y) or of a data set with a length whose items are pairs (x, y).

    Args:
        data: The object.
        name: What to call it; what it is when empty.

    Raises:
        DescentError: It is neither, has more than 200,000 items, or items that are not pairs of one shape.

    >>> from_object(([0.0] * 10, [1.5] * 10)).name
    'arrays'
    """
    if isinstance(data, tuple | list) and len(data) == 2:
        return _pair(name or "arrays", data[0], data[1])
    if hasattr(data, "dataset") and hasattr(data, "batch_size"):  # a DataLoader
        data = data.dataset
    name = name or type(data).__name__
    check_no_table(name, data)
    tensors = getattr(data, "tensors", None)
    if isinstance(tensors, tuple):
        if len(tensors) != 2:
            raise DescentError(f"data set {name!r} holds {len(tensors)} tensors; allowed: two, X and y")
        return _pair(name, *tensors)
    if _is_data_set(data):
        return _read(name, data)
    items = hasattr(data, "__iter__") or hasattr(data, "__getitem__")
    hint = " without a length" if items and not hasattr(data, "__len__") else ""
    raise DescentError(f"{name}{hint} is no data set; allowed: {WAYS}")


def check_no_table(name: str, data: Any) -> None:
    """Raise DescentError for a table of pandas or polars alone, which does not say what the target is."""
    if hasattr(data, "columns") and hasattr(data, "to_numpy"):
        few = ", ".join(map(str, list(data.columns)[:6])) + ", ..." * (len(data.columns) > 6)
        raise DescentError(
            f"data {name!r} is a table with the columns {few}, and does not say which is the target; "
            "allowed: a pair (table[inputs], table[target]), or a file as in houses.csv:target=price"
        )


def from_function(made_by: Any, name: str) -> Samples:
    """Return the samples that a function of no arguments makes, or that an object already holds.

    Raises:
        DescentError: The function fails or returns something else than data.
    """
    if not callable(made_by) or _is_data_set(made_by):
        return from_object(made_by, name)
    try:
        data = made_by()
    except Exception as error:
        raise DescentError(
            f"data set {name!r}: the function failed with {type(error).__name__}: {flat(error)}; "
            "it is called without arguments"
        ) from error
    if not _is_data_set(data) and not (isinstance(data, tuple | list) and len(data) == 2):
        raise DescentError(
            f"data set {name!r}: the function returned {_shown(data)}; "
            "allowed: a pair (X, y) of arrays or tensors, or a torch Dataset"
        )
    return from_object(data, name)


def _is_data_set(data: Any) -> bool:
    if isinstance(data, type | tuple | list | str | bytes | dict | np.ndarray) or hasattr(data, "dtype"):
        return False
    return hasattr(data, "__getitem__") and hasattr(data, "__len__")


def _pair(name: str, x: Any, y: Any) -> Samples:
    return Samples(name, _array(name, "X", x), _array(name, "y", y))


def _read(name: str, data: Any) -> Samples:
    count = len(data)
    if count > MOST:
        raise DescentError(
            f"data set {name!r} has {count:,} items; allowed: at most {MOST:,}, or a TensorDataset"
        )
    xs, ys = [], []
    for index in range(count):
        try:
            item = data[index]
        except Exception as error:
            raise DescentError(
                f"data set {name!r}: item {index} failed with {type(error).__name__}: {flat(error)}"
            ) from error
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise DescentError(f"data set {name!r}: item {index} is {_shown(item)}; allowed: a pair (x, y)")
        xs.append(_array(name, f"the x of item {index}", item[0]))
        ys.append(_array(name, f"the y of item {index}", item[1]))
    return Samples(name, _stack(name, "x", xs), _stack(name, "y", ys))


def _stack(name: str, what: str, arrays: list[NDArray[Any]]) -> NDArray[Any]:
    for index, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            raise DescentError(
                f"data set {name!r}: the {what} of item {index} has shape {array.shape} and that of item 0 "
                f"has {arrays[0].shape}; allowed: one shape for all"
            )
    return np.stack(arrays) if arrays else np.empty(0)


def _array(name: str, what: str, values: Any) -> NDArray[Any]:
    import torch

    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        # numpy has no bfloat16.
        values = (values.float() if values.dtype == torch.bfloat16 else values).numpy()
    # A picture object would turn into an array, but with its channels last.
    if hasattr(values, "getbands") or isinstance(values, dict | set):
        raise DescentError(
            f"data set {name!r}: {what} is {_shown(values)}; allowed: a tensor, array or number"
        )
    try:
        array: NDArray[Any] = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise DescentError(f"data set {name!r}: {what} is no array: {flat(error)}") from error
    return array


def _shown(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "None" if value is None else f"an object of type {type(value).__name__}"
