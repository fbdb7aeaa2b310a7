"""Which minimum each start of a grid leads to."""

from __future__ import annotations

from itertools import combinations
from math import dist
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, NotPossibleError
from ..arguments import check_amount, check_callable, check_whole, parse_memory
from ..descent.batch import MEMORY, choose_methods, in_bytes
from ..descent.batching import why_alone
from ..descent.default_optimizers import choose
from ..results.basins import DIVERGED, OUTSIDE, Basins
from ..results.recipe import ONE_BY_ONE
from ..specs.optimizer_spec import unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ...surfaces.surface import Box, Surface
    from ..specs.optimizer_spec import OptimizerSpec

LARGEST = 4096  # starts along a side, which is more than a screen shows
ALONE = 1000  # as many runs are made one by one where an optimizer cannot do otherwise
_KEPT = 40  # bytes of result a run, with all copies that are made on the way
_SECONDS = 5e-4  # what a step of a single run takes, roughly


def basins(
    target: str | Surface | Callable[..., Any],
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    *,
    starts: int = 256,
    steps: int = 200,
    tolerance: float | None = None,
    view: Box | None = None,
    device: str = "cpu",
    dtype: str | None = None,
    memory: float | str = MEMORY,
    progress: Callable[[int, int], object] | None = None,
) -> Basins:
    """Descend from every start of a regular grid over the view, and say which known minimum each run reaches.

    Args:
        target: A surface with known minima, or what `descent.surfaces.get` takes for one.
        optimizers: Optimizer specs; SGD, Adam and RMSprop at rates that suit the target when None.
        starts: How many there are along each side, edges of the view included.
        steps: How many updates each run makes.
        tolerance: A run that ends this near to a minimum has reached it. When None, a hundredth of the
            view's shorter side, or a third of the distance between the nearest two minima if that is less.
        view: The box ((x0, x1), (y0, y1)) that the starts fill; the surface's own view when None.
        device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
        dtype: ``float64`` or ``float32``; the most precise that the device has when None.
        memory: Bytes to use, or text such as "2GB": 40 a run for the result, and at most 4 kB a run for
            those under way, which are as many at a time as fit.
        progress: Called with how many runs are done and how many there are.

    Raises:
        DescentError: Something asked for is not known, not there or out of range; no minimum is known; the
            starts need more memory; or the runs of an optimizer cannot be batched and are too many.

    >>> found = basins("himmelblau", "adam:lr=0.1", starts=16)
    >>> found.index.shape, int(found.index.max())
    ((1, 16, 16), 3)
    """
    from ...surfaces.analytic.resolve import get
    from ...surfaces.field import sample
    from ..descent.ends import descend_ends
    from ..descent.machine import resolve_device, resolve_dtype, versions
    from ..descent.torch_optim import complete

    check_callable(progress, "progress")
    surface = get(target, view=view)
    starts, steps = check_whole(starts, "starts", 2), check_whole(steps, "steps", 1)
    device = resolve_device(device)
    dtype = resolve_dtype(dtype, device)
    if surface.parameters == 1:
        raise DescentError(
            f"basins need a plane of starts, and {surface.name} has one parameter; "
            "descend it from several starts instead, with record"
        )
    if not surface.minima:
        raise DescentError(f"no minimum of {surface.name} is known, so its basins cannot be told apart")
    tolerance = _tolerance(surface, tolerance)
    chosen = unique(complete(spec, steps) for spec in choose(surface, optimizers))
    memory = parse_memory(memory)
    _check_size(len(chosen), starts, memory)
    for spec, method in zip(chosen, choose_methods(surface, chosen, device, dtype), strict=True):
        if method == ONE_BY_ONE and starts**2 > ALONE:
            why = why_alone(spec) or f"{surface.name} does not compute many points as it does one"
            raise NotPossibleError(
                f"{why}; {starts**2:,} runs of {steps:,} steps would take about {_time(starts**2 * steps)}; "
                f"take at most {int(ALONE**0.5)} starts a side, or another optimizer"
            )

    x, y = (np.linspace(low, high, starts) for low, high in surface.view)
    places = np.stack(np.meshgrid(x, y, indexing="xy"), axis=-1).reshape(-1, 2)
    ends = descend_ends(
        surface,
        chosen,
        places,
        steps,
        tolerance=tolerance,
        device=device,
        dtype=dtype,
        memory=memory,
        progress=progress,
    )
    shape = (len(chosen), starts, starts)
    index, since = ends.state.reshape(shape), ends.since.reshape(shape)
    never = np.int32(-1)
    return Basins(
        target=surface.name,
        specs=tuple(map(str, chosen)),
        x=x,
        y=y,
        index=index,
        steps=np.where(index >= 0, since, never),
        diverged_at=np.where(index == DIVERGED, since, never),
        outside_at=np.where(index == OUTSIDE, since, never),
        methods=ends.methods,
        budget=steps,
        tolerance=tolerance,
        device=device,
        dtype=dtype,
        view=surface.view,
        field=sample(surface, surface.view, (256, 256), device, resolve_dtype(None, device)),
        minima=surface.minima,
        domain=surface.domain,
        latex=surface.latex,
        versions=versions(name for spec in chosen for name in spec.names),
    )


def _tolerance(surface: Surface, given: float | None) -> float:
    points = [minimum.point for minimum in surface.minima]
    apart = min((dist(*pair) for pair in combinations(points, 2)), default=float("inf"))
    if given is None:
        return min(min(high - low for low, high in surface.view) / 100, apart / 3)
    tolerance = check_amount(given, "tolerance")
    if not 0 < tolerance < apart / 2:
        raise DescentError(
            f"the tolerance must be greater than 0 and less than {apart / 2:.4g}, half the distance between "
            f"the nearest two minima of {surface.name}, not {tolerance:g}"
        )
    return tolerance


def _check_size(specs: int, starts: int, memory: float) -> None:
    if starts > LARGEST:
        raise DescentError(f"starts must be a whole number of at most {LARGEST}, not {starts}")
    needed = specs * starts**2 * _KEPT
    if needed > memory:
        raise NotPossibleError(
            f"{starts} x {starts} starts for {specs} optimizer{'s' * (specs > 1)} needs "
            f"{in_bytes(needed)} of memory, and {in_bytes(memory)} are allowed; "
            "take fewer starts, or allow more"
        )


def _time(steps: int) -> str:
    """Say roughly how long so many steps of single runs take."""
    seconds = steps * _SECONDS
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 1):.0f} seconds"
