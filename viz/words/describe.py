"""Title, alt text and caption of a picture, from the numbers that it shows; loads no drawing library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...surfaces.imports import own
from ..scenes.subjects import SUBJECTS
from .prose import Words

if TYPE_CHECKING:
    from ..scenes.scene import AbstractScene


def words(scene: AbstractScene, *, moving: bool) -> Words:
    """Say what a picture shows, for those who cannot see it and for the line below it.

    Args:
        scene: What is shown.
        moving: Whether it is shown as an animation, where it moves at all, and not as a still of its end.

    >>> import descent
    >>> recording = descent.record("sphere", "sgd:lr=0.1", steps=50, start=(1, 1), resolution=(9, 9))
    >>> words(descent.animate(recording).scene, moving=True).alt[:58]
    'Contour animation of the Sphere surface, 50 steps from (1,'
    """
    said: Words = own("viz", SUBJECTS[scene.kind].words)(scene, moving and scene.moves)
    return said


__all__ = ["Words", "words"]
