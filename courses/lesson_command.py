"""The command that lists lessons and builds them."""

from __future__ import annotations

from pathlib import Path

import click

from ..surfaces.text import escaped


@click.command("lesson")
@click.argument("name")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder; by default the lesson's name."
)
def lesson_command(name: str, out: Path | None) -> None:
    """Build the lesson NAME: a page of Markdown with figures, code, an exercise and its answer.

    `descent lesson list` names all. The code on the page is run when it is built, and its numbers come from
    that run; the figures come from the course file that is written beside it.
    """
    from .lessons import LESSONS, build_lesson, title

    if name == "list":
        for each in LESSONS:
            click.echo(f"{each:20}{title(each)}")
        return
    made = build_lesson(name, out or Path(name), say=lambda line: click.echo(escaped(line), err=True))
    click.echo(escaped(str(made)))
