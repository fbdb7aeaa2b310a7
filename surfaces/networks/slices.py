"""Losses of a network on a plane and along a line through its weight space, and what one of them costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DescentError
from ..field import Field, _as_counts
from ..surface import Box, check_box
from .first_layer import by_first_layer, split_first
from .weights import flatten, unflatten

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import nn

    from .objective import Objective
    from .plane import Plane

# Writing and reading one activation takes about as long as so many products inside a matrix product.
PER_ACTIVATION = 60


def sample_plane(
    objective: Objective,
    plane: Plane,
    view: Box,
    resolution: tuple[int, int] = (51, 51),
    metric: bool = False,
) -> Field:
    """Evaluate a network on a regular grid of a plane, edges of the view included.

    The products of the first layer are computed once where `first_layer` finds that exact.

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
    with torch.no_grad():
        values = by_first_layer(objective, plane, points, metric)
        if values is None:
            values = _by_weights(objective, plane, points, metric)
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


def work(objective: Objective) -> float:
    """Return about how many products one point of a field is worth: multiplications, and memory moved.

    Products of a first layer whose outputs are computed once for the whole plane do not count.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    numbers = 0

    def count(_module: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal numbers
        if isinstance(output, torch.Tensor):
            numbers += output.numel()

    leaves = [each for each in objective.module.modules() if not list(each.children())]
    hooks = [each.register_forward_hook(count) for each in leaves]
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            objective.loss_with(unflatten(flatten(objective.module), objective.shapes))
    finally:
        for hook in hooks:
            hook.remove()
    flops = float(counter.get_total_flops())
    split = split_first(objective)
    if split is not None:
        with torch.no_grad(), FlopCounterMode(display=False) as once:
            split.first(*split.inputs)
        flops -= once.get_total_flops()
    return flops / 2 + PER_ACTIVATION * numbers


def _by_weights(objective: Objective, plane: Plane, points: torch.Tensor, metric: bool) -> torch.Tensor:
    import torch

    origin, directions = objective.take(plane.origin), objective.take(plane.directions)
    evaluate = objective.metrics if metric else objective.values
    return torch.cat(
        [evaluate(origin + some @ directions) for some in torch.split(points, objective.at_once)]
    )


def _check_length(objective: Objective, weights: torch.Tensor) -> None:
    expected = sum(int(np.prod(shape)) for shape in objective.shapes.values())
    if weights.shape[-1] != expected:
        raise DescentError(
            f"the network has {expected:,} parameters, but weights of {weights.shape[-1]:,} were given"
        )
