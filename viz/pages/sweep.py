"""The picture of a sweep: the loss that each learning rate leads to, a curve an optimizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.text import Text

from ...surfaces.surface import width_of
from ...trajectories.results.network_sweep import NetworkSweep
from ...trajectories.results.sweep import Sweep
from ...trajectories.specs.labels import labels
from ..canvas.axes import add_axes, fit, fit_or_cut, letters, points
from ..canvas.left_out import leave_out
from ..canvas.parts import Growing, Moving, announcement
from ..charts.scales import set_loss_ticks
from ..style.layout import Rect, Ruler, text_scale
from ..words.sweep_words import fine_print, result, sweep_title
from .arrangements import Legend, Panel, Picture
from .dashboard import arrange
from .legend import draw_sample
from .page import add_page, draw_fine_print, draw_header
from .small_panel import draw_panel, sweep_ground, sweep_track
from .sweep_curves import (
    bar_good,
    bar_lost,
    choose_axis,
    draw_bound,
    draw_curves,
    draw_held,
    draw_spread,
    draw_steps,
    dress_rates,
    make_room,
    ring_best,
)
from .tiles import shape_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...surfaces.surface import Box
    from ..scenes.scene import SweepScene

_ROW, _LEAST_ROW = 66.0, 36.0  # of the legend: wanted, and with its best rate only; pixels at text scale 1
_STEPS, _HELD = 0.26, 0.36  # of the height of the charts: for the lower one
_CHART = (0.9, 2.2)  # the least and the largest width of both charts together, in heights


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the parts of the picture stand."""

    header: Rect
    losses: Rect
    below: Rect | None  # steps to a minimum, or validation losses; None where neither is known
    legend: Rect
    paths: Rect | None  # the paths at the best rates; None where there are none, or no room for them
    pathless: bool  # whether there is no room for them
    untitled: bool  # whether there is none for the formula


def draw_sweep(figure: Figure, scene: SweepScene) -> tuple[list[Growing], list[Moving]]:
    """Draw loss and steps against learning rate, and return what changes as steps go by."""
    sweep, ruler = scene.sweep, Ruler(text_scale(scene.size, scene.theme))
    places = _arrange(scene, ruler)
    axis = choose_axis(sweep)
    axes = add_axes(figure, places.losses, scene, ruler)
    dress_rates(axes, sweep, scene, ruler)
    make_room(axes, scene, axis, ruler)
    set_loss_ticks(axes, axis)
    axes.set_title(
        axis.titled(sweep.loss_name) if axis.flat else axis.label.replace("loss", sweep.loss_name),
        loc="left",
        color=scene.theme.muted,
        size=points(ruler.px(11)),
        pad=points(ruler.px(6)),
    )
    bar_lost(axes, scene, ruler)
    draw_bound(axes, sweep, scene, ruler)
    moving = draw_spread(axes, scene, axis)
    moving += draw_curves(axes, scene, sweep.losses, axis, ruler)
    moving += ring_best(axes, scene, sweep.losses, axis, ruler)
    moving += bar_good(axes, scene, ruler)
    if places.below is not None:
        below = add_axes(figure, places.below, scene, ruler)
        dress_rates(below, sweep, scene, ruler)
        if isinstance(sweep, NetworkSweep):
            moving += draw_held(below, scene, sweep, ruler)
        else:
            moving.append(draw_steps(below, scene, ruler))
        axes.tick_params(labelbottom=False)
        axes.set_xlabel("")
    page = add_page(figure, scene)
    growing: list[Growing] = []
    if places.paths is not None:
        more_growing, more_moving = _draw_paths(figure, page, scene, places.paths, ruler)
        growing += more_growing
        moving += more_moving
    if places.pathless:
        leave_out(page, "the paths at the best rates")
    growing += _draw_legend(page, scene, places.legend, ruler)
    words = sweep_title(sweep), sweep.latex if isinstance(sweep, Sweep) else ""
    moving += draw_header(page, scene, ruler, places.header, words, counts=True, untitled=places.untitled)
    ends = axis.place(sweep.final[sweep.usable])
    beyond = bool((ends < axis.low).any()), bool((ends > axis.high).any())
    draw_fine_print(page, fine_print(sweep, below=beyond[0], above=beyond[1]), scene, ruler)
    return growing, moving


