"""An optimizer against a reference over shapes of parameters, and over the options that both have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, unknown
from ..regression.tolerances import EPSILON
from .cells import WAYS, Cell, paths_of, refused, shape_table, switch_cells
from .layouts import BROAD, LAYOUTS
from .match_results import CellResult
from .runs import wants_closure
from .switches import HOW, options_of, pairs, switches
from .tensor_runs import TensorRun, compare_tensors, run_layout, run_rule_on_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from torch.optim import Optimizer

    from ..regression.tolerances import Tolerance


_VECTOR = "vector"  # on which the switches of WAYS are tried


@dataclass(frozen=True, slots=True)
class Axes:
    """What is run on shapes."""

    layouts: tuple[str, ...]  # keys of LAYOUTS
    dtypes: tuple[str, ...]
    paths: tuple[str, ...]
    groups: tuple[int, ...]
    reload: bool
    switched: Mapping[str, Any] | None  # see `matching.match`
    ways: tuple[str, ...] = ()  # keys of `cells.WAYS`


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it."""

    results: tuple[CellResult, ...]
    found: tuple[str, ...]
    notes: tuple[str, ...]


def check_layouts(names: Iterable[str] | None) -> tuple[str, ...]:
    """Return the names of layouts, all where None.

    Raises:
        DescentError: One is not known.
    """
    chosen = tuple(LAYOUTS if names is None else names)
    for name in chosen:
        if name not in LAYOUTS:
            raise unknown("shape", name, LAYOUTS)
    return chosen


def match_shapes(
    make: Callable[..., Optimizer],
    options: Mapping[str, Any],
    reference: Callable[..., Any],
    theirs: Mapping[str, Any] | float,
    axes: Axes,
    allowed: Callable[[str], Tolerance],
) -> Found:
    """Run an optimizer and its reference on every layout, and with every option switched on.

    Args:
        make: What is tested.
        options: Its options.
        reference: An optimizer class, or an update rule in NumPy.
        theirs: The reference's options; of a rule, the learning rate.
        axes: What is run.
        allowed: Returns the tolerance in a precision.
    """
    rule = isinstance(theirs, float)
    name = getattr(reference, "__name__", "the reference")
    path = "plain" if rule or "single-tensor" not in paths_of(reference) else "single-tensor"

    theirs_closed = not isinstance(theirs, float) and wants_closure(reference, theirs)

    @cache
    def expected(cell: Cell) -> TensorRun | str:
        try:
            if isinstance(theirs, float):
                return run_rule_on_layout(reference, theirs, cell)
            return run_layout(reference, theirs, replace(cell, path=path, closure=theirs_closed))
        except DescentError:
            raise
        except Exception as error:
            return f"{name} refuses: {_one_line(error)}"

    closure = wants_closure(make, options)

    @cache
    def result(cell: Cell) -> CellResult:
        reference_run = expected(replace(cell, path="plain", reload=False))
        if isinstance(reference_run, str):
            return CellResult(cell, None, reference_run, skipped=True)
        try:
            run = run_layout(make, options, replace(cell, closure=closure))
        except DescentError:
            raise
        except Exception as error:  # whatever a user's own optimizer raises is a result
            words = f"{type(error).__name__}: {_one_line(error)}"
            return CellResult(cell, None, words, skipped=_unsupported(cell, error))
        difference, where = compare_tensors(reference_run, run, cell, allowed(precision_of(cell)))
        return CellResult(cell, difference, where=where)

    cells = list(shape_table(axes.layouts, axes.dtypes, axes.paths, axes.groups, reload=axes.reload))
    cells += [
        Cell("", dtype, way, shape=_VECTOR)
        for way in axes.ways
        for dtype in axes.dtypes
        if dtype in EPSILON and _VECTOR in axes.layouts
    ]
    if rule:  # a rule in NumPy knows no bfloat16, and sparse gradients only as dense ones
        cells = [cell for cell in cells if cell.dtype != "bfloat16" and cell.shape != "sparse"]
    results = [result(cell) for cell in cells]
    found: list[str] = []
    notes: list[str] = []
    dtype = "float64" if "float64" in axes.dtypes else axes.dtypes[0]
    broad = [each for each in BROAD if each in axes.layouts]
    runs = [each for each in broad if isinstance(expected(Cell("", dtype, shape=each)), TensorRun)]
    if not rule and runs:
        singles, notes = _singles(make, options, reference, theirs, axes.switched, name)
        right = {}
        for option, switch in singles.items():
            of_option = [
                result(cell) for cell in switch_cells(runs[0], switch, dtype, axes.paths, axes.groups)
            ]
            results += of_option
            if all(each.matches for each in of_option):
                right[option] = switch
            elif _acts(expected, of_option[0].cell) and _same(make, options, of_option[0].cell, closure):
                found.append(f"{option} changes nothing")
        for switch in pairs(right).values():
            results += [result(cell) for cell in switch_cells(runs[0], switch, dtype, axes.paths, (1,))]
    return Found(tuple(results), tuple(found), tuple(notes))


def _singles(
    make: Callable[..., Any],
    options: Mapping[str, Any],
    reference: Callable[..., Any],
    theirs: Any,
    wanted: Mapping[str, Any] | None,
    name: str,
) -> tuple[dict[str, Any], list[str]]:
    """Return the options to switch on, and words about those that cannot be."""
    own, others = options_of(make), options_of(reference)
    given = {*options, *theirs}
    for option in wanted or ():
        if option not in own:
            raise unknown("option", option, own)
    asked = [each for each in (own if wanted is None else wanted) if each not in HOW]
    shared = [each for each in asked if each in others and each not in given]
    found = switches(make, given, wanted)
    notes = []
    if absent := [each for each in asked if each not in others and each not in given]:
        notes.append(f"not compared, as {name} has no such option: {', '.join(absent)}")
    if silent := [each for each in shared if each not in found]:
        notes.append(
            f"not switched on, as no value is known: {', '.join(silent)}; say it with switches={{...}}"
        )
    return {option: found[option] for option in shared if option in found}, notes


def _acts(expected: Callable[[Cell], TensorRun | str], cell: Cell) -> bool:
    """Say whether the reference goes elsewhere with a cell's switches than without."""
    plain = replace(cell, path="plain", reload=False)
    one, other = expected(plain), expected(replace(plain, switched=()))
    return isinstance(one, TensorRun) and isinstance(other, TensorRun) and not one.same(other)


def _same(make: Callable[..., Any], options: Mapping[str, Any], cell: Cell, closure: bool) -> bool:
    """Say whether a run with switches is the same, to the last bit, as one without."""
    try:
        one, other = (
            run_layout(make, options, each)
            for each in (replace(cell, closure=closure), replace(cell, closure=closure, switched=()))
        )
    except Exception:  # what was raised is in the result already
        return False
    return one.same(other)


def precision_of(cell: Cell) -> str:
    """Return the precision whose rounding counts in a cell.

    The switches of WAYS count steps in a tensor of torch's default precision, so that powers of betas are
    rounded to float32 in any case.
    """
    return "float32" if cell.path in WAYS and cell.dtype == "float64" else cell.dtype


def _unsupported(cell: Cell, error: Exception) -> bool:
    return (cell.path == "fused" and isinstance(error, RuntimeError)) or refused(cell.path, error)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
