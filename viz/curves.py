"""The panel of epochs: accuracy or RMSE on training and validation data, and the learning rate below."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from ..trajectories.training import STEP, TRAIN_METRIC, VAL_METRIC
from .axes import points
from .charts import Trace, add_chart, draw_traces, second_look, span, storeys, tame
from .headings import Sample, draw_heading
from .network_words import epoch_ends
from .panels import TWO_STOREYS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from .axes import Scaled
    from .layout import Rect
    from .parts import Growing, Moving
    from .scene import NetworkScene

_MANY = 400  # of a learning rate that changes with every step, no more points are drawn


def draw(
    figure: Figure, scene: NetworkScene, place: Rect, ruler: Scaled
) -> tuple[list[Growing], list[Moving]]:
    """Draw the metric after each epoch, validation solid, training dashed, and the learning rates."""
    training, theme = scene.training, scene.theme
    percent = training.metric == "accuracy"
    factor = 100.0 if percent else 1.0
    validation, learned = [], []
    for run, style in zip(training.runs, scene.styles, strict=True):
        dash, width = second_look(style.dash, theme.dashes)
        steps = run.epochs[:, STEP]
        validation.append(
            Trace(steps, factor * run.epochs[:, VAL_METRIC], style.colour, style.dash, 1.7, style.marker)
        )
        learned.append(Trace(steps, factor * run.epochs[:, TRAIN_METRIC], style.colour, dash, width))
    traces = [*validation, *learned]
    values = tame(
        [trace.y for trace in traces], [trace.y[:1] for trace in traces], 1.5 if not percent else np.inf
    )
    has_validation = any(np.isfinite(trace.y).any() for trace in validation)
    two = place.height >= ruler.px(TWO_STOREYS)
    upper, lower = storeys(place, 0.28, ruler.px(27)) if two else (place, place)
    scale = span(values, log=False if percent else None)
    if percent:
        scale = span(values, log=False, high=min(scale.high, 102.0))
    axes = add_chart(figure, upper, scene, ruler, scale, labelled=not two)
    label_epochs(axes, scene, upper, ruler, labelled=not two)
    dash, width = second_look((), theme.dashes)
    name = "accuracy in %" if percent else training.metric + (", log scale" if scale.log else "")
    key: list[str | Sample] = [Sample((), 1.7), "validation", Sample(dash, width), "training"]
    short: list[str | Sample] = [name, key[0], "val.", key[2], "train"]
    choices: list[list[str | Sample]] = [[name, *key], short] if has_validation else [[name, "training"]]
    draw_heading(axes, upper, choices, theme, ruler)
    growing, moving = draw_traces(axes, upper, scene, ruler, scale, traces)
    if two:
        more_growing, more_moving = _draw_rates(figure, scene, lower, ruler)
        growing += more_growing
        moving += more_moving
    return growing, moving


def label_epochs(
    axes: Axes, scene: NetworkScene, place: Rect, ruler: Scaled, *, labelled: bool = True
) -> None:
    """Number the horizontal axis by epochs in place of steps, where all runs share them; positions stay."""
    ends = epoch_ends(scene)
    if ends is None or len(ends) < 2:
        return
    shown = even_ticks(len(ends) - 1, min(6, max(2, int(place.width / ruler.px(48)))))
    axes.set_xticks([float(ends[k]) for k in shown], [str(k) for k in shown])
    if labelled:
        axes.set_xlabel(
            "epoch", color=scene.theme.muted, size=points(ruler.px(10.5)), labelpad=points(ruler.px(1))
        )


def even_ticks(last: int, most: int) -> list[int]:
    """Return numbers from 0 on, evenly apart, of which about so many lie up to the last.

    >>> even_ticks(6, 6), even_ticks(6, 3), even_ticks(150, 6)
    ([0, 1, 2, 3, 4, 5, 6], [0, 2, 4, 6], [0, 50, 100, 150])
    """
    strides = (factor * 10**power for power in itertools.count() for factor in (1, 2, 5))
    stride = next(stride for stride in strides if last // stride <= most)
    return list(range(0, last + 1, stride))


def rate_line(rates: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return steps and rates of a line that shows the rate that each step used; few points where few will do.

    >>> steps, rates = rate_line(np.array([0.1, 0.1, 0.01]))
    >>> steps.tolist(), rates.tolist()
    ([0.0, 2.0, 2.0, 3.0], [0.1, 0.1, 0.01, 0.01])
    """
    count = len(rates)
    if not count:
        return np.zeros(1), np.full(1, np.nan)
    changes = np.flatnonzero(np.diff(rates) != 0) + 1
    if len(changes) > _MANY:
        chosen = np.unique(np.linspace(0, count - 1, _MANY).astype(int))
        return chosen.astype(np.float64), rates[chosen]
    begins = np.concatenate([[0], changes])
    ends = np.concatenate([changes, [count]])
    return np.stack([begins, ends], axis=1).ravel().astype(np.float64), np.repeat(rates[begins], 2)


def _draw_rates(
    figure: Figure, scene: NetworkScene, place: Rect, ruler: Scaled
) -> tuple[list[Growing], list[Moving]]:
    traces = []
    for run, style in zip(scene.recording.trajectories, scene.styles, strict=True):
        steps, rates = rate_line(run.learning_rates)
        seen = np.unique(np.concatenate([steps, scene.timing.steps[scene.timing.steps <= run.steps]]))
        # A constant rate needs points in between, so that its line grows with the frames.
        more = np.setdiff1d(seen, steps)
        at = np.concatenate([steps, more])
        values = np.concatenate([rates, rates[np.searchsorted(steps, more, side="right") - 1]])
        order = np.argsort(at, kind="stable")
        traces.append(Trace(at[order], values[order], style.colour, style.dash, 1.4, ""))
    values = np.concatenate([trace.y for trace in traces])
    scale = span(values, decades=np.inf)  # rates are set by hand: each is shown
    if not scale.log:
        scale = span(np.append(values, 0.0), log=False, low=0.0)
    axes = add_chart(figure, place, scene, ruler, scale)
    label_epochs(axes, scene, place, ruler)
    heading = "learning rate, log scale" if scale.log else "learning rate"
    draw_heading(axes, place, [[heading]], scene.theme, ruler, above=6)
    return draw_traces(axes, place, scene, ruler, scale, traces)
