"""The recipe that a file carries, read back from any format that pictures and recordings are written in."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import NotPossibleError
from ...surfaces.imports import own
from ...surfaces.reading import as_path, read_text
from ..scenes.subjects import SUBJECTS
from .formats import FORMATS, READ_AS
from .numbered import MADE_WITH, MOST_NOTES, NOTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file says about how it was made."""

    made_with: str  # "descent-viz"
    kind: str  # one of SUBJECTS
    recipe: dict[str, Any]  # what makes the subject again, as plain JSON values
    look: dict[str, Any]  # the wishes of `descent.animate` that are not the defaults


def read(path: str | Path) -> Carried:
    """Read the recipe from a picture, an animation, a video, a page, a folder of frames or a recording.

    Args:
        path: The file, or a folder of numbered frames.

    Raises:
        NotPossibleError: There is no such file, it is none of these or damaged, it carries no recipe, or a
            newer descent-viz made it.
    """
    path = as_path(path)
    if os.path.isdir(path):
        notes = path / NOTES
        if not os.path.isfile(notes):
            raise NotPossibleError(f"{path} is a folder without {NOTES}, which numbered frames have")
        return _parsed(path, _text_of(notes))
    if not os.path.lexists(path):
        raise NotPossibleError(f"there is no file {path}")
    suffix = path.suffix.casefold()
    if suffix == ".npz":
        return _recording(path)
    suffix = READ_AS.get(suffix, suffix)
    if suffix not in FORMATS:
        known = ", ".join([*FORMATS, *READ_AS, ".npz"])
        raise NotPossibleError(f"{path} is no picture that descent writes; allowed: {known}")
    ours = None
    try:
        for text in own("viz", FORMATS[suffix].reader)(path):
            ours = text if MADE_WITH in text else ours
    except OSError as error:
        raise NotPossibleError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    if ours is None:
        raise _without(path)
    return _parsed(path, ours)


def _without(path: Path) -> NotPossibleError:
    return NotPossibleError(
        f"{path} carries no recipe: it was made by something else, or a program that saved it again dropped "
        "the notes in it"
    )


def _parsed(path: Path, text: str) -> Carried:
    """Return what a recipe's JSON text says, every part of it checked."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotPossibleError(f"the recipe in {path} is damaged: {error}") from error
    if not isinstance(found, dict) or found.get("made_with") != MADE_WITH:
        raise _without(path)
    kind, recipe, look = found.get("kind"), found.get("recipe"), found.get("look")
    if not isinstance(recipe, dict) or not isinstance(look, dict) or not isinstance(kind, str):
        raise NotPossibleError(f"the recipe in {path} is damaged: kind, recipe or look is missing")
    if kind not in SUBJECTS:
        version = recipe.get("versions", {})
        number = f" {version[MADE_WITH]}" if isinstance(version, dict) and MADE_WITH in version else ""
        raise NotPossibleError(
            f"{path} shows a {kind!r}, which is not known here: a newer descent-viz{number} made it; "
            "upgrade with pip install -U descent-viz"
        )
    return Carried(MADE_WITH, kind, recipe, look)


def _recording(path: Path) -> Carried:
    from ...trajectories.results.recording import load

    recipe = load(path).recipe
    plain = asdict(recipe) | {"versions": dict(recipe.versions)}
    return Carried(MADE_WITH, "recording", json.loads(json.dumps(plain)), {})


def _text_of(path: Path) -> str:
    try:
        return read_text(path, MOST_NOTES)
    except OSError as error:
        raise NotPossibleError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error


def in_video(path: Path) -> Iterator[str]:
    """Yield the recipe in a video, if it carries one."""
    from .video import read_recipe

    text = read_recipe(path)
    if text is not None:
        yield text
