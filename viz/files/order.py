"""What an encoder is told besides the picture: the words that travel in the file, and how many colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[int, int], None]  # called with frames done and frames in all

COLOURS = 255  # what one palette holds beside the index that stands for "unchanged" or "transparent"


@dataclass(frozen=True, slots=True)
class Order:
    """The words that a file carries, and how richly it is coloured."""

    recipe: str  # JSON: what makes the picture again
    title: str = ""  # a few words
    alt: str = ""  # what somebody who cannot see the picture should know, a paragraph
    caption: str = ""  # a sentence or two to stand below the picture
    moves: bool = False  # whether more than the last frame is wanted, where the format has pages
    colours: int = COLOURS  # formats with a palette use at most so many
    progress: Progress | None = None

    def done(self, frame: int, frames: int) -> None:
        """Report how many frames are done, if anybody listens."""
        if self.progress is not None:
            self.progress(frame, frames)
