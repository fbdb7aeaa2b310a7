"""Averages of another optimizer's points, which are what its user evaluates: by torch.optim.swa_utils."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch.optim import Optimizer
    from torch.optim.swa_utils import AveragedModel


class _Average:
    """Steps as the optimizer inside does, and then lets ``AveragedModel`` take the new point in."""

    def __init__(self, optimizer: Optimizer, average: Callable[[Any], AveragedModel], start: int) -> None:
        from torch import nn

        self.optimizer = optimizer
        self._moved: list[torch.Tensor] = [
            each for group in optimizer.param_groups for each in group["params"]
        ]
        # The same memory as the parameters; the average is a copy.
        self._module = nn.ParameterList(self._moved)
        self._average = average(self._module)
        self._start, self._steps = start, 0
        self._trained: list[torch.Tensor] | None = None  # where training goes on, while evaluated

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Those of the optimizer inside."""
        return self.optimizer.param_groups

    @property
    def state(self) -> Any:
        """What the optimizer inside holds."""
        return self.optimizer.state

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients."""
        self.optimizer.zero_grad(set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make a step, and take its point into the average."""
        made: Any = self.optimizer.step() if closure is None else self.optimizer.step(closure)
        self._steps += 1
        if self._steps >= self._start:
            self._average.update_parameters(self._module)
        return made

    def eval(self) -> None:
        """Put the average in place of the parameters; before there is one they stay."""
        if self._trained is None and int(self._average.n_averaged) > 0:
            self._trained = [each.detach().clone() for each in self._moved]
            self._put(list(self._average.module.parameters()))

    def train(self) -> None:
        """Put the parameters back where training goes on."""
        if self._trained is not None:
            self._put(self._trained)
            self._trained = None

    def _put(self, values: list[torch.Tensor]) -> None:
        import torch

        with torch.no_grad():
            for each, value in zip(self._moved, values, strict=True):
                each.copy_(value)


class EMA(_Average):
    """Exponential moving average, by ``get_ema_multi_avg_fn``.

    Args:
        optimizer: What makes the steps.
        decay: The share of the average that is kept at each step; the first point is taken whole.
    """

    def __init__(self, optimizer: Optimizer, decay: float = 0.999) -> None:
        from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

        keep: Any = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        super().__init__(optimizer, lambda module: AveragedModel(module, multi_avg_fn=keep), 0)


class SWA(_Average):
    """Stochastic weight averaging: the mean of all points from a step on, each with the same weight.

    Args:
        optimizer: What makes the steps.
        start: The first step whose point counts. With 0 it is the mean of all, as Polyak and Ruppert have it.

    References:
        Izmailov et al., Averaging weights leads to wider optima and better generalization, 2018.
    """

    def __init__(self, optimizer: Optimizer, start: int = 0) -> None:
        from torch.optim.swa_utils import AveragedModel

        if start < 0:
            raise ValueError(f"start is a step, at least 0, and not {start}")
        super().__init__(optimizer, AveragedModel, start)
