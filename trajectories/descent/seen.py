"""What is true of a run and not seen in its picture: found in the run itself, or by trying its class.

Nothing here is known from a list of names. Of torch's own classes another module knows what surprises people.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..optimizers import remembered
from ..optimizers.faces import for_training
from ..results.trajectory import IN_SINGLE
from ..specs.tables import OPTIMIZERS

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from ..specs.optimizer_spec import OptimizerSpec
    from .needs import Way

IN_PLACE = "its steps change the gradient in place"
NO_RATE = "the rate asked for is not used: twice the rate gives the same steps"
_LONG = 20  # steps of what is tried: longer than most warm-ups
_FAR = 0.05  # a first step so long, without a gradient and beside what decay shrinks, has another reason
_LEAST = 6  # steps that must say the same before it is said
_BITS = 4096.0  # a number of fewer than 12 binary digits says nothing of how it was computed


def facts_of(
    spec: OptimizerSpec,
    dtype: torch.dtype,
    points: NDArray[np.float64],
    gradients: NDArray[np.float64],
    start: tuple[float, ...],
) -> tuple[str, ...]:
    """Return all that is said of a run beside its path, a clause each; of torch's own classes nothing.

    Args:
        spec: Its completed spec.
        dtype: The precision of the run.
        points: Where gradients were taken, (rows, 2).
        gradients: Likewise, (rows, 2).
        start: Where the run was asked to begin.
    """
    from .needs import bare, way_of

    if spec.name in OPTIMIZERS:
        return ()
    way = way_of(spec, dtype)
    seen = seen_in(points, gradients, start, str(dtype).removeprefix("torch."))
    return (*way.words(spec), *seen_by_trying(bare(spec), way, dtype), *seen)


def seen_in(
    points: NDArray[np.float64], gradients: NDArray[np.float64], start: tuple[float, ...], dtype: str
) -> list[str]:
    """Return what a run's numbers show, a clause each.

    Args:
        points: Where gradients were taken, (rows, 2).
        gradients: Likewise, (rows, 2).
        start: Where the run was asked to begin.
        dtype: The precision of the run.
    """
    said = []
    if (points[0, : len(start)] != np.asarray(start, dtype).astype(np.float64)).any():
        x, y = points[0].tolist()
        said.append(f"its class moved the start to ({x:.4g}, {y:.4g}) when it was built")
    with np.errstate(all="ignore"):
        steps = np.diff(points, axis=0)
        along = (steps * gradients[:-1]).sum(axis=1)
    still = _leading((steps == 0).all(axis=1))
    if 1 < still < len(steps):
        said.append(f"it does not move in its first {still} steps")
    climbs = _leading(along[still:] > 0)
    if climbs > 1:
        which = f"{climbs} steps" if not still else f"{climbs} steps after that"
        said.append(f"its first {which} go uphill")
    if dtype == "float64" and _single(points, steps):
        said.append(IN_SINGLE)
    return said


def _leading(true: NDArray[np.bool_]) -> int:
    """Return how many values are true before the first that is not."""
    return len(true) if true.all() else int(np.argmin(true))


def _single(points: NDArray[np.float64], steps: NDArray[np.float64]) -> bool:
    """Say whether all steps, or all points after the start, are numbers of single precision."""
    with np.errstate(all="ignore"):
        error = 8 * np.finfo(np.float64).eps * np.maximum(np.abs(points[1:]), np.abs(points[:-1]))
        telling = np.isfinite(steps) & (error < 1e-10 * np.abs(steps)) & ~_short(steps)
        if telling.sum() < _LEAST:
            return False
        apart = np.abs(steps - steps.astype(np.float32))
        if (apart <= error)[telling].all():
            return True
        later = points[1:][telling]
        return bool((later == later.astype(np.float32)).all() and (~_short(later)).sum() >= _LEAST)


def _short(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which numbers have so few binary digits that any precision holds them."""
    mantissa = np.frexp(numbers)[0] * _BITS
    return np.asarray(mantissa == np.round(mantissa))


@lru_cache(maxsize=1000)
def seen_by_trying(spec: OptimizerSpec, way: Way, dtype: torch.dtype) -> tuple[str, ...]:
    """Return what shows when a class is tried on two numbers, a clause each.

    Args:
        spec: A completed spec without schedules.
        way: How it is built and stepped.
        dtype: The precision of the run.
    """
    import torch

    from ..optimizers.time_limit import in_time
    from .needs import START, key_of, moves
    from .noise import repeatable

    if spec.name in OPTIMIZERS:
        return ()

    def path(of: OptimizerSpec) -> torch.Tensor:
        with repeatable(0, torch.device("cpu")):
            found: torch.Tensor = in_time(
                lambda: moves(of, way, dtype, _LONG), f"{_LONG} steps of {spec.name}"
            )
        return found

    known = remembered.recall(key := key_of("seen", spec, way, dtype))
    if isinstance(known, list) and all(isinstance(each, str) for each in known):
        return tuple(known)
    said: list[str] = []
    try:
        if spec.lr is not None and bool(((once := path(spec)) != once.new_tensor(START)).any()):
            said += [NO_RATE] if torch.equal(once, path(spec.with_lr(2 * spec.lr))) else []
        if not way.closure and not way.graph:
            with repeatable(0, torch.device("cpu")), torch.enable_grad():
                said += _first_steps(spec, way, dtype)
    except Exception:  # what a run meets is said by the run
        return tuple(said)
    remembered.remember(key, said)
    return tuple(said)


def _first_steps(spec: OptimizerSpec, way: Way, dtype: torch.dtype) -> list[str]:
    """Return what some steps do to a gradient, and where the first one leads without any."""
    import torch

    from .needs import START, backward

    said = []
    for share in (1.0, 0.0):
        parameter = way.parameter(torch.tensor(START, dtype=dtype))
        optimizer = way.build(spec, [("weight", parameter)])
        begin = parameter.detach().reshape(-1).tolist()
        for_training(optimizer)
        for _ in range(3 if share else 1):
            backward(parameter)
            assert parameter.grad is not None
            handed = parameter.grad.mul_(share)
            before = handed.clone()
            optimizer.step()
            if share and not torch.equal(handed, before):
                said.append(IN_PLACE)
                break
    x, y = parameter.detach().reshape(-1).tolist()
    group = optimizer.param_groups[0]
    decay = float(group.get("lr") or 0) * float(group.get("weight_decay") or 0)
    if math.dist((x, y), begin) > _FAR + 2 * decay * math.hypot(*begin):
        said.append(
            f"its first step moves without a gradient too: from ({begin[0]:.3g}, {begin[1]:.3g}) to "
            f"({x:.3g}, {y:.3g}), tried"
        )
    return said
