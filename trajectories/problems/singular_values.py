"""The singular values of one matrix and of the steps that an optimizer makes with it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    import torch
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    There = Callable[[], AbstractContextManager[None]]


@dataclass(slots=True, eq=False)
class SingularValues:
    """Keeps what every ``stride``-th step does to a matrix; call `before` and `after` around each step."""

    matrix: torch.Tensor | None  # (h, w), the parameter itself; None: nothing is kept
    stride: int
    steps: int = 0
    _begun: torch.Tensor | None = None  # the matrix before a step that is kept
    _of_weights: list[Array] = field(default_factory=list)  # (K,) each, K the smaller of h and w
    _of_steps: list[Array] = field(default_factory=list)

    def before(self, there: There = nullcontext) -> None:
        """Look at the matrix before a step, where an optimizer's user would: ``there`` puts it there."""
        if self.matrix is not None and self.steps % self.stride == 0:
            self._begun = self.matrix.detach().clone()
            with there():
                self._of_weights.append(singular_values(self.matrix.detach()))

    def after(self) -> None:
        """Look at it after the step."""
        self.steps += 1
        if self.matrix is not None and self._begun is not None:
            self._of_steps.append(singular_values(self.matrix.detach() - self._begun))
            self._begun = None

    def arrays(self, there: There = nullcontext) -> tuple[Array, Array]:
        """Return the singular values of the steps and of the matrix, the largest first, (rows, K) each.

        The last row is the end: there the steps have NaN. Without a matrix both are (0, 0).
        """
        if self.matrix is None:
            return np.empty((0, 0)), np.empty((0, 0))
        with there():
            end = singular_values(self.matrix.detach())
        none = np.full_like(end, np.nan)
        return np.stack([*self._of_steps, none]), np.stack([*self._of_weights, end])


def singular_values(matrix: torch.Tensor) -> Array:
    """Return the singular values of a matrix (h, w), the largest first; NaN where it is not finite.

    >>> import torch
    >>> singular_values(torch.tensor([[3.0, 0.0], [0.0, -4.0], [0.0, 0.0]])).tolist()
    [4.0, 3.0]
    """
    import torch

    if not bool(matrix.isfinite().all()):
        return np.full(min(matrix.shape), np.nan)
    found: Array = torch.linalg.svdvals(matrix.to("cpu", torch.float64)).numpy()
    return found
