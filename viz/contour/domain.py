"""The border of the domain, where a known minimum is one on it only: a dashed line below all paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.path import Path

from ...surfaces.surface import passes
from ..canvas.axes import points
from ..canvas.parts import MOVING_ZORDER
from ..canvas.pens import Lines, Stroke

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...surfaces.surface import Box
    from ..canvas.axes import Scaled
    from ..scenes.scene import AbstractScene

_ZORDER = 1.5  # above the heights and their lines, below the small map and all that moves
_WIDTH, _DASH = 1.0, (4.0, 3.0)  # in pixels at text scale 1; on and off, in line widths


def draw_domain(
    axes: Axes,
    scene: AbstractScene,
    ruler: Scaled,
    view: Box,
    border: Box | None,
    *,
    on_top: bool = False,
) -> Lines | None:
    """Draw the border of the domain where it passes the view, and return the artist; nothing elsewhere.

    Args:
        axes: Where to; its limits are the view.
        scene: Gives the colours.
        ruler: Gives the text scale.
        view: What the axes show.
        border: The domain; None where no minimum lies on its border only.
        on_top: Whether it lies above all, on an edge of the page's colour: colours of any kind are below it.
    """
    if border is None or not passes(border, view):
        return None
    (x0, x1), (y0, y1) = border
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    lines = Lines(axes, MOVING_ZORDER + 0.05 if on_top else _ZORDER)
    theme, width, path = scene.theme, points(ruler.px(_WIDTH)), Path(corners)
    dashed = Stroke(path, theme.marks if on_top else theme.muted, width, _DASH)
    lines.strokes = [Stroke(path, theme.background, 2.2 * width), dashed] if on_top else [dashed]
    return lines
