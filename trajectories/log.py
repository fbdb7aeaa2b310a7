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
        """Return a log for so many steps of a parameter, on the parameter's device and in its precision."""
        rows = parameter.detach().new_full((steps + 1, 5), float("nan"))
        return cls(rows, rows[:, 0:2], rows[:, 2:4], rows[:, 4])

    def write(self, k: int, parameter: torch.Tensor, loss: torch.Tensor) -> None:
        """Write row k: the parameter with its gradient, of any shape with two numbers, and the loss there."""
        assert parameter.grad is not None
        self.points[k].copy_(parameter.detach().view(2))
        self.gradients[k].copy_(parameter.grad.view(2))
        self.losses[k].copy_(loss.detach())

    def arrays(
        self, steps: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return points, losses, gradients and rates of the first so many steps, for a `Trajectory`."""
        rows = self.rows[: steps + 1].to("cpu").numpy().astype(np.float64)
        rates = np.full(steps, np.nan)
        rates[: len(self.rates)] = self.rates
        return rows[:, 0:2].copy(), rows[:, 4].copy(), rows[:, 2:4].copy(), rates
