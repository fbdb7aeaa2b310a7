"""Boxes of what is painted: nothing is painted outside its own, and frames keep to theirs."""

import numpy as np
import pytest

import descent
from descent.viz.canvas import frames, painted, stage
from descent.viz.scenes.scene import compose

THREE = ["sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05"]
PICTURES = {
    "arrows": ("beale", ["sgd:lr=0.01", "adam:lr=0.1"], {"arrows": ("gradient", "adam")}),
    "leaves": ("bukin_n6", ["sgd:lr=0.01"], {}),
    "oscillates": ("quadratic:condition=20", ["sgd:lr=0.0999", "adam:lr=0.3"], {}),
    "panels": ("rosenbrock", THREE, {"panels": ("contour", "loss", "lr", "gradient"), "size": (800, 600)}),
    "relief": ("himmelblau", THREE, {"panels": ("surface3d", "loss")}),
    "no background": ("beale", THREE, {"theme": "transparent"}),
}


@pytest.fixture(params=list(PICTURES))
def compiled(request):
    surface, optimizers, wishes = PICTURES[request.param]
    recording = descent.record(surface, optimizers, steps=30)
    scene = compose(recording, **{"size": (480, 360), "seconds": 0.5, **wishes})
    return stage.compile_scene(scene)


def covered(boxes, shape):
    inside = np.zeros(shape, bool)
    for top, left, bottom, right in boxes:
        inside[top:bottom, left:right] = True
    return inside


def test_an_artist_paints_nothing_outside_its_box(compiled):
    renderer, size = compiled.canvas.get_renderer(), compiled.scene.size
    for frame in (0, compiled.scene.frames // 2, compiled.scene.frames - 1):
        compiled.show(frame)
        for artist in compiled.changing:
            renderer.clear()
            empty = np.asarray(renderer.buffer_rgba()).copy()
            artist.draw(renderer)
            differs = (np.asarray(renderer.buffer_rgba()) != empty).any(axis=-1)
            box = painted.painted(artist, renderer, size)
            assert not (differs & ~covered([box] if box else [], differs.shape)).any(), artist


def test_a_frame_equals_the_one_before_outside_the_boxes_that_it_names(compiled):
    before = None
    shares = []
    for page, boxes in frames.changing(compiled, frames.backdrop(compiled)):
        if before is not None:
            differs = (page != before).any(axis=-1)
            inside = covered(boxes, differs.shape)
            assert not (differs & ~inside).any()
            shares.append(inside.mean())
        before = page.copy()
    assert len(shares) == compiled.scene.frames - 1


def test_boxes_of_a_descent_are_a_small_part_of_its_page():
    recording = descent.record("beale", THREE, steps=60, start=(1, 1.5))
    drawn = stage.compile_scene(compose(recording, size=(640, 480)))
    shares = [
        covered(boxes, (480, 640)).mean() for _, boxes in frames.changing(drawn, frames.backdrop(drawn))
    ]
    assert np.mean(shares[1:]) < 0.25


def test_boxes_that_go_together_are_one_and_those_that_touch_do_not_meet():
    assert painted.meets((0, 0, 5, 5), [("", (4, 4, 9, 9))])
    assert not painted.meets((0, 0, 5, 5), [("", (5, 0, 9, 9)), ("", (0, 5, 9, 9))])
