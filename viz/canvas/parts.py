"""The parts of a picture that change: trails that grow, and things that move."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba_array
from matplotlib.path import Path

from ..style.colour_space import mix
from .pens import Lines, Stroke, Tails, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..scenes.scene import AbstractScene
    from ..style.run_styles import RunStyle
    from .pieces import Piece

# Within one axes, what grows lies above everything static and what moves above what grows. That order makes
# drawing only the changes equal to drawing the whole.
GHOST_ZORDER = 4.9
GROWING_ZORDER = 5.0
MOVING_ZORDER = 6.0

_BAND = "40"  # how opaque a band is, of ff: what lies below is seen, and so are two on each other
_COMET = 16  # frames
_FAN = 3  # frames: so long one sees where a run was between frames
_FAN_WIDTH = 1.9  # how many times as wide as the comet's head the dots of that are


@dataclass(frozen=True, slots=True, eq=False)
class Growing:
    """An artist that frames add to, and that never changes what it has drawn."""

    artist: Artist
    show: Callable[[int, int], None]  # lets the artist hold what the frames first ... last add, both included


@dataclass(frozen=True, slots=True, eq=False)
class Moving:
    """An artist that is drawn anew in every frame."""

    artist: Artist
    update: Callable[[int], None]  # sets the artist up for a frame


def still_there(frame: int) -> None:
    """Change nothing: the update of a mark that is only drawn anew so that it lies above the trails.

    Nothing else may change such a mark: the page with a player holds it once.
    """


def appear(artist: Artist, step: int, scene: AbstractScene) -> Callable[[int], None]:
    """Make the update of an artist that shows from a step on."""
    return lambda frame: artist.set_visible(bool(scene.timing.steps[frame] >= step))


def trail(
    axes: Axes,
    pieces: Sequence[Sequence[Piece]],
    styles: Sequence[RunStyle],
    colours: Sequence[str],
    width: float | Sequence[float],
    dot: float = 0.0,
) -> Growing:
    """Make the growing lines of all runs in one panel.

    Args:
        axes: Where they are drawn.
        pieces: What each frame adds, in data coordinates.
        styles: The style of each run; its dash is used.
        colours: The colour of each run's line.
        width: Line width in points, of all lines or of each.
        dot: Diameter of a dot in points.
    """
    widths = [width] * len(styles) if isinstance(width, int | float) else width
    strokes = tuple(
        tuple(
            stroke
            for piece in frame
            for stroke in (
                *_band(piece, colours[piece.run], styles[piece.run]),
                Stroke(
                    piece.line,
                    colours[piece.run],
                    widths[piece.run],
                    styles[piece.run].dash,
                    piece.offset,
                    styles[piece.run].run,
                ),
                *(Stroke(path, colours[piece.run], dot, run=styles[piece.run].run) for path in piece.dots),
            )
        )
        for frame in pieces
    )
    artist = Lines(axes, GROWING_ZORDER)

    def show(first: int, last: int) -> None:
        artist.strokes = tuple(chain.from_iterable(strokes[first : last + 1]))

    return Growing(artist, show)


def _band(piece: Piece, colour: str, style: RunStyle) -> tuple[Stroke, ...]:
    """Return the area that a piece fills, where it does."""
    if piece.band is None:
        return ()
    return (Stroke(piece.band, colour, 0.0, run=style.run, fill=colour + _BAND),)


def ghosts(
    axes: Axes,
    curves: Sequence[NDArray[np.float64]],
    colours: Sequence[str],
    width: float,
    runs: Sequence[int | None],
) -> Growing:
    """Make the faint lines that show from the first frame on what is still to come, below what grows.

    Args:
        axes: Where they are drawn.
        curves: Each line's points (n, 2) in data coordinates.
        colours: The colour of each line.
        width: Line width in points.
        runs: The run that each line belongs to.
    """
    artist = LineCollection(list(curves), colors=list(colours), linewidths=width, zorder=GHOST_ZORDER)
    axes.add_collection(artist, autolim=False)
    tag(artist, *runs)
    return Growing(artist, lambda first, last: artist.set_visible(first == 0))


def announcement(artist: Artist, step: int, scene: AbstractScene) -> Growing:
    """Make an artist that shows from a step on and that nothing is ever drawn across."""
    frame = int(np.searchsorted(scene.timing.steps, step))
    return Growing(artist, lambda first, last: artist.set_visible(first <= frame <= last))


def comet(
    axes: Axes,
    pieces: Sequence[Sequence[Piece]],
    styles: Sequence[RunStyle],
    faded: Sequence[str],
    widths: tuple[float, float],
) -> Moving:
    """Make the bright, swelling end of each trail: the last frames' pieces, fading into the trail.

    Where frames skip steps, a fan of dots that fade shows where the run was between them; where frames show
    runs on their way to the next step, the comet reaches that far.

    Args:
        axes: Where it is drawn.
        pieces: The trail's pieces by frame.
        styles: The style of each run.
        faded: The colour of each run's trail, into which the comet fades.
        widths: The line width in points at its far end, which is the trail's own, and at the head.
    """
    artist = Tails(axes, MOVING_ZORDER)
    tag(artist, *(style.run for style in styles))
    ages = [age / (_COMET - 1) for age in range(_COMET)]  # 0 at the far end, 1 at the head
    runs, nothing = len(styles), Path(np.empty((0, 2)))
    before = [nothing] * (_COMET * runs)
    resting = [all(piece.reach is None for piece in frame) for frame in pieces]
    lines = before + [
        piece.line for frame, rests in zip(pieces, resting, strict=True) if rests for piece in frame
    ]
    fans = before + [piece.passed or nothing for frame in pieces for piece in frame]
    ways = [[piece.reach or nothing for piece in frame] if not all(resting) else [] for frame in pieces]
    done = np.cumsum(resting).tolist()  # the frames at rest up to each frame
    fan = _FAN if any(piece.passed for frame in pieces for piece in frame) else 0
    shades = [*((age + 1) / (fan + 1) for age in range(fan)), *ages, *([] if all(resting) else [1.0])]
    artist.colours = to_rgba_array(
        [mix(old, style.colour, share) for share in shades for old, style in zip(faded, styles, strict=True)]
    )
    wide = [_FAN_WIDTH * widths[1]] * fan
    wide += [widths[0] + (widths[1] - widths[0]) * age for age in (ages if all(resting) else [*ages, 1.0])]
    artist.widths = [width for width in wide for _ in styles]

    def update(frame: int) -> None:
        late, end = (_COMET + frame + 1) * runs, (_COMET + done[frame]) * runs
        artist.paths = fans[late - fan * runs : late] + lines[end - _COMET * runs : end] + ways[frame]

    return Moving(artist, update)
