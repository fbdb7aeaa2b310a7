"""Where the weights of a run are on a plane, how far beside it, and what the loss is here and there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.networks.rows import blocks, differ, finite, together, whole, with_row
from ...surfaces.networks.slices import losses_at
from ...surfaces.surface import Minimum
from ..results.trajectory import exit_step
from .choose_plane import some_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray

    from ...surfaces.data.dataset import Part
    from ...surfaces.networks.network import Network
    from ...surfaces.networks.objective import Objective
    from ...surfaces.networks.plane import Plane
    from ...surfaces.networks.rows import Matrix
    from ...surfaces.surface import Box
    from .tape import Tape

    Array = NDArray[np.float64]

_BYTES = 1 << 25  # of weights on the plane that are made at once


def true_losses(objective: Objective | None, tape: Tape) -> Array:
    """Return the losses (rows,) at the weights of a run.

    Without an objective they are those of the batches, and that of the last batch stands for the end too.
    """
    if objective is None:
        return tape.batch_losses[np.minimum(tape.at, len(tape.batch_losses) - 1)]
    return losses_of(objective, tape.weights)


def losses_of(objective: Objective, weights: Matrix, metric: bool = False) -> Array:
    """Return the losses (rows,), or the metrics, at weights (rows, P), of which few are read at once."""
    at_once = objective.at_once
    parts = (weights[k : k + at_once] for k in range(0, len(weights), at_once))
    return np.concatenate([losses_at(objective, whole(some), metric) for some in parts])


def project(plane: Plane, weights: Matrix) -> Array:
    """Return the coordinates (rows, 2) on a plane of weights (rows, P)."""
    products, lengths = _along(plane, weights, plane.origin)
    return products / lengths


def slopes(plane: Plane, gradients: Matrix) -> Array:
    """Return the gradients along a plane's axes (rows, 2) from gradients (rows - 1, P); NaN in the last row.

    A component says how fast the loss changes with the coordinate.
    """
    return np.concatenate([_along(plane, gradients, None)[0], np.full((1, 2), np.nan)])


def aside(
    plane: Plane, objective: Objective | None, path: Array, weights: Matrix
) -> tuple[Array, Array, Array]:
    """Return what a plane hides of a run.

    Args:
        plane: Where it is drawn.
        objective: The loss; where nobody knows it, losses are NaN.
        path: The run's coordinates, (rows, 2).
        weights: The run's weights, (rows, P).

    Returns:
        The losses at the nearest points of the plane, the distances to them, and the distances of the
        weights from the first ones, each (rows,).
    """
    import torch

    spots = torch.as_tensor(path)
    beside, moved = torch.zeros(len(path)).double(), torch.zeros(len(path)).double()
    for some in blocks(weights):
        block = weights[:, some].double().cpu()
        near = _embedded(plane, spots, some)
        beside += (block - near).square().sum(dim=1)
        moved += (block - block[0]).square().sum(dim=1)
    losses = np.full(len(path), np.nan)
    at_once = max(1, _BYTES // (8 * weights.shape[1]))
    for start in range(0, len(path) if objective is not None else 0, at_once):
        assert objective is not None
        spot = spots[start : start + at_once]
        points = objective.like.new_empty(len(spot), weights.shape[1])
        for some in blocks(points):
            points[:, some] = _embedded(plane, spot, some).to(points)
        losses[start : start + at_once] = losses_at(objective, points)
    return losses, beside.sqrt().numpy(), moved.sqrt().numpy()


def variance(
    plane: Plane, weights: Sequence[Matrix], paths: Sequence[Array], view: Box
) -> tuple[tuple[float, float], tuple[float | None, ...]]:
    """Return how much of the paths' variance a plane holds: of all that is drawn, whatever it was laid for.

    Args:
        plane: Where the paths are drawn.
        weights: The weights of each run, (rows, P).
        paths: Their coordinates, (rows, 2) each.
        view: The box that pictures show: a path is drawn until it leaves that for good.

    Returns:
        The shares of the variance of all paths together, about their common mean, along the two axes; and
        of each path's own variance the share on the plane, None where a path has none inside the view.
    """
    from ...surfaces.networks.plane_axes import explained

    parts = [
        some_of(_drawn(each, path, view), len(weights)) for each, path in zip(weights, paths, strict=True)
    ]
    held = tuple(sum(explained(plane, rows)) if len(rows) > 1 and differ(rows) else None for rows in parts)
    every = together(parts)
    return explained(plane, every) if len(every) else (0.0, 0.0), held


def _drawn(weights: Matrix, path: Array, view: Box) -> Matrix:
    """Return the weights (n, P) of a run up to where its path on a plane leaves the view for good."""
    left = exit_step(path, view)
    rows = weights[:left]
    rows = rows[finite(rows)]
    if not left or not bool(weights[left].isfinite().all()):
        return rows
    start, way = path[left - 1], path[left] - path[left - 1]
    low, high = np.array(view).T
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(way > 0, (high - start) / way, np.where(way < 0, (low - start) / way, np.inf))
    inside, out = weights[left - 1].double(), weights[left].double()
    border = inside + min(1.0, float(shares.min())) * (out - inside)
    return with_row(rows, border.to(weights.dtype))


def known_minimum(network: Network, part: Part) -> tuple[Minimum, ...]:
    """Return the minimum of a straight line's mean squared error, by linear algebra; else nothing."""
    from torch import nn

    layers = [network.module] if isinstance(network.module, nn.Linear) else list(network.module.children())
    plain = type(network.module) in (nn.Linear, nn.Sequential) and not network.module._forward_hooks
    line = [each for each in layers if type(each) is nn.Linear]
    rest = [each for each in layers if type(each) not in (nn.Linear, nn.Flatten, nn.Identity)]
    squares = type(network.loss) is nn.MSELoss and network.loss.reduction == "mean"
    if not plain or rest or len(line) != 1 or line[0].bias is None or not squares:
        return ()
    x, y = part.x.double().cpu().numpy().reshape(-1), part.y.double().cpu().numpy().reshape(-1)
    columns = np.column_stack([x, np.ones_like(x)])
    (weight, bias), *_ = np.linalg.lstsq(columns, y, rcond=None)
    error = columns @ (weight, bias) - y
    return (Minimum((float(weight), float(bias)), float(np.mean(error**2))),)


def _along(plane: Plane, rows: Matrix, origin: torch.Tensor | None) -> tuple[Array, Array]:
    """Return products (n, 2) of rows (n, P), less an origin, with a plane's directions, and their squares."""
    import torch

    products, lengths = torch.zeros(len(rows), 2).double(), torch.zeros(2).double()
    for some in blocks(rows):
        block, directions = rows[:, some].double().cpu(), plane.directions[:, some].double().cpu()
        if origin is not None:
            block = block - origin[some].double().cpu()
        products += block @ directions.T
        lengths += directions.square().sum(dim=1)
    return products.numpy(), lengths.numpy()


def _embedded(plane: Plane, spots: torch.Tensor, some: slice) -> torch.Tensor:
    """Return some columns of the weights at coordinates (n, 2) on a plane, in double precision."""
    return plane.origin[some].double().cpu() + spots @ plane.directions[:, some].double().cpu()
