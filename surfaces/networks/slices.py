"""Losses of a network on a plane and along a line through its weight space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DescentError
from ..field import Field, _as_counts
from ..surface import Box, check_box
from .objective import how_many, largest_output
from .weights import unflatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from numpy.typing import NDArray
    from torch import nn

    from .objective import Objective
    from .plane import Plane


def sample_plane(
    objective: Objective,
    plane: Plane,
    view: Box,
    resolution: tuple[int, int] = (51, 51),
    metric: bool = False,
) -> Field:
    """Evaluate a network on a regular grid of a plane, edges of the view included.

    Where the first layer with parameters is linear in them, its outputs on the plane are
    ``B0 + a * B1 + b * B2``: three products for the whole grid instead of one a point.

    Args:
        objective: The loss and its samples.
        plane: Where in weight space.
        view: ((a0, a1), (b0, b1)) in the plane's coordinates.
        resolution: (W, H), the number of points along each direction, each at least 2.
        metric: Whether to give the metric instead of the loss.

    Raises:
        DescentError: The view or the resolution is not usable, or the plane is of another network.
    """
    import torch

    check_box(view, "the view")
    width, height = _as_counts(resolution)
    _check_length(objective, plane.origin)
    a, b = (np.linspace(low, high, count) for (low, high), count in zip(view, (width, height), strict=True))
    axes = (torch.as_tensor(each).to(objective.like) for each in (a, b))
    points = torch.stack(torch.meshgrid(*axes, indexing="xy"), dim=-1).reshape(-1, 2)
    split = split_first(objective.module) if objective.batched else None
    with torch.no_grad():
        if split is None:
            values = _by_weights(objective, plane, points, metric)
        else:
            values = _by_first_layer(objective, plane, points, metric, split)
    return Field(a, b, values.to("cpu", torch.float64).reshape(height, width).numpy())


def along(
    objective: Objective, a: torch.Tensor, b: torch.Tensor, positions: Any, metric: bool = False
) -> NDArray[np.float64]:
    """Return the losses (A,) on the straight line from weights a (P,) at 0 to weights b (P,) at 1.

    Args:
        objective: The loss and its samples.
        a: Weights at position 0.
        b: Weights at position 1.
        positions: Where to evaluate, A numbers; beyond 0 and 1 is allowed.
        metric: Whether to give the metric instead of the loss.

    Raises:
        DescentError: The weights are of another network.
    """
    import torch

    for each in (a, b):
        _check_length(objective, each)
    a, b = objective.take(a), objective.take(b)
    places = torch.as_tensor(np.asarray(positions, dtype=np.float64)).to(a.device, a.dtype)
    evaluate = objective.metrics if metric else objective.values
    # lerp, because it gives b itself at 1, which a + (b - a) does not.
    parts = [evaluate(torch.lerp(a, b, some[:, None])) for some in torch.split(places, objective.at_once)]
    return torch.cat(parts).to("cpu", torch.float64).numpy() if parts else np.empty(0)


def losses_at(objective: Objective, weights: torch.Tensor, metric: bool = False) -> NDArray[np.float64]:
    """Return the losses (K,), or the metrics, at weights (K, P).

    Raises:
        DescentError: The weights are of another network.
    """
    import torch

    _check_length(objective, weights)
    values = objective.metrics(weights) if metric else objective.values(weights)
    return values.to("cpu", torch.float64).numpy()


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A sequence of layers, cut behind its first layer with parameters."""

    before: nn.Module  # layers without parameters
    first: nn.Module  # linear in its parameters
    name: str  # the first layer's, as its parameters' paths begin
    rest: nn.Module  # everything behind it, with the names that it has in the whole


