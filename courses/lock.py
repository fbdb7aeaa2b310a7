"""What was built: a file beside a course's figures that says from what each was made, and what came of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from ..surfaces.errors import DescentError, NotPossibleError
from ..surfaces.reading import open_regular, read_text
from ..trajectories.results.whole_files import writing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .manifest import Course, Figure

FORMAT = 1
_MOST = 50_000_000  # bytes of a lock file
# What changes the pixels or the numbers of a figure.
_PACKAGES = ("descent-viz", "torch", "numpy", "matplotlib", "pillow")


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure as it was built."""

    made_from: str  # a digest of its command, of the files that it names and of the versions
    files: dict[str, str]  # name -> SHA-256 of what was written
    sizes: dict[str, int]  # name -> bytes
    line: str  # the command that makes it by itself
    alt: str
    caption: str  # the picture's own; the course may have another
    snippet: str = ""
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0


def digests_of(figures: Iterable[Figure], course: Course) -> dict[str, str]:
    """Return what each figure depends on, as one digest: its words, the files they name, and the versions."""
    made_with = versions()
    found = {}
    for each in figures:
        read = {name: _digest(course.folder / name) for name in each.reads}
        parts = {"words": each.words, "files": each.files, "reads": read, "versions": made_with}
        found[each.name] = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return found


def versions() -> dict[str, str]:
    """Return the versions of what draws and computes figures; importing none of it."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def lock_path(course: Course) -> Path:
    """Return where a course's lock file is."""
    return course.out / f"{course.path.stem}.lock.json"


def read_lock(course: Course) -> dict[str, Entry]:
    """Return what was built before, by the names of the figures; nothing where no readable lock is there."""
    try:
        found = json.loads(read_text(lock_path(course), _MOST))
    except (OSError, ValueError, RecursionError, NotPossibleError):
        return {}
    figures = found.get("figures") if isinstance(found, dict) and found.get("format") == FORMAT else None
    entries = {}
    for name, each in (figures if isinstance(figures, dict) else {}).items():
        entry = _entry(each)
        if entry is not None:
            entries[str(name)] = entry
    return entries


def _entry(found: Any) -> Entry | None:
    texts = {"made_from", "line", "alt", "caption", "snippet"}
    try:
        entry = Entry(**found)
    except TypeError:
        return None
    sound = (
        all(isinstance(getattr(entry, name), str) for name in texts)
        and _maps(entry.files, str)
        and _maps(entry.sizes, int)
        and entry.files.keys() == entry.sizes.keys()
        and isinstance(entry.notes, list)
        and all(isinstance(note, str) for note in entry.notes)
        and isinstance(entry.seconds, int | float)
    )
    return entry if sound else None


def _maps(found: Any, kind: type) -> bool:
    return isinstance(found, dict) and all(isinstance(each, kind) for each in found.values())


def write_lock(course: Course, entries: dict[str, Entry]) -> None:
    """Write what was built; the file appears whole or not at all."""
    text = json.dumps(
        {"format": FORMAT, "figures": {name: asdict(entry) for name, entry in sorted(entries.items())}},
        indent=1,
    )
    with writing(lock_path(course)) as path:
        path.write_text(text + "\n", encoding="utf-8", newline="\n")


def is_built(
    course: Course, figure: Figure, digest: str, entry: Entry | None, *, thorough: bool = False
) -> bool:
    """Say whether a figure's files are there, and were made from what the course says now.

    Args:
        course: The course.
        figure: One of its figures.
        digest: What it depends on now.
        entry: What the lock says of it.
        thorough: Whether the files are read, to see that nobody changed them; else only their sizes are.
    """
    if entry is None or set(entry.files) != set(figure.files) or entry.made_from != digest:
        return False
    return all(_is_there(course.out / name, entry, thorough) for name in figure.files)


def _is_there(path: Path, entry: Entry, thorough: bool) -> bool:
    try:
        if path.stat().st_size != entry.sizes[path.name]:
            return False
        return not thorough or _digest(path) == entry.files[path.name]
    except (OSError, DescentError):
        return False


def _digest(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a file opened for bytes
