"""Which recipes can be run again: those that name all they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...surfaces.catalogue import CATALOGUE, DATA, NETWORKS, PROBLEMS
from ...surfaces.errors import NotPossibleError
from ...surfaces.imports import is_dotted
from .network_runs import CHECKPOINTS

if TYPE_CHECKING:
    from .network_runs import TrainingRecipe
    from .recipe import Recipe

BARE = "a trajectory alone"  # the target of a recording that was made around a single trajectory


def check_named(recipe: Recipe) -> None:
    """Check that the target and the data of a recording are names, formulas, paths or import paths.

    Raises:
        NotPossibleError: They were handed over as objects, or a loop of somebody's own made the recording.
    """
    if recipe.target == BARE:
        raise NotPossibleError(
            "it holds a trajectory alone, and no recipe to run again; only its test can check it"
        )
    training = recipe.training
    if recipe.specs == (CHECKPOINTS,):
        raise NotPossibleError("it was made from checkpoints, which it does not hold; film these again")
    if training is not None and not training.epochs:
        raise NotPossibleError(
            "it was recorded from a training loop of somebody's own, which only that program can run again"
        )
    check_target(recipe.target)
    if training is not None:
        check_data(training)


def check_target(target: str) -> None:
    """Check that a target is a name, a formula or an import path.

    Raises:
        NotPossibleError: It was handed over as an object.
    """
    name = target.partition(":")[0]  # as recordings write it; a class may be called Linear
    if not (name in {*CATALOGUE, *NETWORKS, *PROBLEMS, "expr"} or _is_path(target)):
        raise _object("target", target)


def check_data(training: TrainingRecipe) -> None:
    """Check that data are a name, a file or an import path; a problem has none.

    Raises:
        NotPossibleError: They were handed over as an object.
    """
    if not (training.alone or _is_path(training.data) or training.data.partition(":")[0] in DATA):
        raise _object("data", training.data)


def _is_path(text: str) -> bool:
    """Return whether a text is an import path, or the path of a file of data."""
    module, colon, attribute = text.partition(":")
    return text.casefold().endswith(".npz") or bool(colon and module.strip() and is_dotted(attribute.strip()))


def _object(what: str, name: str) -> NotPossibleError:
    return NotPossibleError(
        f"its {what} {name!r} was handed over as an object of Python, and a recipe holds only names; "
        "run it again from the program that made it, or give it as package.module:name"
    )
