"""A strip: key frames of a recording beside each other in one still, for print."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.surface import width_of
from ..canvas.axes import points
from ..scenes.keyframes import key_rows
from ..style.layout import Layout, Rect
from ..style.numbers import counted
from ..words.legend_words import entries
from ..words.network_words import counter, loss_heading, network_entries
from .captions import draw_words
from .cover import draw_cover, draw_notes
from .legend import breadth, draw_legend, least_heights
from .legend import height as legend_height
from .page import add_page
from .small_panel import drawer
from .small_panel import shape as panel_shape
from .tiles import LIFT, Around, Tiles, lay_out, tile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene
    from ..style.layout import Ruler
    from ..words.legend_words import Entry

# Lengths in pixels at text scale 1.
_CLEAR, _HEADING = 9.0, 13.0  # a mark on a panel's border reaches six beyond it: words keep clear of it
_AROUND = Around(above=_CLEAR + _HEADING)
_LEGEND = (190.0, 260.0)  # least and largest width
_APART = 16.0  # between panels and a legend of its own column or band
_SHORT, _CUT = 0.8, 0.3  # what a page is worth whose legend has no room for all words, or for all runs


def draw_strip(figure: Figure, scene: Scene) -> tuple[list[Growing], list[Moving]]:
    """Draw the key frames and a legend; nothing of it changes."""
    if not scene.recording.trajectories:
        raise DescentError("a strip shows how runs went, and this recording has no runs")
    network = scene.recording.training is not None
    words = network_entries(scene) if network else entries(scene)
    frames = [until(scene, row) for row in key_rows(scene.recording, scene.strip)]
    shape = panel_shape(scene)
    legends: dict[float, Rect] = {}

    def arrange(area: Rect, ruler: Ruler) -> Tiles:
        tiles, legends[ruler.unit] = _roomiest(area, len(frames), shape, words, ruler)
        return tiles

    tiles, ruler = lay_out(scene.size, scene.theme, arrange, counted(len(frames), "key frame"))
    page = add_page(figure, scene)
    draw, heights = drawer(figure, scene, ruler)
    everything = range(len(words))
    for number, frame in enumerate(frames):
        place = tiles.place(*divmod(number, tiles.columns))
        _settle(draw(frame, place, everything, (False, False)), frame)
        _head(page, frame, place, tiles, ruler)
    legend = legends[ruler.unit]
    layout = Layout(ruler.unit, tiles.block, tiles.block, legend, True)
    what = loss_heading(scene)
    _settle(draw_legend(page, words, scene, layout, what), scene)
    header = tiles.header(scene.size)
    across = max(header.right, legend.right) - header.x
    draw_cover(page, scene, replace(header, width=across), ruler, counts=False)
    steps = ", ".join(str(frame.timing.steps[-1]) for frame in frames)
    counted_in = f"{scene.training.unit}s" if network else "steps"
    more = [(1, f"key frames at {counted_in} {steps}")] + [(0, heights)] * bool(heights)
    draw_notes(page, _with_every_step(scene), more, ruler, to_scale=width_of(scene.view)[1])
    return [], []


def until(scene: Scene, row: int) -> Scene:
    """Return a scene whose last frame shows a row of the longest trajectory."""
    rows = scene.timing.rows
    return _with_rows(scene, np.append(rows[rows < row], row))


def _with_every_step(scene: Scene) -> Scene:
    """Return a scene that skips no step: a strip leaves out almost all of them, and says which it has."""
    return _with_rows(scene, np.arange(len(scene.recording.kept)))


def _with_rows(scene: Scene, rows: NDArray[np.int64]) -> Scene:
    once = np.ones(len(rows), dtype=np.int64)
    timing = replace(
        scene.timing,
        steps=scene.recording.kept[rows],
        rows=rows,
        durations=once,
        ticks=once,
        shares=np.zeros(len(rows)),
        early=False,
    )
    return replace(scene, timing=timing)


def _settle(drawn: tuple[list[Growing], list[Moving]], scene: Scene) -> None:
    """Set up for good what would change from frame to frame, as it is in the last one."""
    last = scene.frames - 1
    for part in drawn[0]:
        part.show(0, last)
    for thing in drawn[1]:
        thing.update(last)


def _head(page: Axes, frame: Scene, place: Rect, tiles: Tiles, ruler: Ruler) -> None:
    """Write above a panel which step it shows."""
    last = frame.frames - 1
    network = frame.recording.training is not None
    said = counter(frame, last) if network else f"step {frame.timing.steps[-1]}"
    step, _, epoch = said.partition(" · ")
    spot, colours = (place.x, place.top + ruler.px(_CLEAR)), (frame.theme.text, frame.theme.muted)
    draw_words(page, spot, (step, "", epoch), tiles.cell, colours, points(ruler.px(12.0)))


def _roomiest(
    area: Rect, count: int, shape: tuple[float, float], words: Sequence[Entry], ruler: Ruler
) -> tuple[Tiles, Rect]:
    """Arrange panels and legend so that the panels are large and the legend has room for its words."""
    choices = [
        choice
        for columns in range(count, 0, -1)
        for choice in _choices(area, count, columns, shape, words, ruler)
    ]

    def worth(choice: tuple[Tiles, Rect]) -> float:
        tiles, legend = choice
        room = legend.height / ruler.unit + 0.5
        value = tiles.plot[0] * tiles.plot[1] * min(1.0, legend.width / ruler.px(_wanted(words))) ** 2
        if legend.width < ruler.px(_LEGEND[0] - 40):
            value *= _CUT
        if legend_height(words, math.inf) > room:
            value *= _SHORT if least_heights(words)[0] <= room else _CUT
        return value

    return max(choices, key=worth)


def _choices(
    area: Rect, count: int, columns: int, shape: tuple[float, float], words: Sequence[Entry], ruler: Ruler
) -> Iterator[tuple[Tiles, Rect]]:
    """Yield arrangements in columns: with the legend in a free cell, beside the panels, and below them."""
    rows, unit, apart = -(-count // columns), ruler.unit, ruler.px(_APART)
    wide = ruler.px(_wanted(words))
    if free := rows * columns - count:
        tiles = tile(area, rows, columns, shape, _AROUND, unit)
        cell = tiles.place(rows - 1, columns - free)
        room = min(tiles.block.right - cell.x, 1.4 * wide)
        yield tiles, Rect(cell.x, cell.y, room, cell.height + ruler.px(_AROUND.above))
    left = Rect(area.x, area.y, area.width - wide - apart, area.height)
    tiles = tile(left, rows, columns, shape, _AROUND, unit)
    tall = max(tiles.block.height, ruler.px(legend_height(words, area.height / unit)))
    block = Rect(
        area.x + (area.width - tiles.block.width - apart - wide) / 2,
        area.y + LIFT * (area.height - tall) + tall - tiles.block.height,
        tiles.block.width,
        tiles.block.height,
    )
    yield replace(tiles, block=block), Rect(block.right + apart, block.top - tall, wide, tall)
    tall = min(ruler.px(legend_height(words, math.inf)), 0.45 * area.height)
    above = Rect(area.x, area.y + tall + apart, area.width, area.height - tall - apart)
    tiles = tile(above, rows, columns, shape, _AROUND, unit)
    block = tiles.block
    yield tiles, Rect(block.x, block.y - apart - tall, min(block.width, 1.4 * wide), tall)


def _wanted(words: Sequence[Entry]) -> float:
    """Return how wide the legend should be, in pixels at text scale 1."""
    longest = max(len(row.event.text) + (len(row.end.text) if row.end else 0) for row in words)
    return min(max(_LEGEND[0], breadth(words), 34 + 6.3 * longest), _LEGEND[1])
