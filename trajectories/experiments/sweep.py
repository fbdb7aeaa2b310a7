"""Every optimizer at every one of many learning rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, NotPossibleError
from ..arguments import check_amount, check_callable, check_resolution, check_start, check_whole, parse_memory
from ..descent.batch import MEMORY, ROW_BYTES, choose_methods, descend_many, in_bytes
from ..descent.default_optimizers import without_rates
from ..descent.rate_rows import AT_ONCE, Setting, descend_rates, prove
from ..results.recipe import BATCHED, BY_DIRECTION
from ..results.sweep import Sweep
from ..specs.rates import DEFAULT_RATES, parse_rates
from .plan import RESOLUTION, STEPS, refuse
from .sweep_room import Room, kept_bytes, stacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Unpack

    from torch import nn

    from ...surfaces.surface import Box, Surface
    from ..results.network_sweep import NetworkSweep
    from ..specs.optimizer_spec import OptimizerSpec
    from ..training.options import TrainingOptions

NEAR = 1e-3  # how near to a known minimum counts as there


def sweep(
    target: str | Surface | nn.Module | Callable[..., Any],
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    lr: str | float | Sequence[float] = DEFAULT_RATES,
    *,
    steps: int | None = None,
    start: float | Sequence[float] | None = None,
    seed: int = 0,
    seeds: int = 1,
    noise: float = 0.0,
    tolerance: float = NEAR,
    device: str = "cpu",
    dtype: str | None = None,
    view: Box | tuple[float, float] | None = None,
    resolution: tuple[int, int] = RESOLUTION,
    memory: float | str = MEMORY,
    progress: Callable[[int, int], object] | None = None,
    **training: Unpack[TrainingOptions],
) -> Sweep | NetworkSweep:
    """Run optimizers at many learning rates from the same start, as one tensor program where they can be.

    Args:
        target: A surface, or what `descent.surfaces.get` takes for one; or a network, as `descent.record`
            takes it, which is trained anew for each rate.
        optimizers: Optimizer specs, whose own rates are not used; SGD, Adam and RMSprop when None.
        lr: The rates: ``A:B:N`` for N log-spaced ones from A to B, a list as text, or numbers.
        steps: How many updates each run makes, 200 when None; networks count in epochs.
        start: Where all runs begin, (x, y), or x on a surface of one parameter; its own start when None.
        seed: The first of the seeds, which start the noise. Of a network it starts the split of the data, the
            first weights and the order of the batches.
        seeds: How many runs with different noise each optimizer makes at each rate.
        noise: Standard deviation of what is added to each gradient component after each backward pass.
        tolerance: How near to a known minimum counts as there.
        device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
        dtype: ``float64`` or ``float32``; the most precise that the device has when None.
        view: The box that outcomes refer to; when None the surface's own, widened to hold the start.
        resolution: The points of the field along x and along y.
        memory: Bytes to use, or text such as "2GB", half of it for the result; without room for the
            points, only losses are kept.
        progress: Called after each run with how many are done and how many there are.
        **training: For networks only, such as ``data="moons"`` and ``epochs=20``: what of `TrainingOptions`
            is not about paths. All runs have as many epochs.

    Raises:
        DescentError: Something asked for is not known, not there or out of range, or needs more memory.

    >>> swept = sweep("quadratic", "sgd", "0.01,0.1,1", steps=100)
    >>> swept.losses.shape, swept.best, swept.stability_bound
    ((1, 3, 101), (1,), 0.2)
    """
    from ...surfaces.networks.resolve import is_network
    from ...surfaces.problems.resolve import is_problem
    from .sweep_network import sweep_network
    from .sweep_problem import sweep_problem

    on_surface: dict[str, Any] = {
        "steps": steps,
        "start": start,
        "seeds": seeds,
        "noise": noise,
        "tolerance": tolerance,
        "view": view,
        "resolution": resolution,
        "memory": memory,
    }
    shared: dict[str, Any] = {"seed": seed, "device": device, "dtype": dtype, "progress": progress}
    if is_problem(target) or is_network(target):
        defaults = {"seeds": 1, "noise": 0, "tolerance": NEAR, "resolution": RESOLUTION}
        given = {name: None if value == defaults.get(name) else value for name, value in on_surface.items()}
        given |= {"memory": None if parse_memory(memory) == MEMORY else memory}
        if not is_problem(target):
            refuse("a network", "surfaces", **given)
            return sweep_network(target, optimizers, lr, **shared, **training)
        refuse("a problem", "surfaces", **given | {"steps": None, "start": None})
        refuse("a problem", "networks", **training)
        return sweep_problem(target, optimizers, lr, **shared, steps=steps, start=start)
    refuse("a surface", "networks", **training)
    return sweep_surface(target, optimizers, lr, **shared, **on_surface)


def sweep_surface(
    target: str | Surface | Callable[..., Any],
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None,
    lr: str | float | Sequence[float],
    *,
    steps: int | None,
    start: float | Sequence[float] | None,
    seed: int,
    seeds: int,
    noise: float,
    tolerance: float,
    device: str,
    dtype: str | None,
    view: Box | tuple[float, float] | None,
    resolution: tuple[int, int],
    memory: float | str,
    progress: Callable[[int, int], object] | None,
) -> Sweep:
    """Run optimizers at many learning rates on a surface; see `sweep`.

    Raises:
        DescentError: As `sweep` does.
    """
    from ...surfaces.analytic.resolve import get
    from ...surfaces.field import sample
    from ...surfaces.surface import holding
    from ..descent.machine import resolve_device, resolve_dtype, versions
    from ..descent.torch_optim import complete
    from .stability import stability_bound

    check_callable(progress, "progress")
    surface = get(target, view=view)
    specs, rates = without_rates(optimizers), parse_rates(lr)
    steps, seed = check_whole(STEPS if steps is None else steps, "steps", 1), check_whole(seed, "seed", 0)
    seeds, noise = check_whole(seeds, "seeds", 1), check_amount(noise, "noise")
    if seeds > 1 and not noise:
        raise DescentError(
            f"{seeds} seeds give the same run {seeds} times without noise; add noise, or use one"
        )
    begin = surface.start if start is None else check_start(start, surface.parameters)
    surface = holding(surface, begin) if view is None else surface
    tolerance, resolution = (
        check_amount(tolerance, "tolerance"),
        check_resolution(resolution, surface.parameters),
    )
    device = resolve_device(device)
    dtype = resolve_dtype(dtype, device)
    memory = parse_memory(memory)
    _check_memory(len(specs), len(rates), steps, seeds, memory)
    methods = choose_methods(
        surface, [complete(spec.with_lr(rates[0]), steps) for spec in specs], device, dtype
    )
    field = sample(surface, surface.view, resolution, device, resolve_dtype(None, device))

    room = Room.empty(len(specs), len(rates), steps, seeds, memory)
    some = max(1, int(memory / 4 / _path_bytes(len(specs) * seeds, steps)))
    total, finished = len(specs) * len(rates) * seeds, 0
    setting = Setting(surface, begin, steps, range(seed, seed + seeds), noise, device, dtype)
    proofs = [
        prove(spec, rates, setting) if method == BATCHED else None
        for spec, method in zip(specs, methods, strict=True)
    ]
    each = min(max(1, AT_ONCE // seeds), some) if device == "cpu" else some
    for i, proof in enumerate(proofs):
        if proof is None:
            continue
        for first in range(0, len(rates), each):
            paths = descend_rates(proof, rates[first : first + each], setting)
            room.put(i, first, paths, surface.minima, tolerance, surface.view)
            finished += len(paths.losses) * seeds
            if progress is not None:
                progress(finished, total)
    slow = [i for i, proof in enumerate(proofs) if proof is None]
    for first in range(0, len(rates), some) if slow else ():
        part = rates[first : first + some]
        runs = descend_many(
            surface,
            [specs[i].with_lr(rate) for i in slow for rate in part],
            [begin] * seeds,
            steps,
            seed=setting.seeds,
            device=device,
            dtype=dtype,
            noise=noise,
            memory=memory / 2,
            methods=[methods[i] for i in slow for _ in part],
            progress=_shifted(progress, finished, total),
        )
        finished += len(runs)
        each = len(part) * seeds
        for place, i in enumerate(slow):
            paths = stacked(runs[place * each : (place + 1) * each], seeds)
            room.put(i, first, paths, surface.minima, tolerance, surface.view)
    return Sweep(
        target=surface.name,
        specs=tuple(map(str, specs)),
        rates=np.array(rates),
        losses=room.losses,
        points=room.points,
        ends=room.ends,
        spread=room.spread,
        outcomes=tuple(map(tuple, room.outcomes)),
        steps_to_minimum=room.steps_to_minimum,
        stability_bounds=tuple(stability_bound(surface, spec) for spec in specs),
        methods=tuple(
            method if proof is None else BY_DIRECTION for method, proof in zip(methods, proofs, strict=True)
        ),
        proofs=tuple("" if proof is None else str(proof) for proof in proofs),
        start=begin,
        steps=steps,
        seeds=tuple(range(seed, seed + seeds)),
        noise=noise,
        tolerance=tolerance,
        device=device,
        dtype=dtype,
        view=surface.view,
        field=field,
        minima=surface.minima,
        domain=surface.domain,
        latex=surface.latex,
        versions=versions(name for spec in specs for name in spec.names),
    )


def _path_bytes(runs: int, steps: int) -> int:
    return runs * (steps + 1) * ROW_BYTES


def _check_memory(specs: int, rates: int, steps: int, seeds: int, memory: float) -> None:
    needed = specs * rates * (steps + 1) * kept_bytes(seeds)
    needed = 2 * max(needed, 2 * _path_bytes(specs * seeds, steps))
    if needed > memory:
        raise NotPossibleError(
            f"a sweep of {specs} x {rates:,} runs of {steps:,} steps needs {in_bytes(needed)} of memory, and "
            f"{in_bytes(memory)} are allowed; take fewer rates, steps or seeds, or allow more"
        )


def _shifted(
    progress: Callable[[int, int], object] | None, before: int, total: int
) -> Callable[[int, int], object] | None:
    return None if progress is None else lambda done, _: progress(before + done, total)
