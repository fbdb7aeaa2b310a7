"""The curve panel: a loss of one parameter, each run's ball on it, the tangent there and the next step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from ...surfaces.surface import Minimum
from ..canvas.axes import add_axes, points, ticks_offset
from ..canvas.headings import Sample, draw_heading
from ..canvas.marks import draw_marks
from ..canvas.parts import Growing, Moving, comet, trail
from ..canvas.pieces import frame_pieces
from ..scenes.paths import fence, in_view
from ..scenes.two_points import gradients_at
from ..style.colour_space import mix
from ..style.heights import nothing_finite
from .curve_balls import Ball, draw_balls, draw_exits, draw_steps, draw_tangents, find_leaving, until_gone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ...surfaces.surface import Box
    from ...trajectories.results.recording import Recording
    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.layout import Rect

    Array = NDArray[np.float64]

_ROOM = (0.10, 0.06)  # how far the panel goes on below and above the curve, in heights of the curve
_HIGHEST = 1e200  # heights beyond it are as good as infinite


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the panel with all runs, numbers on its axes, and a heading; returns what changes in it.

    Args:
        figure: Where to.
        scene: A recording of a target of one parameter, and its look.
        place: The plot in pixels.
        ruler: Gives the text scale.
    """
    axes, box = _add_axes(figure, scene, place, ruler)
    many = max(2, min(6, int(place.width / ruler.px(60)))), max(1, min(5, int(place.height / ruler.px(28))))
    for axis, most in zip((axes.xaxis, axes.yaxis), many, strict=True):
        axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    numbers = ScalarFormatter()
    numbers.set_powerlimits((-2, 4))  # wider numbers have no room
    axes.yaxis.set_major_formatter(numbers)
    axes.tick_params(labelsize=points(ruler.px(10)))
    name = f"x  {ticks_offset(axes.xaxis)}".strip()
    axes.set_xlabel(name, color=scene.theme.muted, size=points(ruler.px(11)), style="italic", labelpad=0)
    loss = f"loss(x)  {ticks_offset(axes.yaxis)}".strip()
    line_name, line_short = _names_of_line(scene)
    ball, line, step = Sample(marker="o"), Sample(width=2.2), Sample(marker=">")
    choices: list[list[str | Sample]] = [
        [loss, ball, "where it is", line, line_name, step, "next step"],
        [loss, ball, "place", line, line_short, step, "step"],
    ]
    runs = range(len(scene.recording.trajectories))
    draw_heading(axes, place, choices if runs else [[loss]], scene.theme, ruler)
    return _draw_all(axes, scene, box, place, runs, ruler, 1.0, told=True)


def _names_of_line(scene: Scene) -> tuple[str, str]:
    """Say what the line through a ball is, long and short: a tangent if its slope is that of the loss."""
    if scene.recording.recipe.noise:
        return "slope with noise", "noisy slope"
    if any(spec.clip is not None or spec.accumulate != 1 or not spec.zero_grad for spec in scene.specs):
        return "slope as handed over", "slope handed over"
    return "tangent", "tangent"


def draw_runs(
    figure: Figure, scene: Scene, place: Rect, runs: Sequence[int], ruler: Scaled
) -> tuple[list[Growing], list[Moving]]:
    """Draw a small panel with some of the runs, without numbers or words in it or around it.

    Args:
        figure: Where to.
        scene: A recording of a target of one parameter, and its look.
        place: The plot in pixels.
        runs: The numbers of the runs to draw.
        ruler: Gives the text scale.
    """
    axes, box = _add_axes(figure, scene, place, ruler)
    axes.set_xticks([])
    axes.set_yticks([])
    return _draw_all(axes, scene, box, place, runs, ruler, 0.85, told=False)


def panel_box(recording: Recording) -> Box:
    """Return what the panel shows: the view along the parameter, and along the loss the curve in it."""
    low, high = losses(recording)
    rise = (high - low) or 1.0
    below, above = _ROOM
    return recording.view[0], (low - below * rise, high + above * rise)


def losses(recording: Recording) -> tuple[float, float]:
    """Return the least and the largest loss on the curve in the view.

    Raises:
        DescentError: None is finite.
    """
    _, heights = _curve(recording)
    shown = heights[np.abs(heights) < _HIGHEST]
    if not shown.size:
        raise nothing_finite()
    return float(shown.min()), float(shown.max())


