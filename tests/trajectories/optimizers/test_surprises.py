"""A run that meets what surprises people about torch.optim is told so; a plain run is told nothing."""

import numpy as np
import pytest

import descent
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.optimizers.surprises import surprises
from descent.trajectories.specs.tables import OPTIMIZERS

# A run on a surface, and all that is said of it.
MET = {
    "sphere sgd:lr=0.1@onecycle": (
        "its first rate is 0.004, not 0.1, because of OneCycleLR",
        "OneCycleLR moves its momentum too, between 0.85 and 0.95 (cycle_momentum=false does not)",
    ),
    "sphere adam:lr=0.1@cyclic:base_lr=0.01,max_lr=0.1,max_momentum=0.95": (
        "its first rate is 0.01, not 0.1, because of CyclicLR",
        "CyclicLR moves its momentum too, between 0.8 and 0.95 (cycle_momentum=false does not)",
    ),
    "sphere sgd:lr=0.1@onecycle:cycle_momentum=false,div_factor=1": (),
    "sphere adagrad:lr=0.1@onecycle:cycle_momentum=false,div_factor=1": (),
    "sphere sgd:lr=0.03@linear": ("its first rate is 0.01, not 0.03, because of LinearLR",),
    "sphere sgd:lr=0.03@constant": ("its first rate is 0.01, not 0.03, because of ConstantLR",),
    "sphere sgd:lr=0.03@linear@cosine:after=5": (
        "its first rate is 0.01, not 0.03, because of the first of its schedules",
    ),
    "sphere sgd:lr=0.1@cosine": (),
    "sphere sgd:lr=0.1@cosine:T_max=10": ("its rate rises again after step 10, the T_max of its cosine",),
    "sphere sgd:lr=0.03@step:step_size=5@cosine:T_max=10,after=10": (
        "its rate rises again after step 20, the T_max of its cosine",
    ),
    "sphere sgd:lr=0.1@polynomial": ("its rate is 0 from step 5 on",),
    "sphere sgd:lr=0.1@polynomial:total_iters=29": (),
    "sphere sgd:lr=0.1@exponential:gamma=0.9": (),
    "styblinski_tang sgd:lr=0.001@plateau": (
        "below a loss of 0, ReduceLROnPlateau takes a slightly worse one as better (threshold_mode=abs "
        "does not)",
    ),
    "styblinski_tang sgd:lr=0.001@plateau:threshold_mode=abs": (),
    "sphere sgd:lr=0.01@plateau": (),
    "sphere rprop:lr=0.1@step:step_size=5": (
        "it takes only its first rate, 0.1; StepLR changes nothing after that",
    ),
    "sphere rprop:lr=0.1": (),
    "sphere asgd:lr=0.1@step:step_size=5": ("it follows StepLR one step late",),
    "sphere asgd:lr=0.1,foreach=true": ("with foreach it is rounded otherwise, from the eighth digit on",),
    "sphere adam:lr=0.1,weight_decay=0.1": (
        "its weight decay is a part of the gradient and scaled like it; that of AdamW is not",
    ),
    "sphere nadam:lr=0.1,weight_decay=0.1,decoupled_weight_decay=true": (),
    "sphere adamw:lr=0.3": ("torch's default weight_decay=0.01 alone takes 9% off its weights here",),
    "sphere adamw:lr=0.3,weight_decay=0.01": (),
    "sphere adamw:lr=0.01": (),
    "sphere sgd:lr=0.1,momentum=0.9,dampening=0.75": (
        "its dampening spares the first gradient, which counts 4 times",
    ),
    "sphere radam:lr=0.1": (),
    "rosenbrock radam:lr=0.001": (
        "its first 5 steps are not scaled by the squared mean: up to 0.216 long at lr 0.001",
    ),
    "rosenbrock lbfgs:line_search_fn=strong_wolfe,max_iter=1": (
        "it stands still from step 0 on, where the gradient is 233: its line search ends after max_eval=1 "
        "evaluations (give a larger one)",
    ),
    "rosenbrock lbfgs:line_search_fn=strong_wolfe,max_iter=1,max_eval=25": (),
    "beale lbfgs:line_search_fn=strong_wolfe,max_iter=1": (),
    "sphere adafactor:lr=0.5": ("its rate is at most 1/sqrt(step), at the end 0.183 and not 0.5",),
    "sphere adafactor:lr=0.1": (),
    "sphere muon:lr=0.001": ("its updates are made orthogonal in bfloat16, of two to three digits",),
}


@pytest.mark.parametrize("run", MET)
def test_a_run_is_told_what_it_meets_and_nothing_else(run):
    name, spec = run.split()
    surface = get(name)
    assert descend(surface, spec, surface.start, 30).facts == MET[run]


@pytest.mark.parametrize("name", sorted(OPTIMIZERS.keys() - {"muon"}))
def test_a_plain_run_is_told_nothing(name):
    sphere = get("sphere")
    assert descend(sphere, name, sphere.start, 30).facts == ()


def test_runs_in_one_tensor_are_told_the_same():
    recording = descent.record("sphere", ["sgd:lr=0.1@polynomial", "sgd:lr=0.2@polynomial"], steps=30)
    assert [run.facts for run in recording.trajectories] == 2 * [("its rate is 0 from step 5 on",)]


def test_schedules_of_networks_are_counted_in_epochs():
    specs = ["sgd:lr=0.1@cosine:T_max=2", "sgd:lr=0.1@cosine", "adam:lr=0.01,weight_decay=0.1"]
    options = {"data": "line", "epochs": 4, "batch_size": 32, "resolution": (9, 9)}
    recording = descent.record("linear", specs, **options)
    assert [run.facts for run in recording.trajectories] == [
        ("its rate rises again after epoch 2, the T_max of its cosine",),
        (),
        ("its weight decay is a part of the gradient and scaled like it; that of AdamW is not",),
    ]


def test_table_and_fine_print_say_it():
    from descent.trajectories.reports.runs import as_table
    from descent.viz.scenes.scene import compose
    from descent.viz.words.surface_notes import surface_notes

    recording = descent.record("sphere", ["sgd:lr=0.1@polynomial", "sgd:lr=0.1"], steps=30)
    assert as_table(recording).splitlines()[-1] == "SGD: its rate is 0 from step 5 on"
    notes = [words for _, words in surface_notes(compose(recording), to_scale=True)]
    assert "SGD: its rate is 0 from step 5 on" in notes


def test_a_run_that_is_lost_is_told_what_it_met():
    from descent.trajectories.specs.optimizer_spec import OptimizerSpec

    points = np.array([[1.0, 1.5], [5.0, 1.0], [np.nan, np.nan]])
    spec = OptimizerSpec.parse("radam:lr=0.1")
    (said,) = surprises(spec, points[:, 0], np.full(2, 0.1), points, points)
    assert said == "its first 2 steps are not scaled by the squared mean: up to 4 long at lr 0.1"
