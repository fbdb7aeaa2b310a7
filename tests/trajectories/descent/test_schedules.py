"""Schedules: the rates that each step used, against torch's schedulers driven by hand."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler as lrs
from torch.optim.swa_utils import SWALR

from descent import DescentError
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.descent.torch_optim import complete
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.specs.tables import SCHEDULES

STEPS = 40
SPHERE = get("sphere")
START = (3.0, -2.0)


def halve(step):
    return 0.5**step


def slower(step):
    return 0.9


HERE = __name__


@pytest.fixture(autouse=True)
def this_module_can_be_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "schedule_functions", sys.modules[__name__])


# Spec after the @, and the scheduler that it stands for.
SINGLE = {
    "step:step_size=4,gamma=0.1": lambda o: lrs.StepLR(o, step_size=4, gamma=0.1),
    "multistep:milestones=10/20,gamma=0.5": lambda o: lrs.MultiStepLR(o, [10, 20], gamma=0.5),
    "multistep:milestones=10": lambda o: lrs.MultiStepLR(o, [10]),
    "exponential:gamma=0.95": lambda o: lrs.ExponentialLR(o, gamma=0.95),
    "cosine": lambda o: lrs.CosineAnnealingLR(o, T_max=STEPS),
    "cosine:t_max=10,eta_min=0.01": lambda o: lrs.CosineAnnealingLR(o, T_max=10, eta_min=0.01),
    "warm_restarts:T_0=5,T_mult=2": lambda o: lrs.CosineAnnealingWarmRestarts(o, T_0=5, T_mult=2),
    "onecycle": lambda o: lrs.OneCycleLR(o, max_lr=0.1, total_steps=STEPS),
    "onecycle:max_lr=0.5,pct_start=0.5,total_steps=50": lambda o: lrs.OneCycleLR(
        o, max_lr=0.5, pct_start=0.5, total_steps=50
    ),
    "onecycle:epochs=5,steps_per_epoch=10": lambda o: lrs.OneCycleLR(
        o, max_lr=0.1, epochs=5, steps_per_epoch=10
    ),
    "cyclic:base_lr=0.01,max_lr=0.1,step_size_up=5": lambda o: lrs.CyclicLR(o, 0.01, 0.1, step_size_up=5),
    "cyclic:base_lr=0.01,max_lr=0.1,step_size_up=5,scale_fn=schedule_functions:slower": lambda o: (
        lrs.CyclicLR(o, 0.01, 0.1, step_size_up=5, scale_fn=slower)
    ),
    "plateau:patience=1,factor=0.5,threshold=0.5": lambda o: lrs.ReduceLROnPlateau(
        o, patience=1, factor=0.5, threshold=0.5
    ),
    "linear:total_iters=10": lambda o: lrs.LinearLR(o, total_iters=10),
    "constant:factor=0.1,total_iters=7": lambda o: lrs.ConstantLR(o, factor=0.1, total_iters=7),
    "polynomial:total_iters=30,power=2": lambda o: lrs.PolynomialLR(o, total_iters=30, power=2),
    "swa:swa_lr=0.02,anneal_epochs=5,anneal_strategy=linear": lambda o: SWALR(
        o, swa_lr=0.02, anneal_epochs=5, anneal_strategy="linear"
    ),
    "lambda:lr_lambda=schedule_functions:halve": lambda o: lrs.LambdaLR(o, halve),
    "multiplicative:lr_lambda=schedule_functions:slower": lambda o: lrs.MultiplicativeLR(o, slower),
}


def by_hand(schedule, momentum=0.9):
    """Drive a scheduler of torch over a plain loop; return the rates that the steps used, and the points."""
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=momentum)
    scheduler = schedule(optimizer)
    rates, points = [], []
    for _ in range(STEPS):
        points.append(w.detach().clone())
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.zero_grad()
        loss = SPHERE(w)
        loss.backward()
        optimizer.step()
        if isinstance(scheduler, lrs.ReduceLROnPlateau):
            scheduler.step(loss.detach())
        else:
            scheduler.step()
    return np.array(rates), torch.stack([*points, w.detach()]).numpy()


def assert_same(text, schedule):
    trajectory = descend(SPHERE, f"sgd:lr=0.1,momentum=0.9@{text}", START, STEPS)
    rates, points = by_hand(schedule)
    np.testing.assert_array_equal(trajectory.learning_rates, rates)
    np.testing.assert_array_equal(trajectory.points, points)
    return rates


@pytest.mark.parametrize("text", SINGLE)
def test_each_schedule_is_that_of_torch(text):
    rates = assert_same(text, SINGLE[text])
    assert len(set(rates)) > 1


def test_every_schedule_is_tested():
    assert {OptimizerSpec.parse(f"sgd@{text}").schedules[0].name for text in SINGLE} == set(SCHEDULES)


def test_the_rates_of_a_step_schedule():
    trajectory = descend(SPHERE, "sgd:lr=100@step:step_size=4,gamma=0.1", (1.0, 1.0), 12)
    after_each_step = trajectory.learning_rates[
        1:
    ]  # the rate of step k+1 is the one that scheduler step k set
    np.testing.assert_allclose(after_each_step, [100] * 3 + [10] * 4 + [1] * 4, rtol=1e-12)
    assert trajectory.learning_rates[0] == 100


def test_several_schedules_are_chained():
    assert_same(
        "linear:total_iters=5@exponential:gamma=0.9@step:step_size=10",
        lambda o: lrs.ChainedScheduler(
            [lrs.LinearLR(o, total_iters=5), lrs.ExponentialLR(o, gamma=0.9), lrs.StepLR(o, step_size=10)]
        ),
    )


def test_a_plateau_can_be_chained():
    alone = descend(SPHERE, "sgd:lr=0.1@exponential:gamma=0.9", START, STEPS)
    both = descend(SPHERE, "sgd:lr=0.1@exponential:gamma=0.9@plateau:patience=0,threshold=0.9", START, STEPS)
    assert both.learning_rates[-1] < alone.learning_rates[-1]


@pytest.mark.filterwarnings("ignore:The epoch parameter")  # of an older SequentialLR at itself
def test_schedules_take_turns():
    rates = assert_same(
        "linear:total_iters=5@step:step_size=4,gamma=0.5,after=5@exponential:gamma=0.9,after=20",
        lambda o: lrs.SequentialLR(
            o,
            [
                lrs.LinearLR(o, total_iters=5),
                lrs.StepLR(o, step_size=4, gamma=0.5),
                lrs.ExponentialLR(o, gamma=0.9),
            ],
            milestones=[5, 20],
        ),
    )
    assert rates[5] == rates[20] == 0.1  # each begins from the optimizer's own rate


def test_schedules_that_depend_on_the_run_are_made_explicit():
    texts = {
        "sgd@cosine": "sgd:lr=0.001@cosine:T_max=200",
        "sgd:lr=1@cosine:eta_min=0.1": "sgd:lr=1@cosine:T_max=200,eta_min=0.1",
        "sgd:lr=1@linear@cosine:after=50": "sgd:lr=1@linear@cosine:T_max=150,after=50",
        "adam:lr=0.5@onecycle": "adam:lr=0.5@onecycle:max_lr=0.5,total_steps=200",
        "sgd:lr=1@onecycle:total_steps=9": "sgd:lr=1@onecycle:max_lr=1,total_steps=9",
        "sgd:LR=1,Momentum=0.5": "sgd:lr=1,momentum=0.5",
        "sgd:lr=1@warm-restarts:t_0=5,t_MULT=2": "sgd:lr=1@warm_restarts:T_0=5,T_mult=2",
        "lbfgs": "lbfgs:lr=1",
    }
    for text, completed in texts.items():
        spec = complete(OptimizerSpec.parse(text), 200)
        assert str(spec) == completed
        assert complete(spec, 999) == spec


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("text", ["cosine", "warm_restarts:T_0=1", "linear@cosine:after=2"])
def test_short_runs(text, steps):
    trajectory = descend(SPHERE, f"sgd:lr=0.1@{text}", START, steps)
    assert np.isfinite(trajectory.learning_rates).all()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sgd:lr=1@step", "step needs the option step_size: a whole number, as in step_size=10"),
        (
            "sgd:lr=1@step:step_size=0",
            "option step_size of step takes a whole number of at least 1, as in step_size=10, not '0'",
        ),
        ("sgd:lr=1@step:step_sise=4", "step has no option 'step_sise'; did you mean 'step_size'?"),
        ("sgd:lr=1@step:step_size=4,last_epoch=2", "step has no option 'last_epoch'"),
        (
            "sgd:lr=1@exponential:gamma=fast",
            "option gamma of exponential takes a number, as in gamma=0.1, not 'fast'",
        ),
        ("sgd:lr=1@onecycle:total_steps=3", "OneCycleLR cannot run like this"),
        ("adagrad:lr=1@cyclic:base_lr=0.1,max_lr=1", "momentum"),
        (
            "sgd:lr=1@lambda:lr_lambda=halve",
            "takes a function as package.module:function, as in lr_lambda=math:exp, not 'halve'",
        ),
        ("sgd:lr=1@lambda:lr_lambda=schedule_functions:half", "did you mean 'halve'?"),
        ("sgd:lr=1@lambda:lr_lambda=schedule_functions:STEPS", "must name a function"),
        ("sgd:lr=1@lambda:lr_lambda=no_such_module:f", "cannot import 'no_such_module' for lr_lambda"),
        ("sgd:lr=1@lambda", "lr_lambda"),
        ("sgd:lr=1@no_such_module.Schedule", "cannot import 'no_such_module'"),
        ("sgd:lr=1@schedule_functions.halve", "is not a class"),
        ("sgd:lr=1@builtins.int", "does not derive from LRScheduler"),
        ("sgd:beta=1", "sgd has no option 'beta'"),
        ("adam:beta=0.5/0.9", "adam has no option 'beta'; did you mean 'betas'? It takes lr, betas, eps, "),
        ("sgd:params=1", "sgd has no option 'params'"),
        ("sgd:lr=1,LR=2", "given twice"),
        ("adam:betas=0.5/1.5", "adam cannot run like this: Invalid beta parameter at index 1: 1.5"),
        ("sgd:nesterov=true", "Nesterov momentum requires a momentum"),
        ("sgd:momentum=fast", "option momentum of sgd takes a number, as in momentum=0, not 'fast'"),
        (
            "adam:betas=0.5",
            "option betas of adam takes two numbers with / between them, as in betas=0.9/0.999",
        ),
        ("no_such_module.Adam", "cannot import 'no_such_module' for optimizer 'no_such_module.Adam'"),
        ("torch.nn.Adam", "module 'torch.nn' has no 'Adam' for optimizer 'torch.nn.Adam'"),
        ("torch.nn.Linear", "does not derive from torch.optim.Optimizer"),
    ],
)
def test_bad_options_are_met_with_one_sentence(text, sentence):
    with pytest.raises(DescentError) as caught:
        descend(SPHERE, text, START, STEPS)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_class_that_this_torch_lacks(monkeypatch):
    monkeypatch.delattr(torch.optim, "Muon", raising=False)
    with pytest.raises(DescentError, match="has no Muon; a newer torch has"):
        descend(SPHERE, "muon:lr=1", START, 3)
