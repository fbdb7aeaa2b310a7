"""GIF files, written frame by frame: one palette, and of each frame only the rectangle that changed.

References:
    Graphics Interchange Format, version 89a, https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING

import numpy as np

from .palette import Palette

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

_UNCHANGED = 255
_LONGEST = 65535 * 10  # a frame's delay is a 16-bit number of 10 ms


def write_gif(
    file: IO[bytes],
    frames: Iterable[NDArray[np.uint8]],
    durations: Sequence[int],
    samples: Sequence[NDArray[np.uint8]],
    comment: str,
    *,
    loop: bool = True,
) -> None:
    """Write an animation. Memory does not grow with the number of frames.

    Args:
        file: Open for writing.
        frames: RGBA pixels (height, width, 4); an array may be reused for the next frame.
        durations: How long each frame stays, in ms, multiples of 10.
        samples: Frames whose colours the palette is chosen from.
        comment: Stored in the file, in a comment extension.
        loop: Whether the animation repeats for ever.
    """
    palette = Palette([sample.view("<u4")[..., 0] for sample in samples])
    height, width = samples[0].shape[:2]
    file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0b1111_0111, 0, 0))
    table = np.zeros((256, 3), np.uint8)
    table[: len(palette.colours)] = palette.colours
    file.write(table.tobytes())
    if loop:
        file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
    if comment:
        file.write(b"\x21\xfe" + b"".join(_blocks(comment.encode())) + b"\x00")
    pending: list[bytes] = []  # the last picture, kept back until it is known how long it stays
    stays = 0
    for change, duration in zip(_changes(frames, palette), durations, strict=True):
        if change is None:
            stays += duration
            continue
        if pending:
            _write_picture(file, pending, stays)
        pending, stays = change, duration
    _write_picture(file, pending, stays)
    file.write(b"\x3b")


def _changes(frames: Iterable[NDArray[np.uint8]], palette: Palette) -> Iterator[list[bytes] | None]:
    """Yield for each frame the encoded rectangle that differs from the frame before; None if nothing does."""
    before: NDArray[np.uint32] | None = None
    shown = np.empty((0, 0), np.uint8)
    for frame in frames:
        now = frame.view("<u4")[..., 0]
        if before is None:
            before, shown = now.copy(), palette.indices(now)
            yield _encode(shown, 0, 0)
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
        part = np.full((int(rows[-1]) - top + 1, int(columns.max()) - left + 1), _UNCHANGED, np.uint8)
        part[rows - top, columns - left] = indices
        yield _encode(part, left, top)


def _encode(indices: NDArray[np.uint8], x: int, y: int) -> list[bytes]:
    """Encode a rectangle of palette indices: image descriptor, then LZW data."""
    from PIL import GifImagePlugin, Image

    return GifImagePlugin.getdata(Image.fromarray(indices), offset=(x, y), include_color_table=False)


def _write_picture(file: IO[bytes], picture: list[bytes], stays: int) -> None:
    while True:
        delay = min(stays, _LONGEST)
        # Graphic control: leave the picture in place, index 255 is transparent.
        file.write(b"\x21\xf9\x04" + struct.pack("<BHB", 0b0000_0101, delay // 10, _UNCHANGED) + b"\x00")
        file.writelines(picture)
        stays -= delay
        if not stays:
            return
        picture = _encode(np.full((1, 1), _UNCHANGED, np.uint8), 0, 0)  # nothing new, and more time


def _blocks(data: bytes) -> Iterator[bytes]:
    for first in range(0, len(data), 255):
        part = data[first : first + 255]
        yield bytes([len(part)]) + part
