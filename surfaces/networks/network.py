"""A network with its data and its loss: what is optimized where that is no analytic surface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import nn

    from ..data.dataset import Data


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A target: a module with its first weights, the data it learns from, and the loss."""

    name: str  # the spec that builds it again, for example "mlp:hidden=16/16,activation=tanh"
    module: nn.Module  # with the weights that every run starts from; runs train copies of it
    data: Data
    loss: nn.Module  # (outputs, y) -> the mean loss, a scalar tensor
    loss_name: str  # "cross entropy", "MSE", "HuberLoss"
    metric: str  # "accuracy" (share of right answers) or "RMSE"; empty where neither fits
    whole: Callable[[nn.Module], torch.Tensor] | None = None  # module -> loss, where outputs do not tell it
    many: bool = False  # whether that may be worked out for many weights at once
    modes: bool = False  # whether norm layers in evaluation mode keep their running statistics

    @property
    def parameters(self) -> int:
        """How many trainable numbers the module has; a complex one counts twice."""
        return sum(
            each.numel() * (1 + each.is_complex()) for each in self.module.parameters() if each.requires_grad
        )
