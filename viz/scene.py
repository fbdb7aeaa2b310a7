"""A scene: what to draw, as frozen data. A frame is a pure function of a scene and a frame number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..trajectories.specs import OptimizerSpec
from .colours import RunStyle, run_styles
from .heights import check_scale
from .layout import parse_size
from .themes import Theme
from .themes import get as get_theme
from .timing import Timing, plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..trajectories.basins_data import Basins
    from ..trajectories.recording import Recording
    from ..trajectories.sweep_data import Sweep


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
        recipe = self.recording.recipe
        return asdict(recipe) | {"versions": dict(recipe.versions)}

    @property
    def specs(self) -> tuple[OptimizerSpec, ...]:
        """The optimizer spec of each run."""
        return tuple(OptimizerSpec.parse(run.spec) for run in self.recording.trajectories)

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


def check_wishes(
    *,
    theme: str = "light",
    size: str = "medium",
    heights: str = "auto",
    fps: float | None = None,
    seconds: float | None = None,
    hold: float = 1.5,
    loop: bool = True,
) -> None:
    """Raise the DescentError that `compose` would raise for these wishes, without a recording."""
    get_theme(theme)
    parse_size(size)
    check_scale(heights)
    plan(1, fps, seconds, hold)


def compose(
    subject: Recording | Sweep | Basins,
    *,
    theme: str | Theme = "light",
    size: str | tuple[int, int] = "medium",
    fps: float | None = None,
    seconds: float | None = None,
    hold: float = 1.5,
    loop: bool = True,
    heights: str = "auto",
    multiples: bool = False,
) -> AbstractScene:
    """Make a scene from what is to be shown and what a user wishes; see `descent.animate` for the wishes.

    Raises:
        DescentError: A wish that cannot be met.
    """
    from ..trajectories.basins_data import Basins
    from ..trajectories.sweep_data import Sweep

    check_scale(heights)
    look: dict[str, Any] = {
        "theme": get_theme(theme),
        "size": parse_size(size),
        "timing": plan(_steps(subject), fps, seconds, hold),
        "heights": heights,
        "loop": loop,
    }
    if isinstance(subject, Basins):
        return BasinsScene(basins=subject, **look)
    if isinstance(subject, Sweep):
        return SweepScene(sweep=subject, multiples=multiples, **look)
    return Scene(recording=subject, **look)


def _steps(subject: Recording | Sweep | Basins) -> int | NDArray[np.int64]:
    """Return the number of the last step, or where not every step was kept those that were."""
    from ..trajectories.basins_data import Basins
    from ..trajectories.sweep_data import Sweep

    if isinstance(subject, Basins):
        return subject.budget
    return subject.steps if isinstance(subject, Sweep) else subject.kept
