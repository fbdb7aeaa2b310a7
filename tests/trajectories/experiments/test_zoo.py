"""Every optimizer of a package is tried by itself: what it needs, how it is; and nothing stops the table."""

import json
import sys

import pytest
from click.testing import CliRunner

from descent import DescentError
from descent.cli import cli
from descent.trajectories.experiments.try_class import try_class
from descent.trajectories.experiments.zoo import classes_of, try_package
from descent.trajectories.reports.zoo import as_table
from descent.trajectories.results.tried import DOUBLE, ELEMENTWISE, MIXING, SINGLE, TWO, Tried

CODE = """
import os
import sys
import time

import torch

print("hello from a package")


class Own(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    def parameters(self):
        return [each for group in self.param_groups for each in group["params"]]

    @torch.no_grad()
    def step(self, closure=None):
        print("a step")
        for each in self.parameters():
            each.sub_(self.way(each.grad), alpha=self.param_groups[0]["lr"])

    def way(self, gradient):
        return gradient


class Base(Own):
    def __init__(self, params, defaults):
        super().__init__(params, **defaults)


class Mixes(Own):
    def way(self, gradient):
        return gradient / gradient.norm()


class Rateless(Own):
    def __init__(self, params, lr):
        super().__init__(params, lr)


class NoneRate(Own):
    def __init__(self, params, lr=None):
        if lr < 0:
            raise ValueError("lr must be at least 0")
        super().__init__(params, lr)


class Climbs(Own):
    def way(self, gradient):
        return -gradient


class Asks(Own):
    def step(self, closure=None):
        if closure is None:
            raise ValueError("requires a closure")
        with torch.enable_grad():
            closure()
        super().step()


class Single(Own):
    def way(self, gradient):
        torch.zeros(2).lerp(torch.zeros(2, dtype=gradient.dtype), 0.5)
        return gradient


class Vectors(Own):
    def way(self, gradient):
        if gradient.ndim > 1:
            raise ValueError("no matrices")
        return gradient


class Faces(Own):
    def train(self):
        pass

    def eval(self):
        pass


class Hangs(Own):
    def step(self, closure=None):
        while True:
            time.sleep(0.01)


class Leaves(Own):
    def step(self, closure=None):
        os._exit(3)


class Refuses(Own):
    def __init__(self, params, lr=0.01):
        raise RuntimeError("not today")


_Hidden = type("_Hidden", (Own,), {})
"""
TRIED = {
    "Asks": {"needs": ("its steps are given a closure",)},
    "Climbs": {
        "notes": ("its first 30 steps go uphill", "its loss does not fall within 30 steps at lr 0.01")
    },
    "Faces": {"point": TWO, "updates": ""},
    "Hangs": {"why": "trying it did not end within 2 seconds"},
    "Leaves": {"why": "trying it ended its process"},
    "Mixes": {"updates": MIXING},
    "NoneRate": {"needs": ("a rate",)},
    "Own": {},
    "Rateless": {"needs": ("a rate",)},
    "Refuses": {"why": "zoo_of_tests.Refuses cannot run like this: not today"},
    "Single": {"precision": SINGLE, "matrix": SINGLE},
    "Vectors": {"matrix": ""},
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    (tmp_path / "zoo_of_tests").mkdir()
    (tmp_path / "zoo_of_tests" / "__init__.py").write_text("from .inner import *\n")
    (tmp_path / "zoo_of_tests" / "inner.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    yield "zoo_of_tests"
    for name in ("zoo_of_tests.inner", "zoo_of_tests"):
        sys.modules.pop(name, None)


def expected(name):
    usual = {"lr": 0.01, "updates": ELEMENTWISE, "precision": DOUBLE, "point": "one", "matrix": DOUBLE}
    more = TRIED[name]
    if "why" in more:
        usual = {}
    elif more.get("needs") == ("its steps are given a closure",):
        usual["updates"] = ""
    return Tried(f"zoo_of_tests.{name}", **(usual | more))


def test_the_classes_of_a_package_are_its_own_each_once_and_no_bases(package):
    assert classes_of(package) == [f"zoo_of_tests.{name}" for name in TRIED]


@pytest.mark.parametrize("name", sorted(TRIED.keys() - {"Hangs", "Leaves"}))
def test_a_class_is_tried(package, name):
    assert try_class(f"zoo_of_tests.{name}") == expected(name)


@pytest.mark.slow
def test_a_class_that_hangs_or_ends_its_process_does_not_stop_the_table(package):
    told = []
    zoo = try_package(package, each=2.0, progress=lambda done, of: told.append((done, of)))
    assert zoo.tried == tuple(map(expected, TRIED))
    assert told == [(number, len(TRIED)) for number in range(1, len(TRIED) + 1)]
    lines = [line.split() for line in as_table(zoo).splitlines()]
    assert " ".join(lines[0]) == "optimizer runs lr of vectors precision points matrix needs and notes"
    assert " ".join(lines[4]) == "Hangs no trying it did not end within 2 seconds"
    assert " ".join(lines[6]) == "Mixes yes 0.01 mixing float64 one float64"
    assert " ".join(lines[-1]) == "9 of 12 optimizers of zoo_of_tests run"


@pytest.mark.slow
def test_the_command_prints_json():
    done = CliRunner().invoke(cli, ["list", "optimizers", "--package", "torch", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["run"] == len(found["optimizers"]) == 15
    assert found["distribution"] == "torch"
    by_name = {each["name"]: each for each in found["optimizers"]}
    assert by_name["adafactor"]["updates"] == MIXING
    assert by_name["sgd"]["updates"] == ELEMENTWISE
    assert by_name["sparseadam"]["matrix"] == ""


REFUSED = {
    "nosuch-package": "no package 'nosuch-package' is installed: pip install nosuch-package",
    "numpi": "no package 'numpi' is installed: pip install numpi; did you mean 'numpy'?",
    "a b": "no package 'a b' is installed: pip install a b",
    "colorsys": "package 'colorsys' has no classes that derive from torch.optim.Optimizer",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_package_of_optimizers_is_one_sentence(name):
    with pytest.raises(DescentError) as error:
        try_package(name)
    assert str(error.value) == REFUSED[name]


def test_a_package_that_fails_to_import_says_why(tmp_path, monkeypatch):
    (tmp_path / "broken_zoo.py").write_text("raise RuntimeError('needs a GPU')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DescentError) as error:
        try_package("broken_zoo")
    assert str(error.value) == "package 'broken_zoo' cannot be imported: RuntimeError: needs a GPU"


def test_packages_are_for_optimizers():
    done = CliRunner().invoke(cli, ["list", "surfaces", "--package", "torch"])
    assert (done.exit_code, done.stderr) == (2, "Error: --package is for optimizers, not for surfaces\n")


def test_the_table_is_whole_from_json():
    tried = Tried("a.B", lr=0.1, needs=("a rate",), updates=MIXING, precision=DOUBLE, point=TWO, notes=("x",))
    assert Tried.from_json(json.loads(json.dumps(tried.as_json()))) == tried
