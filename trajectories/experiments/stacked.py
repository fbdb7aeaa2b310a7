"""Runs of a network that differ in their learning rates, trained side by side where no bit changes by it.

The weights of all runs stand in one tensor a parameter, and loss and gradient of a batch are worked out for
all of them at once. Each run has an optimizer and schedules of its own, made as for a run alone, whose
parameters are its part of these tensors. Whether a processor multiplies many small matrices as it does each
alone is not sure, and differs between sizes. So the first batch of each size is worked out in both ways:
where a bit differs the batches of that size are worked out run by run, and if that is the usual size nothing
is stacked. And some runs are made alone first: after each epoch the losses of these must be the very same.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from ..descent.evaluate import clip_gradients
from ..descent.needs import way_of
from ..descent.noise import repeatable
from ..descent.torch_optim import advance, build_schedules, torchs_words
from ..optimizers.faces import has_two
from ..training.train import left_alone, scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import torch
    from numpy.typing import NDArray
    from torch import nn
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from ...surfaces.networks.network import Network
    from ..results.network_runs import TrainingRecipe
    from ..specs.optimizer_spec import OptimizerSpec

    Epochs = NDArray[np.float64]  # (E + 1, 5), as `train.Trained.epochs`

FEWEST = 4  # runs that are worth it
_COPIES = 6  # of the weights of a run: itself, gradients, what an optimizer holds and works on


def room(network: Network, recipe: TrainingRecipe, device: str) -> int:
    """Return how many runs fit into a stack; 1 where stacks are slower."""
    import torch

    from ...surfaces.networks.objective import how_many, largest_output

    x = network.data.train.x[: recipe.batch_size]
    widest = largest_output(copy.deepcopy(network.module).eval(), x, network.name)
    size = next(network.module.parameters()).element_size()
    return how_many(network.module, size * (_COPIES * network.parameters + 2 * widest), torch.device(device))


def why_alone(network: Network, spec: OptimizerSpec, per: str) -> str:
    """Say why a run cannot stand in a stack, as far as is known without trying; empty otherwise."""
    way = way_of(spec, next(network.module.parameters()).dtype)
    if way.closure or way.graph:
        return "its steps compute gradients themselves"
    if per == "batch" and any(each.name == "plateau" for each in spec.schedules):
        return "its schedule looks at the loss of each batch"
    return ""


def train_stacked(
    network: Network,
    specs: Sequence[OptimizerSpec],
    recipe: TrainingRecipe,
    known: Mapping[int, Epochs],
    *,
    seed: int,
    device: str,
    per: str,
) -> list[Epochs | None] | None:
    """Train a network once for each spec, all in one stack.

    Args:
        network: The module with its first weights, the data and the loss.
        specs: Completed specs that differ in their learning rates.
        recipe: Epochs and batch size; without patience.
        known: By number of a spec, what `train.train` gave for it alone.
        seed: The order of the batches starts from it.
        device: A concrete device.
        per: "epoch" or "batch": how often schedules step.

    Returns:
        What `train.train` gives as epochs for each; None in place of a run whose loss became no number, which
        must be made alone. None for all where a stack is not possible, or not the same bit for bit.
    """
    import torch

    with repeatable(seed, torch.device(device)), torch.enable_grad():
        try:
            stack = _Stack(network, specs, device)
        except _NoStackError:
            return None
        data, shuffle = network.data, torch.Generator().manual_seed(seed)
        alone, passes, made = left_alone(network, recipe.batch_size), 0, 0
        rows = [[[0.0, *stack.scores(k)]] for k in range(len(specs))]
        with torchs_words(f"{specs[0].name} on {network.name}"):
            for epoch in range(1, recipe.epochs + 1):
                order = torch.randperm(len(data.train), generator=shuffle).split(recipe.batch_size)  # type: ignore[no-untyped-call]
                for some in order[: len(order) - alone]:
                    fresh = specs[0].zero_grad and passes % specs[0].accumulate == 0
                    try:
                        losses = stack.backward(data.train.x[some], data.train.y[some], fresh=fresh)
                    except _NoStackError:
                        return None
                    passes += 1
                    if passes % specs[0].accumulate == 0:
                        stack.step(losses if per == "batch" else None)
                        made += 1
                for k in stack.live:
                    rows[k].append([float(made), *stack.scores(k)])
                    if k in known and not np.array_equal(rows[k][-1], known[k][epoch], equal_nan=True):
                        return None
                    if per == "epoch":
                        shown = rows[k][-1][3 if len(data.val) else 1]
                        stack.advance(k, torch.tensor(shown))
        return [np.array(rows[k]) if k in stack.live else None for k in range(len(specs))]


class _NoStackError(Exception):
    """The module's own code cannot be run for many weights at once."""


