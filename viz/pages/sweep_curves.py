"""The panels of a sweep: loss and steps against learning rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.path import Path

from ...trajectories.results.sweep import Sweep
from ..canvas.axes import fit, points
from ..canvas.parts import MOVING_ZORDER, Moving, appear
from ..canvas.pens import Lines, Mark, Marks, Stroke
from ..charts.scales import fit_scale, set_loss_ticks, tame
from ..style.heights import power_of_ten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ...trajectories.results.abstract_sweep import AbstractSweep
    from ...trajectories.results.network_sweep import NetworkSweep
    from ..charts.scales import LossScale
    from ..scenes.scene import SweepScene
    from ..style.layout import Ruler


_FAR = 10.0  # times the loss at the start: what ends higher rests on the upper edge
_BAR = 8.0  # pixels from one bar of good rates to the next


def choose_axis(sweep: AbstractSweep) -> LossScale:
    """Choose the axis so that it covers the start, and where every run ends that stays finite and in view."""
    base = sweep.minima[0].value if isinstance(sweep, Sweep) and sweep.minima else 0.0
    base = base if isinstance(sweep, Sweep) or sweep.minimum is None else sweep.minimum
    shown = np.concatenate([_ends(sweep, sweep.losses), sweep.losses[:, 0, 0]])
    return fit_scale(shown[np.isfinite(shown)], base)


def choose_held_axis(sweep: NetworkSweep) -> LossScale:
    """Choose the axis of the validation losses in the same way."""
    shown = np.concatenate([_ends(sweep, sweep.held), sweep.held[:, 0, 0]])
    return fit_scale(shown[np.isfinite(shown)], 0.0)


def _ends(sweep: AbstractSweep, losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where usable runs end; of a network, which no view bounds, but those far above the start."""
    ends = losses[:, :, -1][sweep.usable]
    return ends if isinstance(sweep, Sweep) else tame([ends], [losses[:, 0, 0]], _FAR)


def dress_rates(axes: Axes, sweep: AbstractSweep, scene: SweepScene, ruler: Ruler) -> None:
    """Label the horizontal axis with rates: powers of ten, or some of the rates where they span less."""
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


def bar_lost(axes: Axes, scene: SweepScene, ruler: Ruler) -> None:
    """Draw at the top a bar, a row an optimizer, over the rates whose runs were lost."""
    edges, height = _edges(scene.sweep.rates), axes.get_window_extent().height
    pitch = min(ruler.px(_BAR), 0.3 * height / len(scene.styles)) / height
    lost = [(~usable, style) for usable, style in zip(scene.sweep.usable, scene.styles, strict=True)]
    for row, (gone, style) in enumerate((gone, style) for gone, style in lost if gone.any()):
        top = 1 - pitch * (row + 0.7)  # the marks of runs that were lost rest on the very edge
        for k in np.flatnonzero(gone):
            axes.axvspan(
                edges[k],
                edges[k + 1],
                top - 0.55 * pitch,
                top,
                color=style.colour,
                alpha=0.4,
                lw=0,
                zorder=0.5,
            )


def draw_bound(axes: Axes, sweep: AbstractSweep, scene: SweepScene, ruler: Ruler) -> None:
    """Draw the rate above which plain SGD diverges, where it is known and among the rates."""
    bound = sweep.stability_bound
    if bound is None or not sweep.rates[0] <= bound <= sweep.rates[-1]:
        return
    x = math.log10(bound)
    axes.axvline(x, color=scene.theme.text, linewidth=points(ruler.px(1.2)), linestyle=(0, (5, 3)), zorder=3)
    low, high = axes.get_xlim()
    words = axes.text(
        x,
        1.02,
        f"SGD is stable below 2/$\\lambda_{{max}}$ = {bound:.3g}",
        transform=axes.get_xaxis_transform(),
        ha="right" if x > low + 0.6 * (high - low) else "center",
        va="bottom",
        color=scene.theme.text,
        size=points(ruler.px(10.5)),
    )
    plot, heading = axes.get_window_extent(), axes.text(0, 0, axes.get_title(loc="left"))
    heading.set_fontsize(points(ruler.px(11)))
    taken = plot.x0 + heading.get_window_extent().width + ruler.px(8)
    heading.remove()
    if words.get_window_extent().x0 >= taken:
        return
    line = plot.x0 + (x - low) / (high - low) * plot.width  # the words begin or end at it, or stand across it
    for shorter in (words.get_text(), f"SGD is stable below {bound:.3g}", f"stable below {bound:.3g}"):
        words.set_text(shorter)
        if max(taken, line - words.get_window_extent().width) + words.get_window_extent().width <= plot.x1:
            break
    left = max(taken, line - words.get_window_extent().width)
    words.set(x=low + (left - plot.x0) / plot.width * (high - low), ha="left")


