"""Encoders: write a compiled scene to a file that does not exist yet."""

from __future__ import annotations

import io
import json
import re
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from ..canvas.frames import backdrop, changing, opaque, samples, whole_rgba
from ..canvas.stage import default_style
from .gif import write_gif
from .numbered import NOTES, TIMELINE
from .order import COLOURS
from .palette import Palette
from .run_colours import run_colours
from .shrink import kilo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from ..canvas.painted import Box
    from ..canvas.stage import Stage
    from .order import Order

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB, _RGBA = 2, 6  # colour types of a PNG
# Unfiltered rows at this level are smaller than filtered ones at the highest, in a twentieth of the time:
# a page is flat areas, which repeat exactly.
_LEVEL = 3
_COURSE = re.compile(r'(?<= d=")[^"]+')
_DECIMALS = re.compile(r"-?\d+\.\d+")


def gif(stage: Stage, path: Path, order: Order) -> None:
    """Write every frame as a GIF."""
    static = backdrop(stage)
    with path.open("wb") as file:
        write_gif(
            file,
            boxed(stage, static, order),
            stage.scene.timing.durations.tolist(),
            stage.scene.size[::-1],
            palette(stage, static, order),
            order.recipe,
            loops=stage.scene.loops,
        )


def png(stage: Stage, path: Path, order: Order) -> None:
    """Write the last frame as a PNG."""
    write_png(whole_rgba(stage, stage.scene.frames - 1), path, stage, order)


def svg(stage: Stage, path: Path, order: Order) -> None:
    """Write the last frame as SVG."""
    write_vector(stage, stage.scene.frames - 1, path, order)


def pdf(stage: Stage, path: Path, order: Order) -> None:
    """Write the last frame as PDF; or where there are stops a page for each, and for the last frame."""
    from ..canvas.pdf_pages import write_pages

    timing, last = stage.scene.timing, stage.scene.frames - 1
    frames = timing.pages if order.moves and timing.stops else [last]
    if len(frames) == 1:
        write_vector(stage, frames[0], path, order)
        return
    write_pages(stage, frames, path, _pdf_notes(order))
    order.done(last + 1, last + 1)


def _pdf_notes(order: Order) -> dict[str, Any]:
    title = order.title or "descent-viz"
    return {"Title": title, "Creator": "descent-viz", "CreationDate": None, "Subject": order.recipe}


def frames(stage: Stage, folder: Path, name: str, order: Order) -> None:
    """Write every frame, or those at stops, as a file of its own, and beside them how long each stays, twice.

    ``frames.json`` is for programs, ``timeline.txt`` for LaTeX's package animate.

    Args:
        stage: The compiled scene.
        folder: Where to; it is there, and empty.
        name: The files' name with a ``%d`` in it, as in ``frame-%04d.png``; its suffix is .png, .pdf or .svg.
        order: What else the files are to carry.
    """
    timing = stage.scene.timing
    chosen = timing.pages
    names = [name % number for number in range(len(chosen))]
    if name.casefold().endswith(".png"):
        wanted = dict(zip(chosen, names, strict=True))
        for frame, pixels in enumerate(counted(stage, backdrop(stage), order)):
            if frame in wanted:
                (folder / wanted[frame]).write_bytes(frame_png(pixels, stage, order))
    else:
        for frame, each in zip(chosen, names, strict=True):
            write_vector(stage, frame, folder / each, order)
            order.done(frame + 1, stage.scene.frames)
    notes = {
        "frames": [
            {"file": each, "step": step, "milliseconds": stays}
            for each, step, stays in zip(
                names,
                timing.steps[chosen].tolist(),
                timing.durations[chosen].tolist(),
                strict=True,
            )
        ],
        "alt": order.alt,
        "caption": order.caption,
        **json.loads(order.recipe),
    }
    (folder / NOTES).write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")
    (folder / TIMELINE).write_text(timeline(timing.durations[chosen].tolist()), encoding="utf-8")


def heavier(stage: Stage, folder: Path, order: Order) -> str:
    """Say by how much PDF frames in a folder are larger than PNG frames would be, if they are."""
    has = sum(file.stat().st_size for file in folder.iterdir() if file.suffix.casefold() == ".pdf")
    if not has:
        return ""
    pngs = [io.BytesIO(), io.BytesIO()]
    for png, frame in zip(pngs, (0, stage.scene.frames - 1), strict=True):  # the least and the most on one
        png.write(frame_png(whole_rgba(stage, frame), stage, order))
    would = sum(len(png.getvalue()) for png in pngs) * len(stage.scene.timing.pages) // 2
    if has < 2 * would:
        return ""
    return f"the frames have {kilo(has)}; as PNG, which a name ending in / makes, about {kilo(would)}"


def timeline(durations: Sequence[int]) -> str:
    """Write how long frames stay, in ms, as animate's timeline: frames a second, and the frame, a line each.

    >>> print(timeline([40, 100, 1600]), end="")
    :25:0
    :10:1
    :0.625:2
    """
    return "".join(f":{1000 / stays:.6g}:{frame}\n" for frame, stays in enumerate(durations))


