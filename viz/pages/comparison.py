"""The picture of a comparison: contour, losses and legend on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...surfaces.surface import width_of
from ..canvas.left_out import leave_out
from ..charts.loss import draw_loss
from ..contour.panel import draw_contour
from ..scenes.panel_table import PANELS
from ..style.layout import text_scale
from ..words.legend_words import entries
from .arrangements import Panel, Picture
from .dashboard import arrange
from .legend import draw_legend, needs
from .page import add_page, draw_page
from .tiles import shape_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene

_LOSS = Panel(PANELS["loss"].shape, least=(120.0, 90.0))


def draw_comparison(figure: Figure, scene: Scene) -> tuple[list[Growing], list[Moving]]:
    """Draw a comparison, and return what changes in it."""
    rows = entries(scene)
    places = arrange(
        scene.size,
        text_scale(scene.size, scene.theme),
        Picture(shape_of(scene.view)),
        [_LOSS] if rows else [],
        needs(rows),
        to_scale=width_of(scene.view)[1],
    )
    layout = places.page
    growing, moving = draw_contour(figure, scene, layout)
    page = add_page(figure, scene)
    parts = [draw_loss(figure, scene, place, layout) for place in places.panels]
    if rows:
        parts.append(draw_legend(page, rows, scene, layout))
        if not places.panels:
            leave_out(page, "the panel loss")
    for more_growing, more_moving in parts:
        growing += more_growing
        moving += more_moving
    return growing, moving + draw_page(page, scene, places)
