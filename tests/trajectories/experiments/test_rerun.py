"""What recipes make again: the same runs, the same recipe, or a sentence that says why not."""

import json
from dataclasses import asdict

import numpy as np
import pytest

import descent
from descent.surfaces.errors import NotPossibleError
from descent.trajectories.experiments.bare_surface import survey
from descent.trajectories.experiments.budget import Budget
from descent.trajectories.experiments.rerun import (
    again,
    remake_basins,
    remake_recording,
    remake_sweep,
    run_again,
)


def plain(recording):
    """What a picture of a recording carries."""
    recipe = recording.recipe
    return json.loads(json.dumps(asdict(recipe) | {"versions": dict(recipe.versions)}))


SURFACES = {
    "schedules, noise, seed": (
        "beale",
        ["sgd:lr=0.01,momentum=0.9,nesterov=true@step:step_size=3,gamma=0.5", "adam:lr=0.1,clip=1@cosine"],
        {"steps": 8, "noise": 0.1, "seed": 3, "start": (1, 1.5), "protocol": "by hand"},
    ),
    "stop_at, dtype, view, formula": (
        "expr:x**2 + y**2",
        "sgd:lr=0.2",
        {"steps": 30, "stop_at": 0.1, "dtype": "float32", "view": ((-3, 3), (-2, 2))},
    ),
    "options, defaults, a view that is widened": (
        "quadratic:condition=10",
        None,
        {"steps": 3, "start": (30, 1)},
    ),
    "one by one": ("rosenbrock", "lbfgs:lr=0.1", {"steps": 3}),
    "one parameter": ("parabola", "sgd:lr=0.1", {"steps": 3}),
}


@pytest.mark.parametrize("name", SURFACES)
def test_surfaces_come_again(name):
    target, specs, options = SURFACES[name]
    once = descent.record(target, specs, resolution=(5, 4), **options)
    twice = run_again(remake_recording, plain(once))
    assert twice.recipe == once.recipe
    assert plain(twice) == plain(once)
    for one, other in zip(once.trajectories, twice.trajectories, strict=True):
        np.testing.assert_array_equal(one.points, other.points)
    np.testing.assert_array_equal(once.field.z, twice.field.z)


