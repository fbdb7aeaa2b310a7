"""The commands of many runs: sweep and basins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..surfaces.errors import check_suffix
from ..viz.scenes.subjects import SUBJECTS
from .options import FILE, SHARED_LOOK, SWEPT, WRITTEN, takes
from .output import split
from .runs import run_many, say_many_notes, surface_of

if TYPE_CHECKING:
    from pathlib import Path

    from ..surfaces.surface import Surface


@click.command()
@takes("target", "optimizers")
@click.option(
    "--lr", "rates", metavar="RATES", help="A:B:N, so many from A to B, or a list. [default: 1e-5:1:25]"
)
@takes("steps", "start", "seed", "seeds", "noise", "device", "dtype", "view", "memory")
@takes(*SWEPT, *SHARED_LOOK, "grid", *WRITTEN)
@click.option("--csv", type=FILE, metavar="FILE.csv", help="Write a row for each optimizer and rate.")
def sweep(target: str, csv: Path | None, **options: Any) -> None:
    """Run every optimizer on TARGET at many learning rates and find the best one of each.

    Draws the loss against the rate when --out names a file, or with --grid optimizer,lr a small contour
    panel for each. TARGET is a surface or a problem, or a network that is trained anew for each rate.
    """
    from ..surfaces.networks.resolve import is_network
    from ..surfaces.problems.resolve import is_problem
    from ..trajectories.experiments import sweep as sweeps
    from ..trajectories.reports.sweep import save_csv

    run, look, written = split(options)
    written.start(target, look, SUBJECTS["sweep"].name, draws=False)
    if csv is not None:
        check_suffix(csv, [".csv"])
    if (rates := run.pop("rates")) is not None:
        run["lr"] = rates
    subject: str | Surface = target
    if not (is_problem(target) or is_network(target)):
        subject = surface = surface_of(target, run)
        say_many_notes(surface, run)
    found = run_many(sweeps.sweep, subject, run)
    saved = [] if csv is None else [save_csv(found, csv)]
    written.finish(found, look, saved)


@click.command()
@takes("target", "optimizers")
@click.option(
    "--starts",
    type=int,
    default=256,
    show_default=True,
    metavar="N",
    help="Starts along each side of the view.",
)
@takes("steps", "view", "device", "dtype", "memory", *SHARED_LOOK, *WRITTEN)
def basins(target: str, starts: int, **options: Any) -> None:
    """Run every optimizer from a grid of starts on TARGET, and count which minimum each start reaches.

    Draws a map an optimizer when --out names a file.
    """
    from ..trajectories.experiments import basins as maps

    run, look, written = split(options)
    written.start(target, look, SUBJECTS["basins"].name, draws=False)
    run["starts"] = starts
    surface = surface_of(target, run)
    say_many_notes(surface, run, from_grid=True)
    written.finish(run_many(maps.basins, surface, run), look)
