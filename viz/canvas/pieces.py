"""The pieces of a path that each frame adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..scenes.paths import polylines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.path import Path
    from numpy.typing import NDArray

    from ...surfaces.surface import Box


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What a frame adds to one run's trail."""

    line: Path  # in data coordinates; empty where the run has ended or is out of sight
    run: int
    offset: float  # how far along the trail the piece begins, in points, so that dashes go on evenly
    dots: tuple[Path, ...] = ()  # steps far enough from their neighbours to be told apart
    passed: Path | None = None  # where the run was between the frame before and this one; None where nowhere
    reach: Path | None = None  # from where the run was to where it is drawn on its way to the next step
    band: Path | None = None  # an area that the run's line fills, in data coordinates


def frame_pieces(
    paths: Sequence[NDArray[np.float64]],
    frame_rows: NDArray[np.int64],
    box: Box,
    points_per_unit: tuple[float, float],
    dot: float = 0.0,
    shares: NDArray[np.float64] | None = None,
    heads: Sequence[NDArray[np.float64]] | None = None,
) -> list[list[Piece]]:
    """Split paths into the pieces that each frame adds, one a run and frame.

    Args:
        paths: One array (rows, 2) a run; a path may be shorter than the animation.
        frame_rows: The last row that each frame shows, (frames,).
        box: Lines are cut to it.
        points_per_unit: How many points one unit along x and y is long on the page.
        dot: Diameter of a dot in points; 0 for none.
        shares: How far each frame shows runs on their way to the next row, (frames,); None for not at all.
        heads: Where their heads are at each row, (rows, 2) a run, NaN where they are not drawn: nothing goes
            ahead of them. By default the paths.
    """
    scale = np.asarray(points_per_unit)
    tracks = [_Track.of(points, scale, box, 2.2 * dot if dot else np.inf) for points in paths]
    along = [0.0] * len(paths)
    pieces: list[list[Piece]] = []
    ways = [0.0] * len(frame_rows) if shares is None else shares.tolist()
    for first, last, share in zip([0, *frame_rows[:-1].tolist()], frame_rows.tolist(), ways, strict=True):
        pieces.append([])
        for run, (points, track) in enumerate(zip(paths, tracks, strict=True)):
            lines, length = track.lines(first, last + 1)
            begin, end = track.apart.searchsorted((first, last), "right")
            dots = tuple(_path([_dot(points[step], scale)]) for step in track.apart[begin:end])
            passed = _passed(points[first + 1 : last], scale) if dot and last - first > 1 else None
            reach = _path(_way((heads or paths)[run][last : last + 2], share, box)) if share else None
            pieces[-1].append(Piece(_path(lines), run, along[run], dots, passed, reach))
            along[run] += length
    return pieces


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """What is known of a path at once, so that each frame's part of it costs little."""

    points: NDArray[np.float64]  # (rows, 2)
    scale: NDArray[np.float64]  # (2,): points of the page a unit
    box: Box
    without: NDArray[np.int64]  # (rows + 1,): how many of the first rows are outside the box
    far: NDArray[np.float64]  # (rows,): how long the path is up to each row, in points, where it is inside
    apart: NDArray[np.int64]  # the rows that are far from their neighbours

    @classmethod
    def of(cls, points: NDArray[np.float64], scale: NDArray[np.float64], box: Box, distance: float) -> _Track:
        """Look at a path once; dots stand where steps are at least so long, in points."""
        (x0, x1), (y0, y1) = box
        out = np.asarray(~((points >= (x0, y0)) & (points <= (x1, y1))).all(axis=1))
        inside = np.where(out[:, None], 0.0, points) * scale
        lengths = np.hypot(*np.diff(inside, axis=0).T)
        apart = np.flatnonzero(_far_from_neighbours(points * scale, distance))
        return cls(points, scale, box, _sums(out), _sums(lengths), apart)

    def lines(self, first: int, end: int) -> tuple[list[NDArray[np.float64]], float]:
        """Return the parts inside the box of the path between two rows, and how long they are in points."""
        part = self.points[first:end]
        end = first + len(part)
        if len(part) > 1 and self.without[end] == self.without[first]:
            return [part], float(self.far[end - 1] - self.far[first])
        lines = list(polylines(part, self.box))
        return lines, sum(float(np.hypot(*(np.diff(line, axis=0) * self.scale).T).sum()) for line in lines)


def _sums(values: NDArray[Any]) -> NDArray[Any]:
    """Return the sums of the first values, none of them first, (n + 1,)."""
    return np.concatenate([[0], np.cumsum(values)])


def _way(ends: NDArray[np.float64], share: float, box: Box) -> list[NDArray[np.float64]]:
    """Return the first part of the straight way between two points (2, 2); nothing where one is missing."""
    if len(ends) < 2 or not _finite(ends).all():
        return []
    return list(polylines(ends[0] + np.array([[0.0], [share]]) * (ends[1] - ends[0]), box))


def _dot(point: NDArray[np.float64], scale: NDArray[np.float64], length: float = 1e-3) -> NDArray[np.float64]:
    """Return a line at a point (2,) that is too short to see: with round ends it is a dot, (2, 2)."""
    return point + np.array([[0.0, 0.0], [length, 0.0]]) / scale


def _passed(points: NDArray[np.float64], scale: NDArray[np.float64]) -> Path | None:
    """Return a dot at each of some points (n, 2), one for all that lie within a point of the page."""
    there = points[_finite(points)]
    _, chosen = np.unique(np.round(there * scale), axis=0, return_index=True)
    # Each has a length in whole units of a page with a player, which of lines with none draws only the last.
    return _path([_dot(point, scale, 0.1) for point in there[np.sort(chosen)]]) if len(there) else None


def _finite(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which points (n, 2) are somewhere that a renderer can go."""
    return np.asarray(np.isfinite(points).all(axis=1) & (np.abs(points) < 1e6).all(axis=1))


def _path(lines: Sequence[NDArray[np.float64]]) -> Path:
    """Join polylines, each (n, 2), into one path that jumps between them."""
    from matplotlib.path import Path

    if not lines:
        return Path(np.empty((0, 2)))
    if len(lines) == 1:
        return Path(lines[0], np.array([Path.MOVETO] + [Path.LINETO] * (len(lines[0]) - 1), Path.code_type))
    codes = np.concatenate([[Path.MOVETO] + [Path.LINETO] * (len(line) - 1) for line in lines])
    return Path(np.concatenate(lines), codes)


def _far_from_neighbours(points: NDArray[np.float64], distance: float) -> NDArray[np.bool_]:
    """Say for each point (n, 2) whether the steps to and from it are at least so long."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.hypot(*np.diff(points, axis=0).T)
    long = np.concatenate([[True], lengths >= distance, [True]])
    apart: NDArray[np.bool_] = long[:-1] & long[1:] & _finite(points)
    return apart
