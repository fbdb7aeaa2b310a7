"""From where a relief is seen: never mirrored against the contour, and where most of the descent shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .camera import ELEVATION, Camera, framed
from .overlay import landmarks
from .visibility import survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..scenes.scene import Scene
    from ..scenes.timing import Timing
    from .ground_paths import Walk
    from .solid import Relief
    from .visibility import Horizon

# Degrees. From -90 x points right and y away from the reader, as on the contour. Within 45 degrees of that x
# runs more across the page than into it, and y more into it than across: neither is taken for the other.
ARC = (-135.0, -45.0)
# The familiar side is first. From -90 itself one wall alone is seen, and the block looks flat.
_AZIMUTHS = (-60.0, -45.0, -75.0, -105.0, -120.0, -135.0)
_HIGHER = 12.0  # degrees: by steps of so much the camera rises, to look into pits and behind hills
_STEPS = 3  # elevations; from above 62 degrees a relief is hardly more than a map that is turned
_MARK = 0.03  # half a mark's width, where the longer side of the floor is 2
_FAMILIAR = 0.08  # how much more must be seen from another side, or a step higher up, to go there


def best_side(relief: Relief, scene: Scene, walks: Sequence[Walk]) -> Camera:
    """Return the camera within the arc that sees most of the paths, their ends, the minima and the start."""
    path = np.concatenate([np.empty((0, 3)), *(each.points for each in walks)])
    path = path[:: max(1, len(path) // 2000)]
    ends = np.array([each.last_seen() for each in walks]).reshape(-1, 3)
    places = (ends[np.isfinite(ends[:, 2]), :2], *(relief.on_floor(spots) for spots in landmarks(scene)))
    shown = (path, *(_around(spots, relief) for spots in places))

    def worth(side: Camera) -> float:
        horizon = survey(relief, framed(side, relief.half, (0, 0, 300, 300)), 300, places=150)
        seen = sum(1 - float(horizon.hides(spots).mean()) for spots in shown if len(spots))
        strange = (side.elevation - ELEVATION) / _HIGHER + (side.azimuth != _AZIMUTHS[0])
        return seen - _FAMILIAR * strange

    return max(
        (Camera(azimuth, ELEVATION + _HIGHER * k) for azimuth in _AZIMUTHS for k in range(_STEPS)), key=worth
    )


def _around(places: NDArray[np.float64], relief: Relief) -> NDArray[np.float64]:
    """Return places on the floor (n, 2) and the ground that a mark there covers, on the relief, (5 n, 3)."""
    across = _MARK * np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])
    covered = (places[:, None] + across).reshape(-1, 2)
    return np.column_stack([covered, relief.at(*covered.T)])


def swing(rest: float, timing: Timing) -> list[float]:
    """Return the azimuth in each frame: from its rest across the arc to the farther end and back, in degrees.

    To and fro, and not around, so that the reader is never mirrored. It begins and ends at rest: the last
    frame, which is held, is seen from the best side, and a looped animation has no jump.
    """
    far = max(ARC, key=lambda end: abs(end - rest))
    # Time, not frames, is spread over the swing; the last frame, with its hold, is the end of it.
    gone = np.concatenate([[0.0], np.cumsum(timing.ticks[:-1], dtype=float)])
    share = (1 - np.cos(2 * np.pi * gone / max(gone[-1], 1.0))) / 2
    found: list[float] = (rest + (far - rest) * share).tolist()
    return found


class Swing:
    """The horizon of each frame of a camera that swings.

    That of the frame asked for last is kept, for all that is drawn of a frame asks for it.
    """

    def __init__(self, relief: Relief, camera: Camera, azimuths: Sequence[float], width: float) -> None:
        self._relief, self._camera, self._azimuths, self._width = relief, camera, azimuths, width
        self._kept: tuple[int, Horizon] | None = None

    def __call__(self, frame: int) -> Horizon:
        """Return the horizon of a frame."""
        if self._kept is None or self._kept[0] != frame:
            camera = replace(self._camera, azimuth=self._azimuths[frame])
            self._kept = frame, survey(self._relief, camera, self._width)
        return self._kept[1]
