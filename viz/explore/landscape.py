"""The map of a page: the heights as an image that fills it, in the product's own bands of colour."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ...surfaces.surface import width_of
from ..canvas.axes import points
from ..canvas.stage import default_style
from ..contour.bands import drawn_heights, fill_bands
from ..files.data_uris import uri
from ..style.heights import scale
from ..style.layout import DPI

if TYPE_CHECKING:
    from ...trajectories.results.exploration import Exploration
    from ..style.heights import Heights
    from ..style.themes import Theme

_LONGER = 900  # pixels of the image's longer side
_COLOURS = 48  # of the image: bands, lines, and what lies between them at edges
_FREE = 1.25  # width in heights of a map whose axes have scales of their own


def heights_of(exploration: Exploration, floor: float) -> Heights:
    """Choose bands that show what the runs do in the view."""
    inside = exploration.left_at < 0
    met = exploration.losses[inside & (exploration.non_finite_at < 0)]
    places = [minimum.point for minimum in exploration.minima]
    return scale(exploration.field, floor, "auto", met.ravel(), places)


def shape_of(exploration: Exploration) -> tuple[float, bool]:
    """Return the map's width in heights, and whether both axes have one scale."""
    width, to_scale = width_of(exploration.view)
    return (width, True) if to_scale else (_FREE, False)


def image(exploration: Exploration, heights: Heights, theme: Theme) -> str:
    """Draw the heights without axes; returns a data URI."""
    ratio = shape_of(exploration)[0]
    width, height = (_LONGER, round(_LONGER / ratio)) if ratio >= 1 else (round(_LONGER * ratio), _LONGER)
    with default_style(theme.font):
        figure = Figure(figsize=((width + 1e-9) / DPI, (height + 1e-9) / DPI), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.set_xlim(*exploration.view[0])
        axes.set_ylim(*exploration.view[1])
        ground = drawn_heights(axes, exploration.field, heights)
        fill_bands(axes, ground, heights, theme, 0.0)
        if len(heights.levels) > 2:
            lines: dict[str, Any] = {
                "colors": theme.contour,
                "linewidths": points(1.0),
                "linestyles": "solid",
                "alpha": 0.55,
            }
            axes.contour(*ground, levels=heights.levels[1:-1:2], zorder=1, **lines)
        pixels = io.BytesIO()
        figure.savefig(pixels, format="rgba", dpi=DPI, facecolor=theme.background)
    return uri(np.frombuffer(pixels.getvalue(), np.uint8).reshape(height, width, 4), _COLOURS)
