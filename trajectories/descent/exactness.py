"""Whether a surface gives the very same numbers for many points at once as for each point alone.

Additions, products, quotients and square roots are rounded correctly by every processor, so it does not
matter how many points are computed together. Sines, exponentials and general powers are approximations, and
torch may use another one for whole vectors of numbers than for the few that are left over: with torch 2.13
on x86, only general powers (``x**4``) differ, by about one unit in the last place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from ...surfaces.surface import Surface

# Operations whose every result is one correctly rounded number of its own operands, or a copy of one.
EXACT = frozenset(
    {
        *("abs", "add", "ceil", "clamp", "clamp_max", "clamp_min", "div", "floor", "maximum", "minimum"),
        *("mul", "neg", "reciprocal", "relu", "rsub", "sgn", "sign", "sqrt", "sub", "threshold_backward"),
        *("trunc", "eq", "ge", "gt", "le", "lt", "ne", "logical_and", "logical_not", "logical_or", "where"),
        *("bitwise_and", "bitwise_not", "bitwise_or", "isfinite", "isnan", "masked_fill"),
        *("alias", "as_strided", "cat", "clone", "copy", "detach", "empty_like", "expand", "fill", "full"),
        *("full_like", "new_full", "new_zeros", "ones_like", "permute", "scalar_tensor", "select"),
        *("select_backward", "slice", "slice_backward", "split", "squeeze", "stack", "t", "transpose"),
        *("unbind", "unsqueeze", "view", "zero", "zeros", "zeros_like", "_to_copy", "lift_fresh"),
    }
)
# x**2 and x**3 are products, x**0.5 is a square root and x**-1 a quotient; other powers are approximated.
EXACT_POWERS = (-1, 0, 0.5, 1, 2, 3)
_POINTS = 7  # how many points are compared; an odd number, so that some are left over from any vector


def gives_the_same(surface: Surface, like: torch.Tensor) -> bool:
    """Say whether loss and gradient of many points are sure to equal those of each point, bit for bit.

    Every operation of loss and gradient must be one that is rounded correctly, in the precision of the run;
    and for a few points both are computed in both ways and compared.

    Args:
        surface: The loss.
        like: A tensor whose device and dtype are used.

    >>> import torch
    >>> from descent.surfaces import get
    >>> [gives_the_same(get(name), torch.zeros(2)) for name in ("beale", "ackley")]
    [True, False]
    """
    from torch.utils._python_dispatch import TorchDispatchMode

    operations: list[bool] = []

    class Look(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(
            self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            result = func(*args, **(kwargs or {}))
            operations.append(_is_exact(func, args, kwargs or {}, result, like.dtype))
            return result

    points = _places(surface, like)
    try:
        with Look():  # type: ignore[no-untyped-call]
            evaluate(surface, points)
    except Exception:
        return False
    return all(operations) and compare(surface, points) == 0.0


def compare(surface: Surface, points: torch.Tensor) -> float:
    """Return by how much loss and gradient of points (N, 2) differ when each is computed alone.

    The largest difference, in parts of the largest loss or gradient; infinite when many points at once
    cannot be computed, or when numbers are finite in one way only.
    """
    import torch

    try:
        together = torch.cat([part.reshape(len(points), -1) for part in evaluate(surface, points)], dim=1)
        alone = torch.stack([torch.cat([p.reshape(-1) for p in evaluate(surface, one)]) for one in points])
    except Exception:
        return float("inf")
    both = together.isfinite() & alone.isfinite()
    odd = ~both & (together != alone) & ~(together.isnan() & alone.isnan())
    if bool(odd.any()):
        return float("inf")
    apart = torch.where(both, together - alone, 0.0).abs().amax(0)
    size = torch.where(both, alone, 0.0).abs().amax(0)
    return float((apart / size.clamp_min(torch.finfo(points.dtype).tiny)).max())


def takes_many(surface: Surface, like: torch.Tensor) -> bool:
    """Say whether a surface computes each of many points as if it were alone, but for rounding."""
    import torch

    most: float = torch.finfo(like.dtype).eps ** 0.5
    return compare(surface, _places(surface, like)) <= most


def evaluate(surface: Surface, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return loss (...) and gradient (..., 2) at points (..., 2)."""
    import torch

    with torch.enable_grad():
        leaf = points.detach().clone().requires_grad_()
        loss = surface(leaf)
        (gradient,) = torch.autograd.grad(loss, leaf, torch.ones_like(loss))
    return loss.detach(), gradient


def _places(surface: Surface, like: torch.Tensor) -> torch.Tensor:
    """Return points (N, 2) that lie about in the view, no two in a line with an axis."""
    (x0, x1), (y0, y1) = surface.view
    parts = [((n + 0.5) / _POINTS, ((3 * n + 1) % _POINTS + 0.4) / _POINTS) for n in range(_POINTS)]
    return like.new_tensor([(x0 + a * (x1 - x0), y0 + b * (y1 - y0)) for a, b in parts])


def _is_exact(
    func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, dtype: torch.dtype
) -> bool:
    import torch

    tensors = [each for each in (*args, *kwargs.values(), result) if isinstance(each, torch.Tensor)]
    if any(each.is_floating_point() and each.dtype != dtype for each in tensors):
        return False  # a number that is more precise alone than as one of many
    name: str = func.overloadpacket.__name__.removesuffix("_")
    if name == "pow":
        exponent: object = args[1]
        return isinstance(exponent, int | float) and exponent in EXACT_POWERS
    # A multiple that is added may be rounded once or twice.
    once = bool(kwargs.get("alpha", 1) in (1, -1))
    return once and name in EXACT and "rounding_mode" not in kwargs
