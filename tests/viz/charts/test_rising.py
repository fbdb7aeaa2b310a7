"""The panel of rising rates, read back from the figure."""

import numpy as np
import pytest
from matplotlib.text import Text

import descent
from descent.surfaces.errors import DescentError
from descent.trajectories.results.rising import rising
from descent.viz.canvas.frames import backdrop, stream, whole
from descent.viz.canvas.pens import Lines, Marks
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose
from descent.viz.words.describe import words
from descent.viz.words.long_description import long_description

SMALL = {"data": "moons:samples=80", "epochs": 8, "batch_size": 12, "resolution": (5, 5)}


@pytest.fixture(scope="module")
def recording():
    return descent.record("mlp:hidden=5", ["sgd", "adam"], rising="1e-3:30", **SMALL)


def test_the_panel_is_drawn_unasked_and_its_curves_are_losses_against_rates(recording) -> None:
    scene = compose(recording, size=(960, 600))
    assert scene.panels == ("rising",)
    stage = compile_scene(scene)
    stage.show(scene.frames - 1)
    axes = next(axes for axes in stage.figure.axes if axes.get_xlabel() == "learning rate of the step")
    low, high = axes.get_xlim()
    for run in recording.trajectories:
        found = rising(run)
        assert low < np.log10(found.rates[0])
        assert np.log10(found.rates[-1]) < high
        np.testing.assert_array_equal(found.losses, run.losses[:-1])
    marks = [pen for pen in stage.changing if isinstance(pen, Marks) and pen.axes is axes]
    placed = {tuple(np.round(spot, 6)) for pen in marks for spot in pen.places}
    for run in recording.trajectories:
        found = rising(run)
        at = found.steepest
        assert tuple(np.round([np.log10(found.rates[at]), found.losses[at]], 6)) in placed
        assert any(np.isclose(spot[0], np.log10(found.rates[found.above])) for spot in placed)
    lines = [pen for pen in stage.changing if isinstance(pen, Lines) and pen.axes is axes]
    assert lines


def test_fast_frames_equal_frames_drawn_whole(recording) -> None:
    stage = compile_scene(compose(recording, size=(640, 480), theme="dark", seconds=0.4))
    kept = [pixels[..., :3].copy() for pixels in stream(stage, backdrop(stage))]
    for frame in (0, len(kept) // 2, len(kept) - 1):
        assert np.abs(whole(stage, frame).astype(int) - kept[frame]).max() <= 2


def test_the_picture_says_what_was_found_and_that_it_is_no_training_at_a_rate(recording) -> None:
    stage = compile_scene(compose(recording, size=(1280, 720)))
    stage.show(stage.scene.frames - 1)
    said = " ".join(text.get_text() for text in stage.figure.findobj(Text))
    alt = words(stage.scene, moving=True).alt
    for run in recording.trajectories:
        found = rising(run)
        rate = f"{found.rates[found.steepest]:.2g}"
        assert f"fastest at lr {rate}" in said
        assert f"falls fastest at lr {rate}, above its start from lr" in alt
    assert "no training at that rate" in said
    assert alt.startswith("Rising-rate animation")
    told = long_description(stage.scene)
    assert "falls fastest at lr" in told.sentences[-1]
    assert all(row[-1].startswith("falls fastest at lr") for row in told.rows)
    for never in ("plane", "view", "Heights", "best"):
        assert never not in alt
    assert "best" not in said


def test_a_constant_rate_has_no_such_panel() -> None:
    constant = descent.record("mlp:hidden=5", "sgd:lr=0.1", **SMALL)
    with pytest.raises(DescentError, match="the panel 'rising' needs"):
        compose(constant, panels="rising")
    assert compose(constant).panels[0] == "contour"
