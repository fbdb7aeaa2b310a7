"""What is on the page is what is in the recording: draw, then read the artists back."""

import itertools
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text

import descent
from descent.surfaces.surface import Minimum
from descent.viz.canvas.frames import backdrop, stream, whole_rgba
from descent.viz.canvas.pens import Lines, Marks, Tails
from descent.viz.canvas.readout import Readout
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose

SIZE = (960, 600)


@lru_cache(maxsize=8)
def compiled(recording, **wishes):
    return compile_scene(compose(recording, **{"size": SIZE, **wishes}))


def staged(recording, frame=-1, **wishes):
    """Compile a scene and set it up for a frame, which depends on nothing that was shown before."""
    stage = compiled(recording, **wishes)
    stage.set_changing_visible(True)
    stage.show(frame % stage.scene.frames)
    return stage


def contour_of(stage):
    return stage.figure.axes[0]


def loss_of(stage):
    (axes,) = (axes for axes in stage.figure.axes if axes.get_xlabel() == "step")
    return axes


def texts(stage):
    return [text.get_text() for text in stage.figure.findobj(Text) if text.get_visible() and text.get_text()]


def strokes(axes):
    (lines,) = axes.findobj(Lines)
    return lines.strokes


def vertices(strokes):
    """The points of a trail, in order, without those where one piece joins the next."""
    found = []
    for path in (stroke.path.vertices for stroke in strokes if len(stroke.path.vertices)):
        found.extend(path if not found or not np.array_equal(found[-1], path[0]) else path[1:])
    return np.array(found)


def lines_only(strokes):
    """Leave out the dots, which are very short and thick strokes, and what is empty."""
    width = min((stroke.width for stroke in strokes), default=0)
    return [stroke for stroke in strokes if len(stroke.path.vertices) and stroke.width == width]


def heads_of(stage):
    """The marks that are drawn with the runs' own shapes."""
    shapes = tuple(style.marker for style in stage.scene.styles)
    (heads,) = (
        marks
        for marks in contour_of(stage).findobj(Marks)
        if tuple(mark.shape for mark in marks.marks) == shapes and marks.marks[0].fill
    )
    return heads


def marks_of_shape(stage, shape, filled):
    return np.concatenate(
        [
            np.array([place])
            for marks in contour_of(stage).findobj(Marks)
            for mark, place in zip(marks.marks, marks.places, strict=True)
            if mark.shape == shape and (mark.fill is not None) is filled
        ]
        or [np.empty((0, 2))]
    )


# --- paths


@pytest.mark.parametrize("frame", [0, 1, 7, 24])
def test_the_trail_is_the_path_so_far(make_recording, make_run, frame):
    run = make_run("inside")
    stage = staged(make_recording(run), frame)
    drawn = lines_only(strokes(contour_of(stage)))
    if frame == 0:
        assert not drawn
    else:
        assert np.array_equal(vertices(drawn), run.points[: frame + 1])


def test_the_trail_is_the_path_also_when_steps_are_skipped(make_recording, make_run):
    run = make_run("wavy")
    stage = staged(make_recording(run), seconds=0.3)
    assert stage.scene.timing.skips
    assert np.array_equal(vertices(lines_only(strokes(contour_of(stage)))), run.points)


def test_the_trail_of_a_recorded_run_is_its_path():
    recording = descent.record("beale", "adam:lr=0.1", steps=40, start=(1, 1.5), resolution=(32, 32))
    path = vertices(lines_only(strokes(contour_of(staged(recording)))))
    assert np.array_equal(path, recording.trajectories[0].points)


def test_every_run_has_a_trail_in_its_order_and_colour(make_recording, make_run):
    runs = [
        make_run("inside", "sgd:lr=0.1"),
        make_run("wavy", "adam:lr=0.1"),
        make_run("short", "rmsprop:lr=0.1"),
    ]
    stage = staged(make_recording(*runs))
    by_colour = {}
    for stroke in lines_only(strokes(contour_of(stage))):
        by_colour.setdefault(stroke.colour, []).append(stroke)
    assert len(by_colour) == 3
    for run, drawn in zip(runs, by_colour.values(), strict=True):
        assert np.array_equal(vertices(drawn), run.points)


