"""Animations and stills: what a user makes from a recording, and saves under any suffix there is."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..surfaces.errors import DescentError
from .scenes.difference import DifferenceScene
from .scenes.scene import AbstractScene, compose
from .scenes.wishes import Wishes
from .words.describe import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from ..trajectories.regression.difference import Difference
    from ..trajectories.results.basins import Basins
    from ..trajectories.results.recording import Recording
    from ..trajectories.results.sweep import Sweep
    from .canvas.stage import Stage
    from .files.order import Progress
    from .style.themes import Theme
    from .words.prose import Words


class _Picture:
    """What animations and stills share: a scene, compiled when it is first needed."""

    def __init__(self, scene: AbstractScene) -> None:
        self.scene = scene

    @cached_property
    def _stage(self) -> Stage:
        from .canvas.stage import compile_scene

        return compile_scene(self.scene)

    @cached_property
    def _words(self) -> Words:
        return words(self.scene, moving=isinstance(self, Animation))

    @property
    def alt(self) -> str:
        """What somebody who cannot see the picture should know."""
        return self._words.alt

    @property
    def caption(self) -> str:
        """A sentence or two to stand below the picture."""
        return self._words.caption

    def _save(self, path: str | Path, **how: Any) -> Path:
        from .files.saving import save

        return save(self.scene, lambda: self._stage, path, **how)

    def _check(self, frame: int) -> int:
        if not -self.scene.frames <= frame < self.scene.frames:
            raise DescentError(f"frame must be between 0 and {self.scene.frames - 1}, not {frame}")
        return frame % self.scene.frames


class Still(_Picture):
    """One picture of a recording, at its last step."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """RGB pixels, shape (height, width, 3); see `Animation.frame` for themes without a background."""
        from .canvas.frames import whole

        return whole(self._stage, self.scene.frames - 1)

    def save(self, path: str | Path, say: Callable[[str], object] | None = None) -> Path:
        """Write the picture; the suffix chooses the format: .png, .svg or .pdf.

        Args:
            path: Where to; missing folders are made. The file appears whole or not at all.
            say: Called with a sentence about what was done to keep the file within ``max_size``.

        Raises:
            DescentError: Another suffix, or the file cannot be written.
        """
        return self._save(path, moves=False, say=say)


class Animation(_Picture):
    """A recording as moving pictures; frame i depends on the scene and on i only."""

    def __len__(self) -> int:
        return self.scene.frames

    def frame(self, index: int) -> NDArray[np.uint8]:
        """Return one frame as RGB pixels, shape (height, width, 3); negative numbers count from the end.

        A theme without a background is laid on the colour that it is meant for; files keep it transparent.
        """
        from .canvas.frames import whole

        return whole(self._stage, self._check(index))

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield all frames in order as RGB pixels, shape (height, width, 3), much faster than one by one."""
        from .canvas.frames import backdrop, opaque, stream

        for pixels in stream(self._stage, backdrop(self._stage)):
            yield opaque(pixels, self._stage)

    def still(self) -> Still:
        """Return the last frame as a still."""
        picture = Still(self.scene)
        picture.__dict__["_stage"] = self._stage
        return picture

    def save(
        self,
        path: str | Path,
        progress: Progress | None = None,
        say: Callable[[str], object] | None = None,
    ) -> Path:
        """Write the animation, or for a still format its last frame; the suffix chooses the format.

        Args:
            path: Where to; missing folders are made. The file appears whole or not at all. ``"frames/"``
                makes a folder of numbered PNG files, ``"frames/%d.pdf"`` one of numbered PDF files.
            progress: Called with the number of frames done and of all frames.
            say: Called with a sentence about what was done to keep the file within ``max_size``.

        Raises:
            DescentError: Unknown suffix, or the file cannot be written.
        """
        return self._save(path, moves=True, progress=progress, say=say)


def animate(
    subject: Recording | Sweep | Basins,
    *,
    theme: str | Path | Theme = "light",
    size: str | tuple[int, int] = "medium",
    fps: float | None = None,
    seconds: float | None = None,
    hold: float = 1.5,
    loop: bool = True,
    heights: str = "auto",
    panels: str | Sequence[str] | None = None,
    pace: str = "even",
    grid: str | Sequence[str] | None = None,
    arrows: str | Sequence[str] | None = None,
    field: bool = False,
    orbit: bool = False,
    max_size: str | int | None = None,
) -> Animation:
    """Make an animation of a recording, a sweep or basins; nothing is drawn before it is asked for.

    Args:
        subject: What to draw.
        theme: A name in `descent list themes`, the file or the name of a matplotlib style sheet, or a Theme.
        size: A preset such as "medium", "960x600", or (width, height) in pixels.
        fps: Frames a second, at most 50; by default 25, and fewer for short runs.
        seconds: The length without the hold; by default one frame a step, at most 300 frames.
        hold: How long the last frame stays in addition, in seconds.
        loop: Whether the animation starts again at its end.
        heights: "auto", "linear" or "log" scaling of the contour's heights.
        panels: What the picture of a recording shows, the most important first, as a list or apart by commas:
            contour, surface3d, loss, lr and gradient; of one parameter curve in place of the first two; of
            networks also fit, curves, line, layers and hinton. By default those that suit and have room.
        pace: "even", or "early" for more time on the first steps.
        grid: Small contour panels by optimizer, lr or run: one of these, or two apart by a comma for what
            stands below each other and beside each other.
        arrows: What to draw at each head: some of gradient, step, momentum and adam.
        field: Whether small arrows all over the contour point downhill.
        orbit: Whether the 3-D surface turns.
        max_size: The most that a file may have, in bytes or as "400kB" or "2MB": it then gets fewer colours,
            fewer frames and at last fewer pixels, in that order.

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
        panels=panels,
        pace=pace,
        grid=grid,
        arrows=arrows,
        field=field,
        orbit=orbit,
        max_size=max_size,
    )
    return Animation(scene)


def still(
    subject: Recording | Sweep | Basins,
    *,
    theme: str | Path | Theme = "light",
    size: str | tuple[int, int] = "medium",
    heights: str = "auto",
    panels: str | Sequence[str] | None = None,
    grid: str | Sequence[str] | None = None,
    arrows: str | Sequence[str] | None = None,
    field: bool = False,
    strip: int | None = None,
    max_size: str | int | None = None,
) -> Still:
    """Make a still of the last step of a recording, a sweep or basins; see `animate` for the arguments.

    Raises:
        DescentError: A value that is not known or out of its range.
    """
    scene = compose(
        subject,
        theme=theme,
        size=size,
        heights=heights,
        panels=panels,
        grid=grid,
        arrows=arrows,
        field=field,
        strip=strip,
        max_size=max_size,
    )
    return Still(scene)


def picture(
    expected: Recording,
    found: Recording,
    difference: Difference,
    *,
    theme: str | Theme = "light",
    size: str | tuple[int, int] = "medium",
) -> Still:
    """Make a still of the run that differs first, or of the first run where none does.

    Raises:
        DescentError: The recordings have no run in common.
    """
    if not difference.runs:
        raise DescentError("the two recordings have no run in common, so there is nothing to draw")
    worst = difference.worst
    place = 0 if worst is None else difference.runs.index(worst)
    wishes = Wishes(theme=theme, size=size)
    parts: dict[str, Any] = wishes.look(1) | {"wishes": wishes, "difference": difference, "place": place}
    return Still(DifferenceScene(expected=expected, found=found, **parts))