NETWORKS = {
    "classes": (
        "mlp:hidden=4",
        ["sgd:lr=0.1", "adam:lr=0.01@step:step_size=1"],
        {"data": "moons:samples=60", "epochs": 2, "snapshots": 4, "patience": 3, "seed": 2, "plane": "ends"},
    ),
    "numbers": ("linear", "sgd:lr=0.1", {"data": "line", "epochs": 3}),
    "loss, batches, heights": (
        "logistic",
        "sgd:lr=0.1",
        {"epochs": 2, "loss": "huber:delta=0.5", "batch_size": 40, "field_of": "val"},
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_come_again(name):
    target, specs, options = NETWORKS[name]
    once = descent.record(target, specs, resolution=(4, 4), **options)
    lines, done = [], []
    twice = run_again(remake_recording, plain(once), log=lines.append, progress=lambda *k: done.append(k))
    assert twice.recipe == once.recipe
    for one, other in zip(once.trajectories, twice.trajectories, strict=True):
        np.testing.assert_array_equal(one.losses, other.losses)
    assert lines
    assert done[-1] == (len(once.trajectories),) * 2


def test_a_bare_surface_comes_again():
    once = survey(descent.surfaces.get("beale"), (6, 5))
    twice = run_again(remake_recording, plain(once))
    assert twice.recipe == once.recipe
    np.testing.assert_array_equal(once.field.z, twice.field.z)


@pytest.mark.parametrize("target", ["beale", "parabola"])
def test_sweeps_come_again(target):
    options = {"steps": 5, "seeds": 2, "seed": 4, "noise": 0.1, "tolerance": 0.2, "resolution": (6, 5)}
    once = descent.sweep(target, ["sgd", "adam:betas=0.8/0.99@cosine"], "1e-3:0.1:3", start=(1, 0), **options)
    done = []
    twice = run_again(remake_sweep, json.loads(json.dumps(once.recipe)), progress=lambda *k: done.append(k))
    assert twice.recipe == once.recipe
    np.testing.assert_array_equal(once.losses, twice.losses)
    np.testing.assert_array_equal(once.steps_to_minimum, twice.steps_to_minimum)
    np.testing.assert_array_equal(once.field.z, twice.field.z)
    assert done[-1] == (12, 12)


def test_a_sweep_is_the_same_whatever_the_memory():
    small, large = (
        descent.sweep("beale", "sgd", "1e-3:0.1:20", steps=40, resolution=(4, 4), memory=memory)
        for memory in (20_000, 1e9)
    )
    assert small.points is None
    assert small.recipe == large.recipe


def test_basins_come_again():
    options = {"steps": 6, "tolerance": 0.3, "view": ((-4, 4), (-5, 5)), "dtype": "float32"}
    once = descent.basins("himmelblau", ["adam:lr=0.1@step:step_size=3", "sgd:lr=0.01"], starts=5, **options)
    twice = run_again(remake_basins, json.loads(json.dumps(once.recipe)))
    assert twice.recipe == once.recipe
    np.testing.assert_array_equal(once.index, twice.index)
    np.testing.assert_array_equal(once.steps, twice.steps)


def sentence(make, recipe, **options):
    with pytest.raises(NotPossibleError) as caught:
        run_again(make, recipe, budget=Budget(**options))
    text = str(caught.value)
    assert "\n" not in text
    return text


def bowl(x, y):
    return x * x + y * y


def test_objects_of_python_are_not_in_a_recipe():
    import torch

    recordings = [
        descent.record(bowl, "sgd:lr=0.1", steps=1, resolution=(4, 4)),
        descent.record(torch.nn.Linear(2, 2), "sgd:lr=0.1", data="moons", epochs=1, resolution=(4, 4)),
    ]
    for recording, name in zip(recordings, ("bowl", "Linear"), strict=True):
        text = sentence(remake_recording, plain(recording))
        assert text.startswith(f"its target '{name}' was handed over as an object of Python")
    x, y = torch.randn(30, 2), torch.arange(30) % 2
    recording = descent.record("mlp:hidden=4", "sgd:lr=0.1", data=(x, y), epochs=1, resolution=(4, 4))
    assert sentence(remake_recording, plain(recording)).startswith(
        "its data 'arrays' was handed over as an object"
    )
    swept = descent.sweep(bowl, "sgd", "0.1,0.2", steps=1, resolution=(4, 4))
    assert sentence(remake_sweep, swept.recipe).startswith("its target 'bowl' was handed over")


def test_loops_of_ones_own_are_not_run_again():
    once = descent.record("linear", "sgd:lr=0.1", epochs=1, resolution=(4, 4))
    recipe = plain(once)
    recipe["training"]["epochs"] = 0
    assert "recorded from a training loop of somebody's own" in sentence(remake_recording, recipe)


def test_what_cannot_be_found_is_named():
    once = descent.record("beale", "sgd:lr=0.1", steps=1, resolution=(4, 4))
    recipe = plain(once)
    for changes, words in (
        ({"target": "no.such.module:f"}, "there is no module 'no'"),
        ({"device": "abacus"}, "abacus"),
        ({"specs": ["sgdd:lr=0.1"]}, "unknown optimizer 'sgdd'"),
        ({"specs": ["sgd:lr=0.1", 3]}, "'text'"),
        ({"start": [1]}, "'start' in its header is not two numbers"),
        ({"versions": [["torch", "2"]]}, "'versions' in its header is missing or no dict"),
        ({"later": 1}, "has too much: later"),
    ):
        assert words in sentence(remake_recording, recipe | changes, imports=True)
    with pytest.raises(NotPossibleError, match="cannot be run again"):
        again(
            descent.record("beale", "sgd:lr=0.1", steps=1, resolution=(4, 4)).recipe.__class__(
                **{**asdict(once.recipe), "specs": ("nonsense",)}
            )
        )


@pytest.mark.parametrize("key", ["target", "specs", "rates", "seeds", "resolution", "view"])
@pytest.mark.parametrize("value", [None, [], "x", [None], 3])
def test_damaged_recipes_of_sweeps_are_one_sentence(key, value):
    recipe = descent.sweep("sphere", "sgd", "0.1,0.2", steps=1, resolution=(4, 4)).recipe
    if key == "seeds" and value == []:
        value = [0, 2]
    assert sentence(remake_sweep, recipe | {key: value})


@pytest.mark.parametrize("key", ["target", "specs", "starts", "steps", "tolerance", "view", "device"])
@pytest.mark.parametrize("value", [None, [], [None], -3])
def test_damaged_recipes_of_basins_are_one_sentence(key, value):
    recipe = {
        "target": "himmelblau",
        "specs": ["sgd:lr=0.1"],
        "starts": 4,
        "steps": 2,
        "tolerance": 0.1,
        "device": "cpu",
        "dtype": "float64",
        "view": [[-5, 5], [-5, 5]],
        "methods": [],
        "versions": {},
    }
    assert run_again(remake_basins, recipe).starts == 4
    assert sentence(remake_basins, recipe | {key: value})
