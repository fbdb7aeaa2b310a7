"""The panel of layers: how long each layer's gradient is, and its step against its weights."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from ..canvas.axes import points
from ..canvas.headings import Sample, draw_heading
from ..scenes.panel_table import TWO_STOREYS
from ..style.colour_space import mix
from ..style.layout import Rect
from .scales import span, tame
from .traces import Trace, add_chart, draw_traces, second_look, storeys

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...trajectories.results.network_runs import Array
    from ..canvas.axes import Scaled
    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene
    from .scales import LossScale

_RULE = 1e-3  # a step of this share of the weights is held to be healthy
_MANY = 6  # layers of a lone run that are all drawn


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw each layer's gradient norm and, below, the length of its step over the length of its weights.

    A lone run shows its layers in shades of its colour, with their names; of several runs the first and the
    last layer are shown. Of long runs medians over neighbouring rows are drawn, which the heading says:
    gradients of batches are so noisy that the lines would hide each other.

    References:
        The rule of thumb that steps should be about a thousandth of the weights:
        https://cs231n.github.io/neural-networks-3/#ratio
    """
    training = scene.training
    shown = _choose(len(training.layers), len(training.runs))
    alone = len(training.runs) == 1 and len(shown) > 1
    names = ruler.px(62 if alone else 0)  # room for the names of a lone run's layers
    place = Rect(place.x, place.y, place.width - names, place.height)
    stepped = any(np.isfinite(run.update_ratios).any() for run in training.runs)
    two = stepped and place.height >= ruler.px(TWO_STOREYS)
    upper, lower = storeys(place, 0.45, ruler.px(25)) if two else (place, place)
    window = smoothing(max(len(run.gradient_norms) for run in training.runs))
    norms = [running_median(run.gradient_norms[:, shown], window) for run in training.runs]
    scale = span(tame(norms, [each[:1] for each in norms], 30.0), log=True)
    axes = add_chart(figure, upper, scene, ruler, scale, labelled=not two)
    key = _key(scene, shown)
    median = f", medians of {window}" if window > 1 else ""
    wordings = [
        (f"gradient norm, log scale{median}", key[0]),
        (f"gradient norm, log{median}", key[1]),
        (f"gradient, log{'' if two else median}", key[1]),  # the lower storey says it too
    ]
    draw_heading(axes, upper, [[name, *words] for name, words in wordings], scene.theme, ruler)
    growing, moving = draw_traces(axes, upper, scene, ruler, scale, _traces(scene, norms, shown))
    if alone:
        _name_layers(axes, scene, norms[0], shown, scale, upper, ruler)
    if two:
        ratios = [running_median(run.update_ratios[:, shown], window) for run in training.runs]
        scale = span(np.append(tame(ratios, [each[:1] for each in ratios], 30.0), _RULE), log=True)
        axes = add_chart(figure, lower, scene, ruler, scale)
        rule: list[str | Sample] = [Sample((1.0, 2.0), 1.0), f"rule of thumb {_RULE:g}"]
        choices = [
            [f"step / weights, log scale{median}", *rule],
            [f"step / weights, log{median}", *rule[:1], f"{_RULE:g}"],
            ["step / weights, log", *rule[:1], f"{_RULE:g}"],
        ]
        draw_heading(axes, lower, choices, scene.theme, ruler, above=6)
        axes.axhline(
            np.log10(_RULE),
            color=scene.theme.muted,
            linewidth=points(ruler.px(1)),
            linestyle=(0, (1, 2)),
            zorder=2,
        )
        more_growing, more_moving = draw_traces(
            axes, lower, scene, ruler, scale, _traces(scene, ratios, shown)
        )
        growing += more_growing
        moving += more_moving
    return growing, moving


def smoothing(rows: int) -> int:
    """Return how many neighbouring rows a median is taken over, so that batches do not hide the course.

    >>> smoothing(30), smoothing(200), smoothing(1000)
    (1, 5, 25)
    """
    return 1 if rows < 80 else 2 * (rows // 80) + 1


def running_median(values: Array, window: int) -> Array:
    """Return the median over so many rows around each row, fewer at the ends; values are (rows, L)."""
    if window == 1:
        return values
    half = window // 2
    padded = np.pad(values, ((half, half), (0, 0)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, window, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rows that are all NaN stay so
        return np.asarray(np.nanmedian(windows, axis=-1))


def _choose(layers: int, runs: int) -> list[int]:
    if runs == 1 and layers <= _MANY:
        return list(range(layers))
    return [0, layers - 1] if layers > 1 else [0]


def _traces(scene: Scene, values: list[Array], shown: list[int]) -> list[Trace]:
    """Return the lines of the layers shown, the last layer's on top."""
    theme, found = scene.theme, []
    for run, style, numbers in zip(scene.recording.trajectories, scene.styles, values, strict=True):
        for column in reversed(range(len(shown))):
            last = column == len(shown) - 1
            colour, (dash, width) = style.colour, (style.dash, 1.7)
            if len(values) == 1 and len(shown) > 1:
                colour = mix(colour, theme.background, 0.62 * (1 - column / (len(shown) - 1)))
            elif not last:
                dash, width = second_look(style.dash, theme.dashes)
            found.append(Trace(run.at, numbers[:, column], colour, dash, width, run=style.run))
    return found


def _key(scene: Scene, shown: list[int]) -> tuple[list[str | Sample], list[str | Sample]]:
    """Say which line is which layer, in a long and a short wording."""
    names = [scene.training.layers[k] for k in shown]
    if len(scene.training.runs) == 1 or len(shown) == 1:
        words: list[str | Sample] = [f"of {names[0]}"] if len(shown) == 1 else []
        return words, words
    dash, width = second_look((), scene.theme.dashes)
    first, last = Sample(dash, width), Sample((), 1.7)
    short: list[str | Sample] = [first, names[0], last, names[1]]
    if len(scene.training.layers) == len(shown):
        return short, short
    return [first, f"{names[0]} (first)", last, f"{names[1]} (last)"], short


def _name_layers(
    axes: Axes,
    scene: Scene,
    norms: Array,
    shown: list[int],
    scale: LossScale,
    place: Rect,
    ruler: Scaled,
) -> None:
    """Write the layers' names beside the ends of their lines, apart from each other."""
    (style,) = scene.styles
    ends = []
    for column in range(len(shown)):
        finite = np.flatnonzero(np.isfinite(norms[:, column]) & (norms[:, column] > 0))
        level = scale.place(norms[finite[-1:], column])[0] if finite.size else scale.low
        ends.append((float(level) - scale.low) / (scale.high - scale.low) * place.height)
    order, line = np.argsort(ends), ruler.px(12)
    heights = np.array(ends)[order]
    for k in range(1, len(heights)):
        heights[k] = max(heights[k], heights[k - 1] + line)
    heights -= max(0.0, heights[-1] - place.height)
    for k in range(len(heights) - 2, -1, -1):
        heights[k] = min(heights[k], heights[k + 1] - line)
    for column, height in zip(order.tolist(), heights.tolist(), strict=True):
        name = scene.training.layers[shown[column]]
        share = 0.62 * (1 - column / (len(shown) - 1))
        axes.text(
            1 + ruler.px(6) / place.width,
            height / place.height,
            name if len(name) <= 11 else f"{name[:10]}…",
            transform=axes.transAxes,
            va="center",
            color=mix(style.colour, scene.theme.background, share),
            size=points(ruler.px(10)),
            parse_math=False,
        )
