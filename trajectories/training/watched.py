"""The parameters that a recorder watches: by name, because a loop may freeze, free, add and replace some."""

from __future__ import annotations

import weakref
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.networks.rows import Rows
from ...surfaces.networks.weights import BLOCK, as_row, flatten, length_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray
    from torch import nn
    from torch.optim import Optimizer

    from ...surfaces.networks.rows import Kept, Store

    Signature = tuple[weakref.ref[torch.Tensor], int]


class Watched:
    """The parameters of a module that training may change, or that an optimizer holds.

    They are lined up in the order in which they were found; `lined_up` brings rows into the module's order.
    """

    def __init__(self, module: nn.Module, optimizers: Sequence[Optimizer]) -> None:
        self._module = module
        self._optimizers = optimizers
        self._first: dict[str, torch.Tensor] = {}  # by name: its numbers (n,) when it was found
        self._now: dict[str, nn.Parameter] = {}
        self.look()

    @property
    def names(self) -> list[str]:
        """The parameters' paths, in the order of the module."""
        order = {name: place for place, (name, _) in enumerate(self._module.named_parameters())}
        return sorted(self._first, key=lambda name: order.get(name, len(order)))

    @property
    def sizes(self) -> dict[str, int]:
        """How many numbers each of the parameters has, by path."""
        return {name: len(each) for name, each in self._first.items()}

    def look(self) -> None:
        """Look for parameters that are new, or newly free to move.

        Raises:
            DescentError: One is gone, or has another size than it had.
        """
        from torch.nn.parameter import is_lazy

        held = set().union(*map(_held, self._optimizers))
        found = {name: each for name, each in self._module.named_parameters() if not is_lazy(each)}
        for name, first in self._first.items():
            if name not in found:
                raise DescentError(f"the model no longer has its parameter {name!r}")
            if (size := found[name].numel() * (1 + found[name].is_complex())) != len(first):
                raise DescentError(f"the parameter {name!r} had {len(first):,} numbers and now has {size:,}")
        for name, each in found.items():
            if name not in self._first and (each.requires_grad or id(each) in held):
                self._first[name] = flatten([each])
        self._now = {name: found[name] for name in self._first}

    @property
    def parameters(self) -> list[nn.Parameter]:
        """The parameters, in the order in which they are lined up."""
        return list(self._now.values())

    def weights(self, store: Store | None = None) -> torch.Tensor:
        """Return the parameters as they are now, (P,), in memory of a store where it has some."""
        return flatten(self._now.values(), self._spare(store))

    def gradient(self, optimizer: Optimizer, store: Store | None = None) -> torch.Tensor:
        """Return the gradients that an optimizer is handed now, (P,); 0 where there is none."""
        import torch

        held = _held(optimizer)
        parts = (
            each.grad if each.grad is not None and id(each) in held else torch.zeros_like(each)
            for each in self._now.values()
        )
        return flatten(parts, self._spare(store))

    def renew(self, gradient: torch.Tensor, optimizer: Optimizer) -> None:
        """Write into a gradient (P,) what one more optimizer is handed now, in place."""
        held, start = _held(optimizer), 0
        for name, each in self._now.items():
            stop = start + len(self._first[name])
            if id(each) in held and each.grad is not None and stop <= len(gradient):
                gradient[start:stop] = flatten([each.grad])
            start = stop

    def signature(self) -> Signature | None:
        """Return what tells whether gradients are still those of now; None where there are none."""
        first = next((each.grad for each in self._now.values() if each.grad is not None), None)
        return None if first is None else (weakref.ref(first), first._version)

    def same(self, seen: Signature | None) -> bool | None:
        """Say whether gradients are still those that a signature was made of; None where there are none."""
        now = self.signature()
        if seen is None or now is None:
            return None
        return seen[0]() is now[0]() and seen[1] == now[1]

    def changes(self) -> int:
        """Return how often the parameters were written to so far, as torch counts it."""
        return sum(each._version for each in self._now.values())

    def lengths(self, vector: torch.Tensor) -> torch.Tensor:
        """Return the length of each parameter's part of a vector (P,), in the order of finding, (N,)."""
        import torch

        return torch.stack([length_of(part) for part in self._parts(vector)])

    def moved(self, vector: torch.Tensor) -> torch.Tensor:
        """Return how far each parameter is from its part of a vector (P,), in the order of finding, (N,)."""
        import torch

        now = (as_row(each) for each in self._now.values())
        return torch.stack([_distance(a, b) for a, b in zip(now, self._parts(vector), strict=False)])

    def lined_up(self, store: Store, rows: Sequence[torch.Tensor | Kept], *, still: bool = True) -> Rows:
        """Return rows as (rows, P), in the order of the module.

        A parameter that was found later stood where it was found until then; with ``still`` False, as for
        gradients, rows from before have 0 for it.
        """
        import torch

        starts = dict(zip(self._first, accumulate(self.sizes.values(), initial=0), strict=False))
        firsts = ((name, self._first[name]) for name in self.names)
        parts = [(starts[name], first if still else torch.zeros_like(first)) for name, first in firsts]
        return Rows(store, rows, parts)

    def _spare(self, store: Store | None) -> torch.Tensor | None:
        every = self._first.values()
        if store is None or any(each.device.type != "cpu" for each in self._now.values()):
            return None
        (kind, *others) = {each.dtype for each in every}
        return None if others else store.spare(sum(map(len, every)), kind)

    def _parts(self, vector: torch.Tensor) -> tuple[torch.Tensor, ...]:
        sizes = list(self.sizes.values())
        return vector.split(sizes[: _count(sizes, len(vector))])  # type: ignore[no-untyped-call,no-any-return]

    def summed(self, lengths: Sequence[torch.Tensor | None], *, still: bool = False) -> NDArray[np.float64]:
        """Return the length of each layer from those of its parameters, (rows, L); NaN in rows without.

        Of a parameter that was found later the length is 0, or with ``still`` that which it was found with.
        """
        places = {name: place for place, name in enumerate(self._first)}
        table = np.full((len(lengths), len(places)), np.nan)
        for row, each in enumerate(lengths):
            if each is not None:
                table[row, : len(each)] = each.double().cpu().numpy()
                for place, first in enumerate(list(self._first.values())[len(each) :], len(each)):
                    table[row, place] = float(length_of(first)) if still else 0.0
        layers = [[places[name] for name in names] for _, names in groupby(self.names, _layer)]
        return np.stack([np.sqrt((table[:, some] ** 2).sum(axis=1)) for some in layers], axis=1)


def _held(optimizer: Optimizer) -> set[int]:
    return {id(each) for group in optimizer.param_groups for each in group["params"]}


def _layer(name: str) -> str:
    return name.rpartition(".")[0] or name


def _count(sizes: Sequence[int], length: int) -> int:
    """Return how many parts of these sizes a vector of a length is made of."""
    count = 0
    while length > 0:
        length -= sizes[count]
        count += 1
    return count


def _distance(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Return the length of the difference of two vectors, by blocks too.

    They stay in the processor's cache, where ``torch.dist`` of the whole takes four times as long.
    """
    import torch

    if one.device.type != "cpu" or len(one) <= BLOCK:
        return torch.dist(one, other)
    room = torch.empty(BLOCK, dtype=torch.result_type(one, other))
    blocks = zip(one.split(BLOCK), other.split(BLOCK), strict=True)  # type: ignore[no-untyped-call]
    return length_of(torch.stack([length_of(torch.sub(a, b, out=room[: len(a)])) for a, b in blocks]))
