"""What the arrows mean: a line each with a sample, on a part of the contour that nobody needs to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from ..canvas.axes import fit_or_cut, points
from ..scenes.arrow_kinds import ARROWS, BY_RATIO, STATE
from ..scenes.arrow_vectors import without
from .arrow_paint import Brush, Panel, hold
from .free_place import Ground

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.layout import Rect
    from .arrow_paint import Drawn

# Below all that grows, so that no path is ever hidden; above the heights.
_ZORDER = 4.0
_SAMPLE, _PAD, _LINE, _LETTERS = 26.0, 6.0, 15.0, 10.0  # widths and heights in pixels at text scale 1
_WIDEST = 0.72  # of the panel, where there are shorter words


def wordings(scene: Scene, name: str) -> tuple[str, str, str]:
    """Say what a kind of arrow means, and which runs have none of it; the longest wording first."""
    entry = ARROWS[name]
    long, short = (scene.recording.training and entry.words_of_network) or entry.words
    lacking = without(scene.runs, name) if entry.reads == STATE else ()
    if not lacking:
        return long, short, short
    which = lacking[0] if len(lacking) == 1 else f"{len(lacking)} runs"
    none = "has none" if len(lacking) == 1 else "have none"
    return f"{long} ({which} {none})", f"{short} (not {which})", f"{short} (not all)"


def draw_key(
    axes: Axes,
    scene: Scene,
    place: Rect,
    ruler: Scaled,
    labels: Sequence[Text] = (),
) -> Rect:
    """Write the key, and return where it stands in pixels from the contour's lower left corner.

    Args:
        axes: The contour, whose limits are the scene's view.
        scene: Says which arrows there are.
        place: Where the contour is, in pixels.
        ruler: Gives the text scale.
        labels: Texts on the contour that the key must leave free.
    """
    names = [name for name in ARROWS if name in scene.arrows]
    lines = [_text(axes, scene) for _ in names]
    pad, sample = ruler.px(_PAD), ruler.px(_SAMPLE)
    beside = sample + 3 * pad
    ground = Ground.of(scene, place, ruler, labels)
    room, size = place.width - beside - 2 * pad, points(ruler.px(_LETTERS))
    found: list[tuple[tuple[float, ...], int, Rect]] = []
    wished = list(zip(*(wordings(scene, name) for name in names), strict=True))
    for rank, said in enumerate(wished):
        _write(lines, said, size, room)
        width = beside + max(_width(line) for line in lines)
        if width <= _WIDEST * place.width or rank == len(wished) - 1:
            hides, corner = ground.freest((width, len(lines) * ruler.px(_LINE) + pad))
            found.append((hides, rank, corner))
            if not any(hides):
                break
    # Fewer words where those leave something free that more would hide.
    _, rank, corner = min(found, key=lambda each: ([part > 0 for part in each[0]], each[1]))
    _write(lines, wished[rank], size, room)
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
    return corner


def _text(axes: Axes, scene: Scene) -> Text:
    text = Text(0, 0, "", color=scene.theme.text, va="center", parse_math=False)
    text.set_zorder(_ZORDER + 0.2)
    text.set_figure(axes.figure)
    return text


def _write(lines: Sequence[Text], said: Sequence[str], size: float, room: float) -> None:
    """Write the words, all of one size in points, so small that the widest has room in pixels."""
    for line, what in zip(lines, said, strict=True):
        line.set_text(what)
        line.set_fontsize(size)
    for line in lines:
        fit_or_cut(line, max(room, 1.0))
    size = min(float(line.get_fontsize()) for line in lines)
    for line in lines:
        line.set_fontsize(size)


def _width(text: Text) -> float:
    return float(text.get_window_extent().width)


def _sample(name: str, brush: Brush, spot: NDArray[np.float64], width: float) -> Drawn:
    way = np.array([width, 0.0])
    if ARROWS[name].length == BY_RATIO:
        spot, way = spot + way / 2 / brush.panel.per_unit, 0.42 * width * np.array([1.0, 1 / 2.4])
    return brush.drawn(spot, way, brush.theme.muted)
