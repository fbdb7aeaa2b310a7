"""The panel of gradients: one layer's gradient as squares, in the style of Hinton's diagrams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path
from matplotlib.text import Text

from ..canvas.axes import add_axes, fit_or_cut, points
from ..canvas.headings import Sample, draw_heading
from ..canvas.parts import MOVING_ZORDER, Growing, Moving
from ..canvas.pens import Shape, Shapes, tag
from ..canvas.readout import Readout
from ..style.layout import Rect
from ..style.numbers import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.run_styles import RunStyle
    from ..style.themes import Theme

_MOST = 4  # runs side by side
_NAME, _NOTE = 17.0, 14.0  # heights of the lines above and below the squares
_LARGEST = 0.88  # the side of the largest square, in cells


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the gradient of one layer for each run: rows are outputs, columns inputs.

    The area of a square is relative to the largest of its run at the step shown, which is written below it:
    gradients shrink by powers of ten while a network learns, so that one scale for all steps would show
    nothing after the first. The end of a run has no gradient, so the one before stays.

    References:
        G. Hinton and T. Shallice, Lesioning an attractor network, doi:10.1037/0033-295X.98.1.74
    """
    theme = scene.theme
    runs = [k for k, run in enumerate(scene.training.runs) if run.heat.ndim == 3][:_MOST]
    # Without tick labels the panel has the whole cell.
    place = Rect(
        place.x - ruler.px(30),
        place.y - ruler.px(20),
        place.width + ruler.px(34),
        place.height + ruler.px(20),
    )
    boxes = _boxes(place, [scene.training.runs[k].heat.shape[1:] for k in runs], ruler)
    raises, lowers = looks(theme)
    key: list[str | Sample] = [
        Sample(marker="s", colour=raises.edge, hollow=raises.fill is None),
        "raises the loss",
        Sample(marker="s", colour=lowers.edge, hollow=lowers.fill is None),
        "lowers it",
    ]
    recipe = scene.recording.recipe.training
    layer = f"gradient of {(recipe.layer if recipe is not None else '') or scene.training.layers[-1]}"
    moving: list[Moving] = []
    for index, box in zip(runs, boxes, strict=True):
        moving += _draw_run(figure, scene, index, box, ruler)
    heading = add_axes(figure, place, scene, ruler)
    heading.set_axis_off()
    more = len(scene.training.runs) - len(runs)
    rest: list[str | Sample] = [f"{more} more runs not shown"] if more > 0 else []
    short: list[str | Sample] = [layer, key[0], "raises", key[2], "lowers the loss"]
    draw_heading(heading, place, [[layer, *key, *rest], short, short[1:]], theme, ruler, left=8)
    return [], moving


def _boxes(place: Rect, shapes: Sequence[tuple[int, ...]], ruler: Scaled) -> list[Rect]:
    """Place the runs side by side, or in rows where that makes the squares larger."""
    count, gap = len(shapes), ruler.px(12)
    high, wide = (max(sides) for sides in zip(*shapes, strict=True))
    best: tuple[float, list[Rect]] = (-1.0, [])
    for columns in range(count, 0, -1):
        rows = -(-count // columns)
        width, height = (place.width - gap * (columns - 1)) / columns, place.height / rows
        side = min(width / wide, (height - ruler.px(_NAME + _NOTE)) / high)
        if side > best[0] + 1e-9:
            places = [(k % columns, k // columns) for k in range(count)]
            best = (
                side,
                [
                    Rect(place.x + x * (width + gap), place.top - (y + 1) * height, width, height)
                    for x, y in places
                ],
            )
    return best[1]


def looks(theme: Theme) -> tuple[Shape, Shape]:
    """Return how weights that raise the loss look, and those that lower it.

    Red and blue, which every eye can tell apart; filled and hollow where there is no colour.
    """
    nothing = Path(np.empty((0, 2)))
    if theme.chroma == 0.0:
        return Shape(nothing, theme.text, theme.text), Shape(nothing, None, theme.muted)
    red, blue = ("#ff7a59", "#5aa9ff") if theme.dark else ("#c8391b", "#3f7fd0")
    return Shape(nothing, red, red), Shape(nothing, blue, blue)


def squares(values: NDArray[np.float64], largest: float) -> Path:
    """Return a square for each positive value, its area in proportion; cells are one unit wide.

    Args:
        values: Shape (h, w); the first row stands on top.
        largest: The value whose square fills its cell.
    """
    rows, columns = np.nonzero(np.isfinite(values) & (values > 0))
    if not len(rows) or largest <= 0:
        return Path(np.empty((0, 2)))
    half = _LARGEST / 2 * np.sqrt(np.minimum(values[rows, columns] / largest, 1.0))
    keep = half > 0.02
    rows, columns, half = rows[keep], columns[keep], half[keep]
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)])
    centres = np.column_stack([columns + 0.5, values.shape[0] - rows - 0.5])
    vertices = (centres[:, None] + half[:, None, None] * corners).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], len(rows))
    return Path(vertices, codes) if len(vertices) else Path(np.empty((0, 2)))


