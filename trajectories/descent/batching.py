"""Which runs can be rows of one tensor program, and which of them share one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..specs.tables import OPTIMIZERS, SCHEDULES
from .torch_optim import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..specs.optimizer_spec import OptimizerSpec, ScheduleSpec
    from ..specs.tables import Entry


def why_alone(spec: OptimizerSpec) -> str:
    """Say why runs of a spec cannot be rows of one tensor; empty when they can.

    >>> from descent import OptimizerSpec
    >>> why_alone(OptimizerSpec.parse("muon:lr=0.1"))
    'Muon must run alone: it makes the whole matrix of updates orthogonal'
    >>> why_alone(OptimizerSpec.parse("adam:lr=0.1@cosine"))
    ''
    """
    parts: list[tuple[OptimizerSpec | ScheduleSpec, dict[str, Entry]]] = [(spec, OPTIMIZERS)]
    parts += [(schedule, SCHEDULES) for schedule in spec.schedules]
    for part, table in parts:
        if part.name not in table:
            return f"{part.name} must run alone: only torch's own classes are known not to mix runs"
        if table[part.name].alone:
            return f"{part.title} must run alone: {table[part.name].alone}"
    if spec.clip is not None:
        return f"{spec.title} must run alone: clip={spec.clip:g} is a norm over all of its parameters"
    return ""


def calls_functions(spec: OptimizerSpec) -> bool:
    """Say whether a schedule calls a function of the user's, which may remember its earlier calls."""
    return any(key in FUNCTIONS for schedule in spec.schedules for key, _ in schedule.options)


def programs(specs: Sequence[OptimizerSpec], which: Iterable[int]) -> list[list[int]]:
    """Sort the specs of some indices into those that one tensor program can run together.

    They must make as many backward passes a step and treat old gradients alike; a schedule with a function
    of the user's is not interleaved with others.
    """
    together: dict[object, list[int]] = {}
    for index in which:
        spec = specs[index]
        key = (spec.accumulate, spec.zero_grad, index if calls_functions(spec) else None)
        together.setdefault(key, []).append(index)
    return list(together.values())


def groups(specs: Sequence[OptimizerSpec]) -> list[list[int]]:
    """Return the indices of specs that differ by nothing but their rate, to be groups of one optimizer."""
    alike: dict[object, list[int]] = {}
    for index, spec in enumerate(specs):
        alike.setdefault(replace(spec.with_lr(1.0), accumulate=1), []).append(index)
    return list(alike.values())
