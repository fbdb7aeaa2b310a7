"""Frames as pixels: drawn whole, or fast by drawing only what changed since the frame before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .painted import joined, meets, painted
from .parts import still_there
from .stage import default_style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from .painted import Box
    from .parts import Growing, Moving
    from .stage import Stage

    Part = Growing | Moving


def whole(stage: Stage, frame: int) -> NDArray[np.uint8]:
    """Draw one frame from nothing; returns RGB pixels (height, width, 3), see `opaque`."""
    return opaque(whole_rgba(stage, frame), stage)


def whole_rgba(stage: Stage, frame: int) -> NDArray[np.uint8]:
    """Draw one frame from nothing; returns RGBA pixels (height, width, 4), not multiplied by A."""
    stage.set_changing_visible(True)
    stage.show(frame)
    with default_style(stage.scene.theme.font):
        stage.canvas.draw()
    return np.asarray(stage.canvas.buffer_rgba()).copy()


def opaque(pixels: NDArray[np.uint8], stage: Stage) -> NDArray[np.uint8]:
    """Lay RGBA pixels (height, width, 4) on the colour of the theme's page; returns RGB, a new array.

    Only pages without a background have pixels that it shines through.
    """
    if not stage.scene.theme.transparent:
        return pixels[..., :3].copy()
    colour, cover = pixels[..., :3].astype(np.uint16), pixels[..., 3:].astype(np.uint16)
    page = np.array(bytearray.fromhex(stage.scene.theme.background[1:]), np.uint16)
    return ((colour * cover + page * (255 - cover) + 127) // 255).astype(np.uint8)


def backdrop(stage: Stage) -> Any:
    """Draw the static part once, and return it as a region that the canvas can restore."""
    stage.set_changing_visible(False)
    with default_style(stage.scene.theme.font):
        stage.canvas.draw()
    stage.set_changing_visible(True)
    return stage.canvas.copy_from_bbox(stage.figure.bbox)


def samples(stage: Stage, static: Any, frames: Iterable[int]) -> Iterator[NDArray[np.uint8]]:
    """Draw some frames, in order, onto the static part; yields RGBA pixels (height, width, 4), new arrays."""
    canvas, renderer = stage.canvas, stage.canvas.get_renderer()
    settled, first = static, 0
    for frame in frames:
        canvas.restore_region(settled)
        for part in stage.growing:
            part.show(first, frame)
            part.artist.draw(renderer)
        settled, first = canvas.copy_from_bbox(stage.figure.bbox), frame + 1
        for thing in stage.moving:
            thing.update(frame)
            thing.artist.draw(renderer)
        yield np.asarray(canvas.buffer_rgba()).copy()


def stream(stage: Stage, static: Any) -> Iterator[NDArray[np.uint8]]:
    """Yield every frame in order as RGBA pixels (height, width, 4), not multiplied by A.

    The array yielded is the renderer's own and changes with the next frame: copy what must last.
    """
    return (pixels for pixels, _ in changing(stage, static))


def changing(stage: Stage, static: Any) -> Iterator[tuple[NDArray[np.uint8], list[Box]]]:
    """Yield every frame in order, as `stream` does, with boxes outside which it equals the one before.

    Each frame adds to the trails, keeps that, and draws what moves on top; nothing else is drawn again, and
    only where something was or is drawn the page is put back, kept and compared.
    """
    size = stage.scene.size
    stage.canvas.restore_region(static)
    settled = np.asarray(stage.canvas.buffer_rgba()).copy()
    # A page of its own, for the canvas has another frame on it where one is asked for in between.
    renderer = type(stage.canvas.get_renderer())(*size, stage.figure.dpi)
    page = np.asarray(renderer.buffer_rgba())
    page[...] = settled
    standing: dict[Part, Box] = {}  # what never changes: it is drawn again only where something touched it
    before: list[tuple[Part, Box]] = []  # what moves, where the last frame had it
    for frame in range(stage.scene.frames):
        for part in stage.growing:
            part.show(frame, frame)
        for thing in stage.moving:
            thing.update(frame)
        grown = [(part, box) for part in stage.growing if (box := painted(part.artist, renderer, size))]
        now = [
            (thing, box)
            for thing in stage.moving
            if (box := standing.get(thing) or painted(thing.artist, renderer, size))
        ]
        dirty = [*before, *grown, *(pair for pair in now if pair[0] not in standing)]
        back, rests = list(before), dict(standing)
        while touched := [thing for thing, box in rests.items() if meets(box, dirty)]:
            # What stands is put back whole, for it is drawn whole; so is what else stands there.
            boxes = [(thing, rests.pop(thing)) for thing in touched]
            back, dirty = back + boxes, dirty + boxes
        for _, (top, left, bottom, right) in back:
            page[top:bottom, left:right] = settled[top:bottom, left:right]
        for part, _ in grown:
            part.artist.draw(renderer)
        for _, (top, left, bottom, right) in grown:
            settled[top:bottom, left:right] = page[top:bottom, left:right]
        for thing, _ in now:
            if thing not in rests:
                thing.artist.draw(renderer)
        standing |= {thing: box for thing, box in now if thing.update is still_there}
        before = [(thing, box) for thing, box in now if thing not in standing]
        whole_page = (0, 0, size[1], size[0])
        yield page, joined((part.artist.axes, box) for part, box in dirty) if frame else [whole_page]
