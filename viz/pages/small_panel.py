"""A small panel with some runs on it, of a recording or of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from ...surfaces.catalogue import CURVE
from ...surfaces.field import Field, thinned
from ...trajectories.results.trajectory import exit_step, outside
from ..canvas.axes import add_axes, points
from ..canvas.heads import draw_heads
from ..canvas.marks import draw_marks
from ..canvas.parts import MOVING_ZORDER, Growing, Moving, appear, comet, trail
from ..canvas.pens import Mark, Marks
from ..canvas.pieces import frame_pieces
from ..contour.bands import draw_heights, every
from ..contour.domain import draw_domain
from ..scenes.panel_table import PANELS, kind_of
from ..scenes.paths import crossing, fence, in_view
from ..scenes.scaled import recording_heights, sweep_heights
from ..scenes.scene import HEIGHTS
from ..style.distinct import trail_colour
from ..style.heights import scale
from ..words.network_words import contour_names
from .tiles import shape_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ...surfaces.surface import Box, Minimum
    from ...trajectories.results.network_runs import NamedField
    from ...trajectories.results.sweep import Sweep
    from ..canvas.axes import Scaled
    from ..scenes.scene import AbstractScene, Scene, SweepScene
    from ..style.heights import Heights
    from ..style.layout import Rect
    from ..style.run_styles import RunStyle

    Drawn = tuple[list[Growing], list[Moving]]


_TINY = 240.0  # pixels: smaller panels are as fine as their field, and a strip of them stays a small file
_DENSE = 1.6  # least distance in pixels of a field's points in a small panel, where there are more


def short(value: float) -> str:
    """Write an end of a scale with two digits, and as one is used to read it up to a million.

    >>> short(893.2), short(179_000.0), short(0.1512), short(2.44e7)
    ('890', '180000', '0.15', '2.4e+07')
    """
    return f"{float(f'{value:.2g}'):g}"


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What small panels of one picture have in common: what the runs are drawn on."""

    view: Box
    field: Field
    heights: Heights | None  # the field's, scaled; None where nothing is known of them
    minima: tuple[Minimum, ...]
    start: tuple[float, float]
    name: str = "loss"  # what the heights are
    border: Box | None = None  # of the domain, where it matters

    @property
    def scaled(self) -> str:
        """Say in words for the fine print what the heights are and how they are scaled; empty without any."""
        if self.heights is None:
            return ""
        low, high = self.heights.levels[[0, -1]].tolist()
        words = self.name + self.heights.label.removeprefix("loss")
        if self.heights.log:
            return f"heights: {words}, {short(10**low)} to {short(10**high)}"
        base = self.heights.base
        return f"heights: {words}, linear scale, {short(low - base)} to {short(high - base)}"


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One run to draw in a small panel."""

    path: NDArray[np.float64]  # (n, 2), up to where it left for good
    shown: NDArray[np.float64]  # (rows, 2): where its head is; NaN where that is outside the view
    style: RunStyle
    left: tuple[int, tuple[float, float]] | None  # the step at which it was gone for good, and where it went
    ends: NDArray[np.float64] | None = None  # (seeds, 2): where runs of other seeds ended, if there are any


def shape(scene: Scene) -> tuple[float, float]:
    """Return the least and the largest width, in heights, of a recording's small panels."""
    if kind_of(scene.recording) == CURVE:
        return PANELS["curve"].shape
    return shape_of(scene.view)


def drawer(
    figure: Figure, scene: Scene, ruler: Scaled
) -> tuple[Callable[[Scene, Rect, Sequence[int], tuple[bool, bool]], Drawn], str]:
    """Return what draws some runs of a recording in a small panel, and its axes or heights in words."""
    if kind_of(scene.recording) == CURVE:
        from ..charts.curve import draw_runs, losses

        (x0, x1), (low, high) = scene.view[0], losses(scene.recording)
        said = f"x from {x0:.4g} to {x1:.4g}, loss from {low:.3g} to {high:.3g}"
        return lambda shown, place, runs, numbered: draw_runs(figure, shown, place, runs, ruler), said
    ground, tracks = ground_of(scene), tracks_of(scene)

    def draw(shown: Scene, place: Rect, runs: Sequence[int], numbered: tuple[bool, bool]) -> Drawn:
        return draw_panel(figure, shown, place, ground, [tracks[run] for run in runs], ruler, numbered)

    return draw, ground.scaled


