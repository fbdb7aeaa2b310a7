"""From a target and optimizers to a recording."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, unknown
from ..arguments import check_amount, check_grid, check_start, check_whole
from ..descent.default_optimizers import choose
from ..descent.machine import versions
from ..results.fit_view import fit_view
from ..results.recipe import Recipe
from ..results.recording import Recording
from ..specs.optimizer_spec import unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Unpack

    from torch import nn

    from ...surfaces.surface import Box, Surface
    from ..specs.optimizer_spec import OptimizerSpec
    from ..training.options import TrainingOptions

_OPTIONS = ("lr", "steps", "start", "seed", "noise", "stop_at", "device", "dtype", "view", "grid")
STEPS = 200
GRID = (256, 256)


def record(
    target: str | Surface | nn.Module | Callable[..., Any],
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    *,
    lr: float | Sequence[float] | None = None,
    steps: int | None = None,
    start: float | Sequence[float] | None = None,
    seed: int = 0,
    noise: float = 0.0,
    stop_at: float | None = None,
    device: str = "cpu",
    dtype: str | None = None,
    view: Box | tuple[float, float] | None = None,
    grid: tuple[int, int] | None = None,
    protocol: str = "",
    progress: Callable[[int, int], object] | None = None,
    log: Callable[[str], object] | None = None,
    **training: Unpack[TrainingOptions],
) -> Recording:
    """Run optimizers from the same start, with the same noise and for the same steps, and record them.

    On a surface several runs become one tensor program where that is sure to give the very numbers of single
    runs; the recipe's ``methods`` say which way each was made. A network is trained epoch by epoch: every run
    starts from the same weights and sees the same batches in the same order.

    Args:
        target: A surface, or what `descent.surfaces.get` takes for one; or a network: a name from
            `descent list networks`, package.module:Class, or a torch.nn.Module, which is copied.
        optimizers: Optimizer specs; SGD, Adam and RMSprop at rates that suit the target when None. Specs
            that say the same are run once.
        lr: Learning rates that every spec is run with, in place of its own.
        steps: How many updates each run makes, 200 when None; networks count in epochs.
        start: Where all runs begin, (x, y), or x on a surface of one parameter; its own start when None.
        seed: Starts the noise, and the random numbers of optimizers that draw some. Of a network it starts
            the split of the data, the first weights and the order of the batches.
        noise: Standard deviation of what is added to each gradient component after each backward pass.
        stop_at: A run ends as soon as the norm of its gradient is at most this.
        device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
        dtype: ``float64`` or ``float32``; when None the most precise that the device has, and ``float32``
            for networks.
        view: The box ((x0, x1), (y0, y1)) to show, or (x0, x1) of one parameter; when None the surface's
            own, widened to hold the start, and on a network's plane one that holds the paths. Pictures show
            the part of a surface's own view that holds the runs, and all of one that is given.
        grid: The field's points along x and along y; when None 256 by 256, fewer for networks. Of one
            parameter the field is one row.
        protocol: How the learning rates were chosen, for instance by `descent.tuned`; pictures say it.
        progress: Called after each run with how many are done and how many there are.
        log: Called with a line about the progress of a network's training.
        **training: For networks only, such as ``data="moons"`` and ``epochs=20``: see `TrainingOptions`.

    Raises:
        DescentError: Something asked for is not known, not there or out of range.

    >>> recording = record("sphere", "sgd:lr=0.25", steps=2, start=(1, -1))
    >>> recording.trajectories[0].losses.tolist()
    [2.0, 0.5, 0.125]
    """
    from ...surfaces.networks.resolve import is_network
    from ..training.options import NAMES

    for name in training:
        if name not in NAMES:
            raise unknown("option", name, [*_OPTIONS, *NAMES])
    if is_network(target):
        from ...surfaces.analytic.resolve import as_box
        from ..training.record_network import record_network

        refuse("a network", steps=steps, start=start, noise=noise or None, stop_at=stop_at)
        return record_network(
            target,
            optimizers,
            lr=lr,
            seed=seed,
            device=device,
            dtype=dtype,
            view=None if view is None else as_box(view),
            grid=grid,
            protocol=protocol,
            progress=progress,
            log=log,
            **training,
        )
    from ...surfaces.analytic.resolve import get
    from ...surfaces.field import sample
    from ...surfaces.surface import holding
    from ..descent.batch import MEMORY, ROW_BYTES, choose_methods, descend_many
    from ..descent.last_slopes import slopes
    from ..descent.machine import resolve_device, resolve_dtype
    from ..descent.optimizer_state import ROW_BYTES as STATE_BYTES
    from ..descent.torch_optim import complete

    surface = get(target, view=view)
    refuse("a surface", **training)
    steps = check_whole(STEPS if steps is None else steps, "steps", 1)
    seed = check_whole(seed, "seed", 0)
    noise = check_amount(noise, "noise")
    stop_at = None if stop_at is None else check_amount(stop_at, "stop_at")
    begin = surface.start if start is None else check_start(start, surface.parameters)
    surface = holding(surface, begin) if view is None else surface
    grid = check_grid(GRID if grid is None else grid, surface.parameters)
    device = resolve_device(device)
    dtype = resolve_dtype(dtype, device)
    specs = unique(complete(spec, steps) for spec in choose(surface, optimizers, lr, begin))

    # Heights are facts about the surface, not about the run: as precise as the device allows.
    field = sample(surface, surface.view, grid, device, resolve_dtype(None, device))
    methods = choose_methods(surface, specs, device, dtype, exact=True)
    trajectories = descend_many(
        surface,
        specs,
        [begin],
        steps,
        seed=seed,
        device=device,
        dtype=dtype,
        noise=noise,
        stop_at=stop_at,
        memory=max(
            MEMORY, 4 * len(specs) * (steps + 1) * (ROW_BYTES + STATE_BYTES)
        ),  # paths are what was asked for
        methods=methods,
        state=True,
        progress=progress,
    )
    ends = slopes(surface, [run.points[-1] for run in trajectories]) if trajectories else ()
    trajectories = [replace(run, end=end) for run, end in zip(trajectories, ends, strict=True)]
    # Also where the runs are, so that a picture of that part has heights of its own; not in a view that was
    # asked for.
    closer = None
    if view is None and surface.parameters == 2:
        box = fit_view(trajectories, surface.minima, surface.view)
        closer = None if box is None else sample(surface, box, grid, device, resolve_dtype(None, device))
    recipe = Recipe(
        target=surface.name,
        specs=tuple(trajectory.spec for trajectory in trajectories),
        start=begin,
        steps=steps,
        seed=seed,
        device=device,
        dtype=dtype,
        view=surface.view,
        noise=noise,
        stop_at=stop_at,
        grid=grid,
        versions=versions(),
        protocol=protocol,
        methods=methods,
    )
    return Recording(field, tuple(trajectories), recipe, surface.minima, surface.latex, near=closer)


def refuse(kind: str, **given: object) -> None:
    """Raise DescentError when something was given that this kind of target has no use for."""
    names = [name for name, value in given.items() if value is not None]
    if names:
        other = {"a network": "surfaces", "a surface": "networks"}[kind]
        lengths = {"steps": "epochs", "epochs": "steps"}
        instead = (
            f"; how long {kind} is descended is said by {lengths[names[0]]}" if names[0] in lengths else ""
        )
        raise DescentError(f"{' and '.join(names)} cannot be given for {kind}, only for {other}{instead}")