def _curves(
    scene: SweepScene, losses: NDArray[np.float64], axis: LossScale, step: int
) -> list[NDArray[np.float64]]:
    """Return each optimizer's curve at a step, (R, 2), on the axes; NaN where the loss is not finite."""
    x = np.log10(scene.sweep.rates)
    return [np.column_stack([x, axis.place(each[:, step])]) for each in losses]


def _path(curve: NDArray[np.float64], usable: NDArray[np.bool_]) -> Path:
    """Join the finite points of a curve whose runs stay in view, leaving gaps where there are none."""
    finite = np.asarray(np.isfinite(curve).all(axis=1)) & usable
    begins = finite & ~np.concatenate([[False], finite[:-1]])
    codes = np.where(begins, Path.MOVETO, Path.LINETO)[finite]
    return Path(curve[finite], codes) if finite.any() else Path(np.empty((0, 2)))


def _dots(axes: Axes, count: int, ruler: Ruler) -> tuple[float, float]:
    """Return the size of a rate's dot and the width of its bright edge, in layout pixels.

    Dots that stand close together have no edge: it would paint over those before, and over the line.
    """
    apart = axes.get_window_extent().width / ruler.px(1) / max(1, count - 1)
    dots = max(3.0, 7.0 - 0.06 * count)
    return (dots, 0.7) if apart >= 2 * dots else (max(1.7, min(dots, 2 * apart)), 0.0)


def draw_curves(
    axes: Axes, scene: SweepScene, losses: NDArray[np.float64], axis: LossScale, ruler: Ruler
) -> list[Moving]:
    """Draw the loss of each rate, (O, R, rows), at the step shown, a line and a mark for each optimizer."""
    sweep, theme = scene.sweep, scene.theme
    lines = Lines(axes, MOVING_ZORDER)
    dots, edge = _dots(axes, len(sweep.rates), ruler)
    marks = Marks(
        axes,
        MOVING_ZORDER + 0.1,
        [
            Mark(style.marker, points(ruler.px(dots)), style.colour, theme.background, points(ruler.px(edge)))
            for style in scene.styles
            for _ in sweep.rates
        ],
        clip=False,
    )
    width = points(ruler.px(1.7))

    def draw_lines(frame: int) -> None:
        curves = _curves(scene, losses, axis, int(scene.timing.steps[frame]))
        for curve in curves:  # what is lower rests on the edge: below it are the bars of good rates
            curve[:, 1] = np.where(curve[:, 1] < axis.low, axis.low, curve[:, 1])
        lines.strokes = [
            Stroke(_path(curve, usable), style.colour, width, style.dash)
            for curve, usable, style in zip(curves, sweep.usable, scene.styles, strict=True)
        ]

    def place_marks(frame: int) -> None:
        # A loss above the panel, or no longer finite, rests on its upper edge.
        spots = np.concatenate(_curves(scene, losses, axis, int(scene.timing.steps[frame])))
        spots[:, 1] = np.clip(np.where(np.isfinite(spots[:, 1]), spots[:, 1], axis.high), axis.low, axis.high)
        marks.places = spots

    return [Moving(lines, draw_lines), Moving(marks, place_marks)]


def draw_spread(axes: Axes, scene: SweepScene, axis: LossScale) -> list[Moving]:
    """Draw the band between the quartiles over the seeds."""
    spread = scene.sweep.spread if isinstance(scene.sweep, Sweep) else None
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


def ring_best(
    axes: Axes, scene: SweepScene, losses: NDArray[np.float64], axis: LossScale, ruler: Ruler
) -> list[Moving]:
    """Ring each optimizer's best rate, at the last step, where losses (O, R, rows) are drawn."""
    curves = _curves(scene, losses, axis, scene.sweep.length)
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
    return [Moving(rings, appear(rings, scene.sweep.length, scene))]


