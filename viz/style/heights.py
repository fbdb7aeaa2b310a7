"""How heights become bands of colour: linear or logarithmic, with levels that show valley and rim."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError, unknown
from .language import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ...surfaces.field import Field

SCALES = ("auto", "linear", "log")
_BANDS = 22
# Heights are drawn on a log scale where linear bands would leave what matters a single flat colour:
# where half of the view lies in the lowest fifth of their range,
_CROWDED = 0.20
# where runs never leave the lowest fourth of it and spend half of their steps in its lowest band,
_SHALLOW = 0.25
# or where the straight way between two known minima stays in the lowest band.
_HIGHEST = 1e200  # heights beyond it are as good as infinite: differences of them would overflow
_FLAT = 1e-12  # a range this small against the heights themselves is rounding
_DECADES = 10.0  # a log scale shows at most this many powers of ten


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """A field's heights, scaled for drawing."""

    values: NDArray[np.float64]  # (H, W): what is banded; NaN where the loss is not finite
    levels: NDArray[np.float64]  # (bands + 1,): the edges of the bands, in units of values
    log: bool  # whether values are log10 of the height above ``base``
    base: float  # the height that a log scale and the ticks' texts are measured from
    ticks: tuple[tuple[float, str], ...]  # for a colour bar: position in units of values, and its text

    def place(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale other raw heights of the same surface, of any shape, as ``values`` are."""
        z = _finite(z)
        if self.log:
            z = np.log10(np.maximum(z - self.base, 10 ** self.levels[0]))
        return np.clip(z, self.levels[0], self.levels[-1])

    @property
    def label(self) -> str:
        """What the values mean, in words for the picture."""
        if not self.log:
            return "loss" if self.base == 0 else f"loss − {self.base:.12g}"
        return "loss, log scale" if self.base == 0 else "loss − minimum, log scale"


def nothing_finite() -> DescentError:
    """Return the error for a view in which no loss is finite."""
    return DescentError("the loss is not finite anywhere in the view, so there is nothing to draw")


def check_scale(how: str) -> None:
    """Raise DescentError unless this is the name of a height scale."""
    if how not in SCALES:
        raise unknown("height scale", how, SCALES)


def scale(
    field: Field,
    floor: float | None = None,
    how: str = "auto",
    met: NDArray[np.float64] | None = None,
    minima: Sequence[tuple[float, float]] = (),
) -> Heights:
    """Choose scale and levels for a field.

    Args:
        field: Raw heights.
        floor: The known minimum value, if any; a log scale measures from the lower of it and the field.
        how: "auto", "linear" or "log".
        met: Losses that runs met in the view, any number of them; "auto" chooses a scale that shows them.
        minima: Where minima are, (x, y) each; "auto" chooses a scale that parts them.

    Raises:
        DescentError: Unknown scale, or no height is finite.
    """
    check_scale(how)
    z = _finite(field.z)
    if np.isnan(z).all():
        raise nothing_finite()
    lowest = float(np.nanmin(z))
    base = lowest if floor is None else min(floor, lowest)
    rise = z - base
    top = float(np.nanmax(rise))
    highest = float(np.nanmax(z))
    if highest - lowest <= max(_FLAT * abs(lowest), 1 / _HIGHEST):  # one band
        half = max(0.5, 0.01 * abs(lowest))
        return Heights(
            z, np.array([lowest - half, lowest + half]), False, 0.0, ((lowest, number(f"{lowest:g}")),)
        )
    crowded = float(np.nanmedian(rise)) <= _CROWDED * top
    if how == "linear" or not (
        how == "log" or crowded or _low(met, base, top) or _joined(field, rise, minima)
    ):
        levels = np.linspace(lowest, highest, _BANDS + 1)
        return Heights(z, levels, False, *_linear_ticks(lowest, highest))
    # The lowest few points in a thousand are the valley floor; below it a log scale only shows the grid.
    low = min(max(float(np.nanquantile(rise, 0.003)), top * 10**-_DECADES), top / 10)
    values = np.log10(np.maximum(rise, low))
    levels = np.linspace(math.log10(low), math.log10(top), _BANDS + 1)
    values = np.clip(values, levels[0], levels[-1])
    return Heights(values, levels, True, base, _log_ticks(levels[0], levels[-1]))


def _low(met: NDArray[np.float64] | None, base: float, top: float) -> bool:
    """Return whether linear bands would show little of what runs do."""
    rises = np.empty(0) if met is None else met[np.isfinite(met)] - base
    if not rises.size:
        return False
    return float(rises.max()) < _SHALLOW * top and float(np.median(rises)) < top / _BANDS


def _joined(field: Field, rise: NDArray[np.float64], minima: Sequence[tuple[float, float]]) -> bool:
    """Return whether the straight way from one minimum in the view to another stays in the lowest band."""
    low, high = float(np.nanmin(rise)), float(np.nanmax(rise))
    lowest = rise < low + (high - low) / _BANDS
    places = [
        (float(np.abs(field.y - y).argmin()), float(np.abs(field.x - x).argmin()))
        for x, y in minima
        if field.x[0] <= x <= field.x[-1] and (field.y.size == 1 or field.y[0] <= y <= field.y[-1])
    ]
    for one, other in combinations(places, 2):
        way = np.linspace(one, other, sum(rise.shape)).round().astype(int)
        if lowest[way[:, 0], way[:, 1]].all():
            return True
    return False


def _finite(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(z) < _HIGHEST, z, np.nan)


def _linear_ticks(low: float, high: float) -> tuple[float, tuple[tuple[float, str], ...]]:
    """Return what the texts are measured from, and the ticks."""
    step = 10.0 ** math.floor(math.log10((high - low) / 2))
    step *= next(factor for factor in (5, 2, 1) if (high - low) / (factor * step) >= 2 - 1e-9)
    places = [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    texts = [number(f"{place:.6g}") for place in places]
    if len(set(texts)) == len(texts):
        return 0.0, tuple(zip(places, texts, strict=True))
    # A small range far from zero: whole steps above its lower end, which the label then names.
    count = math.floor((high - low) / step + 1e-9) + 1
    return low, tuple((low + k * step, number(f"{k * step:g}")) for k in range(count))


def _log_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if last - first < 1:  # less than two powers of ten: label the ends of the scale
        return ((low, number(f"{10**low:.2g}")), (high, number(f"{10**high:.2g}")))
    stride = max(1, math.ceil((last - first) / 5))
    return tuple((float(k), power_of_ten(k)) for k in range(first, last + 1, stride))


def fine_log_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Return ticks at 1, 2 and 5 times powers of ten, for a log axis between two exponents.

    >>> [text for _, text in fine_log_ticks(-0.7, 0.4)]
    ['0.2', '0.5', '1', '2']
    """
    ticks = (
        (k + math.log10(m), number(f"{m * 10.0**k:g}"))
        for k in range(math.floor(low), math.floor(high) + 1)
        for m in (1, 2, 5)
    )
    return tuple((place, text) for place, text in ticks if low - 1e-9 <= place <= high + 1e-9)


def power_of_ten(exponent: int) -> str:
    """Write 10**exponent briefly: plain near 1, else as a power.

    >>> [power_of_ten(k) for k in (-2, 0, 3, 6)]
    ['0.01', '1', '1000', '$10^{6}$']
    """
    return number(f"{10.0**exponent:g}") if -3 <= exponent <= 3 else f"$10^{{{exponent}}}$"
