"""A scene: what to draw, as frozen data. A frame is a pure function of a scene and a frame number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..trajectories.specs import OptimizerSpec
from .colours import RunStyle, run_styles
from .heights import check_scale
from .layout import parse_size
from .themes import Theme
from .themes import get as get_theme
from .timing import Timing, plan

if TYPE_CHECKING:
    from ..trajectories.recording import Recipe, Recording


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AbstractScene(ABC):
    """How something looks, and which step each frame shows; subclasses add what it is."""

    drawer: ClassVar[str]  # module:function that draws it: (figure, scene) -> what grows and what moves

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
    def recipe(self) -> Recipe:
        """What makes the subject of the scene again."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scene(AbstractScene):
    """A comparison: the runs of a recording on its height field."""

    drawer: ClassVar[str] = ".comparison:draw_comparison"

    recording: Recording

    @property
    def recipe(self) -> Recipe:
        """The recording's recipe."""
        return self.recording.recipe

    @property
    def specs(self) -> tuple[OptimizerSpec, ...]:
        """The optimizer spec of each run."""
        return tuple(OptimizerSpec.parse(run.spec) for run in self.recording.trajectories)

    @property
    def styles(self) -> tuple[RunStyle, ...]:
        """The colour, marker and dash of each run."""
        return run_styles(self.specs, self.theme)


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
    recording: Recording,
    *,
    theme: str | Theme = "light",
    size: str | tuple[int, int] = "medium",
    fps: float | None = None,
    seconds: float | None = None,
    hold: float = 1.5,
    loop: bool = True,
    heights: str = "auto",
) -> Scene:
    """Make a scene from a recording and the wishes of a user; see `descent.animate` for their meaning.

    Raises:
        DescentError: A wish that cannot be met.
    """
    check_scale(heights)
    return Scene(
        recording=recording,
        theme=get_theme(theme),
        size=parse_size(size),
        timing=plan(recording.steps, fps, seconds, hold),
        heights=heights,
        loop=loop,
    )
