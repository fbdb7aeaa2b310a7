"""While a run is outside the view something on the border points to it and says how far it is."""

import numpy as np
import pytest

import descent
from descent.viz.canvas.pens import Marks
from descent.viz.canvas.readout import Readout
from descent.viz.canvas.stage import compile_scene
from descent.viz.contour.outside import beyond
from descent.viz.scenes.scene import compose
from descent.viz.words.describe import words
from descent.viz.words.legend_words import entries


def pointers(stage):
    """The pointers' places and shapes, and the numbers that are seen, of the frame that is shown."""
    artists = [
        artist for artist in stage.figure.findobj(Marks) if {m.shape for m in artist.marks} <= set("<>^v")
    ]
    texts = [text.get_text() for text in stage.figure.findobj(Readout) if text.get_visible()]
    (artist,) = [each for each in artists if each.get_zorder() == 6.5]
    return artist.places, [mark.shape for mark in artist.marks], [text for text in texts if "outside" in text]


def staged(recording, frame):
    stage = compile_scene(compose(recording, size=(960, 600), panels="contour"))
    for moving in stage.moving:
        moving.update(frame)
    return stage


@pytest.mark.parametrize(("frame", "out"), [(4, False), (5, True), (8, True), (9, False), (24, False)])
def test_a_run_that_comes_back_is_pointed_to_while_it_is_out(make_recording, make_run, frame, out):
    places, shapes, texts = pointers(staged(make_recording(make_run("comes back")), frame))
    assert np.isfinite(places).all() == out
    if out:  # it is at (2.6, 0.3), and the view ends at x = 2
        assert shapes == [">"]
        assert texts == ["0.6 outside"]
        assert 1.9 < places[0, 0] < 2.0
        assert places[0, 1] == pytest.approx(0.3)
    else:
        assert texts == []


def test_nothing_points_to_a_run_that_is_lost(make_recording, make_run):
    places, _, texts = pointers(staged(make_recording(make_run("to nan"), make_run("leaves")), 24))
    assert np.isnan(places[0]).all()
    assert np.isfinite(places[1]).all()
    assert texts == [], "the text beside the cross says that it left"


def test_a_picture_in_which_all_stay_has_no_pointer(make_recording, make_run):
    stage = staged(make_recording(make_run("inside")), 24)
    assert not [text for text in stage.figure.findobj(Readout) if "outside" in text.get_text()]


def test_numbers_of_two_runs_at_one_place_are_apart(make_recording, make_run):
    stage = staged(make_recording(make_run("comes back"), make_run("comes back", "sgd:lr=0.5")), 6)
    numbers = [text for text in stage.figure.findobj(Readout) if "outside" in text.get_text()]
    one, other = (text.get_window_extent() for text in numbers)
    assert not one.overlaps(other)


def test_where_on_the_border(make_recording, make_run):
    path = [(0.0, 0.0), (2.5, 1.4), (-1.0, -9.0), (1e300, 0.0), (np.inf, 0.0), (0.5, 0.5)]
    (run,) = compose(make_recording(make_run(path))).runs
    border, sides, distances = beyond(run, ((-2.0, 2.0), (-1.5, 1.5)))
    assert border[1].tolist() == [2.0, 1.4]
    assert sides[1:4].tolist() == [[1, 0], [0, -1], [1, 0]]
    assert distances[1] == pytest.approx(0.5)
    assert distances[2] == pytest.approx(7.5)
    assert distances[3] == pytest.approx(1e300)
    assert np.isnan(distances[[0, 4, 5]]).all()


def test_first_and_for_good_are_two_steps():
    """Bukin's valley throws SGD out at step 12, 114 of 201 points are outside, and 200 is the last exit."""
    recording = descent.record("bukin_n6", "sgd:lr=0.01")
    scene = compose(recording)
    (run,) = scene.runs
    out = np.flatnonzero(~run.inside)
    assert (run.first_out, run.left) == (out[0], 200) == (12, 200)
    assert len(out) == 114
    (entry,) = entries(scene)
    assert entry.event.text == "first left the view at 12, for good at 200"
    assert "leaves the view at step 12 first and at step 200 for good" in words(scene, moving=True).alt


def test_a_small_panel_of_a_sweep_says_when_its_run_left_not_when_it_overflowed():
    swept = descent.sweep("quadratic:condition=20", "sgd", "0.05,1", steps=400, resolution=(24, 24))
    assert swept.outcomes[0][1].kind == "non-finite"
    stage = compile_scene(compose(swept, grid="optimizer,lr", size=(640, 400)))
    said = [text.get_text() for text in stage.figure.findobj(Readout)]
    left = int(np.flatnonzero(np.abs(swept.points[0, 1]).max(axis=1) > 5)[0])
    assert f"out at {left}" in said
    assert left < swept.outcomes[0][1].step


def test_frames_drawn_fast_are_whole_frames(make_recording, make_run):
    from descent.viz.canvas.frames import backdrop, stream, whole

    stage = compile_scene(compose(make_recording(make_run("comes back"), make_run("far")), size=(480, 360)))
    for frame, fast in enumerate(stream(stage, backdrop(stage))):
        if frame in (5, 9, 12, 24):
            np.testing.assert_array_equal(fast[..., :3], whole(stage, frame))
