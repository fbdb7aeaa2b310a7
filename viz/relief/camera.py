"""A camera: from where a relief is looked at, and where its points are on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .solid import TALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ELEVATION = 38.0  # degrees: above most ridges


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera without perspective: equal lengths in one direction are equally long wherever they are."""

    azimuth: float  # degrees around the relief: 0 looks from the side of large x, 90 from that of large y
    elevation: float  # degrees above the floor, more than 0 and less than 90
    scale: float = 1.0  # pixels a unit
    centre: tuple[float, float] = (0.0, 0.0)  # where the middle of the floor is, in pixels

    @property
    def right(self) -> tuple[float, float]:
        """The direction on the floor that points to the right of the page."""
        angle = math.radians(self.azimuth)
        return -math.sin(angle), math.cos(angle)

    @property
    def towards(self) -> tuple[float, float]:
        """The direction on the floor that points towards the camera."""
        angle = math.radians(self.azimuth)
        return math.cos(angle), math.sin(angle)

    @property
    def rise(self) -> tuple[float, float]:
        """How many pixels a unit of height, and a unit away from the camera, is farther up on the page."""
        angle = math.radians(self.elevation)
        return self.scale * math.cos(angle), self.scale * math.sin(angle)

    def away(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far along the floor points (..., 2 or more) are behind its middle, (...)."""
        x, y = self.towards
        return -(points[..., 0] * x + points[..., 1] * y)

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where points (..., 3) are on the page, in pixels, (..., 2)."""
        (x, y), (tall, deep) = self.right, self.rise
        across = self.centre[0] + self.scale * (points[..., 0] * x + points[..., 1] * y)
        up = self.centre[1] + tall * points[..., 2] + deep * self.away(points)
        return np.stack([across, up], axis=-1)


def framed(
    camera: Camera,
    half: tuple[float, float],
    room: tuple[float, float, float, float],
    azimuths: Sequence[float] = (),
) -> Camera:
    """Return a camera with scale and centre such that a relief fills its room on the page.

    Args:
        camera: Where it looks from.
        half: Half the floor's sides.
        room: Left, lower, right and upper end of the room, in pixels.
        azimuths: From where else the camera looks, at one scale; the relief fits in from all of them.
    """
    plain = replace(camera, scale=1.0, centre=(0.0, 0.0))
    corners = np.array([[i * half[0], j * half[1], k] for i in (-1, 1) for j in (-1, 1) for k in (0, TALL)])
    sides = [replace(plain, azimuth=azimuth) for azimuth in {camera.azimuth, *azimuths}]
    spots = np.concatenate([side.project(corners) for side in sides])
    low, high = spots.min(axis=0), spots.max(axis=0)
    left, lower, right, upper = room
    scale = min((right - left) / (high[0] - low[0]), (upper - lower) / (high[1] - low[1]))
    middle = np.array([left + right, lower + upper]) / 2 - scale * (low + high) / 2
    return replace(camera, scale=float(scale), centre=(float(middle[0]), float(middle[1])))
