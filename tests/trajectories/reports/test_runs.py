"""Rows, JSON and table of a recording whose numbers are known by hand."""

import json

import numpy as np
import pytest

from descent.surfaces.field import Field
from descent.surfaces.surface import Minimum
from descent.trajectories.reports.runs import as_json, as_table, summarize
from descent.trajectories.results.recipe import Recipe
from descent.trajectories.results.recording import Recording
from descent.trajectories.results.trajectory import FINISHED, LEFT_THE_VIEW, NON_FINITE, Outcome, Trajectory

VIEW = ((-1.0, 1.0), (-1.0, 1.0))


def trajectory(spec, xs, outcome, rates=None):
    xs = np.array(xs, dtype=float)
    steps = len(xs) - 1
    points = np.stack([xs, np.zeros_like(xs)], axis=1)
    rates = np.full(steps, 0.5) if rates is None else np.array(rates)
    return Trajectory(spec, points, xs**2, 2 * points, rates, outcome, 3 * steps)


MINIMA = (Minimum((0.0, 0.0), 0.0), Minimum((5.0, 0.0), 0.0))


def recording(minima=MINIMA):
    runs = (
        trajectory("sgd:lr=0.5,momentum=0.9@step:step_size=2", [1, 0.1, 0.0005, 0.002], Outcome(FINISHED)),
        trajectory("adam:lr=1e-05", [1, 2, 4, 4.9], Outcome(LEFT_THE_VIEW, 1)),
        trajectory("rmsprop:lr=3", [1, 9, np.inf, np.nan], Outcome(NON_FINITE, 2)),
        trajectory("package.Mine", [1, 1, 1, 1], Outcome(FINISHED), [0.5, 0.25, 0.25]),
    )
    recipe = Recipe(
        target="valley:depth=2",
        specs=tuple(run.spec for run in runs),
        start=(1.0, 0.0),
        steps=3,
        seed=7,
        device="cpu",
        dtype="float64",
        view=VIEW,
        versions=(("torch", "2.0"),),
    )
    axis = np.array([-1.0, 1.0])
    return Recording(Field(axis, axis, np.zeros((2, 2))), runs, recipe, minima)


def test_rows():
    sgd, adam, rmsprop, mine = summarize(recording())
    assert (sgd.title, sgd.lr, sgd.outcome, sgd.steps, sgd.evaluations) == ("SGD", 0.5, "finished", 3, 9)
    assert (sgd.final_point, sgd.final_loss) == ((0.002, 0.0), pytest.approx(4e-6))
    assert (sgd.distance, sgd.steps_to_minimum) == (pytest.approx(0.002), 2)
    assert (adam.lr, adam.outcome, adam.outcome_step) == (1e-5, "left the view at step 1", 1)
    assert (adam.distance, adam.steps_to_minimum) == (pytest.approx(0.1), None)
    assert (rmsprop.outcome, rmsprop.outcome_step) == ("non-finite at step 2", 2)
    assert np.isnan(rmsprop.final_loss)
    assert np.isnan(rmsprop.distance)
    assert (mine.title, mine.lr) == ("Mine", 0.5)  # a spec that names no rate shows the one that was used


def test_json_is_plain():
    found = as_json(recording())
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["target"] == "valley:depth=2"
    assert (found["start"], found["steps"], found["seed"]) == ([1.0, 0.0], 3, 7)
    assert (found["device"], found["dtype"], found["versions"]) == ("cpu", "float64", {"torch": "2.0"})
    assert found["minima"] == [
        {"point": [0.0, 0.0], "value": 0.0, "domain_only": False},
        {"point": [5.0, 0.0], "value": 0.0, "domain_only": False},
    ]
    assert found["domain"] is None
    assert found["runs"][0] == {
        "optimizer": "sgd:lr=0.5,momentum=0.9@step:step_size=2",
        "title": "SGD",
        "lr": 0.5,
        "outcome": "finished",
        "outcome_step": None,
        "steps": 3,
        "final_point": [0.002, 0.0],
        "final_loss": pytest.approx(4e-6),
        "distance_to_minimum": pytest.approx(0.002),
        "steps_to_minimum": 2,
        "where": None,
        "left_domain_step": None,
        "settled_step": None,
        "above_best": pytest.approx(4e-6),
        "evaluations": 9,
    }
    assert found["runs"][2]["final_point"] == [None, 0.0]
    assert found["runs"][2]["final_loss"] is None
    assert found["runs"][2]["distance_to_minimum"] is None


def test_without_known_minima():
    (row, *_), found = summarize(recording(())), as_json(recording(()))
    assert (row.distance, row.steps_to_minimum) == (None, None)
    assert found["runs"][0]["distance_to_minimum"] is None
    assert found["minima"] == []


def test_the_table_is_aligned():
    lines = as_table(recording()).splitlines()
    assert len(lines) == 5
    assert lines[0].split("  ")[0] == "optimizer"
    for heading in ("lr", "final loss", "distance to minimum", "first within 1e-3", "stays from"):
        end = lines[0].index(heading) + len(heading)
        assert all(line[end - 1] != " " for line in lines)
        assert all(line[end : end + 2].strip() == "" for line in lines)
    start = lines[0].index("outcome")
    assert [line[start:].split("  ")[0] for line in lines[1:]] == [
        "finished",
        "left the view at step 1",
        "non-finite at step 2",
        "finished",
    ]
    assert lines[1].startswith("SGD momentum 0.9; StepLR step_size 2  ")
    assert lines[1].split()[-3:] == ["2", "-", "-"]
    assert lines[3].split()[-1] == "-"
