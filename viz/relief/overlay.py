"""What is drawn on a relief: trails, heads, start, minima and crosses, and how where they are behind it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path

from ...surfaces.surface import inside
from ..canvas.axes import points
from ..canvas.heads import meet
from ..canvas.marks import run_marks
from ..canvas.parts import GROWING_ZORDER, MOVING_ZORDER, Growing, Moving, comet
from ..canvas.pens import Lines, Mark, Marks, Stroke
from ..canvas.pieces import Piece
from ..style.colour_space import mix
from ..style.distinct import trail_colour
from .ground_paths import apart

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.run_styles import RunStyle
    from .ground_paths import Walk
    from .solid import Relief
    from .visibility import Horizon

HIDDEN_DASH = (1.6, 1.9)  # on and off, in line widths
_DIM = 0.5  # how much of the ground's colour is mixed into what is hidden
_TRAIL, _HIDDEN, _HEAD, _DOT = 1.7, 1.2, 3.4, 4.2  # widths in pixels at text scale 1
_COMET = 16  # frames


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """A relief with runs on it, and from where it is seen in each frame."""

    axes: Axes  # its units are pixels
    scene: Scene
    ruler: Scaled
    relief: Relief
    walks: tuple[Walk, ...]
    horizon: Callable[[int], Horizon]  # of a frame
    styles: tuple[RunStyle, ...] = field(init=False)
    dots: tuple[NDArray[np.int64], ...] = field(init=False)  # for each run the rows that are told apart

    def __post_init__(self) -> None:
        near = 2.2 * self.ruler.px(_DOT) / self.horizon(0).camera.scale
        object.__setattr__(self, "styles", self.scene.styles)
        object.__setattr__(self, "dots", tuple(apart(walk.steps, near) for walk in self.walks))

    def dimmed(self, colour: str) -> str:
        """Return what a colour becomes behind the relief."""
        heights = self.scene.theme.heights
        return mix(colour, heights[len(heights) // 2], _DIM)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a run's trail on the page."""

    seen: Path
    hidden: Path
    dots: Path  # very short lines with round ends

    def strokes(self, stand: Stand, run: int, along: float = 0.0) -> tuple[list[Stroke], list[Stroke]]:
        """Return the strokes of what is hidden and of what is seen.

        Args:
            stand: Gives colours and widths.
            run: The number of the run.
            along: How far along the trail the part begins, in points.
        """
        style, px = stand.styles[run], stand.ruler.px
        faded = trail_colour(style.colour, stand.scene.theme)
        hidden = Stroke(
            self.hidden, stand.dimmed(style.colour), points(px(_HIDDEN)), HIDDEN_DASH, along, style.run
        )
        seen = Stroke(self.seen, faded, points(px(_TRAIL)), style.dash, along, style.run)
        return [hidden], [seen, Stroke(self.dots, faded, points(px(_DOT)), run=style.run)]


def _part(stand: Stand, run: int, first: int, last: int, horizon: Horizon) -> _Part:
    """Return the part of a run's trail between two rows of its path."""
    walk = stand.walks[run]
    rows = stand.dots[run]
    told = walk.steps[rows[(rows > first) & (rows <= last)]]
    spots = horizon.camera.project(told[~horizon.hides(told)])
    dots = Path(np.empty((0, 2)))
    if len(spots):
        ends = np.stack([spots, spots + np.array([1e-3, 0.0])], axis=1).reshape(-1, 2)
        dots = Path(ends, np.tile([Path.MOVETO, Path.LINETO], len(spots)).astype(Path.code_type))
    return _Part(*walk.between(first, last, horizon), dots)


def grow_trails(stand: Stand) -> tuple[list[Growing], list[Moving]]:
    """Let the trails grow on a relief that stands still."""
    scene, horizon = stand.scene, stand.horizon(0)
    rows, along = scene.timing.rows.tolist(), [0.0] * len(stand.walks)
    pieces: list[list[Piece]] = []
    strokes: list[list[Stroke]] = []
    for first, last in zip([0, *rows[:-1]], rows, strict=True):
        pieces.append([])
        parts = []
        for run in range(len(stand.walks)):
            part = _part(stand, run, first, last, horizon)
            parts.append(part.strokes(stand, run, along[run]))
            pieces[-1].append(Piece(part.seen, run, along[run]))
            along[run] += points(_length(part.seen) + _length(part.hidden))
        strokes.append([stroke for layer in zip(*parts, strict=True) for some in layer for stroke in some])
    artist = Lines(stand.axes, GROWING_ZORDER)

    def show(first: int, last: int) -> None:
        artist.strokes = tuple(chain.from_iterable(strokes[first : last + 1]))

    faded = [trail_colour(style.colour, scene.theme) for style in stand.styles]
    widths = points(stand.ruler.px(_TRAIL)), points(stand.ruler.px(_HEAD))
    return [Growing(artist, show)], [comet(stand.axes, pieces, stand.styles, faded, widths)]


def _length(path: Path) -> float:
    """Return how long the lines of a path are, in the units of its vertices."""
    lengths = np.hypot(*np.diff(np.asarray(path.vertices), axis=0).T)
    codes = np.empty(0) if path.codes is None else np.asarray(path.codes)
    return float(lengths[codes[1:] == Path.LINETO].sum())


