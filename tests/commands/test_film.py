"""The command that films a folder of checkpoints."""

import json
import sys

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import descent
from descent.cli import cli

PROGRAM = """
import torch
from torch import nn

class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1))

class Needy(nn.Module):
    def __init__(self, width):
        super().__init__()

def small():
    return Net()

def broken():
    raise ValueError("no such disk")

def pair():
    x = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
    return x, (x[:, :1] > 0).float()

def loader():
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*pair()), batch_size=8)

def near(module, batch):
    x, y = batch
    return ((module(x) > 0) == (y > 0)).double().mean()

held = pair()
number = 3
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film_program.py").write_text(PROGRAM)
    monkeypatch.syspath_prepend(tmp_path)
    import film_program

    torch.manual_seed(0)
    model = film_program.Net()
    (tmp_path / "run").mkdir()
    x, y = film_program.pair()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for epoch in range(0, 12, 2):
        torch.save({"state_dict": model.state_dict(), "epoch": 99}, tmp_path / "run" / f"net_{epoch}.ckpt")
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(x), y).backward()
        optimizer.step()
    np.savez("data.npz", X=x.numpy(), y=y.numpy())
    rows = "\n".join(f"{a},{b},{c}" for (a, b), (c,) in zip(x.tolist(), y.tolist(), strict=True))
    (tmp_path / "data.csv").write_text(f"a,b,goal\n{rows}\n")
    yield
    sys.modules.pop("film_program", None)


def film(*words):
    return CliRunner().invoke(cli, ["film", "run", *words])


SMALL = ("--loss", "bce_with_logits", "--size", "400x300", "--json")


def test_picture_recording_and_report_of_a_folder():
    done = film("--model", "film_program:Net", "--data", "film_program:pair", *SMALL, "--out", "a.png")
    assert done.exit_code == 0, done.output
    (run,) = json.loads(done.stdout)["runs"]
    assert run["optimizer"] == "descent.checkpoints"
    assert run["lr"] is None
    again = film("--model", "film_program:Net", *SMALL, "--data", "film_program:pair", "--save", "a.npz")
    assert again.exit_code == 0, again.output
    made = descent.load("a.npz")
    assert made.trajectories[0].at.tolist() == [0, 2, 4, 6, 8, 10]
    assert made.trajectories[0].losses[-1] == pytest.approx(run["measured_loss"])
    table = film("--model", "film_program:Net", "--save", "b.npz")
    assert "checkpoints" in table.stdout
    recipe = CliRunner().invoke(cli, ["recipe", "a.png"])
    assert recipe.exit_code == 1
    assert "it was made from checkpoints, which it does not hold; film these again" in recipe.output


@pytest.mark.parametrize(
    "data", ["film_program:pair", "film_program:held", "film_program:loader", "data.npz"]
)
@pytest.mark.parametrize("model", ["film_program:Net", "film_program:small"])
def test_data_and_model_are_named_in_many_ways_and_mean_the_same(model, data):
    done = film("--model", model, "--data", data, *SMALL, "--save", "a.npz")
    assert done.exit_code == 0, done.output
    whole = descent.from_checkpoints(
        sys.modules["film_program"].Net(), "run", sys.modules["film_program"].pair(), "bce_with_logits"
    )
    assert descent.load("a.npz").trajectories[0].losses == pytest.approx(
        whole.trajectories[0].losses, rel=1e-6
    )


def test_the_statistics_of_each_checkpoint_are_taken_when_asked():
    words = ("--model", "film_program:Net", "--data", "data.npz", *SMALL)
    assert film(*words, "--save", "a.npz").exit_code == 0
    done = film(*words, "--eval", "--save", "b.npz")
    assert "1.running_mean" in done.stderr
    one, other = (descent.load(f"{name}.npz").trajectories[0].losses for name in "ab")
    assert not np.allclose(one, other)


def test_fields_are_named_data_or_functions_of_module_and_batch():
    words = ("--model", "film_program:Net", "--data", "data.npz", *SMALL, "--save", "a.npz", "--eval")
    fields = ("--fields", "held = film_program:held", "--fields", "right=film_program:near")
    done = film(*words, *fields, "--fields", "rows=data.csv:target=goal", "--out", "a.png")
    assert done.exit_code == 0, done.output
    made = descent.load("a.npz")
    first, held, right, rows = made.training.fields
    assert [each.name for each in made.training.fields] == ["training loss", "held", "right", "rows"]
    np.testing.assert_allclose(first.z, held.z)  # the same samples by another name
    assert rows.z.shape == held.z.shape
    assert ((right.values[0] >= 0) & (right.values[0] <= 1)).all()
    for wrong, says in (
        (["--fields", "held"], "a field is written NAME=WHAT, not 'held'"),
        (["--fields", "a=data.npz", "--fields", "a=data.npz"], "the field 'a' is named twice"),
        (["--fields", "a=nothing"], "is not what a training of one's own learned from"),
    ):
        refused = film(*words, *wrong)
        assert refused.exit_code == 2
        assert says in refused.stderr


def test_the_sharpness_at_each_checkpoint_is_worked_out_when_asked():
    words = ("--model", "film_program:Net", "--data", "data.npz", *SMALL, "--sharpness", "--save", "a.npz")
    done = film(*words, "--panels", "contour,sharpness", "--out", "a.png", "--size", "640x480")
    assert done.exit_code == 0, done.output
    (run,) = descent.load("a.npz").training.runs
    assert run.sharpness.shape == (6,)
    assert (run.sharpness > 0).all()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--model", "film_program:Nett"], "unknown name in module 'film_program': 'Nett'"),
        (["--model", "film_program:Needy"], "is a class that needs width"),
        (["--model", "film_program:broken"], "could not be built: ValueError: no such disk"),
        (["--model", "film_program:pair"], "gives a tuple and no torch.nn.Module"),
        (["--model", "film_program:number"], "is a int and no torch.nn.Module"),
        (["--model", "Net"], "a model is named as package.module:Class, not 'Net'"),
        (
            ["--model", "film_program:Net", "--data", "moons"],
            "is not what a training of one's own learned from",
        ),
        (
            ["--model", "film_program:Net", "--data", "film_program:broken"],
            "failed with ValueError: no such disk",
        ),
        (["--model", "film_program:Net", "--data", "none.npz"], "none.npz"),
        (["--model", "film_program:Net", "--plane", "ends"], "unknown plane 'ends'"),
        (["--model", "film_program:Net", "--layer", "9"], "unknown layer '9'"),
        (["--model", "film_program:Net", "--save", "a.gif"], ".npz"),
        (["--model", "torch.nn:Tanh"], "the model has no parameters"),
    ],
)
def test_what_cannot_be_is_one_sentence(words, sentence):
    done = film(*words)
    assert done.exit_code in (1, 2), done.output
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not done.stdout