def _curve(recording: Recording) -> tuple[Array, Array]:
    """Return the curve's parameters and losses, (n,) each, the known minima among them."""
    field = recording.field
    lowest = [minimum for minimum in recording.minima if field.x[0] <= minimum.point[0] <= field.x[-1]]
    x = np.concatenate([field.x, [minimum.point[0] for minimum in lowest]])
    heights = np.concatenate([field.z[0], [minimum.value for minimum in lowest]])
    order = np.argsort(x, kind="stable")
    return x[order], heights[order]


def _add_axes(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[Axes, Box]:
    """Add axes with the curve over its faint ground."""
    theme, box = scene.theme, panel_box(scene.recording)
    axes = add_axes(figure, place, scene, ruler)
    axes.set_xlim(*box[0])
    axes.set_ylim(*box[1])
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    x, heights = _curve(scene.recording)
    heights = np.where(np.abs(heights) < _HIGHEST, heights, np.nan)
    axes.fill_between(x, heights, box[1][0], color=theme.heights[1], linewidth=0, zorder=0.5)
    axes.plot(
        x,
        heights,
        color=mix(theme.muted, theme.background, 0.15),
        linewidth=points(ruler.px(1.8)),
        solid_joinstyle="round",
        zorder=3,
    )
    return axes, box


def _draw_all(
    axes: Axes,
    scene: Scene,
    box: Box,
    place: Rect,
    runs: Sequence[int],
    ruler: Scaled,
    share: float,
    *,
    told: bool,
) -> tuple[list[Growing], list[Moving]]:
    """Draw what changes.

    ``share`` is how large marks and lines are, 1 for a large panel; ``told`` is whether words say where runs
    left, which the captions of small panels say.
    """
    theme, recording = scene.theme, scene.recording
    if not runs:
        return [], _draw_marks(axes, scene, box, ruler, share)
    chosen = [scene.runs[run] for run in runs]
    styles = [run.style for run in chosen]
    paths = [run.trajectory for run in chosen]
    balls = [
        Ball(np.column_stack([run.points[:, 0], run.losses]), gradients_at(run)[:, 0], style)
        for run, style in zip(paths, styles, strict=True)
    ]
    kept = [until_gone(run, ball) for run, ball in zip(chosen, balls, strict=True)]
    curve = np.column_stack(_curve(recording))
    (x0, x1), (y0, y1) = box
    per_unit = (points(place.width) / (x1 - x0), points(place.height) / (y1 - y0))
    width, dot = points(ruler.px(1.1 * share)), points(ruler.px(4.0 * share))
    heads = [in_view(ball.path, box) for ball in balls]
    pieces = frame_pieces(kept, scene.timing.rows, fence(box), per_unit, dot, scene.timing.shares, heads)
    # Where runs have been is quieter than what they do next.
    faded, lately = (
        [replace(style, colour=mix(style.colour, theme.heights[1], quiet)) for style in styles]
        for quiet in (0.55, 0.30)
    )
    old = [style.colour for style in faded]
    growing = [trail(axes, pieces, styles, old, width, dot)]
    unit = points(ruler.px(share))
    moving = [
        comet(axes, pieces, lately, old, (width, 1.5 * unit)),
        *_draw_marks(axes, scene, box, ruler, share),
        draw_steps(axes, scene, balls, box, per_unit, unit),
        draw_tangents(axes, scene, balls, box, per_unit, unit),
        draw_balls(axes, scene, balls, box, per_unit, unit),
        *draw_exits(axes, scene, find_leaving(chosen, balls), curve, place, ruler, told=told),
    ]
    return growing, moving


def _draw_marks(axes: Axes, scene: Scene, box: Box, ruler: Scaled, share: float) -> list[Moving]:
    """Draw the known minima and the start on the curve."""
    recording = scene.recording
    minima = [Minimum((each.point[0], each.value), each.value) for each in recording.minima]
    begin = [(float(run.points[0, 0]), float(run.losses[0])) for run in recording.trajectories[:1]]
    return draw_marks(axes, scene, ruler, box, minima, begin[0] if begin else None, share)
