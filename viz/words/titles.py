"""What a target is called in words; loads no library."""

from __future__ import annotations

from ...surfaces.catalogue import CATALOGUE
from ...surfaces.options import format_value, parse_named
from ...surfaces.text import escaped


def title_of(target: str) -> str:
    """Write a target spec as a title.

    >>> title_of("goldstein_price"), title_of("quadratic:condition=100"), title_of("expr:x**2 + y**2")
    ('Goldstein–Price', 'Quadratic, condition 100', 'x**2 + y**2')
    """
    target = escaped(" ".join(target.split()))
    if target.startswith("expr:"):
        return target.removeprefix("expr:").strip()
    name, _, options = target.partition(":")
    entry = CATALOGUE.get(name)
    if entry is None and options and "=" not in options:  # a function by its path
        return target
    words = name.replace("_", " ").strip()
    words = entry.title if entry and entry.title else words[:1].upper() + words[1:]
    for key, value in parse_named(target, "target")[1] if options else ():
        words += f", {key} {value:g}" if isinstance(value, float) else f", {key} {format_value(value)}"
    return words
