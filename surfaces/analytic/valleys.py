"""Valleys: steep walls and a flat or bent floor, so that going down is not the same as going on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..surface import Surface
from .shared import JAMIL_YANG, SFU, check_option, minima, spec, square

if TYPE_CHECKING:
    from torch import Tensor


def rosenbrock(a: float = 1.0, b: float = 100.0) -> Surface:
    """Build Rosenbrock's banana; the view and the start scale with the minimum at (a, a²).

    Args:
        a: Where along the valley the minimum lies, -100 to 100.
        b: How steep the walls are, 1e-3 to 1e6.

    Raises:
        DescentError: An option is not a number in its range.

    References:
        Rosenbrock 1960, doi:10.1093/comjnl/3.3.175.
    """
    check_option("rosenbrock", "a", a, -100.0, 100.0)
    check_option("rosenbrock", "b", b, 1e-3, 1e6)

    def function(x: Tensor, y: Tensor) -> Tensor:
        return (a - x) ** 2 + b * (y - x**2) ** 2

    scale = float(abs(a)) or 1.0
    return Surface(
        name=spec("rosenbrock", a=(a, 1.0), b=(b, 100.0)),
        function=function,
        domain=((-5 * scale, 10 * scale), (-5 * scale**2, 10 * scale**2)),
        view=((-2 * scale, 2 * scale), (-(scale**2), 3 * scale**2)),
        start=(-1.2 * scale if a >= 0 else 1.2 * scale, scale**2),
        minima=minima(0.0, (float(a), float(a) ** 2)),
        latex=rf"({a:g} - x)^2 + {b:g}\,(y - x^2)^2",
        reference="Rosenbrock 1960, An automatic method for finding the greatest or least value, "
        "doi:10.1093/comjnl/3.3.175",
        rates={"sgd": 0.101 / (1 + b * scale**2), "adam": 0.2 * scale, "rmsprop": 0.02 * scale},
    )


def _leon(x: Tensor, y: Tensor) -> Tensor:
    return 100 * (y - x**3) ** 2 + (1 - x) ** 2


def leon() -> Surface:
    """Build Leon's function: Rosenbrock's with a cubic valley."""
    return Surface(
        name="leon",
        function=_leon,
        domain=square(1.2),
        view=square(1.5),
        start=(-0.9, 0.4),
        minima=minima(0.0, (1.0, 1.0)),
        latex=r"100\,(y - x^3)^2 + (1 - x)^2",
        reference=f"{JAMIL_YANG}; Leon 1966, in Recent Advances in Optimization Techniques",
        rates={"sgd": 0.0005, "adam": 0.2, "rmsprop": 0.02},
    )


def _beale(x: Tensor, y: Tensor) -> Tensor:
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def beale() -> Surface:
    """Build Beale's function: a flat valley, a saddle at (0, 1), and corners a million times higher."""
    return Surface(
        name="beale",
        function=_beale,
        domain=square(4.5),
        view=square(4.5),
        start=(1.0, 1.5),
        minima=minima(0.0, (3.0, 0.5)),
        latex=r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
        reference=f"{SFU}beale.html",
        rates={"sgd": 0.005, "adam": 0.1, "rmsprop": 0.05},
    )


def _dixon_price(x: Tensor, y: Tensor) -> Tensor:
    return (x - 1) ** 2 + 2 * (2 * y**2 - x) ** 2


def dixon_price() -> Surface:
    """Build the Dixon-Price function in two dimensions: a parabola as valley, a minimum on either arm."""
    return Surface(
        name="dixon_price",
        function=_dixon_price,
        domain=square(10.0),
        view=square(3.0),
        start=(-2.0, 1.6),
        minima=minima(0.0, (1.0, 0.5**0.5), (1.0, -(0.5**0.5))),
        latex=r"(x - 1)^2 + 2\,(2y^2 - x)^2",
        reference=f"{SFU}dixonpr.html",
        rates={"sgd": 0.002, "adam": 0.2, "rmsprop": 0.02},
    )


def _dekkers_aarts(x: Tensor, y: Tensor) -> Tensor:
    square_sum = x**2 + y**2
    return 1e5 * x**2 + y**2 - square_sum**2 + 1e-5 * square_sum**4


def dekkers_aarts() -> Surface:
    """Build the Dekkers-Aarts function: very much steeper across the valley than along it."""
    return Surface(
        name="dekkers_aarts",
        function=_dekkers_aarts,
        domain=square(20.0),
        view=square(20.0),
        start=(-8.0, 5.0),
        minima=minima(-24776.51834231769, (0.0, 14.945112151891959), (0.0, -14.945112151891959)),
        latex=r"10^5 x^2 + y^2 - (x^2 + y^2)^2 + 10^{-5} (x^2 + y^2)^4",
        reference="Dekkers and Aarts 1991, Global optimization and simulated annealing, "
        "doi:10.1007/BF01594945",
        rates={"sgd": 1e-07, "adam": 0.1, "rmsprop": 0.05},
    )


def _bukin_n6(x: Tensor, y: Tensor) -> Tensor:
    return 100 * (y - 0.01 * x**2).abs().sqrt() + 0.01 * (x + 10).abs()


def bukin_n6() -> Surface:
    """Build Bukin's function N. 6: a crease with infinitely steep sides and an almost level floor."""
    return Surface(
        name="bukin_n6",
        function=_bukin_n6,
        domain=((-15.0, -5.0), (-3.0, 3.0)),
        view=((-15.0, -5.0), (-3.0, 3.0)),
        start=(-13.0, -1.5),
        minima=minima(0.0, (-10.0, 1.0)),
        latex=r"100 \sqrt{|y - 0.01 x^2|} + 0.01\,|x + 10|",
        reference=f"{SFU}bukin6.html",
        rates={"sgd": 0.0005, "adam": 0.02, "rmsprop": 0.02},
        not_smooth="the gradient is infinite along the crease y = 0.01 x², and NaN on it and at the minimum",
    )
