"""Wishes of the right type, or a sentence that names the wish."""

from __future__ import annotations

from typing import Any

from ...surfaces.errors import DescentError
from ...surfaces.text import shown_value
from ...trajectories.arguments import check_number, check_switch

_NAMES = ("panels", "grid", "arrows")
_OWN = ("theme", "size", "max_size", "stops")  # of several types, which their readers tell apart


def of_its_type(name: str, kind: type, default: object, value: Any) -> Any:
    """Return a wish as Python's own value, where it has the type that such a wish has.

    Args:
        name: The wish.
        kind: The type of its values, as `Wish` says it.
        default: Its default; None is taken where that is None.
        value: What was wished.

    Raises:
        DescentError: It is of another type.

    >>> of_its_type("fps", float, None, 25), of_its_type("panels", str, None, ("contour", "loss"))
    (25, ('contour', 'loss'))
    """
    if (value is None and default is None) or name in _OWN:
        return value
    if kind is bool:
        return check_switch(value, name)
    if kind is float:
        number = check_number(value, name)
        return value if type(value) in (int, float) and abs(number) < 1e18 else number
    if kind is int:
        return _whole(name, value)
    if name in _NAMES and isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return value
    if not isinstance(value, str):
        words = "names, as a list or apart by commas" if name in _NAMES else "text"
        raise DescentError(f"{name} must be {words}, not {shown_value(value)}")
    return value


def _whole(name: str, value: Any) -> Any:
    if isinstance(value, bool):  # which its own check refuses
        return value
    try:
        whole = int(value.__index__())
    except (AttributeError, TypeError):
        raise DescentError(f"{name} must be a whole number, not {shown_value(value)}") from None
    if abs(whole) > 10**18:
        raise DescentError(f"{name} must be a smaller number, not {shown_value(value)}")
    return whole
