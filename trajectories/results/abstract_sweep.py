"""What every sweep has: losses by optimizer and learning rate, which rate is best, and which are good."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.text import escaped
from ..specs.labels import listed
from ..specs.optimizer_spec import OptimizerSpec
from . import shown
from .trajectory import FINISHED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .trajectory import Outcome

GOOD = 10  # a good rate ends at most so many times as far above the minimum as the best one
_EQUAL = (
    1e-12  # heights above the minimum below this share of the start's count as equal: pictures show no less
)
_ROUNDING = 8  # steps of the precision by which a loss near a minimum may be off


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AbstractSweep(ABC):
    """Every optimizer at every learning rate, all from one start; subclasses add of what.

    Losses have a row for the start and one for each step, or each epoch of a network; see `unit`.
    """

    target: str  # the target spec
    specs: tuple[str, ...]  # (O,) optimizer specs without a learning rate, "adam:betas=0.8/0.99"
    rates: NDArray[np.float64]  # (R,), increasing
    losses: NDArray[np.float64]  # (O, R, length + 1); NaN and infinity where a run diverged
    outcomes: tuple[tuple[Outcome, ...], ...]  # (O, R)
    methods: tuple[str, ...]  # (O,): "batched", "one by one" or, of many rates, "by direction"
    seeds: tuple[int, ...]
    device: str  # where it was computed, as torch names it
    dtype: str  # "float64" or "float32": the precision of the runs
    versions: tuple[tuple[str, str], ...] = ()  # package -> version that made it

    def __repr__(self) -> str:
        """Name what it holds in one line."""
        rates = f"{len(self.rates)} rates from {self.rates[0]:g} to {self.rates[-1]:g}"
        return escaped(
            f"<{type(self).__name__} of {self.target}: {listed(self.specs)}; {rates}, {self.span}>"
        )

    _repr_mimebundle_ = shown.mimebundle
    _repr_html_ = shown.as_html
    _mime_ = shown.as_mime

    def check_shapes(self, **arrays: tuple[NDArray[Any] | None, tuple[int, ...]]) -> None:
        """Raise DescentError for an array that has not the shape beside it."""
        for name, (array, shape) in arrays.items():
            if array is not None and array.shape != shape:
                raise DescentError(f"{name} of a sweep must have shape {shape}, not {array.shape}")

    @property
    @abstractmethod
    def unit(self) -> str:
        """What the rows of the losses are counted in: "step" or "epoch"."""

    @property
    @abstractmethod
    def length(self) -> int:
        """How many of these each run has."""

    @property
    @abstractmethod
    def loss_name(self) -> str:
        """What the losses are called."""

    @property
    @abstractmethod
    def recipe(self) -> dict[str, Any]:
        """All that is needed to make the sweep again, as plain JSON values."""

    @property
    def span(self) -> str:
        """How long each run is, in words."""
        return f"{self.length} {self.unit}s"

    @property
    def final(self) -> NDArray[np.float64]:
        """The loss after the last step, (O, R)."""
        return self.losses[:, :, -1]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which runs may be the best, (O, R): all that were finished, as `stayed` says."""
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
            f"the lowest {middle}{self.loss_name} after {self.span} among the rates whose runs "
            f"{self.stayed}; of equals, the smaller rate"
        )

    @property
    @abstractmethod
    def stayed(self) -> str:
        """What a run did that may be the best, as part of a sentence."""

    @property
    def minimum(self) -> float | None:
        """The least loss there is; None where none is known."""
        return None

    @property
    def stability_bound(self) -> float | None:
        """The rate above which plain SGD diverges, where that is known."""
        return None

    @property
    def no_minimum(self) -> str:
        """Why losses are not measured from a minimum, where they are not."""
        return "no minimum is known"

    @property
    def good_means(self) -> str:
        """What a good rate is, as part of a sentence; `good_ranges` holds those around each best one."""
        if self.minimum is None:
            return f"ends as low as the best was by {self.unit} {self.half}, for {self.no_minimum}"
        return f"ends at most {GOOD} times as high above the minimum as the best, and comes half as far down"

    @property
    def good_ranges(self) -> tuple[tuple[int, int] | None, ...]:
        """First and last index of the good rates around each best one, without a gap, as `good_means` says.

        All of them are `usable`. Where the minimum is known, losses nearer to it than 1e-12 of the start's
        height above it, or than rounding, count as equal. Where it is not, no loss can be said to be so
        many times another; then a rate is good that needs at most twice the steps or epochs of the best one.
        None where there is no best rate, or where the best one did not descend.
        """
        begin, minimum = float(self.losses[0, 0, 0]), self.minimum
        ranges: list[tuple[int, int] | None] = []
        for losses, usable, best in zip(self.losses, self.usable, self.best, strict=True):
            final = losses[:, -1]
            if best is None or not final[best] < begin:
                ranges.append(None)
                continue
            if minimum is None:
                most = max(final[best], losses[best, : self.half + 1].min())
            else:
                above = GOOD * max(final[best] - minimum, self.equal(minimum))
                most = min(minimum + above, (begin + final[best]) / 2)
            bad = np.flatnonzero(~(usable & (final <= most)))
            below, above_it = bad[bad < best], bad[bad > best]
            first = int(below[-1]) + 1 if below.size else 0
            ranges.append((first, int(above_it[0]) - 1 if above_it.size else len(self.rates) - 1))
        return tuple(ranges)

    @property
    def half(self) -> int:
        """The row in the middle: a good rate gets there where no minimum is known."""
        return (self.length + 1) // 2

    def equal(self, minimum: float) -> float:
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
