"""The descent loop: zero_grad, loss, backward, optimizer step, scheduler step, and a record of each."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..arguments import check_amount, check_start, check_whole
from ..optimizers.faces import for_training, has_two
from ..optimizers.surprises import surprises
from ..results.trajectory import Trajectory, judge
from ..specs.optimizer_spec import as_spec
from .evaluate import Evaluator
from .machine import resolve_device, resolve_dtype
from .needs import uses_given_gradient, way_of
from .noise import noise as noise_of
from .noise import repeatable
from .optimizer_state import States, of_run
from .seen import facts_of
from .step_log import Log
from .torch_optim import advance, build_schedules, complete, rate_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...surfaces.surface import Box, Surface
    from ..specs.optimizer_spec import OptimizerSpec


def descend(
    surface: Surface,
    spec: OptimizerSpec | str,
    start: float | Sequence[float],
    steps: int,
    *,
    seed: int = 0,
    device: str = "cpu",
    dtype: str | None = None,
    noise: float = 0.0,
    stop_at: float | None = None,
    view: Box | None = None,
    state: bool = False,
) -> Trajectory:
    """Run one optimizer from one start and return what it did.

    Row k of the trajectory is the state after k steps; its gradient is what the optimizer was handed
    there: the sum of the backward passes since gradients were last cleared, noise included. A run that
    becomes non-finite goes on to its last step.

    Args:
        surface: The loss.
        spec: The optimizer with its options and schedules.
        start: Where to begin, (x, y); on a surface of one parameter x.
        steps: How many updates to make.
        seed: Starts the noise, and the random numbers of optimizers that draw some.
        device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
        dtype: ``float64`` or ``float32``; the most precise that the device has when None.
        noise: Standard deviation of what is added to each gradient component after each backward pass.
        stop_at: The run ends as soon as the norm of the gradient is at most this.
        view: The box that the outcome refers to; the surface's own when None.
        state: Whether to keep what the optimizer holds after each step, such as its momentum.

    Raises:
        DescentError: An argument is out of range, or torch refuses the options.

    >>> from descent.surfaces import get
    >>> descend(get("sphere"), "sgd:lr=0.25", (1.0, -1.0), steps=2).points.tolist()
    [[1.0, -1.0], [0.5, -0.5], [0.25, -0.25]]
    """
    import torch

    begin = check_start(start, surface.parameters)[: surface.parameters]
    steps, seed = check_whole(steps, "steps", 1), check_whole(seed, "seed", 0)
    noise = check_amount(noise, "noise")
    stop_at = None if stop_at is None else check_amount(stop_at, "stop_at")
    spec = complete(as_spec(spec), steps)
    device = resolve_device(device)
    precision = getattr(torch, resolve_dtype(dtype, device))

    with repeatable(seed, torch.device(device)), torch.enable_grad():
        way = way_of(spec, precision)
        parameter = way.parameter(torch.tensor(begin, dtype=precision, device=device))
        optimizer = way.build(spec, [("weight", parameter)])
        schedules = build_schedules(spec, optimizer)
        added = noise_of(noise, seed, parameter.detach()) if noise else None
        uses = partial(uses_given_gradient, spec, way)
        evaluator = Evaluator(surface, spec, parameter, optimizer, added, way, uses)
        two = has_two(optimizer)
        for_training(optimizer)
        log = Log.empty(steps, parameter)
        states = States(steps + 1) if state else None
        evaluations, converged_at = 0, None

        for k in range(steps + 1):
            loss, total = evaluator.evaluate()  # zero_grad, loss, backward
            assert parameter.grad is not None
            if two and k:
                log.write(k, *evaluator.look())
            log.take(k, parameter, parameter.grad.detach(), loss)
            if states is not None:
                states.write(k, [parameter], [optimizer])
            if stop_at is not None and math.hypot(*parameter.grad.detach().view(-1).tolist()) <= stop_at:
                converged_at = k
            if k == steps or converged_at is not None:
                log.correct(k, evaluator.peek(total.detach()))
                break
            log.rates.append(rate_of(optimizer.param_groups[0]))
            went_on = evaluator.step(total.detach())
            evaluations = evaluator.passes
            log.correct(k, evaluator.taken)
            if not went_on:
                break
            for schedule in schedules:
                advance(schedule, loss.detach())

    steps = steps if converged_at is None else converged_at
    points, losses, gradients, rates, trained = log.arrays(steps)
    held = {} if states is None else of_run(states.arrays(), steps)
    outcome = judge(points, losses, gradients, view or surface.view, converged_at)
    facts = facts_of(spec, precision, trained[:, :2], gradients, begin)
    facts += surprises(spec, losses, rates, trained[:, :2], gradients)
    run = Trajectory(
        str(spec), points, losses, gradients, rates, outcome, evaluations, state=held, facts=facts
    )
    return replace(run, trained=trained) if two or log.elsewhere else run
