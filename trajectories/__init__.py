"""How a surface is descended: optimizer specs, the descent loop, trajectories, and recordings on disk.

`record` is a module here; the function of that name is ``descent.record``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .files import load, save
    from .loop import descend
    from .recording import Recipe, Recording
    from .specs import OptimizerSpec, ScheduleSpec
    from .trajectory import Outcome, Trajectory

__all__ = [
    "OptimizerSpec",
    "Outcome",
    "Recipe",
    "Recording",
    "ScheduleSpec",
    "Trajectory",
    "descend",
    "load",
    "save",
]

_HOMES = {
    "OptimizerSpec": "specs",
    "Outcome": "trajectory",
    "Recipe": "recording",
    "Recording": "recording",
    "ScheduleSpec": "specs",
    "Trajectory": "trajectory",
    "descend": "loop",
    "load": "files",
    "save": "files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
