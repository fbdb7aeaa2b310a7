"""Where runs are while they are outside the view: a pointer on the border, and how far out they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..canvas.axes import points
from ..canvas.parts import MOVING_ZORDER, Moving
from ..canvas.pens import Mark, Marks
from ..style.numbers import brief
from .exits import on_plate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ...surfaces.surface import Box
    from ..scenes.runs import SceneRun
    from ..scenes.scene import Scene
    from ..style.layout import Layout

_POINTERS = {(1, 0): ">", (-1, 0): "<", (0, 1): "^", (0, -1): "v"}  # by the side of the view
_INSIDE, _BESIDE = 8.0, 15.0  # of the pointer from the border, of the number from it; pixels at text scale 1
_LINE, _ROOM = 14.0, np.array([75.0, 13.0])  # of a number: its line, and what it takes across and up


def draw_outside(axes: Axes, scene: Scene, layout: Layout) -> list[Moving]:
    """Point, in the frames in which a run is outside the view, to where it is, and say how far that is.

    Of a run that left for good another text says so, and the pointer has no number. Runs that are lost to
    infinity or NaN are nowhere, and nothing points to them.
    """
    away = [run for run in scene.runs if not run.inside.all()]
    if not away:
        return []
    (x0, x1), (y0, y1) = scene.view
    per_pixel = np.array([(x1 - x0) / layout.contour.width, (y1 - y0) / layout.contour.height])
    size, width = points(layout.px(10)), points(layout.px(1.2))
    edge = scene.theme.background
    marks = [Mark(">", size, run.style.colour, edge, width, run.number) for run in away]
    pointers = Marks(axes, MOVING_ZORDER + 0.5, marks)
    numbers = [on_plate(axes, scene, run.style, points(layout.px(10.5))) for run in away]
    found = [beyond(run, scene.view) for run in away]
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])

    def update(frame: int) -> None:
        row, places, shapes = int(scene.timing.rows[frame]), [], []
        taken: list[NDArray[np.float64]] = []
        for run, number, (border, sides, distances) in zip(away, numbers, found, strict=True):
            now = run.row(row)
            out = bool(np.isfinite(distances[now]))
            told = out and (run.left is None or now < run.left)
            number.set_visible(told)
            side = sides[now]
            spot = border[now] - side * layout.px(_INSIDE) * per_pixel
            places.append(spot if out else (np.nan, np.nan))
            shapes.append(_POINTERS[int(side[0]), int(side[1])])
            if not told:
                continue
            # Towards the middle of the view, so that the number stays on the picture.
            inward = np.where(side == 0, np.sign(middle - border[now]), 0.0)
            spot = spot + inward * layout.px(_BESIDE) * per_pixel
            line = layout.px(_LINE) * per_pixel[1] * (1 if spot[1] < middle[1] else -1)
            while any((np.abs(spot - other) / per_pixel < layout.px(1) * _ROOM).all() for other in taken):
                spot = spot + np.array([0.0, line])
            taken.append(spot)
            number.set_text(f"{brief(float(distances[now]))} outside")
            number.set_horizontalalignment("right" if spot[0] > middle[0] else "left")
            number.move_to(float(spot[0]), float(spot[1]))
        pointers.places = np.array(places)
        pointers.marks = tuple(replace(mark, shape=shape) for mark, shape in zip(marks, shapes, strict=True))

    return [Moving(pointers, update), *(Moving(number, lambda frame: None) for number in numbers)]


def beyond(run: SceneRun, view: Box) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return for each row of a run where it is outside a view.

    Returns:
        The nearest place on the border, (rows, 2); the side of the view that it is on, (rows, 2), such as
        (1, 0) for the right one; and the distance to the run, (rows,), NaN where it is inside or nowhere.
    """
    path = run.trajectory.points
    low, high = np.array(view).T
    with np.errstate(over="ignore", invalid="ignore"):
        border = np.clip(path, low, high)
        apart = path - border
        distances = np.hypot(*apart.T)
        lead = np.argmax(np.abs(apart) / (high - low), axis=1)  # the axis along which it is farthest out
    distances[run.inside | ~np.isfinite(distances)] = np.nan
    sides = np.zeros(path.shape, dtype=np.int64)
    rows = np.arange(len(path))
    sides[rows, lead] = np.where(apart[rows, lead] < 0, -1, 1)
    return border, sides, distances
