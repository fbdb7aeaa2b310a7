"""Bowls: one minimum, no other place to stop; what differs is how stretched, tilted or kinked they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..surface import Surface
from .shared import JAMIL_YANG, SFU, check_option, minima, spec, square

if TYPE_CHECKING:
    from torch import Tensor


def _sphere(x: Tensor, y: Tensor) -> Tensor:
    return x**2 + y**2


def sphere() -> Surface:
    """Build the sphere function: every direction is the same."""
    return Surface(
        name="sphere",
        function=_sphere,
        domain=square(5.12),
        view=square(5.12),
        start=(-4.0, 2.5),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"x^2 + y^2",
        reference=f"{SFU}spheref.html",
        rates={"sgd": 0.01, "adam": 0.05, "rmsprop": 0.02},
    )


def quadratic(condition: float = 10.0, angle: float = 0.0) -> Surface:
    """Build an elliptic bowl, a ravine when the condition number is large.

    Turning it shows which optimizers depend on the axes: gradient descent follows the turned ravine in the
    same way, optimizers with one rate a parameter do not. The start turns with the bowl.

    Args:
        condition: Ratio of the two curvatures, 1e-6 to 1e6; the curvature along the ravine is 1.
        angle: Degrees by which the ravine is turned counterclockwise from the x axis, -360 to 360.

    Raises:
        DescentError: An option is not a number in its range.
    """
    check_option("quadratic", "condition", condition, 1e-6, 1e6)
    check_option("quadratic", "angle", angle, -360.0, 360.0)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def function(x: Tensor, y: Tensor) -> Tensor:
        along, across = c * x + s * y, c * y - s * x
        return 0.5 * (along**2 + condition * across**2)

    along, across = -4.0, 1.5
    u, v, turned = (
        ("u", "v", rf",\ (u, v)\ \mathrm{{turned\ by}}\ {angle:g}^\circ") if angle else ("x", "y", "")
    )
    return Surface(
        name=spec("quadratic", condition=(condition, 10.0), angle=(angle, 0.0)),
        function=function,
        domain=square(5.0),
        view=square(5.0),
        start=(c * along - s * across, s * along + c * across),
        minima=minima(0.0, (0.0, 0.0)),
        latex=rf"\frac{{1}}{{2}}\left({u}^2 + {condition:g}\,{v}^2\right){turned}",
        reference="Goh 2017, Why momentum really works, doi:10.23915/distill.00006",
        rates={"sgd": min(0.02, 1 / condition), "adam": 0.05, "rmsprop": 0.02},
    )


def _absolute(x: Tensor, y: Tensor) -> Tensor:
    return x.abs() + y.abs()


def absolute() -> Surface:
    """Build the sum of absolute values: the gradient keeps its length all the way to the kink."""
    return Surface(
        name="abs",
        function=_absolute,
        domain=square(5.0),
        view=square(5.0),
        start=(-4.13, 2.31),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"|x| + |y|",
        reference=f"{JAMIL_YANG} (Schwefel 2.20)",
        rates={"sgd": 0.05, "adam": 0.05, "rmsprop": 0.02},
        not_smooth="the gradient jumps where x = 0 or y = 0, and so at the minimum",
    )


def _booth(x: Tensor, y: Tensor) -> Tensor:
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


def booth() -> Surface:
    """Build Booth's function: two squared planes, an ellipse along the diagonal."""
    return Surface(
        name="booth",
        function=_booth,
        domain=square(10.0),
        view=square(10.0),
        start=(-8.0, -4.0),
        minima=minima(0.0, (1.0, 3.0)),
        latex=r"(x + 2y - 7)^2 + (2x + y - 5)^2",
        reference=f"{SFU}booth.html",
        rates={"sgd": 0.005, "adam": 0.2, "rmsprop": 0.1},
    )


def _matyas(x: Tensor, y: Tensor) -> Tensor:
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def matyas() -> Surface:
    """Build Matyas' function: a long flat ellipse along the diagonal."""
    return Surface(
        name="matyas",
        function=_matyas,
        domain=square(10.0),
        view=square(10.0),
        start=(-8.0, -2.0),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"0.26\,(x^2 + y^2) - 0.48\,xy",
        reference=f"{SFU}matya.html",
        rates={"sgd": 0.2, "adam": 0.5, "rmsprop": 0.1},
    )


def _trid(x: Tensor, y: Tensor) -> Tensor:
    return (x - 1) ** 2 + (y - 1) ** 2 - x * y


def trid() -> Surface:
    """Build the Trid function in two dimensions: each parameter's best value depends on the other."""
    return Surface(
        name="trid",
        function=_trid,
        domain=square(4.0),
        view=square(4.0),
        start=(-3.0, 1.0),
        minima=minima(-2.0, (2.0, 2.0)),
        latex=r"(x - 1)^2 + (y - 1)^2 - xy",
        reference=f"{SFU}trid.html",
        rates={"sgd": 0.02, "adam": 0.05, "rmsprop": 0.05},
    )


def _zakharov(x: Tensor, y: Tensor) -> Tensor:
    slope = 0.5 * x + y
    return x**2 + y**2 + slope**2 + slope**4


def zakharov() -> Surface:
    """Build Zakharov's function: nearly flat along one line, quartic across it."""
    return Surface(
        name="zakharov",
        function=_zakharov,
        domain=((-5.0, 10.0), (-5.0, 10.0)),
        view=square(5.0),
        start=(-4.0, 4.2),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"x^2 + y^2 + \left(\frac{x}{2} + y\right)^2 + \left(\frac{x}{2} + y\right)^4",
        reference=f"{SFU}zakharov.html",
        rates={"sgd": 0.01, "adam": 0.1, "rmsprop": 0.05},
    )
