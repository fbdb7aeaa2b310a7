"""Many runs as one tensor program: one evaluation a step for all of them, and the updates of torch.optim."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from .batching import groups
from .default_optimizers import no_gradient
from .noise import noise as noise_of
from .torch_optim import advance, build_groups, build_optimizer, build_schedules, rate_of, torchs_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import torch
    from numpy.typing import NDArray

    from ...surfaces.surface import Surface
    from ..specs.optimizer_spec import OptimizerSpec
    from .optimizer_state import States

    # Called at every step k with the points (S, N, 2), gradients (S, N, 2) and losses (S, N) there, which it
    # must copy what it keeps of; the program ends early when it returns True.
    Watch = Callable[[int, torch.Tensor, torch.Tensor, torch.Tensor], bool]


def run(
    surface: Surface,
    specs: Sequence[OptimizerSpec],
    starts: torch.Tensor,
    steps: int,
    watch: Watch,
    noise: Iterator[torch.Tensor] | None = None,
    states: States | None = None,
) -> NDArray[np.float64]:
    """Run S optimizers from N starts each, S * N runs in all, showing every step to ``watch``.

    The parameters of all runs lie in one tensor (S, 2, N), so that the surface is evaluated once a step;
    each spec's part of it is a parameter of its own, and specs that differ by rate only are the groups of
    one optimizer. The loss of a row depends on that row alone, and so does its update: a row that becomes
    NaN disturbs no other.

    Args:
        surface: The loss.
        specs: Completed specs that `plan.programs` puts together.
        starts: Shape (N, 2), on the device and in the precision to use.
        steps: How many updates to make.
        watch: Sees row k of every run before update k + 1.
        noise: What is added to the gradients after each backward pass, (2,) or (N, 2).
        states: Keeps what the optimizers hold of each spec's parameter (N, 2) at every step.

    Returns:
        The rate of each step, (S, steps); NaN after the program ended early.
    """
    import torch

    with torch.enable_grad(), one_thread(starts.device):
        # One row of x and one of y for each spec, so that the surface reads numbers that lie side by side.
        places = starts.detach().T.expand(len(specs), -1, -1).contiguous()
        slopes = Slopes(surface, specs[0], places, noise)
        points, gradients = places.transpose(1, 2), slopes.gradients.transpose(1, 2)
        parts = []
        for part, gradient in zip(places, slopes.gradients, strict=True):
            # Vectors, as each run alone is: some classes treat matrices in another way.
            parts.append(part.detach().view(-1).requires_grad_())
            parts[-1].grad = gradient.view(-1)
        alike = groups(specs, starts.dtype, starts.device)
        optimizers = [
            # A class may work its rate out from what it is built with, which a group's own would override.
            build_optimizer(specs[some[0]], [parts[some[0]]])
            if len(some) == 1
            else build_groups([specs[i] for i in some], [parts[i] for i in some])
            for some in alike
        ]
        schedules = [
            schedule
            for some, optimizer in zip(alike, optimizers, strict=True)
            for schedule in build_schedules(specs[some[0]], optimizer)
        ]
        owners = {i: optimizer for some, optimizer in zip(alike, optimizers, strict=True) for i in some}
        rates = np.full((len(specs), steps), np.nan)

        for k in range(steps + 1):
            losses = slopes.take(k)
            if states is not None:
                states.write(k, parts, (owners[i] for i in range(len(parts))))
            if watch(k, points, gradients, losses) or k == steps:
                break
            for some, optimizer in zip(alike, optimizers, strict=True):
                rates[some, k] = [rate_of(group) for group in optimizer.param_groups]
                with torchs_words(specs[some[0]].name):
                    optimizer.step()
            for schedule in schedules:
                advance(schedule, losses)
    return rates


class Slopes:
    """Losses and gradients of all rows at the places where they stand, computed anew for each step."""

    def __init__(
        self,
        surface: Surface,
        spec: OptimizerSpec,
        places: torch.Tensor,
        noise: Iterator[torch.Tensor] | None,
    ) -> None:
        """Look at places (S, 2, N), which the updates change, as one of some specs of a program wants."""
        import torch

        self.surface, self.spec, self.noise = surface, spec, noise
        self.leaves = [places[:, axis].detach().requires_grad_() for axis in (0, 1)]  # the same memory
        self.gradients = torch.zeros_like(places)  # (S, 2, N), at the step last asked for
        self._ones = torch.ones_like(self.leaves[0])
        self._rows = self.gradients.unbind(1)

    def take(self, k: int) -> torch.Tensor:
        """Compute the gradients of step k, and return the losses (S, N) there."""
        import torch

        for once in range(self.spec.accumulate):
            losses = _losses(self.surface, *self.leaves)
            fresh = torch.autograd.grad(losses, self.leaves, self._ones, materialize_grads=True)
            for row, one in zip(self._rows, fresh, strict=True):
                if once == 0 and (k == 0 or self.spec.zero_grad):
                    # Adding zero turns -0 into 0, as it is when x and y are taken from a point one by one.
                    torch.add(one, 0.0, out=row)
                else:
                    row.add_(one)
            if self.noise is not None:
                self.gradients.add_(_across(next(self.noise)))
        return losses.detach()


def _across(noise: torch.Tensor) -> torch.Tensor:
    """Return noise of shape (2,) or (N, 2) as (2, 1) or (2, N)."""
    return noise.T if noise.ndim > 1 else noise[:, None]


@contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
    """Let torch compute on one core, and give it back its number of threads afterwards.

    Threads that share such small pieces of work wait for each other more than they help (10 times slower
    where other programs are busy too), and where they cut a tensor would show in the last bits of powers.
    """
    import torch

    before = torch.get_num_threads()
    if device.type != "cpu" or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _losses(surface: Surface, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    import torch

    try:
        losses = surface.function(x, y)  # called without the surface's checks, which it has passed
    except Exception:
        losses = surface(torch.stack([x, y], dim=-1))  # which says in one sentence what is wrong
    if not losses.requires_grad:
        raise no_gradient(surface)
    return losses


def noises(sigma: float, seeds: Sequence[int], like: torch.Tensor) -> Iterator[torch.Tensor] | None:
    """Return the noise of one backward pass after the other, (2,) for one seed, else (seeds, 2).

    Every row is the sequence that a single run with that seed is given; None when there is no noise.
    """
    import torch

    if not sigma:
        return None
    each = [noise_of(sigma, seed, like) for seed in seeds]
    if len(each) == 1:
        return each[0]
    return map(torch.stack, zip(*each, strict=True))
