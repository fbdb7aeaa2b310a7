"""Which step each frame shows, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..surfaces.messages import DescentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_FPS = 50.0  # a GIF frame lasts a whole number of 10 ms, and viewers slow down below 20 ms
_FPS = 25.0
_FRAMES = 300  # without a wish for length, longer runs are thinned to this many frames
_SECONDS = 4.0  # a short run is slowed down to last about this long
_SLOWEST = 0.5  # but no frame of it lasts longer than this, in seconds


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """The frames of an animation: the step that each shows and the time it stays."""

    steps: NDArray[np.int64]  # (frames,), increasing; the first is 0, the last is the last step
    durations: NDArray[np.int64]  # (frames,), in ms, multiples of 10
    rows: NDArray[np.int64]  # (frames,): the row of the longest trajectory that each frame shows

    @property
    def skips(self) -> bool:
        """Whether some steps have no frame of their own."""
        return len(self.steps) < int(self.steps[-1]) + 1


def plan(
    steps: int | NDArray[np.int64],
    fps: float | None = None,
    seconds: float | None = None,
    hold: float = 1.5,
) -> Timing:
    """Spread steps evenly over frames; the first and the last step are always shown.

    Args:
        steps: The number of the last step; or, where not every step was kept, those that were, (rows,).
        fps: Frames a second, at most 50. With ``seconds`` it is an upper bound. By default 25, and slower
            for short runs so that they can be followed.
        seconds: The length without the hold. By default one frame a step, at most 300 frames.
        hold: How long the last frame stays in addition, in seconds.

    Raises:
        DescentError: A value outside its range.

    >>> plan(3, fps=10, hold=1).durations.tolist()
    [100, 100, 100, 1100]
    """
    if fps is not None and not 0.1 <= fps <= MAX_FPS:
        raise DescentError(f"fps must be between 0.1 and {MAX_FPS:g}, not {fps:g}")
    if seconds is not None and not (math.isfinite(seconds) and 0.1 <= seconds <= 3600):
        raise DescentError(f"seconds must be between 0.1 and 3600, not {seconds:g}")
    if not (math.isfinite(hold) and 0 <= hold <= 600):
        raise DescentError(f"hold must be between 0 and 600 seconds, not {hold:g}")
    kept = np.arange(steps + 1) if isinstance(steps, int) else steps
    if seconds is not None:
        frames = min(len(kept), max(2, math.floor(seconds * (fps or _FPS))))
        delay = seconds / frames
    else:
        frames = min(len(kept), _FRAMES)
        delay = 1 / fps if fps else min(max(1 / _FPS, _SECONDS / frames), _SLOWEST)
    rows = np.round(np.linspace(0, len(kept) - 1, frames)).astype(np.int64)
    # Rounding the ends of the frames, not their lengths, keeps the total right to 10 ms.
    ends = np.round(np.arange(frames + 1) * delay * 100).astype(np.int64) * 10
    durations = np.diff(ends)
    durations[-1] += round(hold * 100) * 10
    return Timing(kept[rows], durations, rows)
