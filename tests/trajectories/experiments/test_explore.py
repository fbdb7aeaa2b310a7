"""Explorations: every path is the one that a single run takes, and what is said of it is true."""

import numpy as np
import pytest

import descent
from descent import DescentError
from descent.surfaces import get
from descent.trajectories.descent.loop import descend
from descent.trajectories.experiments.explore import explore, parse_starts
from descent.trajectories.experiments.stationary import stationary
from descent.trajectories.results.exploration import SADDLE, Exploration
from descent.trajectories.results.trajectory import LEFT_THE_VIEW, NON_FINITE

SPECS = ["sgd", "sgd:momentum=0.9", "adam", "rmsprop"]


@pytest.fixture(name="found", scope="module")
def _found():
    return explore("beale", SPECS, "1e-3:1:4", starts="5x4", steps=30)


def test_every_path_is_that_of_a_single_run_bit_for_bit(found):
    surface, rng = get("beale"), np.random.default_rng(0)
    for place in {tuple(int(rng.integers(n)) for n in (4, 4, 4, 5)) for _ in range(40)}:
        spec, rate, row, column = place
        name, _, options = SPECS[spec].partition(":")
        own = ",".join(
            filter(None, [f"lr={found.rates[rate]!r}".replace("np.float64(", "").rstrip(")"), options])
        )
        one = descend(surface, f"{name}:{own}", (found.x[column], found.y[row]), 30)
        assert np.array_equal(found.points[place], one.points, equal_nan=True)
        assert np.array_equal(found.losses[place], one.losses, equal_nan=True)
        kind, step = one.outcome.kind, one.outcome.step
        assert found.non_finite_at[place] == (step if kind == NON_FINITE else -1)
        if kind != NON_FINITE:
            assert found.left_at[place] == (step if kind == LEFT_THE_VIEW else -1)


def test_starts_lie_in_the_middles_of_equal_cells_but_for_the_targets_own(found):
    (x0, x1), (y0, y1) = found.view
    x = x0 + (x1 - x0) * np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    y = y0 + (y1 - y0) * np.array([0.125, 0.375, 0.625, 0.875])
    x[3], y[2] = found.home  # which lies in these cells
    assert np.allclose(found.x, x)
    assert np.allclose(found.y, y)
    assert np.array_equal(found.points[0, 0, 2, 3, 0], [found.x[3], found.y[2]])
    assert found.nearest(found.x[3] + 0.01, found.y[2] - 0.01) == (2, 3)


def test_optimizers_that_run_one_by_one_make_the_same_rows():
    found = explore("sphere", ["lbfgs", "sgd"], "0.1,0.5", starts=3, steps=5)
    assert found.methods == ("one by one", "batched")
    one = descend(get("sphere"), "lbfgs:lr=0.5", (found.x[1], found.y[2]), 5)
    assert np.array_equal(found.points[0, 1, 2, 1], one.points)


def test_a_batch_that_is_cut_into_pieces_is_the_same(monkeypatch, found):
    monkeypatch.setattr("descent.trajectories.descent.paths.AT_ONCE", 7)
    told = []
    again = explore(
        "beale", SPECS, "1e-3:1:4", starts=(5, 4), steps=30, progress=lambda *counts: told.append(counts)
    )
    assert np.array_equal(again.points, found.points, equal_nan=True)
    assert told[-1] == (320, 320)


def test_gradients_of_the_tape_are_compared_with_those_of_the_runs(found, monkeypatch):
    from descent.surfaces import tape as tapes

    assert found.tape is not None
    assert explore("shubert", "sgd", "0.1,0.2", starts=2, steps=2).tape is None
    assert explore("beale", "sgd", "0.1,0.2", starts=2, steps=2, dtype="float32").tape is None
    monkeypatch.setitem(tapes._SLOPES, "mul", lambda v, a, b: (b * 1.0000001, a))
    assert explore("beale", "sgd", "0.01,0.02", starts=2, steps=2).tape is None


@pytest.mark.parametrize(
    ("name", "minima", "saddles"), [("himmelblau", 4, 4), ("saddle", 0, 1), ("rosenbrock", 1, 0)]
)
def test_stationary_points_are_found_and_told_apart(name, minima, saddles):
    surface = get(name)
    found = stationary(surface)
    assert sum(each.kind == SADDLE for each in found) == saddles
    lowest = [each.point for each in found if each.kind != SADDLE]
    assert len(lowest) == minima
    assert all(np.hypot(*(np.array(lowest) - minimum.point).T).min() < 1e-6 for minimum in surface.minima)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"starts": "24 x"}, "written as 24x24, along x and along y, not '24 x'"),
        ({"starts": (1, 5)}, "the number of starts along a side must be a whole number of at least 2, not 1"),
        ({"starts": 201}, "at most 200, not 201"),
        ({"starts": 2.5}, "at least 2, not 2.5"),
        ({"lr": "1e-4:1:41"}, "a slider of at most 40 rates, not 41"),
        ({"lr": 0.1}, "at least two different rates"),
        ({"steps": 0}, "steps must be a whole number of at least 1"),
        ({"memory": "1kB"}, "of memory, and 1 kB are allowed"),
        ({"optimizers": "lbfgs", "starts": 30}, "at most 300 rates times starts"),
        ({"target": "mlp"}, "made of a surface"),
    ],
)
def test_errors_say_what_is_allowed(arguments, words):
    arguments = {"target": "sphere", "optimizers": "sgd", "lr": "0.1,0.2", "steps": 2, **arguments}
    with pytest.raises(DescentError, match=words):
        explore(**arguments)


def test_a_surface_of_one_parameter_has_no_plane_of_starts():
    with pytest.raises(DescentError, match="has one parameter; compare optimizers on it instead"):
        explore("double_well", "sgd", "0.1,0.2")


def test_starts_are_read_in_three_ways():
    assert parse_starts("24x16") == parse_starts((24, 16)) == parse_starts([24, 16]) == (24, 16)
    assert parse_starts(8) == parse_starts("8") == (8, 8)


def test_it_names_itself_and_its_shapes_are_checked(found):
    assert repr(found) == (
        "<Exploration of beale: sgd, sgd:momentum=0.9, adam and 1 more; 4 rates, 5 x 4 starts, 30 steps>"
    )
    fields = {name: getattr(found, name) for name in Exploration.__slots__}
    with pytest.raises(DescentError, match=r"losses of an exploration must have shape \(4, 4, 4, 5, 31\)"):
        Exploration(**fields | {"losses": found.losses[..., :-1]})
    assert descent.explore is explore
