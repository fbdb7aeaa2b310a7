"""Many rates at once equal single runs, or are not run at once."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import descent.trajectories.descent.rate_rows as rate_rows
from descent.surfaces import get
from descent.trajectories.descent.batch import choose_methods
from descent.trajectories.descent.loop import descend
from descent.trajectories.descent.rate_rows import BOUNDS, Setting, descend_rates, prove
from descent.trajectories.descent.torch_optim import complete
from descent.trajectories.experiments.sweep import sweep
from descent.trajectories.reports.sweep import as_json, as_table
from descent.trajectories.results.recipe import BATCHED, BY_DIRECTION, ONE_BY_ONE
from descent.trajectories.specs.optimizer_spec import as_spec
from descent.trajectories.specs.tables import OPTIMIZERS

BEALE = get("beale")
STEPS = 30
SETTING = Setting(BEALE, BEALE.start, STEPS, range(1), 0.0, "cpu", "float64")
RATES = tuple(np.geomspace(1e-5, 0.5, 100).tolist())
SEEN = RATES[7::25]  # others than those that are tried first
FAST = [
    *("sgd", "sgd:momentum=0.9,nesterov=true,weight_decay=0.01", "sgd:maximize=true,weight_decay=0.1"),
    *("adam", "adam:amsgrad=true", "adam:weight_decay=0.1", "adam:weight_decay=0.1,maximize=true"),
    *("adamw", "adamw:maximize=true", "adamax:weight_decay=0.1", "radam", "nadam", "rmsprop", "adagrad"),
    *("adadelta:weight_decay=0.1", "rmsprop:centered=true,momentum=0.5", "adagrad:lr_decay=0.1"),
    *("nadam:weight_decay=0.1,decoupled_weight_decay=true", "adam@cosine", "adam@onecycle"),
    *("sgd:accumulate=2", "adam:zero_grad=false", "adam@step:step_size=7@exponential:gamma=0.9"),
]
SLOW = ["rprop", "asgd", "adam:capturable=true", "adam@cosine:eta_min=0.001", "adam@swa:swa_lr=0.01"]


@pytest.fixture(autouse=True)
def _little(monkeypatch):
    monkeypatch.setattr(rate_rows, "MANY", 1000)


class Odd(torch.optim.Optimizer):
    """Moves by its rate, or by a power of it, along the gradient; for a class no table names."""

    def __init__(self, params, lr=0.1, power=1.0, late=False):
        super().__init__(params, {"lr": lr, "power": power, "late": late})
        self.steps = 0

    def step(self):
        self.steps += 1
        for group in self.param_groups:
            power = 1.0 if group["late"] and self.steps < 30 else group["power"]
            for one in group["params"]:
                one.data.add_(one.grad, alpha=-(group["lr"] ** power))


class Pulled(Odd):
    """Looks at where its parameter is."""

    def step(self):
        for group in self.param_groups:
            for one in group["params"]:
                one.data.add_(one.grad + one.data.tanh(), alpha=-group["lr"])


def _assert_as_alone(spec, proof, setting=SETTING):
    paths = descend_rates(proof, SEEN, setting)
    for row, rate in enumerate(SEEN):
        full = complete(as_spec(spec).with_lr(rate), setting.steps)
        for place, seed in enumerate(setting.seeds):
            options = {"noise": setting.noise, "dtype": setting.dtype, "seed": seed}
            run = descend(setting.surface, full, setting.start, setting.steps, **options)
            points, losses = paths.points[row, place], paths.losses[row, place]
            np.testing.assert_array_equal(np.isfinite(points), np.isfinite(run.points))
            np.testing.assert_array_equal(np.isfinite(losses), np.isfinite(run.losses))
            np.testing.assert_array_equal(paths.finite[row, place], np.isfinite(run.gradients).all(axis=1))
            finite = np.isfinite(run.points).all(axis=1)
            size = np.maximum.accumulate(np.abs(run.points[finite]).max(axis=1))
            apart = np.abs(points[finite] - run.points[finite]).max(axis=1) / size
            assert apart.max() <= 10 * BOUNDS[setting.dtype]


@pytest.mark.parametrize("spec", FAST)
def test_what_is_run_at_once_is_as_single_runs(spec):
    proof = prove(as_spec(spec), RATES, SETTING)
    assert proof is not None
    assert proof.apart <= proof.bound == 1e-11
    _assert_as_alone(spec, proof)


@pytest.mark.parametrize("spec", SLOW)
def test_where_the_rate_does_not_multiply_nothing_is_run_at_once(spec):
    assert prove(as_spec(spec), RATES, SETTING) is None


def test_every_class_of_torch_is_tried():
    setting = replace(SETTING, steps=12)
    full = [complete(as_spec(name).with_lr(0.1), 12) for name in OPTIMIZERS]
    methods = dict(zip(OPTIMIZERS, choose_methods(BEALE, full, "cpu", "float64"), strict=True))
    alone = {name for name, method in methods.items() if method == ONE_BY_ONE}
    slow = {name for name in {*OPTIMIZERS} - alone if prove(as_spec(name), RATES, setting) is None}
    assert (alone, slow) == ({"adafactor", "lbfgs", "muon", "sparseadam"}, {"asgd", "rprop"})
    assert {spec.partition(":")[0].partition("@")[0] for spec in FAST} == {*OPTIMIZERS} - alone - slow


@pytest.mark.parametrize(
    ("spec", "same"),
    [
        ("Odd", True),
        ("Odd:power=2", False),
        ("Odd:power=1.001", False),
        ("Odd:power=2,late=true", False),
        ("Pulled", False),
    ],
)
def test_a_planted_class_is_found_out(spec, same):
    found = prove(as_spec(f"{__name__}.{spec}"), RATES, SETTING)
    assert (found is not None) == same


def test_numbers_that_are_not_finite_stand_in_the_same_places():
    setting = replace(SETTING, surface=get("quadratic"), start=(4.0, 3.0), steps=600)
    rates = tuple(np.geomspace(1e-3, 1e3, 100).tolist())
    proof = prove(as_spec("sgd:momentum=0.5"), rates, setting)
    paths = descend_rates(proof, rates[::15], setting)
    assert not paths.finite.all()
    for row, rate in enumerate(rates[::15]):
        run = descend(setting.surface, f"sgd:lr={rate!r},momentum=0.5", setting.start, setting.steps)
        np.testing.assert_array_equal(np.isfinite(paths.losses[row, 0]), np.isfinite(run.losses))
        np.testing.assert_array_equal(np.isnan(paths.points[row, 0]), np.isnan(run.points))


@pytest.mark.parametrize("spec", ["adam", "sgd:accumulate=2", "adamw"])
def test_noise_is_that_of_each_seed(spec):
    setting = replace(SETTING, seeds=range(3, 6), noise=0.1)
    _assert_as_alone(spec, prove(as_spec(spec), RATES, setting), setting)


def test_in_single_precision():
    setting = replace(SETTING, dtype="float32")
    proof = prove(as_spec("adam"), RATES, setting)
    assert proof.bound == 1e-4
    _assert_as_alone("adam", proof, setting)


def test_few_rates_and_few_steps_are_left_to_the_bit(monkeypatch):
    assert prove(as_spec("adam"), RATES[:99], replace(SETTING, steps=10_000)) is None
    monkeypatch.undo()
    assert prove(as_spec("adam"), RATES, replace(SETTING, steps=299)) is None
    assert prove(as_spec("adam"), RATES, replace(SETTING, steps=300)) is not None


def test_a_sweep_says_how_it_was_made_and_is_whole_in_parts(monkeypatch):
    options = {"steps": 12, "resolution": (2, 2), "seeds": 3, "noise": 0.05, "tolerance": 0.5}
    specs, calls = ["adam", "rprop", "sgd"], []
    monkeypatch.setattr(rate_rows, "MANY", math.inf)
    before = sweep("beale", specs, RATES, **options)
    monkeypatch.setattr(rate_rows, "MANY", 1000)
    monkeypatch.setattr("descent.trajectories.experiments.sweep.AT_ONCE", 100)
    after = sweep("beale", specs, RATES, **options, progress=lambda *now: calls.append(now))
    assert before.methods == (BATCHED,) * 3
    assert after.methods == (BY_DIRECTION, BATCHED, BY_DIRECTION)
    assert before.proofs == ("",) * 3
    for name in ("losses", "points", "ends", "spread"):
        one, other = getattr(before, name), getattr(after, name)
        np.testing.assert_allclose(one, other, rtol=1e-10)
        keep = (slice(None), 1) if name == "spread" else 1
        np.testing.assert_array_equal(one[keep], other[keep])
    np.testing.assert_array_equal(before.steps_to_minimum, after.steps_to_minimum)
    assert before.outcomes == after.outcomes
    assert calls[-1] == (900, 900)
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    said = "equal to single runs within 1e-11 of the path's size, as was tried at 1e-05, 0.002362, 0.5 for 50"
    assert said in after.proofs[0]
    assert as_json(after)["proofs"] == list(after.proofs)
    assert f"\nadam: {after.proofs[0]}\nsgd: {after.proofs[2]}" in as_table(after)
    assert "proofs" not in before.recipe
    assert "single runs" not in as_table(before)
