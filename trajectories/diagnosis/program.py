"""All tasks, cases, rates and optimizers as one program: a gradient of everything at each step."""

from __future__ import annotations

import warnings
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import numpy as np

from .lanes import Lane
from .layouts import OWN_OPTIMIZERS, layout_of, suited
from .task import MEDIAN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import torch
    from numpy.typing import NDArray

    from ..specs.optimizer_spec import OptimizerSpec
    from .task import Task

_LOST = 1e150  # beyond it a number's square is no number


def run(
    tasks: Sequence[Task],
    specs: Sequence[OptimizerSpec],
    progress: Callable[[int, int], object] | None = None,
) -> tuple[NDArray[np.float64], dict[tuple[int, int], str]]:
    """Run every spec on every task, and judge what it reached.

    A row of one tensor holds the numbers of all tasks and cases for one spec, so that losses and gradients
    are computed once a step for all of them; the updates are those of the optimizers themselves.

    Args:
        tasks: What to run.
        specs: Completed specs, each at its rate.
        progress: Called with how many steps are done and how many there are.

    Returns:
        What is left of the height at the start, (specs, tasks), by the task's own way to judge: infinite for
        a run that was lost or raised an error, NaN where the optimizer does not take the task. And what was
        raised, by spec and task.
    """
    import torch

    with _quietly(), torch.random.fork_rng(devices=[]):
        layouts = [layout_of(spec) for spec in specs]
        shares, faults = _laid_out(tasks, specs, layouts, progress)
        # What raises an error while it moves several tasks leaves open in which: so each runs by itself.
        again = sorted({lane for lane, _ in faults if layouts[lane] != OWN_OPTIMIZERS})
        if again:
            some = [specs[lane] for lane in again]
            shares[again], found = _laid_out(tasks, some, [OWN_OPTIMIZERS] * len(some), progress)
            faults = {place: words for place, words in faults.items() if place[0] not in again}
            faults |= {(again[lane], task): words for (lane, task), words in found.items()}
    return shares, faults


def _laid_out(
    tasks: Sequence[Task],
    specs: Sequence[OptimizerSpec],
    layouts: Sequence[str],
    progress: Callable[[int, int], object] | None,
) -> tuple[NDArray[np.float64], dict[tuple[int, int], str]]:
    """Run every spec in the layout that is said."""
    import torch

    torch.manual_seed(0)
    begin = torch.cat([torch.tensor(task.start).reshape(-1) for task in tasks])
    points = begin.repeat(len(specs), 1)
    gradients = torch.zeros_like(points)
    fits = [suited(tasks, spec) for spec in specs]
    lanes = [
        Lane(spec, layout, tasks, fit, row, slope)
        for spec, layout, fit, row, slope in zip(specs, layouts, fits, points, gradients, strict=True)
    ]
    sums = _run(tasks, lanes, points, gradients, progress)
    starts = _heights(tasks, begin)
    found = [_share(task, total, start) for task, total, start in zip(tasks, sums, starts, strict=True)]
    shares = np.stack(found, axis=1)
    shares[~np.array(fits)] = np.nan
    faults = {(k, task): words for k, lane in enumerate(lanes) for task, words in lane.faults.items()}
    for place in faults:
        shares[place] = np.inf
    return shares, faults


def _run(
    tasks: Sequence[Task],
    lanes: Sequence[Lane],
    points: torch.Tensor,
    gradients: torch.Tensor,
    progress: Callable[[int, int], object] | None,
) -> list[NDArray[np.float64]]:
    """Make all steps, and return for each task the mean of the heights that are judged, (specs, cases)."""
    import torch

    parts, handed = _views(tasks, points), _views(tasks, gradients)
    late: list[list[torch.Tensor]] = [[] for _ in tasks]
    sums = [np.zeros(part.shape[:2]) for part in parts]
    last = max(task.steps for task in tasks)
    for step in range(last):
        running = [step < task.steps for task in tasks]
        active = [k for k, task in enumerate(tasks) if step < task.steps]
        with torch.enable_grad():
            leaves = [parts[k].detach().requires_grad_() for k in active]
            losses = [tasks[k].loss(leaf, step).sum() for k, leaf in zip(active, leaves, strict=True)]
            slopes = torch.autograd.grad(torch.stack(losses).sum(), leaves)
        gradients.zero_()
        for k, slope in zip(active, slopes, strict=True):
            given = slope if tasks[k].handed is None else tasks[k].handed(slope, step)  # type: ignore[misc]
            if tasks[k].lag:
                late[k].append(given)
                given = late[k][0] if len(late[k]) <= tasks[k].lag else late[k].pop(0)
            # What is lost stays where it is, and is judged there; next to it nothing is disturbed.
            lost = ~(given.isfinite() & (parts[k].abs() < _LOST)).all(-1, keepdim=True)
            handed[k].copy_(torch.where(lost, 0.0, given))
        for lane in lanes:
            lane.step(running)
        judged = [k for k in active if step + 1 >= tasks[k].first_judged]
        if judged:
            with ExitStack() as stack:
                for lane in lanes:
                    stack.enter_context(lane.judged())
                for k in judged:
                    count = tasks[k].steps - tasks[k].first_judged + 1
                    sums[k] += _judge(tasks[k], parts[k], step + 1) / count
        if progress is not None:
            progress(step + 1, last)
    return sums


def _judge(task: Task, points: torch.Tensor, step: int) -> NDArray[np.float64]:
    import torch

    with torch.no_grad():
        found = task.heights(points, step)
        found = torch.where(points.isfinite().all(-1) & found.isfinite(), found, torch.inf)
    return np.asarray(found.numpy())


def _views(tasks: Sequence[Task], rows: torch.Tensor) -> list[torch.Tensor]:
    """Return each task's part of the rows, (specs, cases, numbers), on the same memory."""
    found, first = [], 0
    for task in tasks:
        found.append(rows[:, first : first + task.start.size].view(-1, *task.start.shape))
        first += task.start.size
    return found


def _heights(tasks: Sequence[Task], begin: torch.Tensor) -> list[NDArray[np.float64]]:
    return [_judge(task, part, 0) for task, part in zip(tasks, _views(tasks, begin[None]), strict=True)]


def _share(task: Task, total: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = total / start
    if task.over == MEDIAN:  # the lower one of an even number, so that no middle is invented
        return np.asarray(np.sort(shares, axis=1)[:, (shares.shape[1] - 1) // 2])
    return np.asarray(shares.max(axis=1))


@contextmanager
def _quietly() -> Iterator[None]:
    """Compute on one core, and hold back what strangers' classes warn of at every step."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_num_threads(before)
