"""The part of a view that runs are in: everything that a picture of the view shows of them lies in it."""

import numpy as np
import pytest

import descent
from descent.surfaces.surface import Minimum
from descent.trajectories.results.fit_view import fit_view
from descent.trajectories.results.recording import load

VIEW = ((-10.0, 10.0), (-10.0, 10.0))


class Path:
    def __init__(self, *points):
        self.points = np.array(points, dtype=float)


def within(box, point):
    return all(low - 1e-9 <= value <= high + 1e-9 for value, (low, high) in zip(point, box, strict=True))


def test_the_start_the_end_and_a_minimum_nearby_are_in_it():
    near, far = Minimum((3.0, 0.5), 0.0), Minimum((-8.0, -8.0), 0.0)
    box = fit_view([Path((1, 1.5), (2, 0.2), (2.6, 0.4))], [near, far], VIEW)
    assert within(box, (1, 1.5))
    assert within(box, near.point)
    assert not within(box, far.point)


def test_a_minimum_far_from_every_end_does_not_widen_it():
    box = fit_view([Path((0, 0), (0.5, 0.5))], [Minimum((8.0, 8.0), 0.0)], VIEW)
    assert not within(box, (8, 8))


@pytest.mark.parametrize(
    ("path", "border"),
    [
        ([(8, 8), (9, 9), (14, 9.5)], (10, 9.1)),  # leaves to the right
        ([(8, 8), (9, 9), (14, 9.5), (np.nan, np.nan)], (10, 9.1)),
        ([(8, 8), (30, 8), (8.5, 8), (8, 9)], (10, 8)),  # was away and came back
    ],
)
def test_where_a_run_crosses_the_border_is_in_it(path, border):
    assert within(fit_view([Path(*path)], [], VIEW), border)


def test_a_run_that_was_never_in_view_does_not_count():
    assert fit_view([Path((20, 20), (30, 30))], [], VIEW) is None
    one = fit_view([Path((0, 0), (1, 1))], [], VIEW)
    assert fit_view([Path((0, 0), (1, 1)), Path((20, 20), (30, 30))], [], VIEW) == one


def test_a_recording_has_the_heights_there_and_keeps_them(tmp_path):
    recording = descent.record("beale", "adam:lr=0.1", steps=40, start=(1, 1.5))
    again = load(recording.save(tmp_path / "a.npz"))
    for one in (recording, again):
        (x0, x1), (y0, y1) = fit_view(one.trajectories, one.minima, one.view)
        assert (one.near.x[0], one.near.x[-1]) == pytest.approx((x0, x1))
        assert (one.near.y[0], one.near.y[-1]) == pytest.approx((y0, y1))
        surface = descent.surfaces.get("beale")
        assert one.near.z[7, 11] == pytest.approx(surface((one.near.x[11], one.near.y[7])))
    assert np.array_equal(again.near.z, recording.near.z)
    share = (x1 - x0) * (y1 - y0) / 81
    assert share < 0.25, "most of Beale's view is empty"


def test_a_view_that_was_asked_for_is_all_that_is_shown():
    recording = descent.record("beale", "adam:lr=0.1", steps=40, start=(1, 1.5), view=((-4, 4), (-4, 4)))
    assert recording.near is None
    assert recording.closest is recording.field
