"""The curve panel: what is drawn is what was recorded, and fast frames equal whole ones."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import descent
from descent.surfaces.errors import DescentError
from descent.surfaces.field import Field
from descent.surfaces.surface import Minimum
from descent.trajectories.results.recipe import Recipe
from descent.trajectories.results.recording import Recording
from descent.trajectories.results.trajectory import Trajectory, judge
from descent.viz.canvas import frames
from descent.viz.canvas.axes import points
from descent.viz.canvas.parts import GROWING_ZORDER, MOVING_ZORDER
from descent.viz.canvas.pens import Lines, Marks, Tails
from descent.viz.canvas.readout import Readout
from descent.viz.canvas.stage import Stage, default_style
from descent.viz.charts.curve import draw, draw_runs, panel_box
from descent.viz.scenes.scene import compose
from descent.viz.style.layout import DPI, Rect, Ruler, text_scale
from descent.viz.words.sweep_words import fine_print

VIEW = ((-5.0, 5.0), (-1.0, 1.0))
STEPS = 10


def parabola(x):
    with np.errstate(over="ignore", invalid="ignore"):
        return 0.5 * x**2


def make_run(path, spec, slopes=None):
    x = np.asarray(path, dtype=float)
    places = np.column_stack([x, np.zeros_like(x)])
    gradients = np.column_stack([x if slopes is None else slopes, np.zeros_like(x)])
    losses = parabola(x)
    outcome = judge(places, losses, gradients, VIEW)
    return Trajectory(spec, places, losses, gradients, np.full(len(x) - 1, 0.1), outcome, len(x) - 1)


def swinging(factor, start=-3.0, steps=STEPS):
    return start * factor ** np.arange(steps + 1)


PATHS = {
    "small": swinging(0.9),
    "large": swinging(-0.8),
    "diverging": swinging(-1.1),
    "far": [-3.0, 4.0, -1e300, 1e308, np.inf, np.nan],
    "to nan": [-3.0, 2.0, np.nan, np.nan],
    "comes back": [-3.0, 7.0, -2.0, 1.0],
    "short": swinging(0.5, steps=4),
    "still": [-3.0] * 5,
    "outside": [-9.0, -6.0, -4.0, -2.0],
    "never in view": [9.0, 12.0, 20.0],
}
SPECS = ("sgd:lr=0.1", "sgd:lr=1.8", "adam:lr=0.1")


def make_recording(*names, minima=(0.0,), heights=parabola, noise=0.0):
    runs = [make_run(PATHS[name], spec) for name, spec in zip(names, SPECS, strict=False)]
    x = np.linspace(*VIEW[0], 40)
    recipe = Recipe(
        target="parabola",
        specs=tuple(run.spec for run in runs),
        start=(runs[0].points[0, 0], 0.0) if runs else (-3.0, 0.0),
        steps=max((run.steps for run in runs), default=0),
        seed=0,
        device="cpu",
        dtype="float64",
        view=VIEW,
        resolution=(40, 1),
        noise=noise,
    )
    known = tuple(Minimum((each, 0.0), 0.0) for each in minima)
    return Recording(Field(x, np.zeros(1), heights(x)[None]), tuple(runs), recipe, known, "x^2/2")


def staged(recording, frame=None, runs=None, size=(480, 320), **wishes):
    """Draw the panel alone on a page; but with ``seconds``, every frame is a step."""
    scene = compose(recording, size=size, **({} if "seconds" in wishes else {"fps": 5}), **wishes)
    ruler = Ruler(text_scale(size, scene.theme))
    with default_style():
        figure = Figure(figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor=scene.theme.background)
        canvas = FigureCanvasAgg(figure)
        place = Rect(60.0, 50.0, size[0] - 90.0, size[1] - 100.0)
        parts = (
            draw(figure, scene, place, ruler)
            if runs is None
            else draw_runs(figure, scene, place, runs, ruler)
        )
    growing, moving = parts
    moving.sort(key=lambda thing: thing.artist.get_zorder())
    stage = Stage(scene, figure, canvas, tuple(growing), tuple(moving))
    if frame is not None:
        stage.set_changing_visible(True)
        stage.show(frame % scene.frames)
    return stage


def axes_of(stage):
    (axes,) = stage.figure.axes
    return axes


def pen_at(stage, zorder):
    (pen,) = (pen for pen in axes_of(stage).findobj(Lines) if pen.get_zorder() == zorder)
    return pen.strokes


def marks_of(stage, shape, hollow=False):
    found = [
        place
        for marks in axes_of(stage).findobj(Marks)
        for mark, place in zip(marks.marks, marks.places, strict=True)
        if mark.shape == shape and (mark.fill is None) is hollow and marks.get_visible()
    ]
    return np.array(found).reshape(-1, 2)


ALL = [
    ("small", "large", "diverging"),
    ("far", "small"),
    ("to nan", "large"),
    ("comes back", "short", "still"),
    ("outside",),
    ("never in view",),
]


@pytest.mark.parametrize("names", ALL, ids="+".join)
@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_fast_frames_equal_whole_frames(names, theme):
    stage = staged(make_recording(*names), theme=theme)
    static = frames.backdrop(stage)
    fast = [frame.copy() for frame in frames.stream(stage, static)]
    for number in (0, 1, 2, len(fast) - 1):
        assert np.array_equal(frames.whole_rgba(stage, number), fast[number]), number


@pytest.mark.parametrize("names", ALL, ids="+".join)
def test_small_panels_too(names):
    stage = staged(make_recording(*names), runs=[len(names) - 1, 0][: len(names)])
    static = frames.backdrop(stage)
    for number, frame in enumerate(frames.stream(stage, static)):
        if number in (1, stage.scene.frames - 1):
            assert np.array_equal(frames.whole_rgba(stage, number), frame)


def test_what_changes_lies_above_what_does_not():
    stage = staged(make_recording("small", "diverging"))
    changing = set(stage.changing)
    assert {part.artist.get_zorder() for part in stage.growing} == {GROWING_ZORDER}
    assert min(thing.artist.get_zorder() for thing in stage.moving) >= MOVING_ZORDER
    still = [each for each in axes_of(stage).get_children() if each not in changing]
    drawn = [each for each in still if not isinstance(each, Text) and each.get_visible()]
    assert max(each.get_zorder() for each in drawn) < GROWING_ZORDER


# --- the curve


def test_the_curve_is_the_field_with_its_minimum():
    stage = staged(make_recording("small"), 0)
    curve = next(line for line in axes_of(stage).lines if len(line.get_xdata()) > 10)
    x, heights = curve.get_data()
    assert 0.0 in x
    np.testing.assert_array_equal(heights, parabola(x))
    assert axes_of(stage).get_xlim() == VIEW[0]
    (low, high) = axes_of(stage).get_ylim()
    assert low < 0 < 12.5 < high < 14


def test_heights_that_are_not_finite_leave_a_gap():
    recording = make_recording("small", heights=lambda x: np.where(x < 0, parabola(x), np.inf))
    assert panel_box(recording)[1][1] < 14
    recording = make_recording("small", heights=lambda x: np.full_like(x, np.nan), minima=())
    with pytest.raises(DescentError, match="not finite anywhere"):
        panel_box(recording)
    level = make_recording("small", heights=lambda x: np.full_like(x, 3.0), minima=())
    (low, high) = panel_box(level)[1]
    assert low < 3 < high


def test_a_run_that_diverges_does_not_change_the_axes():
    quiet, wild = make_recording("small"), make_recording("small", "far")
    assert panel_box(quiet) == panel_box(wild)


def test_minima_and_start_are_marked():
    stage = staged(make_recording("small", minima=(0.0, 2.0, 9.0)), 3)
    assert marks_of(stage, "*").tolist() == [[0.0, 0.0], [2.0, 0.0]]
    assert marks_of(stage, "o", hollow=True).tolist() == [[-3.0, 4.5]]


def test_a_surface_alone_has_curve_and_minima_only():
    stage = staged(make_recording(), 0)
    assert not stage.growing
    assert marks_of(stage, "*").tolist() == [[0.0, 0.0]]
    words = [text.get_text() for text in axes_of(stage).texts]
    assert words == ["loss(x)"]


# --- balls, gradients, steps


@pytest.mark.parametrize("frame", [0, 1, 5, 10])
def test_balls_are_where_the_runs_are(frame):
    recording = make_recording("small", "large", "diverging")
    stage = staged(recording, frame)
    (balls,) = (each for each in axes_of(stage).findobj(Marks) if each.get_zorder() == MOVING_ZORDER + 0.4)
    for place, run in zip(balls.places, recording.trajectories, strict=True):
        x, loss = run.points[frame, 0], run.losses[frame]
        if abs(x) <= 5:
            assert place.tolist() == [x, loss]
        else:
            assert np.isnan(place).all()


def test_between_steps_balls_are_on_the_straight_way_and_the_tangent_waits():
    recording = make_recording("large")
    stage, before = staged(recording, 20, seconds=4.0), staged(recording, 2)
    assert stage.scene.timing.shares[20] == 0.5
    run = recording.trajectories[0]
    places = np.column_stack([run.points[:, 0], run.losses])
    (balls,) = (each for each in axes_of(stage).findobj(Marks) if each.get_zorder() == MOVING_ZORDER + 0.4)
    assert np.allclose(balls.places, [(places[2] + places[3]) / 2])
    tangents = [pen_at(each, MOVING_ZORDER + 0.2)[0].path.vertices for each in (stage, before)]
    assert np.array_equal(*tangents)


def test_a_shorter_run_stays_at_its_end():
    recording = make_recording("short", "small")
    stage = staged(recording, -1)
    heads = np.concatenate([marks_of(stage, "o"), marks_of(stage, "o", hollow=True)])
    assert recording.trajectories[0].points[-1, 0] in heads[:, 0]


@pytest.mark.parametrize("slope", [-3.0, 0.0, 40.0, 1e200])
def test_the_line_through_a_ball_is_as_steep_as_the_gradient(slope):
    recording = make_recording("small")
    run = make_run(PATHS["small"], SPECS[0], slopes=np.full(STEPS + 1, slope))
    recording = Recording(recording.field, (run,), recording.recipe, recording.minima)
    stage = staged(recording, 4)
    (stroke,) = pen_at(stage, MOVING_ZORDER + 0.2)
    (x0, y0), (x1, y1) = stroke.path.vertices
    ball = (run.points[4, 0], run.losses[4])
    np.testing.assert_allclose([(x0 + x1) / 2, (y0 + y1) / 2], ball, rtol=1e-9)
    if abs(slope) < 1e6:
        assert (y1 - y0) / (x1 - x0) == pytest.approx(slope)
    ends = axes_of(stage).transData.transform(stroke.path.vertices)
    unit = text_scale(stage.scene.size, stage.scene.theme)
    assert np.hypot(*(ends[1] - ends[0])) == pytest.approx(80 * unit)


def test_a_gradient_that_is_not_finite_has_no_line():
    recording = make_recording("small")
    run = make_run(PATHS["small"], SPECS[0], slopes=[np.nan, np.inf, *PATHS["small"][2:]])
    recording = Recording(recording.field, (run,), recording.recipe, recording.minima)
    assert not pen_at(staged(recording, 0), MOVING_ZORDER + 0.2)
    assert not pen_at(staged(recording, 1), MOVING_ZORDER + 0.2)
    assert pen_at(staged(recording, 2), MOVING_ZORDER + 0.2)


def test_the_arrow_goes_to_the_next_parameter_and_a_dashed_line_to_its_loss():
    recording = make_recording("large")
    (run,) = recording.trajectories
    shaft, head, drop = pen_at(staged(recording, 3), MOVING_ZORDER + 0.15)
    (x, loss), (next_x, next_loss) = ((run.points[k, 0], run.losses[k]) for k in (3, 4))
    assert shaft.path.vertices.tolist() == [[x, loss], [next_x, loss]]
    assert head.path.vertices[1].tolist() == [next_x, loss]
    assert drop.path.vertices.tolist() == [[next_x, loss], [next_x, next_loss]]
    assert drop.dash
    assert not shaft.dash


def test_the_arrow_is_the_optimizers_step_also_where_frames_skip_some():
    recording = make_recording("large")
    (run,) = recording.trajectories
    stage = staged(recording, 1, seconds=0.2)
    row = int(stage.scene.timing.rows[1])
    assert stage.scene.timing.skips
    shaft = pen_at(stage, MOVING_ZORDER + 0.15)[0].path.vertices
    assert shaft[:, 0].tolist() == run.points[[row, row + 1], 0].tolist()


@pytest.mark.parametrize(("name", "frame"), [("small", -1), ("still", 1), ("to nan", 1)])
def test_without_a_next_place_there_is_no_arrow(name, frame):
    assert not pen_at(staged(make_recording(name), frame), MOVING_ZORDER + 0.15)


def test_an_arrow_out_of_the_view_ends_not_far_beyond_it():
    shaft, *_ = pen_at(staged(make_recording("far"), 1), MOVING_ZORDER + 0.15)
    assert shaft.path.vertices.tolist() == [[4.0, 8.0], [-15.0, 8.0]]


# --- where they have been


def test_the_trail_joins_the_places():
    recording = make_recording("large")
    (run,) = recording.trajectories
    stage = staged(recording, 4)
    (trail,) = (part.artist for part in stage.growing)
    width = min(stroke.width for stroke in trail.strokes)
    lines = [s.path.vertices for s in trail.strokes if s.width == width and len(s.path.vertices)]
    expected = np.column_stack([run.points[:, 0], run.losses])
    np.testing.assert_array_equal(np.concatenate([lines[0][:1], *(line[1:] for line in lines)]), expected[:5])
    dots = [s.path.vertices[0].tolist() for s in trail.strokes if s.width > width]
    assert dots == expected[1:5].tolist()


def test_what_is_past_is_fainter_than_what_is_next():
    stage = staged(make_recording("large"), 5)
    (trail,) = (part.artist for part in stage.growing)
    (comet,) = axes_of(stage).findobj(Tails)
    colour = stage.scene.styles[0].colour
    assert pen_at(stage, MOVING_ZORDER + 0.15)[0].colour == colour
    assert colour not in {stroke.colour for stroke in trail.strokes}
    assert max(comet.widths) < 1.6 * points(text_scale(stage.scene.size, stage.scene.theme))


# --- where they left


def test_a_run_that_leaves_has_a_cross_on_the_border_level_with_where_it_was():
    recording = make_recording("diverging")
    (run,) = recording.trajectories
    left = run.outcome.step
    before, after = staged(recording, left - 1), staged(recording, left)
    cross = marks_of(after, "X")
    border = np.sign(run.points[left, 0]) * 5.0
    np.testing.assert_allclose(cross, [[border, run.losses[left - 1]]], rtol=1e-12)
    assert not len(marks_of(before, "X"))
    (trail,) = (part.artist for part in after.growing)
    last = [s.path.vertices for s in trail.strokes if len(s.path.vertices)][-1]
    assert last[:, 1].tolist() == [run.losses[left - 1]] * 2
    words = [label.get_text() for label in axes_of(after).findobj(Readout) if label.get_visible()]
    assert words == [f"left the view at step {left}"]
    assert not [label for label in axes_of(before).findobj(Readout) if label.get_visible()]


def test_a_run_without_numbers_ends_at_its_last_place():
    stage = staged(make_recording("to nan"), -1)
    assert marks_of(stage, "X").tolist() == [[2.0, 2.0]]
    assert "non-finite at step 2" in {label.get_text() for label in axes_of(stage).findobj(Readout)}


@pytest.mark.parametrize("name", ["small", "comes back", "outside", "never in view"])
def test_runs_that_end_in_the_view_or_never_were_have_no_cross(name):
    assert not len(marks_of(staged(make_recording(name), -1), "X"))


def test_texts_of_several_runs_lie_apart_and_within_the_panel():
    stage = staged(make_recording("diverging", "far", "to nan"), -1, size=(960, 600))
    boxes = []
    for label in axes_of(stage).findobj(Readout):
        extent = label.get_window_extent(stage.canvas.get_renderer())
        assert axes_of(stage).bbox.x0 <= extent.x0 < extent.x1 <= axes_of(stage).bbox.x1
        assert axes_of(stage).bbox.y0 <= extent.y0 < extent.y1 <= axes_of(stage).bbox.y1
        boxes.append(extent)
    assert len(boxes) == 3
    for k, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[:k])


def test_small_panels_have_crosses_but_no_text_because_their_captions_say_it():
    small = staged(make_recording("diverging"), -1, size=(960, 600), runs=[0])
    large = staged(make_recording("diverging"), -1, size=(960, 600))
    assert len(marks_of(small, "X")) == len(marks_of(large, "X")) == 1
    assert axes_of(large).findobj(Readout)
    assert not axes_of(small).findobj(Readout)


# --- words


@pytest.mark.parametrize(("noise", "word"), [(0.0, "tangent"), (0.5, "slope with noise")])
def test_the_heading_says_what_is_what(noise, word):
    stage = staged(make_recording("small", noise=noise), 0, size=(960, 600))
    words = [text.get_text() for text in axes_of(stage).texts if not isinstance(text, Readout)]
    assert words == ["loss(x)", "where it is", word, "next step"]
    assert axes_of(stage).get_xlabel() == "x"


@pytest.mark.parametrize("option", ["clip=1", "accumulate=2", "zero_grad=false"])
def test_a_line_whose_slope_is_not_that_of_the_loss_is_no_tangent(option):
    recording = make_recording("small")
    run = make_run(PATHS["small"], f"sgd:lr=0.1,{option}")
    recipe = replace(recording.recipe, specs=(run.spec,))
    recording = Recording(recording.field, (run,), recipe, recording.minima)
    words = [text.get_text() for text in axes_of(staged(recording, 0, size=(960, 600))).texts]
    assert "slope as handed over" in words
    assert "tangent" not in words


def test_large_losses_are_written_briefly():
    recording = make_recording("small", heights=lambda x: 1e9 * parabola(x))
    stage = staged(recording, 0)
    assert axes_of(stage).texts[0].get_text() == "loss(x)  1e10"


def test_a_small_panel_draws_its_runs_only_and_no_words():
    recording = make_recording("small", "large", "diverging")
    stage = staged(recording, 3, runs=[1])
    (balls,) = (each for each in axes_of(stage).findobj(Marks) if each.get_zorder() == MOVING_ZORDER + 0.4)
    assert balls.places.tolist() == [
        [recording.trajectories[1].points[3, 0], recording.trajectories[1].losses[3]]
    ]
    assert balls.marks[0].fill == stage.scene.styles[1].colour
    assert not axes_of(stage).texts
    assert not axes_of(stage).get_xticks().size


def test_a_sweep_of_one_parameter_has_its_picture_but_no_small_panels():
    swept = descent.sweep("parabola", "sgd", "0.5,1.9,2.1", steps=5, resolution=(8, 1))
    assert fine_print(swept).startswith("5 steps each from x = -3")
    compose(swept)
    with pytest.raises(DescentError, match="show two parameters"):
        compose(swept, grid="optimizer,lr")
