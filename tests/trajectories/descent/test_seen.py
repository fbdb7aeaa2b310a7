"""What is said of a run beside its path was seen in it, or when its class was tried."""

import sys
from types import ModuleType

import numpy as np
import pytest
import torch

import descent
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.descent.machine import versions
from descent.trajectories.descent.seen import IN_PLACE, NO_RATE
from descent.trajectories.experiments.advice import on_rates
from descent.trajectories.results.trajectory import IN_SINGLE
from descent.trajectories.specs.optimizer_spec import OptimizerSpec

BEALE, START = get("beale"), (1.0, 1.5)


class Descends(torch.optim.Optimizer):
    """Gradient descent, in parts that others change."""

    def __init__(self, params, lr=0.003, **more):
        super().__init__(params, {"lr": lr, "k": 0, **more})

    def way(self, gradient, lr):
        return gradient * -lr

    def step(self):
        (group,) = self.param_groups
        group["k"] += 1
        for each in group["params"]:
            each.data.add_(self.way(each.grad, group["lr"]))


class Single(Descends):
    def way(self, gradient, lr):
        return (gradient.float() * -lr).double()


class SinglePoints(Descends):
    def step(self):
        super().step()
        for each in self.param_groups[0]["params"]:
            each.data.copy_(each.data.float())


class InPlace(Descends):
    def way(self, gradient, lr):
        return gradient.mul_(-lr)


class OwnRate(Descends):
    def way(self, gradient, lr):
        return gradient * -0.002


class Waits(Descends):
    def way(self, gradient, lr):
        return gradient * (0.0 if self.param_groups[0]["k"] <= 3 else -lr)


class Climbs(Descends):
    def way(self, gradient, lr):
        return gradient * (lr / 100 if self.param_groups[0]["k"] <= 4 else -lr)


class Projects(Descends):
    def step(self):
        (group,) = self.param_groups
        if not group["k"]:
            for each in group["params"]:
                each.data.div_(2 * each.data.norm())
        super().step()


class Moves(Descends):
    def __init__(self, params, lr=0.003):
        super().__init__(params, lr)
        for each in self.param_groups[0]["params"]:
            each.data.add_(0.25)


class Signs(Descends):
    """Steps of one length: numbers of few digits in any precision."""

    def way(self, gradient, lr):
        return -lr * gradient.sign()


SAID = {
    Descends: (),
    Single: (IN_SINGLE,),
    SinglePoints: (IN_SINGLE,),
    InPlace: (IN_PLACE,),
    OwnRate: (NO_RATE,),
    Waits: ("it does not move in its first 3 steps",),
    Climbs: ("its first 4 steps go uphill",),
    Projects: ("its first step moves without a gradient too: from (1, -2) to (0.224, -0.447), tried",),
    Moves: ("its class moved the start to (1.25, 1.75) when it was built",),
}


@pytest.fixture
def package(monkeypatch):
    module = ModuleType("odd_ones")
    module.__dict__.update({each.__name__: each for each in (*SAID, Signs)})
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


@pytest.mark.parametrize("kind", SAID, ids=lambda kind: kind.__name__)
def test_what_is_odd_is_said_and_nothing_else(package, kind):
    run = descend(BEALE, f"{package}.{kind.__name__}:lr=0.003", START, 30)
    assert run.facts == SAID[kind]


def test_a_start_that_single_precision_rounds_was_not_moved_by_a_class(package):
    assert descend(BEALE, f"{package}.Descends:lr=0.003", (1.1, 1.3), 30, dtype="float32").facts == ()


def test_gradients_are_those_before_the_step_changed_them(package):
    changed = descend(BEALE, f"{package}.InPlace:lr=0.003", START, 30)
    plain = descend(BEALE, "sgd:lr=0.003", START, 30)
    np.testing.assert_allclose(changed.gradients, plain.gradients, rtol=1e-11)
    np.testing.assert_allclose(changed.points, plain.points, rtol=1e-11)


def test_numbers_of_few_digits_say_nothing_of_the_precision(package):
    assert descend(BEALE, f"{package}.Signs:lr=0.125", START, 30).facts == ()
    assert descend(BEALE, f"{package}.Single:lr=0.003", START, 30, dtype="float32").facts == ()


def test_table_json_file_and_fine_print_say_it(package, tmp_path):
    from descent.trajectories.reports.runs import as_json, as_table
    from descent.viz.scenes.scene import compose
    from descent.viz.words.surface_notes import surface_notes

    made = descent.record("beale", [f"{package}.Single:lr=0.003", f"{package}.Waits:lr=0.003"], steps=20)
    made.save(tmp_path / "a.npz")
    recording = descent.load(tmp_path / "a.npz")
    waits = "it does not move in its first 3 steps"
    assert as_table(recording).splitlines()[-2:] == [f"Single: {IN_SINGLE}", f"Waits: {waits}"]
    assert [run.get("facts") for run in as_json(recording)["runs"]] == [[IN_SINGLE], [waits]]
    notes = {words: rank for rank, words in surface_notes(compose(recording), to_scale=True)}
    assert notes["float64 on cpu, updates of Single in float32"] == 0
    assert f"Waits: {waits}" in notes
    assert not any(words.startswith("torch.optim") for words in notes)


def test_a_file_with_odd_facts_is_refused(package, tmp_path):
    from descent.surfaces.errors import DescentError
    from descent.trajectories.results.header import from_json, to_json

    made = descent.record("beale", f"{package}.Waits:lr=0.003", steps=5)
    text = to_json(made.recipe, made.trajectories, (), None, "", None)
    said = made.trajectories[0].facts[0]
    assert from_json(text.encode()).runs[0].facts == (said,)
    for wrong in ("x" * 301, "a\\nb"):
        with pytest.raises(DescentError, match="'facts' in its header are too many, too long or not plain"):
            from_json(text.replace(said, wrong).encode())


def test_a_default_rate_is_that_of_whose_class_it_is(package):
    said = on_rates([OptimizerSpec.parse(f"{package}.Descends"), OptimizerSpec.parse("adam")], {}, "beale")
    assert said == [
        f"{package}.Descends runs at {package}'s default rate 0.003",
        "adam runs at torch's default rate 0.001",
    ]


def test_recipes_name_the_package_of_an_optimizer_and_its_version(package):
    import importlib.metadata

    pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    recording = descent.record(
        "beale", ["pytorch_optimizer.Lion", f"{package}.Waits", "sgd:lr=0.01"], steps=2
    )
    assert recording.recipe.versions[-1] == (
        "pytorch_optimizer",
        importlib.metadata.version("pytorch-optimizer"),
    )
    assert recording.recipe.versions[:-1] == versions()


REAL = {
    "pytorch_optimizer.MARS": NO_RATE,
    "pytorch_optimizer.Ranger": "its first 5 steps go uphill",
    "pytorch_optimizer.RAdam": "it does not move in its first 5 steps",
    "pytorch_optimizer.FTRL": "its first step moves without a gradient too: from (1, -2) to (0, 0), tried",
    "schedulefree.AdamWScheduleFree": IN_PLACE,
}


@pytest.mark.parametrize("name", REAL)
def test_what_is_odd_of_classes_in_use(name):
    package = name.partition(".")[0]
    pytest.importorskip(package, reason=f"{package} is not installed")
    assert REAL[name] in descend(BEALE, name, START, 30).facts
