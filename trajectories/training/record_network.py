"""From a network and optimizers to a recording: train every run from the same weights on the same batches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, unknown
from ..arguments import check_whole
from ..descent.default_optimizers import choose_for_network
from ..descent.machine import resolve_device, resolve_dtype
from ..descent.torch_optim import complete
from ..results.network_runs import schedules_per
from ..specs.optimizer_spec import ScheduleSpec, unique
from .assemble import assemble
from .choose_plane import check_plane
from .options import check_training, parse_rising
from .train import LEFT_ALONE, left_alone, train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Unpack

    import torch

    from ...surfaces.data.dataset import Part
    from ...surfaces.networks.network import Network
    from ...surfaces.surface import Box
    from ..results.network_runs import TrainingRecipe
    from ..results.recording import Recording
    from ..specs.optimizer_spec import OptimizerSpec
    from .options import TrainingOptions
    from .train import Trained

FEWEST_RISING = 10  # steps: with fewer the rate more than doubles with each
MEMORY = 2e9  # bytes that the kept weights and gradients of all runs may take


@dataclass(frozen=True, slots=True)
class Prepared:
    """A network with its optimizers and all that its training needs, checked; nothing is trained yet."""

    network: Network  # in the precision of the runs
    chosen: tuple[OptimizerSpec, ...]  # as they were named
    specs: tuple[OptimizerSpec, ...]  # one a run, with torch's own defaults written into them
    recipe: TrainingRecipe
    stride: int  # every so many steps are kept, one stride for all runs
    seed: int
    device: str
    dtype: str


def prepare(
    target: Any,
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    *,
    lr: float | Sequence[float] | None = None,
    seed: int = 0,
    device: str = "cpu",
    dtype: str | None = None,
    **options: Unpack[TrainingOptions],
) -> Prepared:
    """Build a network with its data, and check what it is to be trained with.

    See `descent.record` for the arguments.

    Raises:
        DescentError: Something asked for is not known, not there or out of range.
    """
    import torch

    from ...surfaces.networks.weights import layers

    seed = check_whole(seed, "seed", 0)
    device = resolve_device(device)
    dtype = resolve_dtype(dtype or "float32", device)
    network = cast_network(find_network(target, options, seed), getattr(torch, dtype))
    recipe = check_training(options, network.name, network.data, network.loss_name)
    samples = len(network.data.train) - left_alone(network, recipe.batch_size)
    chosen = choose_for_network(network.name, optimizers, lr)
    if options.get("rising") is not None:
        if lr is not None:
            raise DescentError("a rising rate begins at its own first rate; leave out lr, or rising")
        ends = parse_rising(options["rising"])
        chosen = unique(_rising(spec, ends, steps_of(spec, recipe, samples)) for spec in chosen)
    specs = unique(_complete(spec, recipe, samples) for spec in chosen)
    check_plane(recipe.plane, network.parameters, len(specs))
    names = [each.name for each in layers(network.module)]
    if recipe.layer and recipe.layer not in names:
        raise unknown("layer", recipe.layer, names)
    # One stride for all runs, so that a row is the same step in each of them.
    most = max(steps_of(spec, recipe, samples) for spec in specs)
    if recipe.plane == "pca" and len(specs) * most < 2:
        raise DescentError(
            "a path of one step is too short for plane 'pca'; allowed beside it: random, hessian"
        )
    stride = -(-most // _snapshots(recipe, network, len(specs)))
    return Prepared(network, chosen, specs, recipe, stride, seed, device, dtype)


def record_network(
    prepared: Prepared,
    *,
    view: Box | None = None,
    resolution: tuple[int, int] | None = None,
    protocol: str = "",
    progress: Callable[[int, int], object] | None = None,
    log: Callable[[str], object] | None = None,
) -> Recording:
    """Train a network with each of its optimizers, all from the same weights and on the same batches.

    See `descent.record` for the arguments.

    Raises:
        DescentError: The network fails where it is trained or measured.
    """
    network, recipe, specs = prepared.network, prepared.recipe, prepared.specs
    seed, device, stride = prepared.seed, prepared.device, prepared.stride
    runs: list[Trained] = []
    for spec in specs:
        per = schedules_per(recipe, spec)
        runs.append(train(network, spec, recipe, seed=seed, device=device, stride=stride, per=per, log=log))
        if progress is not None:
            progress(len(runs), len(specs))
    return assemble(
        network,
        [str(spec) for spec in specs],
        runs,
        recipe,
        seed=seed,
        device=device,
        dtype=prepared.dtype,
        view=view,
        resolution=resolution,
        protocol=protocol,
        notes=(LEFT_ALONE,) if left_alone(network, recipe.batch_size) else (),
    )


def find_network(target: Any, options: TrainingOptions, seed: int) -> Network:
    """Return the network that a target stands for, with the data and the loss that the options name.

    Raises:
        DescentError: An unknown network, data set or loss, or a network of one's own without data.
    """
    from ...surfaces.data.resolve import get_data
    from ...surfaces.networks.losses import takes_numbers
    from ...surfaces.networks.resolve import default_data, get_network

    data = options.get("data")
    if data is None:
        data = default_data(target)
    if data is None:
        raise DescentError(
            "a network of your own needs data: a name from `descent list data`, a .npz file with X and y, "
            "package.module:function, or in Python a Dataset or a pair X, y"
        )
    found = get_data(
        data,
        seed=seed,
        val=options.get("val", 0.2),
        test=options.get("test", 0.2),
        data_dir=options.get("data_dir"),
        numbers=takes_numbers(options.get("loss")),
    )
    return get_network(target, found, seed=seed, loss=options.get("loss"))


def steps_of(spec: OptimizerSpec, recipe: TrainingRecipe, samples: int) -> int:
    """Return how many updates a run makes.

    Raises:
        DescentError: Not a single one.
    """
    batches = recipe.epochs * -(-samples // recipe.batch_size)
    if batches < spec.accumulate:
        raise DescentError(
            f"accumulate={spec.accumulate} needs as many batches before the first step, and "
            f"{recipe.epochs} epoch(s) have {batches}"
        )
    return batches // spec.accumulate


def _rising(spec: OptimizerSpec, ends: tuple[float, float], steps: int) -> OptimizerSpec:
    """Return a spec whose rate rises over so many steps, by a schedule of torch's own in its recipe."""
    if spec.schedules:
        raise DescentError(f"a rising rate is a schedule of its own, and {str(spec)!r} has one already")
    if steps < FEWEST_RISING:
        raise DescentError(
            f"a rising rate needs at least {FEWEST_RISING} steps, and this run has {steps}; more epochs or "
            "smaller batches make more"
        )
    low, high = ends
    gamma = float(f"{(high / low) ** (1 / (steps - 1)):.9g}")
    return replace(spec.with_lr(low), schedules=(ScheduleSpec("exponential", (("gamma", gamma),)),))


def _complete(spec: OptimizerSpec, recipe: TrainingRecipe, samples: int) -> OptimizerSpec:
    by_epoch = schedules_per(recipe, spec) == "epoch"
    return complete(spec, recipe.epochs if by_epoch else steps_of(spec, recipe, samples))


def _snapshots(recipe: TrainingRecipe, network: Network, runs: int) -> int:
    """Return how many steps of each run are kept: as wished, or fewer where memory does not hold them."""
    size = next(network.module.parameters()).element_size()
    room = int(MEMORY / (2 * size * network.parameters * runs))
    return max(2, min(recipe.snapshots, room))


def cast_network(network: Network, dtype: torch.dtype) -> Network:
    """Return a network with its weights and data in a precision."""

    def cast(part: Part) -> Part:
        return replace(part, x=part.x.to(dtype), y=part.y.to(dtype) if part.y.is_floating_point() else part.y)

    data = network.data
    data = replace(data, train=cast(data.train), val=cast(data.val), test=cast(data.test))
    return replace(network, module=network.module.to(dtype), data=data)
