"""A scene: what to draw, as frozen data. A frame is a pure function of a scene and a frame number."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ...surfaces.catalogue import CURVE, SURFACE
from ...surfaces.errors import DescentError
from ...surfaces.field import thinned
from ...surfaces.imports import own
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ..style.run_styles import RunStyle, run_styles
from .arrow_vectors import check_arrows
from .compatibility import check_company, check_small
from .panel_table import choose_panels, kind_of
from .runs import scene_runs
from .subjects import SUBJECTS, kind_of_subject
from .two_points import EVALUATED, as_drawn, check_point, note
from .wishes import Wishes

if TYPE_CHECKING:
    from ...surfaces.field import Field
    from ...surfaces.surface import Box
    from ...trajectories.results.abstract_sweep import AbstractSweep
    from ...trajectories.results.basins import Basins
    from ...trajectories.results.network_runs import Training
    from ...trajectories.results.recording import Recording
    from ...trajectories.results.sweep import Sweep
    from ..style.themes import Theme
    from .runs import SceneRun
    from .subjects import Subject
    from .timing import Timing

HEIGHTS = 1024  # along a side: more are not seen, and would take gigabytes to draw


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AbstractScene(ABC):
    """How something looks, and which step each frame shows; subclasses add what it is."""

    theme: Theme
    size: tuple[int, int]  # width and height in pixels
    timing: Timing
    heights: str = "auto"  # how the heights are scaled: one of SCALES
    loops: int = 0  # how often an animation plays; 0: without end
    wishes: Wishes  # what was asked for, so that it can be asked for again

    @property
    def frames(self) -> int:
        """How many frames the animation has."""
        return len(self.timing.steps)

    @property
    def moves(self) -> bool:
        """Whether its frames differ."""
        return True

    @property
    def styles(self) -> tuple[RunStyle, ...]:
        """The colour, marker and dash of each run, or of each optimizer; none where nothing runs."""
        return ()

    @property
    def inks(self) -> tuple[str, ...]:
        """The colours (hex) without which the picture cannot be read: those of the page and of the runs."""
        theme = self.theme
        return (theme.background, theme.text, theme.marks, *(style.colour for style in self.styles))

    @property
    def unit(self) -> str:
        """What frames are counted in where the page itself counts them."""
        return "step"

    @property
    @abstractmethod
    def drawer(self) -> str:
        """The module:function that draws it: (figure, scene) -> what grows and what moves."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """What is shown: a name in SUBJECTS."""

    @property
    @abstractmethod
    def recipe(self) -> dict[str, Any]:
        """What makes the subject of the scene again, as plain JSON values."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scene(AbstractScene):
    """The runs of a recording: on its height field, and in panels of what else happened."""

    recording: Recording
    runs: tuple[SceneRun, ...]  # the recording's, each looked at once
    ground: Field  # the heights that are drawn: on the recording's whole view, or where the runs are
    panels: tuple[str, ...]  # names in PANELS, the most important first
    chosen: bool = False  # whether somebody named the panels, so that none may be left out
    arrows: tuple[str, ...] = ()  # names in ARROWS: what is drawn at each head
    field: bool = False  # whether arrows all over the contour point downhill
    orbit: bool = False  # whether the 3-D surface turns to and fro
    grid: tuple[str, ...] = ()  # names in GRIDS: small contour panels below and beside each other by these
    point: str = EVALUATED  # which point of optimizers with two is drawn: one of two_points.POINTS
    note: str = ""  # what that means, for the fine print; empty where no run has two
    strip: int = 0  # so many key frames side by side; 0 for a picture that moves

    @property
    def moves(self) -> bool:
        """Whether its frames differ; a strip shows several at once."""
        return not self.strip

    @property
    def drawer(self) -> str:
        """Contour, losses and legend on one page; or whatever panels are wished for."""
        if self.strip:
            return "pages.strip:draw_strip"
        if self.grid == ("field",):
            return "pages.multiples:draw_fields"
        if self.grid:
            return "pages.grid:draw_grid"
        if not self.chosen and kind_of(self.recording) == SURFACE:
            return "pages.comparison:draw_comparison"
        return "pages.panelled:draw_panelled"

    @property
    def kind(self) -> str:
        """What is shown."""
        return "recording"

    @property
    def recipe(self) -> dict[str, Any]:
        """The recording's recipe."""
        return plain_recipe(self.recording)

    @property
    def view(self) -> Box:
        """What the contour shows: ((x0, x1), (y0, y1)), a part of the recording's view or all of it."""
        if self.ground is self.recording.field:
            return self.recording.view
        (x0, x1), (y0, y1) = self.ground.x[[0, -1]].tolist(), self.ground.y[[0, -1]].tolist()
        return (x0, x1), (y0, y1)

    @property
    def zoomed(self) -> bool:
        """Whether the contour shows a part of the recording's view only."""
        return self.ground is not self.recording.field

    @property
    def training(self) -> Training:
        """What only recordings of networks have."""
        assert self.recording.training is not None
        return self.recording.training

    @property
    def specs(self) -> tuple[OptimizerSpec, ...]:
        """The optimizer spec of each run."""
        return tuple(run.spec for run in self.runs)

    @property
    def styles(self) -> tuple[RunStyle, ...]:
        """The colour, marker and dash of each run."""
        return tuple(run.style for run in self.runs)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SweepScene(AbstractScene):
    """Every optimizer at every learning rate: a curve each, or a small contour panel each."""

    sweep: AbstractSweep
    multiples: bool = False

    @property
    def unit(self) -> str:
        """Steps, or epochs of a network."""
        return self.sweep.unit

    @property
    def on_surface(self) -> Sweep:
        """What only sweeps on surfaces have."""
        from ...trajectories.results.sweep import Sweep

        assert isinstance(self.sweep, Sweep)
        return self.sweep

    @property
    def drawer(self) -> str:
        """Loss against learning rate, or optimizers down and learning rates across."""
        return "pages.multiples:draw_multiples" if self.multiples else "pages.sweep:draw_sweep"

    @property
    def kind(self) -> str:
        """What is shown."""
        return "sweep"

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
        return "pages.basins:draw_basins"

    @property
    def kind(self) -> str:
        """What is shown."""
        return "basins"

    @property
    def recipe(self) -> dict[str, Any]:
        """The map's recipe."""
        return self.basins.recipe


