"""From a target and optimizers to a plan: all is resolved and checked once, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from ...surfaces.catalogue import CURVE, NETWORK, NETWORKS, PROBLEM, SURFACE
from ...surfaces.errors import DescentError, unknown
from ..arguments import check_amount, check_resolution, check_start, check_switch, check_whole
from ..descent.default_optimizers import choose
from ..descent.machine import versions
from ..results.fit_view import fit_view
from ..results.recipe import Recipe
from ..results.recording import Recording
from ..specs.optimizer_spec import OptimizerSpec, unique
from .advice import on_rates, on_start, on_surface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Unpack

    from torch import nn

    from ...surfaces.networks.network import Network
    from ...surfaces.surface import Box, Surface
    from ..training.options import TrainingOptions

    Progress = Callable[[int, int], object]
    Log = Callable[[str], object]

_OPTIONS = (
    "lr",
    "steps",
    "start",
    "seed",
    "noise",
    "stop_at",
    "device",
    "dtype",
    "view",
    "resolution",
    "near",
)
STEPS = 200
RESOLUTION = (256, 256)


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be run on which target; nothing has run yet."""

    kind: str  # what the target is: one of catalogue.KINDS
    notes: tuple[str, ...]  # a sentence for each thing worth knowing before it runs
    specs: tuple[OptimizerSpec, ...]  # one a run, with torch's own defaults written into them
    work: Callable[..., Recording] = field(repr=False)  # what `run` calls
    surface: Surface | None = None  # where the target is one, with the view that will be recorded
    network: Network | None = None  # where the target is one, or a problem, with its first weights

    def run(self, *, progress: Progress | None = None, log: Log | None = None) -> Recording:
        """Run the optimizers and record them.

        Args:
            progress: Called after each run with how many are done and how many there are.
            log: Called with a line about the progress of a network's training.

        Raises:
            DescentError: The surface or the network fails where it is evaluated.
        """
        return self.work(progress=progress, log=log)


def plan(
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
    resolution: tuple[int, int] | None = None,
    near: bool | None = None,
    protocol: str = "",
    **training: Unpack[TrainingOptions],
) -> Plan:
    """Resolve a target and optimizers, and check everything that is asked of them; nothing is run.

    The arguments are those of `descent.record`.

    Raises:
        DescentError: Something asked for is not known, not there or out of range.

    >>> planned = plan("sphere", "sgd", lr=[0.1, 0.2], start=(99, 0))
    >>> planned.kind, [str(spec) for spec in planned.specs]
    ('a surface', ['sgd:lr=0.1', 'sgd:lr=0.2'])
    >>> planned.notes
    ('the start 99,0 lies outside the domain of sphere, -5.12 to 5.12 by -5.12 to 5.12',)
    """
    from ...surfaces.analytic.resolve import get
    from ...surfaces.networks.resolve import is_network
    from ...surfaces.problems.resolve import is_problem
    from ..training.options import NAMES

    for name in training:
        if name not in NAMES:
            raise unknown("option", name, [*_OPTIONS, *NAMES])
    shared: dict[str, Any] = {"lr": lr, "seed": seed, "device": device, "dtype": dtype}
    shared |= {"view": view, "resolution": resolution, "protocol": protocol}
    if is_problem(target):
        from ..problems.prepare import OPTIONS

        refuse("a problem", "surfaces", noise=noise or None, stop_at=stop_at, near=near)
        only = {name: value for name, value in training.items() if name not in OPTIONS}
        refuse("a problem", "networks", **only)
        return _plan_problem(target, optimizers, steps=steps, start=start, **shared, **training)
    if is_network(target):
        refuse(
            "a network", "surfaces", steps=steps, start=start, noise=noise or None, stop_at=stop_at, near=near
        )
        return _plan_network(target, optimizers, **shared, **training)
    if training:
        get(target, view=view)  # which says so where there is no such target at all
    refuse("a surface", "networks", **training)
    shared |= {"near": view is None if near is None else check_switch(near, "near")}
    return _plan_surface(target, optimizers, steps=steps, start=start, noise=noise, stop_at=stop_at, **shared)


def _plan_surface(
    target: Any,
    optimizers: Any,
    *,
    lr: Any,
    steps: int | None,
    start: Any,
    seed: int,
    noise: float,
    stop_at: float | None,
    device: str,
    dtype: str | None,
    view: Any,
    resolution: Any,
    near: bool,
    protocol: str,
) -> Plan:
    from ...surfaces.analytic.resolve import get
    from ...surfaces.surface import holding
    from ..descent.machine import resolve_device, resolve_dtype
    from ..descent.torch_optim import complete

    surface = get(target, view=view)
    steps = check_whole(STEPS if steps is None else steps, "steps", 1)
    seed = check_whole(seed, "seed", 0)
    noise = check_amount(noise, "noise")
    stop_at = None if stop_at is None else check_amount(stop_at, "stop_at")
    begin = surface.start if start is None else check_start(start, surface.parameters)
    said = on_start(surface, begin, view)
    surface = holding(surface, begin) if view is None else surface
    resolution = check_resolution(RESOLUTION if resolution is None else resolution, surface.parameters)
    device = resolve_device(device)
    dtype = resolve_dtype(dtype, device)
    chosen = choose(surface, optimizers, lr, begin)
    specs = unique(complete(spec, steps) for spec in chosen)
    said += [*on_rates(chosen, surface.rates, surface.name), *on_surface(surface, dtype)]
    recipe = Recipe(
        target=surface.name,
        specs=tuple(map(str, specs)),
        start=begin,
        steps=steps,
        seed=seed,
        device=device,
        dtype=dtype,
        view=surface.view,
        noise=noise,
        stop_at=stop_at,
        resolution=resolution,
        near=near and surface.parameters == 2,
        versions=versions(name for spec in specs for name in spec.names),
        protocol=protocol,
    )
    work = partial(_descend, surface, specs, recipe)
    return Plan(kind_of(surface), tuple(said), specs, work, surface=surface)


