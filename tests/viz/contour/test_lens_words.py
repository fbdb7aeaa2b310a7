"""Words on a contour keep clear of the lens, of the frame around what it shows, and of the small map."""

from __future__ import annotations

import re

import pytest
from matplotlib.patches import Rectangle

import descent
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose

NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


def crossed(box, text):
    """Whether a box's outline meets a text: they overlap, and the text is not wholly inside."""
    apart = text.x1 <= box.x0 or box.x1 <= text.x0 or text.y1 <= box.y0 or box.y1 <= text.y0
    inside = box.x0 <= text.x0 and text.x1 <= box.x1 and box.y0 <= text.y0 and text.y1 <= box.y1
    return not apart and not inside


CASES = {
    "booth": ["adam:lr=0.1", "sgd:lr=0.002,momentum=0.9"],
    "quadratic": ["adam:lr=0.05", "rmsprop:lr=0.02", "adamw:lr=0.1"],
    "three_hump_camel": ["adam:lr=0.05", "rmsprop:lr=0.02", "adamw:lr=0.1"],
}


@pytest.mark.parametrize("surface", CASES)
def test_numbers_and_names_meet_no_outline(surface):
    recording = descent.record(surface, CASES[surface], steps=200)
    lenses = 0
    for size in ((640, 480), (960, 600)):
        stage = compile_scene(compose(recording, size=size, lens=True, levels=True))
        stage.show(stage.scene.frames - 1)
        stage.canvas.draw()
        contour = stage.figure.axes[0]
        x0, y0, x1, y1 = contour.bbox.extents
        extents = [axes.bbox.frozen() for axes in stage.figure.axes]
        inner = [box for box in extents if x0 < box.x0 and box.x1 < x1 and y0 < box.y0 and box.y1 < y1]
        lenses += len(inner)
        texts = [each for each in contour.texts if each.get_text() and each.get_visible()]
        assert any(NUMBER.fullmatch(each.get_text()) for each in texts)
        words = {each.get_text(): each.get_window_extent() for each in texts}
        boxes = [each.get_window_extent() for each in contour.patches if isinstance(each, Rectangle)]
        assert len(boxes) > len(inner)
        assert not [word for word, place in words.items() for box in boxes if crossed(box, place)]
        assert not [word for word, place in words.items() for box in inner if box.overlaps(place)]
    assert lenses
