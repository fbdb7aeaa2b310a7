"""Basin maps: the grid, what counts as reached, and single runs from some of the starts."""

import json

import numpy as np
import pytest

from descent import DescentError
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.experiments.basins import basins
from descent.trajectories.reports.basins import as_json, as_table

SPECS = ["adam:lr=0.1", "sgd:lr=0.01"]


@pytest.fixture(scope="module")
def himmelblau():
    return basins("himmelblau", SPECS, starts=64)


def test_shapes_and_grid(himmelblau):
    assert himmelblau.specs == ("adam:lr=0.1", "sgd:lr=0.01")
    assert himmelblau.methods == ("batched", "batched")
    for name in ("index", "steps", "diverged_at"):
        assert getattr(himmelblau, name).shape == (2, 64, 64)
    (x0, x1), (y0, y1) = get("himmelblau").view
    assert (himmelblau.x[0], himmelblau.x[-1], himmelblau.y[0], himmelblau.y[-1]) == (x0, x1, y0, y1)
    assert himmelblau.starts == 64


def test_four_basins_of_about_the_same_size(himmelblau):
    counts = himmelblau.counts
    assert counts.shape == (2, 4)
    assert (counts > 0.15 * 64**2).all()
    assert (counts < 0.35 * 64**2).all()
    total = counts.sum(axis=1) + himmelblau.diverged + himmelblau.unsettled
    assert (total == 64**2).all()


def test_runs_that_make_for_a_minimum_far_outside_the_view_have_not_diverged():
    found = basins("himmelblau", "sgd:lr=1e-4", starts=4, steps=300, view=((9.0, 9.1), (9.0, 9.1)))
    assert not found.diverged.any()
    assert found.unsettled.tolist() == [16]


def test_a_start_beside_a_minimum_stays_there(himmelblau):
    for m, minimum in enumerate(himmelblau.minima):
        column = int(np.abs(himmelblau.x - minimum.point[0]).argmin())
        row = int(np.abs(himmelblau.y - minimum.point[1]).argmin())
        assert (himmelblau.index[:, row, column] == m).all()  # rows are y, the lowest first


def test_single_runs_from_a_sample_of_starts(himmelblau):
    surface, rng = get("himmelblau"), np.random.default_rng(6)
    points = np.array([minimum.point for minimum in surface.minima])
    for i, row, column in zip(
        rng.integers(0, 2, 50), rng.integers(0, 64, 50), rng.integers(0, 64, 50), strict=True
    ):
        start = (himmelblau.x[column], himmelblau.y[row])
        run = descend(surface, SPECS[i], start, 200)
        near = np.linalg.norm(run.points[:, None] - points, axis=-1) <= himmelblau.tolerance
        index = int(near[-1].argmax()) if near[-1].any() else -2
        assert himmelblau.index[i, row, column] == index
        steps = himmelblau.steps[i, row, column]
        if index < 0:
            assert steps == -1
        else:
            assert near[steps:, index].all()
            assert steps == 0 or not near[steps - 1, index]


def test_a_bowl_has_one_basin():
    found = basins("sphere", ["sgd:lr=0.1", "sgd:lr=1.5", "sgd:lr=1e-6", "sgd:lr=1e9"], starts=9, steps=300)
    assert (found.index[0] == 0).all()
    assert (found.index[[1, 3]] == np.where(np.arange(81).reshape(9, 9) == 40, 0, -1)).all()  # but the middle
    assert (found.steps[found.index < 0] == -1).all()
    assert (found.steps[found.index == 0] >= 0).all()
    assert (found.diverged_at[found.index != -1] == -1).all()
    assert found.diverged_at[3].max() == 1
    assert found.unsettled.tolist() == [0, 0, 80, 0]


def test_steps_grow_with_distance():
    found = basins("sphere", "sgd:lr=0.05", starts=9)
    middle = found.steps[0, 4]
    assert (np.diff(middle[4:]) > 0).all()
    assert (middle == middle[::-1]).all()


