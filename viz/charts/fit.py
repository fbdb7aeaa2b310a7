"""The panel of the fit: the data, and what each run makes of it at the step shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from ..canvas.axes import add_axes, fit_or_cut, points
from ..canvas.headings import Sample, draw_heading
from ..canvas.parts import MOVING_ZORDER, Growing, Moving, still_there
from ..canvas.pens import Lines, Stroke
from ..scenes.panel_table import PANELS
from ..style.colour_space import mix
from ..style.layout import Rect
from .level_lines import zero_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ...trajectories.results.network_runs import Array, Samples
    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene

_KEYS = 5  # of more classes the heading gives the number only
_SHAPES = ("o", "^", "s", "D", "v", "P", "<", "X", ">", "p")  # of the classes, hollow and filled by turns


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the samples, with curves where there is one input and boundaries where there are two."""
    samples = scene.training.samples
    assert samples is not None
    high = min(place.height, place.width / PANELS["fit"].shape[0])  # a tall plot would stretch the data
    place = Rect(place.x, place.top - high, place.width, high)
    axes = add_axes(figure, place, scene, ruler)
    axes.tick_params(labelsize=points(ruler.px(10)))
    for axis, room in ((axes.xaxis, place.width / 50), (axes.yaxis, place.height / 28)):
        axis.set_major_locator(MaxNLocator(min(5, max(1, int(room / ruler.px(1)))), steps=[1, 2, 2.5, 5, 10]))
    if len(samples.grid) == 1:
        return _draw_curves(axes, scene, samples, place, ruler)
    return _draw_boundaries(axes, scene, samples, place, ruler)


def _name(axes: Axes, names: tuple[str, ...], scene: Scene, place: Rect, ruler: Scaled) -> None:
    small = points(ruler.px(10.5))
    axes.set_xlabel(
        names[0], color=scene.theme.muted, size=small, labelpad=points(ruler.px(1)), parse_math=False
    )
    fit_or_cut(axes.xaxis.label, place.width)
    if len(names) > 1:
        label = axes.set_ylabel(names[1], color=scene.theme.muted, size=small, labelpad=points(ruler.px(1)))
        label.set_parse_math(False)
        fit_or_cut(label, math.inf, tallest=place.height)


def _draw_curves(
    axes: Axes, scene: Scene, samples: Samples, place: Rect, ruler: Scaled
) -> tuple[list[Growing], list[Moving]]:
    theme, (grid,) = scene.theme, samples.grid
    low, high = float(samples.y.min()), float(samples.y.max())
    pad = 0.15 * (high - low) or 1.0
    axes.set_xlim(grid[0], grid[-1])
    axes.set_ylim(low - pad, high + pad)
    _name(axes, samples.names, scene, place, ruler)
    draw_heading(
        axes,
        place,
        [
            [Sample(marker="o", hollow=True), "training data", Sample((), 2.0), "each run's output"],
            [Sample(marker="o", hollow=True), "data", Sample((), 2.0), "output"],
        ],
        theme,
        ruler,
    )
    axes.plot(
        samples.x[:, 0],
        samples.y,
        "o",
        markersize=points(ruler.px(5)),
        markerfacecolor="none",
        markeredgecolor=theme.muted,
        markeredgewidth=points(ruler.px(0.9)),
        alpha=0.8,
        zorder=2,
    )
    pen, width = Lines(axes, MOVING_ZORDER), points(ruler.px(2.0))
    room = 5 * (high - low + 2 * pad)

    def update(frame: int) -> None:
        strokes = []
        for run, style in zip(scene.training.runs, scene.styles, strict=True):
            values = run.outputs[_row(scene, frame, run.outputs), -1].astype(np.float64)
            finite = np.isfinite(values)
            line = np.column_stack([grid, np.clip(values, low - room, high + room)])[finite]
            if len(line) > 1:
                strokes.append(Stroke(Path(line), style.colour, width, style.dash, run=style.run))
        pen.strokes = strokes

    return [], [Moving(pen, update)]


def _row(scene: Scene, frame: int, rows: NDArray[Any]) -> int:
    return min(int(scene.timing.rows[frame]), len(rows) - 1)


