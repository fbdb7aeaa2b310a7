"""Shares in percent, written so that few cannot be taken for none."""

from __future__ import annotations

import math


def percent(share: float) -> str:
    """Write a share in few characters that do not hide a small one.

    >>> percent(0.783), percent(0.9996), percent(0.0004), percent(0.0)
    ('78 %', '99.96 %', '0.04 %', '0 %')
    """
    value = 100 * share
    if value and (value < 1 or 99 < value < 100):
        return f"{value:.2g} %" if value < 1 else f"{value:.4g} %"
    return f"{value:.0f} %"


def percent_of(count: int, of: int) -> str:
    """Write a count's share for a column of numbers, to a tenth of a percent.

    >>> percent_of(0, 100), percent_of(1, 10000), percent_of(1, 4), percent_of(4, 4)
    ('0 %', '<0.1 %', '25.0 %', '100 %')
    """
    if count in (0, of):
        return "0 %" if count == 0 else "100 %"
    share = 100 * count / of
    return "<0.1 %" if share < 0.1 else f"{share:.1f} %"


def brief(value: float) -> str:
    """Write a loss in few characters.

    >>> brief(14.203125), brief(1.234e-05), brief(float("nan")), brief(123456.0)
    ('14.2', '1.23e-05', 'nan', '1.23e+05')
    """
    return f"{value:.3g}" if math.isfinite(value) else str(float(value))


def amount(value: float) -> str:
    """Write a number with three digits, and infinity and NaN in words.

    >>> amount(0.021456), amount(float("inf")), amount(float("nan"))
    ('0.0215', 'infinity', 'no number')
    """
    text = brief(value)
    return {"nan": "no number", "inf": "infinity", "-inf": "minus infinity"}.get(text, text)


def ranked(count: int) -> str:
    """Write a small count as a word.

    >>> ranked(3), ranked(12)
    ('three', '12')
    """
    return ["no", "one", "two", "three", "four", "five", "six"][count] if count < 7 else str(count)


def counted(number: int, thing: str) -> str:
    """Write a number of things.

    >>> counted(1, "step"), counted(20, "step")
    ('1 step', '20 steps')
    """
    return f"{number} {thing}{'s' * (number != 1)}"
