"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError, NotPossibleError
from ...surfaces.text import shown_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_DAY = 86400.0  # seconds after which what a killed run left is removed
# What is being written and what a kill leaves; of a folder that was moved out of the way the mark says "old".
_LEFT = re.compile(r"\.descent-(old-)?[0-9a-f]{8}-(.+)", re.DOTALL)


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder that becomes ``path`` when the block ends well.

    The folder is made if missing. When the block raises, or is interrupted, nothing stays behind and a
    file that was there before is untouched. The temporary path has the same suffix, so that writers may
    go by it. What runs that were killed left in the folder is removed once it is a day old.

    Raises:
        NotPossibleError: The file cannot be written.
    """
    with _said(path):
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise NotPossibleError(f"cannot write {shown_path(path)}: it is a folder")
        if target.exists() and not target.is_file():
            raise NotPossibleError(f"cannot write {shown_path(path)}: it is not a regular file")
        target.parent.mkdir(parents=True, exist_ok=True)
        clean(target.parent)
        temporary = _beside(target.with_suffix(""), target.suffix)
        # Created here and not by the tempfile module, whose files only their owner may read.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            yield temporary
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def writing_folder(path: str | Path, ours: Callable[[Path], Collection[str]]) -> Iterator[Path]:
    """Yield a temporary folder that becomes ``path`` when the block ends well.

    A folder that is there already is replaced if all that it holds was written by the like of this call;
    this is looked at again when the block has ended. Where a run was killed between moving the folder that
    was there out of the way and moving the new one in, the next call puts it back first.

    Args:
        path: The folder.
        ours: Returns the names of the files in a folder that an earlier call wrote.

    Raises:
        NotPossibleError: The folder cannot be written, holds something else, or is the current one or above
            it.
    """
    given = f"{str(path).rstrip('/' + os.sep)}/"
    with _said(given):
        target = Path(os.path.realpath(path))
        _put_back(target)
        check_folder(path, ours)
        target.parent.mkdir(parents=True, exist_ok=True)
        clean(target.parent)
        temporary = _beside(target)
        old = _beside(target, mark="old-")
        temporary.mkdir()
        try:
            yield temporary
            check_folder(path, ours)  # drawing takes long, and somebody may have put a file there
            if target.exists():
                os.replace(target, old)
            os.replace(temporary, target)
        finally:
            # Whatever came between the two moves, an interrupt too: one of the folders is there.
            if old.exists() and not target.exists():
                os.replace(old, target)
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def clean(folder: Path, now: float | None = None) -> None:
    """Remove what killed runs left in a folder: by our own name for it only, and once it is a day old.

    A folder that was moved out of the way is kept as long as none stands in its place.
    """
    now = time.time() if now is None else now
    with suppress(OSError):
        for each in list(folder.iterdir()):
            found = _LEFT.fullmatch(each.name)
            with suppress(OSError):
                if found is None or now - each.lstat().st_mtime < _DAY:
                    continue
                if not each.is_dir() or each.is_symlink():
                    each.unlink()
                elif not found[1] or (folder / found[2]).exists():
                    shutil.rmtree(each, ignore_errors=True)


def _beside(target: Path, suffix: str = "", mark: str = "") -> Path:
    """Return a temporary path beside a target; where a file system takes the target's name, it takes this."""
    return target.with_name(f".descent-{mark}{os.urandom(4).hex()}-{target.name[:100]}{suffix}")


def _put_back(target: Path) -> None:
    """Put back a folder that was moved out of the way by a run that was killed before it moved its own in."""
    if target.exists() or not target.parent.is_dir():
        return
    found = ((each, _LEFT.fullmatch(each.name)) for each in target.parent.iterdir())
    if left := [each for each, name in found if name and name[1] and name[2] == target.name[:100]]:
        os.replace(max(left, key=lambda each: each.stat().st_mtime), target)


def check_folder(path: str | Path, ours: Callable[[Path], Collection[str]]) -> None:
    """Raise NotPossibleError unless `writing_folder` may write a folder; nothing is changed."""
    given = f"{str(path).rstrip('/' + os.sep)}/"
    with _said(given):
        target, here = Path(os.path.realpath(path)), Path.cwd()
        if target == here or target in here.parents:
            place = "the current folder" if target == here else "above the current folder"
            raise NotPossibleError(
                f"cannot write {shown_path(given)}: it is {place}, which cannot be replaced; name a new one"
            )
        if not target.exists():
            return
        if not target.is_dir():
            raise NotPossibleError(f"cannot write {shown_path(given)}: it is not a folder")
        names = ours(target)
        others = sorted(
            each.name
            for each in target.iterdir()
            if each.name not in names or each.is_symlink() or not each.is_file()
        )
    if others:
        raise NotPossibleError(
            f"cannot write {shown_path(given)}: it holds what descent did not write, as "
            f"{shown_path(others[0])}; name a new or empty folder"
        )


@contextmanager
def _said(path: str | Path) -> Iterator[None]:
    """Turn what the system says about a path that cannot be written into a sentence."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NotPossibleError(f"cannot write {shown_path(path)}: {reason}") from error
    except ValueError as error:  # a null byte, or a character that no name of a file can have
        if isinstance(error, DescentError):
            raise
        raise NotPossibleError(f"cannot write {shown_path(path)}: it cannot be the name of a file") from error


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
