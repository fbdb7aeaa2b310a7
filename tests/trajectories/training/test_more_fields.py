"""Several fields on one plane: each height is what the module itself gives at the weights of its point."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import descent
from descent import DescentError
from descent.trajectories.results.network_runs import STEP, TRAIN_LOSS, VAL_LOSS

torch.set_num_threads(1)
X = torch.linspace(-1, 1, 21)[:, None].double()
Y = (2 * X + 0.5).double()
HELD = torch.linspace(-2, 2, 7)[:, None].double(), (1.5 * torch.linspace(-2, 2, 7)[:, None]).double()
GRID = {"resolution": (4, 3)}


def line():
    model = nn.Linear(1, 1).double()
    nn.init.constant_(model.weight, 0.3)
    nn.init.constant_(model.bias, -0.2)
    return model


def near(module, batch):
    """The share of outputs within 0.5 of their targets: one number a batch."""
    x, y = batch
    return ((module(x) - y).abs() < 0.5).double().mean()


def worst(module, batch):
    x, y = batch
    return (module(x) - y).detach().abs().max().item()


def held_loader():
    return DataLoader(TensorDataset(*HELD), batch_size=3)  # 3, 3 and 1 samples


FIELDS = {
    "validation loss": held_loader(),
    "share within 0.5": near,
    "worst held error": (held_loader(), worst),
}


def expected(model, name):
    with torch.no_grad():
        if name == "training loss":
            return float(F.mse_loss(model(X), Y))
        if name == "validation loss":
            return float(F.mse_loss(model(HELD[0]), HELD[1]))
        if name == "share within 0.5":
            return float(((model(X) - Y).abs() < 0.5).double().mean())
        # Batches count as they have samples: the mean of what the function gives for each sample's batch.
        errors = (model(HELD[0]) - HELD[1]).abs()[:, 0].split(3)
        return sum(float(part.max()) * len(part) for part in errors) / 7


def filmed(fields=FIELDS, **more):
    model, seen = line(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    seen.append(copy.deepcopy(model))
    with descent.recording(model, optimizer, (X, Y), "mse", fields=fields, **GRID | more) as film:
        for _ in range(5):
            optimizer.zero_grad()
            F.mse_loss(model(X), Y).backward()
            optimizer.step()
            seen.append(copy.deepcopy(model))
    return film, seen


def test_every_height_and_every_value_is_the_modules_own():
    film, seen = filmed()
    recording = film.recording
    assert [each.name for each in recording.training.fields] == ["training loss", *FIELDS]
    for each in recording.training.fields:
        for i, b in enumerate(recording.field.y):
            for j, a in enumerate(recording.field.x):
                model = line()
                with torch.no_grad():
                    model.weight.fill_(a)
                    model.bias.fill_(b)
                assert each.z[i, j] == pytest.approx(expected(model, each.name), rel=1e-12)
        (values,) = each.values
        assert values == pytest.approx([expected(model, each.name) for model in seen], rel=1e-12)
    np.testing.assert_array_equal(recording.training.fields[0].z, recording.field.z)
    assert not film.notes


def test_a_recording_of_fields_is_read_back_whole(tmp_path):
    recording = filmed()[0].recording
    again = descent.load(recording.save(tmp_path / "fields.npz"))
    for one, other in zip(recording.training.fields, again.training.fields, strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one.z, other.z)
        np.testing.assert_array_equal(one.values[0], other.values[0])


def test_checkpoints_have_the_fields_of_the_film_of_the_same_weights():
    film, seen = filmed()
    states = [model.state_dict() for model in seen]
    made = descent.from_checkpoints(line(), states, (X, Y), "mse", fields=FIELDS, **GRID)
    for one, other in zip(film.recording.training.fields, made.training.fields, strict=True):
        np.testing.assert_allclose(one.z, other.z, rtol=1e-12)
        np.testing.assert_allclose(one.values[0], other.values[0], rtol=1e-12)


@pytest.mark.parametrize("network", ["mlp:hidden=4", "logistic"])
def test_fields_of_a_network_by_name_are_those_of_its_epochs(network):
    options = {"data": "moons:samples=60", "epochs": 3, "batch_size": 12, "field_of": "train,val,metric"}
    recording = descent.record(network, ["sgd:lr=0.1", "adam:lr=0.02"], **options, **GRID)
    fields = recording.training.fields
    assert [each.name for each in fields] == ["training loss", "validation loss", "error rate"]
    for number, run in enumerate(recording.training.runs):
        rows = np.searchsorted(recording.trajectories[number].at, run.epochs[:, STEP])
        for each, column, sign in ((fields[0], TRAIN_LOSS, 1), (fields[1], VAL_LOSS, 1), (fields[2], 2, -1)):
            told = run.epochs[:, column] if sign == 1 else 1 - run.epochs[:, column]
            np.testing.assert_allclose(each.values[number][rows], told, rtol=1e-5, atol=1e-7)
    single = descent.record(
        network, ["sgd:lr=0.1", "adam:lr=0.02"], **options | {"field_of": "metric"}, **GRID
    )
    np.testing.assert_array_equal(fields[2].z, single.field.z)
    assert not single.training.fields


def test_a_metric_may_give_whole_numbers_and_any_module_and_data_may_be_there():
    def right(module, batch):
        return int((module(batch["text"]).argmax(1) == batch["kind"]).sum())

    model = nn.Sequential(nn.Embedding(5, 3), nn.Flatten(), nn.Linear(6, 2))
    data = {"text": torch.randint(0, 5, (8, 2)), "kind": torch.randint(0, 2, (8,))}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def loss_of(module, batch):
        return F.cross_entropy(module(batch["text"]), batch["kind"])

    with descent.recording(model, optimizer, data, loss_of, fields={"right": right}, **GRID) as film:
        for _ in range(3):
            optimizer.zero_grad()
            loss_of(model, data).backward()
            optimizer.step()
    (values,) = film.recording.training.fields[1].values
    assert values[-1] == right(model, data)
    assert all(float(each).is_integer() for each in values)


def test_a_metric_is_evaluated_without_dropout_and_moves_no_stream():
    model = nn.Sequential(nn.Linear(1, 4), nn.Dropout(0.5), nn.Linear(4, 1)).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = torch.get_rng_state()
    with descent.recording(model, optimizer, (X, Y), "mse", fields={"worst": worst}, **GRID) as film:
        optimizer.step()
        model(X)
        optimizer.step()
    state = torch.get_rng_state()
    (values,) = film.recording.training.fields[1].values
    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(before, state)  # the loop's own draw
    model.eval()
    assert values[-1] == pytest.approx(worst(model, (X, Y)), rel=1e-12)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ([near], "fields are a mapping from names"),
        ({"": near}, "called by a text"),
        ({3: near}, "called by a text"),
        ({"bad": lambda module, batch: module(batch[0])[:, 0]}, ""),  # a mean of several numbers is one
        ({"bad": lambda module: 0.0}, "the field 'bad' on data"),
        ({"bad": lambda module, batch: "high"}, "the field 'bad' on data"),
        ({"held": torch.zeros(3, 5)}, "data"),
        ({"held": (torch.zeros(3, 5), torch.zeros(3, 1))}, "cannot take samples of shape"),
        ({"held": "moons"}, "is not what a training of one's own learned from"),
    ],
)
def test_what_is_no_field_is_refused_before_the_loop(fields, says):
    model = line()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    if not says:
        descent.recording(model, optimizer, (X, Y), "mse", fields=fields)
        return
    with pytest.raises(DescentError, match=says):
        descent.recording(model, optimizer, (X, Y), "mse", fields=fields)


def test_fields_without_data_are_refused():
    model = line()
    with pytest.raises(DescentError, match="no data was given"):
        descent.recording(model, torch.optim.SGD(model.parameters(), lr=1.0), fields={"near": near})


@pytest.mark.parametrize(
    ("word", "says"),
    [("train,vol", "unknown field 'vol'"), ("val,val", "named twice"), ("train,", "unknown field ''")],
)
def test_names_of_fields_are_checked(word, says):
    with pytest.raises(DescentError, match=says):
        descent.record("mlp", data="moons", epochs=1, field_of=word)
    with pytest.raises(DescentError, match="needs validation data"):
        descent.record("mlp", data="moons", epochs=1, val=0.0, field_of="train,val")


def test_a_metric_that_is_not_defined_everywhere_has_no_number_there():
    def log(module, batch):
        return math.log(float(module.weight.detach()) - 0.2)

    film, seen = filmed(fields={"log": log}, view=((-1.0, 1.0), (-1.0, 1.0)))
    recording = film.recording
    (_, field) = recording.training.fields
    for j, a in enumerate(recording.field.x):
        if a > 0.2:
            np.testing.assert_allclose(field.z[:, j], math.log(a - 0.2), rtol=1e-12)
        else:
            assert np.isnan(field.z[:, j]).all()
    np.testing.assert_allclose(field.values[0], [log(model, None) for model in seen], rtol=1e-12)
