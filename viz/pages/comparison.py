"""The picture of a comparison: contour, losses and legend on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...surfaces.surface import width_of
from ..charts.loss import draw_loss
from ..contour.panel import draw_contour
from ..style.layout import Layout, Rect, text_scale
from ..words.legend_words import entries
from .legend import draw_legend
from .legend import height as legend_height
from .page import add_page, draw_page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...surfaces.surface import Box
    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene


def draw_comparison(figure: Figure, scene: Scene) -> tuple[list[Growing], list[Moving]]:
    """Draw a comparison, and return what changes in it."""
    rows = entries(scene)
    unit = text_scale(scene.size, scene.theme)
    draft = arrange(scene.size, unit, scene.view, 0.0, runs=bool(rows))
    room = (0.62 if draft.loss is not None else 1.0) * (scene.size[1] / unit - 60)
    wanted = legend_height(rows, room)
    layout = arrange(scene.size, unit, scene.view, wanted, runs=bool(rows))
    short = legend_height(rows, layout.legend.height / unit)
    if rows and short < wanted:  # what its short form leaves is the contour's
        layout = arrange(scene.size, unit, scene.view, short, runs=True)
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
