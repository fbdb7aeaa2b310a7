"""Recordings of problems: files, recipes that make the same again, reports, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

import descent
from descent.surfaces.catalogue import PROBLEM
from descent.surfaces.errors import DescentError, NotPossibleError
from descent.surfaces.problems.resolve import get_problem
from descent.trajectories.experiments.budget import Budget
from descent.trajectories.experiments.plan import plan
from descent.trajectories.experiments.rerun import again
from descent.trajectories.reports.runs import as_json, as_table
from descent.viz.scenes.panel_table import kind_of

SMALL = {"steps": 15, "resolution": (9, 9)}


@pytest.fixture(scope="module")
def factorization():
    specs = ["sgd:lr=0.2", "muon:lr=0.02,weight_decay=0"]
    return descent.record("factorization:rows=5,cols=4,seed=2", specs, seed=3, **SMALL)


@pytest.fixture(scope="module")
def space():
    return descent.record("rosenbrock:dim=6", ["sgd:lr=1e-4", "adam:lr=0.1"], start=(-1, 2), **SMALL)


def same(one, other):
    assert one.recipe == other.recipe
    np.testing.assert_array_equal(one.field.z, other.field.z)
    for a, b in zip(one.trajectories, other.trajectories, strict=True):
        np.testing.assert_array_equal(a.points, b.points)
        np.testing.assert_array_equal(a.losses, b.losses)
    for a, b in zip(one.training.runs, other.training.runs, strict=True):
        np.testing.assert_array_equal(a.step_values, b.step_values)
        np.testing.assert_array_equal(a.weight_values, b.weight_values)
    facts = ("matrix", "minimum", "attained", "parameters", "plane")
    assert [getattr(one.training, name) for name in facts] == [
        getattr(other.training, name) for name in facts
    ]


@pytest.mark.parametrize("name", ["factorization", "space"])
def test_a_file_holds_all_of_it_and_its_recipe_makes_the_same_bytes_again(name, tmp_path, request):
    recording = request.getfixturevalue(name)
    assert kind_of(recording) == PROBLEM
    recording.save(tmp_path / "a.npz")
    same(recording, descent.load(tmp_path / "a.npz"))
    again(descent.load(tmp_path / "a.npz").recipe).save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_recipe_holds_options_of_the_run_too():
    more = {"plane": "random", "layer": "right", "snapshots": 4, "sharpness": True, "dtype": "float32"}
    once = descent.record("factorization", "adam:lr=0.1", **more, **SMALL)
    assert once.training.matrix == "right"
    assert once.training.runs[0].sharpness.size
    same(once, again(once.recipe))


def test_a_recipe_that_costs_too_much_is_not_begun(space):
    assert again(space.recipe, budget=Budget(seconds=60))
    with pytest.raises(NotPossibleError, match="about"):
        again(space.recipe, budget=Budget(seconds=1e-6))


@pytest.mark.parametrize(
    "target", ["factorization:rows=256,cols=256,rank=256", "memory:dim=256", "procrustes:dim=64"]
)
def test_a_strangers_recipe_with_large_matrices_runs_only_where_it_may(target, space):
    recipe = replace(space.recipe, target=target, specs=("sgd:lr=0.1",), resolution=(121, 121))
    with pytest.raises(NotPossibleError, match="say --yes to run it"):
        again(recipe)


@pytest.mark.parametrize("shape", [(0, 0), (16, 0), (15, 2), (16, 3)], ids=str)
def test_singular_values_of_another_shape_are_refused(factorization, shape):
    training = factorization.training
    for name in ("step_values", "weight_values"):
        runs = (training.runs[0], replace(training.runs[1], **{name: np.empty(shape)}))
        with pytest.raises(DescentError, match=f"{name} of trained run 1 must have the shape"):
            replace(training, runs=runs)
    none = tuple(
        replace(run, step_values=np.empty((16, 0)), weight_values=np.empty((16, 0))) for run in training.runs
    )
    with pytest.raises(DescentError, match="must have the shape"):
        replace(training, runs=none)
    with pytest.raises(DescentError, match="must have the shape"):
        replace(training, matrix="")


def test_the_table_says_how_far_above_the_minimum_each_run_ended(factorization):
    table = as_table(factorization)
    for words in ("above the minimum", "lowest loss: 0.0868056", "Muon weight_decay 0", " %"):
        assert words in table, table
    assert "train" not in table
    assert "epoch" not in table


def test_json_has_the_minimum_and_the_last_singular_values(factorization, space):
    found = as_json(factorization)
    json.dumps(found, allow_nan=False)
    problem = get_problem("factorization:rows=5,cols=4,seed=2")
    assert found["minimum"] == problem.minimum
    for run, trained in zip(found["runs"], factorization.training.runs, strict=True):
        assert run["above_minimum"] == pytest.approx(run["loss"] - problem.minimum)
        assert run["last_step_singular_values"] == trained.step_values[-2].tolist()
        assert run["last_singular_values"] == trained.weight_values[-1].tolist()
        assert run["steps"] == 15
    found = as_json(space)
    assert (found["parameters"], found["minimum"], found["matrix"]) == (6, 0.0, None)
    assert found["target"] == "rosenbrock:dim=6,start=-1/2"
    assert "last_singular_values" not in found["runs"][0]


def test_the_loss_of_the_end_is_that_of_the_end(space):
    for run, row in zip(space.trajectories, as_json(space)["runs"], strict=True):
        assert run.losses[-1] == pytest.approx(row["loss"], rel=1e-14)


def test_what_a_memory_recalls_is_said_of_each_run():
    recording = descent.record("memory:pairs=4,dim=4", ["sgd:lr=1", "adam:lr=0.1"], **SMALL)
    for run in recording.trajectories:
        (fact,) = run.facts
        assert fact.startswith("right answers have probabilities from 0.")
    assert "Adam: right answers have probabilities from" in as_table(recording)


def test_without_optimizers_those_run_that_suit_the_problem():
    chosen = plan("memory").specs
    assert [spec.name for spec in chosen] == ["sgd", "adam", "muon"]
    assert dict(chosen[2].options)["weight_decay"] == 0
    assert [spec.name for spec in plan("levy:dim=5").specs] == ["sgd", "adam", "rmsprop"]
    assert [spec.lr for spec in plan("memory", "muon", lr=[0.1, 0.2]).specs] == [0.1, 0.2]


def test_notes_say_a_better_rate_and_where_there_is_no_gradient():
    assert plan("memory", "muon").notes == ("muon runs at torch's default rate 0.001; 0.035 suits memory",)
    assert "the gradient jumps where a coordinate is 0" in plan("abs:dim=3").notes[-1]


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("memory", {"epochs": 3}, "epochs cannot be given for a problem, only for networks; how long"),
        ("memory", {"data": "moons"}, "data cannot be given for a problem, only for networks"),
        ("memory", {"batch_size": 3}, "batch_size cannot be given"),
        ("memory", {"noise": 0.1}, "noise cannot be given for a problem, only for surfaces"),
        ("memory", {"stop_at": 0.1}, "stop_at cannot be given for a problem, only for surfaces"),
        ("memory", {"start": (1, 2)}, "says itself where it begins, so the start (1, 2) cannot be given"),
        ("rosenbrock:dim=4", {"start": (1, 2, 3)}, "not (1, 2, 3)"),
        ("memory", {"layer": "left"}, "unknown parameter 'left'. Allowed: weight"),
        ("memory", {"plane": "weights"}, "the plane 'weights' is for problems of 2 parameters"),
        ("memory", {"plane": "ends", "optimizers": "sgd"}, "there is one"),
        ("memory", {"plane": "flat"}, "unknown plane 'flat'"),
        ("memory", {"steps": 0}, "steps must be a whole number of at least 1, not 0"),
        ("memory", {"snapshots": 1}, "snapshots"),
        ("memory", {"colour": 1}, "unknown option 'colour'"),
        ("memory", {"view": (1, 2)}, "a view is ((x0, x1), (y0, y1))"),
        ("memory", {"resolution": 3}, "resolution"),
        ("rosenbrock:dim=4", {"optimizers": "muon:lr=0.1"}, "2D parameters"),
    ],
)
def test_what_a_problem_has_no_use_for_is_one_sentence(target, options, words):
    with pytest.raises(DescentError) as error:
        descent.record(target, **({"optimizers": ["sgd:lr=0.1", "adam"]} | options))
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("factorization", "problem of many parameters, and here a surface is needed"),
        ("rosenbrock:dim=5", "a surface in more dimensions than two"),
    ],
)
def test_what_needs_a_surface_of_two_parameters_says_so(target, words):
    with pytest.raises(DescentError, match=words):
        descent.basins(target, "sgd")


def test_two_parameters_are_the_whole_plane():
    recording = descent.record("factorization:rows=1,cols=1,rank=1", "sgd:lr=0.1", **SMALL)
    assert recording.training.plane.exact
    assert recording.training.plane.meaning == "The axes are the two parameters, so the plane hides nothing."
    np.testing.assert_array_equal(recording.training.runs[0].distances, 0)


def test_a_barrier_is_of_the_loss_and_of_no_training():
    recording = descent.record("rosenbrock:dim=4", ["sgd:lr=1e-4", "adam:lr=0.1"], plane="ends", **SMALL)
    assert "barrier between the ends of SGD lr 0.0001 and Adam lr 0.1 is" in as_table(recording)
    assert "training" not in as_table(recording)
    assert "training" not in descent.animate(recording, panels="contour,line").alt
    (line,) = recording.training.lines
    assert line.ends == pytest.approx([run.losses[-1] for run in recording.trajectories])