def write_png(rgba: NDArray[np.uint8], path: Path | io.BytesIO, stage: Stage, order: Order) -> None:
    """Write RGBA pixels (height, width, 4) as a PNG: with a palette where fewer colours are wished for."""
    import imageio.v3
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Software", "descent-viz")
    if order.title:
        notes.add_itxt("Title", order.title)
    notes.add_text("Description", order.recipe)
    if order.colours < COLOURS and not stage.scene.theme.transparent:
        packed = np.ascontiguousarray(rgba).view("<u4")[..., 0]
        few = Palette([packed], order.colours, run_colours(stage))
        image = Image.fromarray(few.indices(packed))
        image.putpalette(few.colours.tobytes())
        image.save(path, format="png", pnginfo=notes, optimize=True)
        return
    pixels = rgba if stage.scene.theme.transparent else opaque(rgba, stage)
    imageio.v3.imwrite(path, pixels, extension=".png", plugin="pillow", pnginfo=notes, optimize=True)


def frame_png(rgba: NDArray[np.uint8], stage: Stage, order: Order) -> bytes:
    """Return RGBA pixels (height, width, 4) as a PNG, of every colour and made fast: one of many frames.

    Args:
        rgba: The frame.
        stage: Says whether pixels cover what is behind; if all do, the PNG is without A.
        order: Gives the texts in the PNG.
    """
    height, width = rgba.shape[:2]
    kind, part = (_RGBA, rgba) if stage.scene.theme.transparent else (_RGB, opaque(rgba, stage))
    texts = {"Software": "descent-viz", "Title": order.title, "Description": order.recipe}
    return b"".join(
        [
            SIGNATURE,
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
            *text_chunks(texts),
            chunk(b"IDAT", zlib.compress(scanlines(part), _LEVEL)),
            chunk(b"IEND", b""),
        ]
    )


def text_chunks(texts: dict[str, str]) -> list[bytes]:
    """Return texts, by their keyword, as chunks of a PNG; empty ones are left out."""
    # iTXt: any characters, here not compressed and in no language.
    pairs = [(keyword.encode("latin-1"), text.encode()) for keyword, text in texts.items() if text]
    return [chunk(b"iTXt", keyword + bytes(5) + text) for keyword, text in pairs]


def scanlines(part: NDArray[np.uint8]) -> bytes:
    """Return a PNG's rows, not compressed, of pixels (height, width) or (height, width, n)."""
    rows = part.reshape(len(part), -1)
    filtered = np.zeros((len(rows), rows.shape[1] + 1), np.uint8)  # each row begins with filter 0: none
    filtered[:, 1:] = rows
    return filtered.tobytes()


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def write_vector(stage: Stage, frame: int, path: Path, order: Order) -> None:
    """Write a frame as SVG or PDF, by the path's suffix; without a date, so that bytes can be made again."""
    kind = path.suffix.casefold().removeprefix(".")
    notes: dict[str, Any] = _pdf_notes(order)
    if kind == "svg":
        notes = {"Title": notes["Title"], "Date": None, "Description": order.recipe}
    stage.set_changing_visible(True)
    stage.show(frame)
    theme = stage.scene.theme
    with default_style(theme.font):
        stage.figure.savefig(path, format=kind, metadata=notes, facecolor=theme.background)
    if kind == "svg":
        path.write_text(_rounded(path.read_text(encoding="utf-8")), encoding="utf-8")


def _rounded(drawing: str) -> str:
    """Write the courses of an SVG's paths with two decimals, hundredths of a point: a third smaller.

    >>> _rounded('<path d="M 1.234567 -0.001 L 12.5 3" x="1.234567"/>')
    '<path d="M 1.23 0 L 12.5 3" x="1.234567"/>'
    """

    def course(found: re.Match[str]) -> str:
        return _DECIMALS.sub(lambda number: f"{round(float(number[0]), 2) + 0.0:g}", found[0])

    return _COURSE.sub(course, drawing)


def counted(stage: Stage, static: Any, order: Order) -> Iterator[NDArray[np.uint8]]:
    """Yield every frame in order as RGBA pixels, see `frames.stream`, and report each."""
    return (pixels for pixels, _ in boxed(stage, static, order))


def boxed(stage: Stage, static: Any, order: Order) -> Iterator[tuple[NDArray[np.uint8], list[Box]]]:
    """Yield every frame in order and where it may differ, see `frames.changing`, and report each."""
    for done, frame in enumerate(changing(stage, static), start=1):
        yield frame
        order.done(done, stage.scene.frames)


def palette(stage: Stage, static: Any, order: Order) -> Palette:
    """Choose the colours of an animation from some of its frames; those of the runs are always among them."""
    last = stage.scene.frames - 1
    some = [pixels.view("<u4")[..., 0] for pixels in samples(stage, static, sorted({0, last // 3, last}))]
    return Palette(some, order.colours, run_colours(stage))
