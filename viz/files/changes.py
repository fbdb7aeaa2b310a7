"""What changes from frame to frame, for files that hold nothing else, and how long it stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from .palette import Palette

UNCHANGED = 255  # the palette index of pixels inside a rectangle that stay as they were


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A rectangle of new pixels; of the first frame it is the whole page."""

    left: int  # in pixels from the left edge of the page
    top: int
    part: NDArray[np.uint8]  # palette indices (height, width), or RGBA (height, width, 4)


def indexed(frames: Iterable[NDArray[np.uint8]], palette: Palette) -> Iterator[Change | None]:
    """Yield for each frame the palette indices that differ from the frame before; None if none do.

    Args:
        frames: RGBA pixels (height, width, 4); an array may be reused for the next frame.
        palette: Its colours stand for the pixels'.
    """
    before: NDArray[np.uint32] | None = None
    shown = np.empty((0, 0), np.uint8)
    for frame in frames:
        now = frame.view("<u4")[..., 0]
        if before is None:
            before, shown = now.copy(), palette.indices(now)
            yield Change(0, 0, shown.copy())
            continue
        spots = np.flatnonzero(now != before)
        new = now.ravel()[spots]
        before.ravel()[spots] = new
        indices = palette.indices(new)
        told_apart = indices != shown.ravel()[spots]
        spots, indices = spots[told_apart], indices[told_apart]
        if not len(spots):
            yield None
            continue
        shown.ravel()[spots] = indices
        rows, columns = np.divmod(spots, shown.shape[1])
        top, left = int(rows[0]), int(columns.min())
        part = np.full((int(rows[-1]) - top + 1, int(columns.max()) - left + 1), UNCHANGED, np.uint8)
        part[rows - top, columns - left] = indices
        yield Change(left, top, part)


def coloured(frames: Iterable[NDArray[np.uint8]]) -> Iterator[Change | None]:
    """Yield for each frame the smallest rectangle of RGBA pixels that differ; None if none do.

    Args:
        frames: RGBA pixels (height, width, 4); an array may be reused for the next frame.
    """
    before: NDArray[np.uint8] | None = None
    for frame in frames:
        if before is None:
            before = frame.copy()
            yield Change(0, 0, frame.copy())
            continue
        differs = (frame.view("<u4") != before.view("<u4"))[..., 0]
        if not differs.any():
            yield None
            continue
        rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
        place = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        before[place] = frame[place]
        yield Change(int(columns[0]), int(rows[0]), frame[place].copy())


def lasting(changes: Iterable[Change | None], durations: Iterable[int]) -> Iterator[tuple[Change, int]]:
    """Yield each change and how long it stays, in the unit of the durations; at most one is held back.

    Args:
        changes: One a frame, None where nothing changes; the first is not None.
        durations: How long each frame stays.
    """
    pending: Change | None = None
    stays = 0
    for change, duration in zip(changes, durations, strict=True):
        if change is None:
            stays += duration
            continue
        if pending is not None:
            yield pending, stays
        pending, stays = change, duration
    if pending is not None:
        yield pending, stays
