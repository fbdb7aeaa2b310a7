"""Files no larger than wished: fewer colours, then fewer frames, then a smaller picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...surfaces.errors import NotPossibleError
from .order import COLOURS
from .run_colours import run_colours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..canvas.stage import Stage
    from .formats import Format
    from .order import Order

_PALETTES = (COLOURS, 127, 63, 31)  # colours
_RUNS = 0.5  # a palette may be so much full of the colours of runs: the rest shows the ground they are on
_FEWEST_FRAMES = 24  # an animation with fewer no longer moves
_SMALLEST = (320, 240)  # pixels: words on a smaller picture cannot be read
_MARGIN = 0.96  # a try aims this far below the limit: sizes are not quite proportional
_TRIES = 12


@dataclass(frozen=True, slots=True)
class _Means:
    """How a picture is made smaller."""

    colours: int
    frames: int
    share: float  # of the wished width and height

    def size(self, wished: tuple[int, int]) -> tuple[int, int]:
        """Return the size in pixels."""
        return round(wished[0] * self.share), round(wished[1] * self.share)


def fitted(
    stage: Stage,
    path: Path,
    order: Order,
    encode: Callable[[Stage, Path, Order], None],
    kind: Format,
    limit: int,
    name: str = "the picture",
) -> str:
    """Write a picture so that its file has at most so many bytes, and say what that took.

    Args:
        stage: The compiled scene.
        path: Where to.
        order: What else the file is to carry.
        encode: Writes it.
        kind: The format, which says what can be reduced.
        limit: The most bytes the file may have.
        name: What it is called where it cannot be made so small.

    Returns:
        What was done, in words; empty where the file was small enough at once.

    Raises:
        NotPossibleError: The file cannot be made so small.
    """
    from ..canvas.stage import compile_scene

    scene = stage.scene
    means = _Means(COLOURS, scene.frames, 1.0)
    for _ in range(_TRIES):
        now = stage
        if means.frames < scene.frames or means.share < 1:
            timing = scene.timing.thinned(means.frames)
            now = compile_scene(replace(scene, timing=timing, size=means.size(scene.size)))
        encode(now, path, replace(order, colours=means.colours))
        found = path.stat().st_size
        if found <= limit:
            return _in_words(means, now, stage, kind, limit)
        means_next = _next(means, kind, found / limit, now)
        if means_next is None:
            break
        means = means_next
    raise NotPossibleError(
        f"{name} has {kilo(found)}{_with(means, now, stage, kind)} and cannot be made smaller than "
        f"--max-size {kilo(limit)}; allowed: a larger --max-size, another format or a shorter run"
    )


def _next(means: _Means, kind: Format, excess: float, stage: Stage) -> _Means | None:
    """Return the next thing to try for a file that is so many times too large; None when nothing is left."""
    if "colours" in kind.shrinks_by and not stage.scene.theme.transparent:  # which has too many
        least = len(run_colours(stage)) / _RUNS if kind.extra != "video" else 0
        if fewer := [few for few in _PALETTES if least <= few < means.colours]:
            return replace(means, colours=fewer[0])
    if "frames" in kind.shrinks_by and means.frames > _FEWEST_FRAMES:
        count = min(math.floor(means.frames * _MARGIN / excess), means.frames - 1)
        return replace(means, frames=max(count, _FEWEST_FRAMES))
    room = max(least / side for least, side in zip(_SMALLEST, stage.scene.size, strict=True))
    if "size" in kind.shrinks_by and room < 0.99:
        return replace(means, share=means.share * max(min(math.sqrt(_MARGIN / excess), 0.95), room))
    return None


def _in_words(means: _Means, now: Stage, wished: Stage, kind: Format, limit: int) -> str:
    made = _with(means, now, wished, kind)
    return made and f"drawn{made}, to stay within {kilo(limit)}"


def _with(means: _Means, now: Stage, wished: Stage, kind: Format) -> str:
    parts = []
    if means.colours < COLOURS:
        video = kind.extra == "video"
        parts.append("a lower quality" if video else f"{means.colours} colours")
    if now.scene.frames < wished.scene.frames:
        parts.append(f"{now.scene.frames} of {wished.scene.frames} frames")
    if now.scene.size != wished.scene.size:
        width, height = now.scene.size
        parts.append(f"{width}x{height} pixels")
    return f" with {', '.join(parts)}" if parts else ""


def kilo(size: int) -> str:
    """Write a number of bytes.

    >>> kilo(311_204), kilo(2_000_000)
    ('311 kB', '2 MB')
    """
    return f"{size / 1e6:.3g} MB" if size >= 1e6 else f"{size / 1e3:.3g} kB"
