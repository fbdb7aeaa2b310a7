"""Numbers on lines of equal height, and the name of the small map: true, and over nothing that matters."""

import itertools

import numpy as np
import pytest
from matplotlib.text import Text

import descent
from descent.viz.canvas.stage import compile_scene
from descent.viz.contour.inset import NAME
from descent.viz.scenes.scene import compose

RUNS = ["sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05"]
SIZES = [(480, 320), (640, 480), (960, 600), (1920, 1080)]


@pytest.fixture(scope="module")
def recordings():
    return {
        name: descent.record(name, RUNS, steps=60, **({"start": (1, 1.5)} if name == "beale" else {}))
        for name in ("beale", "himmelblau", "rosenbrock")
    }


def drawn(recording, size, **wishes):
    stage = compile_scene(compose(recording, size=size, **wishes))
    stage.show(stage.scene.frames - 1)
    return stage, stage.figure.axes[0]


def numbers(axes):
    """The texts on the contour that stand for a height."""
    return [text for text in axes.findobj(Text) if text.get_zorder() == 1.5 and text.get_text()]


@pytest.mark.parametrize("heights", ["log", "linear"])
@pytest.mark.parametrize("name", ["beale", "himmelblau", "rosenbrock"])
def test_a_number_is_the_height_where_it_stands(recordings, name, heights):
    _, axes = drawn(recordings[name], (960, 600), heights=heights)
    surface = descent.surfaces.get(name)
    found = numbers(axes)
    assert found
    for text in found:
        height = float(surface(np.array(text.get_position()))) - surface.minima[0].value
        assert float(text.get_text()) == pytest.approx(height, rel=0.04), text.get_text()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["beale", "himmelblau"])
def test_numbers_are_apart_from_paths_marks_and_words_and_can_be_read(recordings, shown_texts, name, size):
    stage, axes = drawn(recordings[name], size)
    found = numbers(axes)
    assert 1 <= len(found) <= 4
    spots = [
        axes.transData.transform(point)
        for run in recordings[name].trajectories
        for one, other in itertools.pairwise(run.points)
        for point in np.linspace(one, other, 20)
    ]
    spots += [axes.transData.transform(minimum.point) for minimum in recordings[name].minima]
    others = [
        text.get_window_extent() for text in shown_texts(stage) if text.axes is axes and text not in found
    ]
    for text in found:
        assert text.get_fontsize() * 100 / 72 >= 9 - 1e-6
        box = text.get_window_extent()
        assert not any(box.contains(*spot) for spot in spots), text.get_text()
        assert not any(box.overlaps(other) for other in others), text.get_text()
        frame = axes.get_window_extent()
        assert frame.x0 < box.x0 < box.x1 < frame.x1
        assert frame.y0 < box.y0 < box.y1 < frame.y1


def test_numbers_can_be_left_out_and_stand_on_a_bare_surface_too(recordings):
    assert not numbers(drawn(recordings["beale"], (640, 480), levels=False)[1])
    bare = compile_scene(compose(recordings["beale"], size=(640, 480)))
    assert numbers(bare.figure.axes[0])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_small_map_says_what_it_shows_where_that_has_room(recordings, size):
    _, axes = drawn(recordings["himmelblau"], size)
    names = [text for text in axes.findobj(Text) if text.get_text() == NAME]
    assert len(names) == (size != (480, 320))
    for name in names:
        box = name.get_window_extent()
        maps = [patch for patch in axes.patches if 2 <= patch.get_zorder() < 3]
        around = [patch.get_window_extent() for patch in maps]
        assert any(each.x0 < box.x0 < box.x1 < each.x1 and each.y0 < box.y0 for each in around)
        frame = max(maps, key=lambda patch: patch.get_zorder()).get_window_extent()
        assert not box.overlaps(frame)
        assert name.get_fontsize() * 100 / 72 >= 9 - 1e-6
