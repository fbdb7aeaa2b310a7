"""The panel of singular values: those of each step of a matrix, and those of the matrix itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..canvas.headings import Sample, draw_heading
from ..scenes.panel_table import TWO_STOREYS
from ..style.colour_space import mix
from .scales import span
from .traces import Trace, add_chart, draw_traces, second_look, storeys

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...trajectories.results.network_runs import Array
    from ..canvas.axes import Scaled
    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene
    from ..style.layout import Rect
    from .scales import LossScale

_MOST = 8  # values of a lone run that are drawn
_DECADES = 6  # powers of ten that are shown: below, values of a step are rounding


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the singular values of each step, and below those of the matrix that it changes.

    A lone run shows them in shades of its colour, the largest darkest; of several runs the largest and the
    smallest are shown. The nearer these are, the more evenly a step goes in all directions: steps of Muon
    are made to have values that are nearly equal.
    """
    training = scene.training
    two = place.height >= ruler.px(TWO_STOREYS)
    upper, lower = storeys(place, 0.45, ruler.px(25)) if two else (place, place)
    alone = len(training.runs) == 1
    steps = [run.step_values for run in training.runs]
    which = f"{_MOST} of the singular values" if alone and steps[0].shape[1] > _MOST else "singular values"
    key: list[str | Sample] = [
        Sample((), 1.7),
        "largest",
        Sample(*second_look((), scene.theme.dashes)),
        "smallest",
    ]
    key = [] if alone or steps[0].shape[1] < 2 else key
    name = training.matrix
    scale = span(np.concatenate([each.ravel() for each in steps]), log=True, decades=_DECADES)
    axes = add_chart(figure, upper, scene, ruler, scale, labelled=not two)
    log = ", log scale" if scale.log else ""
    wordings = [
        [f"{which} of the step of {name}{log}", *key],
        [f"{which}, step of {name}{log.removesuffix(' scale')}", *key],
        [f"singular values of steps{log.removesuffix(' scale')}", *key],
        ["singular values of steps"],
    ]
    draw_heading(axes, upper, wordings, scene.theme, ruler)
    growing, moving = draw_traces(axes, upper, scene, ruler, scale, _traces(scene, steps))
    if not two:
        return growing, moving
    weights = [run.weight_values for run in training.runs]
    scale = _of_weights(weights)
    axes = add_chart(figure, lower, scene, ruler, scale)
    log = ", log scale" if scale.log else ""
    draw_heading(axes, lower, [[f"{which} of {name}{log}"], [f"of {name}{log}"]], scene.theme, ruler, above=6)
    more_growing, more_moving = draw_traces(axes, lower, scene, ruler, scale, _traces(scene, weights))
    return growing + more_growing, moving + more_moving


def _of_weights(weights: list[Array]) -> LossScale:
    """Return a linear axis from 0: the values of a matrix grow from there, or hardly change."""
    most = max((float(np.nanmax(each)) for each in weights if np.isfinite(each).any()), default=1.0)
    return span(np.array([0.0, most]), log=False, low=0.0, high=1.08 * most or 1.0)


def _traces(scene: Scene, values: list[Array]) -> list[Trace]:
    """Return the lines: of a lone run all its values, or some; of several runs the largest and smallest."""
    found = []
    for run, some, style in zip(scene.recording.trajectories, values, scene.styles, strict=True):
        columns = np.array([0, some.shape[1] - 1][: some.shape[1]])
        if len(values) == 1:
            columns = np.unique(
                np.linspace(0, some.shape[1] - 1, min(some.shape[1], _MOST)).round().astype(int)
            )
        for place, column in enumerate(columns.tolist()):
            share = 0.62 * place / max(1, len(columns) - 1) if len(values) == 1 else 0.0
            dash, width = (style.dash, 1.7)
            if len(values) > 1 and place:
                dash, width = second_look(style.dash, scene.theme.dashes)
            found.append(
                Trace(
                    run.at,
                    some[:, column],
                    mix(style.colour, scene.theme.background, share),
                    dash,
                    width,
                    style.marker if not place else "",
                    ghost=not place,
                    run=style.run,
                )
            )
    return found
