"""From trained runs to paths on a plane: which plane, what a view of it holds, and how each run ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.networks.rows import apart, finite, together
from ..results.trajectory import LEFT_THE_VIEW, NON_FINITE, Outcome, exit_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray

    from ...surfaces.networks.network import Network
    from ...surfaces.networks.objective import Objective
    from ...surfaces.networks.plane import Plane
    from ...surfaces.networks.rows import Matrix
    from ...surfaces.surface import Box, Minimum
    from .train import Trained

    # The runs that a picture is made to fit, and how many of each one's first rows.
    Fitting = dict[int, int]

_MARGIN = 0.14  # of the paths' extent, free on each side of them
_FALL, _FAR = 0.1, 8.0  # of the best run's fall at least, and of its way at most: see `fitting`
_RISE = 10.0  # times the first loss, up to which a run that rises is followed
_BEYOND = 1.5  # of the way from the start to a minimum: so far beyond it a view reaches
SPREAD = 256  # rows of all paths together that tell how these spread
_THIN = 0.5  # the shorter side of a view is at least this share of the longer


def fitting(runs: Sequence[Trained], losses: Sequence[NDArray[np.float64]]) -> Fitting:
    """Return the runs that a picture is made to fit: those that came some of the way that the best came.

    They lowered the loss by a tenth at least of what the best run did, and went not many times as far: a
    run that fails wanders off, and a picture that holds it shows the others as a dot. Where no run went
    down, all are returned, each while its loss is not many times the first.
    """
    ended = [k for k, run in enumerate(runs) if bool(finite(run.tape.weights[[0, -1]]).all())]
    known = [k for k in ended if np.isfinite(losses[k][-1])]
    fall = {k: losses[k][0] - losses[k][-1] for k in known}
    moved = {k: apart(runs[k].tape.weights[[0, -1]]) for k in known}
    best = max(known, key=fall.__getitem__, default=None)
    if best is not None and fall[best] > 0:
        good = [k for k in known if fall[k] >= _FALL * fall[best] and moved[k] <= _FAR * moved[best]]
        return {k: len(losses[k]) for k in good}
    if not any(np.isfinite(each).any() for each in losses):  # nobody said the losses
        return {k: len(losses[k]) for k in ended or range(len(runs))}
    return {k: max(1, int(np.argmin(np.append(_low(each), False)))) for k, each in enumerate(losses)}


def _low(losses: NDArray[np.float64]) -> NDArray[np.bool_]:
    low: NDArray[np.bool_] = np.isfinite(losses) & (losses <= _RISE * abs(losses[0]))
    return low


def lay(
    kind: str,
    network: Network,
    objective: Objective | None,
    runs: Sequence[Trained],
    fit: Fitting,
    seed: int,
    names: Sequence[str],
) -> Plane:
    """Return a plane of a kind for some runs; runs that failed have no say in where it lies.

    Args:
        kind: One of `plane_axes.KINDS`, or "auto": the whole weight space where it is a plane, else principal
            components, or random directions where the paths are too short for them.
        network: The target.
        objective: The training loss, for the curvature; None where nobody knows it.
        runs: What was trained.
        fit: The runs that the plane is made to fit, and their rows.
        seed: Starts random directions.
        names: What the runs are called.

    Raises:
        DescentError: The plane cannot be laid: too few weights, runs or steps.
    """
    from ...surfaces.networks import plane_axes
    from ...surfaces.networks.hessian import sharpest

    if network.parameters < 2:
        raise DescentError(f"network {network.name!r} has one parameter, and a plane needs two")
    if kind == "weights" or (kind == "auto" and network.parameters == 2):
        return plane_axes.whole(network.module)
    if kind in ("auto", "pca"):
        try:
            return plane_axes.pca(paths(runs, fit))
        except DescentError:
            if kind == "pca":
                raise
    origin = _best_end(runs, fit)
    if kind in ("auto", "random") and network.many:
        # One path that cannot be told from a line, or is too short for two directions.
        first = runs[next(iter(fit))].tape.weights[0]
        return plane_axes.straight(first, origin if kind == "auto" else first, seed)
    if kind in ("auto", "random"):
        return plane_axes.random(network.module, origin, seed)
    if kind == "hessian":
        if objective is None:
            raise DescentError("the plane 'hessian' needs to know the loss: give the recorder its data")
        return sharpest(objective, origin, seed)[0]
    return _through_ends(runs, tuple(fit)[:3], names)


def check_plane(kind: str, parameters: int, runs: int, what: str = "network") -> None:
    """Raise DescentError where a plane of this kind can be known to be impossible before anything runs."""
    if parameters < 2:
        raise DescentError(f"the {what} has one parameter, and a plane needs two")
    if kind == "weights" and parameters != 2:
        raise DescentError(
            f"the plane 'weights' is for {what}s of 2 parameters, and this one has {parameters:,}; "
            "allowed: pca, random, hessian, ends"
        )
    if kind == "ends" and runs < 2:
        raise DescentError(
            "the plane 'ends' goes through the ends of two or three runs, and there is one; "
            "compare more optimizers, or take the plane pca"
        )


def _best_end(runs: Sequence[Trained], fit: Fitting) -> torch.Tensor:
    """Return the last weights of the best run that fits, or where it failed its first ones."""
    scores = {k: float(runs[k].epochs[-1, 1]) for k in fit if fit[k] == len(runs[k].tape.weights)}
    lowest = min(scores, key=lambda k: np.nan_to_num(scores[k], nan=np.inf), default=None)
    if lowest is None or not bool(runs[lowest].tape.weights[-1].isfinite().all()):
        return runs[next(iter(fit))].tape.weights[0]
    return runs[lowest].tape.weights[-1]


def _through_ends(runs: Sequence[Trained], some: tuple[int, ...], names: Sequence[str]) -> Plane:
    """Return the plane through the ends of three runs, or through the start and the ends of two."""
    from ...surfaces.networks import plane_axes

    ends = [runs[k].tape.weights[-1] for k in some]
    if len(ends) < 2:
        raise DescentError(
            f"the plane 'ends' goes through the ends of two or three runs, and {len(ends)} ended well; "
            "compare more optimizers, or take the plane pca"
        )
    called = [f"the end of {names[k]}" for k in some]
    third = ends[2] if len(ends) > 2 else runs[some[0]].tape.weights[0]
    a, b, c = [*called, "the start"][:3]
    return plane_axes.through(ends[0], ends[1], third, (a, b, c))


def paths(runs: Sequence[Trained], fit: Fitting) -> Matrix:
    """Return the finite weights of the rows that fit, (n, P); where there are many, some of them.

    The work of principal components grows with the square of their number, and neighbours hardly differ.
    """
    parts = []
    for k, count in fit.items():
        rows = some_of(runs[k].tape.weights[:count], len(fit))
        parts.append(rows[finite(rows)])
    joined: Matrix = together(parts)
    return joined


def some_of(rows: Matrix, runs: int) -> Matrix:
    """Return the rows (n, P) of one of so many runs; where there are many, some, the first and last too."""
    import torch

    most = max(3, SPREAD // runs)
    return rows if len(rows) <= most else rows[torch.linspace(0, len(rows) - 1, most).round().long()]


def frame(points: Sequence[NDArray[np.float64]], also: Sequence[tuple[float, float]] = ()) -> Box:
    """Return a view that holds paths (rows, 2) and some points with room around, and is not too thin."""
    spots = np.concatenate([*points, np.array(also, dtype=np.float64).reshape(-1, 2)])
    spots = spots[np.isfinite(spots).all(axis=1)]
    low, high = spots.min(axis=0), spots.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * (1 + 2 * _MARGIN)
    half = np.maximum(half, _THIN * half.max() or 1.0)
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
        losses: The true losses along it, (rows,); NaN throughout where nobody knows them.
        view: The box that pictures show.
    """
    at = trained.tape.at
    finite = np.isfinite(points).all(axis=1)
    if np.isfinite(losses).any():
        finite &= np.isfinite(losses)
    if trained.outcome.kind == NON_FINITE:
        return trained.outcome
    if not finite.all():
        return _at_row(NON_FINITE, int(np.argmin(finite)), at)
    left = exit_step(points, view)
    return trained.outcome if left is None else _at_row(LEFT_THE_VIEW, left, at)


def _at_row(kind: str, row: int, at: NDArray[np.int64]) -> Outcome:
    if not row:  # from the start on, whatever number that has
        return Outcome(kind, 0)
    return Outcome(kind, int(at[row]), exact=bool(at[row] - at[row - 1] == 1))
