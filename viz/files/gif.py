"""GIF files, written frame by frame: one palette, and of each frame only the rectangle that changed.

References:
    Graphics Interchange Format, version 89a, https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING

import numpy as np

from .changes import UNCHANGED, Change, indexed, lasting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .changes import Frame
    from .palette import Palette

_LONGEST = 65535 * 10  # a frame's delay is a 16-bit number of 10 ms
_NOTHING_NEW = Change(0, 0, np.full((1, 1), UNCHANGED, np.uint8))  # shown only to last longer


def write_gif(
    file: IO[bytes],
    frames: Iterable[Frame],
    durations: Sequence[int],
    shape: tuple[int, int],
    palette: Palette,
    comment: str,
    *,
    loops: int = 0,
) -> None:
    """Write an animation. Memory does not grow with the number of frames.

    Args:
        file: Open for writing.
        frames: RGBA pixels (height, width, 4), which may be reused for the next frame, and where they differ.
        durations: How long each frame stays, in ms, multiples of 10.
        shape: Height and width in pixels.
        palette: The colours.
        comment: Stored in the file, in a comment extension.
        loops: How often the animation plays; 0 for without end.
    """
    height, width = shape
    file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0b1111_0111, 0, 0))
    table = np.zeros((256, 3), np.uint8)
    table[: len(palette.colours)] = palette.colours
    file.write(table.tobytes())
    if loops != 1:  # browsers read the number as how often it plays again, after the first time
        again = struct.pack("<H", max(0, loops - 1))
        file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + again + b"\x00")
    if comment:
        file.write(b"\x21\xfe" + b"".join(_blocks(comment.encode())) + b"\x00")
    for change, stays in lasting(indexed(frames, palette), durations):
        _write_picture(file, change, stays)
    file.write(b"\x3b")


def _encode(change: Change) -> list[bytes]:
    """Encode a rectangle of palette indices: image descriptor, then LZW data."""
    from PIL import GifImagePlugin, Image

    picture, place = Image.fromarray(change.part), (change.left, change.top)
    return GifImagePlugin.getdata(picture, offset=place, include_color_table=False)


def _write_picture(file: IO[bytes], change: Change, stays: int) -> None:
    while True:
        delay = min(stays, _LONGEST)
        # Graphic control: leave the picture in place, index 255 is transparent.
        file.write(b"\x21\xf9\x04" + struct.pack("<BHB", 0b0000_0101, delay // 10, UNCHANGED) + b"\x00")
        file.writelines(_encode(change))
        stays -= delay
        if not stays:
            return
        change = _NOTHING_NEW


def _blocks(data: bytes) -> Iterator[bytes]:
    for first in range(0, len(data), 255):
        part = data[first : first + 255]
        yield bytes([len(part)]) + part