def ground_of(scene: Scene) -> Ground:
    """Return what the runs of a recording are drawn on."""
    recording = scene.recording
    names = contour_names(scene) if recording.training is not None else None
    lowest = names.floor if names is not None else None
    known = names is None or bool(names.heights)
    return Ground(
        scene.view,
        scene.ground,
        recording_heights(recording, scene.heights, lowest, scene.ground) if known else None,
        recording.minima,
        recording.recipe.start,
        names.heights if names is not None else "loss",
        recording.border,
    )


def field_ground(scene: Scene, field: NamedField) -> Ground:
    """Return what the runs are drawn on for one of several fields, which has a scale of its own."""
    (x, y), (height, width) = (scene.recording.field.x, scene.recording.field.y), field.z.shape
    heights = Field(np.linspace(x[0], x[-1], width), np.linspace(y[0], y[-1], height), field.z)
    heights = thinned(heights, HEIGHTS)
    known = bool(np.isfinite(field.z).any())
    floor = 0.0 if known and np.nanmin(field.z) >= 0 else None
    how = scene.heights
    if how == "auto" and floor is not None and np.nanmin(field.z) == 0:
        how = "linear"  # heights that are 0, as shares are, have no logarithm
    scaled = scale(heights, floor, how) if known else None
    return Ground(scene.view, heights, scaled, (), scene.recording.recipe.start, field.name)


def tracks_of(scene: Scene) -> list[Track]:
    """Return the runs of a recording."""
    return [
        Track(run.path, run.shown, run.style, (run.exit.step, run.exit.point) if run.exit else None)
        for run in scene.runs
    ]


def sweep_ground(scene: SweepScene) -> Ground:
    """Return what the runs of a sweep are drawn on."""
    sweep = scene.on_surface
    heights = sweep_heights(sweep, scene.heights)
    return Ground(sweep.view, sweep.field, heights, sweep.minima, sweep.start, border=sweep.border)


def sweep_track(sweep: Sweep, optimizer: int, rate: int, style: RunStyle) -> Track:
    """Return one run of a sweep that kept its paths."""
    assert sweep.points is not None
    path = sweep.points[optimizer, rate]
    shown = in_view(path, sweep.view)
    step, left = exit_step(path, sweep.view), None
    if step:
        border = crossing(path, step, sweep.view)
        x, y = (path[step - 1] if border is None else border).tolist()
        left = step, (x, y)
    kept = path if step is None else path[: step + 1]
    return Track(kept, shown, style, left, sweep.ends[optimizer, rate] if len(sweep.seeds) > 1 else None)


