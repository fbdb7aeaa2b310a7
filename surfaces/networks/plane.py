"""A plane through weight space: where it lies, and the way between weights and coordinates on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """An origin and two orthogonal directions in the space of all weights, P numbers, flattened in order."""

    kind: str  # one of planes.KINDS
    origin: torch.Tensor  # (P,)
    directions: torch.Tensor  # (2, P), orthogonal to each other; unit length but for random planes
    axes: tuple[str, str]  # what to write at the axes: ("PC 1", "PC 2")
    meaning: str  # a sentence for captions: what the axes are

    def embed(self, xy: torch.Tensor) -> torch.Tensor:
        """Return the weights (..., P) at coordinates (..., 2) on the plane."""
        return self.origin + xy @ self.directions

    def project(self, weights: torch.Tensor) -> torch.Tensor:
        """Return the coordinates (..., 2) of the point on the plane that is nearest to weights (..., P)."""
        lengths = (self.directions**2).sum(dim=1)
        return (weights - self.origin) @ self.directions.T / lengths

    def distance(self, weights: torch.Tensor) -> torch.Tensor:
        """Return how far weights (..., P) are from the plane, (...)."""
        beside: torch.Tensor = (weights - self.embed(self.project(weights))).norm(dim=-1)
        return beside
