"""The project's own golden set: surfaces x optimizers x schedules, checked with the project's own fixture."""

from pathlib import Path

import pytest

import descent
from descent.trajectories.regression.difference import compare
from descent.trajectories.regression.tolerances import tolerance

SURFACES = {
    "beale": "beale",
    "himmelblau": "himmelblau",
    "ravine": "quadratic:condition=20",
    "rosenbrock": "rosenbrock",
}
SCHEDULES = {
    "none": "",
    "step": "@step:step_size=8,gamma=0.5",
    "cosine": "@linear:total_iters=5@cosine:after=5",
}
OPTIMIZERS = (
    "sgd:lr=0.0005",
    "sgd:lr=0.0005,momentum=0.9,dampening=0.1",
    "sgd:lr=0.0005,momentum=0.9,nesterov=true,weight_decay=0.01",
    "adam:lr=0.05",
    "adam:lr=0.05,amsgrad=true,weight_decay=0.01",
    "adamw:lr=0.05",
    "adamax:lr=0.05",
    "nadam:lr=0.05",
    "radam:lr=0.0005",  # its first steps are plain momentum: a larger rate throws it about
    "adagrad:lr=0.1",
    "adadelta:lr=1",
    "rmsprop:lr=0.01",
    "rmsprop:lr=0.01,centered=true,momentum=0.5",
    "rprop:lr=0.01",
    "asgd:lr=0.0005",
    "lbfgs:lr=0.1,max_iter=2",
)
HERE = Path(__file__).with_suffix("")


def record(surface, schedule, **options):
    specs = [f"{spec}{SCHEDULES[schedule]}" for spec in OPTIMIZERS]
    return descent.record(SURFACES[surface], specs, steps=30, resolution=(16, 16), **options)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("surface", SURFACES)
def test_path(trajectory_regression, surface, schedule):
    # Written on one processor and checked on others: the numbers are float64 everywhere, and only the order
    # and the last digit of operations may differ.
    trajectory_regression.check(record(surface, schedule), preset="same-dtype")


@pytest.mark.parametrize("surface", SURFACES)
def test_the_goldens_are_calm(surface):
    """A start that is off by a few epsilon stays within what another processor is allowed."""
    calm = record(surface, "none")
    x, y = calm.recipe.start
    moved = record(surface, "none", start=(x * (1 + 1e-15), y * (1 - 1e-15)), view=calm.view)
    for run in compare(calm, moved, tolerance("same-dtype")).runs:
        assert run.same, run


def test_the_set_is_small_and_whole():
    files = sorted(HERE.glob("*.npz"))
    assert len(files) == len(SURFACES) * len(SCHEDULES)
    assert sum(file.stat().st_size for file in files) < 1_000_000
