"""Frames as pixels: drawn whole, or fast by drawing only what changed since the frame before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .stage import default_style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from .stage import Stage


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


def sample(stage: Stage, static: Any, frame: int) -> NDArray[np.uint8]:
    """Draw one frame onto the static part; returns RGBA pixels (height, width, 4)."""
    stage.canvas.restore_region(static)
    stage.show(frame)
    renderer = stage.canvas.get_renderer()
    for artist in stage.changing:
        artist.draw(renderer)
    return np.asarray(stage.canvas.buffer_rgba()).copy()


def stream(stage: Stage, static: Any) -> Iterator[NDArray[np.uint8]]:
    """Yield every frame in order as RGBA pixels (height, width, 4), not multiplied by A.

    Each frame adds to the trails, keeps that, and draws what moves on top; nothing else is drawn again.
    The array yielded is the renderer's own and changes with the next frame: copy what must last.
    """
    canvas, renderer = stage.canvas, stage.canvas.get_renderer()
    settled = static
    for frame in range(stage.scene.frames):
        canvas.restore_region(settled)
        for part in stage.growing:
            part.show(frame, frame)
            part.artist.draw(renderer)
        settled = canvas.copy_from_bbox(stage.figure.bbox)
        for thing in stage.moving:
            thing.update(frame)
            thing.artist.draw(renderer)
        yield np.asarray(canvas.buffer_rgba())
