"""Where on a contour a box hides least of what matters: texts, marks, paths and the lowest heights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..scenes.paths import polylines
from ..style.layout import Rect
from .arrow_paint import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.text import Text
    from numpy.typing import NDArray

    from ...surfaces.field import Field
    from ...surfaces.surface import Box
    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene

    Pixels = NDArray[np.float64]  # (..., 2)

_TRIED = 15  # places along each side of the plot
_LOWEST = 0.1  # the share of the heights that counts as the lowest


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a box may hide on a contour; all in pixels of the plot, and spots from the lowest up."""

    place: Rect
    gap: float  # from the plot's edge, from marks and from paths
    labels: tuple[Rect, ...]
    marks: Pixels  # (n, 2): the start and the minima
    paths: Pixels  # (n, 2): spots all along them
    lowest: Pixels  # (n, 2): where the lowest heights are

    @classmethod
    def of(
        cls,
        scene: Scene,
        place: Rect,
        ruler: Scaled,
        labels: Sequence[Text] = (),
        taken: Sequence[Rect] = (),
        *,
        low: bool = True,
    ) -> Ground:
        """Return the ground of a recording's contour with texts and boxes on it that must stay free.

        Whether the lowest heights should stay free too is said by ``low``; to find them takes milliseconds.
        """
        recording, gap = scene.recording, ruler.px(7)
        panel = Panel.of(place, scene.view)
        marks = np.array([recording.recipe.start, *(minimum.point for minimum in recording.minima)])
        paths = [
            _along((line - panel.low) * panel.per_unit, gap)
            for run in scene.runs
            for line in polylines(run.path, scene.view)
        ]
        extents = [label.get_window_extent() for label in labels]
        return cls(
            place,
            gap,
            (
                *taken,
                *(Rect(each.x0 - place.x, each.y0 - place.y, each.width, each.height) for each in extents),
            ),
            *map(
                _upwards,
                (
                    (marks - panel.low) * panel.per_unit,
                    np.concatenate([np.empty((0, 2)), *paths]),
                    (lowest(scene.ground, scene.view) - panel.low) * panel.per_unit
                    if low
                    else np.empty((0, 2)),
                ),
            ),
        )

    def freest(self, size: tuple[float, float]) -> tuple[tuple[float, ...], Rect]:
        """Return what a box of a size hides where it hides least, along the edge, corners first; and where.

        Of places that are equal in that, the one that is farthest from marks and paths.
        """
        right, top = self.place.width - size[0] - self.gap, self.place.height - size[1] - self.gap
        across, up = np.linspace(self.gap, right, _TRIED), np.linspace(self.gap, top, _TRIED)
        ends = (0, -1)
        spots = [(x, y) for y in up[[*ends]] for x in across[[*ends]]]
        spots += [(x, y) for y in up[[*ends]] for x in across[1:-1]]
        spots += [(x, y) for x in across[[*ends]] for y in up[1:-1]]
        rects = [Rect(float(x), float(y), *size) for x, y in spots]

        def cost(rank: int) -> tuple[tuple[float, ...], bool, float]:
            return self.hidden(rects[rank]), rank >= 4, -self.away(rects[rank])

        best = rects[min(range(len(rects)), key=cost)]
        return self.hidden(best), best

    def hidden(self, rect: Rect) -> tuple[float, ...]:
        """Return how much of each a box would hide, the gravest first."""
        counts = [_near(rect, spots, room) for spots, room in self._rooms]
        return (sum(_overlap(rect, label) for label in self.labels), *map(float, counts))

    def away(self, rect: Rect) -> float:
        """Return how far a box would be from whatever is nearest."""
        return float(min(_apart(rect, spots).min(initial=np.inf) for spots in (self.marks, self.paths)))

    @property
    def _rooms(self) -> tuple[tuple[Pixels, float], ...]:
        return (self.marks, self.gap), (self.paths, self.gap), (self.lowest, 0.0)


def lowest(field: Field, view: Box) -> NDArray[np.float64]:
    """Return the points of a field, (n, 2), with the lowest tenth of the heights in a view."""
    columns, rows = (
        np.flatnonzero((axis >= low) & (axis <= high))
        for axis, (low, high) in zip((field.x, field.y), view, strict=True)
    )
    z = field.z[np.ix_(rows, columns)]
    known = z[np.isfinite(z)]
    if not known.size:
        return np.empty((0, 2))
    up, across = np.nonzero(np.isfinite(z) & (z <= np.quantile(known, _LOWEST)))
    return np.column_stack([field.x[columns[across]], field.y[rows[up]]])


def _along(line: NDArray[np.float64], apart: float) -> NDArray[np.float64]:
    """Return spots all along a line (n, 2) in pixels, so far apart or less."""
    ways = np.diff(line, axis=0)
    counts = (np.hypot(*ways.T) / apart).astype(np.int64) + 2
    first = np.repeat(np.cumsum(counts) - counts, counts)
    shares = (np.arange(counts.sum()) - first) / np.repeat(counts - 1, counts)
    starts, ways = np.repeat(line[:-1], counts, axis=0), np.repeat(ways, counts, axis=0)
    return np.asarray(starts + ways * shares[:, None])


def _upwards(spots: Pixels) -> Pixels:
    """Return spots (n, 2) in the order of their heights on the page."""
    return spots[np.argsort(spots[:, 1], kind="stable")]


def _near(rect: Rect, spots: Pixels, room: float) -> int:
    """Return how many spots (n, 2), lowest first, are no farther from a rectangle than some room."""
    first = np.searchsorted(spots[:, 1], rect.y - room, "left")
    level = spots[first : np.searchsorted(spots[:, 1], rect.top + room, "right")]
    near = (level[:, 0] >= rect.x - room) & (level[:, 0] <= rect.right + room)
    return int((_apart(rect, level[near]) <= room).sum())


def _apart(rect: Rect, spots: Pixels) -> Pixels:
    """Return how far spots (n, 2) are from a rectangle, (n,)."""
    across = np.maximum(np.maximum(rect.x - spots[:, 0], spots[:, 0] - rect.right), 0.0)
    up = np.maximum(np.maximum(rect.y - spots[:, 1], spots[:, 1] - rect.top), 0.0)
    return np.asarray(np.hypot(across, up))


def _overlap(one: Rect, other: Rect) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.top and other.y < one.top