class _Stack:
    """Runs side by side; those whose loss is no number any more are no longer live."""

    def __init__(self, network: Network, specs: Sequence[OptimizerSpec], device: str) -> None:
        import torch

        self._network, self._specs, self._device = network, specs, device
        self._models: list[nn.Module] = [copy.deepcopy(network.module).to(device) for _ in specs]
        self._parts: dict[str, torch.Tensor] = {}  # name -> (runs, *shape): the weights of all runs
        self._gradients: dict[str, torch.Tensor] = {}
        self._optimizers: list[Optimizer] = []
        self._schedules: list[list[LRScheduler]] = []
        self.live = list(range(len(specs)))
        first = self._models[0]
        owned = [dict(model.named_parameters()) for model in self._models]
        self._moved = {  # name -> that parameter of each run
            name: [parts[name] for parts in owned] for name, each in owned[0].items() if each.requires_grad
        }
        for name, parts in self._moved.items():
            self._parts[name] = torch.stack([each.detach() for each in parts])
            for each, part in zip(parts, self._parts[name].unbind(), strict=True):
                each.data = part
        for spec, model in zip(specs, self._models, strict=True):
            way = way_of(spec, next(model.parameters()).dtype)
            named = [(name, each) for name, each in model.named_parameters() if each.requires_grad]
            optimizer = way.build(spec, named, model)
            if has_two(optimizer):
                raise _NoStackError
            self._optimizers.append(optimizer)
            self._schedules.append(build_schedules(spec, optimizer))
        self._loss = copy.deepcopy(network.loss).to(device)
        self._same: dict[int, bool] = {}  # size of a batch -> whether many runs at once give the same bits

        def judged(parts: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            loss: torch.Tensor = self._loss(torch.func.functional_call(first, parts, (x,)), y)
            return loss

        self._work = torch.func.vmap(torch.func.grad_and_value(judged), in_dims=(0, None, None))

    def scores(self, run: int) -> tuple[float, ...]:
        """Return loss and metric on the training samples, and on those for validation."""
        model, data = self._models[run], self._network.data
        return (
            *scores(model, self._network, data.train, self._device),
            *scores(model, self._network, data.val, self._device),
        )

    def backward(self, x: torch.Tensor, y: torch.Tensor, *, fresh: bool) -> torch.Tensor:
        """Give all runs their gradients of a batch, new or added up, and return the losses (runs,)."""
        x, y, size = x.to(self._device), y.to(self._device), len(x)
        if self._same.get(size, True):
            found, losses = self._at_once(x, y)
        if size not in self._same:
            singly, losses = self._one_by_one(x, y)
            self._same[size] = all(_alike(found[name], each) for name, each in singly.items())
            if not self._same[size] and len(self._same) == 1:  # the first batch has the usual size
                raise _NoStackError
            found = singly
        elif not self._same[size]:
            found, losses = self._one_by_one(x, y)
        if fresh or not self._gradients:
            self._gradients = dict(found)
        else:
            for name, each in found.items():
                self._gradients[name] += each
        finite = losses.isfinite().tolist()
        self.live = [run for run in self.live if finite[run]]
        return losses.detach()

    def _at_once(self, x: torch.Tensor, y: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Return gradients by name (runs, *shape) and losses (runs,) of a batch, in one program."""
        import warnings

        self._models[0].train()
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # torch warns where it would only loop
            try:
                found, losses = self._work({name: each.detach() for name, each in self._parts.items()}, x, y)
            except Exception as error:  # whatever a module's own code raises when it meets stacked weights
                raise _NoStackError from error
        return found, losses

    def _one_by_one(self, x: torch.Tensor, y: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Return the same, each run worked out as one alone is."""
        import torch

        rows, losses = [], []
        for model, moved in zip(self._models, zip(*self._moved.values(), strict=True), strict=True):
            loss = self._loss(model.train()(x), y)
            rows.append(torch.autograd.grad(loss, moved, materialize_grads=True))
            losses.append(loss.detach())
        stacked = (torch.stack(parts) for parts in zip(*rows, strict=True))
        return dict(zip(self._parts, stacked, strict=True)), torch.stack(losses)

    def step(self, losses: torch.Tensor | None) -> None:
        """Let every live run make a step; its schedules too where the losses of the batch are given."""
        for name, gradients in self._gradients.items():
            for each, gradient in zip(self._moved[name], gradients.unbind(), strict=True):
                each.grad = gradient
        for run in self.live:
            if (clip := self._specs[run].clip) is not None:
                clip_gradients(self._models[run].parameters(), clip)
            self._optimizers[run].step()
            if losses is not None:
                self.advance(run, losses[run])

    def advance(self, run: int, loss: torch.Tensor) -> None:
        """Advance the schedules of a run."""
        for schedule in self._schedules[run]:
            advance(schedule, loss)


def _alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    return bool(((one == other) | (one.isnan() & other.isnan())).all())
