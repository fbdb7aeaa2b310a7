"""Animated PNG, written frame by frame: of each frame only the rectangle that changed.

References:
    Portable Network Graphics, third edition, https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from typing import IO, TYPE_CHECKING

import numpy as np

from ..canvas.frames import backdrop
from .changes import UNCHANGED, Change, coloured, indexed, lasting
from .encoders import SIGNATURE, boxed, chunk, palette, scanlines, text_chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ..canvas.stage import Stage
    from .changes import Frame
    from .order import Order
    from .palette import Palette

_LONGEST = 65535 * 10  # a frame's delay is a 16-bit number, here of 10 ms
_INDEXED, _RGBA = 3, 6  # colour types
_SOURCE, _OVER = 0, 1  # how a rectangle is laid on the page: in place of what is there, or on top of it


def apng(stage: Stage, path: Path, order: Order) -> None:
    """Write every frame as an animated PNG, with a palette, or with RGBA where the theme is transparent."""
    static = backdrop(stage)
    colours = None if stage.scene.theme.transparent else palette(stage, static, order)
    with path.open("wb") as file:
        write_apng(
            file,
            boxed(stage, static, order),
            stage.scene.timing.durations.tolist(),
            stage.scene.size[::-1],
            colours,
            {"Software": "descent-viz", "Title": order.title, "Description": order.recipe},
            loops=stage.scene.loops,
        )


def write_apng(
    file: IO[bytes],
    frames: Iterable[Frame],
    durations: Sequence[int],
    shape: tuple[int, int],
    palette: Palette | None,
    words: dict[str, str],
    *,
    loops: int = 0,
) -> None:
    """Write an animation. Memory does not grow with the number of frames.

    Args:
        file: Open for writing, and able to seek.
        frames: RGBA pixels (height, width, 4), which may be reused for the next frame, and where they differ.
        durations: How long each frame stays, in ms, multiples of 10.
        shape: Height and width.
        palette: The colours of the file; None to keep every colour, and how far it covers what is behind.
        words: Texts to store, by their keyword; empty ones are left out.
        loops: How often the animation plays; 0 for without end.
    """
    height, width = shape
    kind = _RGBA if palette is None else _INDEXED
    file.write(SIGNATURE)
    file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)))
    count_at = file.tell()
    file.write(chunk(b"acTL", bytes(8)))
    if palette is not None:
        table = np.zeros((256, 3), np.uint8)
        table[: len(palette.colours)] = palette.colours
        file.write(chunk(b"PLTE", table.tobytes()))
        file.write(chunk(b"tRNS", b"\xff" * UNCHANGED + b"\x00"))
    file.writelines(text_chunks(words))
    changes = coloured(frames) if palette is None else indexed(frames, palette)
    number, count = 0, 0  # fcTL and fdAT are numbered together, pictures by themselves
    for change, delay, blend in _pictures(lasting(changes, durations), kind):
        _control(file, number, change, delay, blend)
        data = zlib.compress(scanlines(change.part), 9)
        if count:
            file.write(chunk(b"fdAT", struct.pack(">I", number + 1) + data))
        else:
            file.write(chunk(b"IDAT", data))
        number, count = number + (2 if count else 1), count + 1
    file.write(chunk(b"IEND", b""))
    file.seek(count_at)
    file.write(chunk(b"acTL", struct.pack(">II", count, loops)))


def _pictures(changes: Iterable[tuple[Change, int]], kind: int) -> Iterator[tuple[Change, int, int]]:
    """Yield each change, its delay in ms, no longer than a file can say, and how it is laid on the page."""
    empty = (1, 1, 4) if kind == _RGBA else (1, 1)
    nothing_new = Change(0, 0, np.full(empty, 0 if kind == _RGBA else UNCHANGED, np.uint8))
    for number, (change, stays) in enumerate(changes):
        yield change, min(stays, _LONGEST), _OVER if number and kind == _INDEXED else _SOURCE
        for done in range(_LONGEST, stays, _LONGEST):
            yield nothing_new, min(stays - done, _LONGEST), _OVER


def _control(file: IO[bytes], number: int, change: Change, delay: int, blend: int) -> None:
    height, width = change.part.shape[:2]
    place = struct.pack(">IIIII", number, width, height, change.left, change.top)
    how = struct.pack(">HHBB", delay // 10, 100, 0, blend)  # 0: it stays in place
    file.write(chunk(b"fcTL", place + how))
