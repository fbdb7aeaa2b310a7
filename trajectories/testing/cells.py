"""The table of ways in which an optimizer is run against a reference: a cell for each combination."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from itertools import product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PLAIN = "plain"  # as the class does it when nothing is said
PATHS: dict[str, dict[str, bool]] = {
    PLAIN: {},
    "single-tensor": {"foreach": False, "fused": False},
    "foreach": {"foreach": True},
    "fused": {"fused": True},
}
SURFACES = ("quadratic:condition=10", "beale", "himmelblau")
SCHEDULES = ("", "step:step_size=7,gamma=0.5")


@dataclass(frozen=True, slots=True)
class Cell:
    """One way to run an optimizer."""

    surface: str  # a surface spec
    dtype: str
    path: str = PLAIN  # a key of PATHS
    groups: int = 1  # parameter groups; with two, x and y are parameters of their own and y has half the rate
    schedule: str = ""  # a schedule spec, or empty
    closure: bool = False  # whether step is given a closure, and no gradient beforehand
    reload: bool = False  # whether its state goes to a new optimizer half way

    def __str__(self) -> str:
        """Name the cell by what is special about it.

        >>> print(Cell("beale", "float64", "foreach", groups=2, reload=True))
        beale, float64, foreach, 2 groups, reloaded
        """
        words = [self.surface, self.dtype]
        words += [self.path] if self.path != PLAIN else []
        words += [f"{self.groups} groups"] if self.groups > 1 else []
        words += [self.schedule] if self.schedule else []
        words += ["closure"] if self.closure else []
        words += ["reloaded"] if self.reload else []
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
    return {key: value for key, value in PATHS[path].items() if key in taken}


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
    found = []
    for field in fields(Cell):
        of_failing = dict.fromkeys(getattr(cell, field.name) for cell in failing)
        of_all = {getattr(cell, field.name) for cell in tried}
        if len(of_failing) < len(of_all):
            values = " or ".join(str(value) or "none" for value in of_failing)
            found.append(f"{field.name} {values}")
    return found
