"""Tests of optimizers: a class of one's own against a reference, over a table of ways to run it.

    from descent import testing

    testing.assert_matches(MyAdam, torch.optim.Adam, options={"lr": 0.1})
    testing.assert_matches(MySGD, lambda point, gradient, state, step, lr: (point - lr * gradient, state))
    testing.assert_matches(MyAdam, "tests/goldens/adam.npz")

`surfaces`, `starts` and `specs` are strategies for property tests with hypothesis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ..regression.tolerances import DEFAULT, PRESETS, epsilon, tolerance
from ..results.recording import Recording
from .cells import PATHS, SCHEDULES, SURFACES, Cell, in_common, paths_of, table
from .strategies import specs, starts, surfaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from torch.optim import Optimizer

    from ..regression.difference import RunDifference
    from ..results.trajectory import Trajectory

STEPS = 24

__all__ = [
    "PATHS",
    "PRESETS",
    "CellResult",
    "Match",
    "assert_matches",
    "match",
    "specs",
    "starts",
    "surfaces",
]


@dataclass(frozen=True, slots=True)
class CellResult:
    """What came of one cell of the table."""

    cell: Cell
    difference: RunDifference | None  # None where it did not run
    error: str = ""  # why it did not run; empty where it did
    skipped: bool = False  # whether that is no fault: the path is there, but not for this device or precision

    @property
    def matches(self) -> bool:
        """Whether the cell holds nothing against the optimizer."""
        return self.skipped or (self.difference is not None and self.difference.same)


@dataclass(frozen=True, slots=True)
class Match:
    """What came of the whole table."""

    optimizer: str
    reference: str
    results: tuple[CellResult, ...]
    tolerance: str

    @property
    def matches(self) -> bool:
        """Whether every cell matches."""
        return all(result.matches for result in self.results)

    def __str__(self) -> str:
        from ..regression.report import headline, values, verdict

        failing = [result for result in self.results if not result.matches]
        ran = [result for result in self.results if not result.skipped]
        skipped = [result for result in self.results if result.skipped]
        if failing:
            head = f"does not match {self.reference} in {len(failing)} of {len(ran)} cells"
        else:
            head = f"matches {self.reference} in all {len(ran)} cells"
        lines = [f"{self.optimizer} {head}, tolerance {self.tolerance}"]
        if failing and (common := in_common([each.cell for each in failing], [each.cell for each in ran])):
            lines.append(f"only with {', '.join(common)}")
        said = ""
        for result in failing:
            difference = result.difference
            if difference is None or difference.first is None:
                lines.append(f"  {result.cell}: {result.error}")
                continue
            first = difference.first
            lines.append(
                f"  {result.cell}: differs {headline(first)}; expected {values(first.expected)}, "
                f"found {values(first.found)}"
            )
            if (words := verdict(difference)) != said:
                lines.append(f"    {words}")
                said = words
        reasons = dict.fromkeys(result.error for result in skipped)
        lines += [f"skipped {sum(each.error == why for each in skipped)}: {why}" for why in reasons]
        return "\n".join(lines)


def assert_matches(
    optimizer_class: Callable[..., Optimizer],
    reference: Callable[..., Any] | Recording | str | Path,
    **options: Any,
) -> Match:
    """Raise AssertionError, naming each cell, unless an optimizer goes where its reference goes.

    See `match` for the arguments.

    Raises:
        AssertionError: A cell differs, or the optimizer fails in it.
        DescentError: The table cannot be made.

    >>> import torch
    >>> print(assert_matches(torch.optim.Adam, torch.optim.Adam, surfaces=["beale"], paths=["foreach"]))
    Adam matches Adam in all 32 cells, tolerance same-dtype
    """
    __tracebackhide__ = True
    found = match(optimizer_class, reference, **options)
    if not found.matches:
        raise AssertionError(str(found))
    return found


def match(
    optimizer_class: Callable[..., Optimizer],
    reference: Callable[..., Any] | Recording | str | Path,
    *,
    options: Mapping[str, Any] | None = None,
    reference_options: Mapping[str, Any] | None = None,
    surfaces: Iterable[str] = SURFACES,
    dtypes: Iterable[str] = ("float64", "float32"),
    paths: Iterable[str] | None = None,
    groups: Iterable[int] = (1, 2),
    schedules: Iterable[str] = SCHEDULES,
    closures: Iterable[bool] = (False, True),
    reloads: Iterable[bool] = (False, True),
    steps: int = STEPS,
    preset: str = DEFAULT,
    rtol: float | None = None,
    atol: float | None = None,
) -> Match:
    """Run an optimizer and its reference over a table and compare them step by step in every cell.

    Args:
        optimizer_class: What is tested: a class that derives from torch.optim.Optimizer, or a partial of one.
        reference: What it must do: another such class, run plainly; an update rule in NumPy, see
            `testing_runs.Rule`; or a recording or its file, whose runs give surface, start, steps, schedule
            and precision.
        options: The optimizer's options, such as ``{"lr": 0.1}``; of a recording, the options of each run's
            spec where None.
        reference_options: The reference's; the same where None. A rule is given the rate only.
        surfaces: Specs of surfaces.
        dtypes: Precisions.
        paths: Some of PATHS; those that the class has arguments for where None.
        groups: Numbers of parameter groups: 1, or 2 with half the rate for y.
        schedules: Specs of schedules, and "" for none.
        closures: Whether ``step`` is given a closure.
        reloads: Whether the state is saved and loaded into a new optimizer half way.
        steps: Updates in each cell.
        preset: What counts as equal: one of PRESETS.
        rtol: A tolerance of one's own, see `tolerances.tolerance`.
        atol: Likewise.

    Raises:
        DescentError: Something is not known, or the reference cannot run.
    """
    from .references import references

    chosen = tuple(paths_of(optimizer_class) if paths is None else paths)
    if odd := [path for path in chosen if path not in PATHS]:
        raise DescentError(f"unknown path {odd[0]!r}; allowed: {', '.join(PATHS)}")
    results = []
    for case in references(
        reference,
        optimizer_class,
        options,
        reference_options,
        partial(table, paths=chosen, closures=tuple(closures), reloads=tuple(reloads)),
        {"surfaces": surfaces, "dtypes": dtypes, "groups": groups, "schedules": schedules},
        steps,
    ):
        expected = lru_cache(maxsize=None)(case.expected)
        for cell in case.cells:
            allowed = tolerance(preset, cell.dtype, rtol, atol)
            results.append(_run(optimizer_class, case.run, cell, expected, allowed))
    name = allowed.name if results else preset
    return Match(_name(optimizer_class), _name(reference), tuple(results), name)


def _run(
    make: Callable[..., Optimizer],
    run: Callable[[Cell], Trajectory],
    cell: Cell,
    expected: Callable[[Cell], Trajectory],
    allowed: Any,
) -> CellResult:
    from ..regression.difference import compare_runs

    reference = expected(plain(cell))
    try:
        found = run(cell)
    except DescentError:
        raise
    except Exception as error:  # whatever a user's own optimizer raises is a result
        words = f"{type(error).__name__}: {' '.join(str(error).split())}"
        unsupported = cell.path == "fused" and isinstance(error, RuntimeError)
        return CellResult(cell, None, words, skipped=unsupported)
    return CellResult(cell, compare_runs(reference, found, allowed, epsilon(cell.dtype)))


def plain(cell: Cell) -> Cell:
    """Return the cell whose numbers a cell must have: path, closure and reloading must not change any."""
    return Cell(cell.surface, cell.dtype, groups=cell.groups, schedule=cell.schedule)


def _name(thing: Any) -> str:
    if isinstance(thing, Recording):
        return "the recording"
    if isinstance(thing, partial):
        return _name(thing.func)
    return str(thing) if isinstance(thing, str | Path) else getattr(thing, "__name__", type(thing).__name__)
