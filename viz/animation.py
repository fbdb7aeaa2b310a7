"""Animations and stills: what a user makes from a recording, and saves under any suffix there is."""

from __future__ import annotations

import json
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..surfaces.messages import DescentError, check_suffix
from ..trajectories.atomic import writing
from .formats import FORMATS, Format
from .scene import AbstractScene, compose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ..trajectories.basins_data import Basins
    from ..trajectories.recording import Recording
    from ..trajectories.sweep_data import Sweep
    from .stage import Stage
    from .themes import Theme

    Progress = Callable[[int, int], None]  # called with frames done and frames in all


class _Picture:
    """What animations and stills share: a scene, compiled when it is first needed."""

    def __init__(self, scene: AbstractScene) -> None:
        self.scene = scene

    @cached_property
    def _stage(self) -> Stage:
        from .stage import compile_scene

        return compile_scene(self.scene)

    def _check(self, frame: int) -> int:
        if not -self.scene.frames <= frame < self.scene.frames:
            raise DescentError(f"frame must be between 0 and {self.scene.frames - 1}, not {frame}")
        return frame % self.scene.frames


class Still(_Picture):
    """One picture of a recording, at its last step."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """RGB pixels, shape (height, width, 3)."""
        from .frames import whole

        return whole(self._stage, self.scene.frames - 1)

    def save(self, path: str | Path) -> Path:
        """Write the picture; the suffix chooses the format: .png, .svg or .pdf.

        Raises:
            DescentError: Another suffix, or the file cannot be written.
        """
        return _save(self, path, None, [name for name, kind in FORMATS.items() if not kind.moves])


class Animation(_Picture):
    """A recording as moving pictures; frame i depends on the scene and on i only."""

    def __len__(self) -> int:
        return self.scene.frames

    def frame(self, index: int) -> NDArray[np.uint8]:
        """Return one frame as RGB pixels, shape (height, width, 3); negative numbers count from the end."""
        from .frames import whole

        return whole(self._stage, self._check(index))

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield all frames in order as RGB pixels, shape (height, width, 3), much faster than one by one."""
        from .frames import backdrop, stream

        for pixels in stream(self._stage, backdrop(self._stage)):
            yield pixels[..., :3].copy()

    def still(self) -> Still:
        """Return the last frame as a still."""
        picture = Still(self.scene)
        picture.__dict__["_stage"] = self._stage
        return picture

    def save(self, path: str | Path, progress: Progress | None = None) -> Path:
        """Write the animation, or for a still format its last frame; the suffix chooses the format.

        Args:
            path: Where to; missing folders are made. The file appears whole or not at all.
            progress: Called with the number of frames done and of all frames.

        Raises:
            DescentError: Unknown suffix, or the file cannot be written.
        """
        return _save(self, path, progress, list(FORMATS))


def _save(
    picture: Still | Animation, path: str | Path, progress: Progress | None, allowed: list[str]
) -> Path:
    target = Path(path)
    kind = format_of(target, allowed)
    encoder = _load(kind)
    stage = picture._stage  # what cannot be drawn is known before a folder is made
    with writing(target) as part:
        encoder(stage, part, recipe_text(picture.scene.recipe), progress)
    return target


def format_of(path: Path, allowed: list[str] | None = None) -> Format:
    """Return the format that a path's suffix names.

    Raises:
        DescentError: Unknown suffix, or none.
    """
    allowed = list(FORMATS) if allowed is None else allowed
    check_suffix(path, allowed)
    return FORMATS[path.suffix.casefold()]


def _load(kind: Format) -> Callable[[Stage, Path, str, Progress | None], None]:
    module, _, function = kind.encoder.partition(":")
    loaded: Any = getattr(import_module(module, __package__), function)
    return loaded  # type: ignore[no-any-return]


def recipe_text(recipe: dict[str, Any]) -> str:
    """Write a recipe as the JSON that every picture carries."""
    return json.dumps({"made_with": "descent-viz", "recipe": recipe}, ensure_ascii=True)


def animate(
    subject: Recording | Sweep | Basins,
    *,
    theme: str | Theme = "light",
    size: str | tuple[int, int] = "medium",
    fps: float | None = None,
    seconds: float | None = None,
    hold: float = 1.5,
    loop: bool = True,
    heights: str = "auto",
    multiples: bool = False,
    panels: str | Sequence[str] | None = None,
) -> Animation:
    """Make an animation of a recording, a sweep or basins; nothing is drawn before it is asked for.

    Args:
        subject: What to draw.
        theme: "light", "dark", "print" or a Theme.
        size: A preset such as "medium", "960x600", or (width, height) in pixels.
        fps: Frames a second, at most 50; by default 25, and fewer for short runs.
        seconds: The length without the hold; by default one frame a step, at most 300 frames.
        hold: How long the last frame stays in addition, in seconds.
        loop: Whether the animation starts again at its end.
        heights: "auto", "linear" or "log" scaling of the contour's heights.
        multiples: Draw a sweep as a grid of small contour panels instead of as curves.
        panels: What a picture of a network shows beside the contour, the most important first: some of
            loss, fit, curves, line, layers and gradients, as a list or apart by commas; by default those
            that suit. Panels that the page has no room for are left out.

    Raises:
        DescentError: A value that is not known or out of its range.

    >>> import descent
    >>> len(descent.animate(descent.record("sphere", "sgd:lr=0.1", steps=20)))
    21
    """
    scene = compose(
        subject,
        theme=theme,
        size=size,
        fps=fps,
        seconds=seconds,
        hold=hold,
        loop=loop,
        heights=heights,
        multiples=multiples,
        panels=panels,
    )
    return Animation(scene)


def still(
    subject: Recording | Sweep | Basins,
    *,
    theme: str | Theme = "light",
    size: str | tuple[int, int] = "medium",
    heights: str = "auto",
    multiples: bool = False,
    panels: str | Sequence[str] | None = None,
) -> Still:
    """Make a still of the last step of a recording, a sweep or basins; see `animate` for the arguments.

    Raises:
        DescentError: A value that is not known or out of its range.
    """
    look = {"theme": theme, "size": size, "heights": heights, "multiples": multiples, "panels": panels}
    return Still(compose(subject, **look))
