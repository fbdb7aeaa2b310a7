"""Differences of many recordings, summed up for each optimizer. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..specs.optimizer_spec import OptimizerSpec
from .report import headline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .difference import RunDifference


@dataclass(frozen=True, slots=True)
class OptimizerDrift:
    """What came of all runs of an optimizer with the same options, whatever their schedules and rates."""

    spec: str  # without its schedules
    runs: int
    equal: int  # runs that are the same to the last bit
    beyond: int  # runs that differ by more than was allowed
    points: float  # the largest difference in points as a share of the size so far
    losses: float
    gradients: float
    first: str  # where the run that differs first begins to; empty where none is beyond what is allowed


def by_optimizer(found: Iterable[tuple[str, RunDifference]]) -> tuple[OptimizerDrift, ...]:
    """Sum up runs by their optimizers, those that differ most first.

    Args:
        found: What a recording is called and how a run in it differs.
    """
    groups: dict[str, list[tuple[str, RunDifference]]] = {}
    for name, run in found:
        bare = replace(OptimizerSpec.parse(run.spec), schedules=())
        groups.setdefault(str(bare), []).append((name, run))
    summed = [_sum(spec, runs) for spec, runs in groups.items()]
    return tuple(sorted(summed, key=lambda each: (-each.beyond, -each.points)))


def _sum(spec: str, runs: list[tuple[str, RunDifference]]) -> OptimizerDrift:
    beyond = [(name, run) for name, run in runs if run.first is not None]
    first = ""
    if beyond:
        name, worst = min(beyond, key=lambda each: each[1].first.step if each[1].first else 0)
        assert worst.first is not None
        first = f"{name}: {headline(worst.first)}"
    largest = {name: max(run.largest[name] for _, run in runs) for name in ("points", "losses", "gradients")}
    return OptimizerDrift(
        spec=spec,
        runs=len(runs),
        equal=sum(not any(run.largest.values()) and run.first is None for _, run in runs),
        beyond=len(beyond),
        first=first,
        **largest,
    )


HEADINGS = ("optimizer", "runs", "same bits", "beyond", "points", "losses", "gradients", "first beyond")


def cells(each: OptimizerDrift) -> tuple[str, ...]:
    """Return a line of the table with HEADINGS."""
    sizes = (f"{size:.1e}" if size else "0" for size in (each.points, each.losses, each.gradients))
    return each.spec, str(each.runs), str(each.equal), str(each.beyond), *sizes, each.first or "-"


def as_json(each: OptimizerDrift) -> dict[str, Any]:
    """Return it as plain JSON values."""
    return {
        "optimizer": each.spec,
        "runs": each.runs,
        "same_bits": each.equal,
        "beyond": each.beyond,
        "largest": {
            name: size if size < float("inf") else "inf"
            for name, size in (
                ("points", each.points),
                ("losses", each.losses),
                ("gradients", each.gradients),
            )
        },
        "first": each.first or None,
    }
