"""The commands that start from a file: render, recipe, again."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ..surfaces.imports import own
from ..viz.scenes.subjects import made_again
from ..viz.scenes.wishes import WISHES
from .options import FILE, WRITTEN, named_looks, takes
from .output import progress_bar, say_notes, split
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
    from .command_line import command

    found = read(file)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
        return
    made = command(found.kind, found.recipe, found.look, named_again(file))
    say_notes([*made.notes, *filter(None, [one_of_many(file)])])
    click.echo(made.line)


@click.command()
@click.argument("file", type=FILE)
@takes(*WISHES, *WRITTEN)
def again(file: Path, **options: Any) -> None:
    """Run the recipe that FILE carries again and draw it as FILE is drawn, but for the options given here.

    Writes outputs/FILE.gif when --out names no file.
    """
    from ..trajectories.experiments.rerun import run_again
    from ..viz.files.numbered import one_of_many
    from ..viz.files.recipes import read

    _, look, written = split(options)
    found = read(file)
    say_notes(filter(None, [one_of_many(file)]))
    look = found.look | {name: look[name] for name in named_looks(look)}
    entry = made_again(found.kind)
    written.start(file.stem, look, entry.name)
    with prints_aside(), progress_bar("running") as progress:
        make = own("trajectories", entry.again)
        subject = run_again(make, found.recipe, log=partial(click.echo, err=True), progress=progress)
    written.finish(subject, look)
