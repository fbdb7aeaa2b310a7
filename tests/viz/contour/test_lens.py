"""The lens shows the part in which the later half happens, as large as it says, and hides nothing."""

import re

import numpy as np
import pytest

import descent
from descent.viz.canvas.frames import whole
from descent.viz.canvas.heads import between
from descent.viz.canvas.pens import Marks
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.late_part import late_part
from descent.viz.scenes.scene import compose

SPECS = ("sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05")


@pytest.fixture(scope="module")
def valley():
    return descent.record("beale", SPECS, start=(1, 1.5), steps=200, resolution=(256, 256))


def lens_of(stage):
    """The axes with a text "so many times: ..." on them, and that text."""
    for axes in stage.figure.axes:
        for text in axes.texts:
            if " times: " in text.get_text():
                return axes, text.get_text()
    return None


def test_the_part_holds_the_later_half_and_the_minimum_that_runs_near(valley):
    scene = compose(valley)
    (x0, x1), (y0, y1) = late_part(scene.runs, valley.minima, scene.view, scene.timing, (256, 256))
    assert (x1 - x0) * 4 <= scene.view[0][1] - scene.view[0][0]
    half = int(scene.timing.rows[len(scene.timing.rows) // 2])
    late = np.concatenate([run.points[half:] for run in valley.trajectories])
    for x, y in (*late, valley.minima[0].point):
        assert x0 <= x <= x1
        assert y0 <= y <= y1


def test_nothing_is_magnified_where_runs_rest_or_go_far():
    rest = compose(descent.record("sphere", "sgd:lr=0.4", steps=60, resolution=(64, 64)))
    far = compose(
        descent.record("himmelblau", ["sgd:lr=0.001", "adam:lr=0.001"], steps=60, resolution=(64, 64))
    )
    for scene in (rest, far):
        assert late_part(scene.runs, scene.recording.minima, scene.view, scene.timing, (64, 64)) is None


def test_the_lens_says_what_it_shows_and_shows_heads_where_they_are(valley):
    stage = compile_scene(compose(valley))
    lens, words = lens_of(stage)
    (x0, x1), (y0, y1) = lens.get_xlim(), lens.get_ylim()
    times, *ends = map(float, re.findall(r"\d+\.?\d*", words))
    contour = next(axes for axes in stage.figure.axes if axes.get_xlabel() == "x")
    wide, narrow = (np.diff(each.transData.transform([(x0, y0), (x1, y0)])[:, 0]) for each in (lens, contour))
    assert times == pytest.approx(float(wide[0] / narrow[0]), rel=0.05)
    assert times >= 1.6
    assert ends == pytest.approx([x0, x1, y0, y1], abs=0.006)
    drawn = [each.artist for each in stage.moving if each.artist.axes is lens]
    heads = next(each for each in drawn if isinstance(each, Marks) and len(each.marks) == len(SPECS))
    for frame in (0, 120, stage.scene.frames - 1):
        stage.show(frame)
        row, share = int(stage.scene.timing.rows[frame]), float(stage.scene.timing.shares[frame])
        for place, run in zip(heads.places, valley.trajectories, strict=True):
            x, y = between(run.points, row, share)
            if x0 <= x <= x1 and y0 <= y <= y1:
                assert place == pytest.approx((x, y))
            else:
                assert np.isnan(place).all()


def test_the_lens_covers_no_path_no_map_and_no_mark(valley):
    stage = compile_scene(compose(valley))
    stage.show(stage.scene.frames - 1)
    lens, _ = lens_of(stage)
    contour = next(axes for axes in stage.figure.axes if axes.get_xlabel() == "x")
    box = lens.get_window_extent()
    for spots in (*(run.points for run in valley.trajectories), [valley.minima[0].point]):
        for x, y in contour.transData.transform(spots):
            assert not (box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1)


@pytest.mark.parametrize("wishes", [{"lens": False}, {"size": (480, 300)}], ids=str)
def test_no_lens_where_none_is_wished_for_or_there_is_no_room(valley, wishes):
    assert lens_of(compile_scene(compose(valley, **wishes))) is None


def test_a_lens_changes_pixels_only_in_its_place_and_its_frame(valley):
    # Numbers at levels keep clear of the lens, so that they stand elsewhere with one.
    with_lens, without = (compile_scene(compose(valley, lens=lens, levels=False)) for lens in (True, False))
    lens, _ = lens_of(with_lens)
    differs = (whole(with_lens, 60) != whole(without, 60)).any(axis=-1)[::-1]
    inside = np.zeros_like(differs)
    box = lens.get_window_extent()
    inside[int(box.y0) - 2 : int(box.y1) + 3, int(box.x0) - 2 : int(box.x1) + 3] = True
    contour = next(axes for axes in with_lens.figure.axes if axes.get_xlabel() == "x")
    corners = contour.transData.transform(list(zip(lens.get_xlim(), lens.get_ylim(), strict=True)))
    (left, low), (right, high) = corners.round().astype(int)
    frame = np.zeros_like(differs)
    frame[low - 2 : high + 3, left - 2 : right + 3] = True
    frame[low + 3 : high - 2, left + 3 : right - 2] = False
    assert differs[inside].mean() > 0.5
    assert not differs[~inside & ~frame].any()
