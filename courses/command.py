"""The command that builds a course."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..surfaces.errors import DescentError
from ..surfaces.text import escaped

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from .building import Built

_LOOK_AGAIN = 0.5  # seconds between two looks at the files of a course


@click.command("build")
@click.argument("course", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--only", multiple=True, metavar="NAME", help="Build this figure alone; repeat for several.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes beside each other; by default one a core.",
)
@click.option("--check", is_flag=True, help="Make nothing; exit code 1 where a figure is out of date.")
@click.option(
    "--watch", is_flag=True, help="Build again whenever the course or a file that it names changes."
)
@click.option(
    "--dask", metavar="ADDRESS", help="Work on a cluster: the address of a scheduler, as tcp://host:8786."
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of courses, for editors.")
@click.pass_context
def build_command(ctx: click.Context, /, course: Path | None, **options: Any) -> None:
    """Build the figures of COURSE, a TOML file, that changed since they were built.

    Each table [figures.NAME] holds the options of a command by their names, as target = "beale" and
    optimizers = ["sgd:lr=0.01", "adam:lr=0.1"]; [defaults] holds what all share. The files, a page of all
    figures and a lock file that says what was built come into the folder figures/ beside the course.
    """
    from .keys import commands_that_draw, schema

    if options["schema"]:
        click.echo(json.dumps(schema(commands_that_draw()), indent=1))
        return
    if course is None:
        raise DescentError("name a course, a TOML file: descent build course.toml")
    if options["watch"] and options["check"]:
        raise DescentError("--watch builds and --check does not; leave one of them out")
    built = _once(course, options)
    while options["watch"]:
        try:
            _wait(course)
            built = _once(course, options)
        except DescentError as error:  # somebody is writing it
            click.echo(escaped(f"Error: {error}"), err=True)
    if built.failed:
        ctx.exit(1)


def _once(course: Path, options: dict[str, Any]) -> Built:
    from .building import build
    from .cluster import dask_executor

    executor: Executor | None = dask_executor(options["dask"]) if options["dask"] else None
    try:
        built = build(
            course,
            only=options["only"],
            jobs=options["jobs"],
            executor=executor,
            check=options["check"],
            say=lambda line: click.echo(escaped(line), err=True),
        )
    finally:
        if executor is not None:
            executor.shutdown()
    for name in built.gone:
        click.echo(f"note: {name} is no longer in the course; its files stay", err=True)
    if options["check"]:
        for name, why in built.failed.items():
            click.echo(f"{name}: {why}")
        click.echo(f"{len(built.kept)} figures are as the course says, {len(built.failed)} are out of date")
        return built
    parts = [f"{len(built.made)} made", f"{len(built.kept)} as they were"]
    parts += [f"{len(built.failed)} failed"] if built.failed else []
    click.echo(f"{', '.join(parts)}; {escaped(str(built.index))}")
    return built


def _wait(course: Path) -> None:
    """Return when the course, or a file that one of its figures names, has changed."""
    from .manifest import read_course

    try:
        read = read_course(course)
        paths = [course, *(read.folder / name for figure in read.figures for name in figure.reads)]
    except DescentError:
        paths = [course]
    before = [_stamp(path) for path in paths]
    while [_stamp(path) for path in paths] == before:
        time.sleep(_LOOK_AGAIN)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
