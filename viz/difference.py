"""The picture of a difference: two paths on the landscape, and how far apart they are at every step."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from ..surfaces.messages import DescentError
from ..surfaces.surface import inside
from ..trajectories.deviation import deviations
from ..trajectories.difference_report import headline, verdict
from ..trajectories.labels import label
from ..trajectories.specs import OptimizerSpec
from .animation import Still
from .axes import add_axes, fit, points
from .contour import draw_bar, draw_heights, draw_marks
from .heights import power_of_ten, scale
from .layout import Rect, Ruler, text_scale
from .page import add_page, draw_fine_print, draw_header, join_notes, title_of
from .scene import AbstractScene
from .wishes import Wishes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..trajectories.difference import Difference, First
    from ..trajectories.recording import Recording
    from ..trajectories.trajectory import Trajectory
    from .parts import Growing, Moving
    from .themes import Theme

_EXPECTED, _FOUND = "#2f6fb3", "#c2410c"  # told apart by lightness and width as well
_LINES = (("points", "-"), ("losses", "--"), ("gradients", ":"))
_FLOOR = 1e-17  # shares below it are drawn at the lower edge: they are no difference


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DifferenceScene(AbstractScene):
    """Two recordings, and where one run of them differs first."""

    expected: Recording
    found: Recording
    difference: Difference
    place: int  # of the run in ``difference.runs``

    @property
    def drawer(self) -> str:
        """The two paths, and their distance against the step."""
        return ".difference:draw_difference"

    @property
    def recipe(self) -> dict[str, Any]:
        """The recipes of both recordings."""
        return {"expected": plain_recipe(self.expected), "found": plain_recipe(self.found)}

    @property
    def runs(self) -> tuple[Trajectory, Trajectory]:
        """The run that was expected, and the one that was found."""
        about = self.difference.runs[self.place]
        one = self.expected.trajectories[about.run]
        specs = self.found.recipe.specs
        same_place = len(specs) > about.run and specs[about.run] == about.found_spec
        return one, self.found.trajectories[about.run if same_place else specs.index(about.found_spec)]


def plain_recipe(recording: Recording) -> dict[str, Any]:
    """Return a recording's recipe as plain JSON values."""
    return asdict(recording.recipe) | {"versions": dict(recording.recipe.versions)}


def picture(
    expected: Recording,
    found: Recording,
    difference: Difference,
    *,
    theme: str | Theme = "light",
    size: str | tuple[int, int] = "medium",
) -> Still:
    """Make a still of the run that differs first, or of the first run where none does.

    Raises:
        DescentError: The recordings have no run in common.
    """
    if not difference.runs:
        raise DescentError("the two recordings have no run in common, so there is nothing to draw")
    worst = difference.worst
    place = 0 if worst is None else difference.runs.index(worst)
    look = Wishes(theme=theme, size=size).look(1)
    scene = DifferenceScene(expected=expected, found=found, difference=difference, place=place, **look)
    return Still(scene)


def draw_difference(figure: Figure, scene: DifferenceScene) -> tuple[list[Growing], list[Moving]]:
    """Draw the whole picture; nothing in it moves."""
    ruler = Ruler(text_scale(scene.size))
    width, height = scene.size
    page = add_page(figure, scene)
    pad, footer, header = ruler.px(18), ruler.px(44), ruler.px(92)
    side = min(height - footer - header, 0.50 * width)
    left = ruler.px(52)
    contour = Rect(left, footer + ruler.px(14), side, height - footer - header - ruler.px(14))
    bar = Rect(contour.right + ruler.px(8), contour.y, ruler.px(11), contour.height)
    first_x = bar.right + ruler.px(112)
    panel = Rect(first_x, contour.y, width - first_x - pad, contour.height - ruler.px(56))
    _draw_paths(figure, scene, contour, bar, ruler)
    _draw_shares(figure, scene, panel, ruler)
    _draw_legend(page, scene, Rect(panel.x, panel.top, panel.width, ruler.px(56)), ruler)
    _draw_words(page, scene, Rect(pad, height - header, width - 2 * pad, header - ruler.px(10)), ruler)
    draw_fine_print(page, fine_print(scene), scene, ruler)
    return [], []


def _draw_paths(
    figure: Figure, scene: DifferenceScene, place: Rect, bar: Rect, ruler: Ruler
) -> None:
    recording = scene.found
    axes = add_axes(figure, place, scene, ruler)
    (x0, x1), (y0, y1) = recording.view
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    lowest = recording.minima[0].value if recording.minima else None
    if np.ptp(recording.field.z) > 0 or not np.isfinite(recording.field.z).all():
        heights = scale(recording.field, lowest, scene.heights)
        draw_heights(axes, recording.field, heights, scene, ruler)
        draw_bar(figure, bar, heights, scene, ruler)
    draw_marks(axes, scene, ruler, recording.view, recording.minima, recording.recipe.start)
    expected, found = scene.runs
    line = points(ruler.px(1.0))
    axes.plot(*_shown(expected.points, recording), color=_EXPECTED, linewidth=5.0 * line, alpha=0.45, zorder=7)
    axes.plot(*_shown(found.points, recording), color=_FOUND, linewidth=1.4 * line, zorder=8)
    step = scene.difference.runs[scene.place].first
    if step is None:
        return
    for run, marker, colour, size in ((expected, "s", _EXPECTED, 12.0), (found, "X", _FOUND, 8.0)):
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
    """Return the path as (2, rows) until it is no longer finite, kept from the far outside that cannot be drawn."""
    (x0, x1), (y0, y1) = recording.view
    reach = 100 * max(x1 - x0, y1 - y0)
    finite = np.isfinite(path).all(axis=1) & (np.abs(np.where(np.isfinite(path), path, 0)) < reach).all(axis=1)
    end = len(path) if finite.all() else int(np.argmin(finite))
    return np.asarray(path[:end].T)


