"""The conformance kit: a class against a reference, a class alone, and a diagnosis against one run a time.

Run with ``python benchmarks/conformance.py``; given the folder that holds the package `descent` of an older
commit, ``assert_matches`` is timed there too. Processor time of one thread, the best of two: what wall-clock
is on an idle core.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

import descent
from descent import OptimizerSpec, testing
from descent.trajectories.descent.torch_optim import build_optimizer, complete
from descent.trajectories.diagnosis.tasks import all_tasks
from descent.trajectories.matching.match import STEPS, plain
from descent.trajectories.matching.runs import run_optimizer
from descent.trajectories.matching.tensor_runs import compare_tensors, run_layout
from descent.trajectories.regression.difference import compare_runs
from descent.trajectories.regression.tolerances import DEFAULT, epsilon, tolerance

if TYPE_CHECKING:
    from collections.abc import Callable

    from descent.trajectories.diagnosis.task import Task
    from descent.trajectories.matching.cells import Cell

MATCH = """
import time, torch
from descent import testing
options = {"lr": 0.1}
testing.match(torch.optim.Adam, torch.optim.Adam, options=options, surfaces=["beale"])
begin = time.process_time()
found = testing.match(torch.optim.Adam, torch.optim.Adam, options=options)
print(time.process_time() - begin, len(found.results))
"""


def seconds(work: Callable[[], object], times: int = 2) -> float:
    """Return the least seconds of a processor that some work takes."""
    taken = []
    for _ in range(times):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return min(taken)


def matched(folder: str) -> tuple[float, int]:
    """Return how long all cells of Adam against itself take with a package's folder, and their number."""
    environment = os.environ | {"PYTHONPATH": folder, "OMP_NUM_THREADS": "1"}
    done = [
        subprocess.run(
            [sys.executable, "-c", MATCH], env=environment, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    taken, cells = min(tuple(map(float, each.stdout.split())) for each in done)
    return taken, int(cells)


def cells_one_by_one(cells: list[Cell], options: dict[str, Any]) -> None:
    """Run Adam and its reference in each cell, and compare them, as a test for every cell would."""
    make = torch.optim.Adam
    for cell in cells:
        allowed = tolerance(DEFAULT, cell.dtype)
        if cell.shape:
            expected = run_layout(make, options, replace(cell, path="single-tensor", reload=False))
            compare_tensors(expected, run_layout(make, options, cell), cell, allowed)
        else:
            surface = descent.surfaces.get(cell.surface)
            ways = (replace(plain(cell), path="single-tensor"), cell)
            runs = [run_optimizer(make, options, surface, each, surface.start, STEPS) for each in ways]
            compare_runs(*runs, allowed, epsilon(cell.dtype))


def one_by_one(tasks: list[Task], spec: OptimizerSpec) -> None:
    """Run every case of every task by a loop of its own, as a script would."""
    for task in tasks:
        for case in range(len(task.start)):
            points = torch.tensor(task.start)
            row = points[case].clone().requires_grad_()
            optimizer = build_optimizer(spec, [row])
            for step in range(task.steps):
                whole = points.clone()
                whole[case] = row.detach()
                whole.requires_grad_()
                (slope,) = torch.autograd.grad(task.loss(whole, step)[case], whole)
                row.grad = (slope if task.handed is None else task.handed(slope, step))[case].clone()
                optimizer.step()


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    here = os.path.dirname(os.path.dirname(os.path.abspath(descent.__file__)))
    taken, cells = matched(here)
    print(f"assert_matches, Adam against itself, {cells} cells: {taken:.1f} s")
    for older in sys.argv[1:]:
        before, fewer = matched(older)
        print(f"  there {fewer} cells: {before:.1f} s; ratio {taken / before:.2f} (at most 1.5 is wanted)")
    options = {"lr": 0.1}
    kit = partial(testing.match, torch.optim.Adam, torch.optim.Adam, options=options)
    tried = [each.cell for each in kit().results if not each.skipped]
    alone, taken = seconds(lambda: cells_one_by_one(tried, options)), seconds(kit)
    print(f"  one by one, the reference too, {alone:.1f} s against {taken:.1f} s")
    print(f"  ratio: {alone / taken:.1f} times faster (at least 5 is wanted)")
    taken = seconds(lambda: testing.sound(torch.optim.Adam, options={"lr": 0.01}))
    print(f"assert_sound, Adam: {taken:.1f} s (at most 10 is wanted)")
    taken = seconds(lambda: descent.diagnose("nadam"))
    print(f"descent diagnose, NAdam beside four others: {taken:.1f} s (at most 90 is wanted)")
    batched = seconds(lambda: descent.diagnose("adam", references=[]))
    spec = complete(OptimizerSpec.parse("adam:lr=0.1"), 600)
    alone = 16 * seconds(lambda: one_by_one(list(all_tasks().values()), spec), times=1)
    print(f"Adam alone at 16 rates: at once {batched:.1f} s, one by one {alone:.0f} s (16 times one rate)")
    print(f"  ratio: {alone / batched:.0f} times faster (at least 5 is wanted)")


if __name__ == "__main__":
    main()
