"""The picture of a sweep: the loss that each learning rate leads to, a curve an optimizer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.path import Path
from matplotlib.text import Text

from ..trajectories.labels import label
from ..trajectories.specs import OptimizerSpec
from .axes import add_axes, fit, fit_or_cut, points
from .heights import power_of_ten, scale
from .layout import Rect, Ruler, text_scale
from .legend import draw_sample
from .loss import fit_scale, set_loss_ticks
from .page import add_page, draw_fine_print, draw_header, title_of
from .panel import draw_panel
from .parts import MOVING_ZORDER, Growing, Moving, announcement, appear, still_there
from .pens import Lines, Mark, Marks, Stroke

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..trajectories.sweep_data import Sweep
    from .loss import LossScale
    from .scene import SweepScene


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
    sweep, ruler = scene.sweep, Ruler(text_scale(scene.size))
    places = _arrange(scene, ruler)
    axis = _scale(sweep)
    axes = add_axes(figure, places.losses, scene, ruler)
    _dress_rates(axes, sweep, scene, ruler)
    axes.set_ylim(axis.low, axis.high)
    set_loss_ticks(axes, axis)
    axes.set_title(
        axis.label,
        loc="left",
        color=scene.theme.muted,
        size=points(ruler.px(11)),
        pad=points(ruler.px(6)),
    )
    _shade_divergence(axes, scene)
    _draw_bound(axes, sweep, scene, ruler)
    moving = _draw_spread(axes, scene, axis)
    moving += _draw_curves(axes, scene, axis, ruler)
    moving += _ring_best(axes, scene, axis, ruler)
    if places.steps is not None:
        below = add_axes(figure, places.steps, scene, ruler)
        _dress_rates(below, sweep, scene, ruler)
        moving.append(_draw_steps(below, scene, ruler))
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


def _scale(sweep: Sweep) -> LossScale:
    """Choose the axis so that it covers the start, and where every run ends that stays finite and in view."""
    base = sweep.minima[0].value if sweep.minima else 0.0
    shown = np.concatenate([sweep.final[sweep.usable], sweep.losses[:, 0, 0]])
    return fit_scale(shown[np.isfinite(shown)], base)


def _dress_rates(axes: Axes, sweep: Sweep, scene: SweepScene, ruler: Ruler) -> None:
    low, high = math.log10(sweep.rates[0]), math.log10(sweep.rates[-1])
    pad = 0.03 * (high - low) or 0.5
    axes.set_xlim(low - pad, high + pad)
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if last - first >= 1:
        exponents = range(first, last + 1, max(1, math.ceil((last - first) / 7)))
        axes.set_xticks(list(exponents), [power_of_ten(k) for k in exponents])
        fine = [k + math.log10(m) for k in range(first - 1, last + 1) for m in range(2, 10)]
        axes.set_xticks([x for x in fine if low - pad <= x <= high + pad], minor=True)
    else:  # less than a power of ten: label some of the rates themselves
        chosen = sweep.rates[:: max(1, math.ceil(len(sweep.rates) / 6))]
        axes.set_xticks(np.log10(chosen).tolist(), [f"{rate:.3g}" for rate in chosen])
    axes.tick_params(which="minor", color=scene.theme.frame, length=points(ruler.px(2)))
    axes.grid(color=scene.theme.frame, alpha=0.3, linewidth=points(ruler.px(0.7)))
    axes.set_axisbelow(True)
    small = points(ruler.px(11.5))
    axes.set_xlabel("learning rate", color=scene.theme.muted, size=small, labelpad=points(ruler.px(3)))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _edges(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the borders between neighbouring rates on the axis, (R + 1,), the outermost far out."""
    x = np.log10(rates)
    return np.concatenate([[-1e3], (x[:-1] + x[1:]) / 2, [1e3]])


def _shade_divergence(axes: Axes, scene: SweepScene) -> None:
    """Shade, for each optimizer, the rates whose runs did not stay finite and inside the view."""
    edges = _edges(scene.sweep.rates)
    for usable, style in zip(scene.sweep.usable, scene.styles, strict=True):
        for k in np.flatnonzero(~usable):
            axes.axvspan(edges[k], edges[k + 1], color=style.colour, alpha=0.10, linewidth=0, zorder=0)


