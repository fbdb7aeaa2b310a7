"""What a run writes down as it goes: one buffer on its device, moved to NumPy once at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Log:
    """Point, loss and gradient of every row, and the rate of every step."""

    rows: torch.Tensor  # (steps + 1, 5): point, gradient, loss; NaN where a run did not get to
    points: torch.Tensor  # (steps + 1, 2), a view of rows
    gradients: torch.Tensor  # (steps + 1, 2), a view of rows
    losses: torch.Tensor  # (steps + 1,), a view of rows
    rates: list[float] = field(default_factory=list)

    @classmethod
    def empty(cls, steps: int, parameter: torch.Tensor) -> Self:
        """Return a log for so many steps of a parameter, on the parameter's device and in its precision.

        Where the parameter has one number, y and the gradient along it are 0.
        """
        rows = parameter.detach().new_full((steps + 1, 5), float("nan"))
        numbers = parameter.numel()
        rows[:, numbers:2] = rows[:, 2 + numbers : 4] = 0.0
        return cls(rows, rows[:, 0:2], rows[:, 2:4], rows[:, 4])

    def write(self, k: int, parameter: torch.Tensor, loss: torch.Tensor) -> None:
        """Write row k: the parameter with its gradient, one or two numbers in any shape, and the loss."""
        assert parameter.grad is not None
        numbers = parameter.numel()
        self.points[k, :numbers].copy_(parameter.detach().view(-1))
        self.gradients[k, :numbers].copy_(parameter.grad.view(-1))
        self.losses[k].copy_(loss.detach())

    def arrays(
        self, steps: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return points, losses, gradients and rates of the first so many steps, for a `Trajectory`."""
        rows = self.rows[: steps + 1].to("cpu").numpy().astype(np.float64)
        rates = np.full(steps, np.nan)
        rates[: len(self.rates)] = self.rates
        return rows[:, 0:2].copy(), rows[:, 4].copy(), rows[:, 2:4].copy(), rates
