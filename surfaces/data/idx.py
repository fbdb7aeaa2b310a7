"""The IDX format of the MNIST files: a header of big-endian numbers, then the values."""

from __future__ import annotations

import gzip
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import NotPossibleError
from ..reading import open_regular

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST = 1 << 30  # bytes of values: a damaged header must not ask for all memory there is


def read_idx(path: Path, dims: int) -> NDArray[Any]:
    """Read an array of this many dimensions from an IDX file, gzipped or not, whatever it is called.

    Raises:
        NotPossibleError: The file cannot be read, is no IDX file, has other dimensions, or is shorter or
            longer than its header says.

    References:
        LeCun, Cortes and Burges, The MNIST database, http://yann.lecun.com/exdb/mnist/.
    """
    try:
        with open_regular(path) as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        with open_regular(path) as raw, gzip.open(raw) if zipped else raw as file:
            head = file.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in DTYPES:
                raise NotPossibleError(
                    f"the file {str(path)!r} is no IDX file: it begins with {head.hex(' ') or 'nothing'}, "
                    "allowed: 00 00, a type from 08 to 0e, the number of dimensions"
                )
            if head[3] != dims:
                raise NotPossibleError(
                    f"the file {str(path)!r} holds an array of {head[3]} dimensions; allowed here: {dims}"
                )
            sizes = file.read(4 * dims)
            if len(sizes) < 4 * dims:
                raise NotPossibleError(f"the file {str(path)!r} is cut short: it ends within its header")
            shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
            dtype = np.dtype(DTYPES[head[2]])
            needed = math.prod(shape) * dtype.itemsize
            if needed > MOST:
                raise NotPossibleError(
                    f"the file {str(path)!r} claims {needed:,} bytes of values; allowed: at most {MOST:,}"
                )
            values = file.read(needed)
            more = file.read(1)
    except (OSError, EOFError, zlib.error) as error:
        raise NotPossibleError(f"the file {str(path)!r} cannot be read: {_reason(error)}") from error
    if len(values) < needed:
        raise NotPossibleError(
            f"the file {str(path)!r} is cut short: its header promises {needed:,} bytes of values, "
            f"but {len(values):,} follow"
        )
    if more:
        raise NotPossibleError(
            f"the file {str(path)!r} goes on after the {needed:,} bytes of values that its header promises"
        )
    return np.frombuffer(values, dtype).reshape(shape)


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "it is cut short"
    return getattr(error, "strerror", None) or " ".join(str(error).split())
