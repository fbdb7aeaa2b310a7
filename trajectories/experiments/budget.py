"""What a recipe from a file may cost: memory and time, estimated before anything is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ...surfaces.catalogue import CATALOGUE
from ...surfaces.errors import NotPossibleError
from ..descent.batch import ROW_BYTES, in_bytes
from ..descent.batching import why_alone
from ..descent.optimizer_state import ROW_BYTES as STATE_BYTES
from ..specs.optimizer_spec import OptimizerSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...surfaces.networks.network import Network
    from ..results.network_runs import TrainingRecipe
    from ..results.recipe import Recipe

MEMORY = 1e9  # bytes that a recipe may need unasked
SECONDS = 20.0  # and for how long it may run
MOST_SPECS, LONGEST_SPEC = 10_000, 4_000  # optimizers of a recipe, and the characters of one

# Measured with torch 2.13 on one core of a server's processor, rounded up.
_STEP = 3e-4  # seconds of one update of one run
_OPERATION = 1e-5  # seconds that each operation of a formula adds to it
_ROW = 1e-7  # seconds of one row of a tensor program at one step
_KEPT_ROW = 3e-5  # and where the path of each row is kept
_POINT = 2.5e-7  # seconds of one height of a field
_POINT_OPERATION = 2.5e-9  # and what each operation of a formula adds to it
_POINT_BYTES = 64  # of one height, with all copies on the way to a picture
_BATCH = 1e-3  # seconds of one update of a small network
_PRODUCTS = 3e9  # products a second, in training and on planes
_MATRICES = 40  # times the parameters to the power 1.5: the products of one evaluation of matrices
_COORDINATE = 20  # and of each coordinate of a surface in n dimensions
_ITERATIONS = 20  # of torch's LBFGS in one step, where nobody says


@dataclass(frozen=True, slots=True)
class Budget:
    """What a recipe may do that its file brings."""

    imports: bool = False  # whether names that are not descent's own or torch.optim's are imported
    memory: float = MEMORY  # bytes it may need
    seconds: float = SECONDS  # how long it may take, as estimated


class Cost(NamedTuple):
    """What a recipe needs, roughly."""

    memory: float  # bytes
    seconds: float


def check_cost(cost: Cost, budget: Budget) -> None:
    """Raise NotPossibleError if a recipe needs more than it may.

    >>> check_cost(Cost(1e6, 2.0), Budget())
    """
    if not cost.memory <= budget.memory:
        raise NotPossibleError(
            f"its recipe would need about {in_bytes(cost.memory)} of memory, and {in_bytes(budget.memory)} "
            "are allowed; allow more with --memory"
        )
    if not cost.seconds <= budget.seconds:
        raise NotPossibleError(
            f"its recipe would run for about {in_time(cost.seconds)}, and {in_time(budget.seconds)} are "
            "allowed unasked; say --yes to run it"
        )


def of_recording(recipe: Recipe) -> Cost:
    """Return what the runs and heights of a recording on a surface need; of a network's, its heights."""
    specs = _specs(recipe.specs)
    width, height = recipe.resolution
    field = _field(recipe.target, width, height, 1 + recipe.near)
    if recipe.training is not None:
        return field
    runs = sum(_single(recipe.target, spec) for spec in specs) * recipe.steps
    rows = len(specs) * (recipe.steps + 1)
    return Cost(field.memory + 4 * rows * (ROW_BYTES + STATE_BYTES), field.seconds + runs)


def of_sweep(
    target: str, specs: Iterable[str], rates: int, steps: int, seeds: int, resolution: tuple[int, int]
) -> Cost:
    """Return what a sweep needs; its paths are bounded by the sweep itself, to the same memory."""
    runs, field = rates * seeds, _field(target, *resolution)
    seconds = sum(_many(target, spec, runs, steps, _KEPT_ROW) for spec in _specs(specs))
    return Cost(field.memory + 8.0 * runs * (steps + 1), field.seconds + seconds)


def of_basins(target: str, specs: Iterable[str], starts: int, steps: int) -> Cost:
    """Return what a basin map needs; its rows are bounded by the map itself, to the same memory."""
    field = _field(target, 256, 256)
    return Cost(
        field.memory,
        field.seconds + sum(_many(target, spec, starts**2, steps, _ROW) for spec in _specs(specs)),
    )


def of_training(network: Network, recipe: TrainingRecipe, runs: int, resolution: tuple[int, int]) -> Cost:
    """Return what training a network and measuring its plane need, once it is built."""
    samples, size = len(network.data.train), network.parameters
    products = float(size)
    if network.many:  # a problem, whose matrices are multiplied, and their singular values worked out
        matrices = any(each.ndim == 2 for each in network.module.parameters())
        products = _MATRICES * size**1.5 if matrices else _COORDINATE * size
    updates = recipe.epochs * -(-samples // recipe.batch_size)
    heights = resolution[0] * resolution[1] * (1 + recipe.field_of.count(","))
    passes = (3 * recipe.epochs * runs + heights) * samples * products
    kept = min(recipe.snapshots, updates) * runs
    return Cost(
        8.0 * size * (4 + 2 * kept) + 8.0 * samples * 8,
        updates * runs * _BATCH + passes / _PRODUCTS,
    )


def in_time(seconds: float) -> str:
    """Write a length of time for people.

    >>> in_time(20), in_time(5400), in_time(1e30)
    ('20 seconds', '1.5 hours', 'more than a year')
    """
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 365 * 86400:
            return "more than a year"
        if seconds >= 1.5 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} seconds"


def _specs(texts: Iterable[str]) -> list[OptimizerSpec]:
    texts = tuple(texts)
    longest = max(map(len, texts), default=0)
    if len(texts) > MOST_SPECS or longest > LONGEST_SPEC:
        raise NotPossibleError(
            f"its recipe names {len(texts):,} optimizers, the longest in {longest:,} characters; allowed: "
            f"{MOST_SPECS:,} of at most {LONGEST_SPEC:,}"
        )
    return [OptimizerSpec.parse(text) for text in texts]


def _operations(target: str) -> float:
    """Return about how many operations a formula has; none that matter for what is no formula."""
    return len(target) / 4 if target.strip().casefold().startswith("expr:") else 0.0


def _single(target: str, spec: OptimizerSpec) -> float:
    """Return the seconds of one update of a run by itself."""
    if spec.inner is not None:  # which may ask for a second gradient itself
        return 2 * _single(target, spec.inner) * spec.accumulate
    asked = [value for key, value in spec.options if key in ("max_iter", "max_eval")]
    inner = max([_ITERATIONS * (spec.name == "lbfgs"), 1, *(v for v in asked if isinstance(v, int | float))])
    return spec.accumulate * inner * (_STEP + _OPERATION * _operations(target))


def _many(target: str, spec: OptimizerSpec, runs: int, steps: int, row: float) -> float:
    """Return the seconds of many runs of a spec, as rows of one tensor program where they can be."""
    name = target.partition(":")[0].strip().casefold().replace("-", "_")
    one = _single(target, spec) * steps
    if why_alone(spec) or (name in CATALOGUE and CATALOGUE[name].kind == "one parameter"):
        return runs * one
    return one + runs * steps * spec.accumulate * (row + _POINT_OPERATION * _operations(target))


def _field(target: str, width: int, height: int, times: int = 1) -> Cost:
    points = width * height * times
    return Cost(points * _POINT_BYTES, points * (_POINT + _POINT_OPERATION * _operations(target)))
