"""Several fields of a network side by side, read back from the figure."""

import numpy as np
import pytest
from matplotlib.text import Text

import descent
from descent.surfaces.errors import DescentError
from descent.viz.canvas.frames import backdrop, stream, whole
from descent.viz.canvas.left_out import left_out
from descent.viz.canvas.readout import Readout
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose
from descent.viz.words.describe import words

OPTIONS = {"data": "moons:samples=60", "epochs": 3, "batch_size": 12, "resolution": (9, 9)}


@pytest.fixture(scope="module")
def recording():
    return descent.record(
        "mlp:hidden=4", ["sgd:lr=0.3", "adam:lr=0.02"], field_of="train,val,metric", **OPTIONS
    )


@pytest.mark.parametrize("size", [(480, 320), (960, 600), (600, 1000)])
def test_each_field_has_a_panel_a_heading_and_its_values_at_the_weights(recording, size) -> None:
    scene = compose(recording, size=size)
    assert scene.grid == ("field",)
    stage = compile_scene(scene)
    headings = [text.get_text() for text in stage.figure.findobj(Text)]
    for name in ("training loss", "validation loss", "error rate"):
        assert sum(each.partition(",")[0] == name for each in headings) == 1
    told = [artist for artist in stage.changing if isinstance(artist, Readout)]
    for frame in (0, scene.frames - 1):
        stage.show(frame)
        said = [each.get_text() for each in told]
        for field in recording.training.fields:
            for run, values in zip(("SGD lr 0.3", "Adam lr 0.02"), field.values, strict=True):
                assert f"{run}  {values[scene.timing.rows[frame]]:.4g}" in said


def test_a_small_page_does_without_values_and_says_so(recording) -> None:
    stage = compile_scene(compose(recording, size=(400, 300)))
    texts = [text.get_text() for text in stage.figure.findobj(Text)]
    assert sum("loss" in each for each in texts) >= 2
    assert not any(each.startswith("SGD lr 0.3  ") for each in texts)
    assert "the values at the weights" in left_out(stage.figure)


def test_the_panels_have_scales_of_their_own_and_the_same_paths(recording) -> None:
    from descent.viz.pages.small_panel import field_ground, tracks_of

    scene = compose(recording)
    grounds = [field_ground(scene, each) for each in recording.training.fields]
    for ground, field in zip(grounds, recording.training.fields, strict=True):
        np.testing.assert_array_equal(ground.field.z, field.z)
        assert ground.heights is not None
    assert len({ground.heights.levels.tobytes() for ground in grounds}) == 3
    assert len(tracks_of(scene)) == 2


def test_fast_frames_equal_frames_drawn_whole(recording) -> None:
    stage = compile_scene(compose(recording, size=(640, 480), theme="dark", seconds=0.4))
    kept = [pixels[..., :3].copy() for pixels in stream(stage, backdrop(stage))]
    for frame in (0, len(kept) - 1):
        assert np.abs(whole(stage, frame).astype(int) - kept[frame]).max() <= 2


def test_another_picture_of_it_is_drawn_when_asked_for_and_words_name_the_fields(recording) -> None:
    assert compose(recording, panels="contour,loss").grid == ()
    assert compose(recording, strip=3).grid == ()
    assert compose(recording, arrows="gradient").grid == ()
    assert compose(recording, grid="optimizer").grid == ("optimizer",)
    alt = words(compose(recording), moving=False).alt
    assert "The fields are training loss, validation loss and error rate." in alt


def test_a_recording_of_one_field_has_no_such_grid() -> None:
    one = descent.record("mlp:hidden=4", "sgd:lr=0.3", **OPTIONS)
    with pytest.raises(DescentError, match="shows several fields of a network, which this recording has not"):
        compose(one, grid="field")
    with pytest.raises(DescentError, match="a grid is by field alone"):
        compose(one, grid="field,lr")
