"""A horizontal axis that counts epochs in place of steps."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from ..canvas.axes import points
from ..words.network_words import epoch_ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.layout import Rect


def label_epochs(axes: Axes, scene: Scene, place: Rect, ruler: Scaled, *, labelled: bool = True) -> None:
    """Number the horizontal axis by epochs in place of steps, where all runs share them; positions stay."""
    ends = epoch_ends(scene)
    if ends is None or len(ends) < 2:
        return
    shown = even_ticks(len(ends) - 1, min(6, max(2, int(place.width / ruler.px(48)))))
    axes.set_xticks([float(ends[k]) for k in shown], [str(k) for k in shown])
    if labelled:
        axes.set_xlabel(
            "epoch", color=scene.theme.muted, size=points(ruler.px(10.5)), labelpad=points(ruler.px(1))
        )


def even_ticks(last: int, most: int) -> list[int]:
    """Return numbers from 0 on, evenly apart, of which about so many lie up to the last.

    >>> even_ticks(6, 6), even_ticks(6, 3), even_ticks(150, 6)
    ([0, 1, 2, 3, 4, 5, 6], [0, 2, 4, 6], [0, 50, 100, 150])
    """
    strides = (factor * 10**power for power in itertools.count() for factor in (1, 2, 5))
    stride = next(stride for stride in strides if last // stride <= most)
    return list(range(0, last + 1, stride))
