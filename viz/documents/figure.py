"""What a document shows of a picture: its files, its words and its size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath


def suffix_of(path: str) -> str:
    """Return a path's suffix in small letters, with its dot."""
    return PurePath(path).suffix.casefold()


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames that are files of their own, as a document counts them."""

    before: str  # the path up to the number
    suffix: str
    digits: int  # numbers are filled with zeros to so many digits
    last: int  # the number of the last; the first is 0
    fps: float
    timeline: str  # the file that says how long each stays


@dataclass(frozen=True, slots=True)
class Figure:
    """What a document shows; a path is empty where there is no such file."""

    web: str  # the file for web pages, relative, with forward slashes
    still: str  # the still for readers who want little motion
    printed: str  # the still for PDF
    office: str  # the still for Word, PowerPoint and the like, which show no PDF
    frames: Frames | None
    names: tuple[str, ...]  # all files
    alt: str
    still_alt: str  # the alt text where nothing moves
    caption: str
    size: tuple[int, int]  # width and height in pixels
    loop: bool = True  # whether it starts again and again
    restless: bool = False  # whether it moves for longer than readers may be asked to bear who cannot stop it
    steps: tuple[int, ...] = ()  # at which a PDF has a page, or a player waits; the last step among them

    @property
    def pages(self) -> int:
        """How many pages there are to turn."""
        return max(1, len(self.steps))
