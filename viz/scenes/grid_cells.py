"""Which run stands in which panel of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError
from ..style.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from ...trajectories.specs.optimizer_spec import OptimizerSpec


@dataclass(frozen=True, slots=True)
class Cells:
    """The runs of each panel; rows are empty where the panels stand in reading order."""

    names: tuple[str, ...]  # of GRIDS: what the rows are, if there are rows, and what the columns are
    rows: tuple[int, ...]  # a run of each row
    columns: tuple[int, ...]  # a run of each column, or of each panel where there are no rows
    runs: Mapping[tuple[int, int], tuple[int, ...]]  # by row and column; panels without runs are left out

    @property
    def most(self) -> int:
        """How many runs the fullest panel has."""
        return max(map(len, self.runs.values()))

    @property
    def what(self) -> str:
        """Whose panels they are, in words."""
        words = {"optimizer": "optimizer", "lr": "learning rate", "run": "run"}
        sides = (self.rows, self.columns) if self.rows else (self.columns,)
        return " and ".join(
            counted(len(side), words[name]) for name, side in zip(self.names, sides, strict=True)
        )

    @property
    def turned(self) -> Cells:
        """The same panels with rows and columns exchanged; only where there are rows."""
        runs = {(column, row): here for (row, column), here in self.runs.items()}
        return Cells(self.names[::-1], self.columns, self.rows, runs)


def check_names(names: tuple[str, ...]) -> None:
    """Raise DescentError where panels are to be by run and by something else."""
    for alone in ("run", "field"):
        if alone in names and len(names) > 1:
            raise DescentError(
                f"a grid is by {alone} alone, or by optimizer and lr, not by {','.join(names)}"
            )


def sort_runs(specs: Sequence[OptimizerSpec], names: tuple[str, ...]) -> Cells:
    """Put runs into panels by optimizer, learning rate or run.

    Args:
        specs: The optimizer spec of each run, at least one.
        names: One or two of GRIDS: with two, the first is what stands below each other.

    Raises:
        DescentError: Panels by run and by something else, or no run.
    """
    if not specs:
        raise DescentError("a grid has a panel for each run, and this recording has no runs")
    check_names(names)
    sides = [_sorted_keys(specs, name) for name in names]
    row_keys: list[Hashable] = sides[0] if len(sides) == 2 else [None]
    places: dict[tuple[int, int], list[int]] = {}
    for index in range(len(specs)):
        row = row_keys.index(_key(specs, index, names[0])) if len(sides) == 2 else 0
        column = sides[-1].index(_key(specs, index, names[-1]))
        places.setdefault((row, column), []).append(index)
    samples = [
        tuple(_first(specs, name, key) for key in side) for name, side in zip(names, sides, strict=True)
    ]
    return Cells(
        names,
        samples[0] if len(samples) == 2 else (),
        samples[-1],
        {place: tuple(runs) for place, runs in places.items()},
    )


def without_rate(spec: OptimizerSpec) -> OptimizerSpec:
    """Return a spec without its learning rate and with its options in order, so that equal ones are equal.

    >>> from descent import OptimizerSpec
    >>> str(without_rate(OptimizerSpec.parse("adam:lr=0.1,eps=1e-6,amsgrad=true")))
    'adam:amsgrad=true,eps=1e-06'
    """
    return spec.without_lr().ordered()


def _key(specs: Sequence[OptimizerSpec], index: int, name: str) -> Hashable:
    spec = specs[index]
    return {"optimizer": without_rate(spec), "lr": spec.lr, "run": index}[name]


def _sorted_keys(specs: Sequence[OptimizerSpec], name: str) -> list[Hashable]:
    """Return what the panels are by: rates from small to large, anything else in the order of the runs."""
    if name == "lr":
        rates = {spec.lr for spec in specs}
        return [*sorted(rate for rate in rates if rate is not None), *([None] if None in rates else [])]
    return list(dict.fromkeys(_key(specs, index, name) for index in range(len(specs))))


def _first(specs: Sequence[OptimizerSpec], name: str, key: Hashable) -> int:
    return next(index for index in range(len(specs)) if _key(specs, index, name) == key)
