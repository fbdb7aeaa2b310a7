"""The rate above which plain gradient descent diverges, where theory knows it: on quadratic surfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from ...surfaces.surface import Surface
    from ..specs.optimizer_spec import OptimizerSpec

_POINTS = 16


def stability_bound(surface: Surface, spec: OptimizerSpec) -> float | None:
    """Return 2 / lambda_max of the Hessian for plain SGD on a quadratic with a minimum; None otherwise.

    Below this rate, gradient descent converges from everywhere; above it, it diverges from almost
    everywhere. Gradients that are summed over several backward passes lower it accordingly.

    Args:
        surface: The loss.
        spec: The optimizer. Plain is SGD that was given nothing but a rate.

    References:
        Goh 2017, Why momentum really works, doi:10.23915/distill.00006

    >>> from descent.surfaces import get
    >>> from descent import OptimizerSpec
    >>> stability_bound(get("quadratic:condition=20"), OptimizerSpec.parse("sgd"))
    0.1
    """
    plain = spec.name == "sgd" and not spec.schedules and spec.zero_grad
    if not plain or any(key not in ("lr", "foreach", "fused") for key, _ in spec.options):
        return None
    steepest = curvature(surface)
    return None if steepest is None else 2 / steepest / spec.accumulate


def curvature(surface: Surface) -> float | None:
    """Return the Hessian's largest eigenvalue, or None unless the surface is a quadratic with a minimum.

    Hessian and gradient are taken at points all over the view: the Hessian must be the same everywhere,
    and the gradient must change as it says, which a surface with a kink does not.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    count, sides = surface.parameters, surface.view[: surface.parameters]
    low, high = (torch.tensor(corner, dtype=torch.float64) for corner in zip(*sides, strict=True))
    points = low + (high - low) * torch.rand((_POINTS, count), generator=generator, dtype=torch.float64)
    try:
        pairs = [_slope_and_hessian(surface, point) for point in points]
    except Exception:  # a function that torch cannot differentiate twice is no quadratic
        return None
    slopes, hessians = (torch.stack(parts) for parts in zip(*pairs, strict=True))
    first = hessians[0]
    expected = slopes[0] + (points - points[0]) @ first
    if not torch.allclose(hessians, first.expand_as(hessians), rtol=1e-9, atol=1e-12):
        return None
    if not torch.allclose(slopes, expected, rtol=1e-9, atol=1e-9 * float(slopes.abs().max())):
        return None
    curvatures = torch.linalg.eigvalsh((first + first.T) / 2).tolist()
    lowest, highest = float(curvatures[0]), float(curvatures[-1])
    return highest if highest > 0 and lowest >= -1e-12 * highest else None


def _slope_and_hessian(surface: Surface, point: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return gradient (P,) and Hessian (P, P) at a point (P,)."""
    import torch

    with torch.enable_grad():
        leaf = point.clone().requires_grad_()
        (slope,) = torch.autograd.grad(surface(leaf), leaf, create_graph=True)
        rows = [torch.autograd.grad(part, leaf, retain_graph=True)[0] for part in slope]
    return slope.detach(), torch.stack(rows)