def boundary(outputs: NDArray[np.floating[Any]], grid: tuple[Array, ...]) -> Path:
    """Return the lines on which a network changes its mind about the class.

    Args:
        outputs: Probabilities (K, Gx, Gy); one alone is that of the second of two classes.
        grid: The axes of the outputs, (Gx,) and (Gy,).
    """
    values = outputs.astype(np.float64)
    if not np.isfinite(values).all():
        return Path(np.empty((0, 2)))
    margins = [values[0] - 0.5]
    if len(values) > 1:
        order = np.partition(values, -2, axis=0)
        best, second = order[-1], order[-2]
        margins = [np.where(each == best, each - second, each - best) for each in values]
    lines: list[NDArray[np.float64]] = []
    for margin in margins if len(margins) != 2 else margins[:1]:
        lines += zero_lines(margin, *grid)
    return Path.make_compound_path(*map(Path, lines)) if lines else Path(np.empty((0, 2)))


def _draw_boundaries(
    axes: Axes, scene: Scene, samples: Samples, place: Rect, ruler: Scaled
) -> tuple[list[Growing], list[Moving]]:
    theme, runs = scene.theme, scene.training.runs
    axes.set_xlim(samples.grid[0][0], samples.grid[0][-1])
    axes.set_ylim(samples.grid[1][0], samples.grid[1][-1])
    _name(axes, samples.names, scene, place, ruler)
    shapes = [Sample(marker=_SHAPES[k % 10], hollow=k % 2 == 0) for k in range(samples.classes)]
    key = [part for k, shape in enumerate(shapes) for part in (shape, f"{k}")]
    words = ["decision boundary", *key], ["boundary", *key]
    if len(shapes) > _KEYS:
        words = [f"decision boundary, {len(shapes)} classes"], [f"boundary, {len(shapes)} classes"]
    draw_heading(axes, place, words, theme, ruler)
    moving = []
    if len(runs) == 1:
        moving.append(_fill(axes, scene, samples))
    for k in range(samples.classes):
        here = samples.y == k
        grey = mix(theme.muted, theme.background, 0.3)
        (dots,) = axes.plot(
            *samples.x[here].T,
            _SHAPES[k % 10],
            markersize=points(ruler.px(4.2)),
            markerfacecolor="none" if k % 2 == 0 else mix(theme.muted, theme.background, 0.6),
            markeredgecolor=grey,
            markeredgewidth=points(ruler.px(0.8)),
            zorder=MOVING_ZORDER - 0.5,
        )
        moving.append(Moving(dots, still_there))
    pen = Lines(axes, MOVING_ZORDER)
    moving.append(Moving(pen, _boundaries(pen, scene, samples, points(ruler.px(2.0)))))
    return [], moving


def _boundaries(pen: Lines, scene: Scene, samples: Samples, width: float) -> Callable[[int], None]:
    """Make the update of the boundaries; each is worked out when its row is first shown."""
    known: dict[tuple[int, int], Path] = {}

    def update(frame: int) -> None:
        strokes = []
        for index, (run, style) in enumerate(zip(scene.training.runs, scene.styles, strict=True)):
            row = _row(scene, frame, run.outputs)
            if (index, row) not in known:
                known[index, row] = boundary(run.outputs[row], samples.grid)
            strokes.append(Stroke(known[index, row], style.colour, width, style.dash, run=style.run))
        pen.strokes = strokes

    return update


def _fill(axes: Axes, scene: Scene, samples: Samples) -> Moving:
    """Shade the classes of a lone run: the surer it is, the deeper the shade."""
    (run,), theme = scene.training.runs, scene.theme
    (x, y), colours = samples.grid, _class_colours(scene, samples.classes)
    image = axes.imshow(
        np.zeros((len(y), len(x), 3)),
        extent=(float(x[0]), float(x[-1]), float(y[0]), float(y[-1])),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        zorder=MOVING_ZORDER - 0.8,
    )
    page = np.array(_rgb(theme.heights[0]))

    def update(frame: int) -> None:
        values = run.outputs[_row(scene, frame, run.outputs)].astype(np.float64)
        if len(values) == 1:
            values = np.concatenate([1 - values, values])
        values = np.nan_to_num(values, nan=0.0)
        floor = 1 / len(values)
        sure = np.clip((values - floor) / (1 - floor), 0, 1)
        shade = page + sum(s[..., None] * (colour - page) for s, colour in zip(sure, colours, strict=True))
        image.set_data(np.clip(shade.swapaxes(0, 1), 0, 1))

    return Moving(image, update)


def _class_colours(scene: Scene, classes: int) -> list[NDArray[np.float64]]:
    """Return a quiet shade for each class, from the page's to that of high ground and of the run."""
    theme, (style,) = scene.theme, scene.styles
    ends = (theme.heights[-1], mix(theme.heights[0], style.colour, 0.35))
    return [np.array(_rgb(mix(*ends, k / max(1, classes - 1)))) for k in range(max(2, classes))]


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
