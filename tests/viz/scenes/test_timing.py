"""Which steps are shown, and for how long."""

import itertools
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import descent
from descent.surfaces.errors import DescentError
from descent.viz.scenes.timing import plan

wishes = {
    "steps": st.integers(0, 5000),
    "fps": st.none() | st.floats(0.1, 50),
    "seconds": st.none() | st.floats(0.1, 120),
    "hold": st.floats(0, 30),
}


@given(**wishes)
def test_first_and_last_step_are_shown_and_none_twice(steps, fps, seconds, hold):
    shown = plan(steps, fps, seconds, hold).steps
    assert shown[0] == 0
    assert shown[-1] == steps
    assert (np.diff(shown) > 0).all()


@given(**wishes)
def test_steps_are_spread_evenly_but_for_one_here_and_there(steps, fps, seconds, hold):
    shown = plan(steps, fps, seconds, hold).steps
    assert np.abs(shown - np.linspace(0, steps, len(shown))).max() <= 1.5001


LONG = (598, 299, 301, 449, 500, 597, 599, 600, 897, 1000, 1196, 1495, 1794, 2392, 5000, 8970)  # steps
FRAMES = (40, 100, 150, 200, 299, 300)


@pytest.mark.parametrize("pace", ["even", "early"])
@pytest.mark.parametrize("frames", FRAMES)
@pytest.mark.parametrize("steps", LONG)
def test_frames_keep_no_time_with_a_run_that_jumps_from_side_to_side(steps, frames, pace):
    wished = plan(steps, fps=25, seconds=frames / 25, pace=pace)
    for timing in (wished, plan(steps, pace=pace).thinned(frames)):
        evens = timing.steps % 2 == 0
        assert 0.4 <= evens.mean() <= 0.6
        # In a dozen frames too: half an animation on one side and half on the other would be no better.
        dozens = np.convolve(evens, np.ones(12) / 12, "valid")
        assert 0.25 <= dozens.min() <= dozens.max() <= 0.75
        if steps >= 2 * len(timing.steps):
            thirds = np.bincount(timing.steps % 3) / len(timing.steps)
            assert 0.2 <= thirds.min() <= thirds.max() <= 0.55


def test_both_sides_of_a_valley_are_seen_as_often():
    recording = descent.record("quadratic:condition=20", ["sgd:lr=0.0999"], steps=598)
    shown = descent.animate(recording).scene.timing.rows
    assert 0.4 <= (recording.trajectories[0].points[shown, 1] < 0).mean() <= 0.6


def test_every_step_shown_stays_so():
    assert plan(299).steps.tolist() == list(range(300))
    assert plan(299).thinned(300).steps.tolist() == list(range(300))


@given(**wishes)
def test_every_frame_lasts_whole_10_ms_and_at_least_20(steps, fps, seconds, hold):
    durations = plan(steps, fps, seconds, hold).durations
    assert (durations % 10 == 0).all()
    assert (durations >= 20).all()


@given(**wishes)
def test_only_the_last_frame_is_held(steps, fps, seconds, hold):
    timing, unheld = plan(steps, fps, seconds, hold), plan(steps, fps, seconds, 0)
    assert np.array_equal(timing.steps, unheld.steps)
    extra = timing.durations - unheld.durations
    assert not extra[:-1].any()
    assert extra[-1] == round(hold * 100) * 10


@given(steps=wishes["steps"], fps=st.floats(0.1, 50))
def test_frames_come_at_the_rate_asked_for(steps, fps):
    timing = plan(steps, fps, hold=0)
    assert timing.durations.sum() == pytest.approx(1000 * len(timing.steps) / fps, abs=5.001)
    assert np.ptp(timing.durations) <= 10


@given(steps=wishes["steps"], fps=wishes["fps"], seconds=st.floats(0.1, 120))
def test_the_length_asked_for_is_kept(steps, fps, seconds):
    timing = plan(steps, fps, seconds, hold=0)
    assert timing.durations.sum() == pytest.approx(1000 * seconds, abs=5.001)
    assert len(timing.steps) <= max(2, seconds * (fps or 25))


@given(steps=wishes["steps"])
def test_without_wishes_runs_are_neither_too_long_nor_too_short(steps):
    timing = plan(steps)
    assert len(timing.steps) == min(steps + 1, 300)
    assert timing.durations[:-1].max(initial=0) <= 500
    assert timing.durations.sum() <= 12_000 + 1500