def _spot(run: Trajectory, first: First) -> NDArray[np.float64] | None:
    """Return the point after the first differing step, or None where it is not there or not finite."""
    row = int(np.searchsorted(run.at, first.step))
    if row >= len(run.points) or not np.isfinite(run.points[row]).all():
        return None
    return np.asarray(run.points[row])


def _draw_shares(figure: Figure, scene: DifferenceScene, place: Rect, ruler: Ruler) -> None:
    """Draw how far apart both runs are, as a share of the size so far, on a log scale."""
    theme = scene.theme
    axes = add_axes(figure, place, scene, ruler)
    expected, found = scene.runs
    last = min(expected.steps, found.steps)
    by_name = deviations(expected, found, scene.difference.tolerance, last)
    with np.errstate(divide="ignore"):
        curves = {
            name: (each.steps, np.log10(np.clip(each.share, _FLOOR, 10.0))) for name, each in by_name.items()
        }
    tops = [float(values.max()) for name, _ in _LINES if (values := curves[name][1]).size]
    low, high = np.log10(_FLOOR), max(*tops, -15.0) + 0.8
    axes.set_xlim(0, max(last, 1))
    axes.set_ylim(low, high)
    exponents = [k for k in range(-16, int(np.floor(high)) + 1) if k % 4 == 0]
    axes.set_yticks(exponents, [power_of_ten(k) for k in exponents])
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.grid(axis="y", color=theme.frame, alpha=0.35, linewidth=points(ruler.px(0.7)))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for name, dash in _LINES:
        axes.plot(*curves[name], color=theme.text, linestyle=dash, linewidth=points(ruler.px(1.5)))
    tolerance = scene.difference.tolerance.points
    if tolerance > _FLOOR:
        axes.axhline(np.log10(tolerance), color=theme.muted, linewidth=points(ruler.px(1.0)))
        _note(axes, last, np.log10(tolerance), "allowed for points", theme.muted, ruler)
    first = scene.difference.runs[scene.place].first
    if first is not None:
        axes.axvline(first.step, color=_FOUND, linewidth=points(ruler.px(1.2)))
    axes.set_xlabel("step", color=theme.muted, size=points(ruler.px(11)), labelpad=points(ruler.px(2)))
    axes.set_title(
        "difference, as a share of the size so far, log scale",
        loc="left",
        color=theme.muted,
        size=points(ruler.px(11)),
        pad=points(ruler.px(7)),
    )


def _note(axes: Axes, x: float, y: float, words: str, colour: str, ruler: Ruler) -> None:
    axes.text(x, y, words, color=colour, size=points(ruler.px(10)), ha="right", va="bottom")


def _draw_legend(page: Axes, scene: DifferenceScene, place: Rect, ruler: Ruler) -> None:
    """Say which line is which, above the panel of shares."""
    size, text = points(ruler.px(11)), scene.theme.text
    top = place.top - ruler.px(10)
    for k, (words, colour, width) in enumerate((("expected", _EXPECTED, 5.0), ("found", _FOUND, 1.4))):
        x, alpha = place.x + k * ruler.px(110), 0.45 if k == 0 else 1.0
        page.plot(
            [x, x + ruler.px(24)],
            [top, top],
            color=colour,
            linewidth=points(ruler.px(width)),
            alpha=alpha,
        )
        page.text(x + ruler.px(30), top, words, color=text, size=size, va="center")
    for k, (words, dash) in enumerate(_LINES):
        x = place.x + k * ruler.px(96)
        page.plot(
            [x, x + ruler.px(24)],
            [top - ruler.px(19)] * 2,
            color=text,
            linestyle=dash,
            linewidth=points(ruler.px(1.5)),
        )
        page.text(x + ruler.px(30), top - ruler.px(19), words, color=text, size=size, va="center")


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
        fit(line, place.width)


def fine_print(scene: DifferenceScene) -> str:
    """Say in one line what the picture needs to be trusted."""
    recipe = scene.found.recipe
    parts = ["□ expected, × found: after the first step that differs"]
    parts.append(f"tolerance {scene.difference.tolerance.name}")
    versions = [f"{name} {one} → {other}" for name, one, other in scene.difference.changes[:3]]
    parts += versions
    return join_notes(parts, recipe.versions, recipe.dtype, recipe.device)