def test_a_trail_ends_where_its_run_leaves(make_recording, make_run):
    run = make_run("far")
    drawn = vertices(lines_only(strokes(contour_of(staged(make_recording(run))))))
    assert np.array_equal(drawn[:10], run.points[:10])
    assert np.isfinite(drawn).all()
    beyond = drawn[10:]
    assert (np.abs(beyond) > (2.0, 1.5)).any(axis=1).all()  # one line to beyond the border, and no more
    assert len(beyond) == 1


def test_a_gap_is_not_bridged(make_recording, make_run):
    run = make_run("nan between")
    drawn = lines_only(strokes(contour_of(staged(make_recording(run)))))
    for stroke in drawn:
        first, last = stroke.path.vertices[[0, -1]]
        steps = [int(np.flatnonzero((run.points == point).all(axis=1))[0]) for point in (first, last)]
        assert steps[1] - steps[0] == 1
        assert not set(range(8, 10)) & set(steps)


@pytest.mark.parametrize("frame", [0, 1, 12, 24])
def test_heads_are_where_the_runs_are(make_recording, make_run, frame):
    runs = [make_run("inside", "sgd:lr=0.1"), make_run("wavy", "adam:lr=0.1")]
    heads = heads_of(staged(make_recording(*runs), frame))
    assert np.array_equal(heads.places, [run.points[frame] for run in runs])


def test_the_head_of_a_run_that_is_over_stays_at_its_end(make_recording, make_run):
    runs = [make_run("short", "sgd:lr=0.1"), make_run("inside", "adam:lr=0.1")]
    heads = heads_of(staged(make_recording(*runs), 20))
    assert np.array_equal(heads.places, [runs[0].points[9], runs[1].points[20]])


@pytest.mark.parametrize(
    ("path", "frame", "seen"),
    [
        ("leaves", 6, True),
        ("leaves", 7, False),
        ("comes back", 6, False),
        ("comes back", 9, True),
        ("to nan", 8, False),
    ],
)
def test_a_head_out_of_view_is_not_drawn(make_recording, make_run, path, frame, seen):
    heads = heads_of(staged(make_recording(make_run(path)), frame))
    assert np.isfinite(heads.places).all() == seen


def test_a_short_run_glides_and_is_counted_when_it_has_come(make_recording, make_run):
    points = np.array([(1.5, 1.0), (0.5, -1.0), (0.0, 0.0)])
    recording = make_recording(make_run(points))
    stage = staged(recording, 4)
    assert "step 0" in texts(stage)
    assert np.allclose(heads_of(stage).places, [(points[0] + points[1]) / 2])
    assert not lines_only(strokes(contour_of(stage)))
    assert "between steps markers move straight; optimizers jump" in fine_print(stage)
    stage.show(8)
    assert "step 1" in texts(stage)
    assert np.allclose(heads_of(stage).places, [points[1]])
    grown = [pixels.copy() for pixels in stream(stage, backdrop(stage))]
    for frame in (3, 8, 13):
        assert np.array_equal(grown[frame], whole_rgba(stage, frame))


def test_the_last_frame_of_a_glide_is_that_of_jumps(make_recording, make_run):
    recording = make_recording(make_run(np.linspace((1.5, 1.0), (0.0, 0.3), 13)))
    glides, jumps = staged(recording), staged(recording, fps=5)
    assert glides.scene.timing.glides
    assert not jumps.scene.timing.glides
    ends = [whole_rgba(stage, stage.scene.frames - 1)[:-40] for stage in (glides, jumps)]
    assert np.array_equal(*ends)


def test_where_a_run_was_between_frames_is_seen_faintly(make_recording, make_run):
    run = make_run("wavy")
    stage = staged(make_recording(run), 2, seconds=0.3)
    first, second = stage.scene.timing.rows[1:3]
    (comet,) = (artist for artist in contour_of(stage).findobj(Tails) if len(artist.widths) == 19)
    fans = [path.vertices[::2] for path in comet.paths[:3]]
    assert np.array_equal(fans[1], run.points[1:first])
    assert np.array_equal(fans[2], run.points[first + 1 : second])
    shades = [to_hex(colour) for colour in comet.colours]
    assert len({*shades[:3], stage.scene.styles[0].colour}) == 4


