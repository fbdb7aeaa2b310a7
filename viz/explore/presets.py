"""Situations to look at: runs of an exploration that show a classic failure, with what they did in words.

None is made up: each is looked for among the runs that were made, and is only there where one shows it.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...trajectories.results.exploration import MINIMUM, SADDLE
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ..style.numbers import percent
from ..words.prose import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ...trajectories.results.exploration import Exploration

_STILL, _DONE = 0.5, 0.9  # of the way down: a rate is too small that makes less, where another makes more
_BACK = 0.6  # of its steps turn back: a zigzag
_FALLS = 0.5  # of the height is left at most after a zigzag that still descends
_NEAR, _AWAY = 0.1, 0.2  # sides of the view: at a saddle, and away from it again
_STAYS = 0.15  # of its steps, at least, does a run stay at a saddle
_FLAT = 0.01  # sides of the view: a run that moves less is on a plateau
_TIMES = 100.0  # as many times higher is much worse
_QUANTUM = 1 / 4096  # sides of the view: what a page can show


@dataclass(frozen=True, slots=True)
class Preset:
    """A situation: where the start is, which rates and optimizers, and what is seen."""

    name: str  # on a button
    words: str  # a sentence
    start: tuple[int, int]  # row and column
    rates: tuple[int, ...]  # number of the rate of each optimizer
    on: tuple[bool, ...]  # which optimizers are shown

    @property
    def plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def presets(exploration: Exploration, floor: float) -> list[Preset]:
    """Return the situations that the runs show, in the order of a course."""
    runs = _Runs(exploration, floor)
    return [found for look in _LOOKS for found in look(runs)]


class _Runs:
    """The runs, and what is asked of all of them."""

    def __init__(self, exploration: Exploration, floor: float) -> None:
        self.made = exploration
        self.home = exploration.nearest(*exploration.home)
        sides = np.array([high - low for low, high in exploration.view])
        self.sides = sides
        with np.errstate(all="ignore"):
            self.heights = exploration.losses - floor  # (O, R, H, W, steps + 1)
            self.sound = (exploration.non_finite_at < 0) & (exploration.left_at < 0)
            self.ways = np.diff(exploration.points, axis=-2) / sides  # in sides of the view
            self.moved = np.hypot(
                *np.moveaxis((exploration.points[..., -1, :] - exploration.points[..., 0, :]) / sides, -1, 0)
            )
        specs = list(map(OptimizerSpec.parse, exploration.specs))
        self.plain = {spec.name: k for k, spec in enumerate(specs) if not spec.options and not spec.schedules}
        self.titles = [spec.title for spec in specs]

    def preset(self, name: str, words: str, run: tuple[int, ...], also: tuple[int, ...] = ()) -> Preset:
        """Return a situation that shows one run (O, R, H, W), and others of the same rate."""
        spec, rate, row, column = map(int, run)
        count = len(self.made.specs)
        on = tuple(k == spec or k in also for k in range(count))
        words = re.sub(r"(?<!\w)-(?=[\d.])", "−", words)
        return Preset(name, words, (row, column), (rate,) * count, on)

    def at(self, rate: int) -> str:
        """Name a rate in a sentence."""
        return f"lr {self.made.rates[rate]:.4g}"

    def begun(self, run: tuple[int, ...]) -> str:
        """Name the start of a run."""
        return place((self.made.x[run[3]], self.made.y[run[2]]))

    def from_home(self, spec: int) -> NDArray[np.float64]:
        """Return how high an optimizer ends at each rate from the usual start, (R,); infinite if it left."""
        row, column = self.home
        ends = self.heights[spec, :, row, column, -1]
        return np.where(self.sound[spec, :, row, column], ends, np.inf)


def _largest(values: NDArray[Any]) -> tuple[int, ...]:
    return tuple(int(k) for k in np.unravel_index(int(values.argmax()), values.shape))


def _too_small(runs: _Runs) -> Iterator[Preset]:
    if not runs.made.minima:
        return
    row, column = runs.home
    heights = runs.heights[0, 0, row, column]
    fallen = 1 - heights[-1] / heights[0] if heights[0] > 0 else 1.0
    ends = runs.from_home(0)
    best = int(ends.argmin())
    most = 1 - ends[best] / heights[0]
    if runs.sound[0, 0, row, column] and 0 <= fallen < _STILL and most > _DONE:
        words = (
            f"{runs.titles[0]} at {runs.at(0)}: in {runs.made.steps} steps the height above the minimum "
            f"falls by {percent(float(fallen))}; at {runs.at(best)} it falls by {percent(float(most))}."
        )
        yield runs.preset("Rate too small", words, (0, 0, row, column))


def _too_large(runs: _Runs) -> Iterator[Preset]:
    row, column = runs.home
    for spec, title in enumerate(runs.titles):
        bad = np.flatnonzero(~runs.sound[spec, :, row, column])
        if not len(bad) or not bad[0]:
            continue
        rate, run = int(bad[0]), (spec, int(bad[0]), row, column)
        out = runs.made.non_finite_at[run]
        end = f"is no longer finite at step {out}" if out >= 0 else _left(int(runs.made.left_at[run]))
        words = f"{title} {end} at {runs.at(rate)}; at {runs.at(rate - 1)} it stays in the view."
        yield runs.preset("Rate too large", words, run)
        return


def _left(step: int) -> str:
    return f"leaves the view at step {step}"


def _zigzag(runs: _Runs) -> Iterator[Preset]:
    with np.errstate(all="ignore"):
        size = np.hypot(runs.ways[..., 0], runs.ways[..., 1])
        seen = (size[..., 1:] > 4 * _QUANTUM) & (size[..., :-1] > 4 * _QUANTUM)
        turns = ((runs.ways[..., 1:, :] * runs.ways[..., :-1, :]).sum(axis=-1) < 0) & seen
        share = turns.sum(axis=-1) / (runs.made.steps - 1)
        falls = runs.heights[..., -1] < _FALLS * runs.heights[..., 0]
        width = np.where((share >= _BACK) & runs.sound & falls, np.median(size, axis=-1), 0.0)
    width = width[:1] if width[0].any() else width
    run = _largest(width)
    if width[run] > 0:
        spec, rate = int(run[0]), int(run[1])
        words = (
            f"{runs.titles[spec]} at {runs.at(rate)} from {runs.begun(run)}: {int(turns[run].sum())} of "
            f"{runs.made.steps - 1} steps turn back against the one before, while the height above the "
            f"minimum falls from {runs.heights[run][0]:.3g} to {runs.heights[run][-1]:.3g}."
        )
        yield runs.preset("Zigzag", words, run)


def _saddle(runs: _Runs) -> Iterator[Preset]:
    best: tuple[int, tuple[int, ...], Any] | None = None
    for each in runs.made.stationary:
        if each.kind != SADDLE:
            continue
        with np.errstate(all="ignore"):
            apart = np.hypot(*np.moveaxis((runs.made.points - each.point) / runs.sides, -1, 0))
            stay = (apart < _NEAR).sum(axis=-1)
            end = apart[..., -1]
        good = (stay >= _STAYS * runs.made.steps) & (end > _AWAY) & (apart[..., 0] > _AWAY)
        good &= runs.made.non_finite_at < 0
        stay = np.where(good, stay, 0)
        run = _largest(stay)
        if stay[run] and (best is None or stay[run] > best[0]):
            best = int(stay[run]), run, each
    if best is not None:
        stays, run, each = best
        words = (
            f"{runs.titles[run[0]]} at {runs.at(run[1])} from {runs.begun(run)} spends {stays} of "
            f"{runs.made.steps} steps near the saddle at {place(each.point)}, and then leaves it."
        )
        yield runs.preset("Saddle", words, run)


def _plateau(runs: _Runs) -> Iterator[Preset]:
    known = [each.point for each in runs.made.stationary]
    if not known or not runs.made.minima:
        return
    ends = runs.from_home(0)
    rate = int(ends.argmin())
    begins = runs.made.points[0, rate, :, :, 0]
    apart = np.min([np.hypot(*np.moveaxis((begins - point) / runs.sides, -1, 0)) for point in known], axis=0)
    flat = runs.sound[0, rate] & (runs.moved[0, rate] < _FLAT) & (apart > _AWAY)
    if np.isfinite(ends[rate]) and flat.any():
        moved = np.where(flat, runs.moved[0, rate], np.inf)
        run = (0, rate, *_largest(-moved))
        way = float(np.hypot(*(runs.made.points[run][-1] - runs.made.points[run][0])))
        words = (
            f"{runs.titles[0]} at {runs.at(rate)} from {runs.begun(run)} moves by {way:.2g} in "
            f"{runs.made.steps} steps: the surface is almost level there, and no minimum is near."
        )
        yield runs.preset("Plateau", words, run)


def _local_minimum(runs: _Runs) -> Iterator[Preset]:
    if not runs.made.minima:
        return
    lowest = runs.made.minima[0].value
    best: tuple[float, tuple[int, ...], Any] | None = None
    for each in runs.made.stationary:
        if each.kind != MINIMUM:
            continue
        with np.errstate(all="ignore"):
            ends = (runs.made.points[..., -1, :] - each.point) / runs.sides
            apart = np.where(runs.sound, np.hypot(ends[..., 0], ends[..., 1]), np.inf)
        run = _largest(-apart)
        height = float(runs.heights[run][-1])
        if (
            apart[run] < 1e-3
            and height > 1e-3 * float(runs.heights[run][0])
            and (best is None or height > best[0])
        ):
            best = height, run, each
    if best is not None:
        height, run, each = best
        words = (
            f"{runs.titles[run[0]]} at {runs.at(run[1])} from {runs.begun(run)} ends in the local minimum at "
            f"{place(each.point)}: the loss there is {lowest + height:.3g}, and the lowest is {lowest:.3g}."
        )
        yield runs.preset("Local minimum", words, run)


def _borrowed(runs: _Runs) -> Iterator[Preset]:
    if not {"sgd", "adam"} <= runs.plain.keys():
        return
    row, column = runs.home
    for owner, other in (("sgd", "adam"), ("adam", "sgd")):
        own, lent = runs.plain[owner], runs.plain[other]
        mine, theirs = runs.from_home(own), runs.from_home(lent)
        rate, best = int(mine.argmin()), int(theirs.argmin())
        if not np.isfinite(mine[rate]) or not np.isfinite(theirs[best]) or rate == best:
            continue
        if np.isfinite(theirs[rate]) and theirs[rate] < _TIMES * max(theirs[best], 1e-12):
            continue
        run = (lent, rate, row, column)
        if np.isfinite(theirs[rate]):
            end = f"ends {theirs[rate]:.2g} above the minimum, and {theirs[best]:.2g} at {runs.at(best)}"
        elif (out := int(runs.made.non_finite_at[run])) >= 0:
            end = f"is no longer finite at step {out}"
        else:
            end = _left(int(runs.made.left_at[run]))
        titles = runs.titles[own], runs.titles[lent]
        words = f"{runs.at(rate)} is the best of these rates for {titles[0]} from here; {titles[1]} {end}."
        yield runs.preset(f"{titles[0]}’s rate for {titles[1]}", words, run, (own,))
        return


def _kept_gradients(runs: _Runs) -> Iterator[Preset]:
    specs = list(map(OptimizerSpec.parse, runs.made.specs))
    for k, spec in enumerate(specs):
        same = [j for j, other in enumerate(specs) if other.name == spec.name and other.zero_grad]
        if spec.zero_grad or not same:
            continue
        rate = int(runs.from_home(same[0]).argmin())
        words = (
            f"{spec.title} at {runs.at(rate)}, with and without zero_grad: gradients that are never cleared "
            "add up, and steps go on uphill."
        )
        yield runs.preset("zero_grad forgotten", words, (k, rate, *runs.home), (same[0],))
        return


_LOOKS = (_too_small, _too_large, _zigzag, _saddle, _plateau, _local_minimum, _borrowed, _kept_gradients)
