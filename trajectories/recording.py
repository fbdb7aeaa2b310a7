"""A recording: the height field, the trajectories on it, and the recipe that makes them again. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..surfaces.messages import DescentError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ..surfaces.field import Field
    from ..surfaces.surface import Box, Minimum
    from .training import Training, TrainingRecipe
    from .trajectory import Trajectory

BATCHED = "batched"  # as rows of one tensor program, which is sure to give the numbers of a single run
ONE_BY_ONE = "one by one"
METHODS = (BATCHED, ONE_BY_ONE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is needed to make a recording again; plain values, so that it can be written as JSON."""

    target: str  # the target spec
    specs: tuple[str, ...]  # the optimizer specs, one a run
    start: tuple[float, float]
    steps: int
    seed: int
    device: str
    dtype: str
    view: Box
    noise: float = 0.0  # standard deviation of the noise added to each gradient component
    stop_at: float | None = None  # a run ends when its gradient norm is at most this
    grid: tuple[int, int] = (256, 256)  # the field's points along x and y; (W, 1) of one parameter
    versions: tuple[tuple[str, str], ...] = ()  # package -> version that made it
    protocol: str = ""  # how the learning rates were chosen, where that was not by hand
    methods: tuple[str, ...] = ()  # which of METHODS each run was made by; empty when nobody said
    training: TrainingRecipe | None = None  # what a network's runs need besides; None on a surface


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What was descended, how each optimizer went, and how to make it all again."""

    field: Field
    trajectories: tuple[Trajectory, ...]
    recipe: Recipe
    minima: tuple[Minimum, ...] = ()  # the known global minima
    latex: str = ""  # the target's formula, without dollar signs
    training: Training | None = None  # what only networks have; None on a surface

    def __post_init__(self) -> None:
        specs = tuple(trajectory.spec for trajectory in self.trajectories)
        if specs != self.recipe.specs:
            raise DescentError(
                f"the trajectories {specs} do not match the recipe's specs {self.recipe.specs}"
            )
        if self.training is not None and len(self.training.runs) != len(specs):
            raise DescentError(
                f"{len(self.training.runs)} trained runs do not match {len(specs)} trajectories"
            )

    @property
    def view(self) -> Box:
        """What a picture shows: ((x0, x1), (y0, y1))."""
        return self.recipe.view

    @property
    def parameters(self) -> int:
        """How many parameters the target has; where it is one, y and gradients along it are 0."""
        if self.training is not None:
            return self.training.parameters
        return 1 if len(self.field.y) == 1 else 2

    @property
    def steps(self) -> int:
        """The number of steps of the longest trajectory."""
        return max((trajectory.steps for trajectory in self.trajectories), default=0)

    @property
    def kept(self) -> NDArray[np.int64]:
        """The steps that the longest trajectory has a row for, (rows,)."""
        longest = max(self.trajectories, key=lambda trajectory: trajectory.steps, default=None)
        return np.zeros(1, dtype=np.int64) if longest is None else longest.at

    def distances(self, index: int) -> NDArray[np.float64] | None:
        """Return the distance of each point of a trajectory to its nearest known minimum, (rows,).

        None when no minimum is known.
        """
        if not self.minima:
            return None
        points = self.trajectories[index].points
        minima = np.array([minimum.point for minimum in self.minima])
        with np.errstate(over="ignore", invalid="ignore"):
            apart = np.linalg.norm(points[:, None, :] - minima[None], axis=-1)
        return np.asarray(apart.min(axis=1), dtype=np.float64)

    def save(self, path: str | Path) -> Path:
        """Write the recording to one ``.npz`` file; the file appears whole or not at all."""
        from .files import save

        return save(self, path)
