"""What an optimizer feels at each row of a run: the vectors that arrows show, read from its own state."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.catalogue import CURVE, NETWORK, PROBLEM
from ...surfaces.errors import DescentError
from ...surfaces.imports import own
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from .arrow_kinds import ARROWS, BY_ROOT, GRADIENTS, STATE, TO_SCALE
from .replayed import is_momentum, is_scaling, known
from .two_points import gradients_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ...trajectories.results.trajectory import Trajectory
    from .runs import SceneRun

    Vectors = NDArray[np.float64]  # (rows, 2); NaN where there is nothing to draw

_PUSHES = ("momentum_buffer", "exp_avg")  # torch's names of what is subtracted from the parameters


def downhill(run: Trajectory) -> Vectors:
    """Return minus the gradient that the optimizer is handed; NaN where that is of another point."""
    return -gradients_at(run)


def next_step(run: Trajectory) -> Vectors:
    """Return the way to the next point; NaN at the end, and where steps before the next row were not kept."""
    ways = np.full_like(run.points, np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        ways[:-1] = np.diff(run.points, axis=0)
    ways[:-1][np.diff(run.at) != 1] = np.nan
    return ways


def push(run: Trajectory) -> Vectors:
    """Return the direction in which the momentum held at each row pushes, all NaN where none is."""
    held = next((run.state[name] for name in _PUSHES if name in run.state), None)
    if held is None or not is_momentum(run, held):
        return np.full_like(run.points, np.nan)
    return -held


def scaling(run: Trajectory) -> Vectors:
    """Return what each parameter's step is multiplied by at each row; only its ratio means something.

    That is 1 / (sqrt(v) + eps) of the squared gradients v that Adam, RMSprop, Adagrad and their relatives
    hold, worked out as torch does; all NaN where none are.

    References:
        D. Kingma and J. Ba, Adam: a method for stochastic optimization, arXiv:1412.6980
    """
    spec, held = OptimizerSpec.parse(run.spec), run.state
    options = dict(spec.options)
    eps = _number(options.get("eps"), 1e-10 if "sum" in held else 1e-6 if "acc_delta" in held else 1e-8)
    with np.errstate(all="ignore"):
        if "exp_avg_sq" in held:
            squares = held.get("max_exp_avg_sq", held["exp_avg_sq"])
            betas = options.get("betas")
            beta = _number(betas[1] if isinstance(betas, tuple) and len(betas) == 2 else None, 0.999)
            share = 1 - beta ** run.at.astype(np.float64)[:, None]
            found = 1 / (np.sqrt(squares / share) + eps)
            if spec.name == "radam":  # which does not divide by them until there are enough
                most = 2 / (1 - beta) - 1
                found[(most - 2 * run.at[:, None] * (1 - share) / share <= 5)[:, 0]] = np.nan
        elif "exp_inf" in held:
            found = 1 / held["exp_inf"]
        elif "acc_delta" in held and "square_avg" in held:
            found = np.sqrt(held["acc_delta"] + eps) / np.sqrt(held["square_avg"] + eps)
        elif "square_avg" in held:
            means = held.get("grad_avg")
            squares = held["square_avg"] - (0.0 if means is None else means**2)
            found = 1 / (np.sqrt(squares) + eps)
        elif "sum" in held:
            found = 1 / (np.sqrt(held["sum"]) + eps)
        else:
            return np.full_like(run.points, np.nan)
    found[run.at == 0] = np.nan
    found[~(np.isfinite(found).all(axis=1) & (found > 0).any(axis=1))] = np.nan
    return found if is_scaling(run, found) else np.full_like(run.points, np.nan)


def vectors_of(run: Trajectory, name: str) -> Vectors:
    """Return the vectors of a kind of arrow, one of ARROWS, at each row of a run."""
    found: Vectors = own("viz", ARROWS[name].vectors)(run)
    return found


def without(runs: Sequence[SceneRun], name: str) -> tuple[str, ...]:
    """Return the labels of the runs that have nothing to draw of a kind of arrow, each once."""
    has = [_has(run.trajectory, name) for run in runs]
    # Of one optimizer with and without, the rate tells which.
    having = {run.label.title for run, it in zip(runs, has, strict=True) if it}
    lacking = [run.label for run, it in zip(runs, has, strict=True) if not it]
    return tuple(dict.fromkeys(each.name if each.title in having else each.title for each in lacking))


def check_arrows(kind: str, runs: Sequence[SceneRun], names: Sequence[str]) -> None:
    """Check that some run has something to draw of each kind of arrow.

    Args:
        kind: What the recording is of: one of `catalogue.KINDS`.
        runs: Its runs.
        names: Names in ARROWS.

    Raises:
        DescentError: None has; the sentence says why, and what the runs have.
    """
    if not names:
        return
    if not runs:
        raise DescentError("arrows are drawn where runs are, and this recording has no runs")
    check_kept(kind, names)
    for name in names:
        if any(_has(run.trajectory, name) for run in runs):
            continue
        raise DescentError(f"arrows={name} cannot be drawn: {_reason(runs, name)}")


def check_kept(kind: str, names: Sequence[str]) -> None:
    """Check that recordings of a kind, one of `catalogue.KINDS`, have what these arrows are drawn from.

    Raises:
        DescentError: They never have; the sentence says why.
    """
    if names and kind == CURVE:
        raise DescentError("arrows are drawn on a contour, and a loss of one parameter has none")
    for name in names:
        if kind in (NETWORK, PROBLEM) and ARROWS[name].reads == STATE:
            others = [other for other, entry in ARROWS.items() if entry.reads != STATE]
            raise DescentError(
                f"arrows={name} cannot be drawn: a recording of {kind} keeps no optimizer state; "
                f"{' and '.join(others)} can be drawn"
            )


def notes(names: Sequence[str], *, field: bool) -> list[str]:
    """Say for the fine print how long arrows are, and what those of the field are.

    >>> notes(("step", "gradient"), field=False)
    ['arrows: step to scale, others by the square root of their size']
    >>> notes(("adam", "step"), field=True)
    ['small arrows: downhill, longer where steeper']
    """
    said = ["small arrows: downhill, longer where steeper"] if field else []
    exact = [name for name in names if ARROWS[name].length == TO_SCALE]
    if any(ARROWS[name].length == BY_ROOT for name in names):
        which = f"arrows: {' and '.join(exact)} to scale, others" if exact else "arrows"
        said.append(f"{which} by the square root of their size")
    return said


def _has(run: Trajectory, name: str) -> bool:
    return bool(np.isfinite(vectors_of(run, name)).all(axis=1).any())


def _reason(runs: Sequence[SceneRun], name: str) -> str:
    entry = ARROWS[name]
    if entry.reads == GRADIENTS and any(run.trajectory.trained is not None for run in runs):
        return "gradients are taken at the training point, which is drawn with point=training"
    if entry.reads != STATE:
        return f"no run has {entry.needs}"
    held = "; ".join(
        f"{run.label.name} holds {', '.join(run.trajectory.state) or 'nothing'}" for run in runs[:4]
    ) + (f"; and {len(runs) - 4} more" if len(runs) > 4 else "")
    if not all(known(run.trajectory) for run in runs):
        held += "; of other packages' classes only what their steps follow from is drawn"
    again = "" if any(run.trajectory.state for run in runs) else ", or an old recording made again"
    return f"no run holds {entry.needs} ({held}); it takes {entry.instead}{again}"


def _number(value: object, default: float) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default
