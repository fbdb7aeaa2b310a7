"""The machine under a run: its device and precision, from the user's word to what torch has, and versions."""

from __future__ import annotations

import platform
import re

from ...surfaces.errors import DescentError, NotPossibleError, unknown
from ...surfaces.text import shown_value

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


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions that numbers depend on, as (package, version) pairs."""
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
    )
