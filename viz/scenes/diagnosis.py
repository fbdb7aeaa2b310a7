"""What the picture of a diagnosis shows, as frozen data: a heat map of tasks by optimizers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .compatibility import check_company
from .scene import AbstractScene
from .subjects import SUBJECTS

if TYPE_CHECKING:
    from ...trajectories.results.diagnosis import Diagnosis
    from .wishes import Wishes


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DiagnosisScene(AbstractScene):
    """What every optimizer leaves of the height of every task, against the task's mark."""

    diagnosis: Diagnosis

    @property
    def moves(self) -> bool:
        """Nothing in it moves."""
        return False

    @property
    def drawer(self) -> str:
        """A row a task, a column an optimizer."""
        return "pages.diagnosis:draw_diagnosis"

    @property
    def kind(self) -> str:
        """What is shown."""
        return "diagnosis"

    @property
    def recipe(self) -> dict[str, Any]:
        """The diagnosis' recipe."""
        return self.diagnosis.recipe


def diagnosis_scene(diagnosis: Diagnosis, asked: Wishes) -> DiagnosisScene:
    """Make the scene of a diagnosis.

    Raises:
        DescentError: A wish that cannot be met.
    """
    check_company(asked, SUBJECTS["diagnosis"].name)
    return DiagnosisScene(diagnosis=diagnosis, **asked.look(0), wishes=asked)
