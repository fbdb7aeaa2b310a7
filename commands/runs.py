"""What commands run: a target with optimizers, with notes before and a bar meanwhile."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ..surfaces.errors import DescentError
from .options import given
from .output import progress_bar, say_notes
from .types import as_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..trajectories.results.recording import Recording


def run_function(function: Callable[..., Any], target: str, run: dict[str, Any]) -> Any:
    """Call a function of a target, a list of specs and options, with a bar while it works."""
    specs = run.pop("optimizers") or None
    run["view"] = as_view(run["view"])
    with progress_bar("running") as progress:
        return function(target, specs, progress=progress, **given(run))


def run_record(target: str, **run: Any) -> Recording:
    """Run optimizers on a target, as the words of a command say, after the notes about it."""
    from ..surfaces.networks.resolve import is_network
    from ..trajectories.experiments.advice import notes
    from ..trajectories.experiments.record import record

    run["view"] = as_view(run.get("view"))
    run["optimizers"] = run["optimizers"] or None
    asked = {
        name: run[name] for name in ("optimizers", "lr", "start", "device", "dtype", "view") if name in run
    }
    say_notes(notes(target, **asked))
    run = given(run)
    if is_network(target):
        if str(run.get("batch_size", "")).isdigit():
            run["batch_size"] = int(run["batch_size"])
        return record(target, log=partial(click.echo, err=True), **run)
    with progress_bar("running") as progress:
        return record(target, progress=progress, **run)


def say_many_notes(target: str, run: dict[str, Any], *, from_grid: bool = False) -> None:
    """Say the notes about many runs on a target."""
    from ..trajectories.experiments.advice import many_notes

    asked = {name: run[name] for name in ("start", "device", "dtype") if name in run}
    say_notes(many_notes(target, view=as_view(run["view"]), from_grid=from_grid, **asked))


def tune(target: str, run: dict[str, Any]) -> dict[str, Any]:
    """Find each optimizer's best rate, with the options of the run that it is for."""
    from ..surfaces.networks.resolve import is_network
    from ..trajectories.experiments.tuning import tuned

    if is_network(target):
        raise DescentError("--tuned finds rates on surfaces; for a network, compare some with --lr")
    if run["lr"] is not None or run["stop_at"] is not None:
        raise DescentError("--tuned finds the rates by full runs; leave out --lr and --stop-at")
    same = {name: run[name] for name in ("steps", "start", "seed", "noise", "device", "dtype", "view")}
    found = run_function(tuned, target, same | {"optimizers": run["optimizers"]})
    say_notes([found.protocol])
    return {"optimizers": found.specs, "protocol": found.protocol}
