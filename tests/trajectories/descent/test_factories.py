"""Any function from parameters to an optimizer runs like a spec; a recipe cannot hold it, and says so."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import descent
from descent import DescentError, OptimizerSpec
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.experiments.rerun import again

BEALE, START = get("beale"), (1.0, 1.5)


def heavy_ball(params):
    return torch.optim.SGD(params, lr=0.003, momentum=0.9)


class Around:
    """Goes around another optimizer, and is none by its class: it steps back half of the way."""

    def __init__(self, base):
        self.base = base

    param_groups = property(lambda self: self.base.param_groups)
    state = property(lambda self: self.base.state)

    def zero_grad(self):
        self.base.zero_grad()

    @torch.no_grad()
    def step(self):
        for each in self.param_groups[0]["params"]:
            before = each.clone()
            self.base.step()
            each.lerp_(before, 0.5)


WAYS = {
    "a spec": OptimizerSpec(factory=heavy_ball, label="Ball"),
    "a function": heavy_ball,
    "a lambda": OptimizerSpec(factory=lambda params: heavy_ball(params), label="Ball"),
}


@pytest.mark.parametrize("given", WAYS.values(), ids=WAYS)
def test_a_factory_is_taken_wherever_a_spec_is(given):
    spec = "sgd:lr=0.003,momentum=0.9"
    recording = descent.record("beale", [given, spec], steps=20)
    one, other = recording.trajectories
    np.testing.assert_array_equal(one.points, other.points)
    np.testing.assert_array_equal(one.learning_rates, other.learning_rates)
    alone = descent.record("beale", given, steps=20).trajectories[0]
    np.testing.assert_array_equal(alone.points, one.points)
    (network,) = descent.record("logistic", given, data="moons", epochs=1, resolution=(8, 8)).trajectories
    (named,) = descent.record("logistic", spec, data="moons", epochs=1, resolution=(8, 8)).trajectories
    np.testing.assert_array_equal(network.points, named.points)
    maps = [descent.basins("himmelblau", [each], starts=3, steps=5).index for each in (given, spec)]
    np.testing.assert_array_equal(*maps)


def test_it_is_drawn_by_its_label_and_with_schedules(tmp_path):
    spec = OptimizerSpec(
        factory=heavy_ball,
        label="Ball",
        schedules=OptimizerSpec.parse("sgd@step:step_size=2,gamma=0.1").schedules,
    )
    recording = descent.record("beale", spec, steps=5)
    assert recording.trajectories[0].learning_rates[[0, 2]] == pytest.approx([0.003, 0.0003])
    descent.still(recording, size="320x240").save(tmp_path / "a.png")
    assert "Ball" in descent.still(recording).alt
    assert descent.load(recording.save(tmp_path / "a.npz")).trajectories[0].spec.startswith("given.Ball")


def test_wrappers_run_by_a_factory():
    run = descend(
        BEALE, OptimizerSpec(factory=lambda p: Around(torch.optim.SGD(p, lr=0.01)), label="Half"), START, 20
    )
    plain = descend(BEALE, "sgd:lr=0.005", START, 20)
    np.testing.assert_allclose(run.points, plain.points, rtol=1e-10)


def test_a_recipe_says_that_it_cannot_be_run_again(tmp_path):
    recording = descent.record("beale", heavy_ball, steps=5)
    assert recording.recipe.specs == ("given.heavy_ball",)
    with pytest.raises(
        DescentError, match="heavy_ball was made by a function of Python, and a recipe holds only"
    ):
        again(recording.recipe)


REFUSED = {
    "no optimizer": (
        {"factory": lambda params: 3, "label": "Three"},
        "factory of Three returned 3, which is no opt",
    ),
    "raises": (
        {"factory": lambda params: 1 / 0, "label": "Zero"},
        "Zero cannot run like this: .*by zero",
    ),
}


@pytest.mark.parametrize("given", REFUSED)
def test_what_is_no_factory_of_optimizers_is_refused(given):
    how, sentence = REFUSED[given]
    with pytest.raises(DescentError, match=sentence):
        descend(BEALE, OptimizerSpec(**how), START, 2)


def test_what_does_not_go_with_a_factory_is_refused():
    ball = OptimizerSpec(factory=heavy_ball)
    assert replace(ball, clip=1.0).factory is heavy_ball
    for wrong, sentence in (
        (
            lambda: OptimizerSpec("sgd", factory=heavy_ball),
            "a name or a factory; 'sgd' and a factory are two",
        ),
        (lambda: OptimizerSpec(factory=3, label="X"), "3 cannot be called"),
        (lambda: OptimizerSpec(factory=lambda p: None), r"letters, digits and underscores, not '<lambda>'"),
        (lambda: OptimizerSpec(factory=heavy_ball, options=(("lr", 1.0),)), "has its own options and rate"),
        (lambda: OptimizerSpec("sgd", label="X"), "a label is for a factory"),
        (lambda: ball.with_lr(0.1), "gives it its own rate, not 0.1"),
        (lambda: OptimizerSpec(), "unknown optimizer ''"),
    ):
        with pytest.raises(DescentError, match=sentence):
            wrong()


@pytest.mark.parametrize("name", ["SAM", "Lookahead"])
def test_wrappers_in_use_run_by_a_factory(name):
    package = pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    makes = {
        "SAM": lambda params: package.SAM(params, torch.optim.SGD, rho=0.05, lr=0.01),
        "Lookahead": lambda params: package.Lookahead(torch.optim.SGD(params, lr=0.01), k=5, alpha=0.5),
    }
    run = descend(BEALE, OptimizerSpec(factory=makes[name], label=name), START, 10)
    assert np.isfinite(run.points).all()
    if name == "SAM":
        assert run.evaluations == 20
        assert run.facts == ("its steps are given a closure",)
        point = np.array(START)
        for k in range(10):
            np.testing.assert_allclose(run.points[k], point, rtol=1e-7)  # it adds 1e-12 to the norm
            gradient = slope(point)
            point = point - 0.01 * slope(point + 0.05 * gradient / np.linalg.norm(gradient))
    else:
        plain = descend(BEALE, "sgd:lr=0.01", START, 4).points[4]
        np.testing.assert_allclose(run.trained[4, :2], plain)
        np.testing.assert_array_equal(run.points[4], START)  # its slow weights are what is evaluated
        half = (descend(BEALE, "sgd:lr=0.01", START, 5).points[5] + np.array(START)) / 2
        np.testing.assert_allclose(run.points[5], half)


def slope(point):
    leaf = torch.tensor(point, requires_grad=True)
    (gradient,) = torch.autograd.grad(BEALE(leaf), leaf)
    return gradient.numpy()
