"""What a run writes down as it goes: one buffer on its device, moved to NumPy once at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from .evaluate import Taken


@dataclass(slots=True)
class Log:
    """Point, loss and gradient of every row, where the gradient was taken, and the rate of every step."""

    # (steps + 1, 2 n + 1) of n parameters: gradient, the point that it was taken at and the loss there, which
    # are written at once because each copy costs a tenth of an update; NaN where a run did not get to.
    rows: torch.Tensor
    # (steps + 1, n + 1): the point that is evaluated and its loss, NaN where they are those of ``rows``; None
    # where they are so at every step.
    evaluated: torch.Tensor | None = None
    rates: list[float] = field(default_factory=list)
    written: list[int] = field(default_factory=list)  # the rows of ``evaluated`` that were written
    elsewhere: list[int] = field(default_factory=list)  # the steps that took their gradient at another point

    @classmethod
    def empty(cls, steps: int, parameter: torch.Tensor) -> Self:
        """Return a log for so many steps of a parameter, on the parameter's device and in its precision."""
        return cls(parameter.detach().new_full((steps + 1, 2 * parameter.numel() + 1), float("nan")))

    def write(self, k: int, parameter: torch.Tensor, loss: torch.Tensor) -> None:
        """Write the evaluated point of row k, where it is not that of the gradient, and the loss there."""
        numbers = parameter.numel()
        if self.evaluated is None:
            self.evaluated = self.rows.new_full((len(self.rows), numbers + 1), float("nan"))
        self.evaluated[k, :numbers].copy_(parameter.detach().view(-1))
        self.evaluated[k, numbers].copy_(loss.detach())
        self.written.append(k)

    def take(self, k: int, parameter: torch.Tensor, gradient: torch.Tensor, loss: torch.Tensor) -> None:
        """Write what the optimizer was handed at row k: the gradient, its point and the loss there."""
        import torch

        parts = (gradient.view(-1), parameter.detach().view(-1), loss.detach().view(1))
        torch.cat(parts, out=self.rows[k])

    def correct(self, k: int, taken: Taken | None) -> None:
        """Write where step k took its gradient after all; nothing where it did so at its point."""
        if taken is None:
            return
        if k not in self.written[-1:]:
            numbers = taken.point.numel()
            self.write(k, self.rows[k, numbers:-1], self.rows[k, -1])
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
        numbers = rows.shape[1] // 2
        gradients, trained = _padded(rows[:, :numbers], 2), _padded(rows[:, numbers:], 3)
        seen = trained.copy()
        if self.evaluated is not None:
            other = _padded(self.evaluated.to("cpu").numpy().astype(np.float64), 3)
            seen[self.written] = other[self.written]
        rates = np.full(steps, np.nan)
        rates[: len(self.rates)] = self.rates
        return seen[:, :2].copy(), seen[:, 2].copy(), gradients, rates, trained


def _padded(rows: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Return rows with so many columns: of one parameter, y and the gradient along it are 0."""
    if rows.shape[1] == columns:
        return rows.copy()
    return np.insert(rows, 1, 0.0, axis=1)
