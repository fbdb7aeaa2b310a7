"""Frames: streamed and whole ones agree, show all that happened, and depend on their number only."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import descent
from descent.viz.canvas import frames, stage
from descent.viz.canvas.pens import Marks
from descent.viz.scenes.scene import compose
from descent.viz.style.themes import THEMES

SIZES = [(480, 360), (640, 480), (960, 600), (720, 1280)]
KINDS = [
    "two runs",
    "one leaves",
    "one comes back",
    "diverging",
    "to infinity",
    "to nan",
    "nan between",
    "all gone",
    "unequal lengths",
    "standing still",
    "start outside",
    "never in view",
    "one step",
]
NOTICED = 2  # of 255: what the eye cannot see and a rounding may cause


def size_id(size):
    return f"{size[0]}x{size[1]}"


def picks(animation):
    """The frames in which something happens: the first two, where runs leave, some between, the last."""
    last = len(animation) - 1
    return sorted({0, 1, 8, last // 2, last} & set(range(last + 1)))


def difference(one, other):
    return np.abs(one.astype(int) - other.astype(int)).max(axis=-1)


def contour_part(animation, pixels):
    """Cut the contour panel out of a frame."""
    axes = animation._stage.figure.axes[0]
    box = axes.get_window_extent()
    top = pixels.shape[0] - round(box.y1)
    return pixels[top : top + round(box.height), round(box.x0) : round(box.x1)]


def assert_fast_equals_whole(animation):
    wanted = picks(animation)
    fast = {k: pixels for k, pixels in enumerate(animation.frames()) if k in wanted}
    assert sorted(fast) == wanted
    for k in wanted:
        assert difference(fast[k], animation.frame(k)).max() <= NOTICED, f"frame {k}"


@pytest.mark.parametrize("size", SIZES, ids=size_id)
def test_fast_frames_equal_whole_frames_in_every_size(named, size):
    assert_fast_equals_whole(descent.animate(named("diverging"), size=size))


@pytest.mark.parametrize("theme", THEMES)
def test_fast_frames_equal_whole_frames_in_every_theme(named, theme):
    assert_fast_equals_whole(descent.animate(named("all gone"), theme=theme, size=(480, 360)))


@pytest.mark.parametrize("kind", KINDS)
def test_fast_frames_equal_whole_frames_however_runs_go(named, kind):
    assert_fast_equals_whole(descent.animate(named(kind), size=(480, 360)))


@pytest.mark.parametrize("seconds", [0.3, 0.9], ids=["7 frames", "22 frames"])
def test_fast_frames_equal_whole_frames_when_steps_are_skipped(named, seconds):
    animation = descent.animate(named("one leaves"), size=(480, 360), seconds=seconds)
    assert len(animation) < 25
    assert_fast_equals_whole(animation)


def test_fast_frames_equal_whole_frames_of_a_recorded_run():
    recording = descent.record("beale", ["sgd:lr=0.01", "lbfgs:lr=0.5"], steps=30, resolution=(64, 64))
    assert_fast_equals_whole(descent.animate(recording, size=(640, 480)))


@pytest.mark.parametrize("kind", ["two runs", "one leaves", "diverging"])
def test_a_frame_depends_on_its_number_only(named, kind):
    animation = descent.animate(named(kind), size=(480, 360))
    order = [24, 0, 12, 0, 24]
    seen = {}
    for k in order:
        again = animation.frame(k)
        assert np.array_equal(seen.setdefault(k, again), again), f"frame {k}"
    fresh = descent.animate(named(kind), size=(480, 360))
    assert all(np.array_equal(fresh.frame(k), pixels) for k, pixels in seen.items())


def test_asking_for_a_frame_does_not_disturb_a_stream(named):
    animation = descent.animate(named("one leaves"), size=(480, 360))
    alone = list(animation.frames())
    disturbed = []
    for k, pixels in enumerate(animation.frames()):
        disturbed.append(pixels)
        if k in (3, 10, 20):
            animation.frame(24 - k)
    assert all(np.array_equal(one, other) for one, other in zip(alone, disturbed, strict=True))


def test_two_streams_at_once_do_not_disturb_each_other(named):
    animation = descent.animate(named("one leaves"), size=(480, 360))
    for one, other in zip(animation.frames(), animation.frames(), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_neighbouring_frames_differ(named, theme):
    animation = descent.animate(named("two runs"), size=(480, 360), theme=theme)
    seen = list(animation.frames())
    assert all((difference(one, other) > 40).any() for one, other in itertools.pairwise(seen))


# --- a picture check that would notice a missing path: see how many pixels a path and its parts cover


def share_changed(one, other, threshold=40):
    """The share of pixels that differ visibly."""
    return float((difference(one, other) > threshold).mean())


@pytest.mark.parametrize(
    ("size", "theme"),
    [((480, 360), "light"), ((480, 360), "dark"), ((480, 360), "print"), ((960, 600), "light")],
    ids=lambda value: value if isinstance(value, str) else size_id(value),
)
def test_each_run_is_seen_in_the_contour(make_recording, make_run, size, theme):
    runs = [make_run("inside", "sgd:lr=0.01"), make_run("wavy", "rmsprop:lr=0.05")]
    both = descent.animate(make_recording(*runs), size=size, theme=theme)
    last = contour_part(both, both.frame(-1))
    for missing in (0, 1):
        stands = replace(runs[missing], points=np.broadcast_to(runs[missing].points[0], runs[0].points.shape))
        rest = [stands if run is runs[missing] else run for run in runs]
        alone = descent.animate(make_recording(*rest), size=size, theme=theme)
        # All else on the panel is the same, so it can be compared pixel by pixel.
        assert share_changed(last, contour_part(alone, alone.frame(-1))) > 0.002


@pytest.mark.parametrize("theme", THEMES)
def test_the_last_steps_are_seen_in_the_contour_and_a_path_moved_a_little_too(
    make_recording, make_run, shrinking, theme
):
    def picture(points):
        animation = descent.animate(make_recording(make_run(points)), size=(640, 480), theme=theme)
        return contour_part(animation, animation.frame(-1))

    path = shrinking(0.95, -0.9)
    drawn, moved = picture(path), path.copy()
    for missing, share in ((1, 0.0010), (5, 0.0030)):
        short = path.copy()
        short[-missing:] = path[-missing - 1]
        assert share_changed(drawn, picture(short)) > share, f"last {missing} steps missing"
    moved[1:, 0] += 0.02
    assert share_changed(drawn, picture(moved)) > 0.003


def test_the_loss_curve_is_seen(make_recording, make_run):
    pictures = []
    for losses in (None, np.full(25, 4.0)):
        runs = [make_run("inside", losses=losses), make_run("wavy", "sgd:lr=0.1")]
        animation = descent.animate(make_recording(*runs), size=(960, 600))
        axes = animation._stage.figure.axes[-1]
        assert axes.get_xlabel() == "step"
        box = axes.get_window_extent()
        top = 600 - round(box.y1)
        pixels = animation.frame(-1)
        pictures.append(pixels[top : top + round(box.height), round(box.x0) : round(box.x1)])
    assert share_changed(*pictures) > 0.005


# --- what is not finite, and the start


def marks_drawn(animation, frame):
    """The places of all marks on the contour panel, but for what points to a run beyond its border."""
    animation._stage.show(frame)
    axes = animation._stage.figure.axes[0]
    crosses = [pen for pen in axes.findobj(Marks) if pen.get_zorder() == 6.5]
    pointers = [pen for pen in crosses if {mark.shape for mark in pen.marks} <= set("<>^v")]
    places = [pen.places for pen in axes.findobj(Marks) if pen not in pointers]
    return np.concatenate([place[np.isfinite(place).all(axis=1)] for place in places])


@pytest.mark.parametrize("kind", ["to nan", "nan between", "diverging", "all gone"])
def test_nan_is_never_drawn(named, kind):
    recording = named(kind)
    points = np.concatenate([run.points for run in recording.trajectories])
    finite = points[np.isfinite(points).all(axis=1)]
    animation = descent.animate(recording, size=(480, 360))
    known = np.concatenate([finite, [recording.recipe.start, recording.minima[0].point]])
    for frame in (7, 8, 9, 12, 24):
        for place in marks_drawn(animation, frame):
            on_border = np.isclose(np.abs(place), (2.0, 1.5)).any()
            assert on_border or np.isclose(known, place).all(axis=1).any(), (frame, place)


def test_a_run_that_is_nan_leaves_no_head(make_recording, make_run):
    # Three runs from one start: one is lost at once, one stays, one jumps to where NaN might be drawn.
    late = {}
    for name, then in {"nan": (np.nan, np.nan), "stays": (1.5, 1.0), "jumps": (0.0, 0.0)}.items():
        path = np.tile(then, (11, 1))
        path[0] = (1.5, 1.0)
        animation = descent.animate(make_recording(make_run(path), minima=()), size=(480, 360), levels=False)
        late[name] = contour_part(animation, animation.frame(9))
    # The start and its words are at the upper right: all else is the same, to the last pixel.
    changed = {name: difference(late[name], late["stays"]) > 0 for name in ("nan", "jumps")}
    height, width = changed["nan"].shape
    for each in changed.values():
        each[: round(0.3 * height), round(0.25 * width) :] = False
    assert not changed["nan"].any()
    assert changed["jumps"][round(0.5 * height), round(0.5 * width)]


@pytest.mark.parametrize(
    ("kind", "theme"),
    [
        ("two runs", "light"),
        ("one leaves", "dark"),
        ("diverging", "print"),
        ("to nan", "light"),
        ("standing still", "light"),
        ("standing still", "dark"),
        ("standing still", "print"),
    ],
)
def test_the_start_is_visible_in_every_frame(named, make_recording, kind, theme):
    recording = named(kind)
    elsewhere = make_recording(*recording.trajectories, start=(99.0, 99.0))  # the same but for the mark
    animation = descent.animate(recording, size=(480, 360), theme=theme)
    bare = descent.animate(elsewhere, size=(480, 360), theme=theme)
    seen = [
        int((difference(contour_part(animation, one), contour_part(bare, other)) > 60).sum())
        for one, other in zip(animation.frames(), bare.frames(), strict=True)
    ]
    assert min(seen) >= 12, seen


@pytest.mark.parametrize("kind", ["two runs", "diverging", "to infinity", "start outside", "never in view"])
def test_axes_limits_never_change(named, kind):
    recording = named(kind)
    compiled = stage.compile_scene(compose(recording, size=(480, 360)))
    contour, loss = compiled.figure.axes[0], compiled.figure.axes[-1]
    limits = []
    for frame in range(compiled.scene.frames):
        frames.whole(compiled, frame) if frame % 8 == 0 else compiled.show(frame)
        limits.append((contour.get_xlim(), contour.get_ylim(), loss.get_xlim(), loss.get_ylim()))
    assert limits[0][:2] == recording.view
    assert set(limits) == {limits[0]}
