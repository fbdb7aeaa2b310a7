"""What is descended: surfaces by name, from formulas and from functions, and fields sampled from them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .catalogue import names
    from .field import Field, sample
    from .resolve import get
    from .surface import Minimum, Surface

__all__ = ["Field", "Minimum", "Surface", "get", "names", "sample"]

_HOMES = {
    "Field": "field",
    "Minimum": "surface",
    "Surface": "surface",
    "get": "resolve",
    "names": "catalogue",
    "sample": "field",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
