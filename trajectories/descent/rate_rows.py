"""Many learning rates as rows of one parameter, where the rate does nothing but multiply the direction.

As groups of one optimizer, each rate costs a turn of torch's own loop at every step. Here one optimizer of
the same class moves a parameter of zeros at the rate 1, which gives the direction of every run, and each run
goes its own rate times as far. That is another order of operations, so that the last digits may differ; and
it is no run at all of an optimizer whose step is not its rate times a direction. So it is tried first, with
the smallest, a middle and the largest of the rates on the surface in question, against runs alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError
from .batching import calls_functions
from .loop import descend
from .noise import repeatable
from .torch_optim import advance, build_optimizer, build_schedules, complete, rate_of, torchs_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch.optim import Optimizer

    from ...surfaces.surface import Surface
    from ..specs.optimizer_spec import OptimizerSpec

# As groups, 30,000 steps take about a second, and what takes less is to stay the same bit for bit.
MANY = 30_000
FEWEST = 100  # rates; below that, it is the steps that are many
PROVED = 50  # steps that are compared with those of runs alone: past most warm-ups
BOUNDS = {"float64": 1e-11, "float32": 1e-4}  # by how much they may differ, in parts of the path's size
AT_ONCE = 1 << 13  # runs at a time on a CPU, whose caches larger tensors leave
_FACTORS = 1e-12  # by how much a schedule's rates may differ from multiples of the first one
NO_DECAY, IN_GRADIENT, APART = "", "in the gradient", "apart"


@dataclass(frozen=True, slots=True)
class Setting:
    """What all runs of a sweep have in common."""

    surface: Surface
    start: tuple[float, float]
    steps: int
    seeds: range  # of the noise; N of them, one run each
    noise: float
    device: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Proof:
    """That every run goes its rate times as far as at the rate 1, and how that was seen."""

    spec: OptimizerSpec  # completed, at the rate 1, without weight decay
    decay: float  # the weight decay that is done beside
    where: str  # NO_DECAY, IN_GRADIENT or APART
    rates: tuple[float, ...]  # those that were tried
    steps: int  # how many of them were compared
    apart: float  # the largest difference that was seen, in parts of the path's size
    bound: float

    def __str__(self) -> str:
        """Say what was done and what is known of it, as part of a sentence."""
        rates = ", ".join(f"{rate:.4g}" for rate in self.rates)
        return (
            f"each step is the rate times the direction at the rate 1: equal to single runs within "
            f"{self.bound:.0e} of the path's size, as was tried at {rates} for {self.steps} steps; "
            "a path that amplifies rounding may drift apart later"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """What R rates did with N seeds each."""

    points: NDArray[np.float64]  # (R, N, steps + 1, 2)
    losses: NDArray[np.float64]  # (R, N, steps + 1)
    finite: NDArray[np.bool_]  # (R, N, steps + 1): whether the gradients are finite


def prove(spec: OptimizerSpec, rates: Sequence[float], setting: Setting) -> Proof | None:
    """Return how many rates of a spec can be run at once; None where that is not proved, or not worth it.

    Args:
        spec: An optimizer whose runs can be rows of one tensor, without a rate.
        rates: Increasing.
        setting: What the runs have in common.
    """
    if len(rates) < FEWEST or len(rates) * setting.steps < MANY or calls_functions(spec):
        return None
    tried = (rates[0], rates[len(rates) // 2], rates[-1])
    # Short sweeps are tried for as long: Rprop follows its rate until a step is as long or short as may be.
    most = min(setting.steps, PROVED) if spec.schedules else PROVED
    short = replace(setting, steps=most, seeds=setting.seeds[:1])
    try:
        unit = complete(spec.with_lr(1.0), setting.steps)
        if not _only_multiplies(spec, tried, setting):
            return None
        alone = [_alone(complete(spec.with_lr(rate), setting.steps), short) for rate in tried]
        for bare, decay, where in _ways(unit):
            proof = Proof(bare, decay, where, tried, short.steps, math.inf, BOUNDS[setting.dtype])
            apart = _difference(descend_rates(proof, tried, short), alone)
            if apart <= proof.bound:
                return replace(proof, apart=apart)
    except DescentError:  # refuses a rate of 1, or has no rate
        return None
    return None


def descend_rates(proof: Proof, rates: Sequence[float], setting: Setting) -> Paths:
    """Run an optimizer at R rates, each with N seeds, as `prove` found that it can be.

    Raises:
        DescentError: torch refuses the options.
    """
    import torch

    from .tensor_program import Slopes, noises, one_thread

    seeds, steps = len(setting.seeds), setting.steps
    device = torch.device(setting.device)
    like = torch.empty(2, dtype=getattr(torch, setting.dtype), device=device)
    with torch.enable_grad(), one_thread(device), repeatable(0, device):
        places = like.new_tensor(setting.start)[None, :, None].repeat(1, 1, len(rates) * seeds)
        own = like.new_tensor(rates).repeat_interleave(seeds)
        noise = noises(setting.noise, setting.seeds, like)
        if noise is not None and seeds > 1:
            noise = (one.repeat(len(rates), 1) for one in noise)
        slopes = Slopes(setting.surface, proof.spec, places, noise)
        shadow = torch.zeros_like(places).view(-1).requires_grad_()
        direction = shadow.detach().view_as(places)  # the same memory
        given = slopes.gradients if proof.where != IN_GRADIENT else torch.empty_like(places)
        shadow.grad = given.view(-1)
        optimizer = build_optimizer(proof.spec, [shadow])
        schedules = build_schedules(proof.spec, optimizer)
        sign = -1.0 if optimizer.param_groups[0].get("maximize") else 1.0
        kept = [
            like.new_empty((steps + 1, *shape)) for shape in (places.shape[1:], own.shape, places.shape[1:])
        ]
        for k in range(steps + 1):
            losses = slopes.take(k)
            for rows, now in zip(kept, (places[0], losses[0], slopes.gradients[0]), strict=True):
                rows[k].copy_(now)
            if k == steps:
                break
            if proof.where == IN_GRADIENT:
                torch.add(slopes.gradients, places, alpha=sign * proof.decay, out=given)
            elif proof.where == APART:
                places.mul_(1 - own * (rate_of(optimizer.param_groups[0]) * proof.decay))
            direction.zero_()
            with torchs_words(proof.spec.name):
                optimizer.step()
            places.addcmul_(direction, own)
            for schedule in schedules:
                advance(schedule, losses)
    shape = (len(rates), seeds, steps + 1)
    # Turned run by run by torch, which is three times as fast at it as NumPy.
    points, found, gradients = (
        rows.view(-1, len(own)).T.contiguous().to("cpu").numpy().astype(np.float64, copy=False)
        for rows in kept
    )
    finite = np.isfinite(gradients).reshape(*shape, 2)
    return Paths(points.reshape(*shape, 2), found.reshape(shape), finite[..., 0] & finite[..., 1])


def _ways(unit: OptimizerSpec) -> list[tuple[OptimizerSpec, float, str]]:
    """Return in which ways a completed spec may decay weights: it cannot do so itself, for its are zero."""
    decay = _group(unit).get("weight_decay") or 0.0
    if not isinstance(decay, int | float) or decay == 0.0:
        return [(unit, 0.0, NO_DECAY)]
    kept = tuple(option for option in unit.options if option[0] != "weight_decay")
    bare = replace(unit, options=(*kept, ("weight_decay", 0.0)))
    return [(bare, float(decay), where) for where in (IN_GRADIENT, APART)]


def _group(spec: OptimizerSpec) -> dict[str, object]:
    import torch

    return build_optimizer(spec, [torch.zeros(2, requires_grad=True)]).param_groups[0]


def _only_multiplies(spec: OptimizerSpec, rates: Sequence[float], setting: Setting) -> bool:
    """Say whether the schedules make at all steps the same multiples of every rate."""
    if not spec.schedules:
        return True
    unit, *others = (
        np.array(rates_of(complete(spec.with_lr(rate), setting.steps), setting.steps))
        for rate in (1.0, *rates)
    )
    return all(
        bool((np.abs(found - rate * unit) <= _FACTORS * rate).all())
        for rate, found in zip(rates, others, strict=True)
    )


def rates_of(spec: OptimizerSpec, steps: int) -> list[float]:
    """Return the rate of each step of a completed spec, as its schedules make it where a run stands still."""
    import torch

    parameter = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    parameter.grad = torch.zeros_like(parameter)
    optimizer: Optimizer = build_optimizer(spec, [parameter])
    schedules = build_schedules(spec, optimizer)
    found = []
    for _ in range(steps):
        found.append(rate_of(optimizer.param_groups[0]))
        with torchs_words(spec.name):
            optimizer.step()
        for schedule in schedules:
            advance(schedule, parameter.detach())
    return found


def _alone(spec: OptimizerSpec, setting: Setting) -> NDArray[np.float64]:
    """Return the points, losses and gradients of one run, (steps + 1, 5)."""
    run = descend(
        setting.surface,
        spec,
        setting.start,
        setting.steps,
        seed=setting.seeds[0],
        noise=setting.noise,
        device=setting.device,
        dtype=setting.dtype,
    )
    finite = np.where(np.isfinite(run.gradients).all(axis=1), 0.0, np.nan)
    return np.column_stack([run.points, run.losses, finite])


def _difference(paths: Paths, alone: Sequence[NDArray[np.float64]]) -> float:
    """Return the largest difference in parts of the path's size so far; infinite for odd numbers."""
    found = [0.0]
    for row, single in enumerate(alone):
        many = np.column_stack([paths.points[row, 0], paths.losses[row, 0]])
        if (np.isfinite(many) != np.isfinite(single[:, :3])).any():
            return math.inf
        if (paths.finite[row, 0] != np.isfinite(single[:, 3])).any():
            return math.inf
        with np.errstate(invalid="ignore", over="ignore"):
            both = np.isfinite(single[:, :2]).all(axis=1)
            size = np.maximum.accumulate(np.where(both, np.abs(single[:, :2]).max(axis=1), 0.0))
            apart = np.where(both, np.abs(many[:, :2] - single[:, :2]).max(axis=1), 0.0)
        found.append(float(np.max(apart / np.maximum(size, np.finfo(np.float64).tiny))))
    return max(found)
