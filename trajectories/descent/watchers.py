"""What a tensor program keeps of its runs: all of their rows, or only where they end and since when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from ..results.basins import DIVERGED, OUTSIDE, UNSETTLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray

    from ...surfaces.surface import Box, Minimum

_LOOK = 50  # how often a program with a stopping rule looks whether all runs have met it: it costs a transfer
FAR = 10.0  # outside a box around the one given with sides this many times as long, a run has diverged
_OUT = -2  # the state of a run outside the domain
MOST_MINIMA = 100  # more than any surface of the catalogue has; they are numbered in one byte


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

    def __call__(self, k: int, points: torch.Tensor, gradients: torch.Tensor, losses: torch.Tensor) -> bool:
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

    state: torch.Tensor  # (S, N) int8: 0 elsewhere, m + 1 near minimum m, -1 diverged, -2 out of the domain
    since: torch.Tensor  # (S, N) int32: the step from which on the state is as it is
    points: torch.Tensor  # (S, N, 2): after the last step
    losses: torch.Tensor  # (S, N): after the last step
    steps: int
    minima: tuple[tuple[float, float], ...]
    tolerance: float
    box: Box  # what runs are expected in
    border: Box | None  # the domain, where runs that pass its border are told apart

    @classmethod
    def empty(
        cls,
        specs: int,
        starts: torch.Tensor,
        steps: int,
        minima: Sequence[Minimum],
        tolerance: float,
        box: Box,
        border: Box | None = None,
    ) -> Self:
        """Return room for so many specs and steps from starts (N, 2)."""
        import torch

        shape, device = (specs, len(starts)), starts.device
        return cls(
            torch.zeros(shape, dtype=torch.int8, device=device),
            torch.zeros(shape, dtype=torch.int32, device=device),
            starts.new_zeros((*shape, 2)),
            starts.new_zeros(shape),
            steps,
            tuple(minimum.point for minimum in minima),
            tolerance,
            box,
            border,
        )

    def __call__(self, k: int, points: torch.Tensor, gradients: torch.Tensor, losses: torch.Tensor) -> bool:
        """Note where the runs are at step k."""
        import torch

        # Arithmetic in place of masks where it can be: on a CPU, comparisons and fills cost far more.
        x, y = points[..., 0].contiguous(), points[..., 1].contiguous()
        now = torch.zeros_like(self.state)
        for number, (a, b) in enumerate(self.minima, 1):
            apart, other = x - a, y - b
            apart.mul_(apart).addcmul_(other, other)
            now.add_((apart <= self.tolerance**2).view(torch.int8).mul_(number))
        far = torch.maximum(_from_middle(x, self.box[0]), _from_middle(y, self.box[1]))
        far.add_(losses * 0.0)  # NaN where a loss is not finite; NaN is not within anything either
        within = (far <= FAR).view(torch.int8)
        now.mul_(within).add_(within).sub_(1)
        if self.border is not None:
            finite, ((x0, x1), (y0, y1)) = far.isfinite(), self.border
            inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
            now.masked_fill_(finite & ~inside & (now <= 0), _OUT)
        self.since.masked_fill_(now != self.state, k)
        self.state.copy_(now)
        if k == self.steps:
            self.points.copy_(points)
            self.losses.copy_(losses)
        return False

    def settled(self) -> NDArray[np.int16]:
        """Return where every run is, (S, N): number of the minimum, -1 diverged, -2 elsewhere, -3 out."""
        state = self.state.cpu().numpy().astype(np.int16)
        other = np.where(state == _OUT, OUTSIDE, np.where(state < 0, DIVERGED, UNSETTLED))
        return np.where(state > 0, state - 1, other).astype(np.int16)


def _from_middle(values: torch.Tensor, side: tuple[float, float]) -> torch.Tensor:
    """Return how far values are from the middle of a side, in half sides."""
    low, high = side
    return (values - (low + high) / 2).abs_().mul_(2 / (high - low))
