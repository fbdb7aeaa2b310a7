"""Several minima on a smooth surface: where a descent ends depends on where and how it goes."""

from __future__ import annotations

import math

from torch import Tensor, cos, exp, sin

from ..surface import Surface
from .shared import JAMIL_YANG, SFU, minima, square


def _himmelblau(x: Tensor, y: Tensor) -> Tensor:
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def himmelblau() -> Surface:
    """Build Himmelblau's function: four equal minima around a hill near (-0.27, -0.92)."""
    return Surface(
        name="himmelblau",
        function=_himmelblau,
        domain=square(5.0),
        view=square(5.0),
        start=(-0.5, -0.4),
        minima=minima(
            0.0,
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.2831859912861696),
            (3.5844283403304917, -1.8481265269644036),
        ),
        latex=r"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
        reference="Himmelblau 1972, Applied Nonlinear Programming",
        rates={"sgd": 0.001, "adam": 0.02, "rmsprop": 0.01},
    )


def _goldstein_price(x: Tensor, y: Tensor) -> Tensor:
    first = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    second = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    return (1 + (x + y + 1) ** 2 * first) * (30 + (2 * x - 3 * y) ** 2 * second)


def goldstein_price() -> Surface:
    """Build the Goldstein-Price function: local minima of 30, 84 and 840 beside the global one of 3."""
    return Surface(
        name="goldstein_price",
        function=_goldstein_price,
        domain=square(2.0),
        view=square(2.0),
        start=(-1.2, -1.7),
        minima=minima(3.0, (0.0, -1.0)),
        latex=r"[1 + (x+y+1)^2 (19 - 14x + 3x^2 - 14y + 6xy + 3y^2)]"
        r"\,[30 + (2x-3y)^2 (18 - 32x + 12x^2 + 48y - 36xy + 27y^2)]",
        reference=f"{SFU}goldpr.html",
        rates={"sgd": 1e-05, "adam": 0.05, "rmsprop": 0.01},
    )


def _branin(x: Tensor, y: Tensor) -> Tensor:
    bend = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * cos(x) + 10


def branin() -> Surface:
    """Build Branin's function: a winding valley with three equal minima."""
    return Surface(
        name="branin",
        function=_branin,
        domain=((-5.0, 10.0), (0.0, 15.0)),
        view=((-5.0, 10.5), (-0.5, 15.0)),
        start=(2.0, 13.0),
        minima=minima(10 / (8 * math.pi), (-math.pi, 12.275), (math.pi, 2.275), (3 * math.pi, 2.475)),
        latex=r"\left(y - \frac{5.1 x^2}{4\pi^2} + \frac{5x}{\pi} - 6\right)^2"
        r" + 10 \left(1 - \frac{1}{8\pi}\right) \cos x + 10",
        reference=f"{SFU}branin.html",
        rates={"sgd": 0.02, "adam": 0.1, "rmsprop": 0.05},
    )


def _six_hump_camel(x: Tensor, y: Tensor) -> Tensor:
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (-4 + 4 * y**2) * y**2


def six_hump_camel() -> Surface:
    """Build the six-hump camel: two global minima, four local ones."""
    return Surface(
        name="six_hump_camel",
        function=_six_hump_camel,
        domain=((-3.0, 3.0), (-2.0, 2.0)),
        view=((-2.0, 2.0), (-1.5, 1.5)),
        start=(0.9, 1.2),
        minima=minima(
            -1.0316284534898774,
            (0.08984201310031806, -0.7126564030207396),
            (-0.08984201310031806, 0.7126564030207396),
        ),
        latex=r"\left(4 - 2.1x^2 + \frac{x^4}{3}\right) x^2 + xy + (4y^2 - 4)\,y^2",
        reference=f"{SFU}camel6.html",
        rates={"sgd": 0.002, "adam": 0.01, "rmsprop": 0.005},
    )


def _three_hump_camel(x: Tensor, y: Tensor) -> Tensor:
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


