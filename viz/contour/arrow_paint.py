"""From an arrow's outline in pixels to what is drawn on a contour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path

from ...surfaces.imports import own
from ..canvas.axes import points
from ..canvas.pens import Lines, Shape, Shapes, Stroke
from ..scenes.arrow_kinds import ARROWS, HOLLOW, LINE, SOLID
from ..style.colour_space import mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ...surfaces.surface import Box
    from ..canvas.axes import Scaled
    from ..style.layout import Rect
    from ..style.themes import Theme

    Pixels = NDArray[np.float64]  # (..., 2)
    Drawn = tuple[Stroke, ...] | tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """A plot's pixels: how long on the page a vector of its coordinates is."""

    low: tuple[float, float]  # coordinates of the lower left corner
    per_unit: tuple[float, float]  # pixels that one unit along x and y is long

    @classmethod
    def of(cls, place: Rect, view: Box) -> Panel:
        """Return the panel of a plot that shows a view."""
        (x0, x1), (y0, y1) = view
        return cls((x0, y0), (place.width / (x1 - x0), place.height / (y1 - y0)))

    def turned(self, vectors: Pixels) -> Pixels:
        """Return the direction on the page of vectors (..., 2) in data coordinates, of length 1 or NaN."""
        with np.errstate(all="ignore"):
            # Divided first, because the squares of huge numbers overflow.
            vectors = vectors / np.abs(vectors).max(axis=-1, keepdims=True) * self.per_unit
            return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))

    def path(self, *lines: Pixels, at: Pixels, closed: bool = False) -> Path:
        """Return lines (n, 2) in pixels around a point as one path in data coordinates."""
        codes: list[np.uint8] = []
        for line in lines:
            codes += [Path.MOVETO] + [Path.LINETO] * (len(line) - 1)
            if closed:
                codes[-1] = Path.CLOSEPOLY
        return Path(at + np.concatenate(lines) / self.per_unit, codes)


@dataclass(frozen=True, slots=True)
class Brush:
    """What paints the arrows of one kind on one contour."""

    panel: Panel
    theme: Theme
    ruler: Scaled
    outline: Callable[[Pixels, Callable[[float], float]], tuple[Pixels, ...]]
    paint: str

    @classmethod
    def of(cls, name: str, panel: Panel, theme: Theme, ruler: Scaled) -> Brush:
        """Return the brush of a kind of arrow, one of ARROWS."""
        return cls(panel, theme, ruler, own("viz", ARROWS[name].outline), ARROWS[name].paint)

    def drawn(self, at: Pixels, way: Pixels, colour: str, run: int | None = None) -> Drawn:
        """Return an arrow.

        Args:
            at: Where it begins, (2,) in data coordinates.
            way: From there to its tip, or the semi-axes of an ellipse around it, (2,) in pixels.
            colour: Of the run, hex.
            run: The number of the run that it belongs to.
        """
        path = self.panel.path(*self.outline(way, self.ruler.px), at=at, closed=self.paint != LINE)
        theme, px = self.theme, self.ruler.px
        if self.paint == LINE:  # on a seam in the colour of the page
            seam, width = points(px(3.4)), points(px(1.35))
            return Stroke(path, theme.background, seam, run=run), Stroke(path, theme.marks, width, run=run)
        if self.paint == SOLID:
            return (Shape(path, colour, theme.background, run),)
        fill = mix(colour, theme.background, 0.72) if self.paint == HOLLOW else f"{colour}2e"
        return (Shape(path, fill, colour, run),)

    def pen(self, axes: Axes, zorder: float) -> Lines | Shapes:
        """Return what draws such arrows."""
        if self.paint == LINE:
            return Lines(axes, zorder)
        shapes = Shapes(axes, zorder)
        shapes.edge_width = points(self.ruler.px(1.1))
        return shapes


def hold(pen: Lines | Shapes, drawn: list[Stroke | Shape]) -> None:
    """Let a pen draw what its brush made, and nothing else."""
    if isinstance(pen, Lines):
        pen.strokes = [each for each in drawn if isinstance(each, Stroke)]
    else:
        pen.shapes = [each for each in drawn if isinstance(each, Shape)]
