"""Plateaus: almost everywhere flat, so that the gradient says nothing until it is nearly too late."""

from __future__ import annotations

import math

from torch import Tensor, cos, exp, sin

from ..surface import Surface
from .shared import SFU, minima, row, square

_FOXHOLES = (-32.0, -16.0, 0.0, 16.0, 32.0)
_FOXHOLES_X = _FOXHOLES * 5
_FOXHOLES_Y = tuple(y for y in _FOXHOLES for _ in _FOXHOLES)
_FOXHOLES_RANK = tuple(float(rank) for rank in range(1, 26))


def _easom(x: Tensor, y: Tensor) -> Tensor:
    return -cos(x) * cos(y) * exp(-((x - math.pi) ** 2) - (y - math.pi) ** 2)


def easom() -> Surface:
    """Build Easom's function: one narrow hole in a plain 200 wide; the view shows the hole."""
    return Surface(
        name="easom",
        function=_easom,
        domain=square(100.0),
        view=((-0.5, 6.8), (-0.5, 6.8)),
        start=(2.0, 4.4),
        minima=minima(-1.0, (math.pi, math.pi)),
        latex=r"-\cos x \cos y\ e^{-(x - \pi)^2 - (y - \pi)^2}",
        reference=f"{SFU}easom.html",
        rates={"sgd": 0.05, "adam": 0.005, "rmsprop": 0.005},
        float32="far from the hole exp underflows: loss and gradient are exactly zero",
    )


def _michalewicz(x: Tensor, y: Tensor) -> Tensor:
    return -sin(x) * sin(x**2 / math.pi) ** 20 - sin(y) * sin(2 * y**2 / math.pi) ** 20


def michalewicz() -> Surface:
    """Build Michalewicz' function with steepness 10: a plain cut by ditches, deepest where they cross."""
    return Surface(
        name="michalewicz",
        function=_michalewicz,
        domain=((0.0, math.pi), (0.0, math.pi)),
        view=((0.0, math.pi), (0.0, math.pi)),
        start=(2.55, 1.9),
        minima=minima(-1.8013034100985525, (2.2029055201726093, math.pi / 2)),
        latex=r"-\sin x\, \sin^{20}\frac{x^2}{\pi} - \sin y\, \sin^{20}\frac{2y^2}{\pi}",
        reference=f"{SFU}michal.html",
        rates={"sgd": 0.002, "adam": 0.002, "rmsprop": 0.001},
        float32="in the flattest parts the 19th power of a sine underflows: the gradient is exactly zero",
    )


def _de_jong_5(x: Tensor, y: Tensor) -> Tensor:
    away = (x[..., None] - row(_FOXHOLES_X, x)) ** 6 + (y[..., None] - row(_FOXHOLES_Y, y)) ** 6
    return 1 / (0.002 + (1 / (row(_FOXHOLES_RANK, x) + away)).sum(-1))


def de_jong_5() -> Surface:
    """Build De Jong's function 5, Shekel's foxholes: 25 steep holes, each a little deeper than the next."""
    return Surface(
        name="de_jong_5",
        function=_de_jong_5,
        domain=square(65.536),
        view=square(50.0),
        start=(-20.6, -27.6),
        minima=minima(0.9980038377944502, (-31.97833483565697, -31.978334837300796)),
        latex=r"\left(0.002 + \sum_{i=1}^{25} \frac{1}{i + (x - a_i)^6 + (y - b_i)^6}\right)^{-1}",
        reference=f"{SFU}dejong5.html",
        rates={"sgd": 0.0005, "adam": 0.02, "rmsprop": 0.02},
    )


def _gramacy_lee(x: Tensor, y: Tensor) -> Tensor:
    return x * exp(-(x**2) - y**2)


def gramacy_lee() -> Surface:
    """Build the Gramacy-Lee function in two dimensions: one hole and one hill, flat elsewhere."""
    return Surface(
        name="gramacy_lee",
        function=_gramacy_lee,
        domain=((-2.0, 6.0), (-2.0, 6.0)),
        view=((-2.0, 3.0), (-2.0, 3.0)),
        start=(0.4, 1.2),
        minima=minima(-math.sqrt(0.5) * math.exp(-0.5), (-math.sqrt(0.5), 0.0)),
        latex=r"x\, e^{-x^2 - y^2}",
        reference=f"{SFU}grlee08.html",
        rates={"sgd": 0.1, "adam": 0.01, "rmsprop": 0.01},
    )
