"""Filming somebody's own training loop: a recorder around it, and a recording when it is done."""

from __future__ import annotations

import copy
import inspect
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, unknown
from ..arguments import check_resolution, check_whole
from ..results.network_runs import TrainingRecipe
from ..results.trajectory import FINISHED, Outcome
from ..specs.optimizer_spec import OptimizerSpec
from ..specs.tables import OPTIMIZERS
from .assemble import assemble
from .choose_plane import check_plane
from .step_recorder import Recorder
from .train import Trained

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    import torch
    from numpy.typing import NDArray
    from torch import nn
    from torch.optim import Optimizer

    from ...surfaces.data.dataset import Data
    from ...surfaces.networks.network import Network
    from ...surfaces.surface import Box
    from ..results.recording import Recording
    from .step_recorder import Tape

_SCORED = 40  # kept steps that loss and metric of all samples are worked out at


class Film:
    """What `recording` gives: it records the optimizer's steps until its block ends."""

    def __init__(self, network: Network, recorder: Recorder, options: dict[str, Any]) -> None:
        self._network = network
        self._recorder = recorder
        self._options = options
        self._developed: tuple[int, Recording] | None = None  # after how many steps, and what it was then

    def __repr__(self) -> str:
        """Name what is filmed in one line."""
        return f"<Film of {self._network.name}: {self._recorder.steps} steps>"

    def __enter__(self) -> Self:
        self._recorder.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recorder.__exit__(kind, error, trace)

    def step(self, loss: torch.Tensor | float) -> None:
        """Note the loss of the batch; call it once for each step of the optimizer, before it or after it."""
        self._recorder.step(loss)

    @property
    def recording(self) -> Recording:
        """The recording of the steps made so far, worked out when it is asked for.

        Raises:
            DescentError: The optimizer made no step, or no plane can be laid through its path.
        """
        if self._developed is None or self._developed[0] != self._recorder.steps:
            self._developed = (self._recorder.steps, self._develop())
        return self._developed[1]

    def _develop(self) -> Recording:
        network, tape, options = self._network, self._recorder.tape(), self._options
        steps = len(tape.learning_rates)
        if not steps:
            raise DescentError(
                "the optimizer made no step while it was recorded, so there is no path to draw"
            )
        size = max(1, len(network.data.train))
        recipe = TrainingRecipe(
            data=network.data.name,
            loss=network.loss_name,
            epochs=0,
            batch_size=size,
            val=0.0,
            test=0.0,
            patience=None,
            plane=options["plane"],
            field_of="train",
            snapshots=options["snapshots"],
            layer=options["layer"],
            schedule_per="",
        )
        trained = Trained(
            tape, _scores(network, tape), np.full(2, np.nan), Outcome(FINISHED), evaluations=steps
        )
        return assemble(
            network,
            [options["spec"]],
            [trained],
            recipe,
            seed=0,
            device=str(next(self._recorder.module.parameters()).device),
            dtype=str(tape.weights.dtype).removeprefix("torch."),
            view=options["view"],
            resolution=options["resolution"],
        )


def recording(
    model: nn.Module,
    optimizer: Optimizer,
    data: Any = None,
    loss: Any = None,
    *,
    snapshots: int = 200,
    plane: str = "auto",
    layer: str = "",
    view: Box | None = None,
    resolution: tuple[int, int] | None = None,
) -> Film:
    """Record somebody's own training loop, which stays as it is.

    Args:
        model: What is trained.
        optimizer: What makes the steps; they are watched through torch's own hooks.
        data: What the loss surface is drawn of: a Dataset, a DataLoader, or a pair X, y, as the loop uses
            them; it is neither split nor scaled. Without it there is the path, and the losses that
            `Film.step` was told, but no surface under them.
        loss: The loss of the loop, a module or a name; cross entropy for class numbers and mean squared
            error for other targets when None.
        snapshots: How many steps are kept at most.
        plane: "weights", "pca", "random" or "hessian"; "auto" chooses.
        layer: Whose gradients the heat map shows; the last one when empty.
        view: What to show of the plane; when None a view that holds the path.
        resolution: The field's points along x and y; when None, as fine as a few seconds allow.

    Raises:
        DescentError: The model has nothing to train, or does not fit the data.

    >>> import torch
    >>> model, x = torch.nn.Linear(1, 1), torch.linspace(-1, 1, 20)[:, None]
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> with recording(model, optimizer, (x, 2 * x + 1)) as film:
    ...     for _ in range(5):
    ...         optimizer.zero_grad()
    ...         loss = torch.nn.functional.mse_loss(model(x), 2 * x + 1)
    ...         loss.backward()
    ...         optimizer.step()
    ...         film.step(loss)
    >>> film.recording.trajectories[0].points.shape
    (6, 2)
    """
    from ...surfaces.networks.plane_axes import KINDS
    from ...surfaces.networks.resolve import get_network
    from ...surfaces.networks.weights import layers

    snapshots = check_whole(snapshots, "snapshots", 2, 100_000)
    resolution = None if resolution is None else check_resolution(resolution)
    allowed = [each for each in (*KINDS, "auto") if each != "ends"]
    if plane not in allowed:
        raise unknown("plane", str(plane), allowed)
    names = [each.name for each in layers(model)]
    if layer and layer not in names:
        raise unknown("layer", str(layer), names)
    if data is None:
        network = _without_data(model)
    else:
        network = get_network(copy.deepcopy(model).cpu(), _data(data), loss=loss)
    _check_same(model, optimizer)
    check_plane(plane, network.parameters, 1)
    recorder = Recorder(model, optimizer, most=snapshots)
    options = {
        "snapshots": snapshots,
        "plane": plane,
        "layer": layer,
        "view": view,
        "resolution": resolution,
        "spec": str(spec_of(optimizer)),
    }
    return Film(network, recorder, options)


