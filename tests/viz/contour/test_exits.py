"""Runs that leave the view: found, marked on the border, said in words that agree everywhere."""

import itertools
import re

import numpy as np
import pytest

from descent.trajectories.reports.runs import summarize
from descent.trajectories.results.trajectory import Outcome, exit_step
from descent.viz.canvas.pens import Marks
from descent.viz.canvas.readout import Readout
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.runs import find_exit
from descent.viz.scenes.scene import compose
from descent.viz.style.layout import SIZES
from descent.viz.words.legend_words import entries

VIEW = ((-2.0, 2.0), (-1.5, 1.5))
BORDER = {"left": (0, -2.0), "right": (0, 2.0), "bottom": (1, -1.5), "top": (1, 1.5)}


def exits_of(*runs):
    rows = [(run, exit_step(run.points, VIEW)) for run in runs]
    return [find_exit(run, row, VIEW) for run, row in rows if row]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("inside", None),
        ("wavy", None),
        ("comes back", None),
        ("nan between", None),
        ("short", None),
        ("leaves", (7, True)),
        ("far", (10, True)),
        ("huge", (5, True)),
        ("to infinity", (8, False)),
        ("to nan", (8, False)),
        ([(9.0, 9.0), (8.0, 8.0)], None),  # never in view
        ([(9.0, 9.0), (0.0, 0.0)], None),  # comes in
        ([(9.0, 9.0), (0.0, 0.0), (0.0, 9.0)], (2, True)),  # comes in and leaves
        ([(0.0, 0.0), (9.0, 0.0), (0.5, 0.5), (0.0, 9.0), (9.0, 9.0)], (3, True)),  # leaves twice
        ([(0.0, 0.0), (2.0, 1.5)], None),  # the border is in view
        ([(0.0, 0.0), (np.nextafter(2.0, 3.0), 0.0)], (1, True)),
        ([(0.0, 0.0), (5.0, 0.0), (np.nan, np.nan)], (1, True)),
        ([(0.0, 0.0), (np.inf, 0.0), (0.0, 0.0)], None),
        ([(0.0, 0.0)], None),
        ([(9.0, 0.0)], None),
    ],
    ids=str,
)
def test_exits(make_run, path, expected):
    found = exits_of(make_run(path))
    assert [(leaving.step, leaving.finite) for leaving in found] == ([] if expected is None else [expected])


@pytest.mark.parametrize("side", BORDER)
@pytest.mark.parametrize("size", [2.5, 1e3, 1e9, 1e200, 1.7e308], ids=str)
def test_the_mark_lies_on_the_border_crossed(make_run, side, size):
    axis, border = BORDER[side]
    inside, beyond = np.array([0.3, -0.2]), np.array([0.3, -0.2])
    beyond[axis] = np.sign(border) * size
    (leaving,) = exits_of(make_run([inside, beyond, beyond]))
    assert leaving.point[axis] == pytest.approx(border, abs=1e-9)
    assert leaving.point[1 - axis] == pytest.approx(inside[1 - axis], abs=1e-9)


def test_the_mark_lies_on_the_way_to_where_the_run_went(make_run):
    (leaving,) = exits_of(make_run([(1.0, 0.0), (3.0, 1.0)]))
    assert leaving.point == pytest.approx((2.0, 0.5))


@pytest.mark.parametrize("path", ["to infinity", "to nan"])
def test_the_mark_of_a_run_without_a_place_is_its_last_finite_point(make_run, path):
    run = make_run(path)
    (leaving,) = exits_of(run)
    assert leaving.point == tuple(run.points[7])


def test_exits_belong_to_their_run(make_recording, make_run):
    paths = ("inside", "leaves", "wavy", "to nan")
    runs = compose(make_recording(*[make_run(path) for path in paths])).runs
    assert [run.number for run in runs if run.exit] == [1, 3]


# --- words: the picture, the legend and the table say the same


@pytest.mark.parametrize(
    ("path", "said", "event"),
    [
        ("leaves", "left the view at step 7", "left the view at step 7"),
        ("far", "left the view at step 10", "left the view at step 10"),
        ("huge", "left the view at step 5", r"left the view at step 5, non-finite at \d+"),
        ("to infinity", "non-finite at step 8", "non-finite at step 8"),
        ("to nan", "non-finite at step 8", "non-finite at step 8"),
        ("nan between", None, "non-finite at step 8"),
        ("comes back", None, r"finished .* from .* minimum"),
        ("inside", None, r"finished .* from .* minimum"),
    ],
)
def test_the_panel_and_the_legend_say_when_a_run_left(make_recording, make_run, path, said, event):
    recording = make_recording(make_run(path))
    (entry,) = entries(compose(recording))
    assert re.fullmatch(event, entry.event.text)
    found = [run.exit for run in compose(recording).runs if run.exit]
    assert [leaving.text for leaving in found] == ([] if said is None else [said])
    if found:
        assert entry.event.step == found[0].step
    (row,) = summarize(recording)
    if row.outcome_step is not None and path != "huge":
        assert row.outcome == entry.event.text


def test_a_run_whose_loss_is_lost_first_leaves_at_one_step_only(make_recording, make_run, shrinking):
    """The loss at step 6 is NaN, and with it the point at step 7: one story, one number."""
    points = shrinking(0.9, 0.8)
    points[7:] = np.nan
    losses = (points**2).sum(axis=1)
    losses[6] = np.nan
    recording = make_recording(make_run(points, losses=losses))
    assert recording.trajectories[0].outcome == Outcome("non-finite", 6)
    (entry,) = entries(compose(recording))
    leaving = compose(recording).runs[0].exit
    assert entry.event.text == leaving.text == "non-finite at step 6"


