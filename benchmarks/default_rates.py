"""Find the learning rates that suit SGD, Adam and RMSprop on every analytic surface.

For each surface and optimizer, every rate of the form 1, 2 or 5 times a power of ten is tried for 200 steps
of plain ``torch.optim`` from the surface's start. The rate that is printed is chosen in this order:

1. Out are paths that leave the view, become non-finite, jump by more than a tenth of the view in one step,
   wander (are more than four times as long as they reach far), or do not end lower than they began.
2. The best path is the one with the lowest loss, averaged over its last ten steps so that a path which
   swings across a minimum does not win by where it happens to stop.
3. Among all paths that come within 1 % of the best path's descent and end within 2 % of the view of its end,
   the one with the smallest rate wins: a picture shows the way rather than one jump.

The same rule serves surfaces without a minimum: the path that gets lowest without leaving the view.

    python benchmarks/default_rates.py             # prints the table, in about a minute
    python benchmarks/default_rates.py beale abs   # for these surfaces only
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from descent.surfaces import Surface, get, names

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = 200
RATES = tuple(float(f"{digit}e{power}") for power in range(-9, 5) for digit in (1, 2, 5))
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
}


@dataclass(frozen=True)
class Paths:
    """What one optimizer did at each of the rates."""

    points: torch.Tensor  # (steps+1, rates, parameters)
    losses: torch.Tensor  # (steps+1, rates)


def descend(surface: Surface, optimizer: str) -> Paths:
    """Run all rates at once: each is a parameter group of its own, and no path sees another."""
    begin = surface.start[: surface.parameters]
    starts = [torch.tensor(begin, dtype=torch.float64, requires_grad=True) for _ in RATES]
    groups = [{"params": [start], "lr": rate} for start, rate in zip(starts, RATES, strict=True)]
    optim = OPTIMIZERS[optimizer](groups)
    points, losses = [], []
    for step in range(STEPS + 1):
        stacked = torch.stack(starts)
        loss = surface(stacked)
        points.append(stacked.detach())
        losses.append(loss.detach())
        if step < STEPS:
            optim.zero_grad()
            loss.sum().backward()
            optim.step()
    return Paths(torch.stack(points), torch.stack(losses))


def choose(surface: Surface, paths: Paths) -> int | None:
    """Return the index of the rate that the rule above picks, or None when no rate passes."""
    sides = torch.tensor(surface.view[: surface.parameters], dtype=torch.float64)
    low, size = sides[:, 0], sides[:, 1] - sides[:, 0]
    places = (paths.points - low) / size
    jumps = (places[1:] - places[:-1]).norm(dim=-1)
    reach = (places - places[0]).norm(dim=-1).amax(0)
    late = paths.losses[-10:].mean(0)
    usable = (
        ((places >= 0) & (places <= 1)).all(-1).all(0)
        & paths.losses.isfinite().all(0)
        & (jumps.amax(0) <= 0.1)
        & (jumps.sum(0) <= 4 * reach)
        & (torch.maximum(late, paths.losses[-1]) < paths.losses[0])
    )
    if not usable.any():
        return None
    best = int(torch.where(usable, late, math.inf).argmin())
    enough = late[best] + 0.01 * (paths.losses[0, best] - late[best])
    near = (places[-1] - places[-1, best]).norm(dim=-1) <= 0.02
    return int((usable & (late <= enough) & near).nonzero()[0])


def main() -> None:
    """Print one line a surface, ready to be pasted into its builder."""
    parser = argparse.ArgumentParser(description="Find default learning rates.")
    parser.add_argument("surfaces", nargs="*", metavar="SURFACE", help="default: all")
    for name in parser.parse_args().surfaces or names():
        surface = get(name)
        rates, ends = [], []
        for optimizer in OPTIMIZERS:
            paths = descend(surface, optimizer)
            index = choose(surface, paths)
            rates.append(f'"{optimizer}": {"None" if index is None else f"{RATES[index]:g}"}')
            ends.append("-" if index is None else f"{paths.losses[-1, index]:.4g}")
        loss = surface(surface.start[: surface.parameters])
        line = f"{name:18} rates={{{', '.join(rates)}}},"
        print(f"{line:80} # {loss:.4g} -> {', '.join(ends)}", flush=True)


if __name__ == "__main__":
    main()
