"""The table of ways in which an optimizer is run against a reference: a cell for each combination."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from itertools import product
from typing import TYPE_CHECKING, Any

from ..regression.tolerances import EPSILON
from .layouts import SEVERAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .switches import Switch

PLAIN = "plain"  # as the class does it when nothing is said
PATHS: dict[str, dict[str, bool]] = {
    PLAIN: {},
    "single-tensor": {"foreach": False, "fused": False},
    "foreach": {"foreach": True},
    "fused": {"fused": True},
}
# Switches that say how a step is computed, and that may be refused: on shapes only, see `ways_of`.
CAPTURABLE, DIFFERENTIABLE = "capturable", "differentiable"
WAYS: dict[str, dict[str, bool]] = {
    CAPTURABLE: {"capturable": True, "foreach": False, "fused": False},
    DIFFERENTIABLE: {"differentiable": True, "foreach": False, "fused": False},
}
_MANY = 4  # so many values are named in one line
SURFACES = ("quadratic:condition=10", "beale", "himmelblau")
SCHEDULES = ("", "step:step_size=7,gamma=0.5")


@dataclass(frozen=True, slots=True)
class Cell:
    """One way to run an optimizer: on a surface, or on parameters of some shapes."""

    surface: str  # a surface spec; empty where there is a shape
    dtype: str
    path: str = PLAIN  # a key of PATHS or of WAYS
    groups: int = 1  # parameter groups; with two, x and y are parameters of their own and y has half the rate
    schedule: str = ""  # a schedule spec, or empty
    closure: bool = False  # whether step is given a closure, and no gradient beforehand
    reload: bool = False  # whether its state goes to a new optimizer half way
    shape: str = ""  # a key of `layouts.LAYOUTS`, or empty
    # Options by name on top of those that are set in all cells; with two groups, of the second one alone.
    switched: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        """Name the cell by what is special about it.

        >>> print(Cell("beale", "float64", "foreach", groups=2, reload=True))
        beale, float64, foreach, 2 groups, reloaded
        """
        words = [self.surface or self.shape, self.dtype]
        words += [self.path] if self.path != PLAIN else []
        words += [f"{self.groups} groups"] if self.groups > 1 else []
        words += [self.schedule] if self.schedule else []
        words += ["closure"] if self.closure else []
        words += ["reloaded"] if self.reload else []
        words += [f"{name}={value}" for name, value in self.switched]
        if self.switched and self.groups > 1:
            words[-1] += " in the second"
        return ", ".join(words)


def paths_of(make: Callable[..., Any]) -> tuple[str, ...]:
    """Return the paths that an optimizer can be told to take, by the arguments that it has.

    >>> from torch.optim import SGD, Rprop, LBFGS
    >>> paths_of(SGD), paths_of(Rprop), paths_of(LBFGS)
    (('single-tensor', 'foreach', 'fused'), ('single-tensor', 'foreach'), ('plain',))
    """
    taken = inspect.signature(make).parameters
    paths = [path for path, said in PATHS.items() if said and any(key in taken for key in said)]
    wanted = {"single-tensor": ("foreach", "fused"), "foreach": ("foreach",), "fused": ("fused",)}
    return tuple(path for path in paths if any(key in taken for key in wanted[path])) or (PLAIN,)


def arguments_of(path: str, make: Callable[..., Any]) -> dict[str, bool]:
    """Return the arguments that tell an optimizer to take a path, of those that it has."""
    taken = inspect.signature(make).parameters
    return {key: value for key, value in (PATHS | WAYS)[path].items() if key in taken}


def ways_of(make: Callable[..., Any]) -> tuple[str, ...]:
    """Return the switches of WAYS that an optimizer has.

    >>> from torch.optim import SGD, Adam, LBFGS
    >>> ways_of(SGD), ways_of(Adam), ways_of(LBFGS)
    (('differentiable',), ('capturable', 'differentiable'), ())
    """
    taken = inspect.signature(make).parameters
    return tuple(way for way in WAYS if way in taken)


def refused(way: str, error: Exception) -> bool:
    """Say whether an error is an optimizer's own word that a switch of WAYS is not for this machine."""
    return way == CAPTURABLE and way in str(error).casefold()


