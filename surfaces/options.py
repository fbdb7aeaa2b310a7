"""Options written as text: ``name:key=value,key=value``, for surfaces, optimizers and schedules alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .errors import DescentError

if TYPE_CHECKING:
    from collections.abc import Iterable

Value = bool | int | float | str | None | tuple[bool | int | float | str | None, ...]
Options = tuple[tuple[str, Value], ...]

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "none": None}
_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_DIGITS = 20  # characters of the longest whole number in 64 bits, with its sign
_INTEGER = re.compile(r"[+-]?\d+")


def parse_value(text: str) -> Value:
    """Read one value: a number, true, false, none, a tuple with ``/`` between its items, or text.

    >>> parse_value("0.9/0.99"), parse_value("true"), parse_value("1e-3"), parse_value("30/")
    ((0.9, 0.99), True, 0.001, (30,))
    """
    if "/" in text:
        items = [item.strip() for item in text.split("/")]
        return tuple(_parse_item(item) for item in items if item)
    return _parse_item(text)


def as_bool(value: object) -> bool | None:
    """Return what a value means that stands for true or false; None where it stands for neither.

    >>> as_bool("Yes"), as_bool(0), as_bool(False), as_bool("maybe")
    (True, False, False, None)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    return _SWITCHES.get(value.casefold()) if isinstance(value, str) else None


def _parse_item(text: str) -> bool | int | float | str | None:
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    if len(text) <= _DIGITS and _INTEGER.fullmatch(text) and abs(whole := int(text)) < 2**63:
        return whole
    try:
        return float(text)  # also of a whole number that 64 bits do not hold
    except ValueError:
        return text


def format_value(value: Value) -> str:
    """Write one value so that `parse_value` reads the same value again.

    >>> format_value((0.9, 0.99)), format_value(True), format_value(0.1), format_value((30,))
    ('0.9/0.99', 'true', '0.1', '30/')
    """
    if isinstance(value, tuple):
        return "/".join(map(format_value, value)) + ("/" if len(value) == 1 else "")
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def parse_named(text: str, kind: str) -> tuple[str, Options]:
    """Split ``name:key=value,...`` into the name and its options, in the order given.

    Raises:
        DescentError: No name, an option without ``=`` or value, or the same option twice.

    >>> parse_named("adam:lr=0.1,betas=0.9/0.99", "optimizer")
    ('adam', (('lr', 0.1), ('betas', (0.9, 0.99))))
    """
    name, colon, rest = text.partition(":")
    name = name.strip()
    if not name:
        raise DescentError(f"{kind} {text!r} has no name; write it as name:option=value,option=value")
    options: dict[str, Value] = {}
    for part in rest.split(",") if colon else ():
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not (key and equals and value):
            raise DescentError(
                f"{part!r} in {kind} {text!r} is not an option; write it as name:option=value,option=value"
            )
        if key in options:
            raise DescentError(f"option {key!r} is given twice in {kind} {text!r}")
        options[key] = parse_value(value)
    return name, tuple(options.items())


def format_named(name: str, options: Iterable[tuple[str, Value]]) -> str:
    """Write a name and its options so that `parse_named` reads them again."""
    parts = ",".join(f"{key}={format_value(value)}" for key, value in options)
    return f"{name}:{parts}" if parts else name
