"""The table of tasks: what each says of itself is so, and marks come from formulas that runs confirm."""

import numpy as np
import pytest
import torch

from descent import DescentError
from descent.trajectories.diagnosis.task import KINDS, of_gradient_descent
from descent.trajectories.diagnosis.tasks import all_tasks, as_markdown, chosen

TASKS = all_tasks()


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_whole(name):
    task = TASKS[name]
    assert task.kind in KINDS
    assert all((task.words, task.source, task.why))
    assert 0 < task.mark < 1
    assert sum(int(np.prod(shape)) for shape in task.tensors) == task.start.shape[1]
    points = torch.tensor(task.start).requires_grad_()
    assert bool((task.heights(points, 0) > 0).all())
    (slope,) = torch.autograd.grad(task.loss(points, 0).sum(), points)
    assert slope.isfinite().all()
    assert slope.abs().sum() > 0


def test_there_are_tasks_of_every_kind():
    assert len(TASKS) >= 20
    assert {task.kind for task in TASKS.values()} == set(KINDS)


def test_the_table_names_them_all():
    lines = as_markdown().splitlines()
    assert len(lines) == len(TASKS) + 2
    assert {line.count("|") - line.count("\\|") for line in lines} == {8}


def best_by_running(curvatures, start, steps, noise=0.0, seeds=1):
    best = np.inf
    for rate in np.linspace(1e-3, 2, 400, endpoint=False) / curvatures.max():
        points = np.tile(start, (seeds, 1))
        draws = np.random.default_rng(0).standard_normal((steps, seeds, len(start)))
        for step in range(steps):
            points = points - rate * (curvatures * points + noise * draws[step])
        best = min(best, float((curvatures * points**2).sum(axis=1).mean()))
    return best / float((curvatures * start**2).sum())


def test_gradient_descent_by_formula_is_gradient_descent_by_steps():
    curvatures = np.geomspace(0.02, 1, 5)
    start = 1 / np.sqrt(curvatures)
    assert of_gradient_descent(curvatures, 60) == pytest.approx(
        best_by_running(curvatures, start, 60), rel=0.06
    )


def test_so_it_is_with_noise():
    curvatures, start = np.geomspace(0.1, 1, 4), np.full(4, 3.0)
    found = of_gradient_descent(curvatures, 80, noise=1.0, distances=start)
    assert found == pytest.approx(best_by_running(curvatures, start, 80, noise=1.0, seeds=200), rel=0.1)


def test_a_name_that_no_task_has():
    with pytest.raises(DescentError, match="unknown task 'ravine 99'; did you mean 'ravine"):
        chosen(["ravine 99"])
    with pytest.raises(DescentError, match="no task is named; there are bowl"):
        chosen([])
