"""What each of many learning rates leads to: the numbers of a sweep, and which rate is best. NumPy only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ..specs.labels import listed
from ..specs.optimizer_spec import OptimizerSpec
from .trajectory import FINISHED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...surfaces.field import Field
    from ...surfaces.surface import Box, Minimum
    from .trajectory import Outcome

GOOD = 0.01  # a rate is good when it lacks at most this part of the best rate's descent


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Every optimizer at every learning rate, from one start, for the same number of steps.

    With several seeds, each of which draws its own gradient noise, ``losses`` are medians over the seeds,
    and an outcome is the gravest that any seed had, at the earliest step at which one had it.
    """

    target: str  # the target spec
    specs: tuple[str, ...]  # (O,) optimizer specs without a learning rate, "adam:betas=0.8/0.99"
    rates: NDArray[np.float64]  # (R,), increasing
    losses: NDArray[np.float64]  # (O, R, steps + 1); NaN and infinity where a run diverged
    points: NDArray[np.float64] | None  # (O, R, steps + 1, 2), first seed; None when memory does not hold it
    ends: NDArray[np.float64]  # (O, R, seeds, 2): where each run ended
    spread: NDArray[np.float64] | None  # (2, O, R, steps + 1): quartiles of the losses; None for one seed
    outcomes: tuple[tuple[Outcome, ...], ...]  # (O, R)
    steps_to_minimum: NDArray[np.int64]  # (O, R): first step near a known minimum, -1: never; see `tolerance`
    stability_bounds: tuple[float | None, ...]  # (O,): 2 / lambda_max for plain SGD on a quadratic, else None
    methods: tuple[str, ...]  # (O,): "batched" or "one by one"
    start: tuple[float, float]
    steps: int
    seeds: tuple[int, ...]
    noise: float  # standard deviation of the noise added to each gradient component
    tolerance: float  # how near to a known minimum counts as there
    device: str
    dtype: str
    view: Box
    field: Field
    minima: tuple[Minimum, ...] = ()
    latex: str = ""
    versions: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """Name what it holds in one line."""
        span = f"{len(self.rates)} rates from {self.rates[0]:g} to {self.rates[-1]:g}"
        return f"<Sweep of {self.target}: {listed(self.specs)}; {span}, {self.steps} steps>"

    def __post_init__(self) -> None:
        many = (len(self.specs), len(self.rates))
        shapes = {
            "losses": (self.losses, (*many, self.steps + 1)),
            "ends": (self.ends, (*many, len(self.seeds), 2)),
            "steps_to_minimum": (self.steps_to_minimum, many),
        }
        if self.points is not None:
            shapes["points"] = (self.points, (*many, self.steps + 1, 2))
        if self.spread is not None:
            shapes["spread"] = (self.spread, (2, *many, self.steps + 1))
        for name, (array, shape) in shapes.items():
            if array.shape != shape:
                raise DescentError(f"{name} of a sweep must have shape {shape}, not {array.shape}")

    @property
    def final(self) -> NDArray[np.float64]:
        """The loss after the last step, (O, R)."""
        return self.losses[:, :, -1]

    @property
    def stability_bound(self) -> float | None:
        """The rate above which plain SGD diverges on this quadratic; None elsewhere, or without plain SGD."""
        return next((bound for bound in self.stability_bounds if bound is not None), None)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which runs may be the best, (O, R): all that stayed finite and ended inside the view."""
        inside = [[outcome.kind == FINISHED for outcome in row] for row in self.outcomes]
        return np.array(inside, dtype=np.bool_).reshape(len(self.specs), len(self.rates))

    @property
    def best(self) -> tuple[int | None, ...]:
        """The index of each optimizer's best rate, as `judged` says; None when no run is usable."""
        found: list[int | None] = []
        for final, usable in zip(self.final, self.usable, strict=True):
            found.append(int(np.where(usable, final, np.inf).argmin()) if usable.any() else None)
        return tuple(found)

    @property
    def edges(self) -> tuple[str, ...]:
        """For each optimizer whether its best rate is the "smallest tried" or "largest tried"; else empty.

        A best rate at an end of the range says little: a better one may lie beyond.
        """
        words = {0: "smallest tried", len(self.rates) - 1: "largest tried"}
        return tuple("" if best is None else words.get(best, "") for best in self.best)

    @property
    def judged(self) -> str:
        """How `best` is chosen, as part of a sentence."""
        middle = f"median over {len(self.seeds)} seeds of the " if len(self.seeds) > 1 else ""
        return (
            f"the lowest {middle}loss after {self.steps} steps among the rates whose runs stayed finite and "
            "ended inside the view; of equals, the smaller rate"
        )

    @property
    def good_ranges(self) -> tuple[tuple[int, int] | None, ...]:
        """First and last index of the rates around each best one that are as good but for `GOOD`.

        A rate is good when its run is usable and made at least 99 % of the best rate's descent from the
        loss at the start. None where there is no best rate, or where the best one did not descend.
        """
        ranges: list[tuple[int, int] | None] = []
        for final, usable, best in zip(self.final, self.usable, self.best, strict=True):
            begin = self.losses[0, 0, 0]
            if best is None or not final[best] < begin:
                ranges.append(None)
                continue
            good = usable & (final <= final[best] + GOOD * (begin - final[best]))
            bad = np.flatnonzero(~good)
            below, above = bad[bad < best], bad[bad > best]
            first = int(below[-1]) + 1 if below.size else 0
            ranges.append((first, int(above[0]) - 1 if above.size else len(self.rates) - 1))
        return tuple(ranges)

    @property
    def good_decades(self) -> tuple[float | None, ...]:
        """The decades from the smallest to the largest rate of each good range; None without one."""
        return tuple(
            None if found is None else math.log10(self.rates[found[1]] / self.rates[found[0]])
            for found in self.good_ranges
        )

    def spec(self, optimizer: int, rate: int) -> str:
        """Return the whole spec of one run, its learning rate included."""
        return str(OptimizerSpec.parse(self.specs[optimizer]).with_lr(float(self.rates[rate])))

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
            "versions": dict(self.versions),
        }
