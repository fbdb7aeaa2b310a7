"""From a recipe back to what it made, with whatever torch is installed now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ...surfaces.errors import DescentError, NotPossibleError
from ...surfaces.imports import importing
from ..results.foreign import check_foreign, foreign_names
from ..results.header import recipe_of
from ..results.header_values import box, get, number, pair, texts, whole
from ..results.network_header import read_recipe as read_training
from ..results.rerunnable import check_data, check_named, check_target
from .budget import Budget, check_cost, of_basins, of_recording, of_sweep, of_training

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..results.abstract_sweep import AbstractSweep
    from ..results.basins import Basins
    from ..results.network_runs import TrainingRecipe
    from ..results.recipe import Recipe
    from ..results.recording import Recording
    from .plan import Plan

    Log = Callable[[str], object]  # called with a line about the progress of a network's training
    Progress = Callable[[int, int], object]  # called with how many runs are done and how many there are

Made = TypeVar("Made")

UNASKED = Budget()
NETWORK_SWEEP = ("target", "specs", "rates", "seed", "device", "dtype", "training", "methods", "versions")
EVERY = ("target", "specs", "steps", "tolerance", "device", "dtype", "view", "methods", "versions")


def run_again(
    make: Callable[[dict[str, Any], Budget, Log | None, Progress | None], Made],
    recipe: dict[str, Any],
    log: Log | None = None,
    progress: Progress | None = None,
    budget: Budget = UNASKED,
) -> Made:
    """Run again what a picture shows, from the recipe that the picture carries.

    The file may come from anybody: nothing is imported or read that its recipe names, and nothing large or
    long is begun, unless the budget says so.

    Args:
        make: What makes it from a recipe, such as `remake_basins`.
        recipe: Plain JSON values; the versions in it are not looked at.
        log: Called with a line about the progress of a network's training.
        progress: Called after each run with how many are done and how many there are.
        budget: What the recipe may import, and what it may cost.

    Raises:
        NotPossibleError: The recipe is not whole, names something that is not there or that it may not
            import, or costs more than it may.

    >>> run_again(remake_basins, run_again(remake_basins, {
    ...     "target": "himmelblau", "specs": ["adam:lr=0.1"], "starts": 4, "steps": 5, "tolerance": 0.1,
    ...     "device": "cpu", "dtype": "float64", "view": [[-5, 5], [-5, 5]], "methods": [], "versions": {},
    ... }).recipe).budget
    5
    """
    try:
        with importing(budget.imports):
            return make(recipe, budget, log, progress)
    except NotPossibleError:
        raise
    except DescentError as error:
        raise _refused(error) from error


def again(
    recipe: Recipe, log: Log | None = None, progress: Progress | None = None, budget: Budget = UNASKED
) -> Recording:
    """Run the recipe of a recording again; see `run_again` about recipes of strangers.

    Args:
        recipe: What to run; the versions in it are not looked at.
        log: Called with a line about the progress of a network's training.
        progress: Called after each run with how many are done and how many there are.
        budget: What the recipe may import, and what it may cost.

    Raises:
        NotPossibleError: The recipe names something that is not there or that it may not import, or a
            network or data that were handed over as objects, or costs more than it may.

    >>> from descent import record
    >>> once = record("beale", "adam:lr=0.1", steps=3, resolution=(4, 4))
    >>> twice = again(once.recipe)
    >>> (once.trajectories[0].points == twice.trajectories[0].points).all()
    np.True_
    """
    from .plan import plan

    check_named(recipe)
    try:
        if not budget.imports:
            training = recipe.training
            data = () if training is None else (training.data, training.data_dir)
            check_foreign(foreign_names(recipe.target, recipe.specs, *data))
        check_cost(of_recording(recipe), budget)
        with importing(budget.imports):
            if not recipe.specs:
                return _bare_surface(recipe)
            planned = plan(recipe.target, recipe.specs, **_options(recipe))
            _check_training(planned, recipe, budget)
            return planned.run(progress=progress, log=log)
    except NotPossibleError:
        raise
    except DescentError as error:
        raise _refused(error) from error


def _options(recipe: Recipe) -> dict[str, Any]:
    """Return what a recipe says beside target and optimizers, as options of `descent.record`."""
    options: dict[str, Any] = {
        "seed": recipe.seed,
        "device": recipe.device,
        "dtype": recipe.dtype,
        "view": recipe.view,
        "resolution": recipe.resolution,
        "protocol": recipe.protocol,
    }
    if recipe.training is not None and recipe.training.alone:
        training = recipe.training
        options |= {"steps": recipe.training.epochs, "plane": training.plane, "layer": training.layer}
        return options | {"snapshots": training.snapshots, "sharpness": training.sharpness}
    if recipe.training is not None:
        return options | _training(recipe.training)
    options |= {"steps": recipe.steps, "start": recipe.start, "near": recipe.near}
    return options | {"noise": recipe.noise, "stop_at": recipe.stop_at}


def _check_training(planned: Plan, recipe: Recipe, budget: Budget) -> None:
    """Raise NotPossibleError if training the network of a plan costs more than it may."""
    if planned.network is not None and recipe.training is not None:
        runs = len(planned.specs)
        check_cost(of_training(planned.network, recipe.training, runs, recipe.resolution), budget)


def read_recipe(recipe: dict[str, Any]) -> Recipe:
    """Return the recipe of a recording from the JSON values that a picture carries.

    Raises:
        DescentError: A value is missing, too many or out of place.
    """
    versions = get(recipe, "versions", dict)
    return recipe_of(recipe | {"versions": [list(each) for each in versions.items()]})


def _refused(error: DescentError) -> NotPossibleError:
    missing = isinstance(error.__cause__, ModuleNotFoundError)
    hint = "; the current folder is searched with PYTHONPATH=. only" if missing else ""
    return NotPossibleError(f"its recipe cannot be run again: {error}{hint}")


def _bare_surface(recipe: Recipe) -> Recording:
    """Return a picture's surface that nothing descended on."""
    from ...surfaces.analytic.resolve import get as get_surface
    from .bare_surface import survey

    return survey(get_surface(recipe.target, view=recipe.view), recipe.resolution)


