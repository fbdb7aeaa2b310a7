"""A problem: a loss of many parameters that needs no data, with everything that is known about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..data.dataset import Data, Part
from ..networks.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import nn


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A loss as a function of a module's parameters alone: the module is called without arguments."""

    name: str  # the spec that builds it again, for example "factorization:rank=3"
    build: Callable[[torch.Generator], nn.Module]  # gives the module in float64, with its first parameters
    specs: tuple[str, ...]  # optimizers that suit it, with their rates
    latex: str = ""  # the formula, without dollar signs
    reference: str = ""  # where formula and minimum come from
    start: str = ""  # where descents begin, in words
    minimum: float | None = None  # the lowest loss there is, or its infimum; None: unknown
    attained: bool = True  # whether some parameters have that loss; else it is only approached
    minimizer: torch.Tensor | None = None  # (P,): parameters that have it; None: unknown, or there are none
    not_smooth: str = ""  # where the gradient jumps or does not exist; empty for a smooth loss
    judge: Callable[[nn.Module], str] | None = field(default=None, repr=False)  # what came of it, in words


def network_of(problem: Problem, seed: int) -> Network:
    """Return a problem as the training of networks takes it: one sample that nothing reads.

    Args:
        problem: What is descended.
        seed: Starts what the first parameters draw; global generators are left as they are.
    """
    import torch
    from torch import nn

    nothing = torch.zeros(1, 1, dtype=torch.float64)
    part, none = Part(nothing, nothing), Part(nothing[:0], nothing[:0])
    data = Data("", "regression", part, none, none, (), 0)
    module = problem.build(torch.Generator().manual_seed(seed))
    return Network(problem.name, module, data, nn.Identity(), "", "", whole=loss_of, many=True)


def loss_of(module: nn.Module) -> torch.Tensor:
    """Return the loss of a problem's module, a scalar."""
    loss: torch.Tensor = module()
    return loss