def plain_recipe(recording: Recording) -> dict[str, Any]:
    """Return a recording's recipe as plain JSON values."""
    recipe = recording.recipe
    return asdict(recipe) | {"versions": dict(recipe.versions)}


def check_wishes(kind: str = "", /, **wishes: Any) -> Wishes:
    """Raise the DescentError that `compose` would raise for these wishes without a subject; return them.

    Args:
        kind: What will be drawn, see `compatibility.check_company`; empty where that is not known.
        wishes: See `descent.animate`.
    """
    import numpy as np

    asked = Wishes(**wishes)
    asked.look(np.array(sorted({0, 1, *asked.wanted_stops[:1000]})))
    asked.wanted_panels  # noqa: B018
    asked.wanted_arrows  # noqa: B018
    check_point(asked.point)
    check_small(asked)
    if kind:
        check_company(asked, kind)
    return asked


def compose(subject: Subject, **wishes: Any) -> AbstractScene:
    """Make a scene from what is to be shown and what a user wishes; see `descent.animate` for the wishes.

    Raises:
        DescentError: A wish that cannot be met.
    """
    entry = SUBJECTS[kind_of_subject(subject)]
    scene: AbstractScene = own("viz", entry.scene)(subject, Wishes(**wishes))
    return scene


def recording_scene(recording: Recording, asked: Wishes) -> Scene:
    """Make the scene of a recording.

    Raises:
        DescentError: A wish that cannot be met.
    """
    near = None if recording.near is None else thinned(recording.near, HEIGHTS)
    recording = replace(recording, field=thinned(recording.field, HEIGHTS), near=near)
    # Markers glide on a large contour or a curve; what other panels show is only so at a step.
    large = kind_of(recording) in (SURFACE, CURVE) and not (asked.wanted_panels or asked.grid or asked.strip)
    look = asked.look(recording.kept, glide=large and bool(recording.trajectories)) | {"wishes": asked}
    check_company(asked, kind_of(recording))
    said = note(recording.trajectories, check_point(asked.point))
    recording, recorded = as_drawn(recording, asked.point), recording
    runs = scene_runs(recording, look["theme"], recorded, asked.point)
    check_arrows(kind_of(recording), runs, asked.wanted_arrows)
    losses = any(math.isfinite(loss) for run in recording.trajectories for loss in run.losses)
    return Scene(
        recording=recording,
        runs=runs,
        ground=recording.closest if asked.zoom else recording.field,
        panels=choose_panels(asked.wanted_panels, recording, losses=losses),
        chosen=asked.wanted_panels is not None,
        arrows=asked.wanted_arrows,
        field=asked.field,
        orbit=asked.orbit,
        point=asked.point,
        note=said,
        grid=_grid(recording, asked),
        strip=asked.wanted_strip,
        **look,
    )


def _grid(recording: Recording, asked: Wishes) -> tuple[str, ...]:
    """Return what small panels are by; of several fields where nothing else is asked."""
    several = recording.training is not None and bool(recording.training.fields)
    if asked.wanted_grid == ("field",) and not several:
        raise DescentError(
            "the grid 'field' shows several fields of a network, which this recording has not; record it "
            "with --field-of train,val,metric, or film it with fields"
        )
    large = asked.panels is not None or asked.strip or asked.arrows or asked.field or asked.point != EVALUATED
    return ("field",) if several and not (asked.wanted_grid or large) else asked.wanted_grid


def sweep_scene(sweep: AbstractSweep, asked: Wishes) -> SweepScene:
    """Make the scene of a sweep.

    Raises:
        DescentError: A wish that cannot be met.
    """
    from ...trajectories.results.sweep import Sweep

    look = asked.look(sweep.length) | {"wishes": asked}
    check_company(asked, SUBJECTS["sweep"].name)
    multiples = bool(asked.wanted_grid)
    if multiples and not isinstance(sweep, Sweep):
        raise DescentError(
            "the small panels of a sweep show paths on a surface; of a network `descent compare` with --lr "
            "and --grid optimizer,lr shows them on a plane"
        )
    if multiples and isinstance(sweep, Sweep) and len(sweep.field.y) == 1:
        raise DescentError(
            "the small panels of a sweep show two parameters; of one, `descent compare` with --lr and "
            "--grid lr shows each rate on its curve"
        )
    return SweepScene(sweep=sweep, multiples=multiples, **look)


def basins_scene(basins: Basins, asked: Wishes) -> BasinsScene:
    """Make the scene of a basin map.

    Raises:
        DescentError: A wish that cannot be met.
    """
    look = asked.look(basins.budget) | {"wishes": asked}
    check_company(asked, SUBJECTS["basins"].name)
    return BasinsScene(basins=basins, **look)
