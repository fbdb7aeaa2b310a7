"""Values read from a file's header, each checked: nothing that a file says is believed."""

from __future__ import annotations

import math
from typing import Any

from ...surfaces.errors import DescentError
from ...surfaces.surface import Box, check_box

MOST = 2**63 - 1


def box(found: dict[str, Any], key: str) -> Box:
    """Return a box ((x0, x1), (y0, y1)), or raise DescentError."""
    pairs = dict(enumerate(get(found, key, list)))
    if len(pairs) != 2:
        raise DescentError(f"{key!r} in its header is not two pairs")
    box = (pair(pairs, 0), pair(pairs, 1))
    check_box(box, f"the {key}")
    return box


def pair(found: dict[Any, Any], key: object) -> tuple[float, float]:
    """Return two finite numbers, or raise DescentError."""
    pair = dict(enumerate(get(found, key, list)))
    if len(pair) != 2:
        raise DescentError(f"{key!r} in its header is not two numbers")
    return number(pair, 0), number(pair, 1)


def number(found: dict[Any, Any], key: object) -> float:
    """Return a finite number, or raise DescentError."""
    value = get(found, key, (int, float))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if isinstance(value, bool) or not math.isfinite(number):
        raise DescentError(f"{key!r} in its header is not a finite number")
    return number


def whole(found: dict[Any, Any], key: object, least: int) -> int:
    """Return a whole number of at least so much that 64 bits hold, or raise DescentError."""
    value: int = get(found, key, int)
    if isinstance(value, bool) or value < least:
        raise DescentError(
            f"{key!r} in its header must be a whole number of at least {least}, not {value!r:.40}"
        )
    if value > MOST:
        raise DescentError(
            f"{key!r} in its header is a number of {value.bit_length()} bits; at most 63 are read"
        )
    return value


def get(found: Any, key: object, kind: type | tuple[type, ...]) -> Any:
    """Return a value of this kind, or raise DescentError."""
    if not isinstance(found, dict) or not isinstance(found.get(key), kind):
        names = kind.__name__ if isinstance(kind, type) else "number"
        raise DescentError(f"{key!r} in its header is missing or no {names}")
    return found[key]


def texts(found: Any, key: object) -> tuple[str, ...]:
    """Return a list of texts as a tuple, or raise DescentError."""
    return tuple(get({"text": text}, "text", str) for text in get(found, key, list))
