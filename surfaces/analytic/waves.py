"""Waves: ripples that cross, bend or change their length, with no bowl beneath to point the way."""

from __future__ import annotations

import math

from torch import Tensor, cos, exp, sin

from ..surface import Surface
from .shared import JAMIL_YANG, SFU, minima, radius, row, square

_SHUBERT_HIGH = (-7.0835064076515595, -0.8003211004719731, 5.482864206707613)
_SHUBERT_LOW = (-7.708313735499347, -1.425128428319761, 4.858056878859825)
_SHUBERT_ORDERS = (1.0, 2.0, 3.0, 4.0, 5.0)
_HOLDER_X = (8.055023475736563, -8.055023475736563)
_HOLDER_Y = (9.664590019241272, -9.664590019241272)
_LANGERMANN_X = (3.0, 5.0, 2.0, 1.0, 7.0)
_LANGERMANN_Y = (5.0, 2.0, 1.0, 4.0, 9.0)
_LANGERMANN_WEIGHTS = (1.0, 2.0, 5.0, 2.0, 3.0)


def _schaffer_n2(x: Tensor, y: Tensor) -> Tensor:
    return 0.5 + (sin(x**2 - y**2) ** 2 - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


def schaffer_n2() -> Surface:
    """Build Schaffer's function N. 2: hyperbolic ripples, ever shorter away from the minimum."""
    return Surface(
        name="schaffer_n2",
        function=_schaffer_n2,
        domain=square(100.0),
        view=square(3.0),
        start=(-1.4, 0.8),
        minima=minima(0.0, (0.0, 0.0)),
        latex=r"\frac{1}{2} + \frac{\sin^2(x^2 - y^2) - 0.5}{[1 + 0.001\,(x^2 + y^2)]^2}",
        reference=f"{SFU}schaffer2.html",
        rates={"sgd": 0.002, "adam": 0.2, "rmsprop": 0.002},
    )


def _schaffer_n4(x: Tensor, y: Tensor) -> Tensor:
    return 0.5 + (cos(sin((x**2 - y**2).abs())) ** 2 - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


def schaffer_n4() -> Surface:
    """Build Schaffer's function N. 4: crossed ripples with four equal minima on the axes."""
    return Surface(
        name="schaffer_n4",
        function=_schaffer_n4,
        domain=square(100.0),
        view=square(3.0),
        start=(-1.75, 0.7),
        minima=minima(
            0.29257863203598056,
            (0.0, 1.2531318314637332),
            (0.0, -1.2531318314637332),
            (1.2531318314637332, 0.0),
            (-1.2531318314637332, 0.0),
        ),
        latex=r"\frac{1}{2} + \frac{\cos^2(\sin|x^2 - y^2|) - 0.5}{[1 + 0.001\,(x^2 + y^2)]^2}",
        reference=f"{SFU}schaffer4.html",
        rates={"sgd": 0.002, "adam": 0.2, "rmsprop": 0.001},
    )


def _shubert_sum(t: Tensor) -> Tensor:
    order = row(_SHUBERT_ORDERS, t)
    return (order * cos((order + 1) * t[..., None] + order)).sum(-1)


def _shubert(x: Tensor, y: Tensor) -> Tensor:
    return _shubert_sum(x) * _shubert_sum(y)


def shubert() -> Surface:
    """Build Shubert's function: eighteen equal minima, each beside a peak that is higher than it is deep."""
    points = [(high, low) for high in _SHUBERT_HIGH for low in _SHUBERT_LOW]
    return Surface(
        name="shubert",
        function=_shubert,
        domain=square(10.0),
        view=square(10.0),
        start=(-1.8, 0.3),
        minima=minima(-186.73090883102384, *points, *((y, x) for x, y in points)),
        latex=r"\sum_{i=1}^{5} i \cos((i+1)\,x + i)\ \sum_{i=1}^{5} i \cos((i+1)\,y + i)",
        reference=f"{SFU}shubert.html",
        rates={"sgd": 2e-05, "adam": 0.005, "rmsprop": 0.002},
    )


def _schwefel(x: Tensor, y: Tensor) -> Tensor:
    # 418.98... is max t sin(sqrt(t)) to full precision; the usual 418.9829 leaves 2.5e-5 at the minimum.
    return 2 * 418.98288727243371 - x * sin(x.abs().sqrt()) - y * sin(y.abs().sqrt())


def schwefel() -> Surface:
    """Build Schwefel's function 2.26: the second-best minimum lies at the opposite end."""
    return Surface(
        name="schwefel",
        function=_schwefel,
        domain=square(500.0),
        view=square(500.0),
        start=(335.0, 265.0),
        minima=minima(0.0, (420.96874635998205, 420.96874635998205)),
        latex=r"837.9658 - x \sin\sqrt{|x|} - y \sin\sqrt{|y|}",
        reference=f"{SFU}schwef.html",
        rates={"sgd": 0.1, "adam": 0.5, "rmsprop": 0.5},
        not_smooth="the gradient is NaN where x = 0 or y = 0: the square root has none at zero",
    )


def _eggholder(x: Tensor, y: Tensor) -> Tensor:
    lift = y + 47
    return -lift * sin((x / 2 + lift).abs().sqrt()) - x * sin((x - lift).abs().sqrt())


def eggholder() -> Surface:
    """Build the eggholder function: its minimum is on the border of its domain, lower ground lies beyond."""
    return Surface(
        name="eggholder",
        function=_eggholder,
        domain=square(512.0),
        view=square(540.0),
        start=(120.0, 210.0),
        minima=minima(-959.6406627208509, (512.0, 404.2318051137578), domain_only=True),
        latex=r"-(y+47) \sin\sqrt{\left|\frac{x}{2} + y + 47\right|} - x \sin\sqrt{|x - y - 47|}",
        reference=f"{SFU}egg.html",
        rates={"sgd": 0.1, "adam": 0.5, "rmsprop": 0.5},
        not_smooth="the gradient is infinite or NaN on the lines x/2 + y + 47 = 0 and x - y - 47 = 0",
    )


def _holder_table(x: Tensor, y: Tensor) -> Tensor:
    return -(sin(x) * cos(y) * exp((1 - radius(x, y) / math.pi).abs())).abs()


def holder_table() -> Surface:
    """Build the Hölder table: the deepest of many minima stand at the four corners."""
    return Surface(
        name="holder_table",
        function=_holder_table,
        domain=square(10.0),
        view=square(10.0),
        start=(6.7, 8.3),
        minima=minima(
            -19.208502567886732,
            *((x, y) for x in _HOLDER_X for y in _HOLDER_Y),
        ),
        latex=r"-\left|\sin x \cos y\ \exp\left|1 - \sqrt{x^2 + y^2}/\pi\right|\right|",
        reference=f"{SFU}holder.html",
        rates={"sgd": 0.002, "adam": 0.01, "rmsprop": 0.005},
        not_smooth="ridges with a kink where sin x = 0 or cos y = 0, a kink on the circle of radius pi, "
        "no gradient at the origin",
    )


def _cross_in_tray(x: Tensor, y: Tensor) -> Tensor:
    tall = sin(x) * sin(y) * exp((100 - radius(x, y) / math.pi).abs())
    return -0.0001 * (tall.abs() + 1) ** 0.1


def cross_in_tray() -> Surface:
    """Build the cross-in-tray function: sharp ridges along both axes and their copies."""
    half = 1.3494066171539107
    return Surface(
        name="cross_in_tray",
        function=_cross_in_tray,
        domain=square(10.0),
        view=square(6.0),
        start=(-2.6, 2.9),
        minima=minima(-2.062611870822737, (half, half), (half, -half), (-half, half), (-half, -half)),
        latex=r"-10^{-4} \left(\left|\sin x \sin y\ \exp\left|100 - \sqrt{x^2 + y^2}/\pi\right|\right|"
        r" + 1\right)^{0.1}",
        reference=f"{SFU}crossit.html",
        rates={"sgd": 0.1, "adam": 0.02, "rmsprop": 0.01},
        not_smooth="ridges where x or y is a multiple of pi; no gradient at the origin",
        float32="exp(100) overflows: the loss is -inf and the gradient NaN",
    )


def _langermann(x: Tensor, y: Tensor) -> Tensor:
    away = (x[..., None] - row(_LANGERMANN_X, x)) ** 2 + (y[..., None] - row(_LANGERMANN_Y, y)) ** 2
    return (row(_LANGERMANN_WEIGHTS, x) * exp(-away / math.pi) * cos(math.pi * away)).sum(-1)


def langermann() -> Surface:
    """Build Langermann's function with five centres: fading rings that overlap."""
    return Surface(
        name="langermann",
        function=_langermann,
        domain=((0.0, 10.0), (0.0, 10.0)),
        view=((0.0, 10.0), (0.0, 10.0)),
        start=(3.3, 2.4),
        minima=minima(-4.155809291847785, (2.7934022086450367, 1.5972325013283601)),
        latex=r"\sum_{i=1}^{5} c_i\, e^{-d_i/\pi} \cos(\pi d_i),\ d_i = (x - a_i)^2 + (y - b_i)^2",
        reference=f"{SFU}langer.html",
        rates={"sgd": 0.0005, "adam": 0.5, "rmsprop": 0.002},
    )


def _keane(x: Tensor, y: Tensor) -> Tensor:
    return -(sin(x - y) ** 2) * sin(x + y) ** 2 / radius(x, y)


def keane() -> Surface:
    """Build Keane's bump function as a minimum, without its constraints."""
    return Surface(
        name="keane",
        function=_keane,
        domain=((0.0, 10.0), (0.0, 10.0)),
        view=((-0.5, 4.5), (-0.5, 4.5)),
        start=(2.0, 0.95),
        minima=minima(-0.6736675211468547, (1.3932490753255886, 0.0), (0.0, 1.3932490753255886)),
        latex=r"-\frac{\sin^2(x - y)\, \sin^2(x + y)}{\sqrt{x^2 + y^2}}",
        reference=f"{JAMIL_YANG}; Keane 1994, Experiences with optimizers in structural design",
        rates={"sgd": 0.02, "adam": 0.005, "rmsprop": 0.005},
        not_smooth="at the origin the loss itself is NaN: zero divided by zero",
    )
