"""From a picture to a file: the format by the path, the words that travel in it, and how large it may get."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, check_suffix
from ...surfaces.imports import own
from ...trajectories.results.whole_files import check_folder, writing, writing_folder
from ..style.theme_lookup import get_theme
from ..words.describe import words
from .formats import FORMATS, Format, check_extra, check_transparent
from .numbered import Numbered, destination, owned
from .order import Order
from .shrink import fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..canvas.stage import Stage
    from ..scenes.scene import AbstractScene
    from ..style.themes import Theme
    from .order import Progress


def check_destination(
    path: str | Path,
    theme: str | Path | Mapping[str, Any] | Theme = "light",
    *,
    moves: bool = True,
    limit: int | None = None,
) -> Format:
    """Return the format of a path to which a picture is to be written.

    Args:
        path: Where to.
        theme: What the picture is drawn with.
        moves: Whether the picture moves; one that does not has still formats only.
        limit: The most bytes that a file may have; None for no limit.

    Raises:
        DescentError: Unknown suffix, or a format that cannot hold such a picture.
        NotPossibleError: A format that needs something that is not installed.
    """
    where = destination(path)
    stills = [suffix for suffix, kind in FORMATS.items() if not kind.moves]
    if not moves and isinstance(where, Numbered):
        raise DescentError(
            f"{path} is for numbered frames, and this picture is a still; use {', '.join(stills)}"
        )
    if limit is not None and isinstance(where, Numbered):
        raise DescentError("--max-size is for one file; numbered frames are many")
    if isinstance(where, Numbered):
        check_folder(where.folder, owned)
    else:
        if not where.suffix and os.path.isdir(where):
            raise DescentError(
                f"{where} is a folder; write {where}/ for numbered frames, or name a file in it"
            )
        check_suffix(where, FORMATS if moves or where.suffix else stills)
        if not moves and where.suffix.casefold() not in stills:
            raise DescentError(f"{where.suffix} moves, and this picture is a still; use {', '.join(stills)}")
    suffix = Path(where.name).suffix.casefold()
    check_transparent(get_theme(theme), FORMATS[suffix], suffix)
    check_extra(FORMATS[suffix])
    return FORMATS[suffix]


def save(
    scene: AbstractScene,
    stage: Callable[[], Stage],
    path: str | Path,
    *,
    moves: bool,
    progress: Progress | None = None,
    say: Callable[[str], object] | None = None,
) -> Path:
    """Write a picture; the path chooses the format.

    Args:
        scene: What to draw.
        stage: Compiles the scene, once.
        path: Where to, see `destination`; missing folders are made. The file appears whole or not at all.
        moves: Whether all frames are wanted, where the format has several.
        progress: Called with the number of frames done and of all frames.
        say: Called with a sentence about what was left out, or done to keep the file small, or what would.

    Raises:
        DescentError: Unknown suffix, or one that cannot hold the picture.
        NotPossibleError: The file cannot be written, or not as small as wished.
    """
    limit = scene.wishes.limit
    kind = check_destination(path, scene.theme, moves=moves and scene.moves, limit=limit)
    where = destination(path)
    said = words(scene, moving=moves and (kind.moves or isinstance(where, Numbered)))
    order = Order(recipe_text(scene), said.title, said.alt, said.caption, moves=moves, progress=progress)
    if isinstance(where, Numbered):
        from .encoders import frames, heavier

        compiled = stage()  # what cannot be drawn is known before a folder is made
        _say_left_out(compiled, path, say)
        with writing_folder(where.folder, owned) as folder:
            frames(compiled, folder, where.name, order)
            note = heavier(compiled, folder, order)
        if note and say is not None:
            say(f"{path}: {note}")
        return where.folder
    encoder: Callable[[Stage, Path, Order], None] = own("viz", kind.encoder)
    compiled = stage()
    _say_left_out(compiled, path, say)
    with writing(where) as part:
        if limit is None:
            encoder(compiled, part, order)
        else:
            note = fitted(compiled, part, order, encoder, kind, limit, str(path))
            if note and say is not None:
                say(f"{path}: {note}")
    return where


def _say_left_out(stage: Stage, path: str | Path, say: Callable[[str], object] | None) -> None:
    from ..canvas.left_out import left_out

    if say is not None and (missing := left_out(stage.figure)):
        say(f"{path}: {missing}")


def recipe_text(scene: AbstractScene) -> str:
    """Write what makes a picture again, its subject and its look, as the JSON that every picture carries."""
    text = {
        "made_with": "descent-viz",
        "kind": scene.kind,
        "recipe": scene.recipe,
        "look": scene.wishes.given,
    }
    return json.dumps(text, ensure_ascii=True)
