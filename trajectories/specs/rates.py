"""Learning rates as they are written: a log-spaced range, or a list."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from ...surfaces.errors import DescentError
from .optimizer_spec import check_rate

DEFAULT_RATES = "1e-5:1:25"
MOST = 100_000
_FORM = f"a range A:B:N, such as {DEFAULT_RATES}, or a list, such as 0.01,0.1"


def parse_rates(rates: Any = DEFAULT_RATES) -> tuple[float, ...]:
    """Read the rates of a sweep: at least two, increasing, each once.

    ``A:B:N`` means N rates from A to B, both included, each the same multiple of the one before; those in
    between are rounded to few digits, so that the rate which a table shows is the rate that was used.

    Args:
        rates: A range or a list as text, or the rates themselves.

    Raises:
        DescentError: Not a range or list of rates.

    >>> parse_rates("1e-3:1:4")
    (0.001, 0.01, 0.1, 1.0)
    >>> parse_rates("0.2,0.1")
    (0.1, 0.2)
    """
    if isinstance(rates, str):
        text = rates.strip()
        found = _range(text) if ":" in text else tuple(_number(part, text) for part in text.split(","))
    elif isinstance(rates, Iterable) and getattr(rates, "ndim", None) != 0:
        found = tuple(each.item() if hasattr(each, "item") else each for each in rates)
    else:
        found = (rates,)
    for rate in found:
        check_rate(rate)
    if len(found) > MOST:
        raise DescentError(f"a sweep takes at most {MOST:,} rates, not {len(found):,}")
    unique = tuple(sorted({float(rate) for rate in found}))
    if len(unique) < 2:
        given = f"{unique[0]:g} alone" if unique else "none"
        raise DescentError(f"a sweep needs at least two different rates, not {given}; write {_FORM}")
    return unique


def _range(text: str) -> tuple[float, ...]:
    parts = text.split(":")
    if len(parts) != 3:
        raise DescentError(f"{text!r} is not a range of rates; write {_FORM}")
    low, high = _number(parts[0], text), _number(parts[1], text)
    for rate in (low, high):
        check_rate(rate)
    try:
        count = int(parts[2])
    except ValueError:
        count = -1
    if not 2 <= count <= MOST:
        raise DescentError(
            f"the range {text!r} needs a whole number of rates from 2 to {MOST:,}, not {parts[2].strip()!r}"
        )
    if low >= high:
        raise DescentError(
            f"the range {text!r} must rise from a smaller rate to a larger one; it goes from {low:g} to "
            f"{high:g}"
        )
    # Digits for an error of at most a hundredth of the distance between neighbours.
    first, step = math.log(low), (math.log(high) - math.log(low)) / (count - 1)
    digits = min(max(3 - math.floor(math.log10(max(step, 1e-17))), 4), 17)
    between = (float(f"{math.exp(first + k * step):.{digits}g}") for k in range(1, count - 1))
    rates = (low, *between, high)
    if any(one >= other for one, other in pairwise(rates)):
        raise DescentError(f"there are no {count:,} different numbers in the range {text!r}")
    return rates


def _number(part: str, text: str) -> float:
    try:
        return float(part)
    except ValueError:
        raise DescentError(f"{part.strip()!r} in {text!r} is not a learning rate; write {_FORM}") from None