def make_room(axes: Axes, scene: SweepScene, axis: LossScale, ruler: Ruler) -> None:
    """Set the limits of the losses, with room below for the bars of the good rates."""
    room = ruler.px(_BAR * (len(scene.sweep.specs) + 1.2)) if any(scene.sweep.good_ranges) else 0.0
    height = axes.get_window_extent().height
    share = min(room / height, 0.4)
    axes.set_ylim(axis.low - share / (1 - share) * (axis.high - axis.low), axis.high)


def bar_good(axes: Axes, scene: SweepScene, ruler: Ruler) -> list[Moving]:
    """Draw below the curves, at the last step, a bar over each optimizer's good rates; one rate is a dot."""
    sweep, x = scene.sweep, np.log10(scene.sweep.rates)
    plot, (left, right), (low, high) = axes.get_window_extent(), axes.get_xlim(), axes.get_ylim()
    pitch = ruler.px(_BAR) / plot.height * (high - low)
    hair = 0.5 / plot.width * (right - left)  # a line without any length is not drawn
    bars = Lines(axes, MOVING_ZORDER)
    for number, (good, style) in enumerate(zip(sweep.good_ranges, scene.styles, strict=True)):
        if good is not None:
            y = low + pitch * (len(sweep.specs) - number)
            path = Path([(x[good[0]] - hair, y), (x[good[1]] + hair, y)])
            bars.strokes = [*bars.strokes, Stroke(path, style.colour, points(ruler.px(3.5)))]
    if not bars.strokes:
        return []
    floor = low + pitch * (len(sweep.specs) + 1.2)  # bars are no losses: a line parts them from those
    axes.axhline(floor, color=scene.theme.frame, linewidth=points(ruler.px(0.8)), zorder=0.6)
    free = min(x[good[0]] for good in sweep.good_ranges if good is not None) - left > 0.25 * (right - left)
    words = axes.text(
        0.005 if free else 0.995,
        (low + floor) / 2,
        "good rates",
        transform=axes.get_yaxis_transform(),
        ha="left" if free else "right",
        va="center",
        color=scene.theme.muted,
        size=points(ruler.px(10)),
    )
    return [Moving(artist, appear(artist, sweep.length, scene)) for artist in (words, bars)]


def draw_steps(axes: Axes, scene: SweepScene, ruler: Ruler) -> Moving:
    """Draw the step at which each run came near a minimum, as that happens."""
    sweep, theme = scene.on_surface, scene.theme
    axes.set_ylim(0, sweep.steps)
    near = f"first step within {sweep.tolerance:g} of a minimum"
    for words in (f"{near} (none: not reached)", near, near.removesuffix(" of a minimum")):
        title = axes.set_title(
            words, loc="left", color=theme.muted, size=points(ruler.px(11)), pad=points(ruler.px(6))
        )
        if fit(title, axes.get_window_extent().width):
            break
    x = np.tile(np.log10(sweep.rates), len(sweep.specs))
    reached = sweep.steps_to_minimum.ravel().astype(float)
    dots, edge = _dots(axes, len(sweep.rates), ruler)
    dots = min(dots, 6.5)
    marks = Marks(
        axes,
        MOVING_ZORDER,
        [
            Mark(style.marker, points(ruler.px(dots)), style.colour, theme.background, points(ruler.px(edge)))
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


def draw_held(axes: Axes, scene: SweepScene, sweep: NetworkSweep, ruler: Ruler) -> list[Moving]:
    """Draw the validation loss of each rate, and rings where the best ones by training loss are."""
    axis = choose_held_axis(sweep)
    axes.set_ylim(axis.low, axis.high)
    set_loss_ticks(axes, axis)
    title = axes.set_title(
        axis.titled("validation loss"),
        loc="left",
        color=scene.theme.muted,
        size=points(ruler.px(11)),
        pad=points(ruler.px(6)),
    )
    fit(title, axes.get_window_extent().width)
    moving = draw_curves(axes, scene, sweep.held, axis, ruler)
    return moving + ring_best(axes, scene, sweep.held, axis, ruler)
