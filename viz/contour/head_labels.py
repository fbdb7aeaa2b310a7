"""Names beside the heads of runs in the last frame, where they hide nothing that matters."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection

from ..canvas.axes import points
from ..canvas.parts import MOVING_ZORDER, Moving, appear
from ..canvas.pens import tag
from ..style.layout import Rect
from ..words.short_names import short_names
from .exits import on_plate
from .free_place import Ground

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from ..scenes.scene import Scene
    from ..style.layout import Layout

_SIZE, _LINE = 11.0, 14.0  # of letters, of a line; pixels at text scale 1, as all below
_HEAD = 12.0  # what a head takes
_AWAY = (11.0, 22.0, 34.0, 50.0)  # of a name from its head, tried in turn; farther ones have a line to it
_WAYS = (0, 45, -45, 90, -90, 135, -135, 180)  # degrees from a head to its name, tried in turn
_FARTHER = 3.0  # how many spots of paths a name may hide rather than stand farther away
_LETTERS = 30  # longer names are left to the legend


def draw_head_labels(
    axes: Axes, scene: Scene, layout: Layout, labels: Sequence[Text] = (), taken: Sequence[Rect] = ()
) -> list[Moving]:
    """Write the name of each of several runs where it ended, in the last frame.

    A run that ended outside the view, or whose name has no free place, has none; the legend has all.

    Args:
        axes: The contour.
        scene: A recording and its look.
        layout: Where the contour is, and the text scale.
        labels: Texts on the contour.
        taken: Boxes on it, in pixels from its lower left corner.
    """
    if len(scene.runs) < 2:
        return []
    (x0, x1), (y0, y1) = scene.view
    low = np.array([x0, y0])
    per_pixel = np.array([x1 - x0, y1 - y0]) / (layout.contour.width, layout.contour.height)
    last, step = int(scene.timing.rows[-1]), int(scene.timing.steps[-1])
    names = short_names([run.label for run in scene.runs])
    heads = {
        run.number: (run.trajectory.points[run.row(last)] - low) / per_pixel
        for run in scene.runs
        if run.inside[run.row(last)]
    }
    half = layout.px(_HEAD) / 2
    boxes = [Rect(float(x) - half, float(y) - half, 2 * half, 2 * half) for x, y in heads.values()]
    ground = Ground.of(scene, layout.contour, layout, labels, [*taken, *boxes], low=False)
    found: list[Moving] = []
    for number, spot in heads.items():
        if len(names[number]) > _LETTERS:
            continue
        style = scene.styles[number]
        text = on_plate(axes, scene, style, points(layout.px(_SIZE)))
        text.set(text=names[number], ha="center")
        size = float(text.get_window_extent().width), layout.px(_LINE)
        box, apart = _place(ground, (float(spot[0]), float(spot[1])), size, layout)
        if box is None:
            text.remove()
            continue
        ground = replace(ground, labels=(*ground.labels, box))
        middle = np.array([box.x + box.width / 2, box.y + box.height / 2])
        text.set_position(tuple((low + middle * per_pixel).tolist()))
        found.append(Moving(text, appear(text, step, scene)))
        if apart:
            end = np.clip(spot, (box.x, box.y), (box.right, box.top))
            line = LineCollection(
                [low + np.array([spot, end]) * per_pixel],
                colors=style.colour,
                linewidths=points(layout.px(0.9)),
                zorder=MOVING_ZORDER + 0.3,
            )
            axes.add_collection(line, autolim=False)
            tag(line, style.run)
            found.append(Moving(line, appear(line, step, scene)))
    return found


def _place(
    ground: Ground, head: tuple[float, float], size: tuple[float, float], layout: Layout
) -> tuple[Rect | None, bool]:
    """Return where a name hides least near a head, None where nowhere; and whether it is apart."""
    width, height = size
    best: tuple[float, Rect, bool] | None = None
    for rank, away in enumerate(_AWAY):
        for turn, degrees in enumerate(_WAYS):
            across, up = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
            reach = layout.px(away)
            x = head[0] + across * (reach + width / 2) - width / 2
            y = head[1] + up * (reach + height / 2) - height / 2
            box = Rect(x, y, width, height)
            if x < 2 or y < 2 or box.right > ground.place.width - 2 or box.top > ground.place.height - 2:
                continue
            words, marks, paths, _ = ground.hidden(box)
            if words or marks:
                continue
            cost = paths + _FARTHER * rank + 0.01 * turn
            if best is None or cost < best[0]:
                best = cost, box, rank > 0
    return (None, False) if best is None else best[1:]