def _arrange(scene: SweepScene, ruler: Ruler) -> _Places:
    sweep, count = scene.sweep, len(scene.sweep.specs)
    paths = []
    if isinstance(sweep, Sweep) and sweep.points is not None and any(best is not None for best in sweep.best):
        paths = [Panel(shape_of(sweep.view), around=(0.0, 0.0, 22.0, 6.0), least=(100.0, 100.0))]
    legend = Legend(lambda room: min(room, _ROW * count), rows=(_LEAST_ROW * count, 0.75 * _ROW * count))
    found = arrange(scene.size, ruler.unit, Picture(_CHART, (62.0, 12.0, 42.0)), paths, legend, to_scale=True)
    room = found.page.contour
    known, share = isinstance(sweep, Sweep) and bool(sweep.minima), _STEPS
    if isinstance(sweep, NetworkSweep):
        known, share = sweep.has_held, _HELD
    low, gap = (share * room.height, ruler.px(34)) if known else (0.0, 0.0)
    title = ruler.px(22)  # the heading of the upper panel
    return _Places(
        found.header,
        Rect(room.x, room.y + low + gap, room.width, room.height - low - gap - title),
        Rect(room.x, room.y, room.width, low) if known else None,
        found.page.legend,
        found.panels[0] if found.panels else None,
        bool(paths) and not found.panels,
        found.untitled,
    )


def _draw_paths(
    figure: Figure, page: Axes, scene: SweepScene, place: Rect, ruler: Ruler
) -> tuple[list[Growing], list[Moving]]:
    """Draw the paths at the best rates on a small contour."""
    sweep = scene.on_surface
    room, place = place.width, _to_scale(place, sweep.view)
    words = "paths at the best rates" + (", ends of all seeds" if len(sweep.seeds) > 1 else "")
    colour, size = scene.theme.muted, points(ruler.px(11))
    heading = Text(place.x, place.top + ruler.px(6), words, color=colour, size=size)
    page.add_artist(heading)
    fit_or_cut(heading, room)
    tracks = [
        sweep_track(sweep, optimizer, best, style)
        for optimizer, (best, style) in enumerate(zip(sweep.best, scene.styles, strict=True))
        if best is not None
    ]
    return draw_panel(figure, scene, place, sweep_ground(scene), tracks, ruler)


def _to_scale(place: Rect, view: Box) -> Rect:
    """Return the part of a place that a view drawn to one scale takes, at its upper left."""
    shape, to_scale = width_of(view)
    wide = min(place.width, place.height * shape) if to_scale else place.width
    high = min(place.height, wide / shape) if to_scale else place.height
    return Rect(place.x, place.top - high, wide, high)


def _draw_legend(page: Axes, scene: SweepScene, place: Rect, ruler: Ruler) -> list[Growing]:
    """Name the optimizers, and at the end their best rates and how wide the good ranges are."""
    sweep, theme = scene.sweep, scene.theme
    growing: list[Growing] = []
    pitch = min(ruler.px(_ROW), place.height / max(len(sweep.specs), 1))
    share = max(pitch / ruler.px(_ROW), 0.75)
    lines = sum(pitch >= ruler.px(need) for need in (_LEAST_ROW, 0.75 * _ROW))
    if lines < 2:
        leave_out(page, "the good rates in the legend" if lines else "results in the legend")
    for index, style in enumerate(scene.styles):
        y = place.top - index * pitch - ruler.px(14 * share)
        x = place.x + ruler.px(34 * share)
        draw_sample(page, (place.x, y + ruler.px(4.5 * share)), style, theme, ruler.px(share))
        words = labels(sweep.specs)[index]
        name = Text(x, y, words.title, color=theme.text, size=letters(ruler.px(13.5 * share)), weight="bold")
        page.add_artist(name)
        fit_or_cut(name, place.right - x)
        start = name.get_window_extent().x1 + ruler.px(7)
        if words.details and place.right - start > ruler.px(30):
            details = Text(start, y, words.details, color=theme.muted, size=letters(ruler.px(11 * share)))
            page.add_artist(details)
            fit_or_cut(details, place.right - start)
        for row, text in enumerate(result(sweep, index)[:lines], 1):
            line = Text(
                x,
                y - ruler.px(17 * row * share),
                text,
                color=style.colour if row == 1 else theme.muted,
                size=letters(ruler.px(11 * share)),
            )
            page.add_artist(line)
            if not fit(line, place.right - x):  # how wide it is can be left out
                line.set(text=text.split(", ")[0], fontsize=letters(ruler.px(11 * share)))
                fit_or_cut(line, place.right - x)
            growing.append(announcement(line, sweep.length, scene))
    return growing
