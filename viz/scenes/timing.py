"""Which step each frame shows, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError, unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_FPS = 50.0  # a GIF frame lasts a whole number of 10 ms, and viewers slow down below 20 ms
_FPS = 25.0
_FRAMES = 300  # without a wish for length, longer runs are thinned to this many frames
_SECONDS = 4.0  # a short run is slowed down to last about this long
PACES = ("even", "early")
_EARLY = 2.5  # with an early pace the last steps pass exp(2.5) = 12 times as fast as the first
_SLOWEST = 0.5  # but no frame of it lasts longer than this, in seconds
_PERIODS = ((2, 1.0), (3, 0.5), (4, 0.5))  # in steps: frames must not beat with them; how much each matters
_MEMORY = 0.8  # how much less each frame further back counts for that
_GLIDE_FPS = 24.0  # where there is time, markers glide from step to step, in at most so many frames a second
_FEWEST, _MOST = 4, 8  # frames of a glide; with fewer it would be no better than a jump
_STOPS = 1000
_MOVE = 0.3  # what moving a frame by one costs, so that it is only done for a reason


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """The frames of an animation: the step that each shows and the time it stays."""

    steps: NDArray[np.int64]  # (frames,), the last step done; the first is 0, the last is the last step
    durations: NDArray[np.int64]  # (frames,), in ms, multiples of 10; the last one holds the hold
    rows: NDArray[np.int64]  # (frames,): the row of the longest trajectory that each frame shows
    delay: float  # seconds of a tick, the unit of time of formats with a fixed number of pictures a second
    ticks: NDArray[np.int64]  # (frames,): how many ticks each frame stays, the hold included
    shares: NDArray[np.float64]  # (frames,), 0 to 1: how far markers have gone from that row to the next
    early: bool = False  # whether more time is spent on the first steps
    stops: tuple[int, ...] = ()  # steps at which a player waits, increasing; each has a frame

    @property
    def pages(self) -> list[int]:
        """The frames at stops and the last one; every frame where there are no stops."""
        if not self.stops:
            return list(range(len(self.steps)))
        return sorted({*self._stopped(self.steps, self.shares), len(self.steps) - 1})

    def _stopped(self, steps: NDArray[np.int64], shares: NDArray[np.float64]) -> list[int]:
        return np.flatnonzero(np.isin(steps, self.stops) & (shares == 0)).tolist()

    @property
    def skips(self) -> bool:
        """Whether some steps have no frame of their own."""
        return int((self.shares == 0).sum()) < int(self.steps[-1]) + 1

    @property
    def glides(self) -> bool:
        """Whether frames between two steps show markers on their way."""
        return bool(self.shares.any())

    def motion(self, loops: int) -> float:
        """Return for how many seconds it moves when it plays so often, 0 for without end.

        The last frame, after which nothing comes, does not count.

        >>> plan(9, fps=10, hold=2).motion(1), plan(9, fps=10, hold=2).motion(2)
        (0.9, 3.9)
        """
        if loops == 0:
            return math.inf
        return (loops * int(self.durations.sum()) - int(self.durations[-1])) / 1000

    def thinned(self, count: int) -> Timing:
        """Return a timing of the same length with at most so many frames, at least two where there are two.

        The first and the last frame stay; those between two steps go first, all of them.
        """
        rests = np.flatnonzero(self.shares == 0) if count < len(self.steps) else np.arange(len(self.steps))
        last = len(rests) - 1
        even = np.unique(np.round(np.linspace(0, last, min(max(count, 2), last + 1))).astype(np.int64))
        chosen = rests[_out_of_step(even, self.steps[rests])]
        chosen = np.union1d(chosen, np.array(self._stopped(self.steps, self.shares), np.int64))
        return replace(
            self,
            steps=self.steps[chosen],
            durations=np.add.reduceat(self.durations, chosen),
            rows=self.rows[chosen],
            ticks=np.add.reduceat(self.ticks, chosen),
            shares=self.shares[chosen],
        )


def plan(
    steps: int | NDArray[np.int64],
    fps: float | None = None,
    seconds: float | None = None,
    hold: float = 1.5,
    pace: str = "even",
    *,
    glide: bool = False,
    stops: tuple[int, ...] = (),
) -> Timing:
    """Spread steps over frames; the first and the last step are always shown.

    Args:
        steps: The number of the last step; or, where not every step was kept, those that were, (rows,).
        fps: Frames a second, at most 50. With ``seconds`` it is an upper bound. By default 25, and slower
            for short runs so that they can be followed.
        seconds: The length without the hold. By default one frame a step, at most 300 frames.
        hold: How long the last frame stays in addition, in seconds.
        pace: "even" gives every step the same time; "early" gives the first steps more of it, in the same
            length.
        glide: Whether markers may glide from step to step where each step has time for it. They do not with
            ``fps`` alone, which then says how many steps a second.
        stops: Steps that have a frame in any case.

    Raises:
        DescentError: A value outside its range.

    >>> plan(3, fps=10, hold=1).durations.tolist()
    [100, 100, 100, 1100]
    >>> plan(100, pace="early").steps[-4:].tolist()
    [92, 95, 96, 100]
    """
    if fps is not None and not 0.1 <= fps <= MAX_FPS:
        raise DescentError(f"fps must be between 0.1 and {MAX_FPS:g}, not {fps:g}")
    if seconds is not None and not (math.isfinite(seconds) and 0.1 <= seconds <= 3600):
        raise DescentError(f"seconds must be between 0.1 and 3600, not {seconds:g}")
    if not (math.isfinite(hold) and 0 <= hold <= 600):
        raise DescentError(f"hold must be between 0 and 600 seconds, not {hold:g}")
    if pace not in PACES:
        raise unknown("pace", pace, PACES)
    kept = np.arange(steps + 1) if isinstance(steps, int) else steps
    if seconds is not None:
        count = min(len(kept), max(2, math.floor(seconds * (fps or _FPS))))
        delay = seconds / count
    else:
        count = min(len(kept), _FRAMES)
        delay = 1 / fps if fps else min(max(1 / _FPS, _SECONDS / count), _SLOWEST)
    even, ticks = np.unique(
        np.round(_spread(count, pace) * (len(kept) - 1)).astype(np.int64), return_counts=True
    )
    rows = _out_of_step(even, kept)
    if missing := sorted(set(_rows_of(stops, kept)) - set(rows.tolist())):
        places = np.searchsorted(rows, missing)
        rows, ticks = np.insert(rows, places, missing), np.insert(ticks, places, 1)
    shares = np.zeros(len(rows))
    rate = _GLIDE_FPS if fps is None else fps
    each = min(math.floor(delay * rate), _MOST)  # frames a step
    if glide and pace == "even" and len(rows) == len(kept) and (fps is None or seconds) and each >= _FEWEST:
        way, delay = np.arange(each) / each, delay / each
        gently = way * way * (3 - 2 * way)
        shares = np.append(np.tile(gently, len(rows) - 1), 0.0)
        rows = np.append(np.repeat(rows[:-1], each), rows[-1])
        ticks = np.append(np.ones(len(rows) - 1, dtype=np.int64), each)
    # Rounding the ends of the frames, not their lengths, keeps the total right to 10 ms.
    ends = np.round(np.concatenate([[0], np.cumsum(ticks)]) * delay * 100).astype(np.int64) * 10
    durations = np.diff(ends)
    durations[-1] += round(hold * 100) * 10
    ticks[-1] += round(hold / delay)
    return Timing(kept[rows], durations, rows, delay, ticks, shares, pace == "early", stops)


def _rows_of(stops: tuple[int, ...], kept: NDArray[np.int64]) -> list[int]:
    """Return the row of each stop.

    Raises:
        DescentError: A step that the run has not, or that was not kept.
    """
    if len(stops) > _STOPS:
        raise DescentError(f"a talk has at most {_STOPS} stops, not {len(stops)}")
    rows = np.searchsorted(kept, stops)
    for stop, row in zip(stops, rows.tolist(), strict=True):
        if row == len(kept) or kept[row] != stop:
            near = kept[np.abs(kept - stop).argmin()]
            raise DescentError(
                f"stops: no frame can stop at step {stop}; the nearest that was kept is {near}"
            )
    return list(rows.tolist())


def _spread(count: int, pace: str) -> NDArray[np.float64]:
    """Return where on the way from the first to the last step, 0 to 1, each of so many ticks is, (count,)."""
    even = np.linspace(0, 1, count)
    return even if pace == "even" else np.expm1(_EARLY * even) / math.expm1(_EARLY)


def _out_of_step(even: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move choices by one here and there, so that what is chosen keeps no time with what alternates.

    A run that jumps from side to side would seem to stand on one of them if every second step were shown.

    Args:
        even: Which of the steps are chosen, evenly, (frames,), increasing.
        steps: The steps to choose from, (rows,).

    Returns:
        Which to choose instead, as many, increasing; the first and the last are the same.
    """
    if len(even) == len(steps):
        return even
    places, numbers = even.tolist(), steps.tolist()
    seen = [[0.0] * period for period, _ in _PERIODS]
    for k, middle in enumerate(places):
        choices = [middle]
        if 0 < k < len(places) - 1:
            choices += [middle - 1] if places[k - 1] < middle - 1 else []
            choices += [middle + 1] if middle + 1 < places[k + 1] else []

        def cost(choice: int, middle: int = middle) -> float:
            parts = (
                weight * counts[numbers[choice] % period]
                for counts, (period, weight) in zip(seen, _PERIODS, strict=True)
            )
            return float(sum(parts)) + _MOVE * abs(choice - middle)

        places[k] = min(choices, key=cost)
        for counts, (period, _) in zip(seen, _PERIODS, strict=True):
            counts[:] = [_MEMORY * count for count in counts]
            counts[numbers[places[k]] % period] += 1
    return np.array(places, dtype=np.int64)
