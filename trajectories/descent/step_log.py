"""What a run writes down as it goes: one buffer on its device, moved to NumPy once at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from .evaluate import Taken


@dataclass(frozen=True, slots=True)
class Log:
    """Point, loss and gradient of every row, where the gradient was taken, and the rate of every step."""

    rows: torch.Tensor  # (steps + 1, 8): point, gradient, loss, trained; NaN where a run did not get to
    points: torch.Tensor  # (steps + 1, 2), a view of rows
    gradients: torch.Tensor  # (steps + 1, 2), a view of rows
    losses: torch.Tensor  # (steps + 1,), a view of rows
    trained: (
        torch.Tensor
    )  # (steps + 1, 3), a view of rows: the point that the gradient was taken at, its loss
    rates: list[float] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)  # the steps that took their gradient at another point

    @classmethod
    def empty(cls, steps: int, parameter: torch.Tensor) -> Self:
        """Return a log for so many steps of a parameter, on the parameter's device and in its precision.

        Where the parameter has one number, y and the gradient along it are 0.
        """
        rows = parameter.detach().new_full((steps + 1, 8), float("nan"))
        numbers = parameter.numel()
        rows[:, numbers:2] = rows[:, 2 + numbers : 4] = rows[:, 5 + numbers : 7] = 0.0
        return cls(rows, rows[:, 0:2], rows[:, 2:4], rows[:, 4], rows[:, 5:8])

    def write(self, k: int, parameter: torch.Tensor, loss: torch.Tensor) -> None:
        """Write the point and the loss of row k: one or two numbers in any shape."""
        self.points[k, : parameter.numel()].copy_(parameter.detach().view(-1))
        self.losses[k].copy_(loss.detach())

    def take(self, k: int, parameter: torch.Tensor, gradient: torch.Tensor, loss: torch.Tensor) -> None:
        """Write what the optimizer was handed at row k: the gradient, its point and the loss there."""
        numbers = parameter.numel()
        self.gradients[k, :numbers].copy_(gradient.view(-1))
        self.trained[k, :numbers].copy_(parameter.detach().view(-1))
        self.trained[k, 2].copy_(loss.detach())

    def correct(self, k: int, taken: Taken | None) -> None:
        """Write where step k took its gradient after all; nothing where it did so at its point."""
        if taken is not None:
            self.take(k, taken.point, taken.gradient, taken.loss)
            self.elsewhere.append(k)

    def arrays(
        self, steps: int
    ) -> tuple[
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
    ]:
        """Return points, losses, gradients, rates, and training points with their losses."""
        rows = self.rows[: steps + 1].to("cpu").numpy().astype(np.float64)
        rates = np.full(steps, np.nan)
        rates[: len(self.rates)] = self.rates
        return rows[:, 0:2].copy(), rows[:, 4].copy(), rows[:, 2:4].copy(), rates, rows[:, 5:8].copy()
