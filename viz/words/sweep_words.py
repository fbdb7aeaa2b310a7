"""What the picture of a sweep says: two lines for each optimizer, and the fine print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...trajectories.reports.sweep import best_rate, good_words
from ...trajectories.results.abstract_sweep import GOOD
from ...trajectories.results.network_sweep import NetworkSweep
from ...trajectories.results.sweep import Sweep
from ..style.numbers import counted
from .network_words import network_title
from .surface_notes import join_notes
from .titles import title_of

if TYPE_CHECKING:
    from ...trajectories.results.abstract_sweep import AbstractSweep


def sweep_title(sweep: AbstractSweep) -> str:
    """Write what a sweep is of as a title."""
    if isinstance(sweep, NetworkSweep):
        return network_title(sweep.target, sweep.training.data)
    return title_of(sweep.target)


def result(sweep: AbstractSweep, optimizer: int) -> tuple[str, str]:
    """Say in two lines which rate was best and how wide the range of good ones is."""
    best = sweep.best[optimizer]
    if best is None:
        return f"no rate stayed finite{' and in view' * isinstance(sweep, Sweep)}", ""
    first = f"best lr {best_rate(sweep, optimizer)}: loss {sweep.final[optimizer, best]:.3g}"
    return first, good_words(sweep, optimizer) or "no rate lowered the loss"


def _good_briefly(sweep: AbstractSweep) -> str:
    """Say in a few words what `Sweep.good_means` says."""
    if sweep.minimum is None:
        return f"as low as the best by half of the {sweep.unit}s"
    return f"up to {GOOD} times the best one's height above the minimum"


def fine_print(sweep: AbstractSweep, *, below: bool = False, above: bool = False) -> str:
    """Say in one line what the reader must know to trust the picture.

    Args:
        sweep: What is shown.
        below: Whether losses lie below the axis, and rest on its edge.
        above: Whether losses lie above it.
    """
    parts = [f"{counted(sweep.length, sweep.unit)} each from {_start(sweep)}"]
    if not sweep.usable.all():
        parts.append(f"bars above: lost (not finite{', or out of view' * isinstance(sweep, Sweep)})")
    if sweep.usable.any():
        lowest = f"ring: best rate, the lowest final {sweep.loss_name}"
        parts.append(lowest + (" of the others" if len(parts) > 1 else ""))
    if below:
        parts.append("on the lower edge: lower still")
    if above:
        parts.append("on the upper edge: higher still")
    if any(sweep.good_ranges):
        parts.append(f"bars below: good rates, {_good_briefly(sweep)}")
    if isinstance(sweep, NetworkSweep):
        parts += _samples(sweep)
    if isinstance(sweep, Sweep) and sweep.noise:
        seeds = f"{len(sweep.seeds)} seeds: median and quartiles" if len(sweep.seeds) > 1 else "1 seed"
        parts.append(f"gradient noise {sweep.noise:g}, {seeds}")
    return join_notes(parts, sweep.versions, sweep.dtype, sweep.device)


def _start(sweep: AbstractSweep) -> str:
    if not isinstance(sweep, Sweep):
        problem = isinstance(sweep, NetworkSweep) and sweep.training.alone
        return "the same parameters" if problem else "the same weights, on the same batches"
    x, y = sweep.start
    return f"({x:g}, {y:g})" if len(sweep.field.y) > 1 else f"x = {x:g}"


def _samples(sweep: NetworkSweep) -> list[str]:
    """Say what the losses of a network are of; a problem has no samples."""
    if sweep.training.alone:
        return [f"seed {sweep.seeds[0]}"]
    train, held = sweep.sizes
    size = sweep.training.batch_size
    samples = f"{train} training" + (f" and {held} validation samples" if held else " samples")
    return [
        f"losses after each epoch, of {samples}",
        f"{'full ' * (size >= train)}batches of {size}",
        f"seed {sweep.seeds[0]}",
    ]
