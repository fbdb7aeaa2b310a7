"""A scene: what to draw, as frozen data. A frame is a pure function of a scene and a frame number."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..trajectories.specs import OptimizerSpec
from .colours import RunStyle, run_styles
from .panels import choose_panels
from .wishes import Wishes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..trajectories.basins_data import Basins
    from ..trajectories.recording import Recording
    from ..trajectories.sweep_data import Sweep
    from ..trajectories.training import Training
    from .themes import Theme
    from .timing import Timing


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AbstractScene(ABC):
    """How something looks, and which step each frame shows; subclasses add what it is."""

    theme: Theme
    size: tuple[int, int]  # width and height in pixels
    timing: Timing
    heights: str = "auto"  # how the heights are scaled: one of SCALES
    loop: bool = True  # whether an animation starts again at its end

    @property
    def frames(self) -> int:
        """How many frames the animation has."""
        return len(self.timing.steps)

    @property
    @abstractmethod
    def drawer(self) -> str:
        """The module:function that draws it: (figure, scene) -> what grows and what moves."""

    @property
    @abstractmethod
    def recipe(self) -> dict[str, Any]:
        """What makes the subject of the scene again, as plain JSON values."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scene(AbstractScene):
    """A comparison: the runs of a recording on its height field."""

    recording: Recording

    @property
    def drawer(self) -> str:
        """Contour, losses and legend on one page."""
        return ".comparison:draw_comparison"

    @property
    def recipe(self) -> dict[str, Any]:
        """The recording's recipe."""
        return _recipe(self.recording)

    @property
    def specs(self) -> tuple[OptimizerSpec, ...]:
        """The optimizer spec of each run."""
        return _specs(self.recording)

    @property
    def styles(self) -> tuple[RunStyle, ...]:
        """The colour, marker and dash of each run."""
        return run_styles(self.specs, self.theme)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NetworkScene(AbstractScene):
    """The runs of a network on a plane through its weight space, and panels of what else happened."""

    recording: Recording
    panels: tuple[str, ...]  # names in PANELS, the most important first
    chosen: bool = False  # whether somebody named the panels, so that none may be left out

    @property
    def drawer(self) -> str:
        """Contour, legend and panels on one page."""
        return ".network:draw_network"

    @property
    def recipe(self) -> dict[str, Any]:
        """The recording's recipe."""
        return _recipe(self.recording)

    @property
    def training(self) -> Training:
        """What only recordings of networks have."""
        assert self.recording.training is not None
        return self.recording.training

    @property
    def specs(self) -> tuple[OptimizerSpec, ...]:
        """The optimizer spec of each run."""
        return _specs(self.recording)

    @property
    def styles(self) -> tuple[RunStyle, ...]:
        """The colour, marker and dash of each run."""
        return run_styles(self.specs, self.theme)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SweepScene(AbstractScene):
    """Every optimizer at every learning rate: a curve each, or a small contour panel each."""

    sweep: Sweep
    multiples: bool = False

    @property
    def drawer(self) -> str:
        """Loss against learning rate, or optimizers down and learning rates across."""
        return ".multiples:draw_multiples" if self.multiples else ".sweep:draw_sweep"

    @property
    def recipe(self) -> dict[str, Any]:
        """The sweep's recipe."""
        return self.sweep.recipe

    @property
    def styles(self) -> tuple[RunStyle, ...]:
        """The colour, marker and dash of each optimizer."""
        return run_styles([OptimizerSpec.parse(spec) for spec in self.sweep.specs], self.theme)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BasinsScene(AbstractScene):
    """Which minimum each start reaches, a map an optimizer."""

    basins: Basins

    @property
    def drawer(self) -> str:
        """A map an optimizer, side by side."""
        return ".basins:draw_basins"

    @property
    def recipe(self) -> dict[str, Any]:
        """The map's recipe."""
        return self.basins.recipe


def _recipe(recording: Recording) -> dict[str, Any]:
    recipe = recording.recipe
    return asdict(recipe) | {"versions": dict(recipe.versions)}


def _specs(recording: Recording) -> tuple[OptimizerSpec, ...]:
    return tuple(OptimizerSpec.parse(run.spec) for run in recording.trajectories)


def check_wishes(**wishes: Any) -> None:
    """Raise the DescentError that `compose` would raise for these wishes, without a recording."""
    asked = Wishes(**wishes)
    asked.look(1)
    asked.wanted_panels  # noqa: B018


def compose(subject: Recording | Sweep | Basins, **wishes: Any) -> AbstractScene:
    """Make a scene from what is to be shown and what a user wishes; see `descent.animate` for the wishes.

    Raises:
        DescentError: A wish that cannot be met.
    """
    from ..trajectories.basins_data import Basins
    from ..trajectories.sweep_data import Sweep

    asked = Wishes(**wishes)
    look = asked.look(_steps(subject))
    if isinstance(subject, Basins):
        asked.without_panels("basins")
        return BasinsScene(basins=subject, **look)
    if isinstance(subject, Sweep):
        asked.without_panels("a sweep")
        return SweepScene(sweep=subject, multiples=asked.multiples, **look)
    losses = any(math.isfinite(loss) for run in subject.trajectories for loss in run.losses)
    panels = choose_panels(asked.wanted_panels, subject.training, losses=losses)
    if subject.training is None:
        return Scene(recording=subject, **look)
    chosen = asked.wanted_panels is not None
    return NetworkScene(recording=subject, panels=panels, chosen=chosen, **look)


def _steps(subject: Recording | Sweep | Basins) -> int | NDArray[np.int64]:
    """Return the number of the last step, or where not every step was kept those that were."""
    from ..trajectories.basins_data import Basins
    from ..trajectories.sweep_data import Sweep

    if isinstance(subject, Basins):
        return subject.budget
    return subject.steps if isinstance(subject, Sweep) else subject.kept
