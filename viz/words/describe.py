"""Title, alt text and caption of a picture, from the numbers that it shows; loads no drawing library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .describe_many import of_basins, of_difference, of_sweep
from .describe_runs import of_recording
from .prose import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..scenes.scene import AbstractScene

_BY_KIND: dict[str, Callable[[Any, bool], Words]] = {
    "recording": of_recording,
    "sweep": of_sweep,
    "basins": of_basins,
    "difference": of_difference,
}


def words(scene: AbstractScene, *, moving: bool) -> Words:
    """Say what a picture shows, for those who cannot see it and for the line below it.

    Args:
        scene: What is shown.
        moving: Whether it is shown as an animation, where it moves at all, and not as a still of its end.

    >>> import descent
    >>> recording = descent.record("sphere", "sgd:lr=0.1", steps=50, start=(1, 1), grid=(9, 9))
    >>> words(descent.animate(recording).scene, moving=True).alt[:58]
    'Contour animation of the Sphere surface, 50 steps from (1,'
    """
    return _BY_KIND[scene.kind](scene, moving and scene.moves)


__all__ = ["Words", "words"]
