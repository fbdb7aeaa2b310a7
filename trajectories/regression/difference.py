"""Where two recordings differ: the first step, what differs first there, how it grew. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ..results.trajectory import NON_FINITE
from .deviation import QUANTITIES, Deviation, deviations
from .growth import Growth, growth_of
from .tolerances import epsilon

if TYPE_CHECKING:
    from ..results.network_runs import TrainedRun
    from ..results.recipe import Recipe
    from ..results.recording import Recording
    from ..results.trajectory import Outcome, Trajectory
    from .tolerances import Tolerance

START = "start"
UPDATE = "update"
LOSS = "loss"
GRADIENT = "gradient"
RATE = "rate"
OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class First:
    """The first thing in the order of cause and effect that differs."""

    quantity: str  # START, UPDATE, LOSS, GRADIENT, RATE or OUTCOME
    step: int  # the step that it belongs to, from 1; 0 for the start
    expected: tuple[float, ...]  # both values; empty for an outcome
    found: tuple[float, ...]
    apart: float  # the length of their difference; infinite when only one is finite
    allowed: float
    equal_before: bool  # whether everything before it is the same to the last bit


@dataclass(frozen=True, slots=True)
class RunDifference:
    """How one run differs from the run that it was expected to be."""

    run: int  # its number in the recording that was expected
    spec: str
    found_spec: str
    first: First | None  # None where nothing differs
    growth: Growth | None
    outcome: Outcome
    found_outcome: Outcome
    largest: dict[str, float]  # of each of QUANTITIES, the largest difference as a share; 0 for the same

    @property
    def same(self) -> bool:
        """Whether nothing differs by more than was allowed."""
        return self.first is None


@dataclass(frozen=True, slots=True)
class Difference:
    """How one recording differs from the one that was expected."""

    runs: tuple[RunDifference, ...]
    missing: tuple[str, ...]  # specs that only the expected recording has
    added: tuple[str, ...]  # specs that only the other has
    changes: tuple[tuple[str, str, str], ...]  # fields of the recipe that changed: name, expected, found
    tolerance: Tolerance

    @property
    def same(self) -> bool:
        """Whether every run is as expected; the recipe's fields explain, and do not decide."""
        return not self.missing and not self.added and all(run.same for run in self.runs)

    @property
    def worst(self) -> RunDifference | None:
        """The run that differs first, or None."""
        differing = [run for run in self.runs if run.first is not None]
        return min(differing, key=lambda run: run.first.step if run.first else 0, default=None)


def compare(expected: Recording, found: Recording, tolerance: Tolerance) -> Difference:
    """Compare two recordings run by run.

    Runs belong together by their specs, or by their order where both recordings have as many. What their
    optimizers held is not compared: whatever differs there shows in the updates.

    >>> from descent import record
    >>> from .tolerances import tolerance
    >>> one = record("sphere", "sgd:lr=0.25", steps=4, resolution=(2, 2))
    >>> other = record("sphere", "sgd:lr=0.25,momentum=0.5", steps=4, resolution=(2, 2))
    >>> first = compare(one, other, tolerance()).runs[0].first
    >>> first.quantity, first.step
    ('update', 2)
    """
    pairs, missing, added = _pairs(expected.recipe.specs, found.recipe.specs)
    unit = epsilon(expected.recipe.dtype, found.recipe.dtype)
    runs = tuple(
        compare_runs(
            expected.trajectories[i],
            found.trajectories[j],
            tolerance,
            unit,
            run=i,
            trained=trained_runs(expected, found, i, j),
        )
        for i, j in pairs
    )
    return Difference(runs, missing, added, changes(expected.recipe, found.recipe), tolerance)


def compare_runs(
    expected: Trajectory,
    found: Trajectory,
    tolerance: Tolerance,
    unit: float,
    run: int = 0,
    trained: tuple[TrainedRun, TrainedRun] | None = None,
) -> RunDifference:
    """Compare two runs.

    Args:
        expected: What was to be.
        found: What came.
        tolerance: What counts as equal.
        unit: The epsilon of the coarser precision of the two.
        run: The run's number, for the report.
        trained: What else is known of two runs of a network, see `deviations`.
    """
    by_name = deviations(expected, found, tolerance, _end(expected, found, tolerance), trained)
    first = _first(by_name, expected, found, tolerance)
    growth = None
    if first is not None and first.quantity != OUTCOME:
        series = by_name[_SERIES[first.quantity]]
        growth = growth_of(series.steps, series.share, first.step - series.ahead, unit)
    largest = {name: float(each.share.max(initial=0.0)) for name, each in by_name.items()}
    return RunDifference(
        run, expected.spec, found.spec, first, growth, expected.outcome, found.outcome, largest
    )


