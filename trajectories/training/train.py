"""The training loop: epochs over shuffled batches, validation after each, one test at the end."""

from __future__ import annotations

import contextlib
import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.networks.losses import measure
from ..descent.evaluate import clip_gradients
from ..descent.needs import way_of
from ..descent.noise import repeatable
from ..descent.torch_optim import advance, build_schedules, torchs_words
from ..optimizers.faces import evaluated, for_training, has_two
from ..optimizers.surprises import surprises
from ..results.trajectory import FINISHED, NON_FINITE, STOPPED, Outcome
from ..specs.labels import label
from .step_recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import NDArray
    from torch import nn
    from torch.optim import Optimizer

    from ...surfaces.data.dataset import Part
    from ...surfaces.networks.network import Network
    from ..results.network_runs import TrainingRecipe
    from ..specs.optimizer_spec import OptimizerSpec
    from .tape import Tape

    Log = Callable[[str], object]

_SAY_EVERY = 100  # batches, in the epochs that anything is said of
_SAID = 10  # epochs that something is said of, and the first
LEFT_ALONE = "a last batch of one sample is left out: batch norm needs two"
_AT_ONCE = 4096  # samples, where nothing is learned from them


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What one training gave."""

    tape: Tape
    epochs: NDArray[np.float64]  # (E + 1, 5): see `training.TrainedRun.epochs`
    test: NDArray[np.float64]  # (2,): loss and metric
    outcome: Outcome  # finished, stopped early or non-finite
    evaluations: int  # backward passes
    facts: tuple[str, ...] = ()  # what was seen in the run, see `Trajectory`


def train(
    network: Network,
    spec: OptimizerSpec,
    recipe: TrainingRecipe,
    *,
    seed: int,
    device: str,
    stride: int,
    per: str,
    log: Log | None = None,
) -> Trained:
    """Train a copy of a network and keep what each step did.

    The run ends early when its loss is not finite, or when validation no longer improves and the recipe has
    patience. It is tested with the weights that it ends with.

    Args:
        network: The module with its first weights, the data and the loss.
        spec: A completed optimizer spec.
        recipe: Epochs, batch size and patience.
        seed: The order of the batches, and everything that the module draws, start from it.
        device: A concrete device.
        stride: How many steps apart the kept ones are.
        per: "epoch" or "batch": how often schedules step.
        log: Called with a line about the progress.

    Raises:
        DescentError: torch refuses the options.
    """
    import torch

    with repeatable(seed, torch.device(device)), torch.enable_grad():
        model = copy.deepcopy(network.module).to(device)
        way = way_of(spec, next(model.parameters()).dtype)
        optimizer = way.build(
            spec, [(name, each) for name, each in model.named_parameters() if each.requires_grad], model
        )
        schedules = build_schedules(spec, optimizer)
        two = has_two(optimizer)
        for_training(optimizer)
        loss_of = network.loss.to(device)
        closed = way.closure
        if closed and spec.accumulate > 1:
            raise DescentError(
                f"{spec.name} computes its gradients itself; on a network it cannot accumulate them"
            )
        data = network.data
        rows = [[0.0, *scores(model, network, data.train, device), *scores(model, network, data.val, device)]]
        shuffle = torch.Generator().manual_seed(seed)  # every run sees the same batches in the same order
        best, waited, passes, outcome = math.inf, 0, 0, Outcome(FINISHED)
        alone = left_alone(network, recipe.batch_size)
        more_passes: list[None] = []  # one for each that an optimizer makes by itself

        with (
            Recorder(model, [optimizer], stride, fresh=True, scales=recipe.sharpness) as recorder,
            torchs_words(f"{spec.name} on {network.name}"),
        ):
            for epoch in range(1, recipe.epochs + 1):
                model.train()
                order = torch.randperm(len(data.train), generator=shuffle).split(recipe.batch_size)  # type: ignore[no-untyped-call]
                order = order[: len(order) - alone]
                for number, some in enumerate(order, 1):
                    x, y = data.train.x[some].to(device), data.train.y[some].to(device)
                    if spec.zero_grad and passes % spec.accumulate == 0:
                        optimizer.zero_grad()
                    loss = loss_of(model(x), y)
                    backward(loss, model, graph=way.graph)
                    passes += 1
                    if log is not None and _worth_saying(epoch, recipe.epochs, number, len(order)):
                        where = f"Epoch [{epoch}/{recipe.epochs}], Batch [{number}/{len(order)}]"
                        log(f"{label(spec).name}: {where}, Loss: {loss.item():.4f}")
                    if not math.isfinite(loss.item()):
                        outcome = Outcome(NON_FINITE, recorder.steps)
                        break
                    if passes % spec.accumulate:
                        continue
                    if spec.clip is not None:
                        clip_gradients(model.parameters(), spec.clip)
                    recorder.step(loss)
                    if closed:
                        optimizer.step(_again(model, optimizer, loss_of, x, y, spec, more_passes))
                    else:
                        optimizer.step()
                    for schedule in schedules if per == "batch" else ():
                        advance(schedule, loss.detach())

                with _measured(two and recorder.steps > 0, model, optimizer):
                    train_scores = scores(model, network, data.train, device)
                    val_scores = scores(model, network, data.val, device)
                rows.append([float(recorder.steps), *train_scores, *val_scores])
                if outcome.kind == NON_FINITE:
                    break
                shown = val_scores[0] if len(data.val) else train_scores[0]
                for schedule in schedules if per == "epoch" else ():
                    advance(schedule, torch.tensor(shown))
                waited = 0 if val_scores[0] < best else waited + 1
                best = min(best, val_scores[0])
                if recipe.patience is not None and waited >= recipe.patience:
                    outcome = Outcome(STOPPED, recorder.steps)
                    break

        with _measured(two and recorder.steps > 0, model, optimizer):
            test = np.array(scores(model, network, data.test, device))
        tape, table = recorder.tape(), np.array(rows)
        begins = [int(step) for step in table[:-1, 0] if step < len(tape.learning_rates)]
        met = surprises(
            spec,
            table[:, 1],
            tape.learning_rates,
            epochs=tape.learning_rates[begins] if per == "epoch" else None,
        )
        facts = (*way.words(spec, network=True), *met)
        return Trained(tape, table, test, outcome, passes + len(more_passes), facts)


def _measured(two: bool, model: nn.Module, optimizer: Optimizer) -> contextlib.AbstractContextManager[None]:
    """Have the weights that the optimizer's user would measure, where these are not those it trains at."""
    return evaluated(optimizer, list(model.parameters())) if two else contextlib.nullcontext()


