"""Axes of charts: rounding is no progress, and what lies below an axis is told."""

import numpy as np
import pytest

import descent
from descent.viz.canvas.readout import Readout
from descent.viz.canvas.stage import compile_scene
from descent.viz.charts.scales import fit_scale, span
from descent.viz.scenes.scene import compose


def chart(figure, name):
    """Return the axes whose title or heading begins with a name."""
    for axes in figure.axes:
        words = [axes.get_title(loc="left"), *(text.get_text() for text in axes.texts)]
        for each in words:
            if each.startswith(name):
                return axes, each
    raise AssertionError(f"no chart is called {name}")


def test_rounding_is_drawn_flat_and_said_to_be():
    recording = descent.record("easom", "adam:lr=0.1", start=(-2, -2))
    losses = recording.trajectories[0].losses
    share = np.ptp(losses) / np.abs(losses).max()
    assert 0 < share < 1e-9
    axes, words = chart(compile_scene(compose(recording, size=(1280, 720))).figure, "loss 1")
    low, high = axes.get_ylim()
    assert np.ptp(losses) < 1e-6 * (high - low)
    assert low < losses.min() < losses.max() < high
    assert words.endswith(f"flat: changes by {share:.0e} of its value")
    assert "log" not in words


@pytest.mark.parametrize(("size", "panels"), [((480, 300), None), ((480, 360), None)])
def test_where_there_is_little_room_fewer_words_say_it_whole(size, panels):
    recording = descent.record("easom", "adam:lr=0.1", start=(-2, -2))
    _, words = chart(compile_scene(compose(recording, size=size, panels=panels)).figure, "loss 1")
    assert words.endswith("flat to 7e-13")


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ([5.0, 5.0, 5.0], "flat: does not change"),
        ([0.0, 0.0], "flat: does not change"),
        ([-1.0, -1 - 3e-16], "flat: changes by 2e-16 of its value"),
        ([1e200, 1e200 * (1 + 4e-10)], "flat: changes by 4e-10 of its value"),
        ([1.0, 1 + 2e-9], ""),
        ([1.0, 0.5], ""),
        ([7.0], ""),
    ],
    ids=str,
)
def test_what_is_flat(losses, words):
    for scale in (
        fit_scale(np.array(losses), 0.0),
        fit_scale(np.array(losses), -1.0),
        span(np.array(losses)),
    ):
        assert scale.flat == words
        assert not (scale.flat and scale.log)
        placed = scale.place(np.array(losses))
        assert (np.diff(placed) <= 1e-6 * (scale.high - scale.low)).all() or not words


def test_rounding_above_a_minimum_is_no_descent_over_many_powers_of_ten():
    losses = -1 + np.array([1e-10, 1e-12, 1e-14, 0.0])
    scale = fit_scale(losses, -1.0)
    assert scale.flat
    assert not scale.log


def test_axes_with_given_ends_are_kept():
    assert span(np.array([3.0, 3.0]), log=False, low=0.0).low == 0.0
    assert not span(np.array([3.0, 3.0]), log=True).flat


def notes(stage, frame):
    stage.show(frame)
    return [
        (text.get_text(), axes)
        for axes in stage.figure.axes
        for text in axes.texts
        if isinstance(text, Readout) and text.get_text().startswith("↓")
    ]


def test_a_loss_below_the_axis_is_told_while_it_is_there():
    # x is multiplied by 0.2 with each step, and by 0: losses by 0.04 and 0.
    recording = descent.record("sphere", ["sgd:lr=0.4", "sgd:lr=0.5", "adam:lr=0.1"], steps=60)
    stage = compile_scene(compose(recording, panels="contour,loss,gradient"))
    first, zero, _ = (run.losses for run in recording.trajectories)
    assert not notes(stage, 0)
    found = [text for text, _ in notes(stage, stage.scene.frames - 1)]
    assert found.count(f"↓ {first[-1]:.3g}") == 1
    assert found.count("↓ 0") == 2  # its gradient, too
    assert zero[-1] == 0
    assert len(found) == 4
    early = notes(stage, int(np.searchsorted(stage.scene.timing.steps, 3)))
    assert [text for text, _ in early] == ["↓ 0", "↓ 0"]


def test_nothing_is_told_where_the_axis_reaches_every_loss():
    stage = compile_scene(compose(descent.record("beale", steps=30)))
    assert not notes(stage, stage.scene.frames - 1)