_SERIES = {START: "points", UPDATE: "points", LOSS: "losses", GRADIENT: "gradients", RATE: "rates"}
_NAMES = {"points": UPDATE, "losses": LOSS, "gradients": GRADIENT, "rates": RATE}


def _first(
    by_name: dict[str, Deviation], expected: Trajectory, found: Trajectory, tolerance: Tolerance
) -> First | None:
    """Return what differs first; at one point the order is point, loss, gradient, rate of the next step."""
    candidates = [
        (int(each.steps[row]), order, name, row)
        for order, (name, each) in enumerate(by_name.items())
        if (row := each.first) is not None
    ]
    if not candidates:
        return _outcome(by_name, expected, found, tolerance)
    at, order, name, row = min(candidates)
    each = by_name[name]
    before = all(
        not each.apart[each.steps < at + (other < order)].any() for other, each in enumerate(by_name.values())
    )
    quantity = START if name == "points" and at == 0 else _NAMES[name]
    return First(
        quantity,
        at + each.ahead,
        tuple(float(value) for value in np.atleast_1d(each.expected[row])),
        tuple(float(value) for value in np.atleast_1d(each.found[row])),
        float(each.apart[row]),
        float(each.allowed[row]),
        before,
    )


def trained_runs(
    expected: Recording, found: Recording, i: int, j: int
) -> tuple[TrainedRun, TrainedRun] | None:
    """Return what else is known of two runs of networks whose points cannot be compared, or None."""
    one, other = expected.training, found.training
    if one is None or other is None or (one.plane.exact and other.plane.exact) or one.layers != other.layers:
        return None
    return one.runs[i], other.runs[j]


def _outcome(
    by_name: dict[str, Deviation], expected: Trajectory, found: Trajectory, tolerance: Tolerance
) -> First | None:
    one, other = expected.outcome, found.outcome
    moved = abs((one.step or 0) - (other.step or 0))
    longer = abs(expected.steps - found.steps)
    if one.kind == other.kind and max(moved, longer) <= tolerance.steps:
        return None
    steps = [step for step in (one.step, other.step) if step is not None]
    if longer:
        steps.append(min(expected.steps, found.steps))
    equal = not any(each.apart.any() for each in by_name.values())
    return First(OUTCOME, min(steps, default=0), (), (), float(max(moved, longer)), tolerance.steps, equal)


def _end(expected: Trajectory, found: Trajectory, tolerance: Tolerance) -> int:
    """Return the last step to compare: the one before either is lost, where both are about as soon."""
    last = min(expected.steps, found.steps)
    one, other = expected.outcome, found.outcome
    if one.kind == other.kind == NON_FINITE and one.step is not None and other.step is not None:
        apart = abs(one.step - other.step)
        if 0 < apart <= tolerance.steps:
            return min(last, one.step - 1, other.step - 1)
    return last


def _pairs(
    expected: tuple[str, ...], found: tuple[str, ...]
) -> tuple[list[tuple[int, int]], tuple[str, ...], tuple[str, ...]]:
    if len(expected) == len(found) and (set(expected) != set(found) or expected == found):
        return [(k, k) for k in range(len(expected))], (), ()
    pairs = [(i, found.index(spec)) for i, spec in enumerate(expected) if spec in found]
    missing = tuple(spec for spec in expected if spec not in found)
    return pairs, missing, tuple(spec for spec in found if spec not in expected)


def changes(expected: Recipe, found: Recipe) -> tuple[tuple[str, str, str], ...]:
    """Return the fields of two recipes that are not the same; a version or a training option is a field."""
    one, other = _flat(expected), _flat(found)
    names = dict.fromkeys([*one, *other])
    return tuple(
        (name, one.get(name, "-"), other.get(name, "-")) for name in names if one.get(name) != other.get(name)
    )


def _flat(recipe: Recipe) -> dict[str, str]:
    flat: dict[str, str] = {}
    for field in fields(recipe):
        value: Any = getattr(recipe, field.name)
        if field.name == "versions":
            flat |= {f"version of {name}": version for name, version in value}
        elif field.name == "training" and value is not None:
            flat |= {each.name: str(getattr(value, each.name)) for each in fields(value)}
        elif field.name == "specs":
            flat |= {f"spec {k}": spec for k, spec in enumerate(value)}
        elif field.name in ("start", "view"):
            flat[field.name] = str(np.asarray(value, dtype=np.float64).tolist())  # 1 is 1.0
        else:
            flat[field.name] = str(value)
    return flat


__all__ = ["QUANTITIES", "Difference", "First", "RunDifference", "changes", "compare", "compare_runs"]