def test_starts_that_are_not_finite_count_as_diverged():
    found = basins("drop_wave", "sgd:lr=0.0005", starts=3, steps=5, view=((-1, 1), (-1, 1)))
    assert found.index[0, 1, 1] == -1  # at the origin the gradient is NaN, and so is every later point


def test_local_minima_are_not_settled():
    found = basins("rastrigin", "sgd:lr=0.001", starts=24)
    assert found.counts[0, 0] > 0
    assert found.unsettled[0] > found.counts[0, 0]
    assert found.diverged[0] == 0


def test_chunks_and_memory_change_nothing():
    calls = []
    options = {"starts": 32, "steps": 40}
    whole = basins("himmelblau", SPECS, **options)
    tight = basins(
        "himmelblau", SPECS, **options, memory=32**2 * 2 * 40, progress=lambda *now: calls.append(now)
    )
    for name in ("index", "steps", "diverged_at"):
        np.testing.assert_array_equal(getattr(tight, name), getattr(whole, name))
    assert calls[-1] == (2048, 2048)
    assert len(calls) > 100


def test_an_optimizer_that_runs_one_by_one_on_a_small_grid():
    calls = []
    found = basins(
        "himmelblau", ["lbfgs:lr=0.3", "adam:lr=0.1"], starts=5, steps=40, progress=lambda *n: calls.append(n)
    )
    assert found.methods == ("one by one", "batched")
    surface = get("himmelblau")
    run = descend(surface, "lbfgs:lr=0.3", (found.x[1], found.y[3]), 40)
    near = [np.hypot(*(run.points[-1] - minimum.point)) <= found.tolerance for minimum in surface.minima]
    assert found.index[0, 3, 1] == (near.index(True) if any(near) else -2)
    assert [done for done, _ in calls] == [*range(1, 26), 50]


def test_defaults():
    found = basins("sphere", starts=3, steps=3)
    assert [spec.partition(":")[0] for spec in found.specs] == ["sgd", "adam", "rmsprop"]


def test_json(himmelblau):
    found = json.loads(json.dumps(as_json(himmelblau), allow_nan=False))
    assert list(found["optimizers"]) == ["adam:lr=0.1", "sgd:lr=0.01"]
    for i, each in enumerate(found["optimizers"].values()):
        assert each.keys() == {"basins", "diverged", "unsettled"}
        assert [basin["count"] for basin in each["basins"]] == himmelblau.counts[i].tolist()
        assert [tuple(basin["minimum"]) for basin in each["basins"]] == [
            minimum.point for minimum in himmelblau.minima
        ]
    assert found["recipe"]["starts"] == 64


def test_table(himmelblau):
    lines = as_table(himmelblau).splitlines()
    assert len(lines) == 1 + 2 * 6
    assert "(3, 2)" in lines[1]
    assert str(himmelblau.counts[0, 0]) in lines[1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"target": "saddle"}, "no minimum of saddle is known"),
        ({"target": "expr:x**2 + y**2"}, "no minimum of expr:x**2 + y**2 is known"),
        ({"starts": 1}, "starts must be a whole number of at least 2"),
        ({"starts": 2.5}, "starts must be a whole number"),
        ({"starts": 10**6}, "starts must be a whole number of at most 4096, not 1000000"),
        ({"starts": 2048, "memory": 1e6}, "needs 168 MB of memory, and 1 MB are allowed"),
        ({"optimizers": "lbfgs", "starts": 512}, "would take about 7 hours; take at most 31 starts a side"),
        ({"optimizers": "adam@plateau", "starts": 64}, "ReduceLROnPlateau must run alone"),
        ({"tolerance": 0}, "the tolerance must be greater than 0 and less than"),
        ({"tolerance": 5}, "half the distance between the nearest two minima"),
        ({"steps": 0}, "steps must be"),
        ({"optimizers": []}, "no optimizer is named"),
        ({"view": ((1, 0), (0, 1))}, "the view must be finite"),
    ],
)
def test_bad_input(change, sentence):
    given = {"target": "himmelblau", "optimizers": "sgd:lr=0.01", "starts": 4, **change}
    with pytest.raises(DescentError) as caught:
        basins(given.pop("target"), given.pop("optimizers"), **given)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
