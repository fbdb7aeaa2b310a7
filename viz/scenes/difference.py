"""What the picture of a difference shows, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...trajectories.regression.difference import trained_runs
from .scene import AbstractScene, plain_recipe

if TYPE_CHECKING:
    from ...trajectories.regression.difference import Difference
    from ...trajectories.results.network_runs import TrainedRun
    from ...trajectories.results.recording import Recording
    from ...trajectories.results.trajectory import Trajectory


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DifferenceScene(AbstractScene):
    """Two recordings, and where one run of them differs first."""

    expected: Recording
    found: Recording
    difference: Difference
    place: int  # of the run in ``difference.runs``

    @property
    def drawer(self) -> str:
        """The two paths, and their distance against the step."""
        return "pages.difference:draw_difference"

    @property
    def kind(self) -> str:
        """What is shown."""
        return "difference"

    @property
    def recipe(self) -> dict[str, Any]:
        """The recipes of both recordings."""
        return {"expected": plain_recipe(self.expected), "found": plain_recipe(self.found)}

    @property
    def pair(self) -> tuple[Trajectory, Trajectory]:
        """The run that was expected, and the one that was found."""
        one, other = self._numbers
        return self.expected.trajectories[one], self.found.trajectories[other]

    @property
    def trained(self) -> tuple[TrainedRun, TrainedRun] | None:
        """What else is known of both runs, where their points cannot be compared."""
        return trained_runs(self.expected, self.found, *self._numbers)

    @property
    def _numbers(self) -> tuple[int, int]:
        about = self.difference.runs[self.place]
        specs = self.found.recipe.specs
        same_place = len(specs) > about.run and specs[about.run] == about.found_spec
        return about.run, about.run if same_place else specs.index(about.found_spec)
