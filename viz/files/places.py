"""Places that pictures are made for: which files each takes, how large, and how a picture suits it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, NotPossibleError, unknown
from .shrink import kilo

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture is to be shown."""

    help: str
    suffixes: tuple[str, ...]  # of the files that it takes; the first where none is named
    most: int | None  # bytes of a file; None where the place sets no limit
    wishes: dict[str, Any]  # what suits it, where nobody wished otherwise
    pausable: bool = False  # whether its readers can stop images that move


# Words start at 10 points and lines are thin, so that mails and slides have a size of their own. Motion that
# starts by itself ends within three rounds where a reader has no button to stop it.
PLACES: dict[str, Place] = {
    "github": Place(
        "a README or an issue: at most 5 MB",
        (".gif", ".webp", ".apng", ".png", ".svg"),
        5_000_000,
        {"size": "medium"},
        pausable=True,
    ),
    "pypi": Place(
        "a project's description: at most 5 MB, plays twice",
        (".gif", ".webp", ".png"),
        5_000_000,
        {"size": "medium", "loops": 2},
    ),
    "slides": Place(
        "a talk: large type, 16:9, plays once",
        (".gif", ".mp4", ".png", ".pdf", ".svg"),
        None,
        {"theme": "slides", "size": "slide", "loops": 1},
    ),
    "lms": Place(
        "a course page as in Moodle or Canvas: a page with a player, at most 10 MB",
        (".html", ".mp4", ".gif", ".png", ".pdf"),
        10_000_000,
        {"size": "medium"},
    ),
    "email": Place(
        "a mail: at most 1 MB, narrow, plays three times",
        (".gif", ".png"),
        1_000_000,
        {"size": "small", "loops": 3},
    ),
    "print": Place(
        "paper: greys and dashes that a printer keeps apart",
        (".pdf", ".png", ".svg"),
        None,
        {"theme": "print", "size": "large"},
    ),
}


def place_of(name: str) -> Place:
    """Return a place by its name.

    Raises:
        DescentError: There is no such place.
    """
    if name not in PLACES:
        raise unknown("place", name, PLACES)
    return PLACES[name]


def check_files(name: str, outs: Sequence[str]) -> None:
    """Raise DescentError if a place does not take one of the files that are to be written."""
    place = place_of(name)
    for out in outs:
        if Path(out).suffix.casefold() not in place.suffixes or "%" in Path(out).name:
            raise DescentError(f"{name} takes {', '.join(place.suffixes)}, not {out}")


def checked(name: str, path: str | Path) -> str:
    """Read a file that was written for a place, and say in a sentence how it suits.

    Raises:
        NotPossibleError: It has more bytes than the place takes.
    """
    path, place = Path(path), place_of(name)
    size = path.stat().st_size
    if place.most is not None and size > place.most:
        raise NotPossibleError(f"{path} has {kilo(size)}, and {name} takes at most {kilo(place.most)}")
    most = f" of at most {kilo(place.most)}" if place.most is not None else ""
    return ", ".join([f"{path} for {name}: {kilo(size)}{most}", *_seen(path)])


def _seen(path: Path) -> list[str]:
    """Return what an image says of itself: its size, and how often it plays."""
    from PIL import Image

    suffix = path.suffix.casefold()
    if suffix not in (".gif", ".webp", ".apng", ".png"):
        return []
    with Image.open(path) as image:
        found = [f"{image.width}x{image.height} pixels"]
        if getattr(image, "n_frames", 1) > 1:
            loops = image.info.get("loop")
            plays = 1 if loops is None else loops + (suffix == ".gif" and loops > 0)
            found.append({0: "plays without end", 1: "plays once"}.get(plays, f"plays {plays} times"))
    return found