def split_first(module: nn.Module) -> Split | None:
    """Cut a sequence behind its first layer with parameters, or return None where that would not be exact."""
    from torch import nn

    if type(module) is not nn.Sequential or not _is_plain(module):
        return None
    children = list(module.named_children())
    if len(children) != len(module):  # a layer that stands in two places
        return None
    place = next(
        (k for k, (_, each) in enumerate(children) if any(True for _ in each.parameters())), len(children)
    )
    if place == len(children):
        return None
    name, first = children[place]
    if type(first) not in (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d):
        return None
    if any(each.is_complex() for each in first.parameters()):
        return None
    before, rest = nn.Sequential(), nn.Sequential()
    for k, (each, child) in enumerate(children):
        if k != place:
            (before if k < place else rest).add_module(each, child)
    return Split(before, first, name, rest)


def _is_plain(module: nn.Module) -> bool:
    """Return whether nothing but the layers themselves acts: no hooks, and no weights that layers share."""
    for each in module.modules():
        if each._forward_hooks or each._forward_pre_hooks:
            return False
    every = sum(1 for _ in module.named_parameters(remove_duplicate=False))
    return every == sum(1 for _ in module.named_parameters())


def _by_weights(objective: Objective, plane: Plane, points: torch.Tensor, metric: bool) -> torch.Tensor:
    import torch

    origin, directions = objective.take(plane.origin), objective.take(plane.directions)
    evaluate = objective.metrics if metric else objective.values
    return torch.cat(
        [evaluate(origin + some @ directions) for some in torch.split(points, objective.at_once)]
    )


def _by_first_layer(
    objective: Objective, plane: Plane, points: torch.Tensor, metric: bool, split: Split
) -> torch.Tensor:
    import torch

    bases = torch.cat((plane.origin[None], plane.directions))  # (3, P)
    parts = unflatten(objective.take(bases), objective.shapes)
    prefix = f"{split.name}."
    inner = {name.removeprefix(prefix): each for name, each in parts.items() if name.startswith(prefix)}
    outer = {name: each.reshape(3, -1) for name, each in parts.items() if not name.startswith(prefix)}
    shapes = {name: objective.shapes[name] for name in outer}
    inputs = split.before(objective.x)
    # A parameter that is not trained is the same all over the plane: nothing of it in the directions.
    still = {name: torch.zeros_like(each) for name, each in split.first.named_parameters()}
    base = torch.stack(
        [
            torch.func.functional_call(
                split.first, (still if k else {}) | {name: each[k] for name, each in inner.items()}, (inputs,)
            )
            for k in range(3)
        ]
    )  # (3, n, *features)
    hidden_shape, base = base.shape[1:], base.reshape(3, -1)

    def one(hidden: torch.Tensor, weights: Mapping[str, torch.Tensor]) -> torch.Tensor:
        outputs = torch.func.functional_call(split.rest, dict(weights), (hidden,))
        return objective.judge(outputs, metric)

    many = torch.func.vmap(one)
    widest = largest_output(split.rest, base[0].reshape(hidden_shape), "rest")
    numbers = max(widest, base.shape[1]) + base.shape[1] + sum(each.shape[1] for each in outer.values())
    values = []
    at_once = how_many(split.rest, base.element_size() * numbers, base.device)
    for some in torch.split(points, at_once):
        three = torch.cat((torch.ones_like(some[:, :1]), some), dim=1)  # (K, 3): 1, a, b
        weights = {name: (three @ each).reshape(-1, *shapes[name]) for name, each in outer.items()}
        hidden = (three @ base).reshape(-1, *hidden_shape)
        if len(some) > 1:
            values.append(many(hidden, weights))
        else:
            values.append(one(hidden[0], {name: each[0] for name, each in weights.items()})[None])
    return torch.cat(values)


def _check_length(objective: Objective, weights: torch.Tensor) -> None:
    expected = sum(int(np.prod(shape)) for shape in objective.shapes.values())
    if weights.shape[-1] != expected:
        raise DescentError(
            f"the network has {expected:,} parameters, but weights of {weights.shape[-1]:,} were given"
        )
