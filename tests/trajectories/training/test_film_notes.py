"""What a film says: that its losses are not the loop's, what it could not take, and that it never raises."""

import logging
import random
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

import descent
from descent import DescentError
from descent.trajectories.training.told_against import differing
from descent.trajectories.training.told_losses import Told, tie

X = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
BITS = (X[:, :1] > 0).float()


def model(out=1):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, out))


def goes_down(module, optimizer, film, loss_of=F.binary_cross_entropy_with_logits, steps=4, batch=None):
    told = []
    x, y = (X, BITS) if batch is None else batch
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of(module(x), y)
        loss.backward()
        optimizer.step()
        film.step(loss, batch)
        told.append(loss.item())
    return told


def filmed(data, loss=None, *, module=None, optimizer=None, **options):
    module = module or model()
    optimizer = optimizer or torch.optim.SGD(module.parameters(), lr=0.5)
    film = descent.recording(module, optimizer, data, loss, resolution=(3, 3), plane="random")
    with film:
        told = goes_down(module, optimizer, film, **options)
    return film, told


def squares(module):
    return float(F.mse_loss(module(X), BITS).detach())


# --- another loss


def test_another_loss_is_said_with_both_numbers():
    expected = squares(model())
    film, told = filmed(DataLoader(TensorDataset(X, BITS), batch_size=40))  # floats: MSE where none is named
    (note,) = film.notes
    assert f"at step 0 it told {told[0]:.4g}, and MSE on the same samples is {expected:.4g};" in note
    (short,) = film.recording.training.notes
    assert short == f"not the loop's losses: {told[0]:.3g} told at step 0, here {expected:.3g}"


@pytest.mark.parametrize("data", [(X, BITS), TensorDataset(X, BITS), DataLoader(TensorDataset(X, BITS), 10)])
def test_it_is_said_where_batches_may_differ_by_chance_too(data):
    film, told = filmed(data, steps=12)
    (note,) = film.notes
    assert f"told {told[0]:.4g}, and MSE on all samples is {squares(model()):.4g}, beyond what" in note


def test_batches_that_differ_by_chance_are_not_another_loss():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(X, BITS), batch_size=4, shuffle=True)
    with descent.recording(module, optimizer, loader, "bce_with_logits", resolution=(3, 3)) as film:
        torch.manual_seed(1)
        for _ in range(4):
            for x, y in loader:
                goes_down(module, optimizer, film, steps=1, batch=(x, y))
    assert film.notes == ()


def test_a_batch_that_is_handed_over_is_compared_exactly():
    batch = (X[:5], BITS[:5])
    film, told = filmed((X, BITS), batch=batch)
    expected = float(F.mse_loss(model()(X[:5]), BITS[:5]).detach())
    (note,) = film.notes
    assert f"told {told[0]:.4g}, and MSE on the batch that it handed over is {expected:.4g}" in note
    film, _ = filmed((X, BITS), F.binary_cross_entropy_with_logits, batch=batch)
    assert film.notes == ()


@pytest.mark.parametrize(
    ("told", "exact", "found"),
    [
        ([1.0, 0.5, 0.25], True, False),
        ([1.0, 0.5, 0.26], True, True),
        ([1.001, 0.5, 0.25], True, False),
        ([np.nan, np.nan, np.nan], True, False),
        ([1.2, 0.4, 0.27], False, False),
        ([3.0, 1.5, 0.75], False, True),
    ],
)
def test_losses_differ(told, exact, found):
    ours = np.array([1.0, 0.5, 0.25])
    assert (differing(np.arange(3), np.array(told), ours, exact=exact) is not None) == found


# --- which loss belongs to which step


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("SLSLSL", [0, 1, 2]),
        ("LSLSLS", [0, 1, 2]),
        ("SLLSL", [0, 2]),  # a step left out between
        ("LLSLS", [1, 2]),
        ("LSLSL", [1, 2]),  # the first left out: what follows a step directly is its own
        ("SLSLL", [0, 1]),
        ("SSLSSL", [-1, 0, -1, 1]),
        ("LLLSLLLS", [2, 5]),
        ("SLS", [0, -1]),
        ("S", [-1]),
        ("L", []),
    ],
)
def test_losses_are_tied_to_their_steps(events, expected):
    told, made, last = [], 0, ""
    for event in events:
        if event == "S":
            made += 1
        else:
            told.append(Told(made, last == "S" if made else None))
        last = event
    assert tie(told, made).tolist() == expected


def test_before_the_steps_and_broken_off_the_gradients_tell():
    told = [Told(0, None), Told(1, False), Told(2, False)]
    assert tie(told, 2).tolist() == [0, 1]


# --- nothing raises inside the loop


def test_what_is_no_loss_is_noted():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer, (X, BITS), resolution=(3, 3), plane="random") as film:
        for odd in (torch.zeros(2), "high", None, 0.5):
            goes_down(module, optimizer, _Deaf(), steps=1)
            film.step(odd)
    assert np.isnan(film.recording.training.runs[0].batch_losses).tolist() == [True, True, True, False]
    assert any("what was told is not always a loss" in note for note in film.notes)


