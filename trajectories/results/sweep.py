"""What each of many learning rates leads to: the numbers of a sweep, and which rate is best. NumPy only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.surface import border_of
from ...surfaces.text import escaped
from ..specs.labels import listed
from ..specs.optimizer_spec import OptimizerSpec
from . import shown
from .trajectory import FINISHED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...surfaces.field import Field
    from ...surfaces.surface import Box, Minimum
    from .trajectory import Outcome

GOOD = 10  # a good rate ends at most so many times as far above the minimum as the best one
_EQUAL = (
    1e-12  # heights above the minimum below this share of the start's count as equal: pictures show no less
)
_ROUNDING = 8  # steps of the precision by which a loss near a minimum may be off


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
    start: tuple[float, float]  # (x, y) of every run
    steps: int  # how many updates each run makes
    seeds: tuple[int, ...]
    noise: float  # standard deviation of the noise added to each gradient component
    tolerance: float  # how near to a known minimum counts as there
    device: str  # where it was computed, as torch names it
    dtype: str  # "float64" or "float32": the precision of the runs
    view: Box  # ((x0, x1), (y0, y1)): who leaves it for good is out
    field: Field  # heights on the view
    minima: tuple[Minimum, ...] = ()  # the known global minima
    domain: Box | None = None  # where the minima hold; None where nobody said
    latex: str = ""  # the target's formula, without dollar signs
    versions: tuple[tuple[str, str], ...] = ()  # package -> version that made it

    def __repr__(self) -> str:
        """Name what it holds in one line."""
        span = f"{len(self.rates)} rates from {self.rates[0]:g} to {self.rates[-1]:g}"
        return escaped(f"<Sweep of {self.target}: {listed(self.specs)}; {span}, {self.steps} steps>")

    _repr_mimebundle_ = shown.mimebundle
    _repr_html_ = shown.as_html
    _mime_ = shown.as_mime

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
    def border(self) -> Box | None:
        """The domain where a known minimum is one on it only: runs pass its border; None elsewhere."""
        return border_of(self.domain, self.minima)

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
        """For each optimizer whether its best rate is an end of those tried: "largest tried"; else empty.

        A best rate at an end of the range says little: a better one may lie beyond.
        """
        return tuple("" if best is None else self.edge(best) for best in self.best)

    def edge(self, rate: int) -> str:
        """Return whether a rate is the "smallest tried" or the "largest tried"; else empty."""
        return {0: "smallest tried", len(self.rates) - 1: "largest tried"}.get(rate, "")

    @property
    def judged(self) -> str:
        """How `best` is chosen, as part of a sentence."""
        middle = f"median over {len(self.seeds)} seeds of the " if len(self.seeds) > 1 else ""
        return (
            f"the lowest {middle}loss after {self.steps} steps among the rates whose runs stayed finite and "
            "ended inside the view; of equals, the smaller rate"
        )

    @property
    def minimum(self) -> float | None:
        """The least loss there is; None where none is known, or where a run that counts came below it."""
        if not self.minima:
            return None
        least = min(minimum.value for minimum in self.minima)
        return None if (self.final[self.usable] < least - self._equal(least)).any() else least

    @property
    def good_means(self) -> str:
        """What a good rate is, as part of a sentence; `good_ranges` holds those around each best one."""
        if self.minimum is None:
            why = "a run came below the known minimum" if self.minima else "no minimum is known"
            return f"ends as low as the best was by step {self._half}, for {why}"
        return f"ends at most {GOOD} times as high above the minimum as the best, and comes half as far down"

    @property
    def good_ranges(self) -> tuple[tuple[int, int] | None, ...]:
        """First and last index of the good rates around each best one, without a gap, as `good_means` says.

        All of them are `usable`. Where the minimum is known, losses nearer to it than 1e-12 of the start's
        height above it, or than rounding, count as equal. Where it is not, no loss can be said to be so
        many times another; then a rate is good that needs at most twice the steps of the best one. None
        where there is no best rate, or where the best one did not descend.
        """
        begin, minimum = float(self.losses[0, 0, 0]), self.minimum
        ranges: list[tuple[int, int] | None] = []
        for losses, usable, best in zip(self.losses, self.usable, self.best, strict=True):
            final = losses[:, -1]
            if best is None or not final[best] < begin:
                ranges.append(None)
                continue
            if minimum is None:
                most = max(final[best], losses[best, : self._half + 1].min())
            else:
                above = GOOD * max(final[best] - minimum, self._equal(minimum))
                most = min(minimum + above, (begin + final[best]) / 2)
            bad = np.flatnonzero(~(usable & (final <= most)))
            below, above_it = bad[bad < best], bad[bad > best]
            first = int(below[-1]) + 1 if below.size else 0
            ranges.append((first, int(above_it[0]) - 1 if above_it.size else len(self.rates) - 1))
        return tuple(ranges)

    @property
    def _half(self) -> int:
        return (self.steps + 1) // 2

    def _equal(self, minimum: float) -> float:
        """Return how near to a minimum losses are not told apart."""
        begin = float(self.losses[0, 0, 0])
        return max(_EQUAL * abs(begin - minimum), _ROUNDING * float(np.finfo(self.dtype).eps) * abs(minimum))

    @property
    def good_decades(self) -> tuple[float | None, ...]:
        """The decades from the smallest to the largest rate of each good range, or None.

        Where the range goes to an end of those tried it may be wider, as `good_open` says.
        """
        return tuple(
            None if found is None else math.log10(self.rates[found[1]] / self.rates[found[0]])
            for found in self.good_ranges
        )

    @property
    def good_open(self) -> tuple[bool, ...]:
        """For each optimizer whether its good range goes to an end of the rates tried, and so may go on."""
        return tuple(
            found is not None and bool(self.edge(found[0]) or self.edge(found[1]))
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
