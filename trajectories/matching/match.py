"""An optimizer of one's own against a reference, over surfaces, shapes of parameters and options."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ..regression.tolerances import DEFAULT, HALF, epsilon, tolerance
from ..results.recording import Recording
from .cells import PATHS, SCHEDULES, SURFACES, Cell, paths_of, table, ways_of
from .match_results import CellResult, Match
from .shape_matching import Axes, check_layouts, match_shapes
from .together import shares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from torch.optim import Optimizer

    from ..results.trajectory import Trajectory
    from .references import Case

STEPS = 24
_ALONE = 7  # the stride of the cells that are run alone: four of them, in which every column changes
DTYPES = ("float64", "float32", "bfloat16", "float16")


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
    >>> small = {"surfaces": ["beale"], "paths": ["foreach"], "shapes": ()}
    >>> print(assert_matches(torch.optim.Adam, torch.optim.Adam, **small))
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
    dtypes: Iterable[str] = DTYPES,
    paths: Iterable[str] | None = None,
    groups: Iterable[int] = (1, 2),
    schedules: Iterable[str] = SCHEDULES,
    closures: Iterable[bool] = (False, True),
    reloads: Iterable[bool] = (False, True),
    shapes: Iterable[str] | None = None,
    switches: Mapping[str, Any] | None = None,
    steps: int = STEPS,
    preset: str = DEFAULT,
    rtol: float | None = None,
    atol: float | None = None,
) -> Match:
    """Run an optimizer and its reference over a table and compare them step by step in every cell.

    Args:
        optimizer_class: What is tested: a class that derives from torch.optim.Optimizer, a partial of one, a
            function from parameters to an optimizer, or an OptimizerSpec.
        reference: What it must do: another of these, run plainly; an update rule in NumPy with five
            arguments, see `runs.Rule`; or a recording or its file, whose runs give surface, start, steps,
            schedule and precision.
        options: The optimizer's options, such as ``{"lr": 0.1}``; of a recording, the options of each run's
            spec where None. A function is given those that its signature names.
        reference_options: The reference's; the same where None. A rule is given the rate only.
        surfaces: Specs of surfaces.
        dtypes: Precisions; half ones, bfloat16 and float16, are for shapes only.
        paths: Some of PATHS; those that the class has arguments for where None, and then ``capturable`` and
            ``differentiable`` on a vector too, where it has them.
        groups: Numbers of parameter groups: 1, or 2 with half the rate for y.
        schedules: Specs of schedules, and "" for none.
        closures: Whether ``step`` is given a closure.
        reloads: Whether the state is saved and loaded into a new optimizer half way.
        shapes: Some of LAYOUTS, that is of parameters of some shapes and kinds with gradients set beforehand;
            all where None. A recording has none.
        switches: Options that are switched on, each alone and every two together, on parameters of several
            shapes, and their values, such as ``{"weight_decay": 0.1}``; those that the signatures of both
            classes name where None, and ``{}`` for none.
        steps: Updates in each cell on a surface.
        preset: What counts as equal: one of PRESETS.
        rtol: A tolerance of one's own, see `tolerances.tolerance`.
        atol: Likewise.

    Raises:
        DescentError: Something is not known, or the reference cannot run.
    """
    from .references import as_maker, for_factory, is_optimizer, rate_of_rule, references

    optimizer_class, reference = as_maker(optimizer_class), as_maker(reference)
    options = for_factory(optimizer_class, options)
    chosen = tuple(paths_of(optimizer_class) if paths is None else paths)
    dtypes, groups, reloads = tuple(dtypes), tuple(groups), tuple(reloads)
    layouts = check_layouts(shapes)
    if odd := [path for path in chosen if path not in PATHS]:
        raise DescentError(f"unknown path {odd[0]!r}; allowed: {', '.join(PATHS)}")
    results = []
    for case in references(
        reference,
        optimizer_class,
        options,
        reference_options,
        partial(table, paths=chosen, closures=tuple(closures), reloads=reloads),
        {
            "surfaces": surfaces,
            "dtypes": [each for each in dtypes if each not in HALF],
            "groups": groups,
            "schedules": schedules,
        },
        steps,
    ):
        expected = lru_cache(maxsize=None)(case.expected)
        allowed = {dtype: tolerance(preset, dtype, rtol, atol) for dtype in {c.dtype for c in case.cells}}
        matched = _matched_together(case, expected, allowed)
        results += [
            matched.get(cell) or _run(case.run, cell, expected, allowed[cell.dtype]) for cell in case.cells
        ]
    name = tolerance(preset, rtol=rtol, atol=atol).name
    found: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    if layouts and not isinstance(reference, Recording | str | Path):
        given = dict(options or {})
        theirs = for_factory(reference, given) if reference_options is None else reference_options
        theirs = dict(theirs or {})
        ways = ways_of(optimizer_class) if paths is None else ()
        axes = Axes(layouts, dtypes, chosen, groups, True in reloads, switches, ways)
        on_shapes = match_shapes(
            optimizer_class,
            given,
            reference,
            theirs if is_optimizer(reference) else rate_of_rule(theirs),
            axes,
            lambda dtype: tolerance(preset, dtype, rtol, atol),
        )
        results += on_shapes.results
        found, notes = on_shapes.found, on_shapes.notes
    return Match(_name(optimizer_class), _name(reference), tuple(results), name, found, notes)


def _matched_together(
    case: Case, expected: Callable[[Cell], Trajectory], allowed: Mapping[str, Any]
) -> dict[Cell, CellResult]:
    """Return the results of the cells that match when one optimizer has the parameters of many.

    What is not returned is to be run alone: what differs or raises, for only alone counts; one cell of every
    sharing, for a fault may need an optimizer that has nothing else; and all that follows a sharing in which
    most cells differ, for then parameters act on each other, or the optimizer is wrong.
    """
    found: dict[Cell, CellResult] = {}
    if case.together is None:
        return found
    theirs: dict[Cell, Trajectory] = {}
    for number, cells in enumerate(shares(case.cells)):
        try:
            if not number and case.expected_together is not None:
                theirs = case.expected_together([plain(cell) for cell in cells])
            runs = case.together(cells)
        except Exception:  # whatever a user's own optimizer raises is raised again where it is alone
            continue
        matching = {
            cell: result
            for cell in cells
            if (
                result := _compared(
                    theirs.get(plain(cell)) or expected(plain(cell)), runs[cell], cell, allowed[cell.dtype]
                )
            ).matches
        }
        matching.pop(cells[_ALONE * (number % 4) % len(cells)], None)
        found |= matching
        if len(matching) < len(cells) / 2:
            break
    return found


def _compared(reference: Trajectory, found: Trajectory, cell: Cell, allowed: Any) -> CellResult:
    from ..regression.difference import compare_runs

    return CellResult(cell, compare_runs(reference, found, allowed, epsilon(cell.dtype)))


def _run(
    run: Callable[[Cell], Trajectory],
    cell: Cell,
    expected: Callable[[Cell], Trajectory],
    allowed: Any,
) -> CellResult:
    reference = expected(plain(cell))
    try:
        found = run(cell)
    except DescentError:
        raise
    except Exception as error:  # whatever a user's own optimizer raises is a result
        words = f"{type(error).__name__}: {' '.join(str(error).split())}"
        unsupported = cell.path == "fused" and isinstance(error, RuntimeError)
        return CellResult(cell, None, words, skipped=unsupported)
    return _compared(reference, found, cell, allowed)


def plain(cell: Cell) -> Cell:
    """Return the cell whose numbers a cell must have: path, closure and reloading must not change any."""
    return Cell(cell.surface, cell.dtype, groups=cell.groups, schedule=cell.schedule)


def _name(thing: Any) -> str:
    if isinstance(thing, Recording):
        return "the recording"
    if isinstance(thing, partial):
        return _name(thing.func)
    return str(thing) if isinstance(thing, str | Path) else getattr(thing, "__name__", type(thing).__name__)