class _Deaf:
    def step(self, *_):
        pass


def test_a_layer_that_grows_ends_the_film_and_not_the_loop(caplog):
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer, (X, BITS), resolution=(3, 3), plane="random") as film:
        goes_down(module, optimizer, film, steps=3)
        module[0], module[2] = nn.Linear(2, 6), nn.Linear(6, 1)
        optimizer.add_param_group({"params": [*module.parameters()]})
        goes_down(module, optimizer, film, steps=3)
    with caplog.at_level(logging.WARNING, "descent"):
        made = film.recording
    assert made.steps == 3
    assert (
        "recording stopped after 3 steps: the parameter '0.weight' had 8 numbers and now has 12"
        in caplog.text
    )
    assert "recorded up to step 3" in made.training.notes


def test_a_rate_that_is_no_number_ends_the_film_and_not_the_loop():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer, plane="random") as film:
        goes_down(module, optimizer, film, steps=2)
        optimizer.param_groups[0]["lr"] = _Odd(0.1)
        goes_down(module, optimizer, film, steps=2)
    assert film.recording.steps == 2
    assert "not a number" in film.notes[0]


class _Odd(float):
    def __float__(self):
        raise ValueError("odd")


def test_data_that_fail_only_in_the_end_leave_the_path():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    data = DataLoader(TensorDataset(X, BITS), batch_size=40)
    odd = nn.CrossEntropyLoss()
    with descent.recording(module, optimizer, data, odd, plane="random") as film:
        goes_down(module, optimizer, film)
        odd.weight = torch.ones(7)  # no longer fits
    assert film.recording.steps == 4
    assert np.isnan(film.recording.field.z).all()
    assert film.notes[0].startswith("no loss surface is drawn: ")


def test_no_optimizer_is_refused_before_the_loop():
    with pytest.raises(DescentError, match="a int is no optimizer whose steps can be watched"):
        descent.recording(model(), 3)


