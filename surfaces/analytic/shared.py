"""What the analytic surfaces share: boxes, minima, sources, checks of their options, two formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DescentError
from ..options import format_named
from ..surface import Box, Minimum
from ..text import shown_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

# Collections that many surfaces come from.
SFU = "Surjanovic and Bingham, Virtual Library of Simulation Experiments, https://www.sfu.ca/~ssurjano/"
MOST_DIMS = 10_000  # parameters of a surface in n dimensions
JAMIL_YANG = "Jamil and Yang 2013, A literature survey of benchmark functions, doi:10.1504/IJMMNO.2013.055204"


def square(half: float) -> Box:
    """Return the square box around the origin with sides of length ``2 * half``."""
    return ((-half, half), (-half, half))


def minima(value: float, *points: tuple[float, float], domain_only: bool = False) -> tuple[Minimum, ...]:
    """Return one minimum of the same value for each point."""
    return tuple(Minimum(point, value, domain_only) for point in points)


def check_option(surface: str, option: str, value: object, low: float, high: float) -> float:
    """Return an option's value, or raise DescentError unless it is a number from low to high."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise DescentError(
            f"{option} of surface {surface!r} must be a number from {low:g} to {high:g}, not {value!r}"
        )
    return value


def check_dim(surface: str, value: object) -> int:
    """Return a number of dimensions, or raise DescentError unless it is a whole one from 2 to MOST_DIMS."""
    if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= MOST_DIMS:
        raise DescentError(
            f"dim of surface {surface!r} must be a whole number from 2 to {MOST_DIMS:,}, "
            f"not {shown_value(value)}"
        )
    return value


def spec(name: str, **options: tuple[float, float]) -> str:
    """Write a name with those of its options, given as (value, usual value), that are not as usual.

    >>> spec("quadratic", condition=(100, 10.0), angle=(0, 0.0))
    'quadratic:condition=100'
    """
    return format_named(name, [(key, value) for key, (value, usual) in options.items() if value != usual])


def radius(x: Tensor, y: Tensor) -> Tensor:
    """Return the distance from the origin; its gradient at the origin is NaN, as the kink there demands."""
    return (x**2 + y**2).sqrt()


def row(values: Sequence[float], like: Tensor) -> Tensor:
    """Return constants as a tensor of shape (N,) with the dtype and device of ``like``."""
    return like.new_tensor(values)
