"""The files of a figure: out of the cache where nothing changed that they are made from, or made now."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ..courses.lock import digests_of
from ..courses.manifest import Course, figure_of
from ..courses.working import make
from ..surfaces.errors import NotPossibleError
from ..trajectories.results.whole_files import writing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import click

STILLS = ("pdf", "png")  # for LaTeX, and for all that is neither LaTeX nor a web page


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure that is there."""

    files: tuple[str, ...]  # names in the cache: what moves, then the stills
    alt: str
    still_alt: str
    caption: str
    reads: tuple[str, ...] = ()  # files beside the page that it was made from
    notes: tuple[str, ...] = ()


def shown(
    table: dict[str, Any],
    animation: str,
    commands: Mapping[str, click.Command],
    defaults: dict[str, Any],
    folder: Path,
    cache: Path,
) -> Shown:
    """Return a figure's files and words, made now unless the cache has them.

    Args:
        table: Its options, as a course has them.
        animation: The suffix of what web pages show.
        commands: Those that draw, by name.
        defaults: What holds for all figures.
        folder: Of the page; files that it names are beside it.
        cache: The folder of all files that are made; it need not be there.

    Raises:
        DescentError: An option is not known or cannot be meant, or the command failed.
        NotPossibleError: The command failed, or nothing can be written.
    """
    formats = list(dict.fromkeys((animation, *STILLS)))
    figure = figure_of(_name(table), table | {"formats": formats}, defaults, commands, folder, "descent")
    course = Course(folder / "page", "", cache, (figure,))
    digest = digests_of((figure,), course)[figure.name]
    stem = f"{figure.name}-{digest[:16]}"
    files = tuple(f"{stem}{PurePath(each).suffix}" for each in figure.files)
    about = cache / f"{stem}.json"
    found = _read(about)
    if found is not None and found.files == files and all((cache / each).is_file() for each in files):
        return replace(found, notes=())
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotPossibleError(
            f"cannot write to {cache}: {(error.strerror or str(error)).lower()}"
        ) from error
    # Where it names no file beside the page, nothing appears there for a moment, which might be watched.
    made = make(stem, figure.words, files, str(folder if figure.reads else cache))
    if made.error:
        raise NotPossibleError(made.error)
    for name in files:
        with writing(cache / name) as path:
            path.write_bytes(made.files[name])
    result = Shown(files, made.alt, made.still_alt, made.caption, figure.reads, made.notes)
    with writing(about) as path:
        path.write_text(json.dumps(asdict(result), indent=1), encoding="utf-8")
    return result


def _name(table: dict[str, Any]) -> str:
    about = str(table.get("target", table.get("file", "")))
    return re.sub(r"[^A-Za-z0-9]+", "-", PurePath(about).name).strip("-")[:40] or "figure"


def _read(path: Path) -> Shown | None:
    """Return what the cache says of a figure; None where it says nothing that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Shown(**found | {key: tuple(found[key]) for key in ("files", "reads", "notes")})
    except (OSError, ValueError, KeyError, TypeError):
        return None