def test_the_comet_is_the_end_of_the_trail(make_recording, make_run):
    run = make_run("inside")
    stage = staged(make_recording(run), 20)
    (comet,) = (artist for artist in contour_of(stage).findobj(Tails) if len(artist.widths) == 16)
    paths = [path.vertices for path in comet.paths]
    assert np.array_equal(paths[-1], run.points[19:21])
    assert np.array_equal(paths[0], run.points[4:6])
    widths = comet.widths
    assert (np.diff(widths) > 0).all()
    assert to_hex(comet.colours[-1]) == stage.scene.styles[0].colour


# --- start and minima


def test_stars_stand_at_the_known_minima(make_recording, make_run):
    minima = ((0.0, 0.0), (1.0, -1.0), (5.0, 5.0))
    stage = staged(make_recording(make_run("inside"), minima=minima))
    assert marks_of_shape(stage, "*", filled=True).tolist() == [[0.0, 0.0], [1.0, -1.0]]


def test_a_ring_stands_at_the_start(make_recording, make_run):
    assert marks_of_shape(staged(make_recording(make_run("inside"))), "o", filled=False).tolist() == [
        [1.5, 1.0]
    ]


def test_no_ring_where_the_start_is_out_of_view(named):
    assert not len(marks_of_shape(staged(named("start outside")), "o", filled=False))


def test_a_surface_alone_has_stars_and_no_ring(named):
    stage = staged(named("no runs"))
    assert marks_of_shape(stage, "*", filled=True).tolist() == [[0.0, 0.0]]
    assert not len(marks_of_shape(stage, "o", filled=False))
    assert not any("step" in text for text in texts(stage))


# --- counter, legend, fine print


@pytest.mark.parametrize(
    ("frame", "seconds", "step"), [(0, None, 0), (7, None, 7), (-1, None, 24), (1, 0.3, 5), (-1, 0.3, 24)]
)
def test_the_counter_shows_the_step_and_not_the_frame(named, frame, seconds, step):
    assert f"step {step}" in texts(staged(named("two runs"), frame, seconds=seconds))


def test_the_legend_names_each_run(make_recording, make_run):
    specs = [
        "sgd:lr=0.1,momentum=0.9,nesterov=true",
        "adam:lr=0.001@step:step_size=30",
        "rmsprop:lr=0.05,accumulate=4",
    ]
    stage = staged(make_recording(*(make_run("inside", spec) for spec in specs)))
    shown = texts(stage)
    for words in (
        "SGD",
        "lr 0.1",
        "momentum 0.9, nesterov",
        "Adam",
        "lr 0.001",
        "StepLR step_size 30",
        "RMSprop",
    ):
        assert words in shown
    assert "accumulate 4" in shown
    assert "lr 0.05" in shown


def test_names_are_never_read_as_mathematics(make_recording, make_run):
    recording = make_recording(make_run("inside", "my.Opt_$x$:lr=0.1"), target="expr:$x$_1")
    assert {"Opt_$x$", "$x$_1"} <= set(texts(staged(recording)))
    descent.animate(recording, size=SIZE).frame(0)


@pytest.mark.parametrize("frame", [0, 10, 24])
def test_the_legend_shows_the_loss_of_the_moment(make_recording, make_run, frame):
    runs = [make_run("inside", "sgd:lr=0.1"), make_run("short", "adam:lr=0.1")]
    shown = texts(staged(make_recording(*runs), frame))
    for run in runs:
        assert f"{run.losses[min(frame, run.steps)]:.3g}" in shown


@pytest.mark.parametrize(
    ("path", "frame", "shown"), [("leaves", 6, False), ("leaves", 7, True), ("to nan", 8, True)]
)
def test_the_legend_says_what_happened_once_it_did(make_recording, make_run, path, frame, shown):
    said = [text for text in texts(staged(make_recording(make_run(path)), frame)) if "at step" in text]
    assert bool(said) == shown


def test_samples_in_the_legend_look_like_the_runs(make_recording, make_run):
    specs = ["sgd:lr=0.1", "adam:lr=0.1", "sgd:lr=0.01"]
    stage = staged(make_recording(*(make_run("inside", spec) for spec in specs)), theme="print")
    page = stage.figure.axes[-1] if not stage.figure.axes[-1].axison else stage.figure.axes[-2]
    samples = [line for line in page.lines if line.get_marker() == "None"]
    marks = [line for line in page.lines if line.get_marker() != "None"]
    styles = stage.scene.styles
    assert [line.get_color() for line in samples] == [style.colour for style in styles]
    assert [mark.get_marker() for mark in marks] == [style.marker for style in styles]
    assert len({str(line._unscaled_dash_pattern) for line in samples}) == 3


