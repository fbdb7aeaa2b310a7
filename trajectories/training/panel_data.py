"""What is kept for the panels beside a path: outputs, a layer's gradients, the line between two ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..results.network_runs import PRECONDITIONED, Line, Samples
from .stability import stable_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import torch
    from numpy.typing import NDArray

    from ...surfaces.networks.network import Network
    from ...surfaces.networks.objective import Objective
    from ...surfaces.networks.rows import Matrix
    from ..specs.optimizer_spec import OptimizerSpec
    from .tape import Tape
    from .train import Trained

    Array = NDArray[np.float64]

BYTES = 12e6  # that the outputs of all runs may take in a recording, and the gradients of a layer as well
_FINEST, _COARSEST = 64, 16  # points along each side of the grid of outputs of two inputs
_CURVE = 128  # points of a curve over one input
_SHOWN = 400  # samples that a picture shows at most
_AT_ONCE = 1 << 23  # gradients that are looked at at once
_MOST_CELLS = (24, 48)  # rows and columns of a heat map at most


def heat(network: Network, tape: Tape, layer: str, runs: int) -> NDArray[np.float32]:
    """Return the gradients of one layer's weights at each row, as a matrix (rows, h, w); NaN in the last row.

    A row of the matrix is an output of the layer. Where there are too many, neighbours share a cell, which
    shows the largest of them with its sign.

    Args:
        network: The target.
        tape: What was kept of the run.
        layer: Its name; the last one when empty.
        runs: How many runs share the room.

    """
    from ...surfaces.networks.weights import layers, shapes

    start, shape = _matrix(shapes(network.module), layer or layers(network.module)[-1].name)
    count = shape[0] * shape[1]
    room = int(BYTES / (4 * len(tape.at) * runs))
    most = _MOST_CELLS if room >= _MOST_CELLS[0] * _MOST_CELLS[1] else (max(1, room // 12), 12)
    pooled = np.concatenate([_pooled(some, shape, most) for some in _few(tape.gradients, start, count)])
    last = np.full((1, *pooled.shape[1:]), np.nan, dtype=np.float32)
    return np.concatenate([pooled, last]).astype(np.float32)


def _few(rows: Matrix, start: int, count: int) -> Iterator[torch.Tensor]:
    """Give columns of some rows (n, P) after the other, as many as are not much memory."""
    at_once = max(1, _AT_ONCE // count)
    for first in range(0, len(rows), at_once):
        yield rows[first : first + at_once][:, start : start + count]


def _pooled(rows: torch.Tensor, shape: tuple[int, int], most: tuple[int, int]) -> NDArray[np.float32]:
    return _pool(_pool(rows.reshape(-1, *shape).float().cpu().numpy(), 1, most[0]), 2, most[1])


def _matrix(shapes: dict[str, tuple[int, ...]], layer: str) -> tuple[int, tuple[int, int]]:
    """Return where a layer's largest parameter begins in the flat vector, and its shape as a matrix."""
    start, found = 0, (0, (1, 1))
    largest = 0
    for path, shape in shapes.items():
        size = int(np.prod(shape))
        if layer in (path, path.rpartition(".")[0]) and size > largest:
            largest = size
            found = (start, (shape[0], size // shape[0]) if len(shape) > 1 else (1, size))
        start += size
    return found


def _pool(values: NDArray[np.float32], axis: int, most: int) -> NDArray[np.float32]:
    """Shorten an axis to a length at most, keeping of each group of neighbours the value furthest from 0."""
    length = values.shape[axis]
    if length <= most:
        return values
    parts = np.array_split(values, most, axis=axis)
    kept = [
        np.take_along_axis(part, np.abs(part).argmax(axis=axis, keepdims=True), axis=axis) for part in parts
    ]
    return np.concatenate(kept, axis=axis)


def has_batch_norm(network: Network) -> bool:
    """Say whether what a network gives for one sample depends on the others."""
    from torch.nn.modules.batchnorm import _NormBase

    norms = [each for each in network.module.modules() if isinstance(each, _NormBase)]
    return any(each.training or not network.modes for each in norms)


def draws_outputs(network: Network) -> bool:
    """Say whether a picture can show what a network gives: one number for one input, or classes of two.

    Not with batch norm, whose outputs depend on all samples of the batch.
    """
    data = network.data
    fits = data.inputs == ((1,) if data.task == "regression" else (2,))
    plain = not has_batch_norm(network)
    return fits and plain and (data.outputs == 1 or data.task == "classification")


def samples_of(network: Network, rows: int) -> Samples | None:
    """Return training data and the grid of outputs, for a picture; None where it cannot be drawn.

    Args:
        network: The target.
        rows: How many rows all runs have together, which decides how fine the grid may be.
    """
    if not draws_outputs(network):
        return None
    data = network.data
    classes = data.outputs if data.task == "classification" else 0
    fine = int((BYTES / (4 * rows * max(1, classes if classes > 2 else 1))) ** 0.5)
    count = _CURVE if data.inputs == (1,) else min(max(fine, _COARSEST), _FINEST)
    x = data.train.x.double().cpu().numpy()
    low, high = x.min(axis=0), x.max(axis=0)
    room = np.where(high > low, 0.12 * (high - low), 1.0)
    axes = tuple(np.linspace(a, b, count) for a, b in zip(low - room, high + room, strict=True))
    some = np.sort(np.random.default_rng(0).permutation(len(x))[:_SHOWN])
    y = data.train.y.double().cpu().numpy().reshape(-1)
    return Samples(x[some], y[some], classes, data.axes or ("x", "y")[: len(axes)], axes)


def outputs(objective: Objective | None, tape: Tape, samples: Samples | None) -> NDArray[np.float32]:
    """Return what a network gives on the grid of the samples at each row, (rows, K, *G).

    For classes they are probabilities: of the second class where there are two (K = 1), else of each. Empty
    where nothing can be drawn.
    """
    import torch

    from ...surfaces.networks.weights import unflatten

    if samples is None or objective is None:
        return np.empty(0, dtype=np.float32)
    shape = tuple(len(axis) for axis in samples.grid)
    spots = np.stack(np.meshgrid(*samples.grid, indexing="ij"), axis=-1).reshape(-1, len(shape))
    x = torch.as_tensor(spots).to(objective.like)
    rows = []
    with torch.no_grad():
        for weights in tape.weights:
            parts = unflatten(objective.take(weights), objective.shapes)
            given = objective.outputs(parts, x)
            given = given.reshape(len(spots), -1)
            if samples.classes:
                given = given.sigmoid() if given.shape[1] == 1 else given.softmax(dim=1)
                given = given[:, 1:] if given.shape[1] == 2 else given
            rows.append(given.T.reshape(-1, *shape).float().cpu().numpy())
    return np.stack(rows)


def line(
    network: Network, true: Objective, runs: Sequence[Trained], pair: tuple[int, int], device: str
) -> Line:
    """Return the losses along the straight line between the ends of two runs, and a little beyond them."""
    from ...surfaces.networks.objective import objective
    from ...surfaces.networks.slices import along

    a, b = (runs[k].tape.weights[-1] for k in pair)
    positions = np.linspace(-0.2, 1.2, 57)
    val = np.full(len(positions), np.nan)
    if len(network.data.val):
        val = along(objective(network, network.data.val, device), a, b, positions)
    return Line(pair, positions, along(true, a, b, positions), val)


def curvature(true: Objective, tape: Tape, spec: OptimizerSpec) -> dict[str, NDArray[np.float64]]:
    """Return the sharpness at each kept step and at the end, and below which it is stable, (rows,) each.

    Of an optimizer in PRECONDITIONED both are of the Hessian that its steps meet; the end has none then.
    """
    import torch

    from ...surfaces.networks.sharpness import sharpness

    scales = None
    if spec.name in PRECONDITIONED:
        scales = torch.full(tape.weights.shape, np.nan, dtype=tape.weights.dtype)
        if tape.scales is not None:
            scales[:-1] = tape.scales
    rates = tape.learning_rates[np.minimum(tape.at, len(tape.learning_rates) - 1)]
    return {"sharpness": sharpness(true, tape.weights, scales), "stable_below": stable_below(spec, rates)}
