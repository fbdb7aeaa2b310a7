"""From a recipe back to a recording, with whatever torch is installed now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..surfaces.messages import DescentError, NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .recording import Recipe, Recording
    from .training import TrainingRecipe

BARE = "a trajectory alone"  # the target of a recording that was made around a single trajectory


def again(recipe: Recipe, log: Callable[[str], object] | None = None) -> Recording:
    """Run a recipe again.

    Args:
        recipe: What to run; the versions in it are not looked at.
        log: Called with a line about the progress of a network's training.

    Raises:
        NotPossibleError: The recipe names something that is not there, such as a class of one's own that
            cannot be imported, or a network or data that were handed over as objects.

    >>> from .record import record
    >>> once = record("beale", "adam:lr=0.1", steps=3, grid=(4, 4))
    >>> twice = again(once.recipe)
    >>> (once.trajectories[0].points == twice.trajectories[0].points).all()
    np.True_
    """
    from .record import record

    if recipe.target == BARE:
        raise NotPossibleError(
            "it holds a trajectory alone, and no recipe to run again; only its test can check it"
        )
    options: dict[str, Any] = {
        "seed": recipe.seed,
        "device": recipe.device,
        "dtype": recipe.dtype,
        "view": recipe.view,
        "grid": recipe.grid,
        "protocol": recipe.protocol,
    }
    if recipe.training is None:
        options |= {"steps": recipe.steps, "start": recipe.start}
        options |= {"noise": recipe.noise, "stop_at": recipe.stop_at}
    else:
        options |= {"log": log, **_training(recipe.training)}
    try:
        return record(recipe.target, recipe.specs, **options)
    except DescentError as error:
        raise NotPossibleError(f"its recipe cannot be run again: {error}") from error


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
        "schedule_per": recipe.schedule_per,
        "data_dir": recipe.data_dir or None,
    }
