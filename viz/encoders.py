"""Encoders: write a compiled scene to a file that does not exist yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .frames import backdrop, sample, stream, whole
from .gif import write_gif
from .stage import default_style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from .stage import Stage

    Progress = Callable[[int, int], None]


def gif(stage: Stage, path: Path, recipe: str, progress: Progress | None) -> None:
    """Write every frame as a GIF."""
    static = backdrop(stage)
    last = stage.scene.frames - 1
    samples = [sample(stage, static, frame) for frame in sorted({0, last // 3, last})]
    with path.open("wb") as file:
        write_gif(
            file,
            _counted(stage, static, progress),
            stage.scene.timing.durations.tolist(),
            samples,
            recipe,
            loop=stage.scene.loop,
        )


def png(stage: Stage, path: Path, recipe: str, progress: Progress | None) -> None:
    """Write the last frame as a PNG."""
    import imageio.v3
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Software", "descent-viz")
    notes.add_text("Description", recipe)
    pixels = whole(stage, stage.scene.frames - 1)
    imageio.v3.imwrite(path, pixels, extension=".png", plugin="pillow", pnginfo=notes, optimize=True)


def svg(stage: Stage, path: Path, recipe: str, progress: Progress | None) -> None:
    """Write the last frame as SVG."""
    _vector(stage, path, "svg", {"Title": "descent-viz", "Date": None, "Description": recipe})


def pdf(stage: Stage, path: Path, recipe: str, progress: Progress | None) -> None:
    """Write the last frame as PDF."""
    _vector(stage, path, "pdf", {"Creator": "descent-viz", "CreationDate": None, "Subject": recipe})


def _vector(stage: Stage, path: Path, kind: str, notes: dict[str, Any]) -> None:
    stage.set_changing_visible(True)
    stage.show(stage.scene.frames - 1)
    with default_style():  # no date in the file: the same recipe gives the same bytes
        stage.figure.savefig(path, format=kind, metadata=notes, facecolor=stage.scene.theme.background)


def _counted(stage: Stage, static: Any, progress: Progress | None) -> Iterator[NDArray[np.uint8]]:
    for done, pixels in enumerate(stream(stage, static), start=1):
        yield pixels
        if progress is not None:
            progress(done, stage.scene.frames)
