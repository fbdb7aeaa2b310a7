"""What commands run: a target with optimizers, with notes before and a bar meanwhile."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from ..surfaces.catalogue import NETWORK
from ..surfaces.errors import DescentError
from ..surfaces.options import parse_value
from .options import SWEPT, given
from .output import progress_bar, say, say_notes
from .types import as_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..surfaces.surface import Surface
    from ..trajectories.experiments.plan import Plan
    from ..trajectories.results.recording import Recording


@contextlib.contextmanager
def prints_aside() -> Iterator[None]:
    """Have what packages of others print go to stderr: stdout holds results alone, as JSON or as a table."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


@prints_aside()
def planned(target: str | Surface, run: dict[str, Any]) -> Plan:
    """Resolve a target and optimizers, as the words of a command say; nothing is run."""
    from ..trajectories.experiments.plan import plan

    run = given(run | {"view": as_view(run.get("view")), "optimizers": run["optimizers"] or None})
    return plan(target, **_batches(run))


@prints_aside()
def run_plan(plan: Plan) -> Recording:
    """Run what is planned, after the notes about it."""
    say_notes(plan.notes)
    if plan.kind == NETWORK:
        return plan.run(log=partial(say, err=True))
    with progress_bar("running") as progress:
        return plan.run(progress=progress)


@prints_aside()
def surface_of(target: str, run: dict[str, Any]) -> Surface:
    """Resolve the surface of a command that makes many runs on one."""
    from ..surfaces.analytic.resolve import get

    return get(target, view=as_view(run["view"]))


@prints_aside()
def run_many(function: Callable[..., Any], subject: str | Surface, run: dict[str, Any]) -> Any:
    """Call a function of a target, a list of specs and options, with a bar while it works."""
    specs = run["optimizers"] or None
    options = given({name: value for name, value in run.items() if name != "optimizers"})
    if "view" in options:
        options["view"] = as_view(options["view"])
    with progress_bar("running") as progress:
        return function(subject, specs, progress=progress, **_batches(options))


def _batches(run: dict[str, Any]) -> dict[str, Any]:
    """Return options with the size of a batch as a number, where it is one."""
    samples = parse_value(run.get("batch_size", ""))
    return run | ({"batch_size": samples} if type(samples) is int else {})


def say_many_notes(surface: Surface, run: dict[str, Any], *, from_grid: bool = False) -> None:
    """Say the notes about many runs on a surface."""
    from ..trajectories.experiments.advice import many_notes

    asked = {name: run[name] for name in ("start", "device", "dtype") if name in run}
    say_notes(many_notes(surface, view=as_view(run["view"]), from_grid=from_grid, **asked))


def to_be_tuned(target: str, run: dict[str, Any]) -> str | Surface:
    """Return that on which each optimizer's best rate can be looked for: the surface, or another's name."""
    from ..surfaces.networks.resolve import is_network
    from ..surfaces.problems.resolve import is_problem

    if run["lr"] is not None or run["stop_at"] is not None:
        raise DescentError("--tuned finds the rates by full runs; leave out --lr and --stop-at")
    if is_problem(target):
        return target
    if not is_network(target):
        return surface_of(target, run)
    if run["patience"] is not None:
        raise DescentError("--tuned finds the rates by runs of as many epochs each; leave out --patience")
    return target


def tune(subject: str | Surface, run: dict[str, Any]) -> dict[str, Any]:
    """Find each optimizer's best rate, with the options of the run that it is for."""
    from ..trajectories.experiments.tuning import tuned

    network = isinstance(subject, str)
    names = SWEPT if network else ("steps", "start", "noise", "view")
    same = {name: run[name] for name in ("optimizers", "seed", "device", "dtype", *names)}
    if network:
        no_surface = {name: run[name] for name in ("steps", "start") if run[name] is not None}
        same |= no_surface | ({"noise": run["noise"]} if run["noise"] else {})
    found = run_many(tuned, subject, same)
    say_notes([found.protocol])
    return {"optimizers": found.specs, "protocol": found.protocol}