def remake_recording(
    recipe: dict[str, Any], budget: Budget, log: Log | None, progress: Progress | None
) -> Recording:
    """Make a recording again; see `run_again`."""
    return again(read_recipe(recipe), log, progress, budget)


def remake_sweep(
    recipe: dict[str, Any], budget: Budget, _: Log | None, progress: Progress | None
) -> AbstractSweep:
    """Make a sweep again; see `run_again`."""
    from .sweep import sweep

    if "training" in recipe:
        return _remake_network_sweep(recipe, budget, progress)
    check_keys(recipe, (*EVERY, "rates", "start", "seeds", "noise", "resolution"))
    check_target(get(recipe, "target", str))
    target, specs = _named(recipe, budget)
    seeds, points = get(recipe, "seeds", list), dict(enumerate(get(recipe, "resolution", list)))
    first = whole(dict(enumerate(seeds)), 0, 0)
    if seeds != list(range(first, first + len(seeds))):
        raise DescentError("its seeds do not follow each other")
    # One row where there is one parameter.
    resolution = whole(points, 0, 2), max(2, whole(points, 1, 1))
    rates, steps = get(recipe, "rates", list), whole(recipe, "steps", 1)
    check_cost(of_sweep(target, specs, len(rates), steps, len(seeds), resolution), budget)
    return sweep(
        target,
        specs,
        rates,
        steps=steps,
        start=pair(recipe, "start"),
        seed=first,
        seeds=len(seeds),
        noise=number(recipe, "noise"),
        tolerance=number(recipe, "tolerance"),
        device=get(recipe, "device", str),
        dtype=get(recipe, "dtype", str),
        view=box(recipe, "view"),
        resolution=resolution,
        memory=budget.memory,
        progress=progress,
    )


