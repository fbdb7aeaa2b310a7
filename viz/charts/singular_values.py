"""The panel of singular values: those of each step of a matrix, and those of the matrix itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..canvas.headings import Sample, draw_heading
from ..scenes.panel_table import TWO_STOREYS
from ..style.colour_space import mix
from .scales import span, tame
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
_RISE = 1e3  # times the largest first value: above, a run that diverges leaves the axis
_DECADES = 6  # powers of ten that are shown: below, values of a step are rounding


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the singular values of each step, and below those of the matrix that it changes.

    A lone run shows them in shades of its colour, the largest darkest; of several runs the largest is shown,
    and the median, or where there are two the smaller. The nearer these are, the more evenly a step goes in
    all directions: steps of Muon are made to have values that are nearly equal. Not the smallest of many: a
    gradient may lack a direction, and what a step has there is rounding.
    """
    training = scene.training
    two = place.height >= ruler.px(TWO_STOREYS)
    upper, lower = storeys(place, 0.45, ruler.px(25)) if two else (place, place)
    count, alone, name = training.runs[0].step_values.shape[1], len(training.runs) == 1, training.matrix
    columns = _columns(count, alone=alone)
    steps = [run.step_values[:, columns] for run in training.runs]
    which = "singular values" if not alone or len(columns) == count else f"{_MOST} of {count} singular values"
    key: list[str | Sample] = []
    if not alone and count > 1:
        other = Sample(*second_look((), scene.theme.dashes))
        key = [Sample((), 1.7), "largest", other, "smallest" if count == 2 else "median"]
    shown = tame(steps, [each[:1] for each in steps], _RISE)
    scale = span(shown, log=True, decades=_DECADES)
    axes = add_chart(figure, upper, scene, ruler, scale, labelled=not two)
    log = ", log scale" if scale.log else ""
    choices: list[list[str | Sample]] = [
        [f"{which} of the step of {name}{log}", *key],
        [f"{which}, step of {name}{log.removesuffix(' scale')}", *key],
        [f"step of {name}{log.removesuffix(' scale')}", *key],
        ["of the step", *key],
        ["singular values of steps"],
    ]
    draw_heading(axes, upper, choices, scene.theme, ruler)
    growing, moving = draw_traces(axes, upper, scene, ruler, scale, _traces(scene, steps))
    if not two:
        return growing, moving
    weights = [run.weight_values[:, columns] for run in training.runs]
    scale = _from_zero(tame(weights, [each[:1] for each in weights], _RISE))
    axes = add_chart(figure, lower, scene, ruler, scale)
    draw_heading(axes, lower, [[f"{which} of {name}"], [f"of {name}"]], scene.theme, ruler, above=6)
    more_growing, more_moving = draw_traces(axes, lower, scene, ruler, scale, _traces(scene, weights))
    return growing + more_growing, moving + more_moving


def _from_zero(values: Array) -> LossScale:
    """Return a linear axis from 0: the values of a matrix grow from there, or hardly change."""
    finite = values[np.isfinite(values)]
    most = float(finite.max()) if finite.size else 0.0
    return span(np.array([0.0, most]), log=False, low=0.0, high=1.08 * most or 1.0)


def _columns(count: int, *, alone: bool) -> list[int]:
    """Return which of so many values, the largest first, are drawn."""
    if alone:
        return [round(place) for place in np.linspace(0, count - 1, min(count, _MOST)).tolist()]
    return [0, count // 2] if count > 1 else [0]


def _traces(scene: Scene, values: list[Array]) -> list[Trace]:
    """Return the lines of the chosen values of each run, (rows, k) each."""
    found, alone = [], len(values) == 1
    for run, some, style in zip(scene.recording.trajectories, values, scene.styles, strict=True):
        for place, column in enumerate(some.T):
            share = 0.62 * place / max(1, some.shape[1] - 1) if alone else 0.0
            lesser = place > 0 and not alone
            dash, width = second_look(style.dash, scene.theme.dashes) if lesser else (style.dash, 1.7)
            found.append(
                Trace(
                    run.at,
                    column,
                    mix(style.colour, scene.theme.background, share),
                    dash,
                    width,
                    "" if place else style.marker,
                    ghost=not place,
                    run=style.run,
                )
            )
    return found
