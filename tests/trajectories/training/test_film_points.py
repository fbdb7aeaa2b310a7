"""Films of optimizers with two points: drawn is what is evaluated, and the loop is not touched."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

import descent

X = torch.randn((64, 3), generator=torch.Generator().manual_seed(0))
Y = torch.sin(X.sum(dim=1, keepdim=True))
EPOCHS, BATCH = 4, 16


def model():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))


def readme(make, film=None, last="eval"):
    """The loop of schedulefree's own readme: train() before an epoch, eval() before it is measured."""
    made = model()
    optimizer = make(made.parameters())
    filmed = film(made, optimizer) if film else None
    measured = []
    if filmed:
        filmed.__enter__()
    for epoch in range(EPOCHS):
        made.train()
        optimizer.train()
        for first in range(0, len(X), BATCH):
            x, y = X[first : first + BATCH], Y[first : first + BATCH]
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(made(x), y)
            loss.backward()
            optimizer.step()
            if filmed:
                filmed.step(loss, (x, y))
        if epoch < EPOCHS - 1 or last == "eval":
            made.eval()
            optimizer.eval()
        with torch.no_grad():
            measured.append(nn.functional.mse_loss(made(X), Y).item())
    if filmed:
        filmed.__exit__(None, None, None)
    return filmed, measured, [each.detach().clone() for each in made.parameters()]


def film_of(made, optimizer):
    return descent.recording(made, optimizer, (X, Y), resolution=(4, 4))


class Averaged(torch.optim.SGD):
    """SGD whose user evaluates the mean of its points, by AveragedModel, switched by train() and eval()."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, lr=lr)
        self.held = nn.ParameterList(self.param_groups[0]["params"])
        self.mean, self.back = AveragedModel(self.held), None

    def step(self, closure=None):
        super().step(closure)
        self.mean.update_parameters(self.held)

    def train(self):
        for each, value in zip(self.held, self.back or self.held, strict=True):
            each.data.copy_(value)
        self.back = None

    def eval(self):
        if self.back is None and self.mean.n_averaged:
            self.back = [each.detach().clone() for each in self.held]
            for each, value in zip(self.held, self.mean.module, strict=True):
                each.data.copy_(value)


def schedule_free(params):
    package = pytest.importorskip("schedulefree", reason="schedulefree is not installed")
    return package.AdamWScheduleFree(params, lr=0.05, warmup_steps=3)


@pytest.mark.parametrize("make", [schedule_free, Averaged], ids=["schedulefree", "an average"])
def test_the_losses_are_those_after_eval(make):
    film, measured, ends = readme(make, film_of)
    (run,) = film.recording.trajectories
    steps = len(X) // BATCH
    np.testing.assert_allclose(run.losses[steps::steps], measured, rtol=1e-5)
    assert (np.abs(run.losses - run.trained[:, 2])[2:] > 1e-4).all()
    assert film.notes == ()
    _, again, untouched = readme(make)
    assert measured == again
    assert all(torch.equal(one, other) for one, other in zip(ends, untouched, strict=True))


@pytest.mark.parametrize("last", ["train", "eval"])
def test_the_end_is_both_points_wherever_the_loop_stops(last):
    film, *_ = readme(Averaged, film_of, last)
    (run,) = film.recording.trajectories
    other = readme(Averaged, film_of)[0].recording.trajectories[0]
    np.testing.assert_allclose(run.losses, other.losses, rtol=1e-6)
    np.testing.assert_allclose(run.trained, other.trained, rtol=1e-5, atol=1e-6)
    assert film.notes == ()


def test_a_change_after_the_last_step_is_still_told():
    made = model()
    optimizer = Averaged(made.parameters())
    with descent.recording(made, optimizer, (X, Y), resolution=(4, 4)) as film:
        for _ in range(3):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(made(X), Y)
            loss.backward()
            optimizer.step()
            film.step(loss)
        optimizer.eval()
        optimizer.train()
        with torch.no_grad():
            made[0].bias.add_(1.0)
    assert any("changed after the last step" in note for note in film.notes)


def test_pictures_of_films_say_the_point(tmp_path):
    film, *_ = readme(Averaged, film_of)
    said = descent.still(film.recording, point="both")
    said.save(tmp_path / "a.png")
    loaded = descent.load(film.recording.save(tmp_path / "a.npz"))
    np.testing.assert_array_equal(loaded.trajectories[0].trained, film.recording.trajectories[0].trained)
    with pytest.raises(descent.DescentError, match="point=training is for surfaces"):
        descent.still(film.recording, point="training")


def a_loop(made, optimizer, steps=6):
    with descent.recording(made, optimizer, (X, Y), resolution=(4, 4)) as film:
        for _ in range(steps):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(made(X), Y)
            loss.backward()
            optimizer.step()
            film.step(loss)
    return film


class Bare(torch.optim.Optimizer):
    """A wrapper that never called its parent's constructor, as torch_optimizer.Lookahead: without hooks."""

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.param_groups, self.state = optimizer.param_groups, optimizer.state
        self.defaults = {}

    def zero_grad(self, set_to_none=True):
        self.optimizer.zero_grad(set_to_none)

    def step(self, closure=None):
        return self.optimizer.step(closure)


class TwoPointed:
    """A wrapper that is no optimizer by its class and has two points, as schedulefree.ScheduleFreeWrapper."""

    def __init__(self, base):
        self.base = base

    param_groups = property(lambda self: self.base.param_groups)
    state = property(lambda self: self.base.state)

    def zero_grad(self):
        self.base.zero_grad()

    def _by(self, number):
        for each in self.param_groups[0]["params"]:
            each.data.add_(number)

    def train(self):
        self._by(-1.0)

    def eval(self):
        self._by(1.0)

    def step(self, closure=None):
        self._by(7.0)  # as a wrapper moves the parameters around the inner step
        self.base.step()
        self._by(-7.0)


@pytest.mark.parametrize("wrapper", [Bare, TwoPointed])
def test_wrappers_without_hooks_are_filmed(wrapper):
    made, plain = model(), model()
    film = a_loop(made, wrapper(torch.optim.SGD(made.parameters(), lr=0.1)))
    other = a_loop(plain, torch.optim.SGD(plain.parameters(), lr=0.1))
    (run,), (expected,) = film.recording.trajectories, other.recording.trajectories
    losses = run.losses if run.trained is None else run.trained[:, 2]
    np.testing.assert_allclose(losses, expected.losses, rtol=1e-4)
    assert (run.trained is None) == (wrapper is Bare)
    assert "SGD" in run.spec.upper()


def test_wrappers_in_use_are_filmed():
    package = pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    made = model()
    film = a_loop(made, package.Lookahead(torch.optim.SGD(made.parameters(), lr=0.1), k=2))
    (run,) = film.recording.trajectories
    assert run.spec.startswith("pytorch_optimizer.optimizer.lookahead.Lookahead(sgd:lr=0.1)")
    assert run.trained is not None
    other = pytest.importorskip("schedulefree", reason="schedulefree is not installed")
    made = model()
    wrapped = other.ScheduleFreeWrapper(torch.optim.SGD(made.parameters(), lr=0.1))
    wrapped.train()
    film = a_loop(made, wrapped)
    (run,) = film.recording.trajectories
    assert np.abs(run.trained[2:, 2] - run.losses[2:]).min() > 0
    assert "step" not in vars(wrapped)