def draw_panel(
    figure: Figure,
    scene: AbstractScene,
    place: Rect,
    ground: Ground,
    tracks: Sequence[Track],
    ruler: Scaled,
    numbered: tuple[bool, bool] = (False, False),
) -> Drawn:
    """Draw the field, the known minima, the start and some runs, and return what changes.

    Args:
        figure: Where to.
        scene: Gives the theme, and the rows that frames show.
        place: The panel's place in pixels.
        ground: What the runs are drawn on.
        tracks: The runs.
        ruler: Gives the text scale.
        numbered: Whether numbers stand below the panel, and at its left.
    """
    axes = add_axes(figure, place, scene, ruler)
    (x0, x1), (y0, y1) = ground.view
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    number_axes(axes, place, numbered, ruler)
    if ground.heights is not None:
        tiny = min(place.width, place.height) < _TINY
        draw_heights(axes, *_coarse(ground.field, ground.heights, place), scene, ruler, as_given=tiny)
    draw_domain(axes, scene, ruler, ground.view, ground.border)
    styles = [track.style for track in tracks]
    per_unit = (points(place.width) / (x1 - x0), points(place.height) / (y1 - y0))
    dot, width = points(ruler.px(3.2)), points(ruler.px(1.4))
    pieces = frame_pieces(
        [track.path for track in tracks], scene.timing.rows, fence(ground.view), per_unit, dot
    )
    faded = [trail_colour(style.colour, scene.theme) for style in styles]
    growing = [trail(axes, pieces, styles, faded, width, dot)]
    moving = [
        comet(axes, pieces, styles, faded, (width, points(ruler.px(2.6)))),
        *draw_marks(axes, scene, ruler, ground.view, ground.minima, ground.start, share=0.8),
        draw_heads(
            axes,
            scene,
            _head_marks(scene, tracks, ruler),
            [track.shown for track in tracks],
            [minimum.point for minimum in ground.minima],
            per_unit,
            ground.start,
        ),
    ]
    for track in tracks:
        if track.left is not None:
            moving.append(_cross(axes, scene, track.left, track.style, ruler))
        if track.ends is not None:
            moving.append(_cloud(axes, scene, ground, track, ruler))
    return growing, moving


def number_axes(axes: Axes, place: Rect, numbered: tuple[bool, bool], ruler: Scaled) -> None:
    """Write a few round numbers below a small panel and at its left, each where that is wished."""
    many = int(place.width / ruler.px(44)), int(place.height / ruler.px(26))
    for axis, wished, most in zip((axes.xaxis, axes.yaxis), numbered, many, strict=True):
        if wished:
            axis.set_major_locator(MaxNLocator(max(1, min(4, most)), steps=[1, 2, 2.5, 5, 10]))
        else:
            axis.set_ticks([])
    size, pad, length = (points(ruler.px(each)) for each in (10.0, 2.0, 2.5))
    axes.tick_params(labelsize=size, pad=pad, length=length)


def _coarse(field: Field, heights: Heights, place: Rect) -> tuple[Field, Heights]:
    """Leave out points of a field that are too dense to be told apart: vector files grow with them."""
    across, up = (
        round(_DENSE * len(axis) / side) for axis, side in ((field.x, place.width), (field.y, place.height))
    )
    return every(field, heights, (across, up))


def _head_marks(scene: AbstractScene, tracks: Sequence[Track], ruler: Scaled) -> list[Mark]:
    edge, size, width = scene.theme.background, points(ruler.px(8)), points(ruler.px(1))
    return [
        Mark(track.style.marker, size, track.style.colour, edge, width, track.style.run) for track in tracks
    ]


def _cross(
    axes: Axes,
    scene: AbstractScene,
    left: tuple[int, tuple[float, float]],
    style: RunStyle,
    ruler: Scaled,
) -> Moving:
    """Mark where a run left for good."""
    mark = Mark(
        "X", points(ruler.px(9)), style.colour, scene.theme.background, points(ruler.px(1)), style.run
    )
    artist = Marks(axes, MOVING_ZORDER + 0.5, [mark], clip=False)
    step, place = left
    artist.places = np.array([place])
    return Moving(artist, appear(artist, step, scene))


def _cloud(axes: Axes, scene: AbstractScene, ground: Ground, track: Track, ruler: Scaled) -> Moving:
    """Mark, at the last step, where the runs of all seeds ended."""
    assert track.ends is not None
    places = track.ends[~outside(track.ends, ground.view)]
    edge = scene.theme.background
    mark = Mark("o", points(ruler.px(4)), track.style.colour, edge, points(ruler.px(0.5)))
    artist = Marks(axes, MOVING_ZORDER + 0.3, [mark] * len(places))
    artist.places = places
    return Moving(artist, appear(artist, int(scene.timing.steps[-1]), scene))
