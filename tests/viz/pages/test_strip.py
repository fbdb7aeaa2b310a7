"""Strips: key frames that tell the story, each panel at its own step, and nothing that moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.surfaces.errors import DescentError
from descent.viz.animation import still
from descent.viz.canvas.frames import whole
from descent.viz.canvas.pens import Lines, Marks
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.keyframes import key_rows, progress, travelled
from descent.viz.scenes.scene import compose

from .test_grid import faults, page_id, page_texts, panels

SPECS = ("sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05", "sgd:lr=0.1", "adamw:lr=0.1", "adagrad:lr=1")
SIZES = [(480, 360), (960, 600), (1920, 1080), (720, 1280), (800, 800), (1600, 500), (1280, 400)]
PATHS = (
    "inside",
    "wavy",
    "leaves",
    "far",
    "huge",
    "to infinity",
    "to nan",
    "nan between",
    "comes back",
    "still",
)


@pytest.fixture
def runs(make_recording, make_run):
    def make(*paths, **facts):
        return make_recording(
            *(make_run(path, spec) for path, spec in zip(paths, SPECS, strict=False)), **facts
        )

    return make


def compiled(recording, strip, **wishes):
    return compile_scene(compose(recording, strip=strip, **wishes))


# --- key steps


@pytest.mark.parametrize("count", [2, 3, 5, 8])
@pytest.mark.parametrize("path", [*PATHS, "short"])
def test_key_steps_begin_and_end_with_the_run_and_increase(runs, path, count):
    recording = runs(path)
    rows = key_rows(recording, count)
    assert len(rows) == count
    assert (rows[0], rows[-1]) == (0, recording.steps)
    assert (np.diff(rows) > 0).all()


def test_short_runs_have_fewer_key_steps(make_recording, make_run, shrinking):
    assert key_rows(make_recording(make_run(shrinking(0.5, 0.5, steps=2))), 8) == [0, 1, 2]
    assert key_rows(make_recording(make_run(shrinking(0.5, 0.5, steps=0))), 5) == [0]


def test_key_steps_are_even_in_the_way_not_in_time(make_recording, make_run):
    fast_then_slow = np.column_stack([1.5 * 0.5 ** np.arange(101.0), np.zeros(101)])
    assert key_rows(make_recording(make_run(fast_then_slow)), 4)[:3] == [0, 1, 2]
    even = np.column_stack([np.linspace(-1.5, 1.5, 101), np.zeros(101)])
    assert key_rows(make_recording(make_run(even)), 5) == [0, 25, 50, 75, 100]


def test_runs_that_stand_still_have_key_steps_even_in_time(runs):
    assert key_rows(runs("still"), 5) == [0, 6, 12, 18, 24]


def test_a_long_way_of_one_run_does_not_outweigh_the_others(make_recording, make_run):
    away = np.column_stack([np.where(np.arange(25) % 2, 1.4, -1.4), np.zeros(25)])  # to and fro all the time
    near = np.column_stack([np.linspace(0.1, 0.2, 25), np.zeros(25)])
    share = progress(make_recording(make_run(away), make_run(near)))
    np.testing.assert_allclose(share, np.linspace(0, 1, 25))


def test_ways_outside_the_view_do_not_count(make_run):
    view = ((-2.0, 2.0), (-1.5, 1.5))
    way = travelled(make_run("far").points, view)
    assert np.isfinite(way).all()
    assert way[9] < way[10] < way[9] + 2  # the part of the step that is in the view
    assert (way[10:] == way[10]).all()
    assert np.isfinite(travelled(make_run("huge").points, view)).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.one_of(st.floats(-3, 3), st.sampled_from([np.nan, np.inf, 1e300]))] * 2),
        min_size=2,
        max_size=40,
    ),
    st.integers(2, 8),
)
def test_key_steps_of_any_path(make_recording, make_run, points, count):
    recording = make_recording(make_run(np.array([(0.5, 0.5), *points])))
    rows = key_rows(recording, count)
    assert len(rows) == min(count, len(points) + 1)
    assert (rows[0], rows[-1]) == (0, len(points))
    assert (np.diff(rows) > 0).all()
    done = progress(recording)
    assert (np.diff(done) >= 0).all()
    assert done[0] == 0
    for k, row in enumerate(rows[1:-1], 1):  # none of the rows that were free comes closer to its share
        free = np.arange(rows[k - 1] + 1, len(points) - (len(rows) - 2 - k))
        target = done[-1] * k / (len(rows) - 1)
        assert abs(done[row] - target) <= np.abs(done[free] - target).min() + 1e-12


def test_key_steps_of_a_network_are_steps_that_were_kept(make_network):
    recording = make_network("moons", steps=60, every=7)
    stage = compiled(recording, 4)
    rows = key_rows(recording, 4)
    said = [text.get_text() for text in page_texts(stage)]
    for row in rows:
        assert f"step {recording.kept[row]}" in said


# --- what the panels show


@pytest.mark.parametrize("count", [2, 4, 5, 8])
def test_each_panel_shows_its_own_step(runs, count):
    recording = runs("inside", "leaves", "to nan", "far")
    stage = compiled(recording, count)
    assert not stage.changing
    rows = key_rows(recording, count)
    assert len(panels(stage)) == count
    for axes, row in zip(panels(stage), rows, strict=True):
        (heads,) = [pen for pen in axes.findobj(Marks) if pen.get_zorder() == 6.4]
        for place, run in zip(heads.places, recording.trajectories, strict=True):
            (x0, x1), (y0, y1) = recording.view
            x, y = run.points[row]
            if x0 <= x <= x1 and y0 <= y <= y1:
                np.testing.assert_array_equal(place, (x, y))
            else:
                assert np.isnan(place).all()
        crosses = [pen for pen in axes.findobj(Marks) if pen.get_zorder() == 6.5 and pen.get_visible()]
        gone = [
            run for run in recording.trajectories if run.outcome.step is not None and run.outcome.step <= row
        ]
        assert len(crosses) == len(gone)


def test_paths_are_drawn_up_to_the_step_of_their_panel(runs):
    recording = runs("inside")
    stage = compiled(recording, 5)
    lengths = []
    for axes, row in zip(panels(stage), key_rows(recording, 5), strict=True):
        (pen,) = axes.findobj(Lines)
        drawn = [stroke.path.vertices for stroke in pen.strokes if len(stroke.path.vertices)]
        lengths.append(sum(map(len, drawn)))
        if row:
            np.testing.assert_allclose(drawn[-1][-1], recording.trajectories[0].points[row], atol=0.02)
    assert lengths == sorted(lengths)


def test_it_says_steps_and_outcomes(runs):
    recording = runs("inside", "leaves", "to nan")
    stage = compiled(recording, 4)
    said = [text.get_text() for text in page_texts(stage)]
    for row in key_rows(recording, 4):
        assert said.count(f"step {row}") == 1
    assert any(str(recording.trajectories[1].outcome) in text for text in said)
    steps = ", ".join(map(str, key_rows(recording, 4)))
    assert any(f"key frames at steps {steps}" in text for text in said)
    assert not any("a frame about" in text for text in said)


def test_skipped_frames_do_not_change_the_strip(runs):
    recording = runs("wavy", "leaves")
    one, other = (whole(compiled(recording, 4, seconds=seconds), 0) for seconds in (None, 0.3))
    assert one.shape == other.shape
    first, second = (compiled(recording, 4, seconds=seconds) for seconds in (None, 0.3))
    assert [t.get_text() for t in page_texts(first)] == [t.get_text() for t in page_texts(second)]


@pytest.mark.parametrize("strip", [1, 9, True, 2.5])
def test_not_strips(runs, strip):
    with pytest.raises(DescentError, match=r"2 to 8 key frames|whole number"):
        compose(runs("inside"), strip=strip)


def test_what_a_strip_cannot_be(runs):
    with pytest.raises(DescentError, match="cannot be combined"):
        compiled(runs("inside"), 4, grid="lr")
    with pytest.raises(DescentError, match="no runs"):
        compiled(runs(), 4)
    with pytest.raises(DescentError, match="panels of 8 key frames would be"):
        compiled(runs("inside"), 8, size=(320, 240))


# --- places


# Every two of size, panels and runs meet in one of these, and most runs stand on the smallest page.
PAGES = [
    (size, count, (1, 3, 6)[(number + at) % 3])
    for number, size in enumerate(SIZES)
    for at, count in enumerate((2, 4, 5, 6))
] + [(SIZES[0], count, 6) for count in (2, 4, 6)]


@pytest.mark.parametrize(
    ("size", "count", "many"), PAGES, ids=lambda part: page_id(part) if isinstance(part, tuple) else str(part)
)
def test_texts_are_on_the_page_and_apart(runs, many, count, size):
    stage = compiled(runs(*("inside", "leaves", "wavy", "to nan", "huge", "short")[:many]), count, size=size)
    assert not faults(stage)


@pytest.mark.parametrize("theme", ["dark", "print", "slides"])
def test_texts_are_apart_in_every_theme(runs, theme):
    assert not faults(compiled(runs("inside", "leaves"), 5, theme=theme))


@pytest.mark.parametrize("size", SIZES[:4], ids=page_id)
def test_strips_of_networks(make_network, size):
    stage = compiled(make_network("moons"), 4, size=size)
    assert not faults(stage)
    said = " ".join(text.get_text() for text in page_texts(stage))
    assert "accuracy" in said
    assert "step 60" in said


@pytest.mark.parametrize("suffix", ["pdf", "svg"])
def test_files_for_print_are_small(runs, tmp_path, suffix):
    path = still(runs("inside", "wavy", "leaves"), strip=5, theme="print").save(tmp_path / f"strip.{suffix}")
    assert path.stat().st_size < 1_500_000
