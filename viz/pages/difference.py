"""The picture of a difference: two paths on the landscape, and how far apart they are at every step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from ...surfaces.surface import inside, width_of
from ...trajectories.regression.report import headline, verdict
from ...trajectories.specs.labels import label
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ..canvas.axes import add_axes, fit_or_cut, points
from ..canvas.left_out import leave_out
from ..canvas.marks import draw_marks
from ..contour.bands import draw_bar, draw_heights
from ..scenes.scaled import recording_heights
from ..style.layout import Ruler, text_scale
from ..words.surface_notes import join_notes
from ..words.titles import title_of
from .arrangements import Legend, Panel, Picture
from .dashboard import arrange
from .difference_panel import FAINT, draw_legend, draw_shares, pair
from .page import add_page, draw_fine_print, draw_header
from .tiles import shape_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ...trajectories.regression.difference import First
    from ...trajectories.results.recording import Recording
    from ...trajectories.results.trajectory import Trajectory
    from ..canvas.parts import Growing, Moving
    from ..scenes.difference import DifferenceScene
    from ..style.layout import Rect

_SHORT = 40  # characters that a change of the recipe may take up in the fine print
_LEGEND = (180.0, 44.0)  # width and height at which the legend can be read, in pixels at text scale 1
_HEADER = 88.0  # height of the title and the two lines below it, with the margin above


def draw_difference(figure: Figure, scene: DifferenceScene) -> tuple[list[Growing], list[Moving]]:
    """Draw the whole picture; nothing in it moves."""
    ruler = Ruler(text_scale(scene.size, scene.theme))
    page = add_page(figure, scene)
    places = arrange(
        scene.size,
        ruler.unit,
        Picture(shape_of(scene.found.view), (44.0, 66.0, 30.0)),
        [Panel((0.8, 2.6))],
        Legend(lambda room: min(room, _LEGEND[1]), (_LEGEND[0], 240.0), rows=(_LEGEND[1], _LEGEND[1])),
        to_scale=width_of(scene.found.view)[1],
        headers=(_HEADER,),
    )
    layout = places.page
    _draw_paths(figure, scene, layout.contour, layout.bar, ruler)
    for panel in places.panels:
        draw_shares(figure, scene, panel, ruler)
    if not places.panels:
        leave_out(page, "the panel of differences against steps")
    draw_legend(page, scene, layout.legend, ruler)
    header = places.header
    beside = [layout.legend.x, *(panel.x - ruler.px(44) for panel in places.panels)]
    right = min([x for x in beside if x > layout.contour.right], default=scene.size[0] - ruler.px(6))
    _draw_words(page, scene, replace(header, width=right - ruler.px(12) - header.x), ruler)
    draw_fine_print(page, fine_print(scene), scene, ruler)
    return [], []


def _draw_paths(figure: Figure, scene: DifferenceScene, place: Rect, bar: Rect, ruler: Ruler) -> None:
    recording = scene.found
    axes = add_axes(figure, place, scene, ruler)
    (x0, x1), (y0, y1) = recording.view
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    if np.ptp(recording.field.z) > 0 or not np.isfinite(recording.field.z).all():
        heights = recording_heights(recording, scene.heights)
        draw_heights(axes, recording.field, heights, scene, ruler)
        draw_bar(figure, bar, heights, scene, ruler)
    draw_marks(axes, scene, ruler, recording.view, recording.minima, recording.recipe.start)
    expected, found = scene.pair
    line, (wide, thin) = points(ruler.px(1.0)), pair(scene.theme)
    axes.plot(*_shown(expected.points, recording), color=wide, linewidth=5.0 * line, alpha=FAINT, zorder=7)
    axes.plot(*_shown(found.points, recording), color=thin, linewidth=1.4 * line, zorder=8)
    step = scene.difference.runs[scene.place].first
    if step is None:
        return
    for run, marker, colour, size in ((expected, "s", wide, 12.0), (found, "X", thin, 8.0)):
        spot = _spot(run, step)
        if spot is not None and inside((float(spot[0]), float(spot[1])), recording.view):
            axes.plot(
                [spot[0]],
                [spot[1]],
                marker=marker,
                markersize=points(ruler.px(size)),
                markerfacecolor=colour if marker == "X" else "none",
                markeredgecolor=scene.theme.background if marker == "X" else colour,
                markeredgewidth=points(ruler.px(1.0 if marker == "X" else 2.0)),
                zorder=9,
            )


def _shown(path: NDArray[np.float64], recording: Recording) -> NDArray[np.float64]:
    """Return the path as (2, rows), up to where it is not finite or farther off than can be drawn."""
    (x0, x1), (y0, y1) = recording.view
    reach = 100 * max(x1 - x0, y1 - y0)
    finite = np.isfinite(path).all(axis=1) & (np.abs(np.where(np.isfinite(path), path, 0)) < reach).all(
        axis=1
    )
    end = len(path) if finite.all() else int(np.argmin(finite))
    return np.asarray(path[:end].T)


def _spot(run: Trajectory, first: First) -> NDArray[np.float64] | None:
    """Return the point after the first differing step, or None where it is not there or not finite."""
    row = int(np.searchsorted(run.at, first.step))
    if row >= len(run.points) or not np.isfinite(run.points[row]).all():
        return None
    return np.asarray(run.points[row])


def _draw_words(page: Axes, scene: DifferenceScene, place: Rect, ruler: Ruler) -> None:
    about = scene.difference.runs[scene.place]
    words = label(OptimizerSpec.parse(about.found_spec))
    name = " ".join(filter(None, (words.title, words.rate, words.details)))
    draw_header(
        page, scene, ruler, place, (f"{name} on {title_of(scene.found.recipe.target)}", ""), counts=False
    )
    sentences = ["no difference beyond what is allowed"]
    if about.first is not None:
        sentences = [f"differs {headline(about.first)}", verdict(about)]
    for k, sentence in enumerate(sentences):
        line = Text(
            place.x,
            place.top - ruler.px(38 + 17 * k),
            sentence,
            color=scene.theme.text if k == 0 else scene.theme.muted,
            size=points(ruler.px(12)),
            parse_math=False,
        )
        page.add_artist(line)
        fit_or_cut(line, place.width)


def fine_print(scene: DifferenceScene) -> str:
    """Say in one line what the picture needs to be trusted."""
    recipe = scene.found.recipe
    parts = ["□ expected, × found: after the first step that differs"]
    parts.append(f"tolerance {scene.difference.tolerance.name}")
    words = [f"{name} {one} → {other}" for name, one, other in scene.difference.changes]
    parts += [each for each in words if len(each) <= _SHORT][:3]
    return join_notes(parts, recipe.versions, recipe.dtype, recipe.device)
