"""Many runs of which only the end is wanted: where each one settles, and since which step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.surface import border_of
from ..arguments import check_amount, check_whole
from ..results.recipe import BATCHED
from ..specs.optimizer_spec import as_spec
from .batch import MEMORY, STEP_BYTES, check_starts, choose_methods
from .loop import descend
from .machine import resolve_device, resolve_dtype
from .noise import repeatable
from .torch_optim import complete
from .watchers import MOST_MINIMA, Arrivals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import torch
    from numpy.typing import ArrayLike, NDArray

    from ...surfaces.surface import Box, Minimum, Surface
    from ..results.trajectory import Trajectory
    from ..specs.optimizer_spec import OptimizerSpec

AT_ONCE = 1 << 16  # runs at a time on a CPU, whose caches larger tensors leave


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Where S optimizers end from N starts, without the way there."""

    points: NDArray[np.float64]  # (S, N, 2): after the last step
    losses: NDArray[np.float64]  # (S, N): after the last step
    state: NDArray[np.int16]  # (S, N): number of the minimum the run ended near, -1 diverged,
    # -2 elsewhere, -3 outside the domain where a minimum is one on the domain only
    since: NDArray[np.int32]  # (S, N): the step from which on the state has been as it is
    methods: tuple[str, ...]  # (S,): "batched" or "one by one"


def descend_ends(
    surface: Surface,
    specs: Sequence[OptimizerSpec | str],
    starts: ArrayLike,
    steps: int,
    *,
    minima: Sequence[Minimum] | None = None,
    tolerance: float = 1e-3,
    seed: int = 0,
    device: str = "cpu",
    dtype: str | None = None,
    noise: float = 0.0,
    view: Box | None = None,
    memory: float = MEMORY,
    progress: Callable[[int, int], object] | None = None,
) -> Ends:
    """Run every spec from every start and return where each run ends, keeping nothing of the way there.

    Args:
        surface: The loss.
        specs: Optimizer specs, S of them.
        starts: Points, shape (N, 2).
        steps: How many updates each run makes.
        minima: Where runs may settle; the surface's known minima when None.
        tolerance: How near to a minimum counts as there.
        seed: Starts the noise, which is the same for all runs.
        device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
        dtype: ``float64`` or ``float32``; the most precise that the device has when None.
        noise: Standard deviation of what is added to each gradient component after each backward pass.
        view: Runs that end outside a box ten times as large as the one around this and all minima have
            diverged; the surface's own view when None. Where a minimum is one on the domain only, those
            that end at finite numbers outside the domain are told apart in place of that.
        memory: Bytes to use for work; a run takes at most 4 kB, besides 30 bytes of result.
        progress: Called with how many runs are done and how many there are.

    Raises:
        DescentError: An argument is out of range, or torch refuses the options.

    >>> from descent.surfaces import get
    >>> ends = descend_ends(get("sphere"), ["sgd:lr=0.5"], [(1.0, -1.0), (0.0, 2.0)], steps=3)
    >>> ends.state.tolist(), ends.since.tolist()
    ([[0, 0]], [[1, 1]])
    """
    import torch

    from .tensor_program import noises, run

    if surface.parameters == 1:
        raise DescentError(f"ends are found on a plane of starts, and {surface.name} has one parameter")
    begin = check_starts(starts)
    steps, noise = check_whole(steps, "steps", 1), check_amount(noise, "noise")
    device = resolve_device(device)
    dtype = resolve_dtype(dtype, device)
    full = [complete(as_spec(spec), steps) for spec in specs]
    methods = choose_methods(surface, full, device, dtype)
    where = torch.tensor(begin, dtype=getattr(torch, dtype), device=device)
    known = surface.minima if minima is None else tuple(minima)
    if len(known) > MOST_MINIMA:
        raise DescentError(f"at most {MOST_MINIMA} minima can be told apart, not {len(known)}")
    around = _around(view or surface.view, known)
    border = border_of(surface.domain, known)
    at_once = max(1, int(memory / STEP_BYTES))
    if device == "cpu":
        at_once = min(at_once, AT_ONCE)

    kept: list[Arrivals] = []
    finished, total = 0, len(full) * len(begin)
    for spec, method in zip(full, methods, strict=True):
        for first in range(0, len(begin), at_once):
            some = where[first : first + at_once]
            watch = Arrivals.empty(1, some, steps, known, tolerance, around, border)
            if method == BATCHED:
                with repeatable(seed, torch.device(device)):
                    run(surface, [spec], some, steps, watch, noises(noise, [seed], some))
            else:
                options: dict[str, Any] = {"seed": seed, "device": device, "dtype": dtype, "noise": noise}
                alone: list[Trajectory] = []
                for x, y in begin[first : first + at_once].tolist():
                    alone.append(descend(surface, spec, (x, y), steps, **options))
                    if progress is not None and len(alone) < len(some):
                        progress(finished + len(alone), total)
                _replay(alone, watch, some)
            kept.append(watch)
            finished += len(some)
            if progress is not None:
                progress(finished, total)
    shape = (len(full), len(begin))

    points, losses, since = (
        torch.cat([getattr(each, name)[0] for each in kept]).cpu().numpy()
        for name in ("points", "losses", "since")
    )
    return Ends(
        points.reshape(*shape, 2).astype(np.float64, copy=False),
        losses.reshape(shape).astype(np.float64, copy=False),
        np.concatenate([each.settled()[0] for each in kept]).reshape(shape),
        since.reshape(shape),
        methods,
    )


def _around(view: Box, minima: Sequence[Minimum]) -> Box:
    """Return the box around a view and minima: a run that makes for one outside the view is not lost."""
    points = [*zip(*view, strict=True), *(minimum.point for minimum in minima)]
    x, y = zip(*points, strict=True)
    return (min(x), max(x)), (min(y), max(y))


def _replay(runs: Sequence[Trajectory], watch: Arrivals, like: torch.Tensor) -> None:
    """Show single runs to a watch, step by step, as a tensor program would have."""
    import torch

    points = torch.as_tensor(np.stack([run.points for run in runs])).to(like)
    losses = torch.as_tensor(np.stack([run.losses for run in runs])).to(like)
    for k in range(points.shape[1]):
        watch(k, points[None, :, k], points[None, :, k], losses[None, :, k])
