"""From a recipe back to what it made, with whatever torch is installed now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ...surfaces.errors import DescentError, NotPossibleError
from ..results.header import recipe_of
from ..results.header_values import box, get, number, pair, texts, whole
from ..results.rerunnable import check_named, check_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..results.basins import Basins
    from ..results.network_runs import TrainingRecipe
    from ..results.recipe import Recipe
    from ..results.recording import Recording
    from ..results.sweep import Sweep

    Log = Callable[[str], object]  # called with a line about the progress of a network's training
    Progress = Callable[[int, int], object]  # called with how many runs are done and how many there are

Made = TypeVar("Made")

EVERY = ("target", "specs", "steps", "tolerance", "device", "dtype", "view", "methods", "versions")


def run_again(
    make: Callable[[dict[str, Any], Log | None, Progress | None], Made],
    recipe: dict[str, Any],
    log: Log | None = None,
    progress: Progress | None = None,
) -> Made:
    """Run again what a picture shows, from the recipe that the picture carries.

    Args:
        make: What makes it from a recipe, such as `remake_basins`.
        recipe: Plain JSON values; the versions in it are not looked at.
        log: Called with a line about the progress of a network's training.
        progress: Called after each run with how many are done and how many there are.

    Raises:
        NotPossibleError: The recipe is not whole, or names something that is not there.

    >>> run_again(remake_basins, run_again(remake_basins, {
    ...     "target": "himmelblau", "specs": ["adam:lr=0.1"], "starts": 4, "steps": 5, "tolerance": 0.1,
    ...     "device": "cpu", "dtype": "float64", "view": [[-5, 5], [-5, 5]], "methods": [], "versions": {},
    ... }).recipe).budget
    5
    """
    try:
        return make(recipe, log, progress)
    except NotPossibleError:
        raise
    except DescentError as error:
        raise _refused(error) from error


def again(recipe: Recipe, log: Log | None = None, progress: Progress | None = None) -> Recording:
    """Run the recipe of a recording again.

    Args:
        recipe: What to run; the versions in it are not looked at.
        log: Called with a line about the progress of a network's training.
        progress: Called after each run with how many are done and how many there are.

    Raises:
        NotPossibleError: The recipe names something that is not there, such as a class of one's own that
            cannot be imported, or a network or data that were handed over as objects.

    >>> from descent import record
    >>> once = record("beale", "adam:lr=0.1", steps=3, resolution=(4, 4))
    >>> twice = again(once.recipe)
    >>> (once.trajectories[0].points == twice.trajectories[0].points).all()
    np.True_
    """
    from .record import record

    check_named(recipe)
    if not recipe.specs:
        return _bare_surface(recipe)
    options: dict[str, Any] = {
        "seed": recipe.seed,
        "device": recipe.device,
        "dtype": recipe.dtype,
        "view": recipe.view,
        "resolution": recipe.resolution,
        **({"near": recipe.near} if recipe.training is None else {}),
        "protocol": recipe.protocol,
        "progress": progress,
    }
    if recipe.training is None:
        options |= {"steps": recipe.steps, "start": recipe.start}
        options |= {"noise": recipe.noise, "stop_at": recipe.stop_at}
    else:
        options |= {"log": log, **_training(recipe.training)}
    try:
        return record(recipe.target, recipe.specs, **options)
    except NotPossibleError:
        raise
    except DescentError as error:
        raise _refused(error) from error


def read_recipe(recipe: dict[str, Any]) -> Recipe:
    """Return the recipe of a recording from the JSON values that a picture carries.

    Raises:
        DescentError: A value is missing, too many or out of place.
    """
    versions = get(recipe, "versions", dict)
    return recipe_of(recipe | {"versions": [list(each) for each in versions.items()]})


def _refused(error: DescentError) -> NotPossibleError:
    return NotPossibleError(f"its recipe cannot be run again: {error}")


def _bare_surface(recipe: Recipe) -> Recording:
    """Return a picture's surface that nothing descended on."""
    from ...surfaces.analytic.resolve import get as get_surface
    from .bare_surface import survey

    try:
        return survey(get_surface(recipe.target, view=recipe.view), recipe.resolution)
    except DescentError as error:
        raise _refused(error) from error


def remake_recording(recipe: dict[str, Any], log: Log | None, progress: Progress | None) -> Recording:
    """Make a recording again; see `run_again`."""
    return again(read_recipe(recipe), log, progress)


def remake_sweep(recipe: dict[str, Any], _: Log | None, progress: Progress | None) -> Sweep:
    """Make a sweep again; see `run_again`."""
    from .sweep import sweep

    check_keys(recipe, (*EVERY, "rates", "start", "seeds", "noise", "resolution"))
    check_target(get(recipe, "target", str))
    seeds, points = get(recipe, "seeds", list), dict(enumerate(get(recipe, "resolution", list)))
    first = whole(dict(enumerate(seeds)), 0, 0)
    if seeds != list(range(first, first + len(seeds))):
        raise DescentError("its seeds do not follow each other")
    return sweep(
        recipe["target"],
        texts(recipe, "specs"),
        get(recipe, "rates", list),
        steps=whole(recipe, "steps", 1),
        start=pair(recipe, "start"),
        seed=first,
        seeds=len(seeds),
        noise=number(recipe, "noise"),
        tolerance=number(recipe, "tolerance"),
        device=get(recipe, "device", str),
        dtype=get(recipe, "dtype", str),
        view=box(recipe, "view"),
        resolution=(whole(points, 0, 2), max(2, whole(points, 1, 1))),  # one row where there is one parameter
        progress=progress,
    )


def remake_basins(recipe: dict[str, Any], _: Log | None, progress: Progress | None) -> Basins:
    """Make a basin map again; see `run_again`."""
    from .basins import basins

    check_keys(recipe, (*EVERY, "starts"))
    check_target(get(recipe, "target", str))
    return basins(
        recipe["target"],
        texts(recipe, "specs"),
        starts=whole(recipe, "starts", 2),
        steps=whole(recipe, "steps", 1),
        tolerance=number(recipe, "tolerance"),
        view=box(recipe, "view"),
        device=get(recipe, "device", str),
        dtype=get(recipe, "dtype", str),
        progress=progress,
    )


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
