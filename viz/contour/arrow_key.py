"""What the arrows mean: a line each with a sample, in the corner of the contour that the runs leave free."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from ..canvas.axes import fit, points
from ..scenes.arrow_kinds import ARROWS, BY_RATIO, STATE
from ..scenes.arrow_vectors import without
from ..scenes.paths import polylines
from ..style.layout import Rect
from .arrow_paint import Brush, Panel, hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from .arrow_paint import Drawn

# Below all that grows, so that no path is ever hidden; above the heights.
_ZORDER = 4.0
_SAMPLE, _PAD, _LINE = 26.0, 6.0, 15.0  # widths and heights in pixels at text scale 1
_WIDEST = 0.72  # of the panel, where there are shorter words


def wordings(scene: Scene, name: str) -> tuple[str, str, str]:
    """Say what a kind of arrow means, and which runs have none of it; the longest wording first."""
    entry = ARROWS[name]
    long, short = (scene.recording.training and entry.words_of_network) or entry.words
    lacking = without(scene.recording, name) if entry.reads == STATE else ()
    if not lacking:
        return long, short, short
    which = lacking[0] if len(lacking) == 1 else f"{len(lacking)} runs"
    none = "has none" if len(lacking) == 1 else "have none"
    return f"{long} ({which} {none})", f"{short} (not {which})", f"{short} (not all)"


def draw_key(axes: Axes, scene: Scene, place: Rect, ruler: Scaled, labels: Sequence[Text] = ()) -> None:
    """Write the key.

    Args:
        axes: The contour, whose limits are the recording's view.
        scene: Says which arrows there are.
        place: Where the contour is, in pixels.
        ruler: Gives the text scale.
        labels: Texts on the contour that the key must leave free.
    """
    names = [name for name in ARROWS if name in scene.arrows]
    lines = [_text(axes, scene, ruler) for _ in names]
    pad, sample = ruler.px(_PAD), ruler.px(_SAMPLE)
    beside = sample + 3 * pad
    for said in zip(*(wordings(scene, name) for name in names), strict=True):
        for line, what in zip(lines, said, strict=True):
            line.set_text(what)
        if beside + max(_width(line) for line in lines) <= _WIDEST * place.width:
            break
    size = min(fit(line, max(place.width - beside - 2 * pad, 1.0)) for line in lines)
    for line in lines:
        line.set_fontsize(size)
    width = beside + max(_width(line) for line in lines)
    height = len(lines) * ruler.px(_LINE) + pad
    corner = _free_corner(scene, place, (width, height), ruler, labels)
    axes.add_patch(
        Rectangle(
            (corner.x / place.width, corner.y / place.height),
            corner.width / place.width,
            corner.height / place.height,
            transform=axes.transAxes,
            facecolor=scene.theme.background,
            alpha=0.82,
            edgecolor="none",
            linewidth=0,
            zorder=_ZORDER,
        )
    )
    panel = Panel.of(place, scene.view)
    for k, (line, name) in enumerate(zip(lines, names, strict=True)):
        y = corner.top - pad / 2 - (k + 0.5) * ruler.px(_LINE)
        line.set_position(((corner.x + 2 * pad + sample) / place.width, y / place.height))
        line.set_transform(axes.transAxes)
        axes.add_artist(line)
        spot = np.array(panel.low) + np.array([corner.x + pad, y]) / panel.per_unit
        brush = Brush.of(name, panel, scene.theme, ruler)
        pen = brush.pen(axes, _ZORDER + 0.1)
        hold(pen, [*_sample(name, brush, spot, sample)])


def _text(axes: Axes, scene: Scene, ruler: Scaled) -> Text:
    text = Text(0, 0, "", color=scene.theme.text, size=points(ruler.px(10)), va="center", parse_math=False)
    text.set_zorder(_ZORDER + 0.2)
    text.set_figure(axes.figure)
    return text


def _width(text: Text) -> float:
    return float(text.get_window_extent().width)


def _sample(name: str, brush: Brush, spot: NDArray[np.float64], width: float) -> Drawn:
    way = np.array([width, 0.0])
    if ARROWS[name].length == BY_RATIO:
        spot, way = spot + way / 2 / brush.panel.per_unit, 0.42 * width * np.array([1.0, 1 / 2.4])
    return brush.drawn(spot, way, brush.theme.muted)


def _free_corner(
    scene: Scene, place: Rect, size: tuple[float, float], ruler: Scaled, labels: Sequence[Text]
) -> Rect:
    """Return the place of the key in pixels of the plot: the corner that hides least and is farthest off."""
    recording, gap = scene.recording, ruler.px(7)
    panel = Panel.of(place, scene.view)

    paths = [
        _along((line - panel.low) * panel.per_unit, gap)
        for run in scene.runs
        for line in polylines(run.path, scene.view)
    ]
    marks = [recording.recipe.start, *(minimum.point for minimum in recording.minima)]
    spots = np.concatenate([*paths, (np.array(marks) - panel.low) * panel.per_unit])
    weights = np.concatenate([np.ones(sum(map(len, paths))), np.full(len(marks), 20.0)])
    corners = [
        Rect(x, y, *size)
        for y in (gap, place.height - size[1] - gap)
        for x in (gap, place.width - size[0] - gap)
    ]

    def cost(corner: Rect) -> tuple[float, float]:
        across = np.maximum(np.maximum(corner.x - spots[:, 0], spots[:, 0] - corner.right), 0.0)
        up = np.maximum(np.maximum(corner.y - spots[:, 1], spots[:, 1] - corner.top), 0.0)
        apart = np.hypot(across, up)
        hidden = float(weights[apart <= ruler.px(8)].sum())
        hidden += 1e6 * sum(_overlap(corner, label, place) for label in labels)
        return hidden, -float(apart.min(initial=np.inf))

    return min(corners, key=cost)


def _along(line: NDArray[np.float64], apart: float) -> NDArray[np.float64]:
    """Return spots all along a line (n, 2) in pixels, so far apart or less."""
    parts = [
        start + (end - start) * np.linspace(0, 1, int(np.hypot(*(end - start)) / apart) + 2)[:, None]
        for start, end in pairwise(line)
    ]
    return np.concatenate(parts)


def _overlap(corner: Rect, label: Text, place: Rect) -> bool:
    extent = label.get_window_extent()
    left, bottom = extent.x0 - place.x, extent.y0 - place.y
    beside = left > corner.right or left + extent.width < corner.x
    return not (beside or bottom > corner.top or bottom + extent.height < corner.y)
