"""Saddles: flat points that are no minimum; the loss falls without end beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..surface import Surface
from .shared import square

if TYPE_CHECKING:
    from torch import Tensor


def _saddle(x: Tensor, y: Tensor) -> Tensor:
    return x**2 - y**2


def saddle() -> Surface:
    """Build the plain saddle; the start lies just off the ridge, so that leaving it takes time."""
    return Surface(
        name="saddle",
        function=_saddle,
        domain=square(2.0),
        view=square(2.0),
        start=(-1.6, 0.02),
        latex=r"x^2 - y^2",
        reference="the hyperbolic paraboloid; no minimum, unbounded below",
        rates={"sgd": 0.01, "adam": 0.005, "rmsprop": 0.002},
    )


def _monkey_saddle(x: Tensor, y: Tensor) -> Tensor:
    return x**3 - 3 * x * y**2


def monkey_saddle() -> Surface:
    """Build the monkey saddle: at its centre gradient and curvature are both zero."""
    return Surface(
        name="monkey_saddle",
        function=_monkey_saddle,
        domain=square(2.0),
        view=square(2.0),
        start=(1.3, 0.12),
        latex=r"x^3 - 3xy^2",
        reference="Hilbert and Cohn-Vossen 1952, Geometry and the Imagination; no minimum, unbounded below",
        rates={"sgd": 0.002, "adam": 0.005, "rmsprop": 0.002},
    )
