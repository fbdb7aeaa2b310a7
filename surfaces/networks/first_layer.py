"""Heights of a plane with what is the same at all of its points computed once: the first layer's products.

A layer that is linear in its parameters gives ``B0 + a * B1 + b * B2`` at (a, b) where its inputs do not
depend on weights: three products for the whole plane instead of one a point.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from .any_loss import Judge
from .objective import how_many
from .pure import one_type
from .weights import flatten, unflatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .objective import Objective
    from .plane import Plane

_LINEAR = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Embedding)
_BY_NUMBER = (nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.ELU, nn.Softplus, nn.LeakyReLU, nn.Identity)
_PROVED = {"rtol": 1e-5, "atol": 1e-6, "equal_nan": True}  # how near the short way must come to the long one


class Given(nn.Module):
    """Stands in the place of a layer whose outputs are known."""

    def __init__(self, like: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("outputs", like)

    def forward(self, *_: Any) -> Any:
        """Return them."""
        return self.outputs


class Maxima(nn.Module):
    """Pools as a layer of torch does that takes the largest of each block, on a CPU several times as fast."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the largest of each block of side x side, (..., height, width)."""
        for axis in (-1, -2):
            length = x.shape[axis] // self.side
            parts = [x.narrow(axis, k, x.shape[axis] - k) for k in range(self.side)]
            index = [part.movedim(axis, -1)[..., :: self.side][..., :length] for part in parts]
            x = reduce(torch.maximum, index).movedim(-1, axis)
        return x


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A module without its first layer."""

    first: nn.Module  # that layer
    name: str  # its path in the module
    inputs: tuple[torch.Tensor, ...]  # what it is called with, whatever the weights
    rest: nn.Module  # the module, with `Given` in the layer's place
    widest: int  # numbers that the widest layer of the rest gives


def split_first(objective: Objective) -> Split | None:
    """Take the first layer that is linear in its parameters out of a module; None where that is not exact.

    It is exact where the layer has its parameters alone, is called once, and with the same inputs at two
    different weights.
    """
    if objective.whole is not None or objective.seeded or not one_type(objective.module):
        return None
    weights = flatten(objective.module)
    seen = [_watched(objective, each) for each in (weights, 0.9 * weights)]
    if None in seen:
        return None
    (first, inputs, widest), (again, others, _) = seen  # type: ignore[misc]
    paths = [path for path, each in objective.module.named_modules(remove_duplicate=False) if each is first]
    if again is not first or len(paths) != 1:
        return None
    (name,), hooks = paths, (first._forward_hooks, first._forward_pre_hooks)
    own = [f"{name}.{each}" if name else each for each, _ in first.named_parameters()]
    shared = {*objective.tied, *objective.tied.values()}
    if any(hooks) or shared & set(own) or getattr(first, "max_norm", None) is not None:
        return None
    if len(inputs) != len(others) or not all(map(torch.equal, inputs, others)):
        return None
    with torch.no_grad():
        given = Given(first(*inputs))
    rest: nn.Module = given
    if name:
        try:
            rest = copy.deepcopy(objective.module)
        except (NotImplementedError, RuntimeError):  # it keeps an activation, which torch does not copy
            return None
        place, _, leaf = name.rpartition(".")
        setattr(rest.get_submodule(place), leaf, given)
    for path, each in list(rest.named_modules()) if objective.like.device.type == "cpu" else ():
        if path and (side := _blocks(each)):
            place, _, leaf = path.rpartition(".")
            setattr(rest.get_submodule(place), leaf, Maxima(side))
    return Split(first, name, inputs, rest, widest)


def by_first_layer(
    objective: Objective, plane: Plane, points: torch.Tensor, metric: bool
) -> torch.Tensor | None:
    """Return the losses (K,), or the metrics, at points (K, 2) of a plane; None where there is no short way.

    Losses at three of the points are also computed the long way. Where they differ there is none.
    """
    split = split_first(objective)
    if split is None:
        return None
    some = points[[0, len(points) // 2, -1]]
    origin, directions = objective.take(plane.origin), objective.take(plane.directions)
    plain = torch.cat([objective.values(origin + each @ directions) for each in some.split(1)])  # type: ignore[no-untyped-call]
    try:
        proved = torch.allclose(_values(objective, plane, some, split, False), plain, **_PROVED)  # type: ignore[arg-type]
        return _values(objective, plane, points, split, metric) if proved else None
    except Exception:  # whatever a module's own code raises where it misses its layer
        return None


def _watched(objective: Objective, weights: torch.Tensor) -> tuple[nn.Module, Any, int] | None:
    """Return which layer that is linear in its parameters comes first, its inputs, and the widest other."""
    calls: list[tuple[nn.Module, Any]] = []
    widths = [1]

    def before(layer: nn.Module, inputs: Any, options: Any) -> None:
        if type(layer) in _LINEAR:
            calls.append((layer, None if options else inputs))

    def after(layer: nn.Module, _inputs: Any, outputs: Any) -> None:
        if isinstance(outputs, torch.Tensor) and calls and layer is not calls[0][0]:
            widths.append(outputs.numel())

    hooks = []
    for each in objective.module.modules():
        hooks.append(each.register_forward_pre_hook(before, with_kwargs=True))
        hooks.append(each.register_forward_hook(after))
    try:
        with torch.no_grad():
            objective.outputs(unflatten(weights, objective.shapes))
    finally:
        for hook in hooks:
            hook.remove()
    layers = [layer for layer, _ in calls]
    if not layers or layers.count(layers[0]) > 1:
        return None
    inputs = calls[0][1]
    plain = inputs is not None and all(isinstance(each, torch.Tensor) for each in inputs)
    return (layers[0], inputs, max(widths)) if plain else None


def _values(
    objective: Objective, plane: Plane, points: torch.Tensor, split: Split, metric: bool
) -> torch.Tensor:
    parts = unflatten(objective.take(torch.cat((plane.origin[None], plane.directions))), objective.shapes)
    prefix = f"{split.name}." if split.name else ""
    inner = {name.removeprefix(prefix): each for name, each in parts.items() if name.startswith(prefix)}
    outer = {name: each.reshape(3, -1) for name, each in parts.items() if not name.startswith(prefix)}
    # A parameter that is not trained is the same all over the plane: nothing of it in the directions.
    still = {name: torch.zeros_like(each) for name, each in split.first.named_parameters()}
    base = torch.stack(
        [
            torch.func.functional_call(
                split.first,
                (still if k else {}) | {name: each[k] for name, each in inner.items()},
                split.inputs,
            )
            for k in range(3)
        ]
    )  # (3, n, *features)
    stack = _stack(objective.module, split.name) if base.ndim == 3 else None
    base = base.transpose(1, 2) if stack is not None else base
    shape, base = base.shape[1:], base.reshape(3, -1)
    quick = None if metric else quick_loss(objective)

    def by_feature(hidden: torch.Tensor, weights: Mapping[str, torch.Tensor]) -> torch.Tensor:
        for path, layer in stack or ():
            if isinstance(layer, nn.Linear):
                hidden = weights.get(f"{path}.weight", layer.weight) @ hidden
                if layer.bias is not None:
                    hidden = hidden + weights.get(f"{path}.bias", layer.bias)[:, None]
            else:
                hidden = layer(hidden)
        return objective.judge(hidden.T, metric) if quick is None else quick(hidden)

    def one(hidden: torch.Tensor, weights: Mapping[str, torch.Tensor]) -> torch.Tensor:
        every = dict(weights) | {path: weights[own] for path, own in objective.tied.items()}
        every[f"{prefix}outputs"] = hidden
        outputs = torch.func.functional_call(split.rest, every, (objective.x,), tie_weights=False)
        return objective.judge(outputs, metric) if quick is None else quick(outputs.T.contiguous())

    evaluate = one if stack is None else by_feature
    many = torch.func.vmap(evaluate)
    numbers = max(split.widest, base.shape[1]) + base.shape[1] + sum(each.shape[1] for each in outer.values())
    at_once = how_many(split.rest, base.element_size() * numbers, base.device) if objective.batched else 1
    values = []
    with torch.no_grad():
        for some in torch.split(points, at_once):
            three = torch.cat((torch.ones_like(some[:, :1]), some), dim=1)  # (K, 3): 1, a, b
            weights = {
                name: (three @ each).reshape(-1, *objective.shapes[name]) for name, each in outer.items()
            }
            hidden = (three @ base).reshape(-1, *shape)
            if len(some) > 1:
                values.append(many(hidden, weights))
            else:
                values.append(evaluate(hidden[0], {name: each[0] for name, each in weights.items()})[None])
    return torch.cat(values)


def _blocks(layer: nn.Module) -> int:
    """Return the side of the blocks that a layer pools, where these are squares side by side; else 0."""
    if type(layer) is not nn.MaxPool2d or layer._forward_hooks or layer._forward_pre_hooks:
        return 0
    sides = {*_pair(layer.kernel_size), *_pair(layer.stride)}
    plain = _pair(layer.padding) == (0, 0) and _pair(layer.dilation) == (1, 1)
    plain = plain and not layer.ceil_mode and not layer.return_indices
    return sides.pop() if plain and len(sides) == 1 else 0


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def _stack(module: nn.Module, name: str) -> list[tuple[str, nn.Module]] | None:
    """Return the layers behind the first one, where they can take a sample as a column: it is faster.

    These are sequences of linear layers and of such that act on each number by itself.
    """
    if type(module) is not nn.Sequential or any(each._forward_hooks for each in module):
        return None
    names = [path for path, _ in module.named_children()]
    if name not in names or len(names) != len(module):
        return None
    behind = list(module.named_children())[names.index(name) + 1 :]
    return behind if all(type(each) in (nn.Linear, *_BY_NUMBER) for _, each in behind) else None


def quick_loss(objective: Objective) -> Any:
    """Return the objective's loss of outputs by class (k, n), faster than torch for few classes; else None.

    Torch takes the logarithm of the sum over the classes of each sample by itself, which is most of the
    work of a small network. Here it is taken of all samples together.
    """
    loss, y = objective.loss, objective.y
    if isinstance(loss, Judge) and loss.call is nn.functional.cross_entropy and loss.fit == "as is":
        loss = nn.CrossEntropyLoss()  # the function is this with its defaults
    plain = (
        type(loss) is nn.CrossEntropyLoss
        and loss.weight is None
        and loss.reduction == "mean"
        and not loss.label_smoothing
        and y.ndim == 1
        and not y.is_floating_point()
        and bool((y >= 0).all())  # a negative class may be one to leave out
        and loss.ignore_index < 0
    )
    if not plain:
        return None

    def quick(by_class: torch.Tensor) -> torch.Tensor:
        return (by_class.logsumexp(dim=0) - by_class.gather(0, y[None])[0]).mean()

    return quick
