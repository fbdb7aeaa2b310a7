"""Cells of the table that are run by one optimizer together, each with parameters of its own.

A class whose parameters are independent of each other goes in every cell where it would go alone, and most of
the time of a cell is what a step costs however few numbers there are. So cells that differ only in surface,
precision, groups and schedule share an optimizer. It is a short cut to "matches" only: where a cell differs,
or something is raised, it is run alone, and what it does alone is what counts, see `matching`.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..descent.noise import repeatable
from ..descent.rate_rows import rates_of
from ..descent.torch_optim import complete, rate_of
from ..optimizers.faces import for_training
from ..optimizers.surprises import MOMENTA
from ..results.trajectory import Trajectory, judge
from ..specs.optimizer_spec import OptimizerSpec, ScheduleSpec
from .cells import arguments_of
from .runs import initial_rate, parameters_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import torch
    from torch.optim import Optimizer

    from ...surfaces.surface import Surface
    from .cells import Cell

_APART = {*MOMENTA, "plateau"}  # schedules that move more than the rate, or look at the loss of one run


def shares(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Return the cells that can be run together: alike in path, closure and reloading.

    >>> from descent.trajectories.matching.cells import table
    >>> cells = table(["beale"], ["float64"], ["foreach"], [1, 2], [""], [False, True], [False])
    >>> [[str(cell) for cell in each] for each in shares(cells)][0]
    ['beale, float64, foreach', 'beale, float64, foreach, 2 groups']
    """
    found: dict[Cell, list[Cell]] = {}
    for cell in cells:
        if not cell.schedule or ScheduleSpec.parse(cell.schedule).name not in _APART:
            alike = replace(cell, surface="", dtype="", groups=1, schedule="")
            found.setdefault(alike, []).append(cell)
    return [each for each in found.values() if len(each) > 1]


def run_together(
    make: Callable[..., Optimizer],
    options: Mapping[str, Any],
    surface_of: Callable[[str], Surface],
    cells: Sequence[Cell],
    steps: int,
) -> dict[Cell, Trajectory]:
    """Run one optimizer on the parameters of several cells at once, and return where it went in each.

    A group of the optimizer holds what has the same rate at every step. Schedules act on a plain SGD of the
    same rates, from which the groups take them, as a schedule of torch moves all groups of an optimizer.

    Args:
        make: The optimizer's class, or what makes one from parameters and options.
        options: Its options by name.
        surface_of: Returns the surface of a spec.
        cells: Cells of one element of `shares`.
        steps: How many updates are made.

    Raises:
        Exception: Whatever the optimizer raises; ValueError where it has no rate that is a number.
    """
    import torch

    first = cells[0]
    options = {**options, **arguments_of(first.path, make)}
    rate = initial_rate(make, options)
    if rate is None:
        raise ValueError("no rate to share")
    surfaces = {cell.surface: surface_of(cell.surface) for cell in cells}
    work = _Shared(cells, surfaces)
    with torch.enable_grad(), repeatable(0, torch.device("cpu")):
        optimizer = make(work.groups(rate), **options)
        for_training(optimizer)
        rates = {name: _rates(name, rate, steps) for name in {cell.schedule for cell in cells}}
        made: dict[str, list[float]] = {name: [] for name in rates}
        for k in range(steps + 1):
            if first.reload and k == steps // 2:
                saved = copy.deepcopy(optimizer.state_dict())
                work.renew()
                optimizer = make(work.groups(rate), **options)
                for_training(optimizer)
                optimizer.load_state_dict(saved)
            closed = first.closure and k < steps  # then the closure evaluates, and once is enough
            if not closed:
                work.evaluate(optimizer)
            if k == steps:
                break
            for group, (schedule, share) in zip(optimizer.param_groups, work.kinds, strict=True):
                if schedule:
                    group["lr"] = rates[schedule][k][share - 1]
                if share == 1:
                    made[schedule].append(rate_of(group))
            if closed:
                optimizer.zero_grad()
                step: Any = optimizer.step
                step(partial(work.evaluate, optimizer))
            else:
                optimizer.step()
            work.note()
        work.note()
    return work.trajectories(getattr(make, "__name__", type(make).__name__), made)


