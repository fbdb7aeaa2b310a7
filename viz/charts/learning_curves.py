"""The panel of epochs: accuracy or RMSE on training and validation data, and the learning rate below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...trajectories.results.network_runs import STEP, TRAIN_METRIC, VAL_METRIC
from ..canvas.headings import Sample, draw_heading
from ..scenes.panel_table import TWO_STOREYS
from .epoch_axis import label_epochs
from .rates import draw_rates
from .scales import span, tame
from .traces import Trace, add_chart, draw_traces, second_look, storeys

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..canvas.axes import Scaled
    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene
    from ..style.layout import Rect


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the metric after each epoch, validation solid, training dashed, and the learning rates."""
    training, theme = scene.training, scene.theme
    percent = training.metric == "accuracy"
    factor = 100.0 if percent else 1.0
    validation, learned = [], []
    for run, style in zip(training.runs, scene.styles, strict=True):
        dash, width = second_look(style.dash, theme.dashes)
        steps = run.epochs[:, STEP]
        validation.append(
            Trace(
                steps,
                factor * run.epochs[:, VAL_METRIC],
                style.colour,
                style.dash,
                1.7,
                style.marker,
                run=style.run,
            )
        )
        learned.append(
            Trace(
                steps,
                factor * run.epochs[:, TRAIN_METRIC],
                style.colour,
                dash,
                width,
                run=style.run,
                name="training",
            )
        )
    traces = [*validation, *learned]
    values = tame(
        [trace.y for trace in traces], [trace.y[:1] for trace in traces], 1.5 if not percent else np.inf
    )
    has_validation = any(np.isfinite(trace.y).any() for trace in validation)
    rated = any(np.isfinite(run.learning_rates).any() for run in scene.recording.trajectories)
    two = rated and place.height >= ruler.px(TWO_STOREYS)
    upper, lower = storeys(place, 0.28, ruler.px(27)) if two else (place, place)
    scale = span(values, log=False if percent else None)
    if percent:
        scale = span(values, log=False, high=min(scale.high, 102.0))
    axes = add_chart(figure, upper, scene, ruler, scale, labelled=not two)
    label_epochs(axes, scene, upper, ruler, labelled=not two)
    dash, width = second_look((), theme.dashes)
    name = "accuracy in %" if percent else scale.titled(training.metric)
    key: list[str | Sample] = [Sample((), 1.7), "validation", Sample(dash, width), "training"]
    short: list[str | Sample] = [name, key[0], "val.", key[2], "train"]
    choices: list[list[str | Sample]] = [[name, *key], short] if has_validation else [[name, "training"]]
    draw_heading(axes, upper, choices, theme, ruler)
    growing, moving = draw_traces(axes, upper, scene, ruler, scale, traces)
    if two:
        more_growing, more_moving = draw_rates(figure, scene, lower, ruler)
        growing += more_growing
        moving += more_moving
    return growing, moving
