"""Watch torch.optim descend: record trajectories on loss surfaces and draw them truthfully and fast.

A first use::

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
    from .courses.building import Built, build
    from .surfaces.errors import DescentError
    from .surfaces.surface import Minimum, Surface
    from .trajectories.diagnosis.diagnose import diagnose
    from .trajectories.experiments.basins import basins
    from .trajectories.experiments.explore import explore
    from .trajectories.experiments.record import record
    from .trajectories.experiments.sweep import sweep
    from .trajectories.experiments.tuning import tuned
    from .trajectories.results.basins import Basins
    from .trajectories.results.diagnosis import Diagnosis
    from .trajectories.results.exploration import Exploration
    from .trajectories.results.recipe import Recipe
    from .trajectories.results.recording import Recording, load
    from .trajectories.results.sweep import Sweep
    from .trajectories.results.trajectory import Outcome, Trajectory
    from .trajectories.specs.optimizer_spec import OptimizerSpec
    from .trajectories.testing import public as testing
    from .trajectories.training.checkpoints import from_checkpoints
    from .trajectories.training.film import Film, recording
    from .viz.animation import Animation, Still, animate, still

    __version__: str

_MODULES = {
    "surfaces": ".surfaces",
    "testing": ".trajectories.testing.public",
    "trajectories": ".trajectories",
    "viz": ".viz",
}
_HOMES = {
    "DescentError": ".surfaces.errors",
    "Minimum": ".surfaces.surface",
    "Surface": ".surfaces.surface",
    "Basins": ".trajectories.results.basins",
    "Built": ".courses.building",
    "build": ".courses.building",
    "basins": ".trajectories.experiments.basins",
    "Exploration": ".trajectories.results.exploration",
    "explore": ".trajectories.experiments.explore",
    "Diagnosis": ".trajectories.results.diagnosis",
    "diagnose": ".trajectories.diagnosis.diagnose",
    "Film": ".trajectories.training.film",
    "recording": ".trajectories.training.film",
    "from_checkpoints": ".trajectories.training.checkpoints",
    "load": ".trajectories.results.recording",
    "record": ".trajectories.experiments.record",
    "Recipe": ".trajectories.results.recipe",
    "Recording": ".trajectories.results.recording",
    "OptimizerSpec": ".trajectories.specs.optimizer_spec",
    "Sweep": ".trajectories.results.sweep",
    "sweep": ".trajectories.experiments.sweep",
    "tuned": ".trajectories.experiments.tuning",
    "Outcome": ".trajectories.results.trajectory",
    "Trajectory": ".trajectories.results.trajectory",
    "Animation": ".viz.animation",
    "Still": ".viz.animation",
    "animate": ".viz.animation",
    "still": ".viz.animation",
}

__all__ = [
    "Animation",
    "Basins",
    "Built",
    "DescentError",
    "Diagnosis",
    "Exploration",
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
    "build",
    "diagnose",
    "explore",
    "from_checkpoints",
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
