"""Names at the ends of curves: none on another, each as near to its curve's end as that allows."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import descent
from descent.viz.canvas.stage import compile_scene
from descent.viz.charts.end_labels import spread
from descent.viz.scenes.scene import compose


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_places_are_moved_apart_in_order_and_within_the_plot(places):
    apart = 0.1
    moved = np.array(spread(places, apart))
    order = np.argsort(places, kind="stable")
    assert (np.diff(moved[order]) >= apart - 1e-9).all()
    assert moved.min() >= -1e-9
    assert moved.max() <= 1 + 1e-9


def test_places_that_are_apart_stay():
    assert spread([0.1, 0.9, 0.5], 0.2) == pytest.approx([0.1, 0.9, 0.5])


def test_names_stand_at_the_ends_of_their_curves_in_their_colours():
    recording = descent.record(
        "beale", ["sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05"], steps=40, resolution=(32, 32)
    )
    stage = compile_scene(compose(recording))
    loss = next(axes for axes in stage.figure.axes if axes.get_xlabel() == "step")
    found = {text.get_text(): text for text in loss.texts if text.get_text() in ("SGD", "Adam", "RMSprop")}
    assert set(found) == {"SGD", "Adam", "RMSprop"}
    by_height = sorted(found, key=lambda name: -found[name].get_position()[1])
    losses = {"SGD": 0, "Adam": 1, "RMSprop": 2}
    final = [recording.trajectories[losses[name]].losses[-1] for name in by_height]
    assert final == sorted(final, reverse=True)
    page = stage.figure.bbox
    for name, text in found.items():
        box = text.get_window_extent()
        assert box.x0 > loss.get_window_extent().x1
        assert box.x1 <= page.x1
        assert text.get_color() == stage.scene.styles[losses[name]].colour


def test_a_narrow_panel_has_no_names():
    recording = descent.record("beale", ["sgd:lr=0.01", "adam:lr=0.1"], steps=9, resolution=(32, 32))
    stage = compile_scene(compose(recording, size=(480, 300)))
    loss = [axes for axes in stage.figure.axes if axes.get_xlabel() == "step"]
    assert not any(text.get_text() == "SGD" for axes in loss for text in axes.texts)
