"""Small panels of one size in rows and columns: how large they are and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError
from ...surfaces.surface import width_of
from ..style.layout import Rect, Ruler, text_scale

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...surfaces.surface import Box
    from ..style.themes import Theme

# Lengths in pixels at text scale 1.
PAD, FOOTER, HEADER = (
    18.0,
    30.0,
    48.0,
)  # beside everything, below it for the fine print, above it for the title
LEAST = (72.0, 50.0)  # width and height below which a panel cannot be read
_AMPLE = (160.0, 80.0)  # panels smaller than that had better have smaller words around them
_TITLE = 360.0  # least width of a title, where the page has so much
_GAP = 11.0  # between cells beside each other; a mark on the border reaches six beyond it
_BETWEEN = 10.0  # between those below each other
_WORDS = 96.0  # least width of a cell, for the words above and below its panel
LIFT = 0.55  # how much of what is left over stands below the panels
_SMALLER = 0.93  # from one text scale to the next smaller one that is tried
_SMALL = 0.7  # the least text scale that panels which can be read are made larger by, in that of the page


@dataclass(frozen=True, slots=True)
class Around:
    """What a panel's cell has around the plot, in pixels at text scale 1."""

    left: float = 0.0
    right: float = 0.0
    above: float = 20.0
    below: float = 0.0
    first: float = 0.0  # above the first row only


@dataclass(frozen=True, slots=True)
class Tiles:
    """Cells of one size in rows and columns."""

    rows: int
    columns: int
    unit: float  # the text scale
    around: Around
    block: Rect  # where the cells stand
    plot: tuple[float, float]  # width and height of each plot in pixels

    @property
    def pitch(self) -> tuple[float, float]:
        """How far apart columns and rows are, in pixels."""
        gap, between, first = (length * self.unit for length in (_GAP, _BETWEEN, self.around.first))
        return (self.block.width + gap) / self.columns, (self.block.height - first + between) / self.rows

    @property
    def cell(self) -> float:
        """The width of a cell, which its words have, in pixels."""
        return self.pitch[0] - _GAP * self.unit

    def has(self, least: tuple[float, float]) -> bool:
        """Say whether the panels have a width and a height, given in pixels at text scale 1."""
        return all(got >= wanted * self.unit - 0.5 for got, wanted in zip(self.plot, least, strict=True))

    def header(self, size: tuple[int, int]) -> Rect:
        """Return the place of the title above the panels, on a page of a size."""
        room = size[0] - PAD * self.unit - self.block.x
        return Rect(
            self.block.x,
            self.block.top,
            max(self.block.width, min(room, _TITLE * self.unit)),
            HEADER * self.unit,
        )

    def place(self, row: int, column: int) -> Rect:
        """Return the place of a plot."""
        across, down = self.pitch
        unit, around = self.unit, self.around
        x = self.block.x + column * across + around.left * unit
        top = self.block.top - around.first * unit - row * down - around.above * unit
        return Rect(x, top - self.plot[1], *self.plot)


def shape_of(view: Box) -> tuple[float, float]:
    """Return the least and the largest width, in heights, that a contour of a view is drawn with."""
    width, to_scale = width_of(view)
    return (width, width) if to_scale else (0.8, 1.8)


def tile(
    area: Rect, rows: int, columns: int, shape: tuple[float, float], around: Around, unit: float
) -> Tiles:
    """Make the largest panels that so many rows and columns leave room for, in the middle of an area.

    Args:
        area: What there is, in pixels.
        rows: How many panels stand below each other.
        columns: How many stand beside each other.
        shape: The least and the largest width of a plot, in heights.
        around: What the cells have around the plots.
        unit: The text scale.
    """
    beside, between = (around.left + around.right) * unit, _GAP * unit
    wide = (area.width + between) / columns - between
    tall = (area.height - around.first * unit + _BETWEEN * unit) / rows - _BETWEEN * unit
    width, height = wide - beside, tall - (around.above + around.below) * unit
    if width <= 0 or height <= 0:
        return Tiles(rows, columns, unit, around, area, (0.0, 0.0))
    ratio = min(max(width / height, shape[0]), shape[1])
    width = min(width, height * ratio)
    height = width / ratio
    cell = min(wide, max(width + beside, _WORDS * unit))
    across = columns * (cell + between) - between
    down = around.first * unit + rows * (height + (around.above + around.below + _BETWEEN) * unit)
    down -= _BETWEEN * unit
    x, y = area.x + (area.width - across) / 2, area.y + LIFT * (area.height - down)
    return Tiles(rows, columns, unit, around, Rect(x, y, across, down), (width, height))


def wrap(area: Rect, count: int, shape: tuple[float, float], around: Around, unit: float) -> Tiles:
    """Make the largest panels that so many in reading order can have."""
    choices = [
        tile(area, -(-count // columns), columns, shape, around, unit) for columns in range(count, 0, -1)
    ]
    return max(choices, key=lambda tiles: (round(tiles.plot[0] * tiles.plot[1]), -tiles.rows * tiles.columns))


def area_of(size: tuple[int, int], unit: float) -> Rect:
    """Return what a page of a size has for panels, between title and fine print."""
    pad, footer, header = PAD * unit, FOOTER * unit, (PAD + HEADER) * unit
    return Rect(pad, footer, size[0] - 2 * pad, size[1] - footer - header)


def lay_out(
    size: tuple[int, int], theme: Theme, arrange: Callable[[Rect, Ruler], Tiles], what: str
) -> tuple[Tiles, Ruler]:
    """Place panels on a page, with texts as large as the page asks for or, to make room, smaller ones.

    Args:
        size: Width and height of the page in pixels.
        theme: Gives the text scale.
        arrange: Places the panels in an area at a text scale.
        what: Whose panels they are, in words: "6 optimizers and 4 learning rates".

    Raises:
        DescentError: The panels would be too small to be read at any text scale.
    """
    unit, least = text_scale(size, theme), text_scale((1, 1), theme)
    units = [unit]
    while units[-1] > least:
        units.append(max(least, units[-1] * _SMALLER))
    choices = [(arrange(area_of(size, each), Ruler(each)), Ruler(each)) for each in units]
    for least_plot, smallest in ((_AMPLE, _SMALL * unit), (LEAST, least)):
        for tiles, ruler in choices:
            if tiles.has(least_plot) and ruler.unit >= smallest:
                return tiles, ruler
    tiles, unit = choices[-1][0], units[-1]
    needed = " x ".join(f"{length * unit:.0f}" for length in LEAST)
    got = " x ".join(f"{length:.0f}" for length in tiles.plot)
    raise DescentError(
        f"the panels of {what} would be {got} pixels on a page of {size[0]}x{size[1]}, and they need "
        f"at least {needed}; give a larger size or fewer of them"
    )