def _remake_network_sweep(recipe: dict[str, Any], budget: Budget, progress: Progress | None) -> AbstractSweep:
    from ..training.record_network import prepare
    from .sweep import sweep
    from .sweep_network import OPTIONS

    check_keys(recipe, NETWORK_SWEEP)
    training = read_training(get(recipe, "training", dict))
    target, specs = get(recipe, "target", str), texts(recipe, "specs")
    check_target(target)
    check_data(training)
    if not budget.imports:
        check_foreign(foreign_names(target, specs, training.data, training.data_dir))
    rates, seed = get(recipe, "rates", list), whole(recipe, "seed", 0)
    if training.alone:
        return _remake_problem_sweep(recipe, training.epochs, budget, progress)
    options = {name: value for name, value in _training(training).items() if name in OPTIONS}
    shared: dict[str, Any] = {"seed": seed, "device": get(recipe, "device", str)}
    shared["dtype"] = get(recipe, "dtype", str)
    first = prepare(target, specs, **shared, **options)  # so that its size is known before it is trained
    check_cost(of_training(first.network, first.recipe, len(specs) * len(rates), (0, 0)), budget)
    return sweep(target, specs, rates, progress=progress, **shared, **options)


def _remake_problem_sweep(
    recipe: dict[str, Any], steps: int, budget: Budget, progress: Progress | None
) -> AbstractSweep:
    from ..problems.prepare import prepare
    from .sweep import sweep

    target, specs, rates = get(recipe, "target", str), texts(recipe, "specs"), get(recipe, "rates", list)
    options: dict[str, Any] = {"steps": steps, "seed": whole(recipe, "seed", 0)}
    options |= {name: get(recipe, name, str) for name in ("device", "dtype")}
    first = prepare(target, specs, **options)  # so that its size is known before it is run
    check_cost(of_training(first.network, first.recipe, len(specs) * len(rates), (0, 0)), budget)
    return sweep(target, specs, rates, progress=progress, **options)


def remake_basins(recipe: dict[str, Any], budget: Budget, _: Log | None, progress: Progress | None) -> Basins:
    """Make a basin map again; see `run_again`."""
    from .basins import basins

    check_keys(recipe, (*EVERY, "starts"))
    check_target(get(recipe, "target", str))
    target, specs = _named(recipe, budget)
    starts, steps = whole(recipe, "starts", 2), whole(recipe, "steps", 1)
    check_cost(of_basins(target, specs, starts, steps), budget)
    return basins(
        target,
        specs,
        starts=starts,
        steps=steps,
        tolerance=number(recipe, "tolerance"),
        view=box(recipe, "view"),
        device=get(recipe, "device", str),
        dtype=get(recipe, "dtype", str),
        memory=budget.memory,
        progress=progress,
    )


def _named(recipe: dict[str, Any], budget: Budget) -> tuple[str, tuple[str, ...]]:
    """Return target and specs of many runs, where the budget lets them be imported."""
    target, specs = get(recipe, "target", str), texts(recipe, "specs")
    if not budget.imports:
        check_foreign(foreign_names(target, specs))
    return target, specs


def check_keys(recipe: dict[str, Any], names: tuple[str, ...]) -> None:
    """Raise DescentError for a recipe that has other keys."""
    if odd := sorted(recipe.keys() ^ set(names)):
        raise DescentError(f"its recipe is not complete, or has too much: {', '.join(map(str, odd[:4]))}")


def _training(recipe: TrainingRecipe) -> dict[str, Any]:
    """Return what a network's recipe says beyond a surface's, as options of `descent.record`."""
    return {
        "data": recipe.data,
        "loss": recipe.loss,
        "epochs": recipe.epochs,
        "batch_size": recipe.batch_size,
        "val": recipe.val,
        "test": recipe.test,
        "patience": recipe.patience,
        "plane": recipe.plane,
        "field_of": recipe.field_of,
        "snapshots": recipe.snapshots,
        "layer": recipe.layer,
        "sharpness": recipe.sharpness,
        "schedule_per": recipe.schedule_per,
        "data_dir": recipe.data_dir or None,
    }
