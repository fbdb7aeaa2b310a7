"""Where runs left the view for good, or lost their numbers: crosses on the border and a line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..canvas.axes import points
from ..canvas.parts import MOVING_ZORDER, Moving, appear
from ..canvas.pens import Mark, Marks, tag
from ..canvas.readout import Readout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ..scenes.runs import Exit
    from ..scenes.scene import Scene
    from ..style.layout import Layout
    from ..style.run_styles import RunStyle


def draw_exits(axes: Axes, scene: Scene, layout: Layout) -> list[Moving]:
    """Mark where runs left: a cross on the border and a line of text, from that step on."""
    theme = scene.theme
    gone = [(run.style, run.exit) for run in scene.runs if run.exit]
    if not gone:
        return []
    exits = [leaving for _, leaving in gone]
    size, width = points(layout.px(11)), points(layout.px(1.2))
    crosses = Marks(
        axes,
        MOVING_ZORDER + 0.5,
        [Mark("X", size, style.colour, theme.background, width, style.run) for style, _ in gone],
        clip=False,
    )
    places = np.array([leaving.point for leaving in exits])
    steps = np.array([leaving.step for leaving in exits])

    def update_crosses(frame: int) -> None:
        now = steps <= scene.timing.steps[frame]
        crosses.places = np.where(now[:, None], places, np.nan)

    moving = [Moving(crosses, update_crosses)]
    for index, (x, y, align) in _label_places(exits, scene, layout).items():
        style, leaving = gone[index]
        label = on_plate(axes, scene, style, points(layout.px(11)))
        label.set(x=x, y=y, text=leaving.text, ha=align)
        moving.append(Moving(label, appear(label, leaving.step, scene)))
    return moving


def on_plate(axes: Axes, scene: Scene, style: RunStyle, size: float) -> Readout:
    """Return a text about a run on a plate, so that it can be read on heights; its size is in points."""
    plate = {"facecolor": scene.theme.background, "alpha": 0.82, "linewidth": 0, "pad": 0.5}
    text = Readout(
        0, 0, "", color=style.colour, size=size, va="center", zorder=MOVING_ZORDER + 0.6, bbox=plate
    )
    axes.add_artist(text)
    tag(text, style.run)
    return text


def _label_places(exits: Sequence[Exit], scene: Scene, layout: Layout) -> dict[int, tuple[float, float, str]]:
    """Place the exits' texts near their marks, where they hide least of the paths and none of each other.

    Returns:
        By number of the exit its text's position in data coordinates and its horizontal alignment. An exit
        that there is no room for is left out; the legend says the same.
    """
    (x0, x1), (y0, y1) = scene.view
    size = np.array([layout.contour.width, layout.contour.height])
    low, per_pixel = np.array([x0, y0]), np.array([x1 - x0, y1 - y0]) / size
    seen = np.concatenate([run.trajectory.points[run.inside] for run in scene.runs])
    spots = (seen - low) / per_pixel
    gap, line = layout.px(11), layout.px(16)
    taken: list[tuple[float, float, float]] = []  # left, right and row of the texts placed so far
    places: dict[int, tuple[float, float, str]] = {}
    for index, leaving in enumerate(exits):
        x, y = (np.array(leaving.point) - low) / per_pixel
        align, side = ("right", -1) if x > size[0] / 2 else ("left", 1)
        length = layout.px(6.3) * len(leaving.text)
        left = x + gap if align == "left" else x - gap - length
        if left < 0 or left + length > size[0]:
            continue
        across = (spots[:, 0] > left - gap) & (spots[:, 0] < left + length + gap)
        rows = np.clip(y + line * np.arange(-4, 5), line, size[1] - line)
        for low_end, high_end, row in taken:
            if left < high_end + gap and low_end < left + length + gap:
                rows = rows[np.abs(rows - row) >= line]
        if not rows.size:
            continue
        hidden = (np.abs(spots[across, 1][:, None] - rows) < line).sum(axis=0)
        row = float(rows[np.argmin(np.abs(rows - y) / line + hidden)])
        taken.append((left, left + length, row))
        spot = low + np.array([x + side * gap, row]) * per_pixel
        places[index] = (float(spot[0]), float(spot[1]), align)
    return places
