"""The machine under a run: its device and precision, from the user's word to what torch has, and versions."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError, NotPossibleError, unknown
from ...surfaces.text import shown_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEVICES = ("cpu", "cuda", "cuda:N", "mps", "auto")
DTYPES = ("float64", "float32")
_CUDA = re.compile(r"cuda(?::(\d+))?")


def as_word(name: object, what: str) -> str:
    """Return the word for a device or a precision, also of torch's own objects, or raise DescentError."""
    if not isinstance(name, str) and type(name).__module__ != "torch":
        raise DescentError(f"a {what} is named by text, not {shown_value(name)}")
    return str(name).strip()


def resolve_device(name: str) -> str:
    """Return the concrete device that a word means: ``cpu``, ``cuda:N`` or ``mps``.

    Raises:
        DescentError: An unknown word, or a device that is not there.

    >>> resolve_device("cpu")
    'cpu'
    """
    import torch

    word = as_word(name, "device").casefold()
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if word == "auto":
        word = "cuda" if cuda else "mps" if mps else "cpu"
    found = _CUDA.fullmatch(word)
    if word not in ("cpu", "mps") and not found:
        raise unknown("device", str(name), DEVICES)
    if (found and not cuda) or (word == "mps" and not mps):
        kind = "CUDA" if found else "MPS"
        raise NotPossibleError(f"no {kind} device is available to torch {torch.__version__}; use cpu or auto")
    if not found:
        return word
    index, count = int(found[1] or 0), torch.cuda.device_count()
    if index >= count:
        raise NotPossibleError(f"there is no cuda:{index}: torch sees {count}, cuda:0 to cuda:{count - 1}")
    return f"cuda:{index}"


def resolve_dtype(name: str | None, device: str) -> str:
    """Return the precision to use on a concrete device: as named, else float64, or float32 on mps.

    Raises:
        DescentError: An unknown precision, or one that the device does not have.

    >>> resolve_dtype(None, "cpu"), resolve_dtype(None, "mps")
    ('float64', 'float32')
    """
    if name is None:
        return "float32" if device == "mps" else "float64"
    word = as_word(name, "dtype").removeprefix("torch.").casefold()
    if word not in DTYPES:
        raise unknown("dtype", str(name), DTYPES)
    if word == "float64" and device == "mps":
        raise NotPossibleError("mps has no float64; use float32 there, or the device cpu")
    return word


def capability() -> str:
    """Return which instructions of the processor torch uses, as it calls them: ``AVX512``, ``DEFAULT``."""
    import torch

    return str(torch.backends.cpu.get_cpu_capability())


def versions(optimizers: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Return the versions that numbers depend on, as (package, version) pairs.

    Args:
        optimizers: The names of optimizers that run; of those from other packages these are named too.
    """
    from importlib.metadata import PackageNotFoundError, version

    import numpy as np
    import torch

    try:
        own = version("descent-viz")
    except PackageNotFoundError:
        own = "unknown"
    return (
        ("descent-viz", own),
        ("torch", str(torch.__version__)),
        ("numpy", np.__version__),
        ("python", platform.python_version()),
        *_packages(optimizers),
    )


def _packages(optimizers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield distribution and version of the packages of optimizers; a user's own module has none."""
    from importlib.metadata import PackageNotFoundError, packages_distributions, version

    roots = dict.fromkeys(name.partition(".")[0] for name in optimizers if "." in name)
    roots.pop(__name__.partition(".")[0], None)  # this package stands in the list already
    for root in roots:
        where = str(getattr(sys.modules.get(root), "__file__", None))
        if not {"site-packages", "dist-packages"} & set(Path(where).parts):
            continue
        try:
            yield root, version(root)
        except PackageNotFoundError:  # its distribution has another name, which takes long to find
            yield from ((each, version(each)) for each in packages_distributions().get(root, ())[:1])