def test_a_run_that_was_never_in_view_is_said_to_be_outside(named):
    (entry,) = entries(compose(named("never in view")))
    assert entry.event.step == 0
    assert entry.event.text == "never in the view"


@pytest.mark.parametrize(
    ("outcome", "near", "text"),
    [
        (Outcome("converged", 24), False, "converged at step 24"),
        (Outcome("finished"), True, "within 0.001 of the known minimum from step"),
    ],
    ids=["converged", "near"],
)
def test_the_legend_says_how_good_runs_ended(make_recording, make_run, shrinking, outcome, near, text):
    points = shrinking(0.5, 0.5) if near else shrinking(0.9, 0.9)
    (entry,) = entries(compose(make_recording(make_run(points, outcome=outcome))))
    assert entry.event.text.startswith(text)


def test_without_known_minima_a_run_is_just_finished(make_recording, make_run):
    (entry,) = entries(compose(make_recording(make_run("inside"), minima=())))
    assert (entry.event.text, entry.event.step) == ("finished", 24)


# --- on the page


def exit_artists(stage):
    """The crosses' places, and the texts in the contour panel that can be seen."""
    axes = stage.figure.axes[0]
    crosses = [mark for mark in axes.findobj(Marks) if mark.marks[0].shape == "X" and not mark.get_clip_on()]
    places = np.concatenate([mark.places for mark in crosses]) if crosses else np.empty((0, 2))
    return places, [text for text in axes.findobj(Readout) if text.get_visible() and text.get_text()]


@pytest.mark.parametrize("frame", [0, 6, 7, 8, 24])
def test_marks_and_texts_appear_when_the_run_leaves(make_recording, make_run, frame):
    stage = compile_scene(compose(make_recording(make_run("leaves"), make_run("inside", "sgd:lr=0.1"))))
    stage.set_changing_visible(True)
    stage.show(frame)
    places, texts = exit_artists(stage)
    assert np.isfinite(places).all() == (frame >= 7)
    told = ["left the view at step 7"] if frame >= 7 else []
    told += ["SGD"] if frame == 24 else []  # the last frame names the head that is left
    assert [text.get_text() for text in texts] == told


@pytest.mark.parametrize("seconds", [0.3, 0.5, 0.8], ids=str)
def test_skipped_steps_do_not_hide_an_exit(make_recording, make_run, seconds):
    scene = compose(make_recording(make_run("leaves")), seconds=seconds)
    assert scene.timing.skips
    stage = compile_scene(scene)
    for frame, step in enumerate(scene.timing.steps):
        stage.set_changing_visible(True)
        stage.show(frame)
        assert bool(exit_artists(stage)[1]) == (step >= 7)


CROWDS = {
    "side by side": [[(0.0, y), (3.0, y)] for y in np.linspace(-0.3, 0.3, 6)],
    "one place": [[(0.0, 0.0), (3.0, 0.0)]] * 5,
    "all borders": [[(0.0, 0.0), (4 * np.cos(a), 4 * np.sin(a))] for a in np.linspace(0, 6, 12)],
    "corners": [[(0.0, 0.0), (4 * x, 3 * y)] for x, y in itertools.product((-1, 1), repeat=2)],
    "lost in one place": [[(0.5, 0.5), (np.nan, np.nan)]] * 4,
    "thirty": [[(0.0, 0.0), (4 * np.cos(a), 4 * np.sin(a))] for a in np.linspace(0, 6, 30)],
}


@pytest.mark.parametrize("size", ["small", "medium", "story"])
@pytest.mark.parametrize("crowd", CROWDS)
def test_texts_lie_in_the_panel_and_clear_of_each_other(make_recording, make_run, crowd, size):
    runs = [make_run(path, f"adam:lr={0.01 * (k + 1):g}") for k, path in enumerate(CROWDS[crowd])]
    stage = compile_scene(compose(make_recording(*runs), size=SIZES[size]))
    stage.set_changing_visible(True)
    stage.show(stage.scene.frames - 1)
    stage.canvas.draw()
    places, texts = exit_artists(stage)
    assert len(places) == len(runs)
    assert len(texts) >= min(len(runs), 4)
    panel = stage.figure.axes[0].get_window_extent()
    boxes = [text.get_window_extent() for text in texts]
    for box in boxes:
        assert panel.x0 <= box.x0 <= box.x1 <= panel.x1
        assert panel.y0 <= box.y0 <= box.y1 <= panel.y1
    for one, other in itertools.combinations(boxes, 2):
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        along = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert across <= 0 or along <= 0


@pytest.mark.parametrize(
    "view", [((-0.3, 0.3), (-1.0, 1.0)), ((-1.0, 1.0), (-0.3, 0.3))], ids=["tall", "flat"]
)
def test_texts_that_do_not_fit_the_panel_are_left_out(make_recording, make_run, view):
    runs = [make_run([(0.0, 0.0), (x, y)], view=view) for x, y in ((2.0, 0.1), (-2.0, -0.1), (0.1, 2.0))]
    stage = compile_scene(compose(make_recording(*runs, view=view), size=(320, 240)))
    stage.set_changing_visible(True)
    stage.show(stage.scene.frames - 1)
    places, texts = exit_artists(stage)
    assert len(places) == 3
    panel = stage.figure.axes[0].get_window_extent()
    for box in (text.get_window_extent() for text in texts):
        assert panel.x0 <= box.x0 <= box.x1 <= panel.x1
        assert panel.y0 <= box.y0 <= box.y1 <= panel.y1
