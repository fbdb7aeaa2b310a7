"""Optimizers that take gradients at one point and are evaluated at another: both are recorded."""

import sys
from types import ModuleType

import numpy as np
import pytest
import torch

import descent
from descent import DescentError
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.results.trajectory import CONVERGED

BEALE = get("beale")
START, STEPS, BETA = (1.0, 1.5), 30, 0.9


class Averaged(torch.optim.Optimizer):
    """Schedule-Free SGD as its authors write it: switched by train() and eval(); steps need the former."""

    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr, "training": False, "k": 0})

    def _move(self, weight, training):
        group = self.param_groups[0]
        if group["training"] is not training:
            for each in group["params"]:
                if "z" in self.state[each]:
                    each.data.lerp_(self.state[each]["z"], weight)
        group["training"] = training

    def train(self):
        self._move(1 - BETA, True)

    def eval(self):
        self._move(1 - 1 / BETA, False)

    @torch.no_grad()
    def step(self):
        group = self.param_groups[0]
        if not group["training"]:
            raise RuntimeError("not in train mode")
        group["k"] += 1
        share = 1 / group["k"]
        for each in group["params"]:
            z = self.state[each].setdefault("z", each.clone())
            each.lerp_(z, share).add_(each.grad, alpha=group["lr"] * (BETA * (1 - share) - 1))
            z.sub_(each.grad, alpha=group["lr"])
            each.grad.zero_()  # in place: what was handed over is gone afterwards


class Own(Averaged):
    """The same, with the way to the training point inside of the step, as a closure is for."""

    train = eval = None

    @torch.no_grad()
    def step(self, closure):
        group = self.param_groups[0]
        (each,) = group["params"]
        z = self.state[each].setdefault("z", each.clone())
        each.data.lerp_(z, 1 - BETA)  # torch does not count what is written through data
        with torch.enable_grad():
            loss = closure()
        group["k"] += 1
        each.data.lerp_(z, 1 - 1 / BETA)
        z.sub_(each.grad, alpha=group["lr"])
        each.data.lerp_(z, 1 / group["k"])
        return loss


class Sharp(torch.optim.Optimizer):
    """SAM: the gradient that is there says where the one that counts is taken."""

    def __init__(self, params, lr=0.01, rho=0.05):
        super().__init__(params, {"lr": lr, "rho": rho})

    def step(self, closure):
        group = self.param_groups[0]
        (each,) = group["params"]
        away = group["rho"] * each.grad / each.grad.norm()
        each.data.add_(away)
        loss = closure()
        each.data.sub_(away)
        each.data.sub_(each.grad, alpha=group["lr"])
        return loss


class Broken(Averaged):
    """Cannot be evaluated."""

    def eval(self):
        raise KeyError("ema")


@pytest.fixture
def package(monkeypatch):
    module = ModuleType("two_points")
    module.__dict__.update(Averaged=Averaged, Own=Own, Sharp=Sharp, Broken=Broken)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


def slope(point):
    leaf = torch.tensor(point, requires_grad=True)
    loss = BEALE(leaf)
    loss.backward()
    return loss.item(), leaf.grad.numpy()


def by_hand(lr=0.01, steps=STEPS, pushes=None):
    """Schedule-Free SGD as the paper has it: gradients at y, steps of z, and x, the mean of all z."""
    x = z = np.array(START)
    xs, ys, gradients = [], [], []
    for k in range(steps + 1):
        y = (1 - BETA) * z + BETA * x
        gradient = slope(y)[1] + (0 if pushes is None else pushes[k])
        xs, ys, gradients = [*xs, x], [*ys, y], [*gradients, gradient]
        z = z - lr * gradient
        x = x + (z - x) / (k + 1)
    return np.array(xs), np.array(ys), np.array(gradients)


