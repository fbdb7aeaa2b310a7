"""What the picture of a sweep says: two lines for each optimizer, and the fine print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...trajectories.reports.sweep import best_rate, good_words
from ...trajectories.results.sweep import GOOD
from ..style.numbers import counted
from .surface_notes import join_notes

if TYPE_CHECKING:
    from ...trajectories.results.sweep import Sweep


def result(sweep: Sweep, optimizer: int) -> tuple[str, str]:
    """Say in two lines which rate was best and how wide the range of good ones is."""
    best = sweep.best[optimizer]
    if best is None:
        return "no rate stayed finite and in view", ""
    first = f"best lr {best_rate(sweep, optimizer)}: loss {sweep.final[optimizer, best]:.3g}"
    return first, good_words(sweep, optimizer) or "no rate lowered the loss"


def _good_briefly(sweep: Sweep) -> str:
    """Say in a few words what `Sweep.good_means` says."""
    if sweep.minimum is None:
        return "as low as the best by half of the steps"
    return f"up to {GOOD} times the best one's height above the minimum"


def fine_print(sweep: Sweep, *, below: bool = False) -> str:
    """Say in one line what the reader must know to trust the picture.

    Args:
        sweep: What is shown.
        below: Whether losses lie below the axis, and rest on its edge.
    """
    x, y = sweep.start
    start = f"({x:g}, {y:g})" if len(sweep.field.y) > 1 else f"x = {x:g}"
    parts = [f"{counted(sweep.steps, 'step')} each from {start}"]
    if not sweep.usable.all():
        parts.append("bars above: lost (not finite, or out of view)")
    if sweep.usable.any():
        parts.append("ring: best rate, the lowest final loss" + (" of the others" if len(parts) > 1 else ""))
    if below:
        parts.append("on the lower edge: lower still")
    if any(sweep.good_ranges):
        parts.append(f"bars below: good rates, {_good_briefly(sweep)}")
    if sweep.noise:
        seeds = f"{len(sweep.seeds)} seeds: median and quartiles" if len(sweep.seeds) > 1 else "1 seed"
        parts.append(f"gradient noise {sweep.noise:g}, {seeds}")
    return join_notes(parts, sweep.versions, sweep.dtype, sweep.device)
