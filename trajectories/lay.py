"""From trained runs to paths on a plane: which plane, where the runs are on it, and how much it hides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..surfaces.messages import DescentError
from .trajectory import LEFT_THE_VIEW, NON_FINITE, Outcome, exit_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray

    from ..surfaces.network import Network
    from ..surfaces.objective import Objective
    from ..surfaces.plane import Plane
    from ..surfaces.surface import Box, Minimum
    from .train import Trained

_MARGIN = 0.14  # of the paths' extent, free on each side of them
_FALL, _FAR = 0.1, 8.0  # of the best run's fall at least, and of its way at most: see `sound`
_BEYOND = 1.5  # of the way from the start to a minimum: so far beyond it a view reaches
_SPREAD = 256  # rows of all paths together that tell how these spread
_THIN = 0.5  # the shorter side of a view is at least this share of the longer


def sound(runs: Sequence[Trained], losses: Sequence[NDArray[np.float64]]) -> tuple[int, ...]:
    """Return the runs that a picture is made to fit: those that came some of the way that the best came.

    They lowered the loss by a tenth at least of what the best run did, and went not many times as far: a
    run that fails wanders off, and a picture that holds it shows the others as a dot. Where no run went
    down, all that ended finite are returned, or simply all.
    """
    every = range(len(runs))
    finite = [k for k in every if runs[k].outcome.kind != NON_FINITE and np.isfinite(losses[k][-1])]
    if not finite:
        return tuple(every)
    fall = {k: losses[k][0] - losses[k][-1] for k in finite}
    moved = {k: float((runs[k].tape.weights[-1] - runs[k].tape.weights[0]).norm()) for k in finite}
    best = max(finite, key=fall.__getitem__)
    if fall[best] <= 0:
        return tuple(finite)
    return tuple(k for k in finite if fall[k] >= _FALL * fall[best] and moved[k] <= _FAR * moved[best])


def lay(
    kind: str,
    network: Network,
    objective: Objective | None,
    runs: Sequence[Trained],
    losses: Sequence[NDArray[np.float64]],
    seed: int,
    names: Sequence[str],
) -> tuple[Plane, tuple[int, ...]]:
    """Return a plane of a kind, and the runs it is laid through; runs that failed have no say in it.

    Args:
        kind: One of `planes.KINDS`, or "auto": the whole weight space where it is a plane, else principal
            components.
        network: The target.
        objective: The training loss, for the curvature; None where nobody knows it.
        runs: What was trained.
        losses: The true losses along each run, (rows,) each.
        seed: Starts random directions.
        names: What the runs are called.

    Raises:
        DescentError: The plane cannot be laid: too few weights, runs or steps.
    """
    from ..surfaces import planes
    from ..surfaces.hessian import sharpest

    if kind == "auto":
        kind = "weights" if network.parameters == 2 else "pca"
    if kind == "weights":
        return planes.whole(network.module), ()
    good = sound(runs, losses)
    if kind == "pca":
        return planes.pca(_paths(runs, good)), good
    best = min(good, key=lambda k: losses[k][-1])
    if kind == "random":
        return planes.random(network.module, runs[best].tape.weights[-1], seed), ()
    if kind == "hessian":
        if objective is None:
            raise DescentError("the plane 'hessian' needs to know the loss: give the recorder its data")
        return sharpest(objective, runs[best].tape.weights[-1], seed)[0], ()
    return _through_ends(runs, good[:3], names), good[:3]


def _through_ends(runs: Sequence[Trained], some: tuple[int, ...], names: Sequence[str]) -> Plane:
    """Return the plane through the ends of three runs, or through the start and the ends of two."""
    from ..surfaces import planes

    ends = [runs[k].tape.weights[-1] for k in some]
    if len(ends) < 2:
        raise DescentError(
            f"the plane 'ends' goes through the ends of two or three runs, and {len(ends)} ended well; "
            "compare more optimizers, or take the plane pca"
        )
    called = [f"the end of {names[k]}" for k in some]
    third = ends[2] if len(ends) > 2 else runs[some[0]].tape.weights[0]
    a, b, c = [*called, "the start"][:3]
    return planes.through(ends[0], ends[1], third, (a, b, c))


def _paths(runs: Sequence[Trained], some: Sequence[int]) -> torch.Tensor:
    """Return the finite weights of some runs below each other, (n, P); where there are many, some of them.

    The work of principal components grows with the square of their number, and neighbours hardly differ.
    """
    import torch

    parts = []
    for k in some:
        rows = runs[k].tape.weights
        most = max(3, _SPREAD // len(some))
        if len(rows) > most:
            rows = rows[torch.linspace(0, len(rows) - 1, most).round().long()]
        parts.append(rows[rows.isfinite().all(dim=1)])
    return torch.cat(parts)


def explained(plane: Plane, runs: Sequence[Trained], some: Sequence[int]) -> tuple[float, float]:
    """Return the share of the variance of some runs' paths along each axis of a plane."""
    from ..surfaces import planes

    along_x, along_y = planes.explained(plane, _paths(runs, some))
    return float(along_x), float(along_y)


def frame(points: Sequence[NDArray[np.float64]], also: Sequence[tuple[float, float]] = ()) -> Box:
    """Return a view that holds paths (rows, 2) and some points with room around, and is not too thin."""
    spots = np.concatenate([*points, np.array(also, dtype=np.float64).reshape(-1, 2)])
    spots = spots[np.isfinite(spots).all(axis=1)]
    low, high = spots.min(axis=0), spots.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * (1 + 2 * _MARGIN)
    half = np.maximum(half, max(_THIN * half.max(), 1e-3))
    (x0, y0), (x1, y1) = (middle - half).tolist(), (middle + half).tolist()
    return (x0, x1), (y0, y1)


def around(minima: Sequence[Minimum], start: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return the known minima, and points beyond them, seen from the start (2,): there overshooting leads."""
    spots = []
    for minimum in minima:
        (x, y), (a, b) = minimum.point, start.tolist()
        spots += [(x, y), (x + _BEYOND * (x - a), y + _BEYOND * (y - b))]
    return spots


def judge(trained: Trained, points: NDArray[np.float64], losses: NDArray[np.float64], view: Box) -> Outcome:
    """Say how a training ended; the gravest reason wins: non-finite, left the view, stopped early.

    Args:
        trained: The run.
        points: Its path on the plane, (rows, 2).
        losses: The true losses along it, (rows,).
        view: The box that pictures show.
    """
    finite = np.isfinite(points).all(axis=1) & np.isfinite(losses)
    if not finite.all():
        return Outcome(NON_FINITE, int(trained.tape.at[np.argmin(finite)]))
    left = exit_step(points, view)
    if trained.outcome.kind != NON_FINITE and left is not None:
        return Outcome(LEFT_THE_VIEW, int(trained.tape.at[left]))
    return trained.outcome
