"""The command that runs optimizers on small tasks with a budget and a pass mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..viz.scenes.subjects import SUBJECTS
from .options import takes
from .output import check_look, progress_bar, split
from .runs import prints_aside

if TYPE_CHECKING:
    from ..trajectories.results.diagnosis import Diagnosis


@click.command()
@takes("diagnosed")
@click.option(
    "--lr",
    default="tuned",
    show_default=True,
    metavar="RATES",
    help="tuned: for each task the best of 16 rates from 0.0001 to 10; A:B:N or a list; one rate; or own.",
)
@click.option("--tasks", metavar="NAMES", help="Names of tasks with commas between; all by default.")
@click.option(
    "--beside",
    default="sgd,adam,rmsprop,muon",
    show_default=True,
    metavar="NAMES",
    help="Optimizers to run beside it, with commas between; none for none.",
)
@takes("theme", "size", "max_size", "outs", "alt", "as_json")
def diagnose(optimizers: tuple[str, ...], lr: str, tasks: str | None, beside: str, **options: Any) -> None:
    """Run an optimizer on small tasks with a budget of steps and a pass mark, beside others.

    OPTIMIZER is a spec, as my_package.MyAdam:betas=0.8/0.99. Prints which tasks it passes, and draws them all
    as a heat map when --out names a file.
    """
    _, look, written = split(options)
    check_look(look, written.outs, SUBJECTS["diagnosis"].name, moves=False)
    written.finish(_run(optimizers, lr, tasks, beside), look)


@prints_aside()
def _run(optimizers: tuple[str, ...], lr: str, tasks: str | None, beside: str) -> Diagnosis:
    from ..trajectories.diagnosis import diagnose as diagnoses

    with progress_bar("running") as progress:
        return diagnoses.diagnose(
            optimizers,
            lr=diagnoses.read_rates(lr),
            tasks=None if tasks is None else [each.strip() for each in tasks.split(",")],
            references=[] if beside == "none" else beside.split(","),
            progress=progress,
        )
