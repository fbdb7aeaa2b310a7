"""Checks of what a user asks for, before anything runs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from ..surfaces.errors import DescentError


def check_start(start: Any, parameters: int = 2) -> tuple[float, float]:
    """Return a start as two finite floats, or raise DescentError.

    Args:
        start: Two numbers; of one parameter its number, alone or in a sequence, or with 0 behind it.
        parameters: How many the target has, 1 or 2.

    >>> check_start([1, 2.5]), check_start(-3, parameters=1)
    ((1.0, 2.5), (-3.0, 0.0))
    """
    try:
        numbers = [float(value) for value in (start if isinstance(start, Iterable) else [start])]
    except (TypeError, ValueError):
        numbers = []
    if parameters == 1:
        if len(numbers) not in (1, 2) or any(numbers[1:]):
            raise DescentError(f"a target of one parameter has one number X as start, not {start!r}")
        numbers = [numbers[0], 0.0]
    if len(numbers) != 2:
        raise DescentError(f"a start is two numbers X,Y, not {start!r}")
    x, y = numbers
    if not (math.isfinite(x) and math.isfinite(y)):
        raise DescentError(f"a start must be finite, not {x:g},{y:g}")
    return x, y


def check_whole(value: Any, what: str, least: int, most: int = 2**63 - 1) -> int:
    """Return a whole number within bounds, or raise DescentError; True and 3.0 are no whole numbers."""
    try:
        whole = None if isinstance(value, bool) else int(value.__index__())
    except (AttributeError, TypeError):
        whole = None
    if whole is None or not least <= whole <= most:
        bounds = f"at least {least}" if whole is None or whole < least else f"at most {most}"
        raise DescentError(f"{what} must be a whole number of {bounds}, not {value!r}")
    return whole


def check_amount(value: Any, what: str) -> float:
    """Return a finite number of at least zero as a float, or raise DescentError."""
    try:
        amount = math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError, OverflowError):
        amount = math.nan
    if not (math.isfinite(amount) and amount >= 0):
        raise DescentError(f"{what} must be a finite number of at least 0, not {value!r}")
    return amount


def check_resolution(resolution: Any, parameters: int = 2) -> tuple[int, int]:
    """Return the points of a field along x and y as two whole numbers of at least 2, or raise DescentError.

    Of one parameter a field has one row, whatever its height is said to be.
    """
    try:
        width, height = resolution
    except (TypeError, ValueError):
        raise DescentError(f"a resolution is two whole numbers W,H, not {resolution!r}") from None
    width = check_whole(width, "the resolution's width", 2)
    height = check_whole(height, "the resolution's height", parameters)
    return width, 1 if parameters == 1 else height


def check_rates(lr: Any) -> tuple[float, ...]:
    """Return one learning rate, several, or None as a tuple of numbers; each is checked where it is used."""
    if lr is None:
        return ()
    several = isinstance(lr, Iterable) and not isinstance(lr, str)
    return tuple(lr if several else [lr])


def parse_memory(memory: float | str) -> float:
    """Read an amount of memory in bytes: a number, or text such as ``500MB`` or ``2GB``.

    Raises:
        DescentError: Not an amount of memory.

    >>> parse_memory("2GB"), parse_memory(1e6)
    (2000000000.0, 1000000.0)
    """
    match = re.fullmatch(r"\s*(\d+\.?\d*(?:e\d+)?)\s*([kMGT]?)B?\s*", str(memory), flags=re.IGNORECASE)
    if match is None:
        raise DescentError(f"{memory!r} is not an amount of bytes; write it as 500MB or 2GB")
    return float(match[1]) * 1000.0 ** " KMGT".index(match[2].upper() or " ")
