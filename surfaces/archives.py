"""Zips of NumPy arrays that anybody may have made: nothing is allocated before what they say was checked."""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from .errors import DescentError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

LARGEST = 800_000_000  # bytes that a file may declare: a field of 8,000 x 8,000 heights, and many long runs
_DIRECTORY = 2**23  # bytes of a zip's list of members
_HEADER = 10_000  # bytes of an array's header, as NumPy limits them

# What zipfile raises for files that are broken, encrypted, cut off or lie about themselves.
BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error)
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # as of np.savez and np.savez_compressed
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold; the clock must not show in the bytes


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """Return the archive in a file, after its list of members was found to be of a size that can be read.

    Raises:
        DescentError: It is too long, or a zip of more than 4 GB.
        BadZipFile: It is no zip.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - 2**16 - 22))
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end >= 0 and len(tail) - end >= 22:
        length = struct.unpack_from("<I", tail, end + 12)[0]
        if length > _DIRECTORY or b"PK\6\7" in tail[max(0, end - 20) : end]:
            raise DescentError("it has more members, or more bytes, than any recording")
    file.seek(0)
    return zipfile.ZipFile(file)


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


def read_member(
    archive: zipfile.ZipFile, name: str, dtype: type[np.generic] | None, ndim: int | None, most: int = LARGEST
) -> NDArray[Any]:
    """Read one member, believing nothing that its own header says before it was checked.

    Args:
        archive: An open file.
        name: The member's name, without ``.npy``.
        dtype: The type that it must have, in little-endian bytes; any numbers or booleans when None.
        ndim: How many dimensions it must have; None for any number.
        most: The most bytes it may have.

    Raises:
        DescentError: It is no such array.
    """
    declared = archive.getinfo(f"{name}.npy").file_size
    if declared > most:
        raise DescentError(f"member {name!r} has {declared:,} bytes, and at most {most:,} are read")
    with archive.open(f"{name}.npy") as file:
        shape, fortran, found = _header(file, name)
        wanted = found if dtype is None else np.dtype(dtype).newbyteorder("<")
        if dtype is None and found.kind not in "biufcSU":
            raise DescentError(f"member {name!r} holds Python objects; allowed: arrays of numbers")
        other = ndim is not None and len(shape) != ndim
        if found != wanted or (fortran and dtype is not None) or other or any(length < 0 for length in shape):
            many = "any number of" if ndim is None else ndim
            raise DescentError(
                f"member {name!r} must be {wanted.name} with {many} dimensions, not {found} of shape {shape}"
            )
        if file.tell() + math.prod(shape) * wanted.itemsize != declared:
            raise DescentError(f"member {name!r} does not hold the {shape} numbers that it states")
        array = np.empty(shape, wanted, order="F" if fortran else "C")
        _fill(file, array, name)
    # In the machine's byte order; a copy is only made where that is another.
    return array.astype(wanted.newbyteorder("="), copy=False)


def _header(file: Any, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        if np.lib.format.read_magic(file) != (
            1,
            0,
        ):  # others are for structured arrays, which are none of numbers
            raise DescentError(f"member {name!r} has an unknown array format")
        return np.lib.format.read_array_header_1_0(file, _HEADER)
    except (DescentError, *BROKEN, OSError):
        raise
    except Exception as error:  # a hostile header fails in many ways, from SyntaxError to RecursionError
        raise DescentError(f"member {name!r} is not an array") from error


def _fill(file: Any, array: NDArray[Any], name: str) -> None:
    """Read the bytes of an array, straight into its memory, and the end, where zipfile checks the sum."""
    if array.size:
        view = memoryview(array.reshape(-1, order="A").view(np.uint8))  # type: ignore[arg-type]
        place = 0
        while place < len(view):
            count = file.readinto(view[place : place + 2**20])
            if not count:
                raise DescentError(f"member {name!r} is cut short")
            place += count
    file.read(1)


def write_arrays(path: Path, members: Iterable[tuple[str, NDArray[Any]]]) -> None:
    """Write arrays under their names to one file, the same arrays as the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in members:
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _TIME)
            entry.create_system = 3  # the same on every platform
            archive.writestr(entry, buffer.getvalue())
