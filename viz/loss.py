"""The loss panel: loss against step, on a log scale where that helps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from ..trajectories.results.trajectory import outside
from .axes import add_axes, points, ticks_offset
from .contour import run_marks
from .headings import draw_heading
from .heights import power_of_ten
from .parts import MOVING_ZORDER, Growing, Moving, ghosts, mix, trail
from .paths import frame_pieces
from .pens import Marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..trajectories.results.recording import Recording
    from .axes import Scaled
    from .layout import Rect
    from .scene import Scene

_DECADES = 12  # losses below the largest shown one by more than this run off the panel


@dataclass(frozen=True, slots=True)
class LossScale:
    """How losses are placed on the panel's vertical axis."""

    log: bool
    base: float  # what is subtracted before the logarithm
    low: float  # the axis' ends, in units of `place`
    high: float
    label: str

    def place(self, losses: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map losses (...) to the axis; values beyond its ends come to lie outside, NaN stays NaN."""
        room = self.high - self.low
        values = losses
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.log10(np.maximum(losses - self.base, 0.0))
        return np.clip(values, self.low - room, self.high + room)


def choose_scale(recording: Recording) -> LossScale:
    """Choose the axis so that it covers every loss met inside the view; a run that leaves runs off it.

    It is logarithmic, in the height above the known minimum, when losses span more than two powers of ten.
    """
    losses = np.concatenate([run.losses for run in recording.trajectories])
    visible = np.concatenate([~outside(run.points, recording.view) for run in recording.trajectories])
    shown = losses[visible & np.isfinite(losses)]
    if not shown.size:
        shown = losses[np.isfinite(losses)]
    return fit_scale(shown, recording.minima[0].value if recording.minima else 0.0)


def fit_scale(shown: NDArray[np.float64], base: float) -> LossScale:
    """Choose the axis for the losses to show.

    Args:
        shown: Finite losses, any number of them.
        base: The known minimum, or 0; a log scale measures from it.
    """
    if not shown.size:
        return LossScale(False, 0.0, 0.0, 1.0, "loss")
    low, high = float(shown.min()), float(shown.max())
    rise = shown - base
    # Rounding may put a loss a hair below the known minimum; anything lower rules a log scale out.
    if rise.min() >= -1e-9 * max(abs(base), 1.0) and (above := rise[rise > 0]).size:
        top, bottom = float(above.max()), float(above.min())
        if top > 100 * bottom:
            bottom = max(bottom, top * 10**-_DECADES)
            pad = 0.06 * math.log10(top / bottom)
            label = "loss" if base == 0 else "loss − minimum"
            return LossScale(
                True, base, math.log10(bottom) - pad, math.log10(top) + pad, f"{label}, log scale"
            )
    pad = 0.06 * (high - low) or 0.5
    return LossScale(False, 0.0, low - pad, high + pad, "loss")


def draw_loss(
    figure: Figure, scene: Scene, place: Rect, ruler: Scaled, *, among: bool = False
) -> tuple[list[Growing], list[Moving]]:
    """Draw the losses of a surface's runs, and return what changes in the panel.

    Args:
        figure: Where to.
        scene: A recording and its look.
        place: The plot in pixels.
        ruler: Gives the text scale.
        among: Whether it is one of several panels, and its words and numbers are set like theirs.
    """
    recording, theme, styles = scene.recording, scene.theme, scene.styles
    axes = add_axes(figure, place, scene, ruler)
    loss = choose_scale(recording)
    curves = [
        np.column_stack([run.at.astype(np.float64), loss.place(run.losses)]) for run in recording.trajectories
    ]
    _dress(axes, loss, scene, place, ruler, among=among)
    faint = ghosts(
        axes,
        curves,
        [mix(style.colour, theme.background, 0.78) for style in styles],
        points(ruler.px(1.0)),
        [style.run for style in styles],
    )
    per_unit = (
        points(place.width) / max(recording.steps, 1),
        points(place.height) / (loss.high - loss.low),
    )
    box = ((-1.0, recording.steps + 1.0), (2 * loss.low - loss.high, 2 * loss.high - loss.low))
    pieces = frame_pieces(curves, scene.timing.rows, box, per_unit)
    marks = Marks(axes, MOVING_ZORDER, run_marks(scene, ruler, 8.0), clip=False)

    def update(frame: int) -> None:
        row = int(scene.timing.rows[frame])
        spots = np.array([curve[min(row, len(curve) - 1)] for curve in curves])
        # A mark beyond the panel rests on its edge, so that one can see where the run went.
        spots[:, 1] = np.clip(spots[:, 1], loss.low, loss.high)
        marks.places = spots

    growing = trail(axes, pieces, styles, [style.colour for style in styles], points(ruler.px(1.6)))
    return [faint, growing], [Moving(marks, update)]


def _dress(axes: Axes, loss: LossScale, scene: Scene, place: Rect, ruler: Scaled, *, among: bool) -> None:
    theme = scene.theme
    axes.set_xlim(0, max(scene.recording.steps, 1))
    axes.set_ylim(loss.low, loss.high)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    number_steps(axes, place, scene.recording.steps, ruler)
    set_loss_ticks(axes, loss)
    axes.grid(axis="y", color=theme.frame, alpha=0.35, linewidth=points(ruler.px(0.7)))
    axes.set_axisbelow(True)
    label = " ".join(filter(None, (loss.label, ticks_offset(axes.yaxis))))
    small = points(ruler.px(10.5 if among else 11))
    axes.set_xlabel("step", color=theme.muted, size=small, labelpad=points(ruler.px(1 if among else 2)))
    if among:
        axes.tick_params(labelsize=points(ruler.px(10)))
        draw_heading(axes, place, [[label]], theme, ruler)
        return
    axes.set_title(label, loc="left", color=theme.muted, size=small, pad=points(ruler.px(7)))


def number_steps(axes: Axes, place: Rect, steps: int, ruler: Scaled) -> None:
    """Number the horizontal axis by steps, as densely as there is room for numbers of their length."""
    pitch = ruler.px(12 + 7 * len(str(steps)))
    many = min(5, max(2, int(place.width / pitch)))
    axes.xaxis.set_major_locator(MaxNLocator(many, integer=True, steps=[1, 2, 2.5, 5, 10]))


def set_loss_ticks(axes: Axes, loss: LossScale) -> None:
    """Label the vertical axis: powers of ten on a log scale, round numbers otherwise."""
    if not loss.log:
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        return
    first, last = math.ceil(loss.low), math.floor(loss.high)
    stride = max(1, math.ceil((last - first) / 5))
    exponents = range(first, last + 1, stride)
    axes.set_yticks(list(exponents), [power_of_ten(k) for k in exponents])