@lru_cache(maxsize=64)
def _rates(schedule: str, rate: float, steps: int) -> list[tuple[float, float]]:
    """Return the whole rate and half of it at each step."""
    said = (ScheduleSpec.parse(schedule),) if schedule else ()
    both = (OptimizerSpec("sgd", (("lr", each),), said) for each in (rate, rate / 2))
    whole, half = (rates_of(complete(spec, steps), steps) for spec in both)
    return list(zip(whole, half, strict=True))


class _Shared:
    """The parameters of several cells, and what is written down about them."""

    def __init__(self, cells: Sequence[Cell], surfaces: Mapping[str, Surface]) -> None:
        self.cells, self.surfaces = cells, surfaces
        self.parts: dict[Cell, list[torch.Tensor]] = {}
        for cell in cells:
            surface = surfaces[cell.surface]
            self.parts[cell] = parameters_of(surface.start, surface, cell)
        self.alike: dict[tuple[str, str], list[Cell]] = {}  # what is evaluated at once
        for cell in cells:
            self.alike.setdefault((cell.surface, cell.dtype), []).append(cell)
        # A group each: a schedule, and whether it has the whole rate (1) or half of it (2).
        self.kinds = sorted({(cell.schedule, n + 1) for cell in cells for n in range(len(self.parts[cell]))})
        self.seen: tuple[list[torch.Tensor], ...] = ()  # points, losses, gradients: what a step saw first
        self.notes: list[tuple[list[torch.Tensor], ...]] = []  # those of every step; each an entry of `alike`

    def groups(self, rate: float) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for schedule, share in self.kinds:
            members = [
                self.parts[cell][share - 1]
                for cell in self.cells
                if cell.schedule == schedule and len(self.parts[cell]) >= share
            ]
            found.append({"params": members} | ({} if share == 1 else {"lr": rate / 2}))
        return found

    def renew(self) -> None:
        """Replace every parameter by a new one at the same place."""
        self.parts = {
            cell: [each.detach().clone().requires_grad_() for each in parts]
            for cell, parts in self.parts.items()
        }

    def evaluate(self, optimizer: Optimizer) -> torch.Tensor:
        """Set the gradients of all parameters, and return the sum of the losses."""
        import torch

        with torch.enable_grad():
            optimizer.zero_grad()
            # By rows, and handed out: over many small parameters autograd takes longer than the losses.
            parts = [[part for cell in cells for part in self.parts[cell]] for cells in self.alike.values()]
            with torch.no_grad():
                points = [torch.cat(some).requires_grad_() for some in parts]
            losses = [
                self.surfaces[surface](each.view(len(cells), -1))
                for each, ((surface, _), cells) in zip(points, self.alike.items(), strict=True)
            ]
            slopes = torch.autograd.grad(losses, points, [torch.ones_like(each) for each in losses])
        if not self.seen:
            self.seen = points, losses, [each.clone() for each in slopes]
        for some, slope in zip(parts, slopes, strict=True):
            for part, own in zip(some, torch.split(slope, [each.numel() for each in some]), strict=True):
                part.grad = own
        return torch.stack([each.detach().double().sum() for each in losses]).sum()

    def note(self) -> None:
        """Write down what the step saw.

        Raises:
            ValueError: It called no closure.
        """
        if not self.seen:
            raise ValueError("the closure was not called")
        self.notes.append(self.seen)
        self.seen = ()

    def trajectories(self, name: str, rates: Mapping[str, list[float]]) -> dict[Cell, Trajectory]:
        """Return what was written down, cell by cell."""
        import torch

        found = {}
        for number, ((spec, _), cells) in enumerate(self.alike.items()):
            surface = self.surfaces[spec]
            points, losses, gradients = (
                torch.stack([each[kind][number].detach() for each in self.notes])
                .double()
                .numpy()
                .reshape(len(self.notes), len(cells), -1)
                for kind in range(3)
            )
            for k, cell in enumerate(cells):
                where, slope = (
                    np.pad(each[:, k], ((0, 0), (0, 2 - surface.parameters))) for each in (points, gradients)
                )
                loss = losses[:, k, 0].copy()
                outcome = judge(where, loss, slope, surface.view)
                made = np.array(rates[cell.schedule])
                found[cell] = Trajectory(name, where, loss, slope, made, outcome, len(loss))
        return found
