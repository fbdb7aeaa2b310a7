"""Checks of what a user asks for, before anything runs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from ..surfaces.errors import DescentError
from ..surfaces.text import shown_value

_AMOUNT = r"\s*(\d+\.?\d*(?:e\+?\d+)?)\s*([kMGT]?)B?\s*"
_LONGEST = 60  # characters of an amount of bytes


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
    except (TypeError, ValueError, OverflowError):
        numbers = []
    if parameters == 1:
        if len(numbers) not in (1, 2) or any(numbers[1:]):
            raise DescentError(
                f"a target of one parameter has one number X as start, not {shown_value(start)}"
            )
        numbers = [numbers[0], 0.0]
    if len(numbers) != 2:
        raise DescentError(f"a start is two numbers X,Y, not {shown_value(start)}")
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
        raise DescentError(f"{what} must be a whole number of {bounds}, not {shown_value(value)}")
    return whole


def check_amount(value: Any, what: str) -> float:
    """Return a finite number of at least zero as a float, or raise DescentError."""
    try:
        amount = math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError, OverflowError):
        amount = math.nan
    if not (math.isfinite(amount) and amount >= 0):
        raise DescentError(f"{what} must be a finite number of at least 0, not {shown_value(value)}")
    return amount


def check_resolution(resolution: Any, parameters: int = 2) -> tuple[int, int]:
    """Return the points of a field along x and y as two whole numbers of at least 2, or raise DescentError.

    Of one parameter a field has one row, whatever its height is said to be.
    """
    try:
        width, height = resolution
    except (TypeError, ValueError):
        raise DescentError(f"a resolution is two whole numbers W,H, not {shown_value(resolution)}") from None
    width = check_whole(width, "the resolution's width", 2)
    height = check_whole(height, "the resolution's height", parameters)
    return width, 1 if parameters == 1 else height


def check_rates(lr: Any) -> tuple[float, ...]:
    """Return one learning rate, several, or None as a tuple of numbers; each is checked where it is used."""
    if lr is None:
        return ()
    try:
        return tuple([lr] if isinstance(lr, str) else lr)
    except TypeError:  # a number, or a tensor that is one
        return (lr,)


def check_callable(function: Any, what: str) -> None:
    """Raise DescentError unless something can be called, or is None."""
    if function is not None and not callable(function):
        raise DescentError(f"{what} must be a function or None, not {shown_value(function)}")


def check_switch(value: Any, what: str) -> bool:
    """Return a truth value of Python or NumPy as Python's, or raise DescentError."""
    if type(value).__name__ not in ("bool", "bool_"):
        raise DescentError(f"{what} must be True or False, not {shown_value(value)}")
    return bool(value)


def check_number(value: Any, what: str) -> float:
    """Return a number as a float, infinite where it is too large for one, or raise DescentError."""
    try:
        if isinstance(value, bool | str | bytes):
            raise TypeError
        return float(value)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        raise DescentError(f"{what} must be a number, not {shown_value(value)}") from None


def parse_memory(memory: float | str) -> float:
    """Read an amount of memory in bytes: a number, or text such as ``500MB`` or ``2GB``.

    Raises:
        DescentError: Not an amount of memory.

    >>> parse_memory("2GB"), parse_memory(1e6)
    (2000000000.0, 1000000.0)
    """
    text = memory if isinstance(memory, str) else str(check_number(memory, "an amount of bytes"))
    match = re.fullmatch(_AMOUNT, text, flags=re.IGNORECASE | re.ASCII) if len(text) <= _LONGEST else None
    amount = float(match[1]) * 1000.0 ** " KMGT".index(match[2].upper() or " ") if match else math.inf
    if not math.isfinite(amount):
        raise DescentError(f"{shown_value(memory)} is not an amount of bytes; write it as 500MB or 2GB")
    return amount
