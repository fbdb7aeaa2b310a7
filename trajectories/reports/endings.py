"""Where a run of a surface ended: at a minimum, on a saddle, bouncing, still moving. NumPy only.

Each word has one definition, here:

- at a minimum: within NEAR of a known minimum.
- left the domain at a step: where a known minimum is one on the domain only, see `Minimum`, from this step to
  the last the run is finite and outside the domain, where no minimum is known. It is said before all
  words below; a run that is outside from the start has not left. On other surfaces it is said of no run.
- in a local minimum, on a saddle point, on a maximum: Newton's step from the last point, -H^-1 g, which leads
  to where the gradient is zero, is at most NEAR long, and the eigenvalues of the Hessian H are all positive,
  of both signs, or all negative. Where one is zero to eight digits of the other, nothing of this is said.
- on a plateau: with the slope and the curvature of the last point, crossing the whole view would gain less
  than a millionth of what is left to gain, down to the lowest loss known.
- bouncing: the last twelve steps turn back each time, and every second point is the same, to a hundredth
  of a step.
- hovering around a minimum, or a local one: none of these, and the run makes no way. The last quarter of its
  rows, at least twenty, lies within a hundredth of the view around its mean; it comes no closer together from
  its first half to its second; and Newton's step from the last point leads to a minimum among these points.
- settled since a step: from it on every point is within NEAR of the minimum, or of the last point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..results.trajectory import LEFT_THE_VIEW, NON_FINITE, exit_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..results.recording import Recording
    from ..results.trajectory import Trajectory

NEAR = 1e-3  # how near to a point counts as there

AT_MINIMUM = "at a minimum"
LOCAL_MINIMUM = "in a local minimum"
LEFT_THE_DOMAIN = "left the domain"
SADDLE = "on a saddle point"
MAXIMUM = "on a maximum"
PLATEAU = "on a plateau"
BOUNCING = "bouncing between two points"
HOVERING = ("hovering around a minimum", "hovering around a local minimum")
MOVING = "still moving"
UNSAID = ""  # it left the view or its numbers, as the outcome says, or nothing is known of its last slopes

_FLAT = 1e-8  # an eigenvalue below this share of the largest counts as zero
_NOTHING = 1e-6  # of what is left to gain
_TURNS = 12  # steps
_SAME = 0.01  # of a step
_RECENT, _FEWEST = 0.25, 20  # share of the rows that shows whether a run makes way, and how many it needs
_SMALL = 0.01  # of the view: what a run that hovers does not leave
_CLOSER = 0.75  # a run whose later rows spread less than this share of those before is on its way


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a run ended, and since when it was there."""

    kind: str  # one of the words above
    above: float | None = None  # final loss above the lowest known minimum; None when none is known
    settled: int | None = None  # the step since which it is there; None for one that moves, or was lost
    left: int | None = None  # the step at which it left the domain for good, where that is the word

    @property
    def where(self) -> str:
        """The word, and with it the step at which the domain was left."""
        return self.kind if self.left is None else f"{self.kind} at step {self.left}"


def ending(recording: Recording, index: int) -> Ending:
    """Say where a run of a surface ended; a network's end is judged by its metrics, and has no word here."""
    run = recording.trajectories[index]
    points, last = run.points, run.points[-1]
    if recording.training is not None or run.outcome.kind == NON_FINITE:
        return Ending(UNSAID)
    best = min((minimum.value for minimum in recording.minima), default=None)
    above = None if best is None else float(run.losses[-1]) - best
    apart = recording.distances(index)
    there = apart is not None and apart[-1] <= NEAR
    border = recording.border
    if not there and border is not None and (row := exit_step(points, border)):
        return Ending(LEFT_THE_DOMAIN, above, left=int(run.at[row]))
    if run.outcome.kind == LEFT_THE_VIEW:
        return Ending(UNSAID)
    if apart is not None and there:
        return Ending(AT_MINIMUM, above, _since(run, apart))
    if _bounces(points):
        return Ending(BOUNCING, above, None)
    kind = _stationary(run, recording)
    if kind == MOVING:
        kind = _hovering(run, recording) or MOVING
    if kind in (*HOVERING, MOVING, UNSAID):
        return Ending(kind, above)
    return Ending(kind, above, _since(run, np.hypot(*(points - last).T)))


