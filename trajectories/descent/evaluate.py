"""Loss and gradient where the parameter stands, handed to an optimizer in the form that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from .default_optimizers import no_gradient
from .torch_optim import SPARSE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import torch
    from torch.optim import Optimizer

    from ...surfaces.surface import Surface
    from ..specs.optimizer_spec import OptimizerSpec


def clip_gradients(parameters: Iterable[torch.Tensor], most: float) -> None:
    """Shorten the gradient of all parameters together to a norm, where it is longer; NaN stays NaN."""
    from torch.nn.utils import clip_grad_norm_

    clip_grad_norm_(parameters, most)


@dataclass(slots=True)
class Evaluator:
    """One parameter on one surface: how its gradient is computed, and how an optimizer is given it."""

    surface: Surface
    spec: OptimizerSpec
    parameter: torch.Tensor  # a leaf with as many numbers as the surface has parameters
    optimizer: Optimizer
    noise: Iterator[torch.Tensor] | None  # added to the gradient after each backward pass, of its size
    wants_closure: bool  # the optimizer computes loss and gradient itself, as often as it likes
    passes: int = 0  # backward passes so far

    def evaluate(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Clear the gradient, compute it again, and return the loss and the sum over the backward passes."""
        if self.spec.zero_grad:
            self.optimizer.zero_grad()
        loss = total = self._backward()
        for _ in range(self.spec.accumulate - 1):
            loss = self._backward()
            total = total + loss
        if self.spec.clip is not None:
            clip_gradients([self.parameter], self.spec.clip)
        return loss, total

    def _backward(self) -> torch.Tensor:
        loss = self._loss()
        if not loss.requires_grad:
            raise no_gradient(self.surface)
        loss.backward()  # type: ignore[no-untyped-call]
        self.passes += 1
        if self.noise is not None:
            assert self.parameter.grad is not None
            self.parameter.grad.add_(next(self.noise).view_as(self.parameter))
        return loss

    def _loss(self) -> torch.Tensor:
        point = self.parameter if self.parameter.ndim == 1 else self.parameter.view(-1)
        return self.surface(point)

    def step(self, total: torch.Tensor) -> bool:
        """Let the optimizer make one update from the gradient of the last `evaluate`, whose sum is ``total``.

        Returns:
            False when the optimizer gave up on numbers that are not finite.

        Raises:
            DescentError: The optimizer raised while all numbers were finite.
        """
        totals = [total]
        try:
            if self.wants_closure:
                self.optimizer.step(self._closure(totals))
            elif self.spec.name in SPARSE:
                self._sparse_step()
            else:
                self.optimizer.step()
        except DescentError:
            raise
        except Exception as error:
            if not self._finite(totals):
                return False
            reason = " ".join(str(error).split()) or type(error).__name__
            raise DescentError(f"{self.spec.name} cannot run like this: {reason}") from error
        return True

    def _closure(self, totals: list[torch.Tensor]) -> Any:
        version: int | None = self.parameter._version

        def closure() -> torch.Tensor:
            # The optimizer first asks for what was just computed, at a point that it has not changed since.
            nonlocal version
            known, version = version == self.parameter._version, None
            if not known:
                totals.append(self.evaluate()[1].detach())
            return totals[-1]

        return closure

    def _sparse_step(self) -> None:
        import torch

        dense = self.parameter.grad
        assert dense is not None
        row = torch.zeros((1, 1), dtype=torch.int64, device=dense.device)
        self.parameter.grad = torch.sparse_coo_tensor(row, dense, dense.shape, check_invariants=False)
        try:
            self.optimizer.step()
        finally:
            self.parameter.grad = dense

    def _finite(self, totals: list[torch.Tensor]) -> bool:
        gradient = [] if self.parameter.grad is None else [self.parameter.grad]
        return all(bool(tensor.isfinite().all()) for tensor in [self.parameter, *gradient, *totals])
