"""What changes from frame to frame, for files that hold nothing else, and how long it stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from ..canvas.painted import Box
    from .palette import Palette

    Frame = tuple[NDArray[np.uint8], Sequence[Box]]

UNCHANGED = 255  # the palette index of pixels inside a rectangle that stay as they were


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A rectangle of new pixels; of the first frame it is the whole page."""

    left: int  # in pixels from the left edge of the page
    top: int
    part: NDArray[np.uint8]  # palette indices (height, width), or RGBA (height, width, 4)


def indexed(frames: Iterable[Frame], palette: Palette) -> Iterator[Change | None]:
    """Yield for each frame the palette indices that differ from the frame before; None if none do.

    Args:
        frames: RGBA pixels (height, width, 4), which may be reused for the next frame, and boxes outside
            which they equal the frame before.
        palette: Its colours stand for the pixels'.
    """
    before: NDArray[np.uint32] | None = None
    shown = np.empty((0, 0), np.uint8)
    for frame, boxes in frames:
        now = frame.view("<u4")[..., 0]
        if before is None:
            before, shown = now.copy(), palette.indices(now)
            yield Change(0, 0, shown.copy())
            continue
        spots = _differing(before, now, boxes)
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
        top, left = int(rows.min()), int(columns.min())
        part = np.full((int(rows.max()) - top + 1, int(columns.max()) - left + 1), UNCHANGED, np.uint8)
        part[rows - top, columns - left] = indices
        yield Change(left, top, part)


def _differing(before: NDArray[np.uint32], now: NDArray[np.uint32], boxes: Iterable[Box]) -> NDArray[np.intp]:
    """Return where pixels differ in boxes of a page, by their numbers row by row; some perhaps twice."""
    found = [np.empty(0, np.intp)]
    for top, left, bottom, right in boxes:
        inside = np.s_[top:bottom, left:right]
        rows, columns = np.divmod(np.flatnonzero(now[inside] != before[inside]), right - left)
        found.append((rows + top) * now.shape[1] + (columns + left))
    return np.concatenate(found)


def coloured(frames: Iterable[Frame]) -> Iterator[Change | None]:
    """Yield for each frame the smallest rectangle of RGBA pixels that differ; None if none do.

    Args:
        frames: RGBA pixels (height, width, 4), which may be reused for the next frame, and boxes outside
            which they equal the frame before.
    """
    before: NDArray[np.uint8] | None = None
    for frame, boxes in frames:
        if before is None:
            before = frame.copy()
            yield Change(0, 0, frame.copy())
            continue
        found = []
        for top, left, bottom, right in boxes:
            place = np.s_[top:bottom, left:right]
            differs = (frame[place].view("<u4") != before[place].view("<u4"))[..., 0]
            rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
            if len(rows):
                found.append((top + rows[0], left + columns[0], top + rows[-1] + 1, left + columns[-1] + 1))
        if not found:
            yield None
            continue
        ends = np.array(found)
        (top, left), (bottom, right) = ends[:, :2].min(axis=0).tolist(), ends[:, 2:].max(axis=0).tolist()
        before[top:bottom, left:right] = frame[top:bottom, left:right]
        yield Change(left, top, frame[top:bottom, left:right].copy())


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