def _draw_bound(axes: Axes, sweep: Sweep, scene: SweepScene, ruler: Ruler) -> None:
    bound = sweep.stability_bound
    if bound is None or not sweep.rates[0] <= bound <= sweep.rates[-1]:
        return
    x = math.log10(bound)
    axes.axvline(x, color=scene.theme.text, linewidth=points(ruler.px(1.2)), linestyle=(0, (5, 3)), zorder=3)
    low, high = axes.get_xlim()
    axes.text(
        x,
        1.02,
        f"SGD is stable below 2/$\\lambda_{{max}}$ = {bound:.3g}",
        transform=axes.get_xaxis_transform(),
        ha="right" if x > low + 0.6 * (high - low) else "center",
        va="bottom",
        color=scene.theme.text,
        size=points(ruler.px(10.5)),
    )


def _curves(scene: SweepScene, axis: LossScale, step: int) -> list[NDArray[np.float64]]:
    """Return each optimizer's curve at a step, (R, 2), on the axes; NaN where the loss is not finite."""
    x = np.log10(scene.sweep.rates)
    return [np.column_stack([x, axis.place(losses[:, step])]) for losses in scene.sweep.losses]


def _path(curve: NDArray[np.float64]) -> Path:
    """Join the finite points of a curve, leaving gaps where there are none."""
    finite = np.asarray(np.isfinite(curve).all(axis=1))
    begins = finite & ~np.concatenate([[False], finite[:-1]])
    codes = np.where(begins, Path.MOVETO, Path.LINETO)[finite]
    return Path(curve[finite], codes) if finite.any() else Path(np.empty((0, 2)))


def _draw_curves(axes: Axes, scene: SweepScene, axis: LossScale, ruler: Ruler) -> list[Moving]:
    sweep, theme = scene.sweep, scene.theme
    lines = Lines(axes, MOVING_ZORDER)
    dots = max(3.0, 7.0 - 0.06 * len(sweep.rates))
    marks = Marks(
        axes,
        MOVING_ZORDER + 0.1,
        [
            Mark(style.marker, points(ruler.px(dots)), style.colour, theme.background, points(ruler.px(0.7)))
            for style in scene.styles
            for _ in sweep.rates
        ],
        clip=False,
    )
    width = points(ruler.px(1.7))

    def update(frame: int) -> None:
        curves = _curves(scene, axis, int(scene.timing.steps[frame]))
        lines.strokes = [
            Stroke(_path(curve), style.colour, width, style.dash)
            for curve, style in zip(curves, scene.styles, strict=True)
        ]
        # A loss above the panel, or no longer finite, rests on its upper edge.
        spots = np.concatenate(curves)
        spots[:, 1] = np.clip(np.where(np.isfinite(spots[:, 1]), spots[:, 1], axis.high), axis.low, axis.high)
        marks.places = spots

    return [Moving(lines, update), Moving(marks, still_there)]


def _draw_spread(axes: Axes, scene: SweepScene, axis: LossScale) -> list[Moving]:
    """Draw the band between the quartiles over the seeds."""
    spread = scene.sweep.spread
    if spread is None:
        return []
    x = np.log10(scene.sweep.rates)
    bands = []
    for optimizer, style in enumerate(scene.styles):
        band = PolyCollection(
            [], facecolors=style.colour, alpha=0.18, linewidths=0, zorder=MOVING_ZORDER - 0.1
        )
        axes.add_collection(band, autolim=False)

        def update(frame: int, band: PolyCollection = band, optimizer: int = optimizer) -> None:
            low, high = axis.place(spread[:, optimizer, :, int(scene.timing.steps[frame])])
            good = np.isfinite(low) & np.isfinite(high)
            outline = np.concatenate(
                [np.column_stack([x, low])[good], np.column_stack([x, high])[good][::-1]]
            )
            band.set_verts([outline] if good.any() else [])

        bands.append(Moving(band, update))
    return bands


