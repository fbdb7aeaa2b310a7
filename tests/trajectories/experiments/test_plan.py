"""A plan: what a target is, what will run on it and what is worth a note, all found once, before it runs."""

import dataclasses
import inspect
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import descent
from descent import DescentError
from descent.cli import cli
from descent.surfaces.catalogue import CURVE, NETWORK, SURFACE
from descent.surfaces.surface import Surface
from descent.trajectories.experiments.plan import plan

SMALL = ("--steps", "3", "--size", "320x240")
RESOLVERS = (  # what reads a target's text, of surfaces and of networks
    "descent.surfaces.analytic.resolve._from_text",
    "descent.surfaces.networks.resolve._from_text",
)
ASKS = "descent.surfaces.networks.resolve.is_network"


@pytest.fixture
def texts(monkeypatch, tmp_path):
    """Note each text that is resolved to a surface or a network, and each that is asked whether it is one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    found = {"resolved": [], "asked": []}
    for name in (*RESOLVERS, ASKS):
        module, _, attribute = name.rpartition(".")
        function = getattr(import_module(module), attribute)

        def noting(target, *more, function=function, told=found["asked" if name == ASKS else "resolved"]):
            if isinstance(target, str):
                told.append(target)
            return function(target, *more)

        monkeypatch.setattr(name, noting)
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "beale", "--panels", "contour,loss", *SMALL[:2]),
        ("compare", "beale", "--heights", "linear", "--tuned", *SMALL),
        ("compare", "parabola", *SMALL),
        ("compare", "expr:x**2 + y**2", "--view=-1,1,-1,1", "--out", "a.png", *SMALL),
        ("record", "quadratic:condition=5", "--steps", "3", "--out", "a.npz"),
        ("sweep", "beale", "-o", "sgd", "--lr", "0.01,0.1", "--out", "a.png", *SMALL),
        ("basins", "himmelblau", "-o", "sgd", "--starts", "4", "--out", "a.png", *SMALL),
        ("show", "beale"),
        ("compare", "linear", "-o", "sgd", "--epochs", "2", "--arrows", "gradient", *SMALL[2:]),
        ("record", "linear", "-o", "sgd", "--epochs", "2", "--out", "a.npz"),
        ("show", "mlp"),
    ],
    ids=" ".join,
)
def test_every_command_resolves_its_target_once(texts, arguments):
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    assert texts["resolved"] == [arguments[1]]
    assert len(texts["asked"]) <= 1


def test_python_resolves_a_target_once_too(texts):
    descent.record("beale", "sgd:lr=0.01", steps=2)
    assert texts == {"resolved": ["beale"], "asked": ["beale"]}


@pytest.mark.parametrize(
    ("target", "kind"),
    [("beale", SURFACE), ("parabola", CURVE), (lambda x, y: x * y, SURFACE), ("linear", NETWORK)],
)
def test_a_plan_says_what_its_target_is(target, kind):
    made = plan(target, "sgd:lr=0.1")
    assert made.kind == kind
    assert (made.surface is None) == (made.network is not None) == (kind == NETWORK)
    assert [spec.name for spec in made.specs] == ["sgd"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.kind = CURVE


def test_a_plan_names_what_will_be_run():
    made = plan("beale", ["sgd", "adam:lr=9"], lr=[0.1, 0.2, 0.1], start=(99, 0))
    assert list(map(str, made.specs)) == ["sgd:lr=0.1", "sgd:lr=0.2", "adam:lr=0.1", "adam:lr=0.2"]
    assert made.notes == ("the start 99,0 lies outside the domain of beale, -4.5 to 4.5 by -4.5 to 4.5",)
    assert made.surface.view[0][1] > 99  # as wide as it will be recorded
    assert made.run().recipe.view == made.surface.view
    network = plan("mlp:hidden=4", "adam", data="moons", epochs=1).network
    assert (network.name, network.data.name) == ("mlp:hidden=4", "moons")


def test_nothing_runs_before_run_and_twice_gives_the_same(monkeypatch):
    called = []

    def bowl(x, y):
        called.append(1)
        return x**2 + y**2

    box = ((-1.0, 1.0), (-1.0, 1.0))
    made = plan(Surface("bowl", bowl, box, box, (0.5, 0.5)), "sgd:lr=0.1", steps=3, noise=0.1)
    assert not called
    done = []
    first = made.run(progress=lambda *counts: done.append(counts))
    assert called
    assert done == [(1, 1)]
    np.testing.assert_array_equal(first.trajectories[0].points, made.run().trajectories[0].points)


def test_a_network_is_trained_from_the_same_weights_each_time():
    lines = []
    made = plan("linear", "sgd:lr=0.1", epochs=2, resolution=(3, 3))
    first, second = made.run(log=lines.append), made.run()
    assert lines
    np.testing.assert_array_equal(first.trajectories[0].losses, second.trajectories[0].losses)
    recorded = descent.record("linear", "sgd:lr=0.1", epochs=2, resolution=(3, 3))
    np.testing.assert_array_equal(first.trajectories[0].losses, recorded.trajectories[0].losses)


def test_record_and_plan_take_the_same():
    taken = {name: each.default for name, each in inspect.signature(descent.record).parameters.items()}
    for name in ("progress", "log"):
        del taken[name]
    assert taken == {name: each.default for name, each in inspect.signature(plan).parameters.items()}


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("beal", {}, "unknown surface 'beal'; did you mean 'beale'?"),
        ("mpl", {}, "did you mean the network 'mlp'?"),
        ("moons", {}, "a network learns it, as in: descent compare mlp --data moons"),
        ("quadratic:conditio=3", {}, "did you mean 'condition'?"),
        ("mlp:hiden=3", {}, "did you mean 'hidden'?"),
        ("numpy:hypott", {}, "did you mean 'hypot'?"),
        ("mlp", {"data": "mons"}, "did you mean 'moons'?"),
        ("mlp", {"steps": 3}, "steps cannot be given for a network, only for surfaces"),
        ("beale", {"epochs": 3}, "epochs cannot be given for a surface, only for networks"),
        ("beale", {"epoch": 3}, "did you mean 'epochs'?"),
        (3, {}, "a int is not a surface; allowed: a name from"),
    ],
)
def test_a_bad_target_is_met_with_the_nearest_name(target, options, words):
    with pytest.raises(DescentError) as caught:
        plan(target, "sgd:lr=0.1", **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bad_target_says_the_same_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["compare", "beal"])
    assert result.exit_code == 2
    assert "did you mean 'beale'?" in result.output
    assert not list(Path().iterdir())
