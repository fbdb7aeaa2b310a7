"""Loss and gradient where the parameter stands, handed to an optimizer in the form that it takes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ..optimizers.faces import evaluated
from .default_optimizers import no_gradient
from .torch_optim import SPARSE, reason_of, torchs_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import torch
    from torch.optim import Optimizer

    from ...surfaces.surface import Surface
    from ..specs.optimizer_spec import OptimizerSpec
    from .needs import Way


def clip_gradients(parameters: Iterable[torch.Tensor], most: float) -> None:
    """Shorten the gradient of all parameters together to a norm, where it is longer; NaN stays NaN."""
    from torch.nn.utils import clip_grad_norm_

    clip_grad_norm_(parameters, most)


class _EnoughError(Exception):
    """Ends a step that was only begun to see where it takes its gradient."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Where an optimizer that is given a closure took the gradient of its step."""

    point: torch.Tensor  # of the parameter's shape, as the others
    gradient: torch.Tensor
    loss: torch.Tensor  # ()


@dataclass(slots=True)
class Evaluator:
    """One parameter on one surface: how its gradient is computed, and how an optimizer is given it."""

    surface: Surface
    spec: OptimizerSpec
    parameter: torch.Tensor  # a leaf with as many numbers as the surface has parameters
    optimizer: Optimizer
    noise: Iterator[torch.Tensor] | None  # added to the gradient after each backward pass, of its size
    way: Way  # whether steps are given a closure, which is called as often as they like, and graphs kept
    # Whether a step with a closure uses the gradient that is there before it, or only those that it asks for.
    uses_given: Callable[[], bool] = lambda: True
    passes: int = 0  # backward passes so far
    taken: Taken | None = None  # where the last step took its gradient; None: at the point where it began
    _drawn: list[torch.Tensor] = field(default_factory=list)  # noise of the last `evaluate`
    _before: torch.Tensor | float = 0.0  # the gradient before it, where that is not cleared

    def evaluate(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Clear the gradient, compute it again, and return the loss and the sum over the backward passes."""
        self._drawn = []
        if self.spec.zero_grad:
            self.optimizer.zero_grad()
        elif self.way.closure and self.parameter.grad is not None:
            self._before = self.parameter.grad.clone()
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
        if self.way.graph:
            self._backward_with_graph(loss)
        else:
            loss.backward()  # type: ignore[no-untyped-call]
        self.passes += 1
        if self.noise is not None:
            assert self.parameter.grad is not None
            self._drawn.append(next(self.noise))
            added = self._drawn[-1].view_as(self.parameter)
            if self.way.graph:
                self.parameter.grad = self.parameter.grad + added
            else:
                self.parameter.grad.add_(added)
        return loss

    def _backward_with_graph(self, loss: torch.Tensor) -> None:
        """Do as ``backward(create_graph=True)``, which warns of a circle that ends with the next pass."""
        import torch

        before = self.parameter.grad
        (fresh,) = torch.autograd.grad(loss, self.parameter, create_graph=True)
        self.parameter.grad = fresh if before is None else before + fresh

    def look(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the point that an optimizer's user would evaluate after a step, and the loss there."""
        import torch

        with torch.no_grad(), torchs_words(self.spec.name), evaluated(self.optimizer, [self.parameter]):
            return self.parameter.detach().clone(), self._loss()

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
            if self.way.closure:
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
            raise DescentError(f"{self.spec.name} cannot run like this: {reason_of(error)}") from error
        return True

    def peek(self, total: torch.Tensor) -> Taken | None:
        """Return where the next step would take its gradient; None where it stands, or where nobody knows.

        The step is begun and given up, so that this is the last that can be done with the optimizer.
        """
        if self.taken is None:
            return None
        self.taken = None
        with suppress(Exception):
            self.optimizer.step(self._closure([total], peek=True))
        return self.taken

    def _closure(self, totals: list[torch.Tensor], *, peek: bool = False) -> Any:
        import torch

        # Values, not versions: some optimizers write through ``.data``, which torch does not count.
        begun, self.taken, first = self.parameter.detach().clone(), None, True

        def closure() -> torch.Tensor:
            # The optimizer first asks for what was just computed, if it has not gone elsewhere since.
            nonlocal first
            was_first, first = first, False
            here = bool(((self.parameter == begun) | begun.isnan()).all())
            if was_first and here:
                return totals[-1]
            unused = was_first and not self.uses_given()
            if unused:  # what was computed before the step counts for nothing
                self.passes -= self.spec.accumulate
                self._give_back()
            with torch.enable_grad():  # some call it where no gradient is computed
                totals.append(self.evaluate()[1].detach())
            if unused:
                assert self.parameter.grad is not None
                point, gradient = self.parameter.detach().clone(), self.parameter.grad.clone()
                self.taken = Taken(point, gradient, totals[-1] / self.spec.accumulate)
                if peek:
                    raise _EnoughError
            return totals[-1]

        return closure

    def _give_back(self) -> None:
        """Undo the last `evaluate`: its noise will be drawn again, and its gradient is gone."""
        if self.noise is not None:
            self.noise = chain(self._drawn, self.noise)
        if not self.spec.zero_grad:
            assert self.parameter.grad is not None
            self.parameter.grad.fill_(0.0).add_(self._before)

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
