"""Gradient and Hessian of a surface at some points, for what is said of where runs ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ...surfaces.surface import Surface


def slopes(surface: Surface, points: ArrayLike) -> NDArray[np.float64]:
    """Return gradient and Hessian of the loss, without noise or clipping, in float64 on the CPU.

    Args:
        surface: What is descended.
        points: Shape (n, 2).

    Returns:
        Shape (n, 3, 2): for each point the gradient and below it the Hessian's two rows; NaN where the loss
        has none. Of one parameter what belongs to the other is 0.
    """
    import torch

    places = np.asarray(points, dtype=np.float64)
    found = np.zeros((len(places), 3, 2))
    count = surface.parameters
    at = torch.tensor(places[:, :count], dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        (gradients,) = torch.autograd.grad(surface(at).sum(), at, create_graph=True)
        found[:, 0, :count] = gradients.detach().numpy()
        for axis in range(count):
            if gradients.requires_grad:
                (rows,) = torch.autograd.grad(
                    gradients[:, axis].sum(), at, retain_graph=True, allow_unused=True
                )
                found[:, 1 + axis, :count] = 0.0 if rows is None else rows.detach().numpy()
    return found
