"""The command that writes an explorable page: explore."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..surfaces.errors import check_suffix
from ..viz.explore.parts import PARTS
from .options import DEFAULT_FOLDER, takes
from .output import print_report, say
from .runs import run_many, say_many_notes, surface_of

if TYPE_CHECKING:
    from ..trajectories.results.exploration import Exploration


@click.command()
@takes("target", "optimizers")
@click.option(
    "--lr", "rates", metavar="RATES", help="A:B:N, so many from A to B, or a list. [default: 1e-4:1:9]"
)
@click.option(
    "--starts", default="24x24", show_default=True, metavar="WxH", help="Starts along x and y of the view."
)
@click.option("--steps", type=int, default=100, show_default=True, help="Updates of each run.")
@takes("view", "device", "dtype", "memory")
@click.option("--hide", default="", metavar="PARTS", help=f"Parts to leave out: {', '.join(PARTS)}.")
@click.option(
    "--max-size",
    default="1.5MB",
    show_default=True,
    metavar="SIZE",
    help="The most the page may have; a larger one gets fewer starts.",
)
@click.option(
    "--out",
    type=click.Path(),
    metavar="FILE",
    help="The page to write: .html, or .mjs for anywidget.",
)
@takes("as_json")
def explore(
    target: str,
    starts: str,
    steps: int,
    hide: str,
    max_size: str,
    out: str | None,
    as_json: bool,
    rates: str | None,
    **run: Any,
) -> None:
    """Write a page on which readers choose start, rate and optimizers, and see the paths that torch took.

    Every optimizer runs on TARGET from a grid of starts at every rate; one HTML file plays the paths, and
    needs no network. Writes outputs/TARGET.html when --out names no file.
    """
    from ..trajectories.experiments import explore as explorations
    from ..trajectories.results.whole_files import unused
    from ..viz.explore.saving import SUFFIXES, parse_limit, parse_parts

    out = out or str(unused(DEFAULT_FOLDER, target, ".html"))
    check_suffix(Path(out), SUFFIXES)
    parse_parts(hide)
    parse_limit(max_size)
    run |= {"starts": starts, "steps": steps, "lr": rates}
    explorations.check_surface(target)
    surface = surface_of(target, run)
    say_many_notes(surface, run, from_grid=True)
    found: Exploration = run_many(explorations.explore, surface, run)
    path = found.save(out, hide=hide, max_size=max_size, say=partial(say, err=True))
    print_report(found, [path], as_json, "reports.exploration")
