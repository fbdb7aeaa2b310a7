"""The landscape from above as bands of height, and the bar that says how high they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from ..canvas.axes import add_axes, points
from ..style.language import say
from .finer import finer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ...surfaces.field import Field
    from ..canvas.axes import Scaled
    from ..scenes.scene import AbstractScene
    from ..style.heights import Heights
    from ..style.layout import Rect
    from ..style.themes import Theme

    Array = NDArray[np.float64]

_TRACER = "serial"  # contourpy's newer one, twice as fast as the one that matplotlib takes by itself
_TIP = 9.0  # pixels at text scale 1: how far the bar's tip hangs below it


def draw_heights(
    axes: Axes,
    field: Field,
    heights: Heights,
    scene: AbstractScene,
    layout: Scaled,
    *,
    as_given: bool = False,
) -> Any:
    """Draw a field's bands of colour and thin contour lines; returns these, None where there are none.

    They are as fine as the axes' pixels, or ``as_given`` by the field: vector files of many small panels
    would be twice as large, for what is finer than a line there.
    """
    theme = scene.theme
    axes.set_facecolor(theme.background)  # where nothing is known of the heights, on every page
    given = field.x, field.y, np.ma.masked_invalid(heights.values)
    x, y, z = given if as_given else drawn_heights(axes, field, heights)
    fill_bands(axes, (x, y, z), heights, theme, 0.0)
    if len(heights.levels) <= 2:
        return None
    return axes.contour(
        x,
        y,
        z,
        levels=heights.levels[1:-1:2],
        algorithm=_TRACER,
        colors=theme.contour,
        linewidths=points(layout.px(0.6)),
        linestyles="solid",
        alpha=0.55,
        zorder=1,
    )


def fill_bands(
    axes: Axes, ground: tuple[Array, Array, Array], heights: Heights, theme: Theme, zorder: float
) -> None:
    """Fill the bands between levels on a ground: x (W,), y (H,) and scaled heights (H, W), masked in gaps."""
    axes.contourf(
        *ground,
        levels=heights.levels,
        cmap=_colours(theme),
        zorder=zorder,
        extend="both",
        algorithm=_TRACER,
    )


def _colours(theme: Theme) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("heights", theme.heights)


def every(field: Field, heights: Heights, steps: tuple[int, int]) -> tuple[Field, Heights]:
    """Return of a field and its heights one point in so many along x and y, and the last; 1 or less: all."""
    columns, rows = (
        np.unique([*range(0, axis.size, max(1, step)), axis.size - 1])
        for axis, step in zip((field.x, field.y), steps, strict=True)
    )
    chosen = np.ix_(rows, columns)
    thinned = replace(field, x=field.x[columns], y=field.y[rows], z=field.z[chosen])
    return thinned, replace(heights, values=heights.values[chosen])


def drawn_heights(axes: Axes, field: Field, heights: Heights) -> tuple[Array, Array, Array]:
    """Return x (W,), y (H,) and scaled heights (H, W), as fine as the axes' pixels; gaps are masked."""
    fine = finer(field, (axes.bbox.width, axes.bbox.height))
    return fine.x, fine.y, np.ma.masked_invalid(heights.place(fine.z))


def draw_bar(
    figure: Figure, place: Rect, heights: Heights, scene: AbstractScene, layout: Scaled, name: str = "loss"
) -> None:
    """Draw the colour bar: what the bands mean, in raw losses or heights above the minimum.

    Without a name it has no label, for a panel whose heading says both.
    """
    axes = add_axes(figure, place, scene, layout)
    colours = _colours(scene.theme)
    levels = heights.levels
    middles = (levels[:-1] + levels[1:]) / 2
    axes.pcolormesh([0.0, 1.0], levels, middles[:, None], cmap=colours, vmin=levels[0], vmax=levels[-1])
    axes.set_xlim(0, 1)
    axes.set_ylim(levels[0], levels[-1])
    if heights.log:  # the lowest band has all that is lower still
        tip = layout.px(_TIP) / place.height
        axes.fill(
            [0.0, 1.0, 0.5],
            [0.0, 0.0, -tip],
            facecolor=scene.theme.heights[0],
            edgecolor=scene.theme.frame,
            linewidth=points(layout.px(0.8)),
            transform=axes.transAxes,
            clip_on=False,
        )
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.set_yticks([value for value, _ in heights.ticks], [text for _, text in heights.ticks])
    axes.tick_params(labelsize=points(layout.px(10)), length=points(layout.px(2.5)))
    axes.yaxis.set_label_position("right")
    axes.set_ylabel(
        say(heights.label) if name == "loss" else name and name + heights.label.removeprefix("loss"),
        color=scene.theme.muted,
        size=points(layout.px(10)),
        labelpad=points(layout.px(3)),
    )