def _ring_best(axes: Axes, scene: SweepScene, axis: LossScale, ruler: Ruler) -> list[Moving]:
    """Ring each optimizer's best rate, at the last step."""
    curves = _curves(scene, axis, scene.sweep.steps)
    found = [
        (curve[best], style)
        for curve, best, style in zip(curves, scene.sweep.best, scene.styles, strict=True)
        if best is not None
    ]
    if not found:
        return []
    width = points(ruler.px(1.8))
    rings = Marks(
        axes,
        MOVING_ZORDER + 0.2,
        [Mark("o", points(ruler.px(15)), None, style.colour, width) for _, style in found],
        clip=False,
    )
    rings.places = np.clip([place for place, _ in found], (-np.inf, axis.low), (np.inf, axis.high))
    return [Moving(rings, appear(rings, scene.sweep.steps, scene))]


def _draw_steps(axes: Axes, scene: SweepScene, ruler: Ruler) -> Moving:
    """Draw the step at which each run came near a minimum, as that happens."""
    sweep, theme = scene.sweep, scene.theme
    axes.set_ylim(0, sweep.steps)
    axes.set_title(
        f"steps until within {sweep.tolerance:g} of a minimum (none: not reached)",
        loc="left",
        color=theme.muted,
        size=points(ruler.px(11)),
        pad=points(ruler.px(6)),
    )
    x = np.tile(np.log10(sweep.rates), len(sweep.specs))
    reached = sweep.steps_to_minimum.ravel().astype(float)
    marks = Marks(
        axes,
        MOVING_ZORDER,
        [
            Mark(style.marker, points(ruler.px(6.5)), style.colour, theme.background, points(ruler.px(0.7)))
            for style in scene.styles
            for _ in sweep.rates
        ],
        clip=False,
    )
    places = np.column_stack([x, reached])

    def update(frame: int) -> None:
        there = (reached >= 0) & (reached <= scene.timing.steps[frame])
        marks.places = np.where(there[:, None], places, np.nan)

    return Moving(marks, update)


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
    lowest = sweep.minima[0].value if sweep.minima else None
    runs = [(optimizer, best) for optimizer, best in enumerate(sweep.best) if best is not None]
    return draw_panel(figure, scene, place, runs, scale(sweep.field, lowest, scene.heights), ruler)


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
            fit(line, place.right - x)
            growing.append(announcement(line, sweep.steps, scene))
    return growing


def result(sweep: Sweep, optimizer: int) -> tuple[str, str]:
    """Say in two lines which rate was best and how wide the range of good ones is."""
    best, good, decades = sweep.best[optimizer], sweep.good_ranges[optimizer], sweep.good_decades[optimizer]
    if best is None:
        return "no rate stayed finite and in view", ""
    first = f"best lr {sweep.rates[best]:.3g}: loss {sweep.final[optimizer, best]:.3g}"
    if good is None or decades is None:
        return first, "no rate lowered the loss"
    low, high = sweep.rates[good[0]], sweep.rates[good[1]]
    return first, f"good from {low:.2g} to {high:.2g}, {decades:.1f} decades"


def fine_print(sweep: Sweep) -> str:
    """Say in one line what the reader must know to trust the picture."""
    parts = [
        f"{sweep.steps} steps each from ({sweep.start[0]:g}, {sweep.start[1]:g})",
        "shaded: did not stay finite and in view",
        "ring: lowest final loss of the others",
    ]
    if sweep.usable.all():
        del parts[1]
    if sweep.noise:
        seeds = f"{len(sweep.seeds)} seeds: median and quartiles" if len(sweep.seeds) > 1 else "1 seed"
        parts.append(f"gradient noise {sweep.noise:g}, {seeds}")
    torch = dict(sweep.versions).get("torch")
    parts.append(f"torch.optim {torch}" if torch else "torch.optim")
    parts.append(f"{sweep.dtype} on {sweep.device}")
    return "  ·  ".join(parts)
