"""Runs that pass the border of the domain, where a minimum is one on it only: said, kept and counted."""

import json
from dataclasses import replace

import numpy as np
import pytest

import descent
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.experiments.basins import basins
from descent.trajectories.experiments.sweep import sweep
from descent.trajectories.reports import endings
from descent.trajectories.reports.basins import as_json as basins_json
from descent.trajectories.reports.basins import as_table as basins_table
from descent.trajectories.reports.endings import ending
from descent.trajectories.reports.runs import as_json, as_table
from descent.trajectories.results.recording import load
from descent.trajectories.results.trajectory import FINISHED, Outcome

SPECS = ["sgd:lr=0.02", "adam:lr=0.02", "rmsprop:lr=0.01"]


def out_of_the_domain(points):
    """Say of points (..., 2) which are not in the domain of Adjiman's function, -1 to 2 by -1 to 1."""
    x, y = np.moveaxis(points, -1, 0)
    return (x < -1) | (x > 2) | (y < -1) | (y > 1)


@pytest.fixture(scope="module")
def adjiman():
    return descent.record("adjiman", SPECS, steps=260)


def test_the_step_is_the_one_from_which_on_all_points_are_outside(adjiman):
    for k, run in enumerate(adjiman.trajectories):
        found = ending(adjiman, k)
        assert (found.kind, found.settled) == (endings.LEFT_THE_DOMAIN, None)
        out = out_of_the_domain(run.points)
        assert out[found.left :].all()
        assert not out[found.left - 1]


@pytest.mark.parametrize("name", ["adjiman", "eggholder"])
def test_a_run_that_ends_inside_has_not_left(name):
    recording = descent.record(name, steps=10)
    assert [ending(recording, k).kind for k in range(3)] == [endings.MOVING] * 3


def test_out_and_in_again_is_not_left_and_a_start_outside_is_not_either(adjiman):
    run = adjiman.trajectories[0]
    left = ending(adjiman, 0).left
    back = replace(run, points=np.concatenate([run.points[:-1], [[0.0, 0.0]]]))
    never = replace(run, points=run.points + np.array([9.0, 0.0]))
    for changed in (back, never):
        recording = replace(adjiman, trajectories=(changed, *adjiman.trajectories[1:]))
        assert ending(recording, 0).left is None
    once = run.points.copy()
    once[left + 3] = (0.0, 0.0)  # in again for a step
    recording = replace(adjiman, trajectories=(replace(run, points=once), *adjiman.trajectories[1:]))
    assert ending(recording, 0).left == left + 4


def test_the_minimum_itself_comes_first(adjiman):
    run = adjiman.trajectories[0]
    (minimum,) = adjiman.minima
    ends = np.concatenate([run.points[:-1], [np.add(minimum.point, (5e-4, 0.0))]])
    recording = replace(
        adjiman,
        trajectories=(replace(run, points=ends, outcome=Outcome(FINISHED)), *adjiman.trajectories[1:]),
    )
    assert out_of_the_domain(ends[-1])
    assert ending(recording, 0).kind == endings.AT_MINIMUM


def test_nothing_is_said_of_other_surfaces():
    """Keane's minima lie on the border of its domain, too, but are stationary points."""
    for name, start in (("keane", (0.05, 0.05)), ("beale", (4.4, -4.4))):
        recording = descent.record(name, "sgd:lr=0.02,momentum=0.9", start=start, steps=50)
        assert recording.border is None
        assert ending(recording, 0).left is None


def test_table_and_json(adjiman):
    steps = [ending(adjiman, k).left for k in range(3)]
    lines = as_table(adjiman).splitlines()[1:]
    assert [line.split("  ")[-1].strip() for line in lines] == [
        f"left the domain at step {step}" for step in steps
    ]
    found = json.loads(json.dumps(as_json(adjiman), allow_nan=False))
    assert [run["left_domain_step"] for run in found["runs"]] == steps
    assert {run["where"] for run in found["runs"]} == {"left the domain"}
    assert [minimum["domain_only"] for minimum in found["minima"]] == [True]
    assert found["domain"] == [[-1, 2], [-1, 1]]


def test_a_recording_keeps_it(adjiman, tmp_path):
    again = load(adjiman.save(tmp_path / "a.npz"))
    assert (again.minima, again.domain, again.border) == (adjiman.minima, adjiman.domain, adjiman.border)
    assert again.border == ((-1.0, 2.0), (-1.0, 1.0))
    plain = descent.record("beale", "sgd:lr=0.01", steps=2, resolution=(4, 4))
    assert load(plain.save(tmp_path / "b.npz")).domain == plain.domain == get("beale").domain


def test_a_sweep_keeps_it():
    swept = sweep("adjiman", "sgd", "0.01,0.02", steps=5, resolution=(4, 4))
    assert swept.border == ((-1.0, 2.0), (-1.0, 1.0))
    assert sweep("beale", "sgd", "0.01,0.02", steps=5, resolution=(4, 4)).border is None


@pytest.fixture(scope="module")
def mapped():
    """So many steps take runs out of the box beyond which others have diverged."""
    return basins("adjiman", ["sgd:lr=0.02", "adam:lr=0.02"], starts=12, steps=1200)


def test_ends_outside_the_domain_are_no_divergence(mapped):
    assert not mapped.diverged.any()
    assert (mapped.outside + mapped.counts.sum(axis=1) + mapped.unsettled == 144).all()
    surface, (minimum,) = get("adjiman"), mapped.minima
    for i, spec in enumerate(mapped.specs):
        for row, column in ((0, 0), (3, 7), (6, 2), (11, 11), (8, 5)):
            run = descend(surface, spec, (mapped.x[column], mapped.y[row]), mapped.budget)
            out = out_of_the_domain(run.points)
            near = np.hypot(*(run.points - minimum.point).T) <= mapped.tolerance
            expected = 0 if near[-1] else -3 if out[-1] else -2
            assert mapped.index[i, row, column] == expected
            since = mapped.outside_at[i, row, column]
            if expected == -3:
                assert (out & ~near)[since:].all()
                assert since == 0 or not out[since - 1] or near[since - 1]
            else:
                assert since == -1
    far = np.abs(run.points[-1]).max()
    assert far > 18.0  # which is beyond ten times the view


def test_numbers_that_are_not_finite_still_count_as_diverged():
    found = basins("adjiman", ["sgd:lr=1e308,momentum=0.9", "sgd:lr=0.02"], starts=4, steps=30)
    assert found.diverged.tolist()[0] > 0
    assert found.diverged.tolist()[1] == 0


def test_the_map_is_counted_in_table_and_json(mapped):
    found = basins_json(mapped)["optimizers"]
    assert [each["outside_the_domain"] for each in found.values()] == mapped.outside.tolist()
    assert all(basin["domain_only"] for each in found.values() for basin in each["basins"])
    rows = [line for line in basins_table(mapped).splitlines() if "outside the domain" in line]
    assert [str(count) in row for count, row in zip(mapped.outside, rows, strict=True)] == [True, True]


def test_other_maps_know_no_such_end():
    found = basins("sphere", ["sgd:lr=1.5", "sgd:lr=1e-6"], starts=5, steps=300, view=((-20, 20), (-20, 20)))
    assert found.border is None
    assert not found.outside.any()
    assert (found.outside_at == -1).all()
    assert "domain" not in basins_table(found)
    assert "outside_the_domain" not in next(iter(basins_json(found)["optimizers"].values()))
