"""The picture of a comparison: contour, losses and legend on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .contour import draw_contour
from .entries import entries
from .layout import arrange, text_scale
from .legend import draw_legend
from .legend import height as legend_height
from .loss import draw_loss
from .page import add_page, draw_page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .parts import Growing, Moving
    from .scene import Scene


def draw_comparison(figure: Figure, scene: Scene) -> tuple[list[Growing], list[Moving]]:
    """Draw a comparison, and return what changes in it."""
    rows = entries(scene)
    unit = text_scale(scene.size, scene.theme)
    draft = arrange(scene.size, unit, scene.recording.view, 0.0, runs=bool(rows))
    room = (0.62 if draft.loss is not None else 1.0) * (scene.size[1] / unit - 60)
    wanted = legend_height(rows, room)
    layout = arrange(scene.size, unit, scene.recording.view, wanted, runs=bool(rows))
    short = legend_height(rows, layout.legend.height / unit)
    if rows and short < wanted:  # what its short form leaves is the contour's
        layout = arrange(scene.size, unit, scene.recording.view, short, runs=True)
    growing, moving = draw_contour(figure, scene, layout)
    page = add_page(figure, scene)
    parts = []
    if layout.loss is not None:
        parts.append(draw_loss(figure, scene, layout.loss, layout))
    if rows:
        parts.append(draw_legend(page, rows, scene, layout))
    for more_growing, more_moving in parts:
        growing += more_growing
        moving += more_moving
    return growing, moving + draw_page(page, scene, layout)