def three_hump_camel() -> Surface:
    """Build the three-hump camel: a global minimum between two local ones."""
    return Surface(
        name="three_hump_camel",
        function=_three_hump_camel,
        domain=square(5.0),
        view=square(2.5),
        start=(1.0, 2.0),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"2x^2 - 1.05x^4 + \frac{x^6}{6} + xy + y^2",
        reference=f"{SFU}camel3.html",
        rates={"sgd": 0.01, "adam": 0.05, "rmsprop": 0.02},
    )


def _mccormick(x: Tensor, y: Tensor) -> Tensor:
    return sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1


def mccormick() -> Surface:
    """Build McCormick's function: a trough with a wave along it; beyond the domain it falls without end."""
    return Surface(
        name="mccormick",
        function=_mccormick,
        domain=((-1.5, 4.0), (-3.0, 4.0)),
        view=((-1.5, 4.0), (-3.0, 4.0)),
        start=(-0.9, 2.5),
        minima=minima(-math.sqrt(3) / 2 - math.pi / 3, (0.5 - math.pi / 3, -0.5 - math.pi / 3)),
        latex=r"\sin(x + y) + (x - y)^2 - 1.5x + 2.5y + 1",
        reference=f"{SFU}mccorm.html",
        rates={"sgd": 0.02, "adam": 0.05, "rmsprop": 0.02},
    )


def _styblinski_tang(x: Tensor, y: Tensor) -> Tensor:
    return 0.5 * (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y)


def styblinski_tang() -> Surface:
    """Build the Styblinski-Tang function: four basins of three depths."""
    return Surface(
        name="styblinski_tang",
        function=_styblinski_tang,
        domain=square(5.0),
        view=square(5.0),
        start=(-0.5, -0.1),
        minima=minima(-78.33233140754282, (-2.903534027771177, -2.903534027771177)),
        latex=r"\frac{1}{2}\left(x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y\right)",
        reference="Styblinski and Tang 1990, Experiments in nonconvex optimization, "
        "doi:10.1016/0893-6080(90)90029-K",
        rates={"sgd": 0.002, "adam": 0.02, "rmsprop": 0.01},
    )


def _bird(x: Tensor, y: Tensor) -> Tensor:
    return sin(x) * exp((1 - cos(y)) ** 2) + cos(y) * exp((1 - sin(x)) ** 2) + (x - y) ** 2


def bird() -> Surface:
    """Build Mishra's bird function: two deep minima among hills."""
    return Surface(
        name="bird",
        function=_bird,
        domain=square(2 * math.pi),
        view=square(2 * math.pi),
        start=(-4.0, -1.2),
        minima=minima(
            -106.76453674926468,
            (4.701043130249553, 3.15293850372493),
            (-1.5821421769300335, -3.1302468034546562),
        ),
        latex=r"\sin x\, e^{(1 - \cos y)^2} + \cos y\, e^{(1 - \sin x)^2} + (x - y)^2",
        reference=f"{JAMIL_YANG}; Mishra 2006, doi:10.2139/ssrn.926132",
        rates={"sgd": 0.002, "adam": 0.01, "rmsprop": 0.01},
    )


def _adjiman(x: Tensor, y: Tensor) -> Tensor:
    return cos(x) * sin(y) - x / (y**2 + 1)


def adjiman() -> Surface:
    """Build Adjiman's function: it falls towards x = 2, where the domain ends and the slope does not."""
    return Surface(
        name="adjiman",
        function=_adjiman,
        domain=((-1.0, 2.0), (-1.0, 1.0)),
        view=((-1.2, 2.4), (-1.4, 1.4)),
        start=(-0.7, 0.6),
        minima=minima(-2.021806783359787, (2.0, 0.1057834694517169), domain_only=True),
        latex=r"\cos x \sin y - \frac{x}{y^2 + 1}",
        reference="Adjiman et al. 1998, A global optimization method, alphaBB, "
        "doi:10.1016/S0098-1354(98)00027-1",
        rates={"sgd": 0.02, "adam": 0.02, "rmsprop": 0.01},
    )
