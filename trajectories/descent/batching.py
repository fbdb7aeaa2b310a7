"""Which runs can be rows of one tensor program, and which of them share one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..specs.tables import SCHEDULES
from .torch_optim import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import torch

    from ..specs.optimizer_spec import OptimizerSpec


def why_alone(
    spec: OptimizerSpec, dtype: torch.dtype | None = None, device: str = "cpu", *, exact: bool = False
) -> str:
    """Say why runs of a completed spec cannot be rows of one tensor; empty when they can.

    Args:
        spec: The optimizer with its options, schedules and switches.
        dtype: The precision of the runs, float64 when None.
        device: A concrete device.
        exact: Whether every bit must be that of a single run.

    >>> from descent import OptimizerSpec
    >>> why_alone(OptimizerSpec.parse("adafactor:lr=0.1"))
    'Adafactor must run alone: runs that share a tensor change each other, as was tried'
    >>> why_alone(OptimizerSpec.parse("adam:lr=0.1@cosine"))
    ''
    """
    import torch

    from .batch_proof import why_mixed

    if why := _why_switched(spec):
        return why
    return why_mixed(spec, dtype or torch.float64, torch.device(device), exact=exact)


def _why_switched(spec: OptimizerSpec) -> str:
    """Say why a spec's schedules and switches keep its runs alone; empty when they do not."""
    for schedule in spec.schedules:
        if schedule.name not in SCHEDULES:
            return f"{schedule.name} must run alone: only torch's own schedules are known not to mix runs"
        if SCHEDULES[schedule.name].alone:
            return f"{schedule.title} must run alone: {SCHEDULES[schedule.name].alone}"
    if spec.inner is not None:
        return f"{spec.title} must run alone: it goes around another optimizer"
    if spec.factory is not None:
        return f"{spec.title} must run alone: it is made by a function of Python"
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


def groups(specs: Sequence[OptimizerSpec], dtype: torch.dtype, device: torch.device) -> list[list[int]]:
    """Return the indices of specs that differ by nothing but their rate, to be groups of one optimizer.

    Where a class is not proved to keep its groups apart, each spec has an optimizer of its own.
    """
    from .batch_proof import share_groups

    alike: dict[object, list[int]] = {}
    for index, spec in enumerate(specs):
        alike.setdefault(replace(spec.with_lr(1.0), accumulate=1), []).append(index)
    found = []
    for some in alike.values():
        together = len(some) == 1 or share_groups(specs[some[0]], dtype, device)
        found += [some] if together else [[index] for index in some]
    return found
