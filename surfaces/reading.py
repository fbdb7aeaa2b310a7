"""Files of anybody opened with care: regular ones only, and no more of them read than is asked for."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from .errors import DescentError, NotPossibleError
from .text import shown_path, shown_value

if TYPE_CHECKING:
    from collections.abc import Callable


def open_regular(path: str | Path) -> BinaryIO:
    """Open a file for reading bytes; a pipe or a device, which might never end, is refused at once.

    Raises:
        NotPossibleError: It is not a regular file, or no file can have that name.
        OSError: It is not there, or may not be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags)
    except ValueError as error:  # a null byte, or a character that no name of a file can have
        raise NotPossibleError(f"{shown_path(path)} cannot be the name of a file") from error
    try:
        mode = os.fstat(number).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
            raise NotPossibleError(f"{shown_path(path)} is {kind}, not a regular file")
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def as_path(path: object, what: str = "a path") -> Path:
    """Return what names a file as a path.

    Raises:
        DescentError: It is no text and no path.
    """
    try:
        return Path(os.fspath(path))  # type: ignore[call-overload]
    except TypeError:
        raise DescentError(f"{what} is text or a pathlib.Path, not {shown_value(path)}") from None


def is_folder(path: Path) -> bool:
    r"""Say whether a folder is there; what no file system can name is none.

    >>> is_folder(Path()), is_folder(Path("a" * 5000)), is_folder(Path("a\0b"))
    (True, False, False)
    """
    return _holds(path.is_dir)


def is_file(path: Path) -> bool:
    """Say whether a regular file is there; what no file system can name is none.

    >>> is_file(Path("a" * 5000))
    False
    """
    return _holds(path.is_file)


def is_there(path: Path) -> bool:
    """Say whether a file or folder is there; what no file system can name is not.

    >>> is_there(Path("a" * 5000))
    False
    """
    return _holds(path.exists)


def _holds(asked: Callable[[], bool]) -> bool:
    try:
        return asked()
    except (OSError, ValueError):  # too long a name; a null byte
        return False


def read_text(path: str | Path, most: int) -> str:
    """Return the text of a file, damaged characters replaced.

    Args:
        path: A regular file.
        most: The most bytes it may have.

    Raises:
        NotPossibleError: It is larger, or not a regular file.
        OSError: It is not there, or may not be read.
    """
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise NotPossibleError(f"{shown_path(path)} has more than the {most:,} bytes that are read")
    return data.decode("utf-8", errors="replace")