def spec_of(optimizer: Optimizer) -> OptimizerSpec:
    """Return the spec that builds an optimizer like this one: its class, its rate and what is not default.

    >>> import torch
    >>> str(spec_of(torch.optim.SGD([torch.zeros(2, requires_grad=True)], lr=0.1, momentum=0.9)))
    'sgd:lr=0.1,momentum=0.9'
    """
    cls = type(optimizer)
    name = next((key for key, entry in OPTIMIZERS.items() if entry.class_name == cls.__name__), "")
    if not cls.__module__.startswith("torch.optim") or not name:
        name = f"{cls.__module__}.{cls.__qualname__}"
    spec = OptimizerSpec(name)
    first, *others = optimizer.param_groups
    for key, parameter in inspect.signature(cls).parameters.items():
        if key == "params" or key not in first or parameter.default is None:
            continue  # a value in place of None may be worked out by the optimizer
        if any(group[key] != first[key] for group in others):
            continue  # there is no one value
        value = float(f"{float(first[key]):.6g}") if key == "lr" else first[key]  # a tensor's is rounded
        if key == "lr" or value != parameter.default:
            try:
                spec = replace(spec, options=(*spec.options, (key, value)))
            except DescentError:  # not a value that can be written; the rates are in the recording
                continue
    return spec


def _without_data(model: nn.Module) -> Network:
    """Return a network that stands for a model whose data nobody named."""
    import torch
    from torch import nn

    from ...surfaces.data.dataset import Data, Part
    from ...surfaces.networks.network import Network
    from ...surfaces.networks.weights import trainable

    if not trainable(model):
        raise DescentError(
            "the model has no parameters that training may change, so there is nothing to record"
        )
    nothing = Part(torch.empty(0), torch.empty(0))
    data = Data("", "regression", nothing, nothing, nothing, (), 0)
    return Network(type(model).__name__, copy.deepcopy(model).cpu(), data, nn.Identity(), "loss", "")


def _data(data: Any) -> Data:
    import torch

    from ...surfaces.data.objects import from_object
    from ...surfaces.data.samples import tidy
    from ...surfaces.data.split import as_given

    with torch.random.fork_rng(devices=[]):  # a data set that draws must not change what the loop draws
        return as_given(tidy(from_object(data)))


def _check_same(model: nn.Module, optimizer: Optimizer) -> None:
    theirs = {id(each) for group in optimizer.param_groups for each in group["params"]}
    if not any(id(each) in theirs for each in model.parameters() if each.requires_grad):
        raise DescentError("the optimizer does not hold any parameter of the model, so nothing would move")


def _scores(network: Network, tape: Tape) -> NDArray[np.float64]:
    """Return step, loss and metric on all samples at some kept steps, as `training.TrainedRun.epochs`."""
    from ...surfaces.networks.objective import objective
    from ...surfaces.networks.slices import losses_at

    rows = np.unique(np.linspace(0, len(tape.at) - 1, _SCORED).round().astype(int))
    if not len(network.data.train):
        return np.column_stack([tape.at[rows], *np.full((4, len(rows)), np.nan)])
    every = objective(network, network.data.train)
    weights = tape.weights[rows]
    found = np.full((len(rows), 5), math.nan)
    found[:, 0] = tape.at[rows]
    found[:, 1] = losses_at(every, weights)
    found[:, 2] = losses_at(every, weights, metric=True)
    return found
