"""Watch torch.optim descend: record trajectories on loss surfaces and draw them truthfully and fast.

    import descent

    recording = descent.record("beale", ["sgd:lr=0.01", "adam:lr=0.1"], steps=200, start=(1, 1.5))
    descent.animate(recording).save("outputs/beale.gif")
    recording.save("beale.npz")
    descent.animate(descent.record("mlp", data="moons")).save("outputs/moons.gif")

Names load what they need when they are first used, so that ``import descent`` itself is light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import surfaces, trajectories, viz
    from .surfaces.errors import DescentError
    from .surfaces.surface import Minimum, Surface
    from .trajectories import testing
    from .trajectories.basins import basins
    from .trajectories.basins_data import Basins
    from .trajectories.filming import Film, recording
    from .trajectories.recipe import Recipe
    from .trajectories.record import record
    from .trajectories.recording import Recording, load
    from .trajectories.specs import OptimizerSpec
    from .trajectories.sweep import sweep
    from .trajectories.sweep_data import Sweep
    from .trajectories.trajectory import Outcome, Trajectory
    from .trajectories.tuning import tuned
    from .viz.animation import Animation, Still, animate, still

    __version__: str

_MODULES = {
    "surfaces": ".surfaces",
    "testing": ".trajectories.testing",
    "trajectories": ".trajectories",
    "viz": ".viz",
}
_HOMES = {
    "DescentError": ".surfaces.errors",
    "Minimum": ".surfaces.surface",
    "Surface": ".surfaces.surface",
    "Basins": ".trajectories.basins_data",
    "basins": ".trajectories.basins",
    "Film": ".trajectories.filming",
    "recording": ".trajectories.filming",
    "load": ".trajectories.recording",
    "record": ".trajectories.record",
    "Recipe": ".trajectories.recipe",
    "Recording": ".trajectories.recording",
    "OptimizerSpec": ".trajectories.specs",
    "Sweep": ".trajectories.sweep_data",
    "sweep": ".trajectories.sweep",
    "tuned": ".trajectories.tuning",
    "Outcome": ".trajectories.trajectory",
    "Trajectory": ".trajectories.trajectory",
    "Animation": ".viz.animation",
    "Still": ".viz.animation",
    "animate": ".viz.animation",
    "still": ".viz.animation",
}

__all__ = [
    "Animation",
    "Basins",
    "DescentError",
    "Film",
    "Minimum",
    "OptimizerSpec",
    "Outcome",
    "Recipe",
    "Recording",
    "Still",
    "Surface",
    "Sweep",
    "Trajectory",
    "animate",
    "basins",
    "load",
    "record",
    "recording",
    "still",
    "surfaces",
    "sweep",
    "testing",
    "trajectories",
    "tuned",
    "viz",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    if name in _MODULES:
        return import_module(_MODULES[name], __name__)
    if name == "__version__":
        from importlib.metadata import version

        return version("descent-viz")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
