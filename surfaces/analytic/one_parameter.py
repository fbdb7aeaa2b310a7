"""Losses of one parameter: what every course on gradient descent begins with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..surface import FLAT, Surface
from .shared import JAMIL_YANG, check_option, minima, spec

if TYPE_CHECKING:
    from torch import Tensor

    from ..surface import Box


def _line(half: float) -> Box:
    """Return the box of a parameter from ``-half`` to ``half``."""
    return ((-half, half), FLAT)


def parabola(curvature: float = 1.0) -> Surface:
    """Build the parabola: plain gradient descent converges below the rate 2 / curvature, and diverges above.

    Args:
        curvature: The second derivative, 1e-6 to 1e6.

    Raises:
        DescentError: The option is not a number in its range.
    """
    check_option("parabola", "curvature", curvature, 1e-6, 1e6)

    def function(x: Tensor) -> Tensor:
        return 0.5 * curvature * x**2

    factor = "" if curvature == 1 else rf"{curvature:g}\,"
    return Surface(
        name=spec("parabola", curvature=(curvature, 1.0)),
        function=function,
        domain=_line(5.0),
        view=_line(5.0),
        start=(-3.0, 0.0),
        minima=minima(0.0, (0.0, 0.0)),
        latex=rf"\frac{{1}}{{2}}\,{factor}x^2",
        reference="Goh 2017, Why momentum really works, doi:10.23915/distill.00006",
        rates={"sgd": 0.02 / curvature, "adam": 0.05, "rmsprop": 0.02},
        parameters=1,
    )


def double_well(tilt: float = 0.3) -> Surface:
    """Build the double well: two minima with a hill between them.

    The left one is lower where the tilt is positive. Small steps from the right end in the well on that side;
    momentum can carry a run across the hill.

    Args:
        tilt: The slope that is added everywhere, -1.5 to 1.5; without one both minima are equally low.

    Raises:
        DescentError: The option is not a number in its range.
    """
    check_option("double_well", "tilt", tilt, -1.5, 1.5)

    def function(x: Tensor) -> Tensor:
        return (x**2 - 1) ** 2 + tilt * x

    left, right = (_well(tilt, side) for side in (-1, 1))
    lowest = [left] if tilt > 0 else [right] if tilt < 0 else [left, right]
    slope = f" {'+' if tilt > 0 else '-'} {abs(tilt):g}\\,x" if tilt else ""
    return Surface(
        name=spec("double_well", tilt=(tilt, 0.3)),
        function=function,
        domain=_line(2.0),
        view=_line(1.8),
        start=(1.65, 0.0),
        minima=minima((lowest[0] ** 2 - 1) ** 2 + tilt * lowest[0], *((x, 0.0) for x in lowest)),
        latex=f"(x^2 - 1)^2{slope}",
        reference="the Landau potential; Strogatz 2015, Nonlinear Dynamics and Chaos, ISBN 978-0-8133-4910-7",
        rates={"sgd": 0.002, "adam": 0.01, "rmsprop": 0.005},
        parameters=1,
    )


def _well(tilt: float, side: int) -> float:
    """Return the bottom of the left (-1) or right (1) well, an outer root of 4 x^3 - 4 x + tilt."""
    # The cosine rule for a cubic with three real roots, here for the root on the right.
    x = 2 / math.sqrt(3) * math.cos(math.acos(-side * tilt * 3**1.5 / 8) / 3)
    x -= (4 * x**3 - 4 * x + side * tilt) / (12 * x**2 - 4)  # takes the rounding of the cosines away
    return side * x


def _absolute(x: Tensor) -> Tensor:
    return x.abs()


def absolute() -> Surface:
    """Build the absolute value: the gradient keeps its length, so plain steps never get shorter."""
    return Surface(
        name="abs1d",
        function=_absolute,
        domain=_line(5.0),
        view=_line(5.0),
        start=(-4.13, 0.0),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"|x|",
        reference=f"{JAMIL_YANG} (Schwefel 2.20)",
        rates={"sgd": 0.05, "adam": 0.05, "rmsprop": 0.02},
        not_smooth="the gradient jumps from -1 to 1 at x = 0, the minimum, where torch takes 0",
        parameters=1,
    )
