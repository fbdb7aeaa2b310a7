"""What each of many learning rates leads to in the training of a network. NumPy only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .abstract_sweep import AbstractSweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .network_runs import TrainingRecipe


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class NetworkSweep(AbstractSweep):
    """Every optimizer at every learning rate, from the same weights and on the same batches.

    ``losses`` are those of all training samples before the first epoch and after each one, measured as
    validation is: dropout off, batch norm as learned. Each run is the one that `descent.record` makes. Of a
    problem, which has no samples, they are its loss before the first step and after each one.
    """

    held: NDArray[np.float64]  # (O, R, epochs + 1): the validation losses; NaN without validation samples
    steps: tuple[int, ...]  # (O,): how many updates a run makes that is finished
    sizes: tuple[int, int]  # samples for training and for validation
    training: TrainingRecipe
    lowest: float | None = None  # the lowest loss of a problem, or its infimum; None where nobody knows

    def __post_init__(self) -> None:
        shape = (len(self.specs), len(self.rates), self.training.epochs + 1)
        self.check_shapes(losses=(self.losses, shape), held=(self.held, shape))

    @property
    def unit(self) -> str:
        """Rows are epochs, and of a problem steps."""
        return "step" if self.training.alone else "epoch"

    @property
    def length(self) -> int:
        """How many epochs each run has, or steps."""
        return self.training.epochs

    @property
    def loss_name(self) -> str:
        """What the losses are called."""
        return "loss" if self.training.alone else "training loss"

    @property
    def minimum(self) -> float | None:
        """The lowest loss of a problem, where it is known and no run came below it by more than rounding."""
        if self.lowest is None:
            return None
        below = self.final[self.usable] < self.lowest - self.equal(self.lowest)
        return None if below.any() else self.lowest

    @property
    def stayed(self) -> str:
        """What a run did that may be the best, as part of a sentence."""
        return "stayed finite"

    @property
    def has_held(self) -> bool:
        """Whether there are validation samples."""
        return self.sizes[1] > 0

    @property
    def best_held(self) -> tuple[int | None, ...]:
        """The index of the rate with each optimizer's lowest validation loss at the end, for comparison.

        None where there is none; `best` does not look at it.
        """
        found = np.where(self.usable & np.isfinite(self.held[:, :, -1]), self.held[:, :, -1], np.inf)
        return tuple(int(row.argmin()) if np.isfinite(row).any() else None for row in found)

    @property
    def recipe(self) -> dict[str, Any]:
        """All that is needed to make the sweep again, as plain JSON values."""
        return {
            "target": self.target,
            "specs": list(self.specs),
            "rates": self.rates.tolist(),
            "seed": self.seeds[0],
            "device": self.device,
            "dtype": self.dtype,
            "training": asdict(self.training),
            "methods": list(self.methods),
            "versions": dict(self.versions),
        }
