"""Where everything stands on the page, in pixels from the lower left corner."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError, unknown
from ...surfaces.surface import width_of
from ...surfaces.text import shown_value

if TYPE_CHECKING:
    from ...surfaces.surface import Box
    from .themes import Theme

DPI = 100  # figures are laid out with so many pixels an inch
SIZES: dict[str, tuple[int, int]] = {
    "small": (640, 400),
    "medium": (960, 600),
    "large": (1280, 800),
    "hd": (1920, 1080),
    "slide": (1280, 720),
    "square": (800, 800),
    "story": (720, 1280),
}
_LONG = 40  # letters: a longer size is not repeated
_SMALLEST, _LARGEST = 320, 4096
_LEAST_SCALE = 0.9  # the smallest letters, 10 pixels at text scale 1, can be read at it


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels; x and y are its lower left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.y + self.height

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width


def text_scale(size: tuple[int, int], theme: Theme) -> float:
    """Return the text scale of a page: the theme's at 960 x 600 pixels, and never too small to read."""
    return max(_LEAST_SCALE, theme.scale * math.sqrt(size[0] * size[1] / (960 * 600)))


@dataclass(frozen=True, slots=True)
class Ruler:
    """The text scale of a page whose parts are placed by its drawer."""

    unit: float  # the text scale: 1 at 960 x 600 pixels

    def px(self, length: float) -> float:
        """Scale a length given for 960 x 600 pixels."""
        return self.unit * length


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a picture's parts."""

    unit: float  # the text scale: 1 at 960 x 600 pixels
    contour: Rect
    bar: Rect  # the colour bar of the heights
    legend: Rect
    to_scale: bool  # whether one unit is equally long along x and y

    def px(self, length: float) -> float:
        """Scale a length given for 960 x 600 pixels."""
        return self.unit * length


def within(place: Rect, view: Box, unit: float) -> Layout:
    """Place a contour with its bar inside a panel's plot, to one scale unless the view is very long.

    Args:
        place: The panel's plot in pixels.
        view: What the contour shows.
        unit: The text scale.
    """
    shape, to_scale = width_of(view)
    room = Rect(place.x, place.y, place.width - 54 * unit, place.height)  # beside it stand bar and numbers
    width = min(room.width, room.height * shape) if to_scale else room.width
    height = min(room.height, width / shape) if to_scale else room.height
    contour = Rect(room.x + (room.width - width) / 2, room.y + (room.height - height) / 2, width, height)
    bar = Rect(contour.right + 10 * unit, contour.y, 9 * unit, height)
    return Layout(unit, contour, bar, Rect(0, 0, 0, 0), to_scale)


def parse_size(text: str | tuple[int, int]) -> tuple[int, int]:
    """Read a size: a preset's name, ``960x600``, or a pair of whole numbers, in pixels.

    Raises:
        DescentError: Not a size, or one outside 320 to 4096 pixels.

    >>> parse_size("960x600"), parse_size("square")
    ((960, 600), (800, 800))
    """
    if isinstance(text, str):
        if text.casefold() in SIZES:
            return SIZES[text.casefold()]
        match = re.fullmatch(r"\s*(\d+)\s*[xX×]\s*(\d+)\s*", text)
        if match is None:
            raise unknown("size", text, [*SIZES, "WIDTHxHEIGHT"])
        width, height = (int(side) if len(side) < 10 else 10**9 for side in match.groups())
        said = "x".join(match.groups()) if len(text) < _LONG else f"{width}x{height} and more"
    else:
        try:
            width, height = (side.__index__() for side in text)
        except (AttributeError, TypeError, ValueError):
            raise DescentError(f"a size is two whole numbers of pixels, not {shown_value(text)}") from None
        said = f"{shown_value(width)}x{shown_value(height)}"
    if not (_SMALLEST <= width <= _LARGEST and _SMALLEST * 3 // 4 <= height <= _LARGEST):
        raise DescentError(
            f"a size must be {_SMALLEST} to {_LARGEST} pixels wide and "
            f"{_SMALLEST * 3 // 4} to {_LARGEST} high, not {said}"
        )
    return width, height
