"""A small map of the whole view in a corner of the contour, with a frame around the part that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from ...surfaces.surface import inside, width_of
from ..canvas.axes import letters, points
from ..scenes.scaled import recording_heights
from ..style.language import say
from ..style.layout import Rect
from .bands import every, fill_bands
from .free_place import Ground

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..scenes.scene import Scene
    from ..style.layout import Layout

NAME = "whole view"
_SHARE = 0.24  # the map's longer side, in the contour's shorter
_SMALLEST = 56.0  # pixels
_LARGEST = 0.4  # of the contour's shorter side: a contour on which the map would be larger has none
# Above the heights and their lines; below all that grows and moves, so that the map hides no run.
_ZORDER = 2.0


def draw_inset(
    axes: Axes, scene: Scene, layout: Layout, labels: Sequence[Text] = (), taken: Sequence[Rect] = ()
) -> Rect | None:
    """Draw the whole view small, where it hides least; nothing where it would hide words or a mark.

    Args:
        axes: The contour, whose limits are the scene's view.
        scene: A recording and its look.
        layout: Where the contour is, and the text scale.
        labels: Texts on the contour.
        taken: Boxes on it, in pixels from its lower left corner.

    Returns:
        Where it is, in pixels of the contour.
    """
    place = _place(scene, layout, labels, taken)
    if place is None:
        return None
    frame, whole, theme = np.array(scene.view), np.array(scene.recording.view), scene.theme
    per_pixel = np.ptp(frame, axis=1) / (layout.contour.width, layout.contour.height)
    corner = frame[:, 0] + np.array([place.x, place.y]) * per_pixel
    size = np.array([place.width, place.height]) * per_pixel
    share = size / np.ptp(whole, axis=1)

    def placed(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(corner + (points - whole[:, 0]) * share)

    def box(ends: Sequence[NDArray[np.float64]], width: float, edge: str, rank: float) -> None:
        low, high = ends
        wide, tall = (high - low).tolist()
        xy = (float(low[0]), float(low[1]))
        axes.add_patch(
            Rectangle(
                xy, wide, tall, fill=False, edgecolor=edge, lw=points(layout.px(width)), zorder=_ZORDER + rank
            )
        )

    field, minima = scene.recording.field, scene.recording.minima
    heights = recording_heights(scene.recording, scene.heights)
    # The page's colour around the map parts it from the contour, which may have the same colours there.
    box([corner, corner + size], 5.2, theme.background, 0.0)
    # Points nearer to each other than a pixel of the map show nothing more, and take time.
    few, thin = every(field, heights, (int(field.x.size / place.width), int(field.y.size / place.height)))
    (x, _), (_, y) = (placed(np.column_stack([axis, axis])).T for axis in (few.x, few.y))
    fill_bands(axes, (x, y, np.ma.masked_invalid(thin.values)), heights, theme, _ZORDER + 0.1)
    box([corner, corner + size], 0.8, theme.text, 0.2)
    shown = np.array([each.point for each in minima if inside(each.point, scene.recording.view)])
    if len(shown):
        axes.plot(
            *placed(shown).T,
            linestyle="none",
            marker="*",
            markersize=points(layout.px(5.5)),
            markerfacecolor=theme.background,
            markeredgecolor=theme.marks,
            markeredgewidth=points(layout.px(0.7)),
            zorder=_ZORDER + 0.3,
        )
    box(list(placed(frame.T)), 1.4, theme.text, 0.4)
    ends = (placed(frame.T) - frame[:, 0]) / per_pixel
    stars = (placed(shown) - frame[:, 0]) / per_pixel if len(shown) else np.empty((0, 2))
    _draw_name(axes, scene, place, [*ends, *stars], layout)
    return place


def _draw_name(
    axes: Axes, scene: Scene, place: Rect, marks: Sequence[NDArray[np.float64]], layout: Layout
) -> None:
    """Say what the map shows, at its upper or lower edge, where that has room.

    Args:
        axes: The contour.
        scene: Gives its view and the colours.
        place: The map, in pixels of the contour.
        marks: The lower left and the upper right corner of the frame on it, and its stars, likewise.
        layout: Where the contour is, and the text scale.
    """
    name = Text(0, 0, say(NAME), color=scene.theme.text, size=letters(layout.px(9.5)), zorder=_ZORDER + 0.5)
    name.set(ha="left", parse_math=False)
    name.set_bbox({"facecolor": scene.theme.background, "alpha": 0.6, "edgecolor": "none", "pad": 0.6})
    axes.add_artist(name)
    extent, gap = name.get_window_extent(), layout.px(3)
    (x0, y0), (x1, y1), *stars = (spot.tolist() for spot in marks)
    corner, size = np.array(scene.view)[:, 0], np.ptp(scene.view, axis=1)
    rooms = place.width - extent.width - 2 * gap, place.height - extent.height - 2 * gap
    for across, up in ((0.5, 1.0), (0.5, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0), (1.0, 0.0)):
        spot = place.x + gap + across * rooms[0], place.y + gap + up * rooms[1]
        rect = Rect(*spot, extent.width, extent.height)
        framed = x0 < rect.right + gap and rect.x - gap < x1 and y0 < rect.top + gap and rect.y - gap < y1
        starred = any(
            rect.x - 2 * gap < x < rect.right + 2 * gap and rect.y - 2 * gap < y < rect.top + 2 * gap
            for x, y in stars
        )
        if rooms[0] >= 0 and not framed and not starred:
            at = np.array(spot) / (layout.contour.width, layout.contour.height)
            name.set(position=tuple(corner + at * size), va="bottom")
            return
    name.remove()


def _place(scene: Scene, layout: Layout, labels: Sequence[Text], taken: Sequence[Rect]) -> Rect | None:
    """Return the map's place in pixels of the contour; None where it has no room."""
    shorter = min(layout.contour.width, layout.contour.height)
    longer = max(_SHARE * shorter, _SMALLEST)
    if longer > _LARGEST * shorter:
        return None
    shape, to_scale = width_of(scene.recording.view)
    shape = shape if to_scale else 1.0
    size = (longer * min(1.0, shape), longer / max(1.0, shape))
    (words, marks, *_), place = Ground.of(scene, layout.contour, layout, labels, taken).freest(size)
    return None if words or marks else place
