"""Panels of what drives the steps: the learning rate of each, and the norm of the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..canvas.headings import draw_heading
from .epoch_axis import label_epochs
from .scales import span, tame
from .traces import Trace, add_chart, draw_traces

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene
    from ..style.layout import Rect

_SHAPES = {"cosine", "cyclic", "linear", "onecycle", "polynomial", "warm_restarts"}  # on linear axes
_BESIDE = 10.0  # the largest rates of runs that share such an axis, in the smallest of them
_MANY = 400  # of a learning rate that changes with every step, no more points are drawn


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


def draw_rates(
    figure: Figure, scene: Scene, place: Rect, ruler: Scaled
) -> tuple[list[Growing], list[Moving]]:
    """Draw the learning rate that each step of each run used."""
    traces = []
    for run, style in zip(scene.recording.trajectories, scene.styles, strict=True):
        steps, rates = rate_line(run.learning_rates)
        seen = np.unique(np.concatenate([steps, scene.timing.steps[scene.timing.steps <= run.steps]]))
        # A constant rate needs points in between, so that its line grows with the frames.
        more = np.setdiff1d(seen, steps)
        at = np.concatenate([steps, more])
        values = np.concatenate([rates, rates[np.searchsorted(steps, more, side="right") - 1]])
        order = np.argsort(at, kind="stable")
        traces.append(Trace(at[order], values[order], style.colour, style.dash, 1.4, run=style.run))
    values = np.concatenate([trace.y for trace in traces])
    scale = span(values, decades=np.inf)  # rates are set by hand: each is shown
    if not scale.log or _shaped(scene):
        scale = span(np.append(values, 0.0), log=False, low=0.0)
    axes = add_chart(figure, place, scene, ruler, scale)
    if scene.recording.training is not None:
        label_epochs(axes, scene, place, ruler)
    heading = "learning rate, log scale" if scale.log else "learning rate"
    draw_heading(axes, place, [[heading]], scene.theme, ruler, above=6)
    return draw_traces(axes, place, scene, ruler, scale, traces)


def _shaped(scene: Scene) -> bool:
    """Say whether rates follow curves that a log axis would bend, and none is tiny beside another.

    Half a cosine is no longer one there; an exponential is a straight line.
    """
    names = {schedule.name for spec in scene.specs for schedule in spec.schedules}
    tops = [float(run.learning_rates.max()) for run in scene.recording.trajectories if run.steps]
    return bool(names & _SHAPES) and max(tops) <= _BESIDE * min(tops)


def draw_gradients(
    figure: Figure, scene: Scene, place: Rect, ruler: Scaled
) -> tuple[list[Growing], list[Moving]]:
    """Draw the norm of the gradient that each run's optimizer was handed; of a network that of all layers."""
    norms = gradient_norms(scene)
    scale = span(tame(norms, [each[:1] for each in norms], 30.0), log=True)
    traces = [
        Trace(run.at, norm, style.colour, style.dash, 1.7, style.marker, ghost=True, run=style.run)
        for run, style, norm in zip(scene.recording.trajectories, scene.styles, norms, strict=True)
    ]
    axes = add_chart(figure, place, scene, ruler, scale)
    heading = "gradient norm, log scale" if scale.log else "gradient norm"
    draw_heading(axes, place, [[heading], ["gradient norm"]], scene.theme, ruler)
    return draw_traces(axes, place, scene, ruler, scale, traces)


def gradient_norms(scene: Scene) -> list[NDArray[np.float64]]:
    """Return for each run the Euclidean norm of its gradient at each row, (rows,)."""
    recording = scene.recording
    with np.errstate(over="ignore", invalid="ignore"):
        if recording.training is None:
            return [np.hypot(*run.gradients.T) for run in recording.trajectories]
        return [np.hypot.reduce(run.gradient_norms, axis=1) for run in recording.training.runs]
