"""The loop of a problem: zero_grad, loss, backward, optimizer step, scheduler step; no data, no epochs."""

from __future__ import annotations

import copy
import math
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ..descent.evaluate import clip_gradients
from ..descent.needs import way_of
from ..descent.noise import repeatable
from ..descent.torch_optim import advance, build_schedules, torchs_words
from ..optimizers.faces import evaluated, for_training, has_two
from ..optimizers.surprises import surprises
from ..results.trajectory import FINISHED, NON_FINITE, Outcome
from ..training.step_recorder import Recorder
from ..training.train import Trained, backward
from .singular_values import SingularValues

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import nn
    from torch.optim import Optimizer

    from ...surfaces.networks.network import Network
    from ..results.network_runs import TrainingRecipe
    from ..specs.optimizer_spec import OptimizerSpec


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """What one run on a problem gave."""

    trained: Trained
    model: nn.Module  # with the parameters that it ended with: those that its user would evaluate
    step_values: NDArray[np.float64]  # (rows, K): singular values of the steps of one matrix; NaN at the end
    weight_values: NDArray[np.float64]  # (rows, K): of the matrix itself


def solve(
    network: Network,
    spec: OptimizerSpec,
    recipe: TrainingRecipe,
    *,
    seed: int,
    device: str,
    stride: int,
    matrix: str = "",
) -> Solved:
    """Run an optimizer on a copy of a problem's module and keep what each step did.

    The run ends early when its loss is not finite.

    Args:
        network: The problem, as `problem.network_of` gives it.
        spec: A completed optimizer spec.
        recipe: How many steps, which it calls epochs.
        seed: Everything that the optimizer draws starts from it.
        device: A concrete device.
        stride: How many steps apart the kept ones are.
        matrix: The path of the matrix whose singular values are kept; of none when empty.

    Raises:
        DescentError: torch refuses the options.
    """
    import torch

    with repeatable(seed, torch.device(device)), torch.enable_grad():
        model = copy.deepcopy(network.module).to(device)
        way = way_of(spec, next(model.parameters()).dtype)
        optimizer = way.build(spec, list(model.named_parameters()), model)
        schedules = build_schedules(spec, optimizer)
        # Where the optimizer's user would look.
        there: Any = nullcontext
        if has_two(optimizer):
            there = partial(evaluated, optimizer, list(model.parameters()))
        for_training(optimizer)
        if way.closure and spec.accumulate > 1:
            raise DescentError(f"{spec.name} computes its gradients itself; here it cannot accumulate them")
        passes, outcome = 0, Outcome(FINISHED)
        more_passes: list[None] = []  # one for each that an optimizer makes by itself
        values = SingularValues(model.get_parameter(matrix) if matrix else None, stride)
        with (
            Recorder(model, [optimizer], stride, fresh=True, scales=recipe.sharpness) as recorder,
            torchs_words(f"{spec.name} on {network.name}"),
        ):
            for _ in range(recipe.epochs):
                if spec.zero_grad:
                    optimizer.zero_grad()
                for _ in range(spec.accumulate):
                    loss = model()
                    backward(loss, model, graph=way.graph)
                    passes += 1
                if not math.isfinite(loss.item()):
                    outcome = Outcome(NON_FINITE, recorder.steps)
                    break
                if spec.clip is not None:
                    clip_gradients(model.parameters(), spec.clip)
                recorder.step(loss)
                values.before(there)
                if way.closure:
                    optimizer.step(_again(model, optimizer, spec, more_passes))
                else:
                    optimizer.step()
                values.after()
                for schedule in schedules:
                    advance(schedule, loss.detach())
        tape = recorder.tape()
        with torch.no_grad(), there():
            ended = copy.deepcopy(model)
            first, last = float(network.module.to(device)()), float(ended())
        ends = np.array([[0.0, first, *[math.nan] * 3], [float(recorder.steps), last, *[math.nan] * 3]])
        facts = list(way.words(spec, network=True))
        facts += surprises(spec, np.append(tape.batch_losses, last), tape.learning_rates)
        count = passes + len(more_passes)
        trained = Trained(tape, ends, np.full(2, np.nan), outcome, count, tuple(facts))
        return Solved(trained, ended, *values.arrays(there))


def _again(
    model: nn.Module, optimizer: Optimizer, spec: OptimizerSpec, passes: list[None]
) -> Callable[[], Any]:
    """Return the closure by which some optimizers compute loss and gradient themselves; calls are counted."""
    import torch

    @torch.enable_grad()  # some call it where no gradient is computed
    def closure() -> torch.Tensor:
        if spec.zero_grad:
            optimizer.zero_grad()
        loss: torch.Tensor = model()
        loss.backward()  # type: ignore[no-untyped-call]
        passes.append(None)
        if spec.clip is not None:
            clip_gradients(model.parameters(), spec.clip)
        return loss

    return closure
