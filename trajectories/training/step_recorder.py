"""A recorder: it watches an optimizer through torch's own hooks and keeps what its steps did."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.networks.weights import flatten, layers, trainable
from ..descent.torch_optim import rate_of

if TYPE_CHECKING:
    from types import TracebackType

    import torch
    from numpy.typing import NDArray
    from torch import nn
    from torch.optim import Optimizer


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """What a recorder kept of one run: a row for every kept step and one for the end."""

    at: NDArray[np.int64]  # (rows,): the step of each row
    weights: torch.Tensor  # (rows, P), on the CPU wherever the run was
    gradients: torch.Tensor  # (rows - 1, P), on the CPU: as handed to the optimizer
    gradient_norms: NDArray[np.float64]  # (rows, L): of each layer; NaN in the last row
    update_ratios: NDArray[np.float64]  # (rows, L): length of a layer's step over length of its weights
    learning_rates: NDArray[np.float64]  # (steps,)
    batch_losses: NDArray[np.float64]  # (steps,); NaN where nobody said the loss


@dataclass(slots=True, eq=False)
class Recorder:
    """Keeps every ``stride``-th step of an optimizer; where that is too many, every other one is dropped.

    Use it as a context: the optimizer's steps inside are recorded.
    """

    module: nn.Module
    optimizer: Optimizer
    stride: int = 1
    fresh: bool = False  # gradients are those at the weights even where the optimizer is given a closure
    most: int | None = None  # steps that are kept at most; beyond it the stride doubles
    steps: int = 0  # steps made so far
    at: list[int] = field(default_factory=list)
    weights: list[torch.Tensor] = field(default_factory=list)  # (P,) each
    gradients: list[torch.Tensor] = field(default_factory=list)  # (P,) each
    norms: list[torch.Tensor] = field(default_factory=list)  # (L,) each
    ratios: list[torch.Tensor] = field(default_factory=list)  # (L,) each
    rates: list[float] = field(default_factory=list)
    losses: list[torch.Tensor | float] = field(default_factory=list)
    hooks: list[Any] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.hooks = [
            self.optimizer.register_step_pre_hook(self._before),
            self.optimizer.register_step_post_hook(self._after),
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for hook in self.hooks:
            hook.remove()

    def step(self, loss: torch.Tensor | float) -> None:
        """Note the loss of the batch that the last step, or the next one, goes down; call it once a step.

        Raises:
            DescentError: It is not one number, or there are more losses than steps.
        """
        if len(self.losses) > self.steps:
            raise DescentError(
                f"{len(self.losses) + 1} losses were noted, and the optimizer made {self.steps} steps: "
                "call step once for each step of the optimizer, not for each part of a batch"
            )
        if getattr(loss, "numel", lambda: 1)() != 1:
            raise DescentError(f"a loss is one number, not a tensor of shape {tuple(loss.shape)}")  # type: ignore[union-attr]
        self.losses.append(loss.detach().clone().reshape(()) if hasattr(loss, "detach") else float(loss))

    def _before(self, _: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        rates = [rate_of(group) for group in self.optimizer.param_groups]
        self.rates.append(
            rates[0] if len(set(rates)) == 1 else math.nan
        )  # groups differ: there is no one rate
        if self.steps % self.stride:
            return
        import torch

        weights, parameters = flatten(self.module), trainable(self.module).values()
        gradient = flatten(torch.zeros_like(each) if each.grad is None else each.grad for each in parameters)
        closed = (*args[1:], kwargs.get("closure"))[0] is not None  # args[0] is the optimizer
        if closed and not self.fresh:  # the closure will compute them; these are left over
            gradient = torch.full_like(gradient, math.nan)
        self.at.append(self.steps)
        self.weights.append(weights)
        self.gradients.append(gradient)
        self.norms.append(self._by_layer(gradient))

    def _after(self, *_: Any) -> None:
        if self.steps % self.stride == 0:
            before = self.weights[-1]
            self.ratios.append(self._by_layer(flatten(self.module) - before) / self._by_layer(before))
        self.steps += 1
        if self.most is not None and len(self.at) > self.most:
            self.stride *= 2
            for kept in (self.at, self.weights, self.gradients, self.norms, self.ratios):
                del kept[1::2]

    def _by_layer(self, values: torch.Tensor) -> torch.Tensor:
        """Return the norm of each layer's part of a flat vector, (L,)."""
        import torch

        return torch.stack([values[each.start : each.stop].norm() for each in layers(self.module)])

    def tape(self) -> Tape:
        """Return what was kept, with the weights as they are now for the last row."""
        import torch

        count = len(layers(self.module))
        losses = [float(loss) for loss in self.losses[: self.steps]]
        losses += [math.nan] * (self.steps - len(losses))
        last = flatten(self.module)
        return Tape(
            at=np.array([*self.at, self.steps], dtype=np.int64),
            weights=torch.stack([*self.weights, last]).cpu(),
            gradients=torch.stack([*self.gradients, last])[:-1].cpu(),  # there may be none
            gradient_norms=_rows(self.norms, count),
            update_ratios=_rows(self.ratios, count),
            learning_rates=np.array(self.rates, dtype=np.float64),
            batch_losses=np.array(losses, dtype=np.float64),
        )


def _rows(kept: list[torch.Tensor], count: int) -> NDArray[np.float64]:
    """Return the rows as NumPy with a row of NaN for the end, (rows, L)."""
    import torch

    last = np.full((1, count), np.nan)
    if not kept:
        return last
    return np.concatenate([torch.stack(kept).cpu().double().numpy(), last])
