"""What is descended: surfaces and networks with their data, planes through weight space, and fields."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .catalogue import names
    from .data import Data, Part
    from .data_resolve import get_data
    from .field import Field, sample
    from .network import Network
    from .network_resolve import get_network
    from .objective import Objective
    from .plane import Plane
    from .resolve import get
    from .slices import along, sample_plane
    from .surface import Minimum, Surface

__all__ = [
    "Data",
    "Field",
    "Minimum",
    "Network",
    "Objective",
    "Part",
    "Plane",
    "Surface",
    "along",
    "get",
    "get_data",
    "get_network",
    "names",
    "sample",
    "sample_plane",
]

_HOMES = {
    "Data": "data",
    "Field": "field",
    "Minimum": "surface",
    "Network": "network",
    "Objective": "objective",
    "Part": "data",
    "Plane": "plane",
    "Surface": "surface",
    "along": "slices",
    "get": "resolve",
    "get_data": "data_resolve",
    "get_network": "network_resolve",
    "names": "catalogue",
    "sample": "field",
    "sample_plane": "slices",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
