"""From what a user writes or passes to data: names, files, import paths, torch's data sets, arrays."""

from __future__ import annotations

import inspect
import operator
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalogue import DATA
from ..errors import DescentError, NotPossibleError, unknown
from ..imports import imported, is_dotted, own
from ..options import parse_named
from ..text import shown_value
from .objects import WAYS, from_function, from_object
from .samples import Samples, as_numbers, tidy
from .split import check_shares, to_data
from .tables import is_table, read_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from .dataset import Data

    Folder = str | os.PathLike[str]

GIVEN = ("seed", "data_dir")  # what builders take besides the options that users write
SUFFIX = ".npz"


def get_data(
    data: Any,
    *,
    seed: int = 0,
    val: float = 0.2,
    test: float = 0.2,
    data_dir: Folder | None = None,
    numbers: bool = False,
) -> Data:
    """Return data in three parts, float32, scaled so that the training part has mean 0 and deviation 1.

    Whole numbers as y are class labels, 0 to K - 1; floating numbers are targets, and stay as they are
    (but those of ``diabetes``, which are scaled as well). The split keeps the shares of the classes.

    Args:
        data: A name with options (``"moons:samples=200,noise=0.2"``); a path ending in .npz to a file with
            arrays X (n, ...) and y; one in .csv, with a column to predict (``"houses.csv:target=price"``);
            an import path (``"package.module:function"``) to a function without
            arguments that returns data; a pair (X, y) of arrays or tensors; or a torch Dataset with a
            length, whose items are read once.
        seed: Where all random numbers start: those that make data, and those that split it.
        val: The share of the samples for validation, 0 up to 0.9.
        test: The share for the test part, 0 up to 0.9; not used where the data bring a test part.
        data_dir: The folder with MNIST's own files, for ``mnist``.
        numbers: Whether whole numbers as y that are no class labels, such as prices, are targets.

    Raises:
        DescentError: The data, an option, a share or the seed is not one of these, or the values cannot be
            learned from: not finite, of differing lengths, one class only, fewer than 10 samples.
        NotPossibleError: A file or a package is missing, or a file is damaged.

    >>> data = get_data("moons:samples=50")
    >>> data.name, data.inputs, data.outputs, len(data.train), len(data.val), len(data.test)
    ('moons:samples=50', (2,), 2, 30, 10, 10)
    """
    import torch

    val, test = check_shares(val, test)
    seed = _whole(seed)
    # What users' own data draw from torch depends on the seed, and leaves torch's state as it was.
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would reach other devices
        samples = _samples(data, seed, data_dir)
    return to_data(tidy(as_numbers(samples) if numbers else samples), seed, val, test)


def _whole(seed: Any) -> int:
    try:
        whole = -1 if isinstance(seed, bool) else operator.index(seed)
    except TypeError:
        whole = -1
    if not 0 <= whole < 2**63:
        raise DescentError(f"seed must be a whole number from 0 to 2**63 - 1, not {shown_value(seed)}")
    return whole


def _samples(data: Any, seed: int, data_dir: Folder | None) -> Samples:
    text = os.fspath(data) if isinstance(data, os.PathLike) else data
    if isinstance(text, str):
        text = text.strip()
        name = text.partition(":")[0].strip().casefold().replace("-", "_")
        if name in DATA:
            return _from_catalogue(name, text, seed, data_dir)
    if data_dir is not None:
        raise DescentError(f"data_dir is for data set 'mnist', not for {_shown(text)}")
    return _from_text(text) if isinstance(text, str) else from_object(text)


def _from_catalogue(name: str, text: str, seed: int, data_dir: Folder | None) -> Samples:
    builder: Callable[..., Samples] = own("surfaces", DATA[name].builder)
    options: dict[str, Any] = dict(parse_named(text, "data set")[1])
    takes = inspect.signature(builder).parameters
    allowed = [each for each in takes if each not in GIVEN]
    for key in options:
        if not allowed:
            raise DescentError(f"data set {name!r} has no options, but {key!r} was given")
        if key not in allowed:
            raise unknown(f"option of data set {name!r}", key, allowed)
    if data_dir is not None and "data_dir" not in takes:
        raise DescentError(f"data_dir is for data set 'mnist', not for {name!r}")
    given = {"seed": seed, "data_dir": data_dir}
    return builder(**{each: given[each] for each in GIVEN if each in takes}, **options)


def _from_text(text: str) -> Samples:
    if text.casefold().endswith(SUFFIX):
        from .files import read_npz

        return read_npz(Path(text))
    if is_table(text):
        return read_table(text)
    module, colon, attribute = text.partition(":")
    if colon and is_dotted(attribute.strip()) and module.strip():
        found = imported(module.strip(), attribute.strip(), "data set", WAYS)
        return from_function(found, text)
    if not module.strip():
        raise DescentError(f"no data set is named in {text!r}; allowed: {WAYS}")
    if os.path.isdir(text):
        raise NotPossibleError(f"{text!r} is a folder, not a data set; allowed: {WAYS}")
    if "/" in text or os.sep in text or os.path.isfile(text):
        raise DescentError(f"the data file {text!r} does not end in {SUFFIX} or .csv; allowed: {WAYS}")
    raise unknown("data set", module.strip(), DATA)


def _shown(data: Any) -> str:
    return repr(data) if isinstance(data, str) else f"a {type(data).__name__}"
