"""From what was filmed to a recording, and to what has to be said about it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, NotPossibleError
from ..results.network_runs import TrainingRecipe
from ..results.trajectory import FINISHED, Outcome
from .assemble import assemble
from .film_notes import Note, about_losses, about_module, about_steps
from .film_optimizers import main_of, spec_of
from .on_plane import losses_of
from .train import Trained

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import nn

    from ...surfaces.data.filmed import Batches
    from ...surfaces.networks.more_fields import MoreField
    from ...surfaces.networks.network import Network
    from ...surfaces.networks.objective import Objective
    from ...surfaces.surface import Box
    from ..results.recording import Recording
    from .step_recorder import Recorder
    from .tape import Tape

_SCORED = 40  # kept steps that loss and metric of all samples are worked out at


@dataclass(frozen=True, slots=True)
class Shown:
    """What a film is to show; see `film.recording`."""

    snapshots: int
    plane: str
    layer: str
    view: Box | None
    resolution: tuple[int, int] | None
    sharpness: bool = False
    fields: tuple[MoreField, ...] = ()  # what else is drawn on the plane


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """What was filmed."""

    model: nn.Module
    first: nn.Module | None  # a copy from before the loop
    copy: tuple[nn.Module, int] | None  # the model when the block ended, and how many hooks it is without
    recorder: Recorder
    batches: Batches | None
    loss: Any
    buffers: dict[str, torch.Tensor]  # of the model, when the block began


def develop(film: Exposed, shown: Shown) -> tuple[Recording, tuple[str, ...]]:
    """Make the recording of the steps made so far, and say what has to be known about it.

    Raises:
        DescentError: The optimizer made no step, or no plane can be laid through its path.
    """
    from ...surfaces.networks.objective import objective

    recorder = film.recorder
    if not recorder.steps:
        raise DescentError(
            "the optimizer made no step while it was recorded, so there is no path to draw"
            + (f": {recorder.trouble}" if recorder.trouble else "")
        )
    tape = recorder.tape()
    module, hooks = _module(film)
    network, notes = _network(film, module)
    notes += about_steps(recorder, tape)
    device = str(next(film.model.parameters()).device)
    every: Objective | None = None
    if len(network.data.train):
        notes += about_module(module, film.buffers, hooks)
        try:
            every = objective(network, network.data.train, device)
        except DescentError as error:
            network, lost = _without(module, error)
            notes.insert(0, lost)
    if every is not None and every.seeded:
        notes.append(
            Note(
                "the model draws random numbers where it is evaluated; for all losses and heights they are "
                "the same",
                "one draw of random numbers for all heights",
            )
        )
    if every is not None and not every.batched:
        notes.append(
            Note("heights are worked out one after another: torch runs this model for one weight at a time")
        )
    trained = Trained(
        tape,
        _scores(every, tape),
        np.full(2, np.nan),
        Outcome(FINISHED),
        evaluations=len(tape.learning_rates),
    )
    sharp = shown.sharpness and len(recorder.optimizers) == 1
    if shown.sharpness and not sharp:
        notes.append(Note("no sharpness is worked out: several optimizers make each step together"))
    make = partial(
        assemble,
        network,
        [str(spec_of(main_of(recorder.optimizers)))],
        [trained],
        seed=0,
        device=device,
        dtype=str(tape.weights.dtype).removeprefix("torch."),
        view=shown.view,
        resolution=shown.resolution,
        samples=None if every is None or film.batches is None else film.batches.total,
        more=() if every is None else _more(shown, module, film.loss, device, notes),
    )
    recipe = recipe_of(network, shown.plane, shown.layer, shown.snapshots)
    made = None
    if sharp:
        try:
            made = make(replace(recipe, sharpness=True))
        except NotPossibleError as error:  # the rest of the film is worth having
            notes.append(Note(f"no sharpness is worked out: {error}"))
    made = make(recipe) if made is None else made
    if every is not None and film.batches is not None:
        (run,) = made.trajectories
        ours = (run.losses if run.trained is None else run.trained[:, 2])[:-1]  # as the loop computes them
        notes = [
            *about_losses(recorder, tape, ours, module, film.batches, network, seeded=every.seeded),
            *notes,
        ]
    assert made.training is not None
    short = tuple(note.short for note in notes if note.short)
    return replace(made, training=replace(made.training, notes=short)), tuple(note.said for note in notes)


def _module(film: Exposed) -> tuple[nn.Module, int]:
    """Return a copy of the model, with the modes of its last step, and free what was watched and no more.

    It is from the end, or where the model was rebuilt in the loop from the beginning.
    """
    from ...surfaces.networks.copies import copied

    watched = film.recorder.watched.sizes
    try:
        module, hooks = film.copy if film.copy is not None else copied(film.model)
    except Exception:  # a user's own class may raise anything where it is copied
        if film.first is None:
            raise
        module, hooks = film.first, 0
    found = {name: each.numel() * (1 + each.is_complex()) for name, each in module.named_parameters()}
    if film.first is not None and not watched.items() <= found.items():
        module = film.first
    for name, each in module.named_parameters():
        each.requires_grad_(name in watched)
    for name, layer in module.named_modules():
        layer.training = film.recorder.modes.get(name, layer.training)
    return module.to(next(film.model.parameters()).device), hooks


def _network(film: Exposed, module: nn.Module) -> tuple[Network, list[Note]]:
    from ...surfaces.networks.filmed import filmed_network

    try:
        return filmed_network(module, film.batches, film.loss), []
    except DescentError as error:
        network, lost = _without(module, error)
        return network, [lost]


def _without(module: nn.Module, error: DescentError) -> tuple[Network, Note]:
    """Return the network without data, because after the training a path is better than an error."""
    from ...surfaces.networks.filmed import filmed_network

    return filmed_network(module, None, None), Note(
        f"no loss surface is drawn: {error}", "the loss could not be evaluated"
    )


def _more(
    shown: Shown, module: nn.Module, loss: Any, device: str, notes: list[Note]
) -> list[tuple[str, Objective]]:
    found = []
    for each in shown.fields:
        try:
            found.append((each.name, each.objective(module, loss, device)))
        except DescentError as error:  # the rest of the film is worth having
            notes.append(Note(f"the field {each.name!r} is not drawn: {error}"))
    return found


def recipe_of(network: Network, plane: str, layer: str, snapshots: int) -> TrainingRecipe:
    """Return what is known of somebody's own training: its data and loss, and what is shown of it."""
    return TrainingRecipe(
        data=network.data.name,
        loss=network.loss_name,
        epochs=0,
        batch_size=max(1, len(network.data.train)),
        val=0.0,
        test=0.0,
        patience=None,
        plane=plane,
        field_of="train",
        snapshots=snapshots,
        layer=layer,
        schedule_per="",
    )


def _scores(every: Objective | None, tape: Tape) -> NDArray[np.float64]:
    """Return step, loss and metric on all samples at some kept steps, as `training.TrainedRun.epochs`."""
    rows = np.unique(np.linspace(0, len(tape.at) - 1, _SCORED).round().astype(int))
    found = np.full((len(rows), 5), math.nan)
    found[:, 0] = tape.at[rows]
    if every is not None:
        weights = tape.weights[rows]
        found[:, 1] = losses_of(every, weights)
        found[:, 2] = losses_of(every, weights, metric=True)
    return found
