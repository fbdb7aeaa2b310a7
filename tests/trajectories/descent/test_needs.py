"""What steps need is found by trying: closures, graphs, matrices, modules, groups and the number of steps."""

import sys
import time
from types import ModuleType

import numpy as np
import pytest
import torch

import descent
from descent import DescentError
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.descent import needs
from descent.trajectories.optimizers import time_limit

BEALE, START, STEPS = get("beale"), (1.0, 1.5), 8


class Descends(torch.optim.Optimizer):
    """Plain gradient descent, for others to ask for more than that."""

    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    def parameters(self):
        return [each for group in self.param_groups for each in group["params"]]

    @torch.no_grad()
    def move(self):
        for each in self.parameters():
            each.sub_(each.grad.detach(), alpha=self.param_groups[0]["lr"])

    def step(self, closure=None):
        self.move()


class Asks(Descends):
    """Needs a closure, whose default is None, and calls it where no gradient is computed."""

    @torch.no_grad()
    def step(self, closure=None):
        if closure is None:
            raise ValueError("requires a closure")
        closure()
        self.move()


class Curved(Descends):
    """Takes the gradient's own gradient, and goes where both say."""

    def step(self, closure=None):
        (each,) = self.parameters()
        (second,) = torch.autograd.grad(each.grad.sum(), each)
        with torch.no_grad():
            each.sub_(each.grad / second.abs(), alpha=self.param_groups[0]["lr"])


class Matrix(Descends):
    """Refuses vectors."""

    def step(self, closure=None):
        if any(each.ndim != 2 for each in self.parameters()):
            raise ValueError("only for matrices")
        self.move()


class OfModule(Descends):
    """Is given what holds the parameters."""

    def __init__(self, module, lr=0.01):
        assert [name for name, _ in module.named_parameters()] == ["weight"]
        super().__init__(module.parameters(), lr)


class OfGroups(Descends):
    """Wants to be told which groups are whose, as Muon's relatives do."""

    def __init__(self, params, lr=0.01):
        assert all(group["use_muon"] for group in params)
        super().__init__(params, lr)


class Named(Descends):
    """Looks at the names of its parameters."""

    def __init__(self, params, lr=0.01):
        params = list(params)
        assert [name for name, _ in params] == ["weight"]
        super().__init__(params, lr)


class Planned(Descends):
    """Must be told how long the run is, and stops after half of it."""

    def __init__(self, params, num_iterations, lr=0.01):
        super().__init__(params, lr)
        self.left = num_iterations // 2

    def step(self, closure=None):
        self.left -= 1
        if self.left >= 0:
            self.move()


class Single(Descends):
    """Knows single precision only."""

    def step(self, closure=None):
        self.parameters()[0].detach().lerp(torch.zeros(2), 0.5)
        self.move()


class Lucky(Descends):
    """Draws random numbers."""

    def step(self, closure=None):
        self.move()
        with torch.no_grad():
            self.parameters()[0].add_(0.01 * torch.randn(2, dtype=torch.float64))


class Around(Descends):
    """Goes around another one."""

    def __init__(self, params, base_optimizer, lr=0.01):
        super().__init__(params, lr)


class Elsewhere(Descends):
    """Has other calls than step."""

    def step(self, closure=None):
        raise NotImplementedError


class Counted(Descends):
    """Must be told what nobody knows."""

    def __init__(self, params, num_data, lr=0.01):
        super().__init__(params, lr)


class Hangs(Descends):
    """Takes its time."""

    def step(self, closure=None):
        time.sleep(0.5)


CLASSES = (Asks, Curved, Matrix, OfModule, OfGroups, Named, Planned, Single, Lucky, Around, Elsewhere)


@pytest.fixture
def package(monkeypatch):
    module = ModuleType("needy")
    module.__dict__.update({each.__name__: each for each in (*CLASSES, Counted, Hangs, Descends)})
    monkeypatch.setitem(sys.modules, module.__name__, module)
    needs._tried.cache_clear()
    return module.__name__


FACTS = {
    "Descends": (),
    "Asks": ("its steps are given a closure",),
    "Matrix": ("x and y are the row of a matrix",),
    "OfModule": ("built with a module",),
    "OfGroups": ("built with a group with use_muon=True", "x and y are the row of a matrix"),
    "Named": ("built with named parameters",),
}


