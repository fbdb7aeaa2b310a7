"""Whether runs of an optimizer may be rows of one tensor: proved by trying, torch's classes as any others.

Some classes mix what they are given: by a norm over all of a tensor, by an estimate for all parameters, by
random numbers, or by the first group's rate. So three runs, each many times, are compared with the same
alone, step by step, while one of them gets a gradient that is suddenly large and another one NaN. A class
that keeps a number for all that it moves, which is not the same in two runs alone, mixes them in any case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError
from ..optimizers import remembered
from ..optimizers.faces import has_two
from ..optimizers.time_limit import in_time
from .needs import PLAIN, bare, key_of, way_of
from .noise import repeatable
from .optimizer_state import names_held
from .torch_optim import SPARSE, build_groups, build_optimizer, torchs_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from torch.optim import Optimizer

    from ..specs.optimizer_spec import OptimizerSpec

STEPS = 50  # past most warm-ups
_LARGE, _LOST = 20, 40  # the steps at which one run gets a large gradient, and from which on another gets NaN
BOUND = 1e3  # roundings that runs in one tensor may differ by where not every bit must be the same
_ROUNDED = 1e-6  # larger differences are none of rounding
_RATE = 0.01  # whether runs mix does not depend on how fast they are
_TIMES = 11  # how often each run is there, so that some are in a processor's vectors and some are left over
_STARTS = ((1.0, -2.0), (0.3, 0.1), (5.0, 0.0))
_SLOPES = ((0.5, 2.0), (30.0, 30.0), (1.0, 1.0))  # of a bowl for each run


def why_mixed(spec: OptimizerSpec, dtype: torch.dtype, device: torch.device, *, exact: bool = False) -> str:
    """Say why runs of a completed spec cannot be rows of one tensor; empty when they can.

    Args:
        spec: Its schedules and switches are not looked at.
        dtype: The precision of the runs.
        device: Where they run.
        exact: Whether every bit must be that of a single run; else differences as of rounding are allowed.
    """
    import torch

    way = way_of(spec, dtype)
    if way.closure or way.graph or way.matrix or way.form != PLAIN:
        (need,) = way.words(spec)[:1] or ("its steps take all of its parameters together",)
        return f"{spec.title} must run alone: {need}"
    if spec.name in SPARSE:
        return f"{spec.title} must run alone: it takes sparse gradients only"
    apart = apart_by(_key(spec), dtype, str(device))
    bound = 0.0 if exact else BOUND * torch.finfo(dtype).eps
    if apart <= bound:
        return ""
    if apart > _ROUNDED:
        return f"{spec.title} must run alone: runs that share a tensor change each other, as was tried"
    return f"{spec.title} must run alone: in one tensor its numbers differ by {apart:.1g}, as was tried"


def share_groups(spec: OptimizerSpec, dtype: torch.dtype, device: torch.device) -> bool:
    """Say whether groups with rates of their own are as optimizers of their own, bit for bit."""
    return spec.lr is not None and _groups(_key(spec), dtype, str(device))


def _key(spec: OptimizerSpec) -> OptimizerSpec:
    return bare(spec) if spec.lr is None else bare(spec).with_lr(_RATE)


@lru_cache(maxsize=1000)
def apart_by(spec: OptimizerSpec, dtype: torch.dtype, device: str) -> float:
    """Return by how much three runs in one tensor differ from the same three alone, in parts of their size.

    Infinite where they cannot be in one tensor, or where one becomes NaN by another.
    """
    import torch

    def work() -> float:
        starts, slopes = _tensors(dtype, device)
        try:
            together = _path(spec, starts, slopes, by_program=True)
            # The third of each three is there to be lost, and is not looked at.
            one, other = (_path(spec, starts[k], slopes[k], by_program=False) for k in (0, 1))
        except DescentError:
            return math.inf
        if together is None or one is None or other is None:
            return math.inf
        if one.counts != other.counts or not one.held == other.held == together.held:
            return math.inf
        many = together.points.reshape(STEPS, _TIMES, 3, 2)[:, :, :2]
        return _difference(many, torch.stack([one.points, other.points], dim=1)[:, None].expand_as(many))

    known = remembered.recall(key := key_of("apart", spec, dtype, device))
    if isinstance(known, int | float) and not isinstance(known, bool):
        return float(known)
    with repeatable(0, torch.device(device)):
        apart: float = in_time(work, f"{STEPS} steps of {spec.name}")
    remembered.remember(key, apart)
    return apart


@lru_cache(maxsize=1000)
def _groups(spec: OptimizerSpec, dtype: torch.dtype, device: str) -> bool:
    import torch

    assert spec.lr is not None
    both = [spec, spec.with_lr(3 * spec.lr)]

    def work() -> bool:
        starts, slopes = _tensors(dtype, device)
        try:
            alone = [_path(each, starts, slopes, by_program=True) for each in both]
            parts = [starts.reshape(-1).clone().requires_grad_() for _ in both]
            gradients = [torch.zeros_like(part) for part in parts]
            for part, gradient in zip(parts, gradients, strict=True):
                part.grad = gradient
            optimizer = build_groups(both, parts)
            for k in range(STEPS):
                for part, gradient, path in zip(parts, gradients, alone, strict=True):
                    if path is None:
                        return False
                    gradient.copy_(_gradient(part.detach(), slopes.reshape(-1), k))
                with torchs_words(spec.name):
                    optimizer.step()
                for part, path in zip(parts, alone, strict=True):
                    if path is None or not _same(part.detach(), path.points[k].view_as(part)):
                        return False
        except DescentError:
            return False
        return True

    known = remembered.recall(key := key_of("groups", spec, dtype, device))
    if isinstance(known, bool):
        return known
    with repeatable(0, torch.device(device)):
        same: bool = in_time(work, f"{STEPS} steps of {spec.name}")
    remembered.remember(key, same)
    return same


def _tensors(dtype: torch.dtype, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    starts, slopes = (torch.tensor(found, dtype=dtype, device=device) for found in (_STARTS, _SLOPES))
    return starts.repeat(_TIMES, 1), slopes.repeat(_TIMES, 1)


def _gradient(points: torch.Tensor, slopes: torch.Tensor, k: int) -> torch.Tensor:
    """Return the gradients of bowls, by operations that are rounded alike for one point and for many."""
    import torch

    found = points * slopes
    if k % 3 == 1:  # one of them turns back now and then, so that estimates of the two runs part
        found = torch.where(slopes == 30.0, -0.5 * found, found)
    if k == _LARGE:
        return torch.where(slopes == 30.0, found + 1e4, found)
    return torch.where(slopes == 1.0, math.nan, found) if k >= _LOST else found


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """What some steps did."""

    points: torch.Tensor  # (steps, n): where each led to
    held: frozenset[str]  # names of what the optimizer holds for each number
    counts: tuple[str, ...]  # the numbers that it holds for all of them, in writing


def _path(
    spec: OptimizerSpec, starts: torch.Tensor, slopes: torch.Tensor, *, by_program: bool
) -> _Tried | None:
    """Make some steps from starts (n,); None for an optimizer with two points.

    As a tensor program does it, gradients are written to one tensor; as a loop does, each is a new one.
    """
    import torch

    points, slopes = starts.reshape(-1).clone(), slopes.reshape(-1)
    parameter = points.detach().requires_grad_()
    gradient = torch.zeros_like(points)
    if by_program:
        parameter.grad = gradient
    optimizer = build_optimizer(spec, [parameter])
    if has_two(optimizer):
        return None
    rows = []
    with torchs_words(spec.name):
        for k in range(STEPS):
            if by_program:
                gradient.copy_(_gradient(points, slopes, k))
            else:
                parameter.grad = _gradient(parameter.detach(), slopes, k)
            optimizer.step()
            rows.append((points if by_program else parameter.detach()).clone())
    return _Tried(torch.stack(rows), names_held(optimizer, parameter), tuple(_counts(optimizer, parameter)))


def _counts(optimizer: Optimizer, parameter: torch.Tensor) -> Iterator[str]:
    """Yield every number that an optimizer holds for all of a parameter."""
    others = {key: value for key, value in vars(optimizer).items() if key not in ("state", "param_groups")}
    for held in (*optimizer.param_groups, optimizer.state.get(parameter, {}), others):
        for key, value in held.items():
            if isinstance(value, int | float) or (hasattr(value, "numel") and value.numel() == 1):
                yield f"{key} {float(value)!r}"


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return bool(((one == other) | (one.isnan() & other.isnan())).all())


def _difference(many: torch.Tensor, single: torch.Tensor) -> float:
    """Return the largest difference of two arrays in parts of the largest number; infinite for odd NaNs."""
    import torch

    if _same(many, single):
        return 0.0
    if bool((many.isfinite() != single.isfinite()).any()):
        return math.inf
    apart = torch.where(single.isfinite(), many - single, 0.0).abs().max()
    return float(apart / torch.where(single.isfinite(), single, 0.0).abs().max())
