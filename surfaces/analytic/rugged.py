"""Rugged bowls: a wide bowl covered with ripples or dimples; the trend points home, the details do not."""

from __future__ import annotations

import math

from torch import Tensor, cos, exp, sin

from ..surface import Surface
from .shared import JAMIL_YANG, SFU, minima, radius, square

_TURN = 2 * math.pi


def _ackley(x: Tensor, y: Tensor) -> Tensor:
    spread = (0.5 * (x**2 + y**2)).sqrt()
    return -20 * exp(-0.2 * spread) - exp(0.5 * (cos(_TURN * x) + cos(_TURN * y))) + math.e + 20


def ackley() -> Surface:
    """Build Ackley's function: a dimpled plain around one deep funnel."""
    return Surface(
        name="ackley",
        function=_ackley,
        domain=square(32.768),
        view=square(5.0),
        start=(-1.6, 1.3),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"-20\,e^{-0.2\sqrt{(x^2 + y^2)/2}} - e^{(\cos 2\pi x + \cos 2\pi y)/2} + e + 20",
        reference=f"{SFU}ackley.html",
        rates={"sgd": 0.002, "adam": 0.5, "rmsprop": 0.002},
        not_smooth="the minimum is the tip of a cone, where the gradient is NaN",
    )


def _rastrigin(x: Tensor, y: Tensor) -> Tensor:
    return 20 + x**2 - 10 * cos(_TURN * x) + y**2 - 10 * cos(_TURN * y)


def rastrigin() -> Surface:
    """Build Rastrigin's function: a local minimum near every pair of whole numbers."""
    return Surface(
        name="rastrigin",
        function=_rastrigin,
        domain=square(5.12),
        view=square(5.12),
        start=(-3.4, 2.45),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"20 + x^2 + y^2 - 10 \cos 2\pi x - 10 \cos 2\pi y",
        reference=f"{SFU}rastr.html",
        rates={"sgd": 5e-05, "adam": 0.005, "rmsprop": 0.002},
    )


def _griewank(x: Tensor, y: Tensor) -> Tensor:
    return (x**2 + y**2) / 4000 - cos(x) * cos(y / math.sqrt(2)) + 1


def griewank() -> Surface:
    """Build Griewank's function: a bowl 1200 wide; the view shows the ripples in its middle."""
    return Surface(
        name="griewank",
        function=_griewank,
        domain=square(600.0),
        view=square(12.0),
        start=(-7.0, 6.0),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"\frac{x^2 + y^2}{4000} - \cos x \cos\frac{y}{\sqrt{2}} + 1",
        reference="Griewank 1981, Generalized descent for global optimization, doi:10.1007/BF00933356",
        rates={"sgd": 0.05, "adam": 0.02, "rmsprop": 0.01},
    )


def _levy(x: Tensor, y: Tensor) -> Tensor:
    u, v = 1 + (x - 1) / 4, 1 + (y - 1) / 4
    ends = sin(math.pi * u) ** 2 + (v - 1) ** 2 * (1 + sin(_TURN * v) ** 2)
    return ends + (u - 1) ** 2 * (1 + 10 * sin(math.pi * u + 1) ** 2)


def levy() -> Surface:
    """Build Levy's function in two dimensions: long ripples across a bowl."""
    return Surface(
        name="levy",
        function=_levy,
        domain=square(10.0),
        view=square(10.0),
        start=(-2.4, 7.3),
        minima=minima(0.0, (1.0, 1.0)),
        latex=r"\sin^2 \pi u + (u-1)^2 [1 + 10 \sin^2(\pi u + 1)] + (v-1)^2 [1 + \sin^2 2\pi v],"
        r"\ u = \frac{x+3}{4},\ v = \frac{y+3}{4}",
        reference=f"{SFU}levy.html",
        rates={"sgd": 0.02, "adam": 1, "rmsprop": 0.02},
    )


def _levy_n13(x: Tensor, y: Tensor) -> Tensor:
    across = (x - 1) ** 2 * (1 + sin(3 * math.pi * y) ** 2)
    return sin(3 * math.pi * x) ** 2 + across + (y - 1) ** 2 * (1 + sin(_TURN * y) ** 2)


def levy_n13() -> Surface:
    """Build Levy's function N. 13: short ripples across a bowl."""
    return Surface(
        name="levy_n13",
        function=_levy_n13,
        domain=square(10.0),
        view=((-2.0, 4.0), (-2.0, 4.0)),
        start=(-1.15, 2.8),
        minima=minima(0.0, (1.0, 1.0)),
        latex=r"\sin^2 3\pi x + (x-1)^2 [1 + \sin^2 3\pi y] + (y-1)^2 [1 + \sin^2 2\pi y]",
        reference=f"{SFU}levy13.html",
        rates={"sgd": 0.0001, "adam": 0.2, "rmsprop": 0.001},
    )


def _bohachevsky_1(x: Tensor, y: Tensor) -> Tensor:
    return x**2 + 2 * y**2 - 0.3 * cos(3 * math.pi * x) - 0.4 * cos(4 * math.pi * y) + 0.7


def bohachevsky_1() -> Surface:
    """Build Bohachevsky's first function: ripples that only matter near the minimum."""
    return Surface(
        name="bohachevsky_1",
        function=_bohachevsky_1,
        domain=square(100.0),
        view=square(2.0),
        start=(-1.6, 1.3),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"x^2 + 2y^2 - 0.3 \cos 3\pi x - 0.4 \cos 4\pi y + 0.7",
        reference=f"{SFU}boha.html",
        rates={"sgd": 0.0005, "adam": 0.1, "rmsprop": 0.002},
    )


def _egg_crate(x: Tensor, y: Tensor) -> Tensor:
    return x**2 + y**2 + 25 * (sin(x) ** 2 + sin(y) ** 2)


def egg_crate() -> Surface:
    """Build the egg-crate function: eight local minima around the global one."""
    return Surface(
        name="egg_crate",
        function=_egg_crate,
        domain=square(5.0),
        view=square(5.0),
        start=(-4.4, 1.3),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"x^2 + y^2 + 25\,(\sin^2 x + \sin^2 y)",
        reference=JAMIL_YANG,
        rates={"sgd": 0.0005, "adam": 0.01, "rmsprop": 0.005},
    )


def _drop_wave(x: Tensor, y: Tensor) -> Tensor:
    return -(1 + cos(12 * radius(x, y))) / (0.5 * (x**2 + y**2) + 2)


def drop_wave() -> Surface:
    """Build the drop-wave function: rings around a fallen drop, each one a trap."""
    return Surface(
        name="drop_wave",
        function=_drop_wave,
        domain=square(5.12),
        view=square(2.5),
        start=(-1.1, 0.5),
        minima=minima(-1.0, (0.0, 0.0)),
        latex=r"-\frac{1 + \cos\left(12 \sqrt{x^2 + y^2}\right)}{(x^2 + y^2)/2 + 2}",
        reference=f"{SFU}drop.html",
        rates={"sgd": 0.0005, "adam": 0.2, "rmsprop": 0.0005},
        not_smooth="the gradient at the minimum is NaN: the square root has none at zero",
    )
