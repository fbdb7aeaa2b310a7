"""Numbered frames: a folder with a file for each, how it is named, and which frame a file is."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError, check_suffix
from ...surfaces.reading import as_path, read_text
from .formats import NUMBERED, READ_AS

if TYPE_CHECKING:
    from collections.abc import Sequence

MADE_WITH = "descent-viz"
MOST_NOTES = 2**24  # bytes of the notes: a hundred thousand frames
NOTES = "frames.json"  # stands beside the frames
TIMELINE = "timeline.txt"  # so does this: how long each frame stays, as LaTeX's package animate reads it
USUAL = "frame-%04d.png"  # how frames are called in a folder that is named alone


@dataclass(frozen=True, slots=True)
class Numbered:
    """A folder with a file for each frame."""

    folder: Path
    name: str  # the files' name, with a place for the number


def destination(path: str | Path) -> Numbered | Path:
    """Read where a picture is to be written: a file, ``folder/``, or ``folder/name-%04d.pdf`` for each frame.

    Raises:
        DescentError: Not a name for numbered frames.

    >>> destination("frames/").name, destination("a/%d.pdf").folder, destination("b.gif")
    ('frame-%04d.png', PosixPath('a'), PosixPath('b.gif'))
    """
    found = as_path(path, "the path of a picture")
    text = os.fspath(path)
    if text.endswith(("/", os.sep)):
        return Numbered(found, USUAL)
    if "%" not in found.name:
        return found
    if re.fullmatch(r"[^%]*%(0\d+)?d[^%]*", found.name) is None:
        raise DescentError(
            f"a name for numbered frames holds one %d, or %04d, and no other %, not {found.name!r}"
        )
    check_suffix(found, NUMBERED)
    return Numbered(found.parent, found.name)


def named_again(path: str | Path) -> str:
    """Return the name under which the like of a picture is written: a file's own, or that of a folder.

    Args:
        path: The file, or a folder of numbered frames.

    >>> named_again("pictures/beale.gif"), named_again("beale.mkv")
    ('beale.gif', 'beale.mp4')
    """
    name = Path(os.path.abspath(path)).name
    if not Path(path).is_dir():
        suffix = Path(name).suffix
        return name.removesuffix(suffix) + READ_AS.get(suffix.casefold(), suffix)
    pattern = _pattern(_files(Path(path)))
    return f"{name}/" if pattern in ("", USUAL) else f"{name}/{pattern}"


def one_of_many(path: str | Path) -> str:
    """Say that a file is one of numbered frames and not the last, which a still shows; else nothing."""
    path = Path(path)
    files = _files(path.parent)
    if path.name not in files[:-1]:
        return ""
    number = files.index(path.name)
    return (
        f"{path} is frame {number} of {len(files) - 1}; a still of the same runs shows the last, "
        f"and {named_again(path.parent)} all of them."
    )


def owned(folder: Path) -> set[str]:
    """Return the names of the files in a folder that numbered frames consist of: those that its notes list.

    Nothing else makes a file ours: not its name, and not that it looks like a frame.
    """
    files = _files(folder)
    return {NOTES, TIMELINE, *files} if files else set()


def _files(folder: Path) -> list[str]:
    """Return the names of the frames in a folder, as notes of ours list them; none where there are none.

    Names that lead out of the folder are no frames of it.
    """
    try:
        notes = json.loads(read_text(folder / NOTES, MOST_NOTES))
        if notes["made_with"] != MADE_WITH:
            return []
        names = [each["file"] for each in notes["frames"]]
        return [name for name in names if isinstance(name, str) and _is_inside(name)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _is_inside(name: str) -> bool:
    return name not in ("", ".", "..") and not set(name) & {"/", "\\", "\0"}


def _pattern(names: Sequence[str]) -> str:
    """Return the name with a place for the number that these are made of; empty where there is none.

    >>> _pattern(["x-000.svg", "x-001.svg"]), _pattern(["0.pdf", "1.pdf"]), _pattern(["a.png"])
    ('x-%03d.svg', '%d.pdf', '')
    """
    for zeros in re.finditer("0+", names[0] if names else ""):
        digits = len(zeros[0])
        place = "%d" if digits == 1 else f"%0{digits}d"
        pattern = names[0][: zeros.start()] + place + names[0][zeros.end() :]
        if "%" not in names[0] and [pattern % number for number in range(len(names))] == list(names):
            return pattern
    return ""
