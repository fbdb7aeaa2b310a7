"""What is descended: surfaces and networks with their data, planes through weight space, and fields."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .analytic.resolve import get
    from .catalogue import names
    from .data.dataset import Data, Part
    from .data.resolve import get_data
    from .field import Field, sample
    from .networks.network import Network
    from .networks.objective import Objective
    from .networks.plane import Plane
    from .networks.resolve import get_network
    from .networks.slices import along, sample_plane
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
    "Data": "data.dataset",
    "Field": "field",
    "Minimum": "surface",
    "Network": "networks.network",
    "Objective": "networks.objective",
    "Part": "data.dataset",
    "Plane": "networks.plane",
    "Surface": "surface",
    "along": "networks.slices",
    "get": "analytic.resolve",
    "get_data": "data.resolve",
    "get_network": "networks.resolve",
    "names": "catalogue",
    "sample": "field",
    "sample_plane": "networks.slices",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
