"""What a tensor program keeps of its runs: all of their rows, or only where they end and since when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray

    from ..surfaces.surface import Box, Minimum

_LOOK = 50  # how often a program with a stopping rule looks whether all runs have met it: it costs a transfer
FAR = 10.0  # a run that ends outside a box this many times as large as the view has diverged
UNSETTLED, DIVERGED = -2, -1


@dataclass(frozen=True, slots=True)
class Rows:
    """Keeps point, gradient and loss of every run at every step, on the device until the end."""

    rows: torch.Tensor  # (S, N, steps + 1, 5); NaN where the program did not get to
    stop_at: float | None
    met: torch.Tensor  # (S, N): which runs have surely met the stopping rule

    @classmethod
    def empty(cls, specs: int, starts: torch.Tensor, steps: int, stop_at: float | None) -> Self:
        """Return room for so many specs and steps from starts (N, 2)."""
        import torch

        rows = starts.new_full((specs, len(starts), steps + 1, 5), math.nan)
        return cls(rows, stop_at, torch.zeros(rows.shape[:2], dtype=torch.bool, device=rows.device))

    def __call__(
        self, k: int, points: torch.Tensor, gradients: torch.Tensor, losses: torch.Tensor
    ) -> bool:
        """Keep step k; say whether every run has met the stopping rule."""
        self.rows[:, :, k, 0:2].copy_(points)
        self.rows[:, :, k, 2:4].copy_(gradients)
        self.rows[:, :, k, 4].copy_(losses)
        if self.stop_at is None:
            return False
        # Slightly stricter than the rule, so that rounding here never ends a run that the rule would not.
        self.met.logical_or_(gradients.norm(dim=-1) <= self.stop_at * (1 - 1e-6))
        return k % _LOOK == 0 and bool(self.met.all())

    def arrays(self) -> NDArray[np.float64]:
        """Return the rows as NumPy, (S, N, steps + 1, 5): x, y, gradient along x and y, loss."""
        return self.rows.to("cpu").numpy().astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Keeps near which minimum every run is, and since which step; nothing of the way there."""

    state: torch.Tensor  # (S, N) int16: number of the minimum, -1 diverged, -2 elsewhere
    since: torch.Tensor  # (S, N) int32: the step from which on the state is as it is
    points: torch.Tensor  # (S, N, 2): the latest points
    losses: torch.Tensor  # (S, N): the latest losses
    minima: tuple[tuple[float, float], ...]
    tolerance: float
    box: Box  # outside of it a run counts as diverged

    @classmethod
    def empty(
        cls, specs: int, starts: torch.Tensor, minima: Sequence[Minimum], tolerance: float, view: Box
    ) -> Self:
        """Return room for so many specs from starts (N, 2)."""
        import torch

        shape, device = (specs, len(starts)), starts.device
        return cls(
            torch.full(shape, UNSETTLED, dtype=torch.int16, device=device),
            torch.zeros(shape, dtype=torch.int32, device=device),
            starts.new_zeros((*shape, 2)),
            starts.new_zeros(shape),
            tuple(minimum.point for minimum in minima),
            tolerance,
            wide(view),
        )

    def __call__(
        self, k: int, points: torch.Tensor, gradients: torch.Tensor, losses: torch.Tensor
    ) -> bool:
        """Note where the runs are at step k."""
        x, y = points[..., 0].contiguous(), points[..., 1].contiguous()
        (x0, x1), (y0, y1) = self.box
        within = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1) & losses.isfinite()
        now = self.state.new_full(self.state.shape, UNSETTLED)
        for number, (a, b) in enumerate(self.minima):
            apart = (x - a).square_().add_((y - b).square_())
            now.masked_fill_(apart <= self.tolerance**2, number)
        now.masked_fill_(~within, DIVERGED)
        self.since.masked_fill_(now != self.state, k)
        self.state.copy_(now)
        self.points.copy_(points)
        self.losses.copy_(losses)
        return False


def wide(view: Box) -> Box:
    """Return the box around a view with sides `FAR` times as long.

    >>> wide(((-1.0, 1.0), (0.0, 1.0)))
    ((-10.0, 10.0), (-4.5, 5.5))
    """
    (x0, x1), (y0, y1) = (
        ((low + high) / 2 - FAR * (high - low) / 2, (low + high) / 2 + FAR * (high - low) / 2)
        for low, high in view
    )
    return (x0, x1), (y0, y1)