def _draw_run(figure: Figure, scene: Scene, index: int, box: Rect, ruler: Scaled) -> list[Moving]:
    theme, style, run = scene.theme, scene.styles[index], scene.training.runs[index]
    _, high, wide = run.heat.shape
    room = Rect(box.x, box.y + ruler.px(_NOTE), box.width, box.height - ruler.px(_NAME + _NOTE))
    cell = min(room.width / wide, room.height / high)
    field = Rect(
        room.x + (room.width - cell * wide) / 2,
        room.y + (room.height - cell * high) / 2,
        cell * wide,
        cell * high,
    )
    axes = add_axes(figure, field, scene, ruler)
    axes.set_facecolor(theme.heights[0])
    axes.set(xlim=(0, wide), ylim=(0, high), xticks=[], yticks=[])
    _write_name(figure, scene, index, style, box, field, ruler)
    pen = Shapes(axes, MOVING_ZORDER)
    note = Readout(
        wide / 2,
        -ruler.px(_NOTE - 2.5) / cell,
        "",
        color=theme.muted,
        size=points(ruler.px(10)),
        ha="center",
        zorder=MOVING_ZORDER,
    )
    note.set_clip_on(False)
    axes.add_artist(note)
    tag(note, style.run)
    raises, lowers = looks(theme)
    word = "largest " if box.width > ruler.px(104) else "max " if box.width > ruler.px(84) else ""

    def update(frame: int) -> None:
        row = min(int(scene.timing.rows[frame]), len(run.heat) - 1)
        values = run.heat[row].astype(np.float64)
        if row and not np.isfinite(values).any():
            values = run.heat[row - 1].astype(np.float64)
        finite = np.abs(values[np.isfinite(values)])
        largest = float(finite.max()) if finite.size else 0.0
        pen.shapes = (
            Shape(squares(values, largest), raises.fill, raises.edge, style.run),
            Shape(squares(-values, largest), lowers.fill, lowers.edge, style.run),
        )
        note.set_text(f"{word}{brief(largest)}" if finite.size else "not finite")

    return [Moving(pen, update), Moving(note, lambda frame: None)]


def _write_name(
    figure: Figure, scene: Scene, index: int, style: RunStyle, box: Rect, field: Rect, ruler: Scaled
) -> None:
    spec = scene.specs[index]
    rate = "" if spec.lr is None else f" lr {spec.lr:g}"
    name = Text(
        (field.x + field.width / 2) / scene.size[0],
        (field.top + ruler.px(4)) / scene.size[1],
        f"{spec.title}{rate}",
        color=style.colour,
        size=points(ruler.px(10.5)),
        ha="center",
        transform=figure.transFigure,
        parse_math=False,
    )
    figure.add_artist(name)
    fit_or_cut(name, box.width, points(ruler.px(8.5)))
