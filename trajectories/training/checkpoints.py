"""A recording of a training that is over, from the checkpoints that it wrote."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, unknown
from ...surfaces.networks.rows import Rows, Store, nothing
from ...surfaces.networks.weights import by_layer, layers
from ..arguments import check_resolution, check_switch, check_whole, parse_memory
from ..results.network_runs import CHECKPOINTS
from ..results.trajectory import FINISHED, Outcome
from .assemble import MEASURED, assemble
from .checkpoint_rows import Checkpoints, changed, read_rows
from .choose_plane import check_plane
from .film_develop import recipe_of
from .film_notes import Note, drops
from .on_plane import losses_of
from .tape import Tape
from .told_against import differing
from .train import Trained

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import nn

    from ...surfaces.data.filmed import Batches
    from ...surfaces.networks.network import Network
    from ...surfaces.networks.rows import Kept, Matrix
    from ...surfaces.surface import Box
    from ..results.recording import Recording

    Array = NDArray[np.float64]

_LOG = logging.getLogger("descent")


def from_checkpoints(
    model: nn.Module,
    checkpoints: Any,
    data: Any = None,
    loss: Any = None,
    *,
    losses: Any = None,
    snapshots: int = 200,
    memory: float | str = "2GB",
    disk: float | str = "4GB",
    plane: str = "auto",
    layer: str = "",
    view: Box | None = None,
    resolution: tuple[int, int] | None = None,
    sharpness: bool = False,
    fields: Any = None,
) -> Recording:
    """Make a recording of a training that is over from the checkpoints that it wrote.

    They are read one at a time and as plain data: nothing in a file is run. No optimizer is known, so there
    are no learning rates. Losses and gradients are those of the data at each checkpoint, with its own
    buffers. What has to be known goes to the log "descent" as warnings, and the gravest into the picture.

    Args:
        model: What was trained; which weights it has now does not matter. Losses are worked out in its mode:
            in training mode batch norm takes the statistics of all samples, after ``model.eval()`` the
            running ones that each checkpoint holds. Dropout is off.
        checkpoints: A folder, or a list of files or of state_dicts, at least two. A file of torch.save or
            of safetensors holds a state_dict, or a dict with one under model_state_dict, state_dict, model
            or module. They are put in the order of the numbers in their names, else of their own
            ``global_step`` or ``epoch``, else as they are given.
        data: What the loss surface is drawn of, as `descent.recording` takes it, or a text: FILE.npz,
            FILE.csv:target=COLUMN or package.module:function. Without it there is only the path.
        loss: The loss of the training, as `descent.recording` takes it.
        losses: What the training said its loss was at each checkpoint, (K,), in the order of the list. With
            data they are held against what the picture has, without they are drawn.
        snapshots: How many checkpoints are read at most; of more, some are chosen evenly.
        memory: Bytes that weights and gradients of all checkpoints may take in memory, or text such as "2GB";
            where they are more, they lie in a file without a name in the folder for large temporary files.
        disk: Bytes that this file may take, and at most half of what is free there; where that is not enough,
            fewer checkpoints are read.
        plane: "weights", "pca", "random" or "hessian"; "auto" chooses.
        layer: Whose gradients the heat map shows; the last one when empty.
        view: What to show of the plane; when None a view that holds the path.
        resolution: The field's points along x and y; when None, as fine as a few seconds allow.
        sharpness: Whether the largest eigenvalue of the Hessian is worked out at each checkpoint.
        fields: What else is drawn on the plane, as `descent.recording` takes it; a text names data as above,
            or package.module:function for a function of (module, batch).

    Raises:
        DescentError: A checkpoint does not fit the model, two have one number, or there are fewer than two.
        NotPossibleError: A file cannot be read, holds objects that reading would run, or needs a package.

    >>> import torch
    >>> model, x = torch.nn.Linear(1, 1), torch.linspace(-1, 1, 20)[:, None]
    >>> saved = [{"weight": torch.tensor([[k / 4]]), "bias": torch.zeros(1)} for k in range(5)]
    >>> [round(loss, 3) for loss in from_checkpoints(model, saved, (x, x)).trajectories[0].losses.tolist()]
    [0.368, 0.207, 0.092, 0.023, 0.0]
    """
    made, notes = developed(
        model,
        checkpoints,
        data,
        loss,
        losses=losses,
        snapshots=snapshots,
        memory=memory,
        disk=disk,
        plane=plane,
        layer=layer,
        view=view,
        resolution=resolution,
        sharpness=sharpness,
        fields=fields,
    )
    for note in notes:
        _LOG.warning("%s", note)
    return made


def developed(
    model: nn.Module,
    checkpoints: Any,
    data: Any,
    loss: Any,
    *,
    losses: Any,
    snapshots: int,
    memory: float | str,
    disk: float | str,
    plane: str,
    layer: str,
    view: Box | None,
    resolution: tuple[int, int] | None,
    sharpness: bool = False,
    fields: Any = None,
) -> tuple[Recording, tuple[str, ...]]:
    """Return the recording of some checkpoints, and what is to be known about it, in sentences.

    Arguments and errors are those of `from_checkpoints`.
    """
    from torch import nn

    from ...surfaces.data.streams import streams_kept
    from ...surfaces.networks.copies import copied, unwrapped
    from ...surfaces.networks.filmed import check_trainable
    from ...surfaces.networks.more_fields import read_fields
    from ...surfaces.networks.plane_axes import KINDS

    snapshots = check_whole(snapshots, "snapshots", 2, 100_000)
    sharpness = check_switch(sharpness, "sharpness")
    resolution = None if resolution is None else check_resolution(resolution)
    allowed = [each for each in (*KINDS, "auto") if each != "ends"]
    if plane not in allowed:
        raise unknown("plane", str(plane), allowed)
    if not isinstance(model, nn.Module):
        raise DescentError(f"the model is a torch.nn.Module with the layers that were trained, not {model!r}")
    module = copied(unwrapped(model))[0]
    device = next((str(each.device) for each in module.parameters()), "cpu")
    if not check_trainable(module):
        raise DescentError("the model has lazy layers without weights; run it once on a batch first")
    names = [each.name for each in layers(module)]
    if layer and layer not in names:
        raise unknown("layer", str(layer), names)
    module = module.cpu()
    numbers = sum(
        each.numel() * (1 + each.is_complex()) for each in module.parameters() if each.requires_grad
    )
    check_plane(plane, numbers, 1)
    store = Store(parse_memory(memory), parse_memory(disk))
    size = sum(each.nbytes for each in module.parameters() if each.requires_grad)
    most = max(2, min(snapshots, int(store.limit / (2 * size))))  # weights and gradient
    rows = read_rows(module, checkpoints, losses, most, store)
    with streams_kept(data):
        network, total, batches, notes = _network(module.to(device), data, loss)
        more = read_fields(fields, batches, MEASURED)
        notes = [*rows.notes, *notes]
        scores, gradients, norms = _along(network, rows, store, device, notes)
        tape = _tape(rows, gradients, norms)
        made = assemble(
            network,
            [CHECKPOINTS],
            [_trained(tape, scores)],
            replace(recipe_of(network, plane, layer, snapshots), sharpness=sharpness),
            seed=0,
            device=device,
            dtype=str(tape.weights.dtype).removeprefix("torch."),
            view=view,
            resolution=resolution,
            samples=total or None,
            unit=rows.unit,
            more=[(each.name, each.objective(network.module, loss, device)) for each in more],
        )
    notes += _against(rows, scores, network, total)
    (run,) = made.trajectories
    told = rows.told if rows.told is not None and not total else scores[:, 0]
    assert made.training is not None
    short = tuple(note.short for note in notes if note.short)
    whole = replace(
        made,
        trajectories=(replace(run, losses=told),),
        training=replace(made.training, notes=short),
    )
    return whole, tuple(note.said for note in notes)


def _network(module: nn.Module, data: Any, loss: Any) -> tuple[Network, int, Batches | None, list[Note]]:
    """Return the network, how many samples it learned from, 0 where nobody says, these, and notes."""
    from ...surfaces.data.as_given import as_given
    from ...surfaces.data.filmed import read
    from ...surfaces.networks.filmed import filmed_network

    if data is None:
        return filmed_network(module, None, loss), 0, None, []
    batches = read(as_given(data), MEASURED) if isinstance(data, str) else read(data, MEASURED)
    if isinstance(data, str):
        batches = replace(batches, name=data.strip())
    network = filmed_network(module, batches, loss)
    notes = [Note("dropout is off where losses and heights are worked out", "without dropout")]
    return network, batches.total, batches, notes if drops(module) else []


def _along(
    network: Network, rows: Checkpoints, store: Store, device: str, notes: list[Note]
) -> tuple[Array, Matrix, Array]:
    """Return loss and metric at each checkpoint, (K, 2), gradients at all but the last, and their lengths.

    Gradients are (K - 1, P), their lengths of each layer (K, L), with NaN for the last checkpoint.
    """
    from ...surfaces.networks.objective import objective

    parts_of = layers(network.module)
    count, numbers = rows.weights.shape
    scores, norms = np.full((count, 2), math.nan), np.full((count, len(parts_of)), math.nan)
    vectors: list[Kept | torch.Tensor] = [nothing(numbers, math.nan)] * (count - 1)
    names = changed(rows, network.module)
    if not len(network.data.train):
        return scores, Rows(store, vectors, [(0, nothing(numbers))]), norms
    parts = [slice(k, k + 1) for k in range(count)] if names else [slice(0, count)]
    for part in parts:
        network.module.load_state_dict(rows.rest[part.stop - 1], strict=False)
        every = objective(network, network.data.train, device)
        for column in (0, 1):
            scores[part, column] = losses_of(every, rows.weights[part], metric=column == 1)
        for k in range(part.start, min(part.stop, count - 1)):
            gradient = every.gradient(rows.weights[k]).cpu()
            norms[k] = by_layer(gradient, network.module)
            vectors[k] = store.keep(gradient)
    network.module.load_state_dict(rows.rest[-1], strict=False)
    if names:
        few = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        notes.append(
            Note(
                f"what the path leaves out differs between checkpoints ({few}): losses at the weights are "
                "with that of each, heights, losses on the plane, sharpness and what the model gives with "
                "that of the last",
                "heights with the buffers of the last checkpoint",
            )
        )
    return scores, Rows(store, vectors, [(0, nothing(numbers))]), norms


def _tape(rows: Checkpoints, gradients: Matrix, norms: Array) -> Tape:
    unsaid = np.full(int(rows.at[-1]), math.nan)  # no optimizer is known
    return Tape(rows.at, rows.weights, gradients, norms, np.full_like(norms, math.nan), unsaid, unsaid.copy())


def _trained(tape: Tape, scores: Array) -> Trained:
    epochs = np.full((len(scores), 5), math.nan)
    epochs[:, 0], epochs[:, 1:3] = tape.at, scores
    return Trained(tape, epochs, np.full(2, math.nan), Outcome(FINISHED), evaluations=0)


def _against(rows: Checkpoints, scores: Array, network: Network, total: int) -> list[Note]:
    """Hold the losses that the training said against the picture's."""
    if rows.told is None or not total:
        return []
    found = differing(rows.at, rows.told, scores[:, 0], exact=total <= MEASURED)
    if found is None:
        return []
    at, theirs, ours = found
    return [
        Note(
            f"the losses are not the training's: at {rows.unit} {at} it said {theirs:.4g}, and "
            f"{network.loss_name} on these samples is {ours:.4g}; name its own loss and data",
            f"not the training's losses: {theirs:.3g} told at {rows.unit} {at}, here {ours:.3g}",
        )
    ]
