"""A network's trainable numbers as one flat vector, and back: which layer owns which part of it.

A complex parameter counts as its real and imaginary parts, side by side in a last dimension of 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import torch
    from torch import nn

BLOCK = 1 << 18  # numbers that are taken together where many are: 1 MB of float32
Shapes = dict[str, tuple[int, ...]]  # path of a parameter -> its shape, in the order of the flat vector


@dataclass(frozen=True, slots=True)
class Layer:
    """A run of the flat vector that belongs to one layer."""

    name: str  # path of the submodule ("hidden1"), or of the parameter where the root itself owns it
    start: int  # first place in the flat vector
    stop: int  # one past the last

    @property
    def size(self) -> int:
        """How many numbers the layer has."""
        return self.stop - self.start


def trainable(module: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters that training changes, by path; one that layers share comes once."""
    return {name: each for name, each in module.named_parameters() if each.requires_grad}


def shapes(module: nn.Module) -> Shapes:
    """Return the shapes of the trainable parameters in the order in which `flatten` lines them up."""
    return {
        name: (*each.shape, 2) if each.is_complex() else tuple(each.shape)
        for name, each in trainable(module).items()
    }


def flatten(source: nn.Module | Iterable[torch.Tensor], out: torch.Tensor | None = None) -> torch.Tensor:
    """Return the trainable parameters of a module, or some tensors, dense or sparse, as one vector (P,).

    Args:
        source: What has them.
        out: The vector to write them into; a new one when None.

    >>> from torch import nn
    >>> flatten(nn.Linear(3, 2)).shape
    torch.Size([8])
    """
    import torch

    tensors = trainable(source).values() if isinstance(source, torch.nn.Module) else source
    return torch.cat([as_row(each) for each in tensors], out=out)


def length_of(vector: torch.Tensor) -> torch.Tensor:
    """Return the length of a vector (P,), as a tensor without dimensions.

    By blocks on the CPU: there a float32 norm of torch adds the squares up in few sums, and of ten million
    equal numbers it is 0.8 % off.
    """
    import torch

    if vector.device.type != "cpu" or len(vector) <= BLOCK:
        return vector.norm()  # type: ignore[no-any-return]
    return length_of(torch.stack([length_of(part) for part in vector.split(BLOCK)]))  # type: ignore[no-untyped-call]


def as_row(tensor: torch.Tensor) -> torch.Tensor:
    """Return a dense, sparse or complex tensor as a vector of real numbers; a view where that can be."""
    return _real(tensor.detach()).reshape(-1)


def _real(tensor: torch.Tensor) -> torch.Tensor:
    import torch

    dense = tensor.to_dense() if tensor.layout is not torch.strided else tensor
    return torch.view_as_real(dense.resolve_conj()) if dense.is_complex() else dense


def unflatten(weights: torch.Tensor, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """Cut weights (..., P) into views (..., *shape) by the parameters' paths.

    >>> import torch
    >>> {name: each.tolist() for name, each in unflatten(torch.arange(3), {"w": (1, 2), "b": (1,)}).items()}
    {'w': [[0, 1]], 'b': [2]}
    """
    parts, start = {}, 0
    for name, shape in shapes.items():
        stop = start + prod(shape)
        parts[name] = weights[..., start:stop].reshape((*weights.shape[:-1], *shape))
        start = stop
    return parts


def layers(module: nn.Module) -> tuple[Layer, ...]:
    """Return the layers that own trainable parameters, in the order of the flat vector.

    >>> from torch import nn
    >>> layers(nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1)))
    (Layer(name='0', start=0, stop=8), Layer(name='2', start=8, stop=11))
    """
    found: list[Layer] = []
    start = 0
    for path, shape in shapes(module).items():
        name, stop = _owner(path), start + prod(shape)
        if found and found[-1].name == name:
            found[-1] = Layer(name, found[-1].start, stop)
        else:
            found.append(Layer(name, start, stop))
        start = stop
    return tuple(found)


def by_layer(vector: torch.Tensor, module: nn.Module) -> list[float]:
    """Return the length of each layer's part of a vector (P,), in the order of `layers`."""
    parts = unflatten(vector, shapes(module))
    squares = {path: float(length_of(part.reshape(-1))) ** 2 for path, part in parts.items()}
    return [math.sqrt(sum(squares[path] for path in some)) for _, some in groupby(parts, _owner)]


def _owner(path: str) -> str:
    return path.rpartition(".")[0] or path


def load(module: nn.Module, weights: torch.Tensor) -> None:
    """Write flat weights (P,) into a module, in place."""
    import torch

    parts = unflatten(weights, shapes(module))
    with torch.no_grad():
        for name, parameter in trainable(module).items():
            part = parts[name]
            parameter.copy_(torch.complex(part[..., 0], part[..., 1]) if parameter.is_complex() else part)