def table(
    surfaces: Iterable[str],
    dtypes: Iterable[str],
    paths: Iterable[str],
    groups: Iterable[int],
    schedules: Iterable[str],
    closures: Iterable[bool],
    reloads: Iterable[bool],
) -> tuple[Cell, ...]:
    """Return a cell for each combination."""
    return tuple(
        Cell(*each) for each in product(surfaces, dtypes, paths, groups, schedules, closures, reloads)
    )


def in_common(failing: Sequence[Cell], tried: Sequence[Cell]) -> list[str]:
    """Say what sets the failing cells apart: the columns in which they have only some of the values tried.

    >>> cells = table(["beale"], ["float64"], ["plain", "foreach"], [1], [""], [False], [False, True])
    >>> in_common([cell for cell in cells if cell.reload], cells)
    ['reload True']
    """
    kinds = {bool(cell.shape) for cell in failing}
    names = [field.name for field in fields(Cell)]
    if len(kinds) == 1:  # only on surfaces, or only on shapes
        tried = [cell for cell in tried if bool(cell.shape) in kinds]
    else:
        names = [name for name in names if name not in ("surface", "shape", "switched")]
    found = []
    while names:
        # The column that leaves the fewest cells comes first; what holds for all that is left is not said.
        left = {name: _narrowed(tried, name, {getattr(cell, name) for cell in failing}) for name in names}
        best = min(names, key=lambda name: len(left[name]))
        if len(left[best]) == len(tried):
            break
        found.append(f"{best} {_values(best, failing, tried)}")
        names.remove(best)
        tried = left[best]
    return found


def _narrowed(cells: Sequence[Cell], name: str, values: set[Any]) -> list[Cell]:
    return [cell for cell in cells if getattr(cell, name) in values]


def _values(name: str, failing: Sequence[Cell], tried: Sequence[Cell]) -> str:
    """Name the values of a column that the failing cells have, or where there are many, those they lack."""
    of_failing = list(dict.fromkeys(getattr(cell, name) for cell in failing))
    values = dict.fromkeys(getattr(cell, name) for cell in tried)
    others = [value for value in values if value not in of_failing]
    if len(of_failing) > max(_MANY, len(others)):
        return f"not {' or '.join(map(_words, others[:_MANY]))}"
    more = " or others" if len(of_failing) > _MANY else ""
    return f"{' or '.join(map(_words, of_failing[:_MANY]))}{more}"


def _words(value: Any) -> str:
    if isinstance(value, tuple):
        value = " and ".join(f"{name}={each}" for name, each in value)
    return str(value) or "none"


def shape_table(
    layouts: Iterable[str],
    dtypes: Iterable[str],
    paths: Iterable[str],
    groups: Iterable[int],
    *,
    reload: bool,
) -> tuple[Cell, ...]:
    """Return the cells of shapes without switches.

    Every layout is run in the two precisions that surfaces have; the one with several parameters in half
    precision too, in groups, and with reloading.
    """
    layouts, dtypes, paths = tuple(layouts), tuple(dtypes), tuple(paths)
    found = []
    for layout, dtype, path in product(layouts, dtypes, paths):
        if layout == SEVERAL:
            found += [Cell("", dtype, path, count, shape=layout) for count in groups]
            found += [Cell("", dtype, path, reload=True, shape=layout)] if reload else []
        elif dtype in EPSILON:
            found.append(Cell("", dtype, path, shape=layout))
    return tuple(found)


def switch_cells(
    layout: str, switch: Switch, dtype: str, paths: Iterable[str], groups: Iterable[int]
) -> tuple[Cell, ...]:
    """Return the cells in which some options are switched on: for all parameters, and for a group alone."""
    return tuple(
        Cell("", dtype, path, count, shape=layout, switched=switch) for path, count in product(paths, groups)
    )