def fine_print(stage):
    (text,) = (text for text in texts(stage) if "torch.optim" in text or text.endswith("on cpu"))
    return text


@pytest.mark.parametrize(
    ("facts", "wishes", "words"),
    [
        ({}, {}, "24 steps from (1.5, 1)"),
        ({}, {}, "torch.optim 2.13.0"),
        ({}, {}, "float64 on cpu"),
        ({}, {}, "known minimum"),
        ({"noise": 0.25, "seed": 7}, {}, "gradient noise 0.25, seed 7"),
        ({}, {"seconds": 0.3}, "a frame about every 4 steps"),
        ({}, {}, "○ start"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_fine_print_says(make_recording, make_run, facts, wishes, words):
    assert words in fine_print(staged(make_recording(make_run("inside"), **facts), **wishes))


@pytest.mark.parametrize("words", ["noise", "a frame about", "one scale"])
def test_the_fine_print_is_silent_about_what_is_not_so(named, words):
    assert words not in fine_print(staged(named("two runs")))


def test_the_fine_print_explains_no_mark_that_is_out_of_view(make_recording, make_run):
    view = ((20.0, 21.0), (20.0, 21.0))
    said = fine_print(staged(make_recording(make_run("inside", view=view), view=view)))
    assert "○ start" not in said
    assert "☆ known minimum" not in said


def test_the_order_of_magnitude_beside_the_y_axis_hides_no_number(make_recording, make_run):
    view = ((-1e-9, 1e-9), (-1e-9, 1e-9))
    stage = staged(make_recording(make_run("inside", view=view), view=view))
    axes = stage.figure.axes[0]
    stage.figure.draw_without_rendering()
    label = axes.yaxis.label.get_window_extent()
    assert "1e" in axes.get_ylabel()
    assert label.x0 >= 0
    assert label.x1 <= min(tick.get_window_extent().x0 for tick in axes.get_yticklabels())


def test_the_fine_print_says_when_x_and_y_differ_in_scale(make_recording, make_run):
    view = ((-200.0, 200.0), (-1.5, 1.5))
    stage = staged(make_recording(make_run("inside", view=view), view=view))
    assert "x and y not to one scale" in fine_print(stage)


@pytest.mark.parametrize(("heights", "label"), [("linear", "loss"), ("log", "loss, log scale")])
def test_the_colour_bar_says_how_heights_are_scaled(named, heights, label):
    stage = staged(named("two runs"), heights=heights)
    assert label in [axes.get_ylabel() for axes in stage.figure.axes]


@pytest.mark.parametrize(
    ("target", "title"),
    [
        ("beale", "Beale"),
        ("quadratic:condition=100,angle=30", "Quadratic, condition 100, angle 30"),
        ("expr:x**2 + y**2", "x**2 + y**2"),
        ("my.package:loss", "my.package:loss"),
    ],
)
def test_the_title_names_the_target(make_recording, make_run, target, title):
    assert title in texts(staged(make_recording(make_run("inside"), target=target)))


# --- the loss panel


def test_the_loss_curve_is_the_losses(make_recording, make_run):
    runs = [make_run("inside", "sgd:lr=0.1"), make_run("short", "adam:lr=0.1")]
    stage = staged(make_recording(*runs))
    axes = loss_of(stage)
    by_colour = {}
    for stroke in strokes(axes):
        if len(stroke.path.vertices):
            by_colour.setdefault(stroke.colour, []).append(stroke)
    for run, style in zip(runs, stage.scene.styles, strict=True):
        curve = vertices(by_colour[style.colour])
        assert np.array_equal(curve[:, 0], np.arange(run.steps + 1))
        assert np.allclose(10 ** curve[:, 1], run.losses)  # on a log scale above the minimum, which is 0
    assert axes.get_title(loc="left") == "loss, log scale"


def test_a_loss_curve_with_little_to_show_is_linear(make_recording, make_run):
    run = make_run("inside", losses=np.linspace(5, 3, 25))
    axes = loss_of(staged(make_recording(run)))
    assert np.allclose(vertices(strokes(axes))[:, 1], run.losses)
    assert axes.get_title(loc="left") == "loss"


def test_losses_are_measured_from_the_known_minimum(make_recording, make_run):
    recording = make_recording(make_run("inside", losses=-200 + 10.0 ** -np.arange(25)))
    recording = replace(recording, minima=(Minimum((0.0, 0.0), -200.0),))
    axes = loss_of(staged(recording))
    assert axes.get_title(loc="left").endswith("minimum, log scale")
    assert np.allclose(vertices(strokes(axes))[:8, 1], -np.arange(8), atol=1e-4)


@pytest.mark.parametrize("frame", [0, 10, 24])
def test_marks_move_along_the_curves(make_recording, make_run, frame):
    runs = [make_run("inside", "sgd:lr=0.1"), make_run("short", "adam:lr=0.1")]
    (marks,) = loss_of(staged(make_recording(*runs), frame)).findobj(Marks)
    for run, (step, height) in zip(runs, marks.places, strict=True):
        assert step == min(frame, run.steps)
        assert 10**height == pytest.approx(run.losses[min(frame, run.steps)])


@pytest.mark.parametrize("kind", ["diverging", "to infinity", "to nan", "all gone"])
def test_losses_of_lost_runs_stay_near_the_panel(named, kind):
    for frame in (8, 24):
        stage = staged(named(kind), frame)
        axes = loss_of(stage)
        low, high = axes.get_ylim()
        room = high - low
        drawn = [stroke.path.vertices for stroke in strokes(axes) if len(stroke.path.vertices)]
        assert np.isfinite(np.concatenate(drawn)).all()
        assert (np.abs(np.concatenate(drawn)[:, 1] - (low + high) / 2) <= 1.5 * room + 1e-9).all()
        (marks,) = axes.findobj(Marks)
        places = marks.places[np.isfinite(marks.places).all(axis=1)]
        assert ((places[:, 1] >= low) & (places[:, 1] <= high)).all()


def test_the_panel_covers_the_losses_met_in_view(named):
    recording = named("one leaves")
    low, high = loss_of(staged(recording)).get_ylim()
    inside = np.concatenate([recording.trajectories[0].losses, recording.trajectories[1].losses[:7]])
    assert low <= np.log10(inside.min())
    assert np.log10(inside.max()) <= high


def test_ghosts_show_what_is_to_come(make_recording, make_run):
    run = make_run("inside")
    (ghosts,) = loss_of(staged(make_recording(run), 0)).findobj(LineCollection)
    (curve,) = ghosts.get_segments()
    assert np.allclose(10 ** curve[:, 1], run.losses)


# --- order and hygiene


@pytest.mark.parametrize("kind", ["two runs", "diverging"])
def test_what_moves_lies_above_what_grows(named, kind):
    stage = staged(named(kind))
    for growing, moving in itertools.product(stage.growing, stage.moving):
        if growing.artist.axes is moving.artist.axes:
            assert growing.artist.get_zorder() < moving.artist.get_zorder()
    for axes in stage.figure.axes:
        changing = set(stage.changing)
        for artist in axes.get_children():
            if (
                artist not in changing
                and artist.get_visible()
                and isinstance(artist, (Lines, Marks, LineCollection))
            ):
                assert artist.get_zorder() < 5


def test_everything_that_changes_is_known(named):
    """What two frames draw differently is drawn by the parts that are listed as changing."""
    stage = compile_scene(compose(named("one leaves"), size=(480, 360)))
    stage.set_changing_visible(True)
    pictures = []
    for frame in (3, 20):
        stage.show(frame)
        stage.set_changing_visible(False)
        stage.canvas.draw()
        pictures.append(np.asarray(stage.canvas.buffer_rgba()).copy())
    assert np.array_equal(*pictures)


def test_a_readout_is_drawn_where_its_text_is_measured(named):
    """Glyphs are placed without layout; they must cover the extent that ordinary text would have."""
    stage = staged(named("one leaves"))
    stage.canvas.draw()
    for readout in stage.figure.findobj(Readout):
        if not readout.get_visible() or not readout.get_text():
            continue
        extent = readout.get_window_extent()
        (text, _), rgba, _ = readout._composed
        assert text == readout.get_text()
        assert rgba.shape[1] == pytest.approx(extent.width, abs=max(3.0, 0.06 * extent.width))
        assert (rgba[..., 3] > 100).any()
