"""Every optimizer at every one of many learning rates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..surfaces.messages import DescentError, NotPossibleError
from .check import check_amount, check_grid, check_start, check_whole
from .choose import DEFAULTS
from .rates import DEFAULT_RATES, parse_rates
from .specs import OptimizerSpec, as_spec, unique
from .sweep_data import Sweep
from .trajectory import FINISHED, LEFT_THE_VIEW, NON_FINITE, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from ..surfaces.surface import Box, Minimum, Surface
    from .trajectory import Trajectory

_GRAVEST_FIRST = (NON_FINITE, LEFT_THE_VIEW)
_MEMORY = 2e9


def sweep(
    target: str | Surface | Callable[..., Any],
    specs: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    lrs: str | float | Sequence[float] = DEFAULT_RATES,
    *,
    steps: int = 200,
    start: tuple[float, float] | None = None,
    seed: int = 0,
    seeds: int = 1,
    noise: float = 0.0,
    tolerance: float = 1e-3,
    device: str = "cpu",
    dtype: str | None = None,
    view: Box | None = None,
    grid: tuple[int, int] = (256, 256),
    memory: float = _MEMORY,
    progress: Callable[[int, int], object] | None = None,
) -> Sweep:
    """Run optimizers at many learning rates from the same start, as one tensor program where that is possible.

    Args:
        target: A surface, or what `descent.surfaces.get` takes for one.
        specs: Optimizer specs, whose own rates are not used; SGD, Adam and RMSprop when None.
        lrs: The rates: ``A:B:N`` for N log-spaced ones from A to B, a list as text, or numbers.
        steps: How many updates each run makes.
        start: Where all runs begin; the surface's own start when None.
        seed: The first of the seeds, which start the noise.
        seeds: How many runs with different noise each optimizer makes at each rate.
        noise: Standard deviation of what is added to each gradient component after each backward pass.
        tolerance: How near to a known minimum counts as there.
        device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
        dtype: ``float64`` or ``float32``; the most precise that the device has when None.
        view: The box that outcomes refer to; the surface's own when None.
        grid: The points of the field along x and along y.
        memory: Bytes to use; half of it for the result.
        progress: Called after each run with how many are done and how many there are.

    Raises:
        DescentError: Something asked for is not known, not there or out of range, or needs more memory.

    >>> swept = sweep("quadratic", "sgd", "0.01,0.1,1", steps=100)
    >>> swept.losses.shape, swept.best, swept.stability_bound
    ((1, 3, 101), (1,), 0.2)
    """
    from ..surfaces.field import sample
    from ..surfaces.resolve import get
    from .batch import choose_methods
    from .build import complete
    from .device import resolve_device, resolve_dtype
    from .record import versions
    from .stability import stability_bound

    surface = get(target, view=view)
    bare, rates = _bare(specs), parse_rates(lrs)
    steps, seed = check_whole(steps, "steps", 1), check_whole(seed, "seed", 0)
    seeds, noise = check_whole(seeds, "seeds", 1), check_amount(noise, "noise")
    if seeds > 1 and not noise:
        raise DescentError(f"{seeds} seeds give the same run {seeds} times without noise; add noise, or use one")
    start = surface.start if start is None else check_start(start)
    tolerance, grid = check_amount(tolerance, "tolerance"), check_grid(grid)
    device = resolve_device(device)
    dtype = resolve_dtype(dtype, device)
    result = _Result.empty(len(bare), len(rates), steps, seeds, memory)
    methods = choose_methods(surface, [complete(spec.with_lr(rates[0]), steps) for spec in bare], device, dtype)
    field = sample(surface, surface.view, grid, device, resolve_dtype(None, device))

    options: dict[str, Any] = {"noise": noise, "device": device, "dtype": dtype, "memory": memory / 2}
    result.fill(surface, bare, rates, start, range(seed, seed + seeds), methods, options, tolerance, progress)
    return Sweep(
        target=surface.name,
        specs=tuple(map(str, bare)),
        rates=np.array(rates),
        losses=result.losses,
        points=result.points,
        ends=result.ends,
        spread=result.spread,
        outcomes=result.outcomes,
        steps_to_minimum=result.steps_to_minimum,
        stability_bounds=tuple(stability_bound(surface, spec) for spec in bare),
        methods=methods,
        start=start,
        steps=steps,
        seeds=tuple(range(seed, seed + seeds)),
        noise=noise,
        tolerance=tolerance,
        device=device,
        dtype=dtype,
        view=surface.view,
        field=field,
        minima=surface.minima,
        latex=surface.latex,
        versions=versions(),
    )
