"""The panel of truth: the loss at the weights beside the loss on the plane, and how far apart the two are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..canvas.headings import Sample, draw_heading
from ..scenes.panel_table import TWO_STOREYS
from ..words.network_words import loss_name
from .loss import draw_loss
from .scales import fit_scale, span
from .traces import Trace, add_chart, draw_traces, storeys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene
    from ..style.layout import Rect
    from .scales import LossScale

_APART = 100.0  # where a run goes this many times as far off the plane as another, the axis is logarithmic


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the true training loss of each run and, dotted, the loss at the nearest point of the plane.

    Below it stands how far the weights are from the plane, in percent of the farthest that the run ever was
    from its first weights. A plane that is the whole weight space hides nothing, and has neither.
    """
    if scene.recording.training is None:
        return draw_loss(figure, scene, place, ruler, among=True)
    training, theme = scene.training, scene.theme
    exact = training.plane.exact
    alone = exact or not training.measured  # nothing to show beside the loss at the weights
    name = loss_name(training)
    # Where runs are told apart by dashes, the loss on the plane has the run's dash and a hairline.
    dotted, thin = ((), 0.7) if theme.dashes else ((1.0, 2.0), 1.1)
    solid = [
        Trace(run.at, run.losses, style.colour, style.dash, 1.7, style.marker, ghost=True, run=style.run)
        for run, style in zip(scene.recording.trajectories, scene.styles, strict=True)
    ]
    shadows = [
        Trace(
            run.at,
            more.slice_losses,
            style.colour,
            style.dash if theme.dashes else dotted,
            thin,
            run=style.run,
            name="on the plane",
        )
        for run, more, style in zip(scene.recording.trajectories, training.runs, scene.styles, strict=True)
    ]
    traces = solid if alone else [*solid, *shadows]
    two = not exact and place.height >= ruler.px(TWO_STOREYS)
    upper, lower = storeys(place, 0.28, ruler.px(25)) if two else (place, place)
    shown = _shown(scene, with_slice=not alone)
    scale = span(shown) if training.minimum is None else fit_scale(shown, training.minimum)
    axes = add_chart(figure, upper, scene, ruler, scale, labelled=not two)
    said = scale.titled("")
    log = f", {said}" if said else ""
    short = "loss − minimum" if scale.base else "loss"  # a log scale measures from the lowest loss
    name = short if scale.base else name
    true, other = Sample((), 1.7), Sample(dotted, thin)
    choices: list[list[str | Sample]] = [
        [f"{name}{log}", true, "at the weights", other, "on the plane"],
        [f"{short}{log}", true, "at the weights", other, "on the plane"],
        [f"{short}{log.removesuffix(' scale')}", true, "true", other, "on the plane"],
    ]
    if scale.base:
        choices.append(["loss − min.", true, "true", other, "on the plane"])
    draw_heading(axes, upper, [[f"{name}{log}"]] if alone else choices, theme, ruler)
    growing, moving = draw_traces(axes, upper, scene, ruler, scale, traces)
    if two:
        more_growing, more_moving = _draw_distances(figure, scene, lower, ruler)
        growing += more_growing
        moving += more_moving
    return growing, moving


def _shown(scene: Scene, *, with_slice: bool) -> NDArray[np.float64]:
    """Return the losses that the axis must cover: those met in the view; a run that leaves runs off it."""
    found, everything = [], []
    for run, more in zip(scene.runs, scene.training.runs, strict=True):
        true = run.trajectory.losses
        for losses in (true, more.slice_losses) if with_slice else (true,):
            found.append(losses[run.inside])
            everything.append(losses)
    shown = np.concatenate(found)
    return shown if np.isfinite(shown).any() else np.concatenate(everything)


def relative_distances(distances: NDArray[np.float64], moved: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return distances from the plane in percent of the farthest move from the first weights, (rows,)."""
    moved = moved[np.isfinite(moved)]
    farthest = float(moved.max()) if moved.size else 0.0
    return 100 * distances / farthest if farthest > 0 else np.zeros_like(distances)


def _draw_distances(
    figure: Figure, scene: Scene, place: Rect, ruler: Scaled
) -> tuple[list[Growing], list[Moving]]:
    shares = [relative_distances(run.distances, run.moved) for run in scene.training.runs]
    usual = [share[run.inside & np.isfinite(share)] for run, share in zip(scene.runs, shares, strict=True)]
    scale = _distance_scale(usual)
    log = ", log scale" if scale.log else ""
    axes = add_chart(figure, place, scene, ruler, scale)
    choices = [
        [f"distance from the plane, % of the run's farthest move{log}"],
        [f"off the plane, % of the farthest move{log}"],
        [f"off the plane, % of move{log[:5]}"],
    ]
    draw_heading(axes, place, choices, scene.theme, ruler, above=6)
    traces = [
        Trace(run.at, share, style.colour, style.dash, 1.4, style.marker, run=style.run)
        for run, share, style in zip(scene.recording.trajectories, shares, scene.styles, strict=True)
    ]
    return draw_traces(axes, place, scene, ruler, scale, traces)


def _distance_scale(shown: Sequence[NDArray[np.float64]]) -> LossScale:
    """Choose an axis that reaches every distance shown of every run, logarithmic where one dwarfs another's.

    Args:
        shown: The distances of each run, (rows,) each.
    """
    farthest = [float(each.max()) for each in shown if each.size and each.max() > 0]
    if farthest and max(farthest) > _APART * min(farthest):
        return span(np.concatenate(shown), log=True)
    most = max(farthest, default=0.0)
    return span(np.array([0.0, most]), log=False, low=0.0, high=max(1.08 * most, 1.0))
