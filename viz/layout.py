"""Where everything stands on the page, in pixels from the lower left corner."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..surfaces.errors import DescentError, unknown

if TYPE_CHECKING:
    from ..surfaces.surface import Box
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
_SMALLEST, _LARGEST = 320, 4096
STRETCH = 3.5  # a view longer than this many times its width is not drawn to one scale


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
    return max(0.8, theme.scale * math.sqrt(size[0] * size[1] / (960 * 600)))


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
    loss: Rect | None  # None where there is nothing to plot
    title: tuple[float, float]  # upper left corner of the title
    to_scale: bool  # whether one unit is equally long along x and y

    def px(self, length: float) -> float:
        """Scale a length given for 960 x 600 pixels."""
        return self.unit * length


def width_of(view: Box, stretch: float = STRETCH) -> tuple[float, bool]:
    """Return the width of a view in heights, and whether a contour of it is drawn to one scale.

    Args:
        view: What the contour shows.
        stretch: A view longer than so many times its width is not.

    >>> width_of(((0.0, 3.0), (0.0, 2.0))), width_of(((0.0, 8.0), (0.0, 2.0)))
    ((1.5, True), (4.0, False))
    """
    (x0, x1), (y0, y1) = view
    width = (x1 - x0) / (y1 - y0)
    return width, 1 / stretch <= width <= stretch


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
    return Layout(unit, contour, bar, Rect(0, 0, 0, 0), None, (contour.x, contour.top), to_scale)


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
        width, height = int(match[1]), int(match[2])
    else:
        try:
            width, height = (side.__index__() for side in text)
        except (AttributeError, TypeError, ValueError):
            raise DescentError(f"a size is two whole numbers of pixels, not {text!r}") from None
    if not (_SMALLEST <= width <= _LARGEST and _SMALLEST * 3 // 4 <= height <= _LARGEST):
        raise DescentError(
            f"a size must be {_SMALLEST} to {_LARGEST} pixels wide and "
            f"{_SMALLEST * 3 // 4} to {_LARGEST} high, not {width}x{height}"
        )
    return width, height


def arrange(size: tuple[int, int], unit: float, view: Box, legend_height: float, *, runs: bool) -> Layout:
    """Place the parts of a picture: side by side on a wide page, below each other on a tall one.

    Args:
        size: Width and height in pixels.
        unit: The text scale.
        view: What the contour shows; it is drawn to one scale unless it is very long.
        legend_height: How high the legend wants to be at text scale 1, in pixels.
        runs: Whether there are trajectories; without them the contour has the page.
    """
    width, height = size
    pad, title, footer = 18 * unit, 66 * unit, 30 * unit
    left, below, beside = 44 * unit, 36 * unit, 66 * unit  # tick labels; colour bar with its own
    wide = width / height >= 1.2
    column = min(max(0.34 * width, 250 * unit), 0.46 * width) if runs and wide else 0.0
    band = min(max(legend_height * unit, 150 * unit) + 40 * unit, 0.42 * height) if runs and not wide else 0.0
    room_x = width - pad - left - beside - (column if column else pad)
    room_y = height - title - below - footer - band
    shape, to_scale = width_of(view)
    contour_x, contour_y = room_x, room_y
    if to_scale:
        contour_x, contour_y = min(room_x, room_y * shape), min(room_y, room_x / shape)
    if band:  # below the contour, the page is for the legend and the losses
        band += room_y - contour_y
        room_y = contour_y
    if column:  # what the contour does not use widens the column, up to a limit; the rest is margin
        column = min(column + room_x - contour_x, 0.5 * width)
        shift = max(0.0, (width - pad - left - beside - contour_x - column) / 2)
    else:
        shift = (room_x - contour_x) / 2
    spare = (room_y - contour_y) / 2
    contour = Rect(pad + left + shift, footer + below + band + spare, contour_x, contour_y)
    bar = Rect(contour.right + 10 * unit, contour.y, 9 * unit, contour_y)
    if not runs:
        legend, loss = Rect(0, 0, 0, 0), None
    elif wide:
        x = contour.right + beside + 10 * unit
        top = contour.top + title - pad
        legend_y = min(legend_height * unit, top - footer)
        side = Rect(x, contour.y, min(column, width - pad - x), top - contour.y)
        legend = Rect(side.x, top - legend_y, side.width, legend_y)
        gap = 40 * unit  # the legend's last line, the loss panel's heading
        free = side.height - legend_y - gap
        panel_y = min(max(free, 0.0), 1.1 * side.width)
        loss = (
            Rect(side.x + 40 * unit, side.y, side.width - 40 * unit, panel_y) if panel_y > 60 * unit else None
        )
    else:
        half = (width - 2 * pad) / 2
        bottom = footer + below
        loss_y = min(band - 66 * unit, 1.2 * half)
        loss = Rect(pad + half + 34 * unit, bottom + band - 66 * unit - loss_y, half - 34 * unit, loss_y)
        legend = Rect(pad, bottom, half - pad, band - 36 * unit)
    return Layout(
        unit=unit,
        contour=contour,
        bar=bar,
        legend=legend,
        loss=loss,
        title=(contour.x, contour.top + title - pad),
        to_scale=to_scale,
    )
