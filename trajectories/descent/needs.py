"""What a step of an optimizer needs, found by trying it once on a small problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .torch_optim import build_optimizer

if TYPE_CHECKING:
    import torch

    from ..specs.optimizer_spec import OptimizerSpec

_STEPS = 3


def uses_given_gradient(spec: OptimizerSpec) -> bool:
    """Say whether a step with a closure uses the gradient that is there before it.

    It does where another one leads elsewhere; SAM's second pass is such a closure, and that of Schedule-Free
    optimizers which go to the training point by themselves is not.

    Args:
        spec: A completed spec of an optimizer that needs a closure.
    """
    return not _ends_alike(spec)


def _ends_alike(spec: OptimizerSpec) -> bool:
    import torch

    ends = []
    for factor in (1.0, -3.0):
        parameter = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
        optimizer = build_optimizer(spec, [parameter])
        for _ in range(_STEPS):
            optimizer.zero_grad()
            _loss(parameter).backward()  # type: ignore[no-untyped-call]
            assert parameter.grad is not None
            parameter.grad.mul_(factor)

            def closure(parameter: torch.Tensor = parameter) -> torch.Tensor:
                parameter.grad = None
                loss = _loss(parameter)
                loss.backward()  # type: ignore[no-untyped-call]
                return loss

            try:
                optimizer.step(closure)  # type: ignore[arg-type]  # torch says float, and takes tensors
            except Exception:
                return False
        ends.append(parameter.detach().clone())
    return bool(torch.equal(*ends))


def _loss(point: torch.Tensor) -> torch.Tensor:
    """Return the height of a bowl that is steeper along y, at a point (2,)."""
    return (point * point * point.new_tensor([0.5, 2.0])).sum()
