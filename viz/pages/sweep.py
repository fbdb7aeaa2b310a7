"""The picture of a sweep: the loss that each learning rate leads to, a curve an optimizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.text import Text

from ...trajectories.specs.labels import label
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ..canvas.axes import add_axes, fit, fit_or_cut, points
from ..canvas.parts import Growing, Moving, announcement
from ..charts.scales import set_loss_ticks
from ..style.layout import Rect, Ruler, text_scale
from ..words.sweep_words import fine_print, result
from ..words.titles import title_of
from .legend import draw_sample
from .page import add_page, draw_fine_print, draw_header
from .small_panel import draw_panel, sweep_ground, sweep_track
from .sweep_curves import (
    bar_good,
    bar_lost,
    choose_axis,
    draw_bound,
    draw_curves,
    draw_spread,
    draw_steps,
    dress_rates,
    make_room,
    ring_best,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...trajectories.results.sweep import Sweep
    from ..scenes.scene import SweepScene


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the parts of the picture stand."""

    header: Rect
    losses: Rect
    steps: Rect | None  # None where no minimum is known
    legend: Rect
    paths: Rect | None  # the paths at the best rates; None where there is no room for them


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
        axis.titled("loss") if axis.flat else axis.label,
        loc="left",
        color=scene.theme.muted,
        size=points(ruler.px(11)),
        pad=points(ruler.px(6)),
    )
    bar_lost(axes, scene, ruler)
    draw_bound(axes, sweep, scene, ruler)
    moving = draw_spread(axes, scene, axis)
    moving += draw_curves(axes, scene, axis, ruler)
    moving += ring_best(axes, scene, axis, ruler)
    moving += bar_good(axes, scene, ruler)
    if places.steps is not None:
        below = add_axes(figure, places.steps, scene, ruler)
        dress_rates(below, sweep, scene, ruler)
        moving.append(draw_steps(below, scene, ruler))
        axes.tick_params(labelbottom=False)
        axes.set_xlabel("")
    page = add_page(figure, scene)
    growing: list[Growing] = []
    if places.paths is not None:
        more_growing, more_moving = _draw_paths(figure, page, scene, places.paths, ruler)
        growing += more_growing
        moving += more_moving
    growing += _draw_legend(page, scene, places.legend, ruler)
    words = title_of(sweep.target), sweep.latex
    moving += draw_header(page, scene, ruler, places.header, words, counts=True)
    draw_fine_print(page, fine_print(sweep), scene, ruler)
    return growing, moving


def _arrange(scene: SweepScene, ruler: Ruler) -> _Places:
    width, height = scene.size
    pad, left, header, below, footer = map(ruler.px, (18, 62, 66, 42, 30))
    wide = width / height >= 1.2
    column = max(0.30 * width, ruler.px(200)) if wide else 0.0
    band = 0.0 if wide else min(0.4 * height, ruler.px(20 + 66 * len(scene.sweep.specs)))
    room = Rect(
        pad + left,
        footer + below + band,
        width - 3 * pad - left - column,
        height - footer - below - header - band,
    )
    known = bool(scene.sweep.minima)
    low = 0.26 * room.height if known else 0.0
    gap = ruler.px(34) if known else 0.0
    title = ruler.px(22)  # the heading of the upper panel
    losses = Rect(room.x, room.y + low + gap, room.width, room.height - low - gap - title)
    steps = Rect(room.x, room.y, room.width, low) if known else None
    top = height - pad
    legend = (
        Rect(room.right + pad, footer, width - room.right - 2 * pad, top - footer)
        if wide
        else Rect(pad, footer + ruler.px(6), width - 2 * pad, band - ruler.px(12))
    )
    header_place = Rect(room.x, room.top, room.width, top - room.top)
    paths = _room_for_paths(scene.sweep, legend, footer + below, ruler)
    return _Places(header_place, losses, steps, legend, paths)


def _room_for_paths(sweep: Sweep, legend: Rect, bottom: float, ruler: Ruler) -> Rect | None:
    """Return the place below the legend where the paths at the best rates can be drawn to one scale."""
    runs = [best for best in sweep.best if best is not None]
    (x0, x1), (y0, y1) = sweep.view
    free = legend.top - ruler.px(66 * len(sweep.specs) + 40) - bottom
    height = min(free, legend.width * (y1 - y0) / (x1 - x0))
    if sweep.points is None or not runs or height < ruler.px(110):
        return None
    return Rect(legend.x, bottom, height * (x1 - x0) / (y1 - y0), height)


def _draw_paths(
    figure: Figure, page: Axes, scene: SweepScene, place: Rect, ruler: Ruler
) -> tuple[list[Growing], list[Moving]]:
    """Draw the paths at the best rates on a small contour."""
    sweep = scene.sweep
    words = "paths at the best rates" + (", ends of all seeds" if len(sweep.seeds) > 1 else "")
    page.add_artist(
        Text(
            place.x,
            place.top + ruler.px(6),
            words,
            color=scene.theme.muted,
            size=points(ruler.px(11)),
        )
    )
    tracks = [
        sweep_track(sweep, optimizer, best, style)
        for optimizer, (best, style) in enumerate(zip(sweep.best, scene.styles, strict=True))
        if best is not None
    ]
    return draw_panel(figure, scene, place, sweep_ground(scene), tracks, ruler)


def _draw_legend(page: Axes, scene: SweepScene, place: Rect, ruler: Ruler) -> list[Growing]:
    """Name the optimizers, and at the end their best rates and how wide the good ranges are."""
    sweep, theme = scene.sweep, scene.theme
    growing: list[Growing] = []
    pitch = min(ruler.px(66), place.height / max(len(sweep.specs), 1))
    share = pitch / ruler.px(66)
    for index, style in enumerate(scene.styles):
        y = place.top - index * pitch - ruler.px(14 * share)
        x = place.x + ruler.px(34 * share)
        draw_sample(page, (place.x, y + ruler.px(4.5 * share)), style, theme, ruler.px(share))
        words = label(OptimizerSpec.parse(sweep.specs[index]))
        name = Text(x, y, words.title, color=theme.text, size=points(ruler.px(13.5 * share)), weight="bold")
        page.add_artist(name)
        if words.details:
            start = name.get_window_extent().x1 + ruler.px(7)
            details = Text(start, y, words.details, color=theme.muted, size=points(ruler.px(11 * share)))
            page.add_artist(details)
            fit_or_cut(details, place.right - start, points(ruler.px(8 * share)))
        for row, text in enumerate(result(sweep, index), 1):
            line = Text(
                x,
                y - ruler.px(17 * row * share),
                text,
                color=style.colour if row == 1 else theme.muted,
                size=points(ruler.px(11 * share)),
            )
            page.add_artist(line)
            if fit(line, place.right - x) < points(ruler.px(9 * share)):  # how wide it is can be left out
                line.set(text=text.split(", ")[0], fontsize=points(ruler.px(11 * share)))
                fit(line, place.right - x)
            growing.append(announcement(line, sweep.steps, scene))
    return growing
