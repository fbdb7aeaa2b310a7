"""What each of many learning rates leads to on a surface, and how soon. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...surfaces.surface import border_of
from .abstract_sweep import AbstractSweep

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ...surfaces.field import Field
    from ...surfaces.surface import Box, Minimum


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Sweep(AbstractSweep):
    """Every optimizer at every learning rate on a surface, from one start, for the same number of steps.

    With several seeds, each of which draws its own gradient noise, ``losses`` are medians over the seeds,
    and an outcome is the gravest that any seed had, at the earliest step at which one had it.
    """

    points: NDArray[np.float64] | None  # (O, R, steps + 1, 2), first seed; None when memory does not hold it
    ends: NDArray[np.float64]  # (O, R, seeds, 2): where each run ended
    spread: NDArray[np.float64] | None  # (2, O, R, steps + 1): quartiles of the losses; None for one seed
    steps_to_minimum: NDArray[np.int64]  # (O, R): first step near a known minimum, -1: never; see `tolerance`
    stability_bounds: tuple[float | None, ...]  # (O,): 2 / lambda_max for plain SGD on a quadratic, else None
    start: tuple[float, float]  # (x, y) of every run
    steps: int  # how many updates each run makes
    noise: float  # standard deviation of the noise added to each gradient component
    tolerance: float  # how near to a known minimum counts as there
    view: Box  # ((x0, x1), (y0, y1)): who leaves it for good is out
    field: Field  # heights on the view
    minima: tuple[Minimum, ...] = ()  # the known global minima
    domain: Box | None = None  # where the minima hold; None where nobody said
    latex: str = ""  # the target's formula, without dollar signs
    # (O,): of those made "by direction" how near they are to single runs and how that is known; else empty
    proofs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        many, rows = (len(self.specs), len(self.rates)), self.steps + 1
        self.check_shapes(
            losses=(self.losses, (*many, rows)),
            ends=(self.ends, (*many, len(self.seeds), 2)),
            steps_to_minimum=(self.steps_to_minimum, many),
            points=(self.points, (*many, rows, 2)),
            spread=(self.spread, (2, *many, rows)),
        )

    @property
    def unit(self) -> str:
        """Rows are steps."""
        return "step"

    @property
    def length(self) -> int:
        """How many steps each run has."""
        return self.steps

    @property
    def loss_name(self) -> str:
        """What the losses are called."""
        return "loss"

    @property
    def border(self) -> Box | None:
        """The domain where a known minimum is one on it only: runs pass its border; None elsewhere."""
        return border_of(self.domain, self.minima)

    @property
    def stability_bound(self) -> float | None:
        """The rate above which plain SGD diverges on this quadratic; None elsewhere, or without plain SGD."""
        return next((bound for bound in self.stability_bounds if bound is not None), None)

    @property
    def stayed(self) -> str:
        """What a run did that may be the best, as part of a sentence."""
        return "stayed finite and ended inside the view"

    @property
    def no_minimum(self) -> str:
        """Why losses are not measured from a minimum, where they are not."""
        return "a run came below the known minimum" if self.minima else "no minimum is known"

    @property
    def minimum(self) -> float | None:
        """The least loss there is; None where none is known, or where a run that counts came below it."""
        if not self.minima:
            return None
        least = min(minimum.value for minimum in self.minima)
        return None if (self.final[self.usable] < least - self.equal(least)).any() else least

    @property
    def recipe(self) -> dict[str, Any]:
        """All that is needed to make the sweep again, as plain JSON values."""
        return {
            "target": self.target,
            "specs": list(self.specs),
            "rates": self.rates.tolist(),
            "start": list(self.start),
            "steps": self.steps,
            "seeds": list(self.seeds),
            "noise": self.noise,
            "tolerance": self.tolerance,
            "device": self.device,
            "dtype": self.dtype,
            "view": [list(side) for side in self.view],
            "resolution": [len(self.field.x), len(self.field.y)],
            "methods": list(self.methods),
            **({"proofs": list(self.proofs)} if any(self.proofs) else {}),
            "versions": dict(self.versions),
        }