@pytest.mark.parametrize("name", ["Averaged", "Own"])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_evaluated_point_is_recorded_and_the_training_point_too(package, name, noise):
    run = descend(BEALE, f"{package}.{name}:lr=0.01", START, STEPS, noise=noise, seed=3)
    drawn = torch.randn((1024, 2), generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    pushes = noise * drawn.numpy()
    x, y, gradients = by_hand(pushes=pushes)
    np.testing.assert_allclose(run.points, x, rtol=1e-11)
    np.testing.assert_allclose(run.trained[:, :2], y, rtol=1e-11)
    np.testing.assert_allclose(run.gradients, gradients, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(run.losses, [slope(point)[0] for point in x], rtol=1e-9)
    np.testing.assert_allclose(run.trained[:, 2], [slope(point)[0] for point in y], rtol=1e-9)
    assert run.evaluations == STEPS  # the look at the other point asks for no gradient
    assert np.abs(run.points - run.trained[:, :2]).max() > 0.01


def test_looking_does_not_move_the_run(package):
    run = descend(BEALE, f"{package}.Averaged:lr=0.01", START, STEPS)
    parameter = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = Averaged([parameter], lr=0.01)
    optimizer.train()
    for k in range(STEPS):
        np.testing.assert_array_equal(run.trained[k, :2], parameter.detach().numpy())
        BEALE(parameter).backward()
        np.testing.assert_array_equal(run.gradients[k], parameter.grad.numpy())
        optimizer.step()
    optimizer.eval()
    np.testing.assert_array_equal(run.points[-1], parameter.detach().numpy())


def test_a_second_pass_elsewhere_is_a_pass_and_no_second_point(package):
    run = descend(BEALE, f"{package}.Sharp:lr=0.01,rho=0.05", START, STEPS)
    point = np.array(START)
    for k in range(STEPS):
        np.testing.assert_allclose(run.points[k], point, rtol=1e-12)
        gradient = slope(point)[1]
        np.testing.assert_allclose(run.gradients[k], gradient, rtol=1e-10)
        point = point - 0.01 * slope(point + 0.05 * gradient / np.linalg.norm(gradient))[1]
    np.testing.assert_allclose(run.points[-1], point, rtol=1e-12)
    assert run.evaluations == 2 * STEPS
    assert run.trained is None


def test_torchs_own_classes_have_one_point():
    assert descend(BEALE, "sgd:lr=0.01", START, 3).trained is None
    assert descend(BEALE, "lbfgs:lr=0.1", START, 3).trained is None


def test_a_run_that_converges_tells_its_training_points(package):
    for name in ("Averaged", "Own"):
        run = descend(get("sphere"), f"{package}.{name}:lr=0.4", (1.0, 1.0), 200, stop_at=0.05)
        assert run.outcome.kind == CONVERGED
        assert run.trained.shape == (run.steps + 1, 3)
        assert np.isfinite(run.trained).all()


def test_what_eval_raises_is_one_sentence(package):
    with pytest.raises(DescentError, match=r"two_points.Broken cannot run like this: 'ema'$"):
        descend(BEALE, f"{package}.Broken:lr=0.01", START, 3)


def test_files_hold_the_training_point(package, tmp_path):
    recording = descent.record("beale", [f"{package}.Averaged:lr=0.01", "sgd:lr=0.01"], steps=5)
    again = descent.load(recording.save(tmp_path / "a.npz"))
    np.testing.assert_array_equal(
        again.trajectories[0].trained, recording.trajectories[0].trained, strict=True
    )
    assert again.trajectories[1].trained is None
    assert (tmp_path / "a.npz").read_bytes() == again.save(tmp_path / "b.npz").read_bytes()


class Ahead(torch.optim.SGD):
    """SGD whose user evaluates the weights times one half."""

    def train(self):
        pass

    def eval(self):
        for each in self.param_groups[0]["params"]:
            each.data.mul_(0.5)


def test_a_network_is_measured_after_eval(package):
    setattr(sys.modules[package], "Ahead", Ahead)  # noqa: B010
    options = {"data": "moons", "epochs": 2, "batch_size": 32, "resolution": (8, 8), "seed": 1}
    half, whole = (
        descent.record("logistic", f"{name}:lr=0.1", **options) for name in (f"{package}.Ahead", "sgd")
    )
    np.testing.assert_array_equal(half.trajectories[0].learning_rates, whole.trajectories[0].learning_rates)
    (one,), (other,) = half.training.runs, whole.training.runs
    np.testing.assert_array_equal(one.batch_losses, other.batch_losses)  # it is trained as ever
    np.testing.assert_array_equal(one.epochs[0], other.epochs[0])
    assert (one.epochs[1:, 1] > other.epochs[1:, 1]).all()
    run = half.trajectories[0]
    ends = np.searchsorted(run.at, one.epochs[1:, 0])
    np.testing.assert_allclose(run.losses[ends], one.epochs[1:, 1], rtol=1e-5)  # drawn is what is evaluated
    np.testing.assert_allclose(run.trained[:, 2], whole.trajectories[0].losses, rtol=1e-5)
    assert whole.trajectories[0].trained is None


PACKAGES = {
    "schedulefree": {"SGDScheduleFree": 0.01, "AdamWScheduleFree": 0.05, "RAdamScheduleFree": 0.05},
    "pytorch_optimizer": {"ScheduleFreeSGD": 0.01, "ScheduleFreeAdamW": 0.05, "SPlus": 0.01},
}


@pytest.mark.parametrize(
    ("name", "title", "lr"),
    [(name, title, lr) for name, classes in PACKAGES.items() for title, lr in classes.items()],
)
def test_packages_are_switched_as_their_readmes_say(name, title, lr):
    module = pytest.importorskip(name, reason=f"{name} is not installed")
    run = descend(BEALE, f"{name}.{title}:lr={lr}", START, 40)
    parameter = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(module, title)([parameter], lr=lr)
    optimizer.train()
    for k in range(40):
        np.testing.assert_array_equal(run.trained[k, :2], parameter.detach().numpy())
        optimizer.zero_grad()
        BEALE(parameter).backward()
        np.testing.assert_array_equal(run.gradients[k], parameter.grad.numpy())
        optimizer.step()
    optimizer.eval()
    np.testing.assert_array_equal(run.points[-1], parameter.detach().numpy())
    assert run.losses[-1] == BEALE(parameter).item()


@pytest.mark.parametrize("title", ["SGDScheduleFree", "AdamWScheduleFree"])
def test_reference_classes_of_the_package_are_a_second_witness(title):
    pytest.importorskip("schedulefree", reason="schedulefree is not installed")
    one, other, closed = (
        descend(BEALE, f"schedulefree.{title}{more}:lr=0.01", START, 60)
        for more in ("", "Reference", "Closure")
    )
    for run in (other, closed):
        np.testing.assert_allclose(run.points, one.points, atol=1e-12)
        np.testing.assert_allclose(run.trained, one.trained, atol=1e-11)
        np.testing.assert_allclose(run.gradients, one.gradients, atol=1e-11)
    assert one.evaluations == other.evaluations == closed.evaluations == 60