def backward(loss: torch.Tensor, model: nn.Module, *, graph: bool) -> None:
    """Compute the gradients; with their graph where steps need that, as ``create_graph=True`` has it."""
    import torch

    if not graph:
        loss.backward()  # type: ignore[no-untyped-call]
        return
    moved = [each for each in model.parameters() if each.requires_grad]
    # Not by backward, which warns of a circle that ends when the gradients are cleared.
    fresh = torch.autograd.grad(loss, moved, create_graph=True)
    for each, gradient in zip(moved, fresh, strict=True):
        each.grad = gradient if each.grad is None else each.grad + gradient


def left_alone(network: Network, batch_size: int) -> bool:
    """Return whether an epoch's last batch would be of one sample that the network cannot be trained on.

    Batch norm has no statistics of one number; with more than one pixel a channel it has.
    """
    import torch
    from torch.nn.modules.batchnorm import _BatchNorm

    count = len(network.data.train)
    if batch_size == 1 or count == 1 or count % batch_size != 1:
        return False
    if not any(isinstance(each, _BatchNorm) for each in network.module.modules()):
        return False
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            copy.deepcopy(network.module).train()(network.data.train.x[:1])
    except ValueError:
        return True
    return False


def _worth_saying(epoch: int, epochs: int, number: int, batches: int) -> bool:
    chosen = epoch in (1, epochs) or epoch % -(-epochs // _SAID) == 0
    return chosen and (number % _SAY_EVERY == 0 or number == batches)


def _again(
    model: nn.Module,
    optimizer: Optimizer,
    loss_of: nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    spec: OptimizerSpec,
    passes: list[None],
) -> Callable[[], Any]:
    """Return the closure by which some optimizers compute loss and gradient themselves; calls are counted."""
    import torch

    @torch.enable_grad()  # some call it where no gradient is computed
    def closure() -> torch.Tensor:
        if spec.zero_grad:
            optimizer.zero_grad()
        loss: torch.Tensor = loss_of(model(x), y)
        loss.backward()  # type: ignore[no-untyped-call]
        passes.append(None)
        if spec.clip is not None:
            clip_gradients(model.parameters(), spec.clip)
        return loss

    return closure


def scores(model: nn.Module, network: Network, part: Part, device: str) -> tuple[float, float]:
    """Return loss and metric on a part, with dropout off and batch norm as learned; NaN for an empty part."""
    import torch

    if not len(part):
        return math.nan, math.nan
    model.eval()
    with torch.no_grad():
        outputs = torch.cat([model(x.to(device)) for x in part.x.split(_AT_ONCE)])  # type: ignore[no-untyped-call]
        y = part.y.to(device)
        return float(network.loss(outputs, y)), float(measure(network.metric, outputs, y))
