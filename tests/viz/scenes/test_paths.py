"""Paths cut to a box and into pieces, against brute force."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given
from matplotlib.transforms import Affine2D

from descent.surfaces.views import clip_segment
from descent.viz.canvas.outlines import outline
from descent.viz.canvas.pieces import frame_pieces
from descent.viz.scenes.paths import crossing, fence, polylines

BOX = ((-1.0, 2.0), (0.0, 1.0))
LOW, HIGH = np.array([-1.0, 0.0]), np.array([2.0, 1.0])

near = st.tuples(st.floats(-4, 4), st.floats(-3, 3)).map(np.array)
huge = st.tuples(*[st.floats(-1.7e308, 1.7e308)] * 2).map(np.array)
anything = st.tuples(*[st.floats()] * 2).map(np.array)
inside = st.tuples(st.floats(-1, 2), st.floats(0, 1)).map(np.array)


def within(points, slack=0.0):
    return ((points >= LOW - slack) & (points <= HIGH + slack)).all(axis=-1)


@given(near, near)
@example(np.array([-1.0, 0.0]), np.array([2.0, 1.0]))
@example(np.array([-2.0, 0.0]), np.array([3.0, 0.0]))
@example(np.array([0.5, 0.5]), np.array([0.5, 0.5]))
def test_clipping_agrees_with_dense_sampling(start, end):
    cut, along = clip_segment(start, end, BOX), end - start
    share = np.linspace(0, 1, 2001)
    dense = start + along * share[:, None]
    if cut is None:
        assert not within(dense, -1e-9).any()
        return
    assert within(np.array(cut), 1e-9).all()
    if along @ along > 1e-12:
        first, last = ((point - start) @ along / (along @ along) for point in cut)
        kept = (share >= first - 1e-9) & (share <= last + 1e-9)
        assert within(dense[kept], 1e-6).all()
        assert not within(dense[~kept], -1e-6).any()


@given(inside, inside)
def test_a_segment_inside_is_not_changed(start, end):
    cut = clip_segment(start, end, BOX)
    assert cut is not None
    assert np.array_equal(cut, (start, end))


@given(near, near)
def test_clipping_does_not_depend_on_the_direction(start, end):
    there, back = clip_segment(start, end, BOX), clip_segment(end, start, BOX)
    if there is None or back is None:  # at most they touch, which rounding decides
        ((one, other),) = [cut for cut in (there, back) if cut is not None] or [(start, start)]
        assert np.allclose(one, other, atol=1e-9)
    else:
        assert np.allclose(there, back[::-1], atol=1e-9)


@given(inside, huge)
@example(np.array([0.0, 0.5]), np.array([1.7e308, -1.7e308]))
@example(np.array([2.0, 1.0]), np.array([1.7e308, 1.7e308]))
@example(np.array([-1.0, 0.0]), np.array([1.7e308, 0.0]))
def test_a_segment_to_a_huge_number_ends_on_the_border(start, end):
    cut = clip_segment(start, end, BOX)
    assert cut is not None
    assert np.array_equal(cut[0], start)
    assert within(cut[1], 1e-6)
    if not within(end):
        assert min(np.abs(cut[1] - LOW).min(), np.abs(cut[1] - HIGH).min()) <= 1e-6


@given(huge, huge)
def test_huge_numbers_never_overflow(start, end):
    cut = clip_segment(start, end, BOX)
    assert cut is None or np.isfinite(cut).all()


@given(anything, anything)
def test_no_end_may_be_without_a_place(start, end):
    if np.isfinite([*start, *end]).all():
        return
    assert clip_segment(start, end, BOX) is None


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((-3, 0.5), (5, 0.5), ((-1, 0.5), (2, 0.5))),
        ((0, -1), (0, 9), ((0, 0), (0, 1))),
        ((0, 0.5), (4, 0.5), ((0, 0.5), (2, 0.5))),
        ((4, 0.5), (0, 0.5), ((2, 0.5), (0, 0.5))),
        ((3, 0), (3, 1), None),
        ((0, 2), (5, 2), None),
        ((2, 2), (4, 0), None),
        ((-2, 0), (-1, 1), ((-1, 1), (-1, 1))),
    ],
    ids=["across", "up", "out", "in", "beside", "above", "past the corner", "touches"],
)
def test_known_cuts(start, end, expected):
    cut = clip_segment(np.array(start, float), np.array(end, float), BOX)
    assert (cut is None) == (expected is None)
    if expected is not None:
        assert np.allclose(cut, expected)


@given(st.lists(near, min_size=1, max_size=12))
def test_polylines_hold_exactly_what_is_inside(points):
    points = np.array(points)
    lines = list(polylines(points, BOX))
    for line in lines:
        assert len(line) >= 2
        assert within(line, 1e-9).all()
    length = sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in lines)
    cuts = [clip_segment(a, b, BOX) for a, b in itertools.pairwise(points)]
    assert length == pytest.approx(sum(np.hypot(*(cut[1] - cut[0])) for cut in cuts if cut is not None))


def test_a_path_inside_is_one_line():
    points = np.array([(0, 0), (1, 1), (2, 0.5)], float)
    (line,) = polylines(points, BOX)
    assert np.array_equal(line, points)


@pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf], ids=str)
def test_a_path_with_a_gap_goes_on_after_it(gap):
    points = np.array([(0, 0), (0.5, 0.5), (gap, 0.5), (1, 1), (2, 1)], float)
    lines = list(polylines(points, BOX))
    assert np.array_equal(np.concatenate(lines), [(0, 0), (0.5, 0.5), (1, 1), (2, 1)])


@given(st.tuples(st.floats(-1e300, 1e300), st.floats(1e-6, 1e6), st.floats(1e-6, 1e6)))
def test_the_fence_is_three_views_wide(numbers):
    x0, width, height = numbers
    x0 %= 1e6
    view = ((x0, x0 + width), (-height, 0.0))
    (left, right), (bottom, top) = fence(view)
    assert right - left == pytest.approx(3 * (view[0][1] - view[0][0]))
    assert (bottom, top) == pytest.approx((-2 * height, height))


# --- where a path crosses the border


@given(inside, near)
def test_a_crossing_lies_on_the_border(start, end):
    if within(end, 1e-9):
        return
    point = crossing(np.array([start, end]), 1, BOX)
    assert min(np.abs(point - LOW).min(), np.abs(point - HIGH).min()) <= 1e-9
    assert within(point, 1e-9)


@pytest.mark.parametrize("end", [(np.inf, 0.5), (np.nan, np.nan), (0.5, -np.inf)], ids=str)
def test_there_is_no_crossing_on_the_way_to_a_point_without_a_place(end):
    assert crossing(np.array([(0, 0.5), end]), 1, BOX) is None


# --- pieces: what each frame adds


def vertices(pieces, run):
    return np.concatenate([frame[run].line.vertices for frame in pieces])


def test_pieces_put_together_are_the_path():
    k = np.arange(31)
    path = np.column_stack([0.5 + np.cos(k / 3) / 2, 0.5 + np.sin(k / 3) / 2])
    steps = np.array([0, 3, 7, 8, 20, 30])
    pieces = frame_pieces([path], steps, BOX, (1.0, 1.0))
    assert len(pieces) == len(steps)
    for before, last, (piece,) in zip([0, *steps[:-1]], steps, pieces, strict=True):
        expected = path[before : last + 1] if last > before else np.empty((0, 2))
        assert np.array_equal(piece.line.vertices, expected)


def test_pieces_of_a_short_run_end_with_it():
    path = np.linspace((0, 0), (1, 1), 6)
    pieces = frame_pieces([path], np.arange(12), BOX, (1.0, 1.0))
    assert [len(frame[0].line.vertices) for frame in pieces] == [0, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0]


def test_dashes_go_on_where_they_stopped():
    path = np.linspace((0, 0), (2, 0), 5)
    pieces = frame_pieces([path], np.arange(5), BOX, (10.0, 1.0))
    assert [frame[0].offset for frame in pieces] == pytest.approx([0, 0, 5, 10, 15])


def test_what_is_far_outside_is_not_drawn():
    path = np.array([(0, 0), (1e300, 1e300), (np.inf, 0), (np.nan, np.nan), (1, 1), (2, 1)], float)
    drawn = vertices(frame_pieces([path], np.arange(6), BOX, (1.0, 1.0), 4.0), 0)
    assert np.isfinite(drawn).all()
    assert within(drawn, 1e-9).all()


def test_steps_far_apart_get_a_dot_and_steps_close_together_none():
    path = np.array([(0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.001, 0.0), (1.002, 0.0), (1.5, 0.0)])
    pieces = frame_pieces([path], np.arange(6), BOX, (100.0, 100.0), 4.0)
    dotted = [k for k, frame in enumerate(pieces) if frame[0].dots]
    assert dotted == [1, 5]
    for k in dotted:
        assert np.allclose(pieces[k][0].dots[0].vertices[0], path[k])


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300], ids=str)
def test_no_dot_where_nothing_can_be_seen(bad):
    path = np.array([(0.0, 0.0), (bad, bad), (1.0, 1.0)])
    pieces = frame_pieces([path], np.arange(3), BOX, (100.0, 100.0), 4.0)
    assert not pieces[1][0].dots


def test_where_a_run_was_between_frames_is_kept_once_a_place():
    k = np.arange(9)
    path = np.column_stack([np.where(k % 2, 1.0, 0.0), np.zeros(9)])
    path[6] = np.nan
    pieces = frame_pieces([path], np.array([0, 1, 2, 5, 8]), BOX, (100.0, 100.0), 4.0)
    assert [frame[0].passed for frame in pieces[:3]] == [None] * 3
    assert pieces[3][0].passed.vertices[::2].tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert pieces[4][0].passed.vertices[::2].tolist() == [[1.0, 0.0]]
    assert frame_pieces([path], np.array([0, 8]), BOX, (100.0, 100.0))[1][0].passed is None


def test_a_page_with_a_player_draws_every_place_where_a_run_was_between_frames():
    path = np.column_stack([np.arange(5) / 4, np.zeros(5)])
    passed = frame_pieces([path], np.array([0, 4]), BOX, (100.0, 100.0), 4.0)[1][0].passed
    _, _, course = outline(passed, Affine2D().scale(100.0), 100.0, hollow=True)
    assert course.count("h") == course.count("m") == 3


def test_a_run_on_its_way_reaches_straight_to_where_it_is():
    path = np.array([(0.0, 0.0), (1.0, 0.5), (np.nan, np.nan)])
    rows, shares = np.array([0, 0, 1, 1, 2]), np.array([0.0, 0.25, 0.0, 0.5, 0.0])
    pieces = [frame[0] for frame in frame_pieces([path], rows, BOX, (100.0, 100.0), 4.0, shares)]
    assert [piece.reach is None for piece in pieces] == [True, False, True, False, True]
    assert pieces[1].reach.vertices.tolist() == [[0.0, 0.0], [0.25, 0.125]]
    assert not len(pieces[3].reach.vertices)
    assert pieces[2].line.vertices.tolist() == path[:2].tolist()


def test_no_line_goes_ahead_of_a_head_that_is_not_drawn():
    path = np.array([(0.0, 0.0), (1.0, 0.5), (9.0, 0.5)])
    heads = [np.vstack([path[:2], [(np.nan, np.nan)]])]
    rows, shares = np.array([0, 0, 1, 1, 2]), np.array([0.0, 0.5, 0.0, 0.5, 0.0])
    pieces = [frame[0] for frame in frame_pieces([path], rows, BOX, (9.0, 9.0), 4.0, shares, heads)]
    assert len(pieces[1].reach.vertices)
    assert not len(pieces[3].reach.vertices)
    assert len(pieces[4].line.vertices)
