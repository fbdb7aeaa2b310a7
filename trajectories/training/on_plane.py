"""Where the weights of a run are on a plane, how far beside it, and what the loss is here and there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.networks.slices import losses_at
from ...surfaces.surface import Minimum
from ..results.trajectory import exit_step
from .choose_plane import some_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import torch
    from numpy.typing import NDArray

    from ...surfaces.data.dataset import Part
    from ...surfaces.networks.network import Network
    from ...surfaces.networks.objective import Objective
    from ...surfaces.networks.plane import Plane
    from ...surfaces.surface import Box
    from .tape import Tape

    Array = NDArray[np.float64]

_ROWS = 32  # rows that are worked on at once, in float64: differences of weights are small


def true_losses(objective: Objective | None, tape: Tape) -> Array:
    """Return the losses (rows,) at the weights of a run.

    Without an objective they are those of the batches, and that of the last batch stands for the end too.
    """
    if objective is None:
        return tape.batch_losses[np.minimum(tape.at, len(tape.batch_losses) - 1)]
    return losses_at(objective, tape.weights)


def project(plane: Plane, weights: torch.Tensor) -> Array:
    """Return the coordinates (rows, 2) on a plane of weights (rows, P)."""
    wide = _wide(plane)
    return np.concatenate([wide.project(some).numpy() for some in _chunks(weights)])


def slopes(plane: Plane, gradients: torch.Tensor) -> Array:
    """Return the gradients along a plane's axes (rows, 2) from gradients (rows - 1, P); NaN in the last row.

    A component says how fast the loss changes with the coordinate.
    """
    wide = _wide(plane)
    rows = [(some @ wide.directions.T).numpy() for some in _chunks(gradients)]
    return np.concatenate([*rows, np.full((1, 2), np.nan)])


def aside(
    plane: Plane, objective: Objective | None, path: Array, weights: torch.Tensor
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

    wide = _wide(plane)
    losses, distances, moved = [], [], []
    spots = torch.as_tensor(path, device=weights.device).split(_ROWS)  # type: ignore[no-untyped-call]
    for some, spot in zip(_chunks(weights), spots, strict=True):
        near = wide.embed(spot)
        if objective is None:
            losses.append(np.full(len(near), np.nan))
        else:
            losses.append(losses_at(objective, near.to(objective.like.dtype)))
        distances.append((some - near).norm(dim=1).numpy())
        moved.append((some - weights[0].double()).norm(dim=1).numpy())
    return np.concatenate(losses), np.concatenate(distances), np.concatenate(moved)


def variance(
    plane: Plane, weights: Sequence[torch.Tensor], paths: Sequence[Array], view: Box
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
    import torch

    from ...surfaces.networks.plane_axes import explained

    parts = [
        some_of(_drawn(each, path, view), len(weights)) for each, path in zip(weights, paths, strict=True)
    ]
    held = tuple(
        sum(explained(plane, rows)) if len(rows) > 1 and bool((rows != rows[0]).any()) else None
        for rows in parts
    )
    every = torch.cat(parts)
    return explained(plane, every) if len(every) else (0.0, 0.0), held


def _drawn(weights: torch.Tensor, path: Array, view: Box) -> torch.Tensor:
    """Return the weights (n, P) of a run up to where its path on a plane leaves the view for good."""
    import torch

    left = exit_step(path, view)
    rows = weights[:left]
    if not left or not bool(weights[left].isfinite().all()):
        return rows[rows.isfinite().all(dim=1)]
    start, way = path[left - 1], path[left] - path[left - 1]
    low, high = np.array(view).T
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(way > 0, (high - start) / way, np.where(way < 0, (low - start) / way, np.inf))
    inside, out = weights[left - 1].double(), weights[left].double()
    border = inside + min(1.0, float(shares.min())) * (out - inside)
    return torch.cat([rows[rows.isfinite().all(dim=1)], border.to(weights.dtype)[None]])


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


def _wide(plane: Plane) -> Plane:
    return replace(plane, origin=plane.origin.double(), directions=plane.directions.double())


def _chunks(weights: torch.Tensor) -> Iterator[torch.Tensor]:
    for some in weights.split(_ROWS):  # type: ignore[no-untyped-call]
        yield some.double()
