"""The recipe of a recording: all that makes it again, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...surfaces.surface import Box
    from .network_runs import TrainingRecipe

BATCHED = "batched"  # as rows of one tensor program, which is sure to give the numbers of a single run
ONE_BY_ONE = "one by one"
BY_DIRECTION = "by direction"  # of sweeps alone: many rates times one direction, within a bound that is said
METHODS = (BATCHED, ONE_BY_ONE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is needed to make a recording again; plain values, so that it can be written as JSON."""

    target: str  # the target spec
    specs: tuple[str, ...]  # the optimizer specs, one a run
    start: tuple[float, float]  # (x, y) where all runs begin
    steps: int  # how many updates each run makes
    seed: int  # starts noise, data and weights
    device: str  # as torch names it
    dtype: str  # "float64" or "float32"
    view: Box  # ((x0, x1), (y0, y1)) that heights were sampled on
    noise: float = 0.0  # standard deviation of the noise added to each gradient component
    stop_at: float | None = None  # a run ends when its gradient norm is at most this
    resolution: tuple[int, int] = (256, 256)  # the field's points along x and y; (W, 1) of one parameter
    near: bool = False  # whether heights where the runs are were sampled too, if that is a small part
    versions: tuple[tuple[str, str], ...] = ()  # package -> version that made it
    protocol: str = ""  # how the learning rates were chosen, where that was not by hand
    methods: tuple[str, ...] = ()  # which of METHODS each run was made by; empty when nobody said
    training: TrainingRecipe | None = None  # what a network's runs need besides; None on a surface
