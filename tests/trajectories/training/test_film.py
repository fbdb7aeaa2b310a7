"""Somebody's own training loop, filmed: it runs as it would without, and its path is drawn."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import descent
from descent import DescentError
from descent.trajectories.training.film_optimizers import spec_of


def data():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(60, 2, generator=generator)
    return TensorDataset(x, (x[:, 0] > 0).long())


def model():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2))


def loop(module, optimizer, told=None, epochs=4):
    loss_of = nn.CrossEntropyLoss()
    for _ in range(epochs):
        for x, y in DataLoader(data(), batch_size=20):
            optimizer.zero_grad()
            loss = loss_of(module(x), y)
            loss.backward()
            optimizer.step()
            if told:
                told(loss)


def test_the_loop_runs_as_it_would_without():
    plain, filmed = model(), model()
    loop(plain, torch.optim.Adam(plain.parameters(), lr=0.05))
    optimizer = torch.optim.Adam(filmed.parameters(), lr=0.05)
    with descent.recording(filmed, optimizer, data()) as film:
        loop(filmed, optimizer, film.step)
    for one, other in zip(plain.parameters(), filmed.parameters(), strict=True):
        assert torch.equal(one, other)
    made = film.recording
    assert made is film.recording
    (run,) = made.trajectories
    assert run.spec == "adam:lr=0.05"
    assert run.steps == 12
    assert (run.learning_rates == 0.05).all()
    (trained,) = made.training.runs
    assert np.isfinite(trained.batch_losses).all()
    assert made.training.sizes == (60, 0, 0)
    x, y = data().tensors
    with torch.no_grad():
        assert run.losses[-1] == pytest.approx(float(nn.functional.cross_entropy(plain(x), y)), rel=1e-5)
        accuracy = float((plain(x).argmax(1) == y).float().mean())
    assert trained.epochs[-1].tolist()[:3] == pytest.approx([12, run.losses[-1], accuracy], rel=1e-5)
    assert np.isnan(trained.test).all()


def test_a_loader_is_taken_for_its_data():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer, DataLoader(data(), batch_size=20), "cross_entropy") as film:
        loop(module, optimizer)
    assert film.recording.training.measured == 60
    assert np.isnan(film.recording.training.runs[0].batch_losses).all()


def test_without_data_there_is_a_path_and_no_surface(tmp_path):
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer) as film:
        loop(module, optimizer, film.step)
    made = film.recording
    assert np.isnan(made.field.z).all()
    assert made.training.measured == 0
    assert str(made.trajectories[0].outcome) == "finished"
    losses = made.training.runs[0].batch_losses
    assert made.trajectories[0].losses.tolist() == [*losses, losses[-1]]
    assert np.isnan(made.training.runs[0].slice_losses).all()
    back = descent.load(made.save(tmp_path / "a.npz"))
    assert back.training.plane == made.training.plane
    assert descent.still(made, size=(480, 300)).save(tmp_path / "a.png").stat().st_size > 0


def test_a_recording_may_be_asked_for_while_the_loop_runs():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer, data(), plane="random", resolution=(3, 3)) as film:
        loop(module, optimizer, epochs=1)
        assert film.recording.steps == 3
        loop(module, optimizer, epochs=1)
    assert film.recording.steps == 6


def test_without_losses_the_path_is_judged_by_itself():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer) as film:
        loop(module, optimizer)
    assert str(film.recording.trajectories[0].outcome) == "finished"


def test_a_closure_gives_its_first_loss_and_gradient():
    module, first = model(), []
    x, y = data().tensors
    optimizer = torch.optim.LBFGS(module.parameters(), lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(module(x), y)
        loss.backward()
        if len(first) == len(optimizer.filmed):
            first.append((loss.item(), float(module[2].weight.grad.square().sum().sqrt())))
        return loss

    optimizer.filmed = []
    with descent.recording(module, optimizer, data(), resolution=(3, 3)) as film:
        for _ in range(4):
            optimizer.step(closure)
            optimizer.filmed.append(None)
    made = film.recording
    assert made.trajectories[0].spec == "lbfgs:lr=0.5"
    (run,) = made.training.runs
    assert run.batch_losses.tolist() == [loss for loss, _ in first]
    heat = np.sqrt((run.heat[:-1].astype(float) ** 2).sum(axis=(1, 2)))
    assert heat == pytest.approx([norm for _, norm in first], rel=1e-5)


CALLS = (lambda step: step(), lambda step: step(None), lambda step: step(closure=None))


@pytest.mark.parametrize("call", CALLS)
def test_the_gradients_are_those_of_the_loop(call):
    module, expected = model(), []
    x, y = data().tensors
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer, data(), resolution=(3, 3), plane="random") as film:
        for _ in range(4):
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(x), y).backward()
            expected.append([[p.grad.numpy().copy() for p in layer.parameters()] for layer in module[::2]])
            call(optimizer.step)
    (run,) = film.recording.training.runs
    norms = [[np.sqrt(sum((g**2).sum() for g in layer)) for layer in step] for step in expected]
    assert run.gradient_norms[:-1] == pytest.approx(np.array(norms), rel=1e-5)
    assert np.isnan(run.gradient_norms[-1]).all()
    assert run.heat[:-1] == pytest.approx(np.array([step[-1][0] for step in expected]), rel=1e-5)
    assert np.isfinite(film.recording.trajectories[0].gradients[:-1]).all()


def test_groups_of_different_rates_have_no_one_rate():
    module = model()
    groups = [{"params": module[0].parameters(), "lr": 1e-4}, {"params": module[2].parameters()}]
    optimizer = torch.optim.Adam(groups, lr=0.1)
    with descent.recording(module, optimizer, data(), resolution=(3, 3)) as film:
        loop(module, optimizer, film.step)
    (run,) = film.recording.trajectories
    assert run.spec == "adam"
    assert np.isnan(run.learning_rates).all()


class Drawing(torch.utils.data.Dataset):
    def __len__(self):
        return 20

    def __getitem__(self, index):
        return torch.randn(2), index % 2


def test_filming_draws_no_random_numbers():
    module = model()
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    descent.recording(module, torch.optim.SGD(module.parameters(), lr=0.1), Drawing())
    assert torch.equal(torch.rand(1), expected)


def test_long_loops_are_thinned():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer, data(), snapshots=10) as film:
        loop(module, optimizer, film.step, epochs=20)
    assert len(film.recording.kept) <= 11
    assert film.recording.kept[-1] == 60


def test_an_error_in_the_loop_ends_the_recording():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    film = descent.recording(module, optimizer, data())

    told = []

    def stumble(loss):
        film.step(loss)
        told.append(loss)
        if len(told) == 12:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), film:
        loop(module, optimizer, stumble)
    optimizer.step()
    assert film.recording.steps == 12


SPECS = {
    "sgd:lr=0.1,momentum=0.9,nesterov=true": lambda p: torch.optim.SGD(
        p, lr=0.1, momentum=0.9, nesterov=True
    ),
    "adam:lr=0.001": lambda p: torch.optim.Adam(p),
    "adamw:lr=0.01,betas=0.8/0.99": lambda p: torch.optim.AdamW(p, lr=torch.tensor(0.01), betas=(0.8, 0.99)),
}


@pytest.mark.parametrize("text", SPECS)
def test_an_optimizer_is_named_by_its_spec(text):
    assert str(spec_of(SPECS[text]([torch.zeros(2, requires_grad=True)]))) == text


class Mine(torch.optim.SGD):
    pass


def test_an_optimizer_of_ones_own_is_named_by_its_class():
    spec = spec_of(Mine([torch.zeros(2, requires_grad=True)], lr=0.5))
    assert spec.name.endswith(".Mine")
    assert spec.lr == 0.5


def test_refusals():
    module, other = model(), model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with pytest.raises(DescentError, match="does not hold any parameter of the model"):
        descent.recording(other, optimizer, data())
    with pytest.raises(DescentError, match="snapshots must be a whole number"):
        descent.recording(module, optimizer, data(), snapshots=0)
    with pytest.raises(DescentError, match="unknown plane 'ends'"):
        descent.recording(module, optimizer, data(), plane="ends")
    with pytest.raises(DescentError, match="unknown layer '1'"):
        descent.recording(module, optimizer, data(), layer="1")
    with pytest.raises(DescentError, match="no parameters"):
        descent.recording(nn.Tanh(), optimizer)
    with descent.recording(module, optimizer, data()) as film:
        pass
    with pytest.raises(DescentError, match="the optimizer made no step"):
        film.recording  # noqa: B018
    with descent.recording(module, optimizer, plane="hessian") as film:
        loop(module, optimizer)
    with pytest.raises(DescentError, match="needs to know the loss"):
        film.recording  # noqa: B018


def test_the_model_on_film_is_left_alone():
    module = model()
    before = copy.deepcopy(module.state_dict())
    with descent.recording(module, torch.optim.SGD(module.parameters(), lr=0.1), data()):
        pass
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name])
