"""The commands that start from a file: render, recipe, again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ..surfaces.imports import own
from ..viz.scenes.subjects import made_again
from ..viz.scenes.wishes import WISHES
from .options import FILE, FROM_FILES, WRITTEN, budget_of, named_looks, takes
from .output import progress_bar, say, say_json, say_notes, split
from .runs import prints_aside

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.argument("file", type=FILE)
@takes(*WISHES, *WRITTEN)
def render(file: Path, **options: Any) -> None:
    """Draw a saved recording; nothing is run again.

    Writes outputs/FILE.gif when --out names no file.
    """
    from ..trajectories.results.recording import load

    _, look, written = split(options)
    written.start(file.stem, look)
    written.finish(load(file), look)


@click.command()
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the recipe itself, as JSON.")
def recipe(file: Path, as_json: bool) -> None:
    """Print the command that makes FILE again: any picture or recording that descent wrote."""
    from dataclasses import asdict

    from ..viz.files.numbered import named_again, one_of_many
    from ..viz.files.recipes import read
    from .command_line import command, names_note

    found = read(file)
    if as_json:
        say_json(asdict(found))
        return
    made = command(found.kind, found.recipe, found.look, named_again(file))
    say_notes([*made.notes, *names_note(found.recipe, found.look), *filter(None, [one_of_many(file)])])
    say(made.line)


@click.command()
@click.argument("file", type=FILE)
@takes(*WISHES, *WRITTEN, *FROM_FILES)
def again(file: Path, imports: bool, most: str, yes: bool, **options: Any) -> None:
    """Run the recipe that FILE carries again and draw it as FILE is drawn, but for the options given here.

    FILE may be anybody's: names in it that are not descent's own or torch.optim's are not imported, and files
    not read, unless --allow-imports is given.

    Writes outputs/FILE.gif when --out names no file.
    """
    from ..trajectories.experiments.rerun import run_again
    from ..viz.files.numbered import one_of_many
    from ..viz.files.recipes import read

    _, look, written = split(options)
    budget = budget_of(imports, most, yes)
    found = read(file)
    say_notes(filter(None, [one_of_many(file)]))
    asked = {name: look[name] for name in named_looks(look)}
    look = _look(found.look, asked, imports=imports) | asked
    entry = made_again(found.kind)
    written.start(file.stem, look, entry.name)
    with prints_aside(), progress_bar("running") as progress:
        make = own("trajectories", entry.again)
        log = partial(say, err=True)
        subject = run_again(make, found.recipe, log=log, progress=progress, budget=budget)
    written.finish(subject, look)


def _look(carried: dict[str, Any], asked: dict[str, Any], *, imports: bool) -> dict[str, Any]:
    """Return the look that a file carries, without what is asked for otherwise or not known here."""
    from ..trajectories.results.foreign import check_foreign, foreign_look
    from ..viz.style.themes import THEMES
    from .line_words import unknown_look

    left = {name: value for name, value in carried.items() if name not in asked}
    if not imports:
        check_foreign(foreign_look(left, THEMES))
    say_notes(unknown_look(name) for name in left if name not in WISHES)
    return {name: value for name, value in left.items() if name in WISHES}
