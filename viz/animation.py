"""Animations and stills: what a user makes from a recording, and saves under any suffix there is."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..surfaces.errors import DescentError
from ..surfaces.text import shown_value
from .notebook import HTML, bundle
from .scenes.difference import DifferenceScene
from .scenes.scene import AbstractScene, compose
from .scenes.signature import takes_wishes
from .scenes.wishes import ANIMATION, STILL, Wishes
from .words.describe import words
from .words.long_description import long_description

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from ..trajectories.regression.difference import Difference
    from ..trajectories.results.recording import Recording
    from .canvas.stage import Stage
    from .files.order import Progress
    from .scenes.subjects import Subject
    from .style.themes import Theme
    from .words.long_description import LongDescription
    from .words.prose import Words


class _Picture:
    """What animations and stills share: a scene, compiled when it is first needed."""

    def __repr__(self) -> str:
        """Name what it shows in one line."""
        width, height = self.scene.size
        frames = f"{self.scene.frames} frames, " if isinstance(self, Animation) else ""
        return f"<{type(self).__name__} of a {self.scene.kind}: {frames}{width} x {height} pixels>"

    def __init__(self, scene: AbstractScene) -> None:
        self.scene = scene

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        moves = isinstance(self, Animation)
        return bundle(self.scene, self._words, lambda: self._stage, include, exclude, moves=moves)

    def _repr_html_(self) -> str | None:
        return self._repr_mimebundle_(include=(HTML,)).get(HTML)

    def _mime_(self) -> tuple[str, str]:
        return HTML, self._repr_html_() or ""

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

    @property
    def description(self) -> LongDescription:
        """What the picture shows in words and numbers: its key frames, and a table."""
        return long_description(self.scene)

    def _save(self, path: str | Path, **how: Any) -> Path:
        from .files.saving import save

        return save(self.scene, lambda: self._stage, path, **how)

    def _check(self, frame: int) -> int:
        try:
            frame = frame.__index__()
        except (AttributeError, TypeError):
            raise DescentError(f"frame must be a whole number, not {shown_value(frame)}") from None
        if not -self.scene.frames <= frame < self.scene.frames:
            raise DescentError(
                f"frame must be between 0 and {self.scene.frames - 1}, not {shown_value(frame)}"
            )
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


@takes_wishes(ANIMATION)
def animate(subject: Subject, **wishes: Any) -> Animation:
    """Make an animation of a recording, a sweep or basins; nothing is drawn before it is asked for.

    Args:
        subject: What to draw.
        **wishes: WISHES

    Raises:
        DescentError: A wish that is not known, or a value that is not known or out of its range.

    >>> import descent
    >>> len(descent.animate(descent.record("sphere", "sgd:lr=0.1", steps=20), fps=10))
    21
    """
    return Animation(compose(subject, **wishes))


@takes_wishes(STILL)
def still(subject: Subject, **wishes: Any) -> Still:
    """Make a still of the last step of a recording, a sweep or basins.

    Args:
        subject: What to draw.
        **wishes: WISHES

    Raises:
        DescentError: A wish that is not known, or a value that is not known or out of its range.
    """
    return Still(compose(subject, **wishes))


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
