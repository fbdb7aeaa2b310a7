"""How a surface is descended: optimizer specs, the descent loop, trajectories, and recordings on disk.

`record`, `sweep` and `basins` are modules here; the functions of those names are ``descent.record``,
``descent.sweep`` and ``descent.basins``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .descent.batch import descend_many
    from .descent.ends import Ends, descend_ends
    from .descent.loop import descend
    from .experiments.tuning import Tuned, tuned
    from .results.basins import Basins
    from .results.recipe import Recipe
    from .results.recording import Recording, load
    from .results.sweep import Sweep
    from .results.trajectory import Outcome, Trajectory
    from .specs.optimizer_spec import OptimizerSpec, ScheduleSpec

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
    "Basins": "results.basins",
    "Ends": "descent.ends",
    "OptimizerSpec": "specs.optimizer_spec",
    "Outcome": "results.trajectory",
    "Recipe": "results.recipe",
    "Recording": "results.recording",
    "ScheduleSpec": "specs.optimizer_spec",
    "Sweep": "results.sweep",
    "Trajectory": "results.trajectory",
    "Tuned": "experiments.tuning",
    "descend": "descent.loop",
    "descend_ends": "descent.ends",
    "descend_many": "descent.batch",
    "load": "results.recording",
    "tuned": "experiments.tuning",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
