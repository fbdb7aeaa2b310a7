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
    """Draw one frame from nothing; returns RGB pixels (height, width, 3)."""
    stage.set_changing_visible(True)
    stage.show(frame)
    with default_style():
        stage.canvas.draw()
    return np.asarray(stage.canvas.buffer_rgba())[..., :3].copy()


def backdrop(stage: Stage) -> Any:
    """Draw the static part once, and return it as a region that the canvas can restore."""
    stage.set_changing_visible(False)
    with default_style():
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
    """Yield every frame in order as RGBA pixels (height, width, 4).

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
