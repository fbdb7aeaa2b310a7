"""The marks of a landscape seen from above: start, minima, heads and the crosses of runs that left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.surface import inside
from .axes import points
from .parts import MOVING_ZORDER, Moving, still_there
from .pens import Mark, Marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ...surfaces.surface import Box, Minimum
    from ..scenes.scene import AbstractScene, Scene
    from .axes import Scaled


def draw_marks(
    axes: Axes,
    scene: AbstractScene,
    layout: Scaled,
    view: Box,
    minima: Sequence[Minimum],
    start: tuple[float, float] | None,
    share: float = 1.0,
) -> list[Moving]:
    """Draw the known minima and the start above everything that grows, so that no path hides them.

    Args:
        axes: Where to.
        scene: Gives the colours.
        layout: Gives the text scale.
        view: Marks outside it are not drawn.
        minima: The known minima.
        start: Where runs begin; None where nothing runs.
        share: How large the marks are, 1 for a large panel.
    """
    theme, width = scene.theme, points(layout.px(1.3 * share))
    star = Mark("*", points(layout.px(11 * share)), theme.background, theme.marks, width)
    # The ring is wider than a head and lies above it: in the first frame every head is at the start.
    ring = Mark("o", points(layout.px(13 * share)), None, theme.marks, width)
    marks = [(star, [minimum.point for minimum in minima], 0.1)]
    if start is not None:
        marks.append((ring, [start], 0.45))
    moving = []
    for mark, places, height in marks:
        shown = [place for place in places if inside(place, view)]
        if shown:
            artist = Marks(axes, MOVING_ZORDER + height, [mark] * len(shown))
            artist.places = np.array(shown)
            moving.append(Moving(artist, still_there))
    return moving


def run_marks(scene: Scene, layout: Scaled, size: float) -> list[Mark]:
    """Return the marker of each run's head; the size is in pixels at text scale 1."""
    edge, width = scene.theme.background, points(layout.px(1.2))
    return [
        Mark(style.marker, points(layout.px(size)), style.colour, edge, width, style.run)
        for style in scene.styles
    ]