@pytest.mark.parametrize(
    ("data", "loss", "words"),
    [
        ((X, BITS[:3]), None, "X has 40 rows and y has 3"),
        ((X[:, :1], BITS), None, "cannot take samples of shape"),
        ((X, BITS), 3, "a int is no loss"),
        ((X, BITS), "mase", "unknown loss 'mase'"),
        ((X, BITS), lambda a, b: 1 / 0, "division by zero"),
        ({"x": X}, None, "allowed: loss=FUNCTION of"),
        (3, None, "a int is no data of a loop"),
        (([], []), None, "has no samples"),
        (iter([(X, BITS)]), None, "is no data of a loop"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_loop(data, loss, words):
    module = model()
    with pytest.raises(DescentError, match=words):
        descent.recording(module, torch.optim.SGD(module.parameters(), lr=0.1), data, loss)


class Mine(torch.optim.SGD):
    """Calls its parent's step, for which torch calls the hooks again once a plain SGD was made."""

    def step(self, closure=None):
        return super().step(closure)


def test_a_step_within_a_step_is_one():
    torch.optim.SGD(model().parameters(), lr=0.1)
    module = model()
    film, told = filmed(
        (X, BITS), "bce_with_logits", module=module, optimizer=Mine(module.parameters(), lr=0.1)
    )
    assert film.recording.steps == 4
    assert film.recording.training.runs[0].batch_losses == pytest.approx(told)


def test_a_step_that_fails_and_is_caught_does_not_end_the_film():
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with descent.recording(module, optimizer, (X, BITS), "bce_with_logits", plane="random") as film:
        for step in range(5):
            with pytest.raises(ZeroDivisionError) if step == 2 else nullcontext():
                optimizer.step(lambda step=step: 1 / (step - 2))
            goes_down(module, optimizer, film, steps=1)
    assert film.recording.steps == 9
    assert any("1 of 10 steps moved nothing" in note for note in film.notes)


def test_layers_that_turn_to_evaluation_are_said():
    module = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(X, BITS), batch_size=40)
    with descent.recording(module, optimizer, loader, "bce_with_logits", plane="random") as film:
        goes_down(module, optimizer, film)
        module[1].eval()
        told = goes_down(module, optimizer, film)
    assert "layers went from training to evaluation mode or back" in " ".join(film.notes)
    assert film.recording.trajectories[0].losses[4:8] == pytest.approx(told, rel=1e-5)


class TwoFaces(torch.optim.SGD):
    """Has modes, as Schedule-Free methods do."""

    def train(self):
        pass

    def eval(self):
        pass


def test_both_points_are_kept_where_there_are_two():
    module = model()
    film, _ = filmed(
        (X, BITS), "bce_with_logits", module=module, optimizer=TwoFaces(module.parameters(), lr=0.1)
    )
    (run,) = film.recording.trajectories
    np.testing.assert_array_equal(run.trained, np.column_stack([run.points, run.losses]))


# --- nothing is moved on


class Drawing(Dataset):
    """Draws from every stream there is."""

    def __init__(self):
        self.own, self.numpys = torch.Generator().manual_seed(5), np.random.default_rng(5)

    def __len__(self):
        return 12

    def __getitem__(self, index):
        noise = torch.rand(2) + torch.rand(2, generator=self.own) + random.random() + np.random.rand()  # noqa: NPY002
        return noise + self.numpys.random(), torch.ones(1)


def drawn(data, generator):
    numbers = [torch.rand(1), random.random(), np.random.rand(), torch.rand(1, generator=generator)]  # noqa: NPY002
    return [float(each) for each in [*numbers, data.numpys.random(), torch.rand(1, generator=data.own)]]


@pytest.mark.parametrize("workers", [0, 2])
def test_no_stream_of_random_numbers_is_moved_on(workers):
    def numbers(film):
        torch.manual_seed(3)
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002
        data, generator = Drawing(), torch.Generator().manual_seed(4)
        loader = DataLoader(data, 5, shuffle=True, generator=generator, num_workers=workers)
        if film:
            filmed(loader)[0].recording  # noqa: B018
        return drawn(data, generator)

    assert numbers(film=True) == numbers(film=False)


class Turning(torch.utils.data.Sampler):
    """Gives other samples each time it is asked."""

    def __init__(self):
        self.turn = 0

    def __iter__(self):
        self.turn += 1
        return iter(range(self.turn, 40, 4))

    def __len__(self):
        return 10


def test_a_sampler_stands_where_it_stood():
    sampler = Turning()
    loader = DataLoader(TensorDataset(X, BITS), 5, sampler=sampler)
    film, _ = filmed(loader, "bce_with_logits")
    assert film.recording.training.sizes == (10, 0, 0)
    assert sampler.turn == 0


def test_of_many_samples_some_are_measured():
    x = torch.randn(5000, 2, generator=torch.Generator().manual_seed(1))
    y = (x[:, :1] > 0).float()
    for data in ((x, y), DataLoader(TensorDataset(x, y), 64, shuffle=True)):
        film, _ = filmed(data, "bce_with_logits")
        made = film.recording
        assert (made.training.measured, made.training.sizes) == (2000, (5000, 0, 0))
        with torch.no_grad():
            expected = float(F.binary_cross_entropy_with_logits(model()(x), y))
        assert made.trajectories[0].losses[0] == pytest.approx(expected, rel=0.03)


# --- wrappers, and what is on the picture


class FabricSGD:
    """Wraps an optimizer, as Fabric's do."""

    def __init__(self, optimizer):
        self._optimizer = optimizer
        self.zero_grad, self.step = optimizer.zero_grad, optimizer.step


class FabricModule(nn.Module):
    """Wraps a module, as Fabric's do."""

    def __init__(self, module):
        super().__init__()
        self._forward_module = module

    def forward(self, x):
        return self._forward_module(x)


def test_wrappers_show_what_is_inside():
    inner = model()
    module = FabricModule(inner)
    optimizer = FabricSGD(torch.optim.SGD(module.parameters(), lr=0.25))
    film, _ = filmed((X, BITS), "bce_with_logits", module=module, optimizer=optimizer)
    made = film.recording
    assert made.recipe.target == "Sequential"
    assert made.recipe.specs == ("sgd:lr=0.25",)
    assert made.training.layers == ("0", "2")
    assert film.notes == ()


def test_what_a_compiler_wraps_is_inside_too():
    module = model()
    wrapped = torch.compile(module, backend="eager")
    film = descent.recording(wrapped, torch.optim.SGD(wrapped.parameters(), lr=0.1))
    assert repr(film) == "<Film of Sequential: 0 steps>"


def test_notes_are_kept_and_drawn(tmp_path):
    film, _ = filmed((X, BITS), steps=12)
    made = film.recording
    back = descent.load(made.save(tmp_path / "a.npz"))
    assert back.training.notes == made.training.notes != ()
    path = descent.still(back, size=(960, 600)).save(tmp_path / "a.svg")
    words = path.read_text(encoding="utf-8")
    assert "not the loop" in words
    assert "seed" not in words.rpartition("training samples")[2].partition("</text>")[0]  # nobody said one


def test_the_metric_is_left_out_where_none_fits():
    film, _ = filmed(
        (X, 2 * BITS - 1), nn.SoftMarginLoss(), loss_of=lambda o, y: F.soft_margin_loss(o, 2 * y - 1)
    )
    made = film.recording
    assert made.training.notes == ()
    assert made.training.metric == ""
    assert np.isnan(made.training.runs[0].epochs[:, 2]).all()
    with pytest.raises(DescentError, match="accuracy or RMSE"):
        descent.still(made, panels="curves", size=(480, 300)).pixels  # noqa: B018


def test_vital_words_that_are_too_long_for_a_line_take_two(tmp_path):
    from dataclasses import replace

    film, _ = filmed((X, BITS), "bce_with_logits")
    words = "what this picture must say is of such a length that a line of a small picture does not hold it"
    training = replace(film.recording.training, notes=(words,))
    path = descent.still(replace(film.recording, training=training), size=(480, 300)).save(tmp_path / "a.svg")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "does not hold it" in line]
    assert lines
    assert not any("training samples" in line for line in lines)
