"""A zip of plain NumPy arrays that a stranger may have made: the same bytes each time, read with care."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

LARGEST = 2**31  # bytes that a file may declare: far above any recording, far below what would hurt

# What zipfile raises for files that are broken, encrypted, cut off or lie about themselves.
BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error)
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # as of np.savez and np.savez_compressed
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold; the clock must not show in the bytes


def write_arrays(path: Path, members: Iterable[tuple[str, NDArray[Any]]]) -> None:
    """Write arrays under their names to one file, the same arrays as the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in members:
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _TIME)
            entry.create_system = 3  # the same on every platform
            archive.writestr(entry, buffer.getvalue())


def members_of(archive: zipfile.ZipFile) -> set[str]:
    """Return the names of an archive's files, before any is read; those of arrays end with ``.npy``.

    Raises:
        DescentError: It declares too many bytes, a name twice, or a compression that NumPy does not use.
    """
    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) != len(archive.infolist()):
        raise DescentError("it has two members of the same name")
    size = sum(entry.file_size for entry in entries.values())
    if size > LARGEST:
        raise DescentError(f"it would unpack to {size:,} bytes, and at most {LARGEST:,} are read")
    if any(entry.compress_type not in _COMPRESSIONS for entry in entries.values()):
        raise DescentError("it is compressed in a way that NumPy does not use")
    return set(entries)


def read_array(
    archive: zipfile.ZipFile, name: str, dtype: type[np.generic], ndim: int | None
) -> NDArray[Any]:
    """Read one member, believing nothing that its own header says before it was checked.

    Args:
        archive: An open file.
        name: The member's name, without ``.npy``.
        dtype: The type that it must have, in little-endian bytes.
        ndim: How many dimensions it must have; None for any number.

    Raises:
        DescentError: It is no such array.
    """
    data = archive.read(f"{name}.npy")
    buffer = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(buffer) != (1, 0):
            raise DescentError(f"member {name!r} has an unknown array format")
        shape, fortran, found = np.lib.format.read_array_header_1_0(buffer)
    except DescentError:
        raise
    except Exception as error:  # a hostile header fails in many ways, from SyntaxError to RecursionError
        raise DescentError(f"member {name!r} is not an array") from error
    wanted = np.dtype(dtype).newbyteorder("<")
    other = ndim is not None and len(shape) != ndim
    if found != wanted or fortran or other or any(length < 0 for length in shape):
        many = "any number of" if ndim is None else ndim
        raise DescentError(
            f"member {name!r} must be {wanted.name} with {many} dimensions, not {found} of shape {shape}"
        )
    if buffer.tell() + math.prod(shape) * wanted.itemsize != len(data):
        raise DescentError(f"member {name!r} does not hold the {shape} numbers that it states")
    array = np.frombuffer(data, wanted, offset=buffer.tell()).reshape(shape)
    return array.astype(dtype)  # a copy in the machine's byte order, which may be written to
