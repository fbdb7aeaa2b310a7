"""Names stand beside the heads in the last frame, hide no mark and no other name, and tell runs apart."""

from itertools import combinations

import numpy as np
import pytest

import descent
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose

RATES = [f"adam:lr={rate}" for rate in (0.01, 0.03, 0.1, 0.3, 1)]
EIGHT = ["sgd", "adam", "nadam", "rmsprop", "adamw", "adagrad", "lbfgs", "muon"]
CASES = {
    "three": ("beale", ["sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05"], {"SGD", "Adam", "RMSprop"}),
    "rates": ("beale", RATES, {"Adam 0.01", "Adam 0.03", "Adam 0.1", "Adam 0.3", "Adam 1"}),
    "eight": ("himmelblau", [f"{name}:lr=0.01" for name in EIGHT], {"SGD", "RMSprop", "LBFGS"}),
    "options": ("sphere", ["sgd:lr=0.1", "sgd:lr=0.1,momentum=0.9"], {"SGD 0.1, momentum 0.9", "SGD 0.1"}),
}


def labels_of(stage, names):
    contour = next(axes for axes in stage.figure.axes if axes.get_xlabel() == "x")
    return [text for text in contour.texts if text.get_text() in names]


@pytest.mark.parametrize("size", [(640, 400), (960, 600), (1920, 1080)], ids=str)
@pytest.mark.parametrize("case", CASES)
def test_names_are_free_of_each_other_of_heads_and_of_stars(case, size):
    target, specs, names = CASES[case]
    recording = descent.record(target, specs, steps=60, resolution=(64, 64))
    stage = compile_scene(compose(recording, size=size))
    found = labels_of(stage, names)
    assert {text.get_text() for text in found} == names
    stage.show(stage.scene.frames - 1)
    contour = found[0].axes
    boxes = [text.get_window_extent() for text in found]
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)
    marks = [run.points[-1] for run in recording.trajectories]
    marks += [minimum.point for minimum in recording.minima]
    for x, y in contour.transData.transform(marks):
        assert not any(box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 for box in boxes)
    whole = contour.get_window_extent()
    assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 for box in boxes)


def test_a_name_is_near_its_own_head_and_shown_in_the_last_frame_only():
    recording = descent.record("beale", CASES["three"][1], start=(1, 1.5), steps=100, resolution=(64, 64))
    stage = compile_scene(compose(recording))
    found = labels_of(stage, CASES["three"][2])
    heads = found[0].axes.transData.transform([run.points[-1] for run in recording.trajectories])
    for text in found:
        number = ["SGD", "Adam", "RMSprop"].index(text.get_text())
        box = text.get_window_extent()
        middle = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
        assert np.hypot(*(middle - heads[number])) < 90
        assert text.get_color() == stage.scene.styles[number].colour
    for frame, shown in ((0, False), (50, False), (stage.scene.frames - 1, True)):
        stage.show(frame)
        assert all(text.get_visible() == shown for text in found)


def test_a_run_that_left_has_its_exit_and_no_name():
    recording = descent.record("beale", ["sgd:lr=1", "adam:lr=0.1"], steps=30, resolution=(64, 64))
    stage = compile_scene(compose(recording))
    assert [text.get_text() for text in labels_of(stage, {"SGD", "Adam"})] == ["Adam"]


def test_one_run_needs_no_name():
    stage = compile_scene(compose(descent.record("beale", "adam:lr=0.1", steps=9, resolution=(32, 32))))
    assert not labels_of(stage, {"Adam"})
