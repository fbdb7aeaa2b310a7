"""Boxes that fit points within a whole, and segments cut to a box."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descent.surfaces.surface import width_of
from descent.surfaces.views import fit_box

SQUARE = ((-10.0, 10.0), (-10.0, 10.0))
LONG = ((-1.0, 1.0), (0.0, 100.0))  # not drawn to one scale
number = st.floats(-15, 15)


@given(st.lists(st.tuples(number, number), min_size=1, max_size=8), st.sampled_from([SQUARE, LONG]))
def test_every_point_of_the_whole_is_inside_and_the_box_in_the_whole(points, whole):
    points = np.array(points)
    box = fit_box(points, whole)
    if box is None:
        return
    low, high = np.array(box).T
    outer_low, outer_high = np.array(whole).T
    assert (low >= outer_low - 1e-9).all()
    assert (high <= outer_high + 1e-9).all()
    held = points[((points >= outer_low) & (points <= outer_high)).all(axis=1)]
    assert ((held >= low - 1e-9) & (held <= high + 1e-9)).all()
    assert np.prod((high - low) / (outer_high - outer_low)) <= 0.55 + 1e-9


def test_sides_are_of_one_scale_where_the_whole_is_drawn_to_one():
    (x0, x1), (y0, y1) = fit_box(np.array([(0.0, 0.0), (4.0, 0.5)]), SQUARE)
    assert (y1 - y0) == pytest.approx(0.9 * (x1 - x0))
    assert (x0, x1) == pytest.approx((-0.48, 4.48)), "a margin of 12 %"


def test_a_long_whole_keeps_its_proportions():
    (x0, x1), (y0, y1) = fit_box(np.array([(0.0, 10.0), (0.4, 11.0)]), LONG)
    assert not width_of(LONG)[1]
    assert (y1 - y0) / 100 == pytest.approx(0.9 * (x1 - x0) / 2)


def test_at_the_border_the_box_is_moved_not_cut():
    (x0, x1), (y0, y1) = fit_box(np.array([(-10.0, 0.0), (-9.0, 0.0)]), SQUARE)
    assert x0 == -10
    assert x1 - x0 == pytest.approx(1.24)
    assert (y0, y1) == pytest.approx((-0.558, 0.558))


def test_points_that_do_not_move_have_a_landscape_around_them():
    (x0, x1), (y0, y1) = fit_box(np.array([(1.0, 2.0), (1.0, 2.0)]), SQUARE)
    assert x1 - x0 == pytest.approx(0.4)
    assert y1 - y0 == pytest.approx(0.36)


@pytest.mark.parametrize(
    "points",
    [
        np.empty((0, 2)),
        np.array([(20.0, 0.0)]),
        np.array([(np.nan, 0.0)]),
        np.array([(-9.0, -9.0), (9.0, 9.0)]),  # nearly all of it
    ],
)
def test_where_nothing_is_gained_there_is_no_box(points):
    assert fit_box(points, SQUARE) is None