def _since(run: Trajectory, apart: NDArray[np.float64]) -> int:
    """Return the step from which on all distances, (rows,), are within NEAR."""
    away = np.flatnonzero(~(apart <= NEAR))
    return int(run.at[away[-1] + 1 if len(away) else 0])


def _bounces(points: NDArray[np.float64]) -> bool:
    if len(points) < _TURNS + 1:
        return False
    recent = points[-_TURNS - 1 :]
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.diff(recent, axis=0)
        turns = (steps[1:] * steps[:-1]).sum(axis=1) < 0
        twice = np.hypot(*(recent[2:] - recent[:-2]).T)
        lengths = np.hypot(*steps.T)
    return bool(turns.all() and (twice <= _SAME * lengths[1:]).all())


def _stationary(run: Trajectory, recording: Recording) -> str:
    """Return what kind of stationary point a run's last point is next to; MOVING where it is next to none."""
    moving = MOVING if len(run.points) > 1 and (run.points[-1] != run.points[-2]).any() else UNSAID
    if run.end is None or not np.isfinite(run.end).all():
        return UNSAID
    number = recording.parameters
    gradient, hessian = run.end[0, :number], run.end[1 : 1 + number, :number]
    if _is_flat(gradient, hessian, run, recording):
        return PLATEAU
    values = np.linalg.eigvalsh(hessian)
    if np.abs(values).min() <= _FLAT * np.abs(values).max():
        return moving
    if np.linalg.norm(np.linalg.solve(hessian, gradient)) > NEAR:
        return moving
    return LOCAL_MINIMUM if values[0] > 0 else MAXIMUM if values[-1] < 0 else SADDLE


def _hovering(run: Trajectory, recording: Recording) -> str:
    """Return what a run that makes no way hovers around; "" where it makes way, or around no minimum."""
    recent = run.points[-int(_RECENT * len(run.points)) :]
    if len(recent) < _FEWEST or run.end is None:
        return ""
    centre, half = recent.mean(axis=0), len(recent) // 2
    reach = float(np.hypot(*(recent - centre).T).max())
    across = float(np.linalg.norm(np.ptp(np.array(recording.view), axis=1)))
    before, later = (float(np.hypot(*(part - centre).T).mean()) for part in (recent[:half], recent[half:]))
    if reach > _SMALL * across or later < _CLOSER * before:
        return ""
    number = recording.parameters
    gradient, hessian = run.end[0, :number], run.end[1 : 1 + number, :number]
    if np.linalg.eigvalsh(hessian)[0] <= 0:
        return ""
    bottom = run.points[-1, :number] - np.linalg.solve(hessian, gradient)
    if np.linalg.norm(bottom - centre[:number]) > reach:
        return ""
    known = [np.linalg.norm(np.array(minimum.point) - centre) <= reach for minimum in recording.minima]
    return HOVERING[0 if any(known) else 1]


def _is_flat(
    gradient: NDArray[np.float64], hessian: NDArray[np.float64], run: Trajectory, recording: Recording
) -> bool:
    heights = recording.field.z[np.isfinite(recording.field.z)]
    lowest = min([minimum.value for minimum in recording.minima] or [float(heights.min(initial=np.inf))])
    left = float(run.losses[-1]) - lowest
    across = float(np.linalg.norm(np.ptp(np.array(recording.view), axis=1)[: len(gradient)]))
    gain = float(np.linalg.norm(gradient)) * across + float(np.linalg.norm(hessian)) * across**2 / 2
    return left > 0 and gain < _NOTHING * left
