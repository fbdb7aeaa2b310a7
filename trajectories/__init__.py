"""How a surface is descended: optimizer specs, the descent loop, trajectories, and recordings on disk.

`record`, `sweep` and `basins` are modules here; the functions of those names are ``descent.record``,
``descent.sweep`` and ``descent.basins``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .basins_data import Basins
    from .batch import descend_many
    from .ends import Ends, descend_ends
    from .loop import descend
    from .recipe import Recipe
    from .recording import Recording, load
    from .specs import OptimizerSpec, ScheduleSpec
    from .sweep_data import Sweep
    from .trajectory import Outcome, Trajectory
    from .tuning import Tuned, tuned

__all__ = [
    "Basins",
    "Ends",
    "OptimizerSpec",
    "Outcome",
    "Recipe",
    "Recording",
    "ScheduleSpec",
    "Sweep",
    "Trajectory",
    "Tuned",
    "descend",
    "descend_ends",
    "descend_many",
    "load",
    "tuned",
]

_HOMES = {
    "Basins": "basins_data",
    "Ends": "ends",
    "OptimizerSpec": "specs",
    "Outcome": "trajectory",
    "Recipe": "recipe",
    "Recording": "recording",
    "ScheduleSpec": "specs",
    "Sweep": "sweep_data",
    "Trajectory": "trajectory",
    "Tuned": "tuning",
    "descend": "loop",
    "descend_ends": "ends",
    "descend_many": "batch",
    "load": "recording",
    "tuned": "tuning",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