def kind_of(surface: Surface) -> str:
    """Say which of the two kinds of surface this is: one of catalogue.KINDS."""
    return CURVE if surface.parameters == 1 else SURFACE


def _plan_network(
    target: Any,
    optimizers: Any,
    *,
    lr: Any,
    seed: int,
    device: str,
    dtype: str | None,
    view: Any,
    resolution: Any,
    protocol: str,
    **training: Unpack[TrainingOptions],
) -> Plan:
    from ...surfaces.analytic.resolve import as_box
    from ..descent.default_optimizers import choose_for_network
    from ..training.record_network import prepare, record_network

    view = None if view is None else as_box(view)
    prepared = prepare(target, optimizers, lr=lr, seed=seed, device=device, dtype=dtype, **training)
    name = prepared.network.name.partition(":")[0]
    suits = {spec.name: spec.lr for spec in choose_for_network(name)}
    said = on_rates(prepared.chosen, suits, name if name in NETWORKS else "most networks")
    work = partial(record_network, prepared, view=view, resolution=resolution, protocol=protocol)
    return Plan(NETWORK, tuple(said), prepared.specs, work, network=prepared.network)


def _plan_problem(
    target: Any,
    optimizers: Any,
    *,
    view: Any,
    resolution: Any,
    protocol: str,
    **options: Any,
) -> Plan:
    from ...surfaces.analytic.resolve import as_box
    from ..problems.prepare import prepare
    from ..problems.record import record_problem

    view = None if view is None else as_box(view)
    resolution = None if resolution is None else check_resolution(resolution)
    prepared = prepare(target, optimizers, **options)
    problem = prepared.problem
    suits = {spec.name: spec.lr for spec in map(OptimizerSpec.parse, problem.specs)}
    said = on_rates(prepared.chosen, suits, problem.name.partition(":")[0])
    said += [f"{problem.name.partition(':')[0]}: {problem.not_smooth}"] * bool(problem.not_smooth)
    work = partial(record_problem, prepared, view=view, resolution=resolution, protocol=protocol)
    return Plan(PROBLEM, tuple(said), prepared.specs, work, network=prepared.network)


def _descend(
    surface: Surface,
    specs: tuple[OptimizerSpec, ...],
    recipe: Recipe,
    *,
    progress: Progress | None = None,
    log: Log | None = None,
) -> Recording:
    """Run what a plan says on a surface, whose runs are too short to log anything."""
    from dataclasses import replace

    from ...surfaces.field import sample
    from ..descent.batch import MEMORY, ROW_BYTES, choose_methods, descend_many
    from ..descent.last_slopes import slopes
    from ..descent.machine import resolve_dtype
    from ..descent.optimizer_state import ROW_BYTES as STATE_BYTES

    device, dtype, steps = recipe.device, recipe.dtype, recipe.steps
    # Heights are facts about the surface, not about the run: as precise as the device allows.
    precise = resolve_dtype(None, device)
    heights = sample(surface, surface.view, recipe.resolution, device, precise)
    methods = choose_methods(surface, specs, device, dtype, exact=True)
    trajectories = descend_many(
        surface,
        specs,
        [recipe.start],
        steps,
        seed=recipe.seed,
        device=device,
        dtype=dtype,
        noise=recipe.noise,
        stop_at=recipe.stop_at,
        memory=max(
            MEMORY, 4 * len(specs) * (steps + 1) * (ROW_BYTES + STATE_BYTES)
        ),  # paths are what was asked for
        methods=methods,
        state=True,
        progress=progress,
    )
    ends = slopes(surface, [run.points[-1] for run in trajectories]) if trajectories else ()
    runs = tuple(replace(run, end=end) for run, end in zip(trajectories, ends, strict=True))
    # Also where the runs are, so that a picture of that part has heights of its own.
    box = fit_view(runs, surface.minima, surface.view) if recipe.near else None
    near = None if box is None else sample(surface, box, recipe.resolution, device, precise)
    recipe = replace(recipe, specs=tuple(run.spec for run in runs), methods=methods)
    return Recording(heights, runs, recipe, surface.minima, surface.latex, None, near, surface.domain)


def refuse(kind: str, other: str, **given: object) -> None:
    """Raise DescentError when something was given that this kind of target has no use for, as others have."""
    names = [name for name, value in given.items() if value is not None]
    if names:
        lengths = {"steps": "epochs", "epochs": "steps"}
        instead = (
            f"; how long {kind} is descended is said by {lengths[names[0]]}" if names[0] in lengths else ""
        )
        raise DescentError(f"{' and '.join(names)} cannot be given for {kind}, only for {other}{instead}")