@pytest.mark.parametrize(
    ("steps", "wish", "frames", "durations"),
    [
        (0, {"hold": 0}, 1, {500}),
        (1, {"hold": 0}, 2, {500}),
        (99, {"hold": 0}, 100, {40}),
        (200, {"hold": 0}, 201, {40}),
        (199, {"fps": 50, "hold": 0}, 200, {20}),
        (9, {"fps": 30, "hold": 0}, 10, {30, 40}),
        (2000, {"hold": 0}, 300, {40}),
        (2000, {"seconds": 10, "hold": 0}, 250, {40}),
        (2000, {"seconds": 10, "fps": 50, "hold": 0}, 500, {20}),
        (10, {"seconds": 2.2, "hold": 0}, 11, {200}),
    ],
    ids=str,
)
def test_known_plans(steps, wish, frames, durations):
    timing = plan(steps, **wish)
    assert len(timing.steps) == frames
    assert set(timing.durations.tolist()) == durations


@pytest.mark.parametrize(("steps", "skips"), [(0, False), (299, False), (300, True), (5000, True)])
def test_skipped_steps_are_known(steps, skips):
    timing = plan(steps)
    assert timing.skips is skips
    assert timing.skips == any(later - sooner > 1 for sooner, later in itertools.pairwise(timing.steps))


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"fps": 51}, "fps must be between 0.1 and 50, not 51"),
        ({"fps": 0}, "not 0"),
        ({"fps": -3}, "not -3"),
        ({"fps": math.nan}, "not nan"),
        ({"fps": math.inf}, "not inf"),
        ({"seconds": 0}, "seconds must be between 0.1 and 3600, not 0"),
        ({"seconds": 3601}, "not 3601"),
        ({"seconds": math.nan}, "not nan"),
        ({"hold": -1}, "hold must be between 0 and 600 seconds, not -1"),
        ({"hold": 601}, "not 601"),
        ({"hold": math.nan}, "not nan"),
        ({"hold": math.inf}, "not inf"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_wishes_out_of_range(wish, says):
    with pytest.raises(DescentError, match=says):
        plan(10, **wish)


# --- pace


@given(**wishes)
def test_an_early_pace_has_the_same_length_and_both_ends(steps, fps, seconds, hold):
    even, early = plan(steps, fps, seconds, hold), plan(steps, fps, seconds, hold, "early")
    assert early.steps[0] == 0
    assert early.steps[-1] == steps
    assert (np.diff(early.steps) > 0).all()
    assert early.durations.sum() == pytest.approx(even.durations.sum(), abs=10)
    assert early.early
    assert not even.early


def test_an_early_pace_spends_more_time_on_the_first_steps():
    even, early = plan(200), plan(200, pace="early")

    def time_until(timing, step):
        return timing.durations[timing.steps < step].sum()

    assert time_until(early, 20) > 2.5 * time_until(even, 20)
    each = early.durations[:-1] / np.diff(early.steps)  # ms a step
    assert each[:3].mean() > 6 * each[-20:].mean()


def test_a_pace_that_nobody_knows():
    with pytest.raises(DescentError, match=r"unknown pace 'erly'; did you mean 'early'.*even, early"):
        plan(10, pace="erly")


# --- ticks, for formats with a fixed number of pictures a second


@given(**wishes, pace=st.sampled_from(["even", "early"]))
def test_ticks_add_up_to_the_same_time(steps, fps, seconds, hold, pace):
    timing = plan(steps, fps, seconds, hold, pace)
    assert (timing.ticks >= 1).all()
    total = timing.durations.sum() / 1000
    assert timing.ticks.sum() * timing.delay == pytest.approx(total, abs=0.51 * timing.delay + 0.011)


# --- fewer frames


@given(**wishes, count=st.integers(0, 400), pace=st.sampled_from(["even", "early"]))
def test_fewer_frames_last_as_long_and_keep_both_ends(steps, fps, seconds, hold, count, pace):
    timing = plan(steps, fps, seconds, hold, pace)
    fewer = timing.thinned(count)
    assert len(fewer.steps) == min(len(timing.steps), max(count, 2))
    assert set(fewer.steps) <= set(timing.steps)
    assert fewer.steps[0] == 0
    assert fewer.steps[-1] == steps
    assert fewer.durations.sum() == timing.durations.sum()
    assert fewer.ticks.sum() == timing.ticks.sum()
    assert fewer.durations[-1] == timing.durations[-1]


# --- gliding from step to step


@given(**wishes)
def test_a_glide_takes_no_other_time_and_rests_at_every_step(steps, fps, seconds, hold):
    jumps, glides = plan(steps, fps, seconds, hold), plan(steps, fps, seconds, hold, glide=True)
    assert glides.durations.sum() == pytest.approx(jumps.durations.sum(), abs=10)
    rests = glides.shares == 0
    assert np.array_equal(glides.steps[rests], jumps.steps)
    assert glides.skips == jumps.skips
    assert rests[-1]
    assert (np.diff(glides.rows + glides.shares) > 0).all()
    total = glides.durations.sum() / 1000
    assert glides.ticks.sum() * glides.delay == pytest.approx(total, abs=0.51 * glides.delay + 0.011)
    assert (glides.durations >= 20).all()


@pytest.mark.parametrize(
    ("steps", "wish", "each"),
    [
        (1, {}, 8),
        (8, {}, 8),
        (20, {}, 4),
        (24, {}, 1),
        (200, {}, 1),
        (8, {"fps": 5}, 1),
        (8, {"seconds": 1}, 1),
        (8, {"seconds": 2}, 5),
        (8, {"seconds": 9, "fps": 5}, 5),
        (8, {"seconds": 9, "fps": 3}, 1),
        (50, {"seconds": 30}, 8),
        (8, {"pace": "early"}, 1),
    ],
    ids=str,
)
def test_a_step_has_four_to_eight_frames_where_there_is_time(steps, wish, each):
    timing = plan(steps, **wish, glide=True)
    assert len(timing.steps) == steps * each + 1 if each > 1 else not timing.glides
    assert not plan(steps, **wish).glides


def test_a_glide_begins_and_ends_gently():
    shares = plan(1, glide=True).shares
    ways = np.diff([*shares[:-1], 1.0])
    assert np.allclose(ways, ways[::-1])
    assert ways[0] < ways[1] < ways[2] < ways[3]


@pytest.mark.parametrize(("count", "frames"), [(161, 161), (160, 21), (21, 21), (10, 10)])
def test_fewer_frames_are_those_at_rest(count, frames):
    timing = plan(20, seconds=8, glide=True)
    fewer = timing.thinned(count)
    assert len(timing.steps) == 161
    assert len(fewer.steps) == frames
    assert fewer.glides == (frames > 21)
    assert fewer.durations.sum() == timing.durations.sum()


@pytest.mark.parametrize("pace", ["even", "early"])
@pytest.mark.parametrize("steps", [24, 5000])
def test_stops_have_frames_in_any_case(steps, pace):
    stops = (0, 7, 8, 23)
    timing = plan(steps, seconds=1, pace=pace, stops=stops)
    assert set(stops) <= set(timing.steps.tolist())
    assert (np.diff(timing.steps) > 0).all()
    assert [timing.steps[frame] for frame in timing.pages] == [*stops, steps]
    thin = timing.thinned(4)
    assert [thin.steps[frame] for frame in thin.pages] == [*stops, steps]
    assert thin.durations.sum() == timing.durations.sum()
    assert timing.durations.sum() <= 2500 + 4 * 1000 * timing.delay + 10


def test_a_glide_waits_where_the_marker_is():
    timing = plan(6, glide=True, stops=(2, 3))
    assert timing.glides
    assert [timing.steps[frame] for frame in timing.pages] == [2, 3, 6]
    assert not timing.shares[timing.pages].any()


@pytest.mark.parametrize(
    ("kept", "stops", "says"),
    [
        (30, (31,), "no frame can stop at step 31; the nearest that was kept is 30"),
        (np.array([0, 10, 20]), (14,), "no frame can stop at step 14; the nearest that was kept is 10"),
        (30, tuple(range(1001)), "a talk has at most 1000 stops, not 1001"),
    ],
)
def test_a_step_that_was_not_kept_is_no_stop(kept, stops, says):
    with pytest.raises(DescentError, match=says):
        plan(kept, stops=stops)
