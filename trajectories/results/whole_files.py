"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...surfaces.errors import NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder that becomes ``path`` when the block ends well.

    The folder is made if missing. When the block raises, or is interrupted, nothing stays behind and a
    file that was there before is untouched. The temporary path has the same suffix, so that writers may
    go by it.

    Raises:
        NotPossibleError: The file cannot be written.
    """
    given, target = Path(path), Path(os.path.realpath(path))
    # The same suffix, and a name that cannot be longer than the file system takes when the target's is not.
    temporary = target.with_name(f".{target.stem[:100]}-{os.urandom(4).hex()}{target.suffix}")
    try:
        if target.is_dir():
            raise NotPossibleError(f"cannot write {given}: it is a folder")
        if target.exists() and not target.is_file():
            raise NotPossibleError(f"cannot write {given}: it is not a regular file")
        target.parent.mkdir(parents=True, exist_ok=True)
        # Created here and not by the tempfile module, whose files only their owner may read.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            yield temporary
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NotPossibleError(f"cannot write {given}: {reason}") from error


@contextmanager
def writing_folder(path: str | Path, ours: Callable[[str], bool]) -> Iterator[Path]:
    """Yield a temporary folder that becomes ``path`` when the block ends well.

    A folder that is there already is replaced if all that it holds was written by the like of this call.

    Args:
        path: The folder.
        ours: Says of a file's name whether it may be replaced.

    Raises:
        NotPossibleError: The folder cannot be written, or holds something else.
    """
    given, target = str(path).rstrip("/" + os.sep) + "/", Path(os.path.realpath(path))
    mark = os.urandom(4).hex()
    temporary, old = (target.parent / f".{target.name[:100]}-{mark}{word}" for word in ("", "-old"))
    try:
        if target.exists() and not target.is_dir():
            raise NotPossibleError(f"cannot write {given}: it is not a folder")
        others = (
            sorted(each.name for each in target.iterdir() if not ours(each.name)) if target.exists() else []
        )
        if others:
            raise NotPossibleError(
                f"cannot write {given}: it holds other files, as {others[0]}; name a new or empty folder"
            )
        temporary.mkdir(parents=True)
        try:
            yield temporary
            if target.exists():
                os.replace(target, old)
            os.replace(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NotPossibleError(f"cannot write {given}: {reason}") from error


def unused(folder: Path, name: str, suffix: str, *others: str) -> Path:
    """Return a path in a folder, named after a text, that does not exist yet: what nobody named is kept.

    Nor does any that has another of these suffixes in place of its own.

    >>> unused(Path("nowhere"), "quadratic:condition=100", ".gif").name
    'quadratic-condition-100.gif'
    """
    stem = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:60] or "descent"
    path, number = folder / f"{stem}{suffix}", 2
    while any(path.with_suffix(each).exists() for each in (suffix, *others)):
        path, number = folder / f"{stem}-{number}{suffix}", number + 1
    return path
