"""From a problem's spec and the user's options to what is run: all is built and checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, unknown
from ..arguments import check_rates, check_whole
from ..descent.default_optimizers import named
from ..descent.machine import resolve_device, resolve_dtype
from ..descent.torch_optim import complete
from ..results.network_runs import TrainingRecipe
from ..specs.optimizer_spec import OptimizerSpec, cross, unique
from ..training.choose_plane import check_plane
from ..training.options import SNAPSHOTS
from ..training.record_network import MEMORY, cast_network

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...surfaces.networks.network import Network
    from ...surfaces.problems.problem import Problem

STEPS = 200
OPTIONS = ("plane", "snapshots", "layer", "sharpness")  # of networks that problems have too


@dataclass(frozen=True, slots=True)
class Prepared:
    """A problem with its optimizers and all that its runs need, checked; nothing has run yet."""

    problem: Problem
    network: Network  # the same with its first parameters, in the precision of the runs
    chosen: tuple[OptimizerSpec, ...]  # as they were named
    specs: tuple[OptimizerSpec, ...]  # one a run, with torch's own defaults written into them
    recipe: TrainingRecipe
    matrix: str  # whose singular values are kept; empty where there is no matrix
    stride: int  # every so many steps are kept, one stride for all runs
    seed: int
    device: str
    dtype: str


def prepare(
    target: Any,
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    *,
    lr: float | Sequence[float] | None = None,
    steps: int | None = None,
    start: Any = None,
    seed: int = 0,
    device: str = "cpu",
    dtype: str | None = None,
    plane: str = "auto",
    snapshots: int = SNAPSHOTS,
    layer: str = "",
    sharpness: bool = False,
) -> Prepared:
    """Build a problem, and check what is to be run on it.

    See `descent.record` for the arguments; ``layer`` is a parameter, of which the panels
    ``singular_values`` and ``hinton`` are, in place of the first matrix.

    Raises:
        DescentError: Something asked for is not known, not there or out of range.
    """
    import torch

    from ...surfaces.networks.plane_axes import KINDS
    from ...surfaces.problems.problem import network_of
    from ...surfaces.problems.resolve import get_problem

    seed = check_whole(seed, "seed", 0)
    steps = check_whole(STEPS if steps is None else steps, "steps", 1)
    snapshots = check_whole(snapshots, "snapshots", 2, 100_000)
    device = resolve_device(device)
    dtype = resolve_dtype(dtype, device)
    problem = get_problem(target, start)
    network = cast_network(network_of(problem, seed), getattr(torch, dtype))
    given = [OptimizerSpec.parse(spec) for spec in problem.specs] if optimizers is None else named(optimizers)
    chosen = cross(given, check_rates(lr))
    specs = unique(complete(spec, steps) for spec in chosen)
    if plane not in (*KINDS, "auto"):
        raise unknown("plane", str(plane), [*KINDS, "auto"])
    check_plane(plane, network.parameters, len(specs), "problem")
    if plane == "pca" and len(specs) * steps < 2:
        raise DescentError(
            "a path of one step is too short for plane 'pca'; allowed beside it: random, hessian"
        )
    parameters = dict(network.module.named_parameters())
    if layer and layer not in parameters:
        raise unknown("parameter", layer, parameters)
    matrices = [name for name, each in parameters.items() if each.ndim == 2]
    if layer:
        matrices = [name for name in matrices if name == layer]
    recipe = TrainingRecipe(
        data="",
        loss="",
        epochs=steps,
        batch_size=1,
        val=0.0,
        test=0.0,
        patience=None,
        plane=plane,
        field_of="train",
        snapshots=snapshots,
        layer=layer,
        schedule_per="",
        sharpness=bool(sharpness),
    )
    size = next(iter(parameters.values())).element_size()
    room = max(2, min(snapshots, int(MEMORY / (2 * size * network.parameters * len(specs)))))
    matrix = matrices[0] if matrices else ""
    return Prepared(
        problem, network, tuple(chosen), specs, recipe, matrix, -(-steps // room), seed, device, dtype
    )
