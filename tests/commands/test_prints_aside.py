"""What packages of others print is no result: it goes to stderr, and JSON stays JSON."""

import json
import sys
from types import ModuleType

import pytest
import torch
from click.testing import CliRunner

import descent
from descent.cli import cli
from descent.trajectories.matching import match as matching


class Chatty(torch.optim.Optimizer):
    """Says what it does, as some packages do."""

    def __init__(self, params, lr=0.01):
        print("made")
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self):
        print("one more step")
        for group in self.param_groups:
            for each in group["params"]:
                each.sub_(each.grad, alpha=group["lr"])


@pytest.fixture
def package(monkeypatch):
    module = ModuleType("chatty")
    module.Chatty = Chatty
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


COMMANDS = {
    "compare": ("compare", "beale", "--steps", "2"),
    "basins": ("basins", "himmelblau", "--steps", "2", "--starts", "2"),
    "sweep": ("sweep", "beale", "--steps", "2", "--lr", "0.01,0.1"),
    "network": ("compare", "logistic", "--data", "moons", "--epochs", "1"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_json_is_json_whatever_an_optimizer_prints(package, command, tmp_path):
    out = tmp_path / "a.png"
    line = [*command, "-o", f"{package}.Chatty:lr=0.01", "--json", "--out", str(out), "--size", "320x240"]
    done = CliRunner().invoke(cli, line)
    assert done.exit_code == 0, done.output
    json.loads(done.stdout)
    assert "one more step" in done.stderr
    done = CliRunner().invoke(
        cli, ["again", str(out), "--allow-imports", "--json", "--out", str(tmp_path / "b.png")]
    )
    assert done.exit_code == 0, done.output
    json.loads(done.stdout)


def bowl(x, y):
    print("asked")
    return x**2 + y**2


OTHERS = {
    "test": ("test", "chatty.Chatty", "--json"),
    "test with a reference": ("test", "chatty.Chatty", "--reference", "chatty.Chatty", "--json"),
    "check": ("check", ".", "--allow-imports", "--json"),
    "show and draw": ("show", "chatty:bowl", "--json", "--out", "b.png", "--size", "320x240"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_commands_that_ask_print_json_alone(package, name, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[package], "bowl", bowl, raising=False)
    if "test" in name:  # all of the table takes long, and each cell prints alike
        monkeypatch.setattr("descent.trajectories.testing.soundness.CHECKS", {})
        small = {"surfaces": ["beale"], "shapes": (), "steps": 2}
        match = matching.match
        monkeypatch.setattr(matching, "match", lambda *given, **more: match(*given, **{**more, **small}))
    monkeypatch.chdir(tmp_path)
    if name == "check":
        descent.record("beale", f"{package}.Chatty:lr=0.01", steps=2, resolution=(4, 4)).save("a.npz")
    done = CliRunner().invoke(cli, OTHERS[name])
    assert done.exit_code in (0, 1), done.output
    json.loads(done.stdout)
    assert any(word in done.stderr for word in ("one more step", "asked"))
