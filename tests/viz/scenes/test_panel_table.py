"""Pictures of surfaces in panels of one's choice: what may stand together, and what each panel shows."""

import itertools

import numpy as np
import pytest

import descent
from descent.surfaces.catalogue import SURFACE
from descent.surfaces.errors import DescentError
from descent.viz.canvas.stage import compile_scene
from descent.viz.charts.rates import gradient_norms
from descent.viz.scenes.panel_table import PANELS
from descent.viz.scenes.scene import compose

OF_SURFACES = [name for name, entry in PANELS.items() if SURFACE in entry.of]


def headings(stage):
    return {
        text.get_text()
        for axes in stage.figure.axes
        for text in (*axes.texts, axes.title, axes._left_title)
        if text.get_text()
    }


@pytest.mark.parametrize(
    ("count", "size"),
    [(1, (960, 600)), (2, (960, 600)), (3, (960, 600)), (1, (720, 1280)), (3, (720, 1280))],
    ids=str,
)
def test_any_combination_can_be_drawn(named, count, size):
    recording = named("diverging")
    for names in itertools.combinations(OF_SURFACES, count):
        stage = compile_scene(compose(recording, panels=names, size=size))
        for axes in stage.figure.axes:
            place = axes.get_window_extent()
            assert place.x0 >= -0.5
            assert place.y0 >= -0.5
            assert place.x1 <= size[0] + 0.5
            assert place.y1 <= size[1] + 0.5


@pytest.mark.parametrize("theme", ["dark", "print"])
def test_fast_frames_equal_whole_frames(named, theme):
    panels = "contour,loss,lr,gradient"
    animation = descent.animate(named("one leaves"), panels=panels, size=(900, 560), theme=theme, seconds=0.5)
    for k, pixels in enumerate(animation.frames()):
        assert np.array_equal(pixels, animation.frame(k)), k


def test_the_order_is_the_users(named):
    for order in ("contour,surface3d", "surface3d,contour"):
        stage = compile_scene(compose(named("two runs"), panels=order, size=(1280, 720)))
        first, second = order.split(",")
        assert stage.scene.panels == (first, second)
        contour = next(axes for axes in stage.figure.axes if axes.get_xlabel() == "x")
        assert (contour.get_window_extent().x0 < 200) == (first == "contour")


def test_charts_of_steps_are_numbered_and_headed_alike(named):
    stage = compile_scene(compose(named("two runs"), panels="contour,loss,lr,gradient", size=(1280, 720)))
    charts = [axes for axes in stage.figure.axes if axes.get_xlabel() == "step"]
    assert len(charts) == 3
    assert len({axes.xaxis.label.get_size() for axes in charts}) == 1
    assert len({axes.get_xticklabels()[0].get_size() for axes in charts}) == 1
    starts = {
        round(axes.get_window_extent().x0 - min(text.get_window_extent().x0 for text in axes.texts))
        for axes in charts
    }
    assert len(starts) == 1


def test_the_relief_beside_a_contour_has_room_for_its_labels(named):
    stage = compile_scene(compose(named("two runs"), panels="contour,surface3d", size=(960, 600)))
    relief = next(axes for axes in stage.figure.axes if not axes.axison and axes.get_zorder() != 10)
    extent = relief.get_window_extent()
    assert min(extent.width / 330, extent.height / 250) >= 1


def test_gradient_norms_are_those_that_were_recorded():
    recording = descent.record("sphere", ["sgd:lr=0.1", "adam:lr=0.1"], steps=5, start=(3.0, 4.0))
    norms = gradient_norms(compose(recording, panels="gradient"))
    assert norms[0][0] == pytest.approx(10.0)
    assert norms[0] == pytest.approx(10.0 * 0.8 ** np.arange(6))


def test_panels_say_what_they_are(named):
    stage = compile_scene(compose(named("two runs"), panels="contour,lr,gradient,loss", size=(1280, 720)))
    said = headings(stage)
    for words in ("learning rate", "gradient norm"):
        assert any(text.startswith(words) for text in said)


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"panels": "loss", "arrows": "step"}, "arrows are drawn on the contour"),
        ({"panels": "surface3d", "field": True}, "field is drawn on the contour"),
        ({"grid": "lr", "field": True}, "drawn on the contour"),
        ({"orbit": True}, "orbit turns the panel surface3d"),
        ({"grid": "lr", "strip": 4}, "strip and grid cannot be combined"),
        ({"grid": "lr", "panels": "loss"}, "panels and grid cannot be combined"),
        ({"strip": 1}, "2 to 8 key frames, not 1"),
        ({"strip": True}, "2 to 8 key frames, not True"),
        ({"grid": "lr,lr"}, "the grid 'lr' is named twice"),
        ({"grid": "rate"}, "unknown grid 'rate'"),
        ({"arrows": "momentun"}, "unknown arrow 'momentun'; did you mean 'momentum'"),
        ({"panels": "curve"}, "'curve' is for recordings of a target of one parameter"),
        ({"pace": "slow"}, "unknown pace 'slow'"),
    ],
    ids=str,
)
def test_wishes_that_do_not_go_together(named, wishes, says):
    with pytest.raises(DescentError, match=says):
        compose(named("two runs"), **wishes)


def test_wishes_that_sweeps_and_maps_have_not():
    swept = descent.sweep("sphere", "sgd", "0.1,0.2", steps=5, resolution=(8, 8))
    for wish in ({"panels": "loss"}, {"strip": 3}, {"arrows": "step"}, {"field": True}, {"orbit": True}):
        with pytest.raises(DescentError, match=f"{next(iter(wish))} belongs? to the picture of a recording"):
            compose(swept, **wish)
    with pytest.raises(DescentError, match="the grid of a sweep is optimizer,lr"):
        compose(swept, grid="lr")
