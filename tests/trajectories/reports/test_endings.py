"""Where runs end: each word is said of real runs where it is true, and none where nothing is known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import descent
from descent.trajectories.descent.last_slopes import slopes
from descent.trajectories.reports import endings
from descent.trajectories.reports.endings import ending
from descent.trajectories.reports.runs import summarize
from descent.trajectories.results.recording import load

CASES = {  # target, spec, what record is told, the word
    "a known minimum": ("sphere", "sgd:lr=0.25", {"steps": 40}, endings.AT_MINIMUM),
    "a local one": ("ackley", "sgd:lr=0.002", {}, endings.LOCAL_MINIMUM),
    "a saddle": ("expr:x**2 - y**2", "sgd:lr=0.1", {"start": (1, 0), "steps": 60}, endings.SADDLE),
    "a top": ("expr:-x**2 - y**2", "sgd:lr=0.1", {"start": (0, 0), "steps": 3}, endings.MAXIMUM),
    "a plateau": ("easom", "adam:lr=0.1", {"start": (-2, -2), "steps": 60}, endings.PLATEAU),
    "two points": ("quadratic:condition=20", "sgd:lr=0.1", {"steps": 300}, endings.BOUNCING),
    "on the way": ("beale", "adam:lr=0.1", {"start": (1, 1.5)}, endings.MOVING),
    "a step too long to settle": ("ackley", "adam:lr=0.5", {}, endings.HOVERING[1]),
    "noise around the bottom": ("sphere", "sgd:lr=0.01", {"noise": 1.0, "steps": 600}, endings.HOVERING[0]),
    "growing": ("quadratic:condition=20", "sgd:lr=0.1004", {"steps": 30}, endings.MOVING),
    "noise": ("sphere", "sgd:lr=0.1", {"noise": 1.0, "steps": 50}, endings.MOVING),
    "a flat floor": ("expr:x**4 + y**4", "sgd:lr=0.1", {"start": (0.5, 0.5), "steps": 400}, endings.MOVING),
    "one parameter": ("parabola", "sgd:lr=0.5", {"steps": 30}, endings.AT_MINIMUM),
    "lost": ("sphere", "sgd:lr=3", {"steps": 40}, endings.UNSAID),
}


@pytest.mark.parametrize("case", CASES)
def test_the_word_is_true(case):
    target, spec, told, word = CASES[case]
    recording = descent.record(target, spec, **told)
    found = ending(recording, 0)
    assert found.kind == word
    run = recording.trajectories[0]
    if found.settled is not None:
        where = recording.minima[0].point if word == endings.AT_MINIMUM else run.points[-1]
        apart = np.hypot(*(run.points - where).T)
        assert (apart[found.settled :] <= 1e-3).all()
        assert found.settled == 0 or apart[found.settled - 1] > 1e-3
    without = (*endings.HOVERING, endings.MOVING, endings.BOUNCING, endings.UNSAID)
    assert (found.settled is None) == (word in without)


def test_first_touch_and_staying_are_two_steps():
    """Himmelblau's Adam passes within 0.001 of a minimum, goes out again and comes back for good."""
    recording = descent.record("himmelblau", "adam:lr=0.3", start=(-0.27, -0.95))
    apart = recording.distances(0)
    near = np.flatnonzero(apart <= 1e-3)
    out = np.flatnonzero(apart > 1e-3)
    (row,) = summarize(recording)
    assert row.steps_to_minimum == near[0] < row.ending.settled == out[-1] + 1


def test_how_high_a_local_minimum_is_above_the_best():
    recording = descent.record("ackley", "sgd:lr=0.002")
    found = ending(recording, 0)
    assert found.above == recording.trajectories[0].losses[-1] - recording.minima[0].value > 3


def test_nothing_is_said_where_the_last_slopes_are_not_known():
    recording = descent.record("beale", "adam:lr=0.1", steps=5)
    run = replace(recording.trajectories[0], end=None)
    assert ending(replace(recording, trajectories=(run,)), 0).kind == endings.UNSAID


def test_slopes_are_the_losses_own():
    """Also for a run whose optimizer was handed a noisy and clipped gradient."""
    surface = descent.surfaces.get("beale")
    recording = descent.record("beale", "adam:lr=0.1,clip=0.01", noise=2.0, steps=7)
    run = recording.trajectories[0]
    at = torch.tensor(run.points[-1])
    hessian = torch.autograd.functional.hessian(lambda point: surface(point), at)
    gradient = torch.autograd.functional.jacobian(lambda point: surface(point), at)
    np.testing.assert_allclose(run.end, np.vstack([gradient, hessian]), rtol=1e-12)
    assert not np.allclose(run.end[0], run.gradients[-1])


def test_slopes_of_one_parameter_and_of_a_plane():
    (one,) = slopes(descent.surfaces.get("parabola"), [(3.0, 0.0)])
    np.testing.assert_allclose(one, [[3, 0], [1, 0], [0, 0]])
    (flat,) = slopes(descent.surfaces.get("expr:2*x + 3*y"), [(1.0, 1.0)])
    np.testing.assert_allclose(flat, [[2, 3], [0, 0], [0, 0]])


def test_a_recording_keeps_them(tmp_path):
    recording = descent.record("beale", ["sgd:lr=0.01", "adam:lr=0.1"], steps=5)
    again = load(recording.save(tmp_path / "a.npz"))
    for one, other in zip(recording.trajectories, again.trajectories, strict=True):
        assert np.array_equal(one.end, other.end)
