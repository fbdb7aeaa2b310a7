"""What was found by trying a class, kept on disk, so that it is tried once and not in every run.

A finding holds for a class, its options, the versions of its package and of torch, the processor and the code
that tried; all of this is its key. A class whose package has no version, such as a user's own module, is
never kept. Nothing depends on the file: one that is not there, cannot be read or cannot be written is none.

The file is `tried.json` in the user's cache folder: that of ``XDG_CACHE_HOME``, or the system's own.
``DESCENT_CACHE`` names another folder, or is ``off``.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import platform
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results.whole_files import writing

if TYPE_CHECKING:
    from collections.abc import Sequence

OFF = "off"
_MOST = 5000  # findings that are kept; the oldest go first
_LARGEST = 10_000_000  # bytes of a file that is read
_new: dict[str, Any] = {}  # what was found since the start


def folder() -> Path | None:
    """Return where findings are kept; None where nothing is to be kept."""
    said = os.environ.get("DESCENT_CACHE", "")
    if said.casefold() == OFF:
        return None
    if said:
        return Path(said)
    if base := os.environ.get("XDG_CACHE_HOME", ""):
        return Path(base) / "descent-viz"
    with suppress(RuntimeError):  # nobody's home is known
        if sys.platform == "win32":
            local = os.environ.get("LOCALAPPDATA", "")
            return Path(local or Path.home() / "AppData" / "Local") / "descent-viz" / "Cache"
        caches = ("Library", "Caches") if sys.platform == "darwin" else (".cache",)
        return Path.home().joinpath(*caches, "descent-viz")
    return None


def key_of(kind: str, names: Sequence[str], versions: Sequence[tuple[str, str]], *more: object) -> str:
    """Return the key of a finding about some classes; empty where it cannot be kept.

    Args:
        kind: What was tried.
        names: The classes, as specs name them.
        versions: Those that the finding depends on, with one for each package of the classes.
        more: All else that it depends on.
    """
    roots = {name.partition(".")[0] for name in names if "." in name}
    if folder() is None or len(roots) > len(versions) - _OWN:
        return ""
    every = [kind, list(names), list(map(list, versions)), list(map(str, more)), _machine(), _code()]
    return hashlib.sha256(json.dumps(every).encode()).hexdigest()


_OWN = 4  # versions that are always there: descent's own, torch's, NumPy's and Python's


def recall(key: str) -> Any:
    """Return what was kept under a key, as plain JSON values; None where nothing was."""
    return (_new.get(key) if key in _new else _kept(folder()).get(key)) if key else None


def remember(key: str, value: Any) -> None:
    """Keep a finding, plain JSON values; it is written when the program ends."""
    if not key:
        return
    if not _new:
        atexit.register(write)
    _new[key] = value


def write() -> None:
    """Write what was found into the file, beside what is there by now; whole or not at all."""
    where = folder()
    if where is None or not _new:
        return
    with suppress(Exception):  # a cache that cannot be written is none
        _kept.cache_clear()
        every = {**_kept(where), **_new}
        with writing(where / "tried.json") as temporary:
            temporary.write_text(json.dumps(dict(list(every.items())[-_MOST:])), encoding="utf-8")
    _kept.cache_clear()


@lru_cache(maxsize=4)
def _kept(where: Path | None) -> dict[str, Any]:
    with suppress(Exception):
        path = Path(str(where)) / "tried.json"
        if where is not None and path.is_file() and path.stat().st_size <= _LARGEST:
            found = json.loads(path.read_text(encoding="utf-8"))
            return found if isinstance(found, dict) else {}
    return {}


@lru_cache(maxsize=1)
def _machine() -> list[str]:
    import torch

    kind: Any = torch.backends.cpu
    return [platform.machine(), platform.system(), str(kind.get_cpu_capability())]


@lru_cache(maxsize=1)
def _code() -> str:
    """Return a number that is another one as soon as the code that tries is."""
    here = Path(__file__).parent
    files = sorted([*here.glob("*.py"), *(here.parent / "descent").glob("*.py")])
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()
