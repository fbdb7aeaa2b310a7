"""The scales of charts: what is shown, and where the ticks stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from ..style.heights import fine_log_ticks, power_of_ten
from ..style.language import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..style.layout import Rect


_DECADES = 8  # a log scale of losses shows at most this many powers of ten
_FLAT = 1e-9  # values that differ by less than this share of themselves differ by rounding, or as good as
_LOSS_DECADES = 12  # losses below the largest shown one by more than this run off the panel


def span(
    values: NDArray[np.float64],
    *,
    log: bool | None = None,
    low: float | None = None,
    high: float | None = None,
    decades: float = _DECADES,
) -> LossScale:
    """Choose an axis that covers values.

    Args:
        values: Any number of values; those that are not finite do not count.
        log: Whether the scale is logarithmic; None: where positive values span more than a power of ten.
        low: The least value shown, where that is known.
        high: The largest value shown, where that is known.
        decades: A log scale shows at most so many powers of ten.
    """
    shown = values[np.isfinite(values)]
    above = shown[shown > 0]
    if log is None and low is None and high is None and (flat := flat_scale(shown, "")) is not None:
        return flat
    if log is None:
        log = bool(above.size) and above.size == shown.size and above.max() > 10 * above.min()
    if log and above.size:
        top = math.log10(above.max())
        bottom = max(math.log10(above.min()), top - decades)
        pad = max(0.06 * (top - bottom), 0.06)
        return LossScale(True, 0.0, bottom - pad, top + pad, "")
    least, most = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
    pad = 0.07 * (most - least) or 0.05 * abs(most) or 0.5
    return LossScale(
        False, 0.0, least - pad if low is None else low, most + pad if high is None else high, ""
    )


def tame(
    values: Sequence[NDArray[np.float64]], firsts: Sequence[NDArray[np.float64]], factor: float
) -> NDArray[np.float64]:
    """Return the values that an axis should cover: none far above where the runs began.

    A run that diverges then runs off the axis, and leaves the others their room.

    Args:
        values: Arrays of any shapes.
        firsts: What the runs began with.
        factor: How many times the largest of those a value may be.
    """
    every = np.concatenate([each.ravel() for each in values])
    first = np.concatenate([each.ravel() for each in firsts])
    first = first[np.isfinite(first)]
    return every[every <= factor * first.max()] if first.size and first.max() > 0 else every


def set_ticks(axes: Axes, scale: LossScale, most: int) -> None:
    """Label the vertical axis with at most so many numbers."""
    if not scale.log:
        axes.yaxis.set_major_locator(MaxNLocator(max(1, min(5, most)), steps=[1, 2, 2.5, 5, 10]))
        return
    first, last = math.ceil(scale.low), math.floor(scale.high)
    if last - first >= 1:
        stride = max(1, math.ceil((last - first + 1) / max(most, 2)))
        exponents = range(first, last + 1, stride)
        axes.set_yticks(list(exponents), [power_of_ten(k) for k in exponents])
        return
    fine = fine_log_ticks(scale.low, scale.high)
    fine = fine[:: max(1, math.ceil(len(fine) / max(most, 2)))]
    axes.set_yticks([place for place, _ in fine], [text for _, text in fine])


@dataclass(frozen=True, slots=True)
class LossScale:
    """How losses are placed on the panel's vertical axis."""

    log: bool
    base: float  # what is subtracted before the logarithm
    low: float  # the axis' ends, in units of `place`
    high: float
    label: str
    flat: str = ""  # says that the values hardly change, where they do not

    def titled(self, name: str) -> str:
        """Return a heading: the name of the values, and how they are drawn."""
        return ", ".join(filter(None, (name, self.flat or say("log scale" if self.log else ""))))

    def place(self, losses: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map losses (...) to the axis; values beyond its ends come to lie outside, NaN stays NaN."""
        room = self.high - self.low
        values = losses
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.log10(np.maximum(losses - self.base, 0.0))
        return np.clip(values, self.low - room, self.high + room)


def flat_scale(shown: NDArray[np.float64], name: str) -> LossScale | None:
    """Return an axis on which values that hardly differ are a flat line; None where they do differ.

    Args:
        shown: Finite values, any number of them.
        name: What they are, for the axis' label; empty where a chart has its own heading.
    """
    if shown.size < 2:
        return None
    size, apart = float(np.abs(shown).max()), float(np.ptp(shown))
    if not apart <= _FLAT * size:
        return None
    words = say(f"flat: changes by {apart / size:.0e} of its value" if apart else "flat: does not change")
    middle, pad = float(shown.mean()), 0.05 * size or 0.5
    return LossScale(False, 0.0, middle - pad, middle + pad, name, words)


def brief_flat(words: str) -> str:
    """Shorten what a flat scale says.

    >>> brief_flat("flat: changes by 7e-13 of its value"), brief_flat("flat: does not change")
    ('flat to 7e-13', 'flat')
    """
    share = next((word for word in words.split() if word[0].isdecimal()), "")
    return say(f"flat to {share}" if share else "flat")


def fit_scale(shown: NDArray[np.float64], base: float) -> LossScale:
    """Choose the axis for the losses to show.

    Args:
        shown: Finite losses, any number of them.
        base: The known minimum, or 0; a log scale measures from it.
    """
    if not shown.size:
        return LossScale(False, 0.0, 0.0, 1.0, say("loss"))
    low, high = float(shown.min()), float(shown.max())
    if (flat := flat_scale(shown, say("loss"))) is not None:
        return flat
    rise = shown - base
    # Rounding may put a loss a hair below the known minimum; anything lower rules a log scale out.
    if rise.min() >= -1e-9 * max(abs(base), 1.0) and (above := rise[rise > 0]).size:
        top, bottom = float(above.max()), float(above.min())
        if top > 100 * bottom:
            bottom = max(bottom, top * 10**-_LOSS_DECADES)
            pad = 0.06 * math.log10(top / bottom)
            label = "loss" if base == 0 else "loss − minimum"
            return LossScale(
                True, base, math.log10(bottom) - pad, math.log10(top) + pad, say(f"{label}, log scale")
            )
    pad = 0.06 * (high - low) or 0.5
    return LossScale(False, 0.0, low - pad, high + pad, say("loss"))


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