@pytest.mark.parametrize("name", FACTS)
def test_what_is_needed_is_given_and_said(package, name):
    run = descend(BEALE, f"{package}.{name}:lr=0.01", START, STEPS)
    plain = descend(BEALE, "sgd:lr=0.01", START, STEPS)
    np.testing.assert_array_equal(run.points, plain.points)
    np.testing.assert_array_equal(run.gradients, plain.gradients)
    assert run.facts == FACTS[name]
    assert run.evaluations == STEPS


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_gradients_keep_their_graph_where_a_step_takes_theirs(package, noise):
    run = descend(BEALE, f"{package}.Curved:lr=0.1,accumulate=2", START, STEPS, noise=noise, seed=2)
    assert run.facts == ("its gradients keep their graph (create_graph)",)
    point = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    drawn = noise * torch.randn((1024, 2), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    for k in range(STEPS):
        np.testing.assert_allclose(run.points[k], point.detach().numpy(), rtol=1e-10)
        (slope,) = torch.autograd.grad(2 * BEALE(point), point, create_graph=True)
        (second,) = torch.autograd.grad(slope.sum(), point)
        with torch.no_grad():
            point.sub_((slope + drawn[2 * k] + drawn[2 * k + 1]) / second.abs(), alpha=0.1)


def test_the_number_of_steps_is_told_and_in_the_spec(package):
    run = descend(BEALE, f"{package}.Planned:lr=0.01", START, STEPS)
    assert run.spec == f"{package}.Planned:lr=0.01,num_iterations={STEPS}"
    assert (run.points[STEPS // 2 :] == run.points[-1]).all()
    assert (run.points[STEPS // 2] != run.points[STEPS // 2 - 1]).all()
    assert descend(BEALE, f"{package}.Planned:lr=0.01,num_iterations=4", START, STEPS).spec.endswith("=4")


def test_trying_draws_no_random_number_of_the_run(package):
    first = descend(BEALE, f"{package}.Lucky:lr=0.01", START, STEPS, seed=1)  # tried now
    again = descend(BEALE, f"{package}.Lucky:lr=0.01", START, STEPS, seed=1)  # known
    np.testing.assert_array_equal(first.points, again.points)
    point = torch.tensor(START, dtype=torch.float64)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        point = point - 0.01 * torch.tensor(first.gradients[0]) + 0.01 * torch.randn(2, dtype=torch.float64)
    np.testing.assert_array_equal(first.points[1], point.numpy())


REFUSED = {
    "Single": r"expected dtype.*; it runs in float32: give dtype=float32 \(--dtype float32\)$",
    "Around": r"needy.Around goes around another optimizer; name it in parentheses, as in needy",
    "Elsewhere": r"needy.Elsewhere makes its updates by other calls than step\(\), which no run makes$",
    "Counted": r"needy.Counted must be told num_data; write needy.Counted:num_data=...$",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_given_is_one_sentence(package, name):
    with pytest.raises(DescentError, match=REFUSED[name]):
        descend(BEALE, f"{package}.{name}:lr=0.01", START, STEPS)


def test_single_precision_runs_as_it_was_said(package):
    assert descend(BEALE, f"{package}.Single:lr=0.01", START, STEPS, dtype="float32").steps == STEPS


def test_a_class_that_hangs_is_given_up(package, monkeypatch):
    monkeypatch.setattr(time_limit, "SECONDS", 0.1)
    with pytest.raises(DescentError, match=r"three steps of needy.Hangs did not end within 0.1 seconds"):
        descend(BEALE, f"{package}.Hangs:lr=0.01", START, STEPS)


REAL = {
    "AdaHessian": "create_graph",
    "SophiaH": "create_graph",
    "AliG": "closure",
    "Muon": "use_muon=True",
    "SpectralSphere": "matrix",
    "AdamMini": "module",
    "Ranger21": "",
}


@pytest.mark.parametrize("name", REAL)
def test_classes_of_pytorch_optimizer_get_what_they_need(name):
    pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    run = descend(BEALE, f"pytorch_optimizer.{name}", START, 3)
    assert REAL[name] in "; ".join(run.facts)
    assert (run.points[-1] != run.points[0]).any()


class Slopes(Descends):
    """Takes the gradients' own gradients of all parameters."""

    def step(self, closure=None):
        parameters = self.parameters()
        second = torch.autograd.grad([each.grad.sum() for each in parameters], parameters)
        with torch.no_grad():
            for each, curve in zip(parameters, second, strict=True):
                each.sub_(each.grad / (1 + curve.abs()), alpha=self.param_groups[0]["lr"])


@pytest.mark.parametrize(("kind", "said"), [(Slopes, "create_graph"), (Asks, "closure")])
def test_networks_are_trained_in_the_same_ways(package, kind, said):
    setattr(sys.modules[package], kind.__name__, kind)
    options = {"data": "moons", "epochs": 1, "resolution": (8, 8)}
    (run,) = descent.record("logistic", f"{package}.{kind.__name__}:lr=0.1", **options).trajectories
    assert said in "; ".join(run.facts)
    if kind is Asks:
        (plain,) = descent.record("logistic", "sgd:lr=0.1", **options).trajectories
        np.testing.assert_array_equal(run.points, plain.points)