def turn_trails(stand: Stand) -> Moving:
    """Draw the trails anew in each frame of a turn; what is hidden lies below what is seen of any run."""
    scene = stand.scene
    artist, wide = Lines(stand.axes, MOVING_ZORDER + 0.1), points(stand.ruler.px((_TRAIL + _HEAD) / 2))

    def update(frame: int) -> None:
        horizon, row = stand.horizon(frame), int(scene.timing.rows[frame])
        recent = int(scene.timing.rows[max(0, frame - _COMET)])
        below, above, bright = [], [], []
        for run, style in enumerate(stand.styles):
            hidden, seen = _part(stand, run, 0, row, horizon).strokes(stand, run)
            tail = stand.walks[run].between(recent, row, horizon)[0]
            below += hidden
            above += seen
            bright.append(Stroke(tail, style.colour, wide, run=style.run))
        artist.strokes = (*below, *above, *bright)

    return Moving(artist, update)


def draw_spots(stand: Stand) -> list[Moving]:
    """Draw heads, start, known minima and crosses where runs left."""
    scene, ruler, theme = stand.scene, stand.ruler, stand.scene.theme
    width = points(ruler.px(1.3))
    star = Mark("*", points(ruler.px(11)), theme.background, theme.marks, width)
    # The ring is wider than a head and lies above it: in the first frame every head is at the start.
    ring = Mark("o", points(ruler.px(12)), None, theme.marks, width)
    minima, start = landmarks(scene)
    moving: list[Moving] = []
    for mark, places, height in ((star, minima, 0.2), (ring, start, 0.45)):
        if len(places):
            moving += _spots(stand, [mark] * len(places), height, _always(stand.relief.lifted(places)))
    if not stand.walks:
        return moving

    def heads(frame: int) -> NDArray[np.float64]:
        row = int(scene.timing.rows[frame])
        spots = np.array([walk.at(row) for walk in stand.walks])
        # Where the ground has no height, the floor is stood on.
        gaps = np.isnan(spots[:, 2]) & np.isfinite(spots[:, 0])
        spots[gaps, 2] = 0.0
        return spots

    moving += _spots(stand, run_marks(scene, ruler, 10.0), 0.4, heads)
    if gone := [(run, run.exit) for run in scene.runs if run.exit]:
        size = points(ruler.px(11))
        marks = [Mark("X", size, run.style.colour, theme.background, width, run.number) for run, _ in gone]
        on_ground = stand.relief.lifted(np.array([leaving.point for _, leaving in gone]))
        # Where the ground has no height, the last that it has is marked.
        ends = np.array([stand.walks[run.number].last_seen() for run, _ in gone])
        on_ground = np.where(np.isfinite(on_ground[:, 2:]), on_ground, ends)
        steps = np.array([leaving.step for _, leaving in gone])[:, None]

        def crosses(frame: int) -> NDArray[np.float64]:
            return np.where(steps <= scene.timing.steps[frame], on_ground, np.nan)

        moving += _spots(stand, marks, 0.5, crosses)
    return moving


def landmarks(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the known minima and the start that are in the view, in data coordinates, (n, 2) each."""
    recording = scene.recording
    starts = [recording.recipe.start] if recording.trajectories else []
    found = []
    for places in ([minimum.point for minimum in recording.minima], starts):
        shown = [place for place in places if inside(place, scene.view)]
        found.append(np.array(shown, dtype=float).reshape(-1, 2))
    return found[0], found[1]


def _always(spots: NDArray[np.float64]) -> Callable[[int], NDArray[np.float64]]:
    return lambda frame: spots


def _spots(
    stand: Stand, marks: list[Mark], height: float, places: Callable[[int], NDArray[np.float64]]
) -> list[Moving]:
    """Draw markers on the relief: as they are where they are seen, hollow where they are not.

    What belongs to a run keeps its colour behind the relief, and lies above the trails on an edge of the
    page's colour: where a run is must never be lost. Other marks are dimmed there.

    Args:
        stand: Where to.
        marks: The markers.
        height: How far above the trails they are drawn, between 0 and 1.
        places: Gives for a frame the marks' places, (n, 3).
    """
    page = stand.scene.theme.background
    edges, rings = [], []
    for mark in marks:
        colour = mark.edge if mark.fill in (None, page) else mark.fill
        ring = replace(mark, fill=None, edge=colour)
        if mark.run is None:
            rings.append(replace(ring, size=0.85 * mark.size, edge=stand.dimmed(colour)))
        else:
            edges.append(replace(ring, edge=page, edge_width=2.8 * mark.edge_width))
            rings.append(replace(ring, edge_width=1.4 * mark.edge_width))
    # All edges lie below all rings, and the circle, which is the first run's, above squares and triangles: of
    # heads in one place each is seen.
    above = 0.2 + 0.9 * height if edges else 0.05 + 0.01 * height
    seen = Marks(stand.axes, MOVING_ZORDER + 0.2 + height, marks, clip=False)
    behind = Marks(stand.axes, MOVING_ZORDER + above, edges + rings[::-1], clip=False)

    def update(frame: int) -> None:
        spots, horizon = places(frame), stand.horizon(frame)
        spot, hidden = horizon.camera.project(spots), horizon.hides(spots)[:, None]
        seen.places = np.where(hidden, np.nan, spot)
        if edges:  # the page's units are pixels
            seen.marks = tuple(meet(marks, points(1.0) * seen.places))
        there = np.where(hidden, spot, np.nan)
        behind.places = np.concatenate([there[: len(edges)], there[::-1]])

    return [Moving(behind, update), Moving(seen, update)]
