"""Whether runs may be rows of one tensor is proved by trying: of torch's classes, and of any that mixes."""

import sys
from types import ModuleType

import numpy as np
import pytest
import torch

import descent
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.descent.batch import choose_methods, descend_many
from descent.trajectories.descent.batch_proof import apart_by, share_groups
from descent.trajectories.descent.batching import groups, why_alone
from descent.trajectories.descent.torch_optim import complete
from descent.trajectories.results.recipe import BATCHED, ONE_BY_ONE
from descent.trajectories.specs.optimizer_spec import OptimizerSpec, as_spec
from descent.trajectories.specs.tables import OPTIMIZERS

MIXED = {"adafactor", "lbfgs", "muon", "sparseadam"}
CPU = torch.device("cpu")


class Plain(torch.optim.Optimizer):
    """Gradient descent, number by number, in a way that others change."""

    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    def change(self, each, group):
        return -group["lr"] * each.grad

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for each in group["params"]:
                each.add_(self.change(each, group))


class Normed(Plain):
    """By the norm of all."""

    def change(self, each, group):
        return -group["lr"] * each.grad / each.grad.norm()


class Clipped(Plain):
    """By the norm of all, where that is large, which is seldom."""

    def change(self, each, group):
        return -group["lr"] * each.grad * (500 / each.grad.norm()).clamp(max=1)


class Estimates(Plain):
    """Grows a number for all of them from what it was given, and uses it late."""

    def change(self, each, group):
        group["seen"] = group.get("seen", 0.0) + float(each.grad.abs().sum())
        return -group["lr"] * each.grad * (1 if group["seen"] < 1e9 else 2)


class Lucky(Plain):
    """Draws numbers."""

    def change(self, each, group):
        return -group["lr"] * each.grad * torch.rand_like(each)


class Cautious(Plain):
    """Stops where anything is NaN."""

    def change(self, each, group):
        return torch.zeros_like(each) if each.grad.isnan().any() else super().change(each, group)


class FirstRate(Plain):
    """Uses the rate of its first group for all."""

    def change(self, each, group):
        return super().change(each, self.param_groups[0])


class ByShape(Plain):
    """Treats a matrix in another way than a vector, as runs alone are."""

    def change(self, each, group):
        change = super().change(each, group)
        return change if each.ndim == 1 else change / each.grad.norm(dim=1, keepdim=True)


class Averages(Plain):
    """Has two points."""

    def train(self):
        pass

    def eval(self):
        pass


class Keeps(Plain):
    """Keeps the gradient that it was given, not a copy."""

    def change(self, each, group):
        last = self.state[each].get("last", each.grad)
        self.state[each]["last"] = each.grad
        return -group["lr"] * last


APART = (Normed, Clipped, Estimates, Lucky, Cautious, Averages, Keeps)
TOGETHER = (Plain, FirstRate, ByShape)


@pytest.fixture(autouse=True)
def package(monkeypatch):
    module = ModuleType("mixers")
    module.__dict__.update({each.__name__: each for each in (*APART, *TOGETHER)})
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


def spec_of(kind):
    return complete(as_spec(kind if isinstance(kind, str) else f"mixers.{kind.__name__}:lr=0.01"), 10)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_torchs_own_classes_are_tried_too(name):
    assert bool(why_alone(spec_of(f"{name}:lr=0.1"), exact=True)) == (name in MIXED)
    if name not in MIXED:
        assert share_groups(spec_of(f"{name}:lr=0.1"), torch.float64, CPU)


def test_options_decide_too():
    assert not why_alone(spec_of("sgd:lr=0.1,momentum=0.9,nesterov=true"), exact=True)
    fused = spec_of("adam:lr=0.1,fused=true")
    assert 0 < apart_by(fused.with_lr(0.01), torch.float64, "cpu") < 1e-15
    assert "its numbers differ by" in why_alone(fused, exact=True)
    assert not why_alone(fused)  # by roundings only


@pytest.mark.parametrize("kind", APART)
def test_what_mixes_runs_alone_and_every_cell_is_its_single_run(kind):
    assert why_alone(spec_of(kind)).startswith(f"{kind.__name__} must run alone: ")
    surface, starts = get("booth"), [(-2.0, 4.0), (1.0, 0.0), (3.0, 3.0)]
    specs = [f"mixers.{kind.__name__}:lr={lr}" for lr in (0.01, 0.02)]
    full = [complete(OptimizerSpec.parse(spec), 10) for spec in specs]
    assert choose_methods(surface, full, "cpu", "float64") == (ONE_BY_ONE, ONE_BY_ONE)
    assert_equal_to_singles(surface, specs, starts)


@pytest.mark.parametrize("kind", TOGETHER)
def test_what_does_not_mix_is_batched_and_every_cell_is_its_single_run(kind):
    assert not why_alone(spec_of(kind), exact=True)
    surface, starts = get("booth"), [(-2.0, 4.0), (1.0, 0.0), (3.0, 3.0)]
    specs = [f"mixers.{kind.__name__}:lr={lr}" for lr in (0.01, 0.02)]
    full = [complete(OptimizerSpec.parse(spec), 10) for spec in specs]
    assert choose_methods(surface, full, "cpu", "float64") == (BATCHED, BATCHED)
    assert_equal_to_singles(surface, specs, starts)


def assert_equal_to_singles(surface, specs, starts):
    found = iter(descend_many(surface, specs, starts, 10, seed=4))
    for spec in specs:
        for start in starts:
            many, single = next(found), descend(surface, spec, start, 10, seed=4)
            np.testing.assert_array_equal(many.points, single.points)
            np.testing.assert_array_equal(many.gradients, single.gradients)
            np.testing.assert_array_equal(many.learning_rates, single.learning_rates)


def test_groups_are_shared_only_where_they_have_rates_of_their_own():
    for kind, expected in ((Plain, [[0, 1]]), (FirstRate, [[0], [1]])):
        both = [spec_of(kind), spec_of(kind).with_lr(0.5)]
        assert groups(both, torch.float64, CPU) == expected


def test_a_class_is_tried_once_whatever_its_rates():
    apart_by.cache_clear()
    for lr in (0.1, 0.2, 0.3):
        why_alone(spec_of(f"mixers.Plain:lr={lr}@cosine"), exact=True)
    assert apart_by.cache_info().misses == 1


def test_recordings_say_which_way_and_what_was_seen():
    recording = descent.record(
        "booth", ["mixers.Plain:lr=0.001", "sgd:lr=0.001", "mixers.Normed:lr=0.1"], steps=5
    )
    assert recording.recipe.methods == (BATCHED, BATCHED, ONE_BY_ONE)
    np.testing.assert_array_equal(recording.trajectories[0].points, recording.trajectories[1].points)


@pytest.mark.parametrize("name", ["Lion", "AdaBelief", "AdamP", "Prodigy", "LaProp", "GrokFastAdamW"])
def test_cells_of_classes_in_use_are_their_single_runs(name):
    pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    assert bool(why_alone(spec_of(f"pytorch_optimizer.{name}:lr=0.01"))) == (name == "Prodigy")
    specs = [f"pytorch_optimizer.{name}:lr={lr}" for lr in (0.001, 0.01)]
    assert_equal_to_singles(get("beale"), specs, [(1.0, 1.5), (-1.0, 0.5), (2.0, -1.0)])
