"""A walk over sizes, themes and kinds of pictures: what can be read, and how large contours are."""

import itertools
import json
import re

import numpy as np
import pytest

import descent
from descent.trajectories.regression.difference import compare
from descent.trajectories.regression.tolerances import tolerance
from descent.viz.animation import Animation, picture, still
from descent.viz.canvas.frames import whole
from descent.viz.canvas.left_out import left_out
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose

SIZES = [(480, 300), (640, 480), (960, 600), (1920, 1080), (720, 1280), (800, 800), (360, 640)]
THEMES = ("light", "slides")
PATHS = ("inside", "wavy", "leaves", "short", "comes back", "to nan", "inside", "wavy")
NAMES = ("sgd", "adam", "rmsprop", "adamw", "adagrad", "nadam", "adamax", "adadelta")
KINDS = (
    "1 run",
    "3 runs",
    "8 runs",
    "network",
    "sweep",
    "multiples",
    "basins",
    "grid",
    "orbit",
    "difference",
)
RUNS = ("1 run", "3 runs", "8 runs")
# The contour's share of a page, in that order of sizes, before one engine placed everything.
BEFORE = {
    "1 run": (0.164, 0.25, 0.333, 0.38, 0.233, 0.442, 0.193),
    "3 runs": (0.164, 0.25, 0.333, 0.38, 0.233, 0.426, 0.193),
    "8 runs": (0.164, 0.25, 0.333, 0.38, 0.233, 0.399, 0.193),
    "network": (0.127, 0.17, 0.227, 0.215, 0.177, 0.172, 0.151),
    "basins": (0.112, 0.293, 0.358, 0.278, 0.272, 0.215, 0.238),
}


@pytest.fixture(scope="module")
def subjects(make_recording, make_run, make_network):
    def runs(count):
        return make_recording(*(make_run(PATHS[k], f"{NAMES[k]}:lr={0.1 * (k + 1):g}") for k in range(count)))

    small = {"resolution": (32, 32), "steps": 12}
    return {
        **{f"{count} run{'s' * (count > 1)}": runs(count) for count in (1, 3, 8)},
        "network": make_network(steps=20),
        "sweep": descent.sweep("beale", ["sgd", "adam"], (0.001, 0.01, 0.1, 1.0), **small),
        "basins": descent.basins(
            "himmelblau", ["sgd:lr=0.01", "adam:lr=0.1", "rmsprop"], starts=12, steps=12
        ),
        "pair": tuple(descent.record("beale", f"adam:lr=0.1,eps={eps}", **small) for eps in (1e-8, 0.5)),
    }


def scene_of(subjects, kind, size, theme):
    look = {"size": size, "theme": theme}
    if kind == "difference":
        one, other = subjects["pair"]
        return picture(one, other, compare(one, other, tolerance()), **look).scene
    if kind == "multiples":
        return compose(subjects["sweep"], grid="optimizer,lr", **look)
    if kind == "grid":
        return compose(subjects["3 runs"], grid="run", **look)
    if kind == "orbit":
        return compose(subjects["3 runs"], panels="surface3d,loss", orbit=True, fps=2, **look)
    return compose(subjects[kind], **look)


def drawn(scene):
    stage = compile_scene(scene)
    stage.show(scene.frames - 1)
    stage.figure.draw_without_rendering()
    return stage


@pytest.mark.parametrize(
    ("kind", "size", "theme"),
    [
        (kind, size, THEMES[(k + n) % 2])
        for k, kind in enumerate(KINDS)
        for n, size in enumerate(SIZES)
        if (kind, size) != ("multiples", (360, 640))  # which has no room for them, and says so
    ],
    ids=lambda part: part if isinstance(part, str) else f"{part[0]}x{part[1]}",
)
def test_every_text_is_on_the_page_alone_and_can_be_read(subjects, shown_texts, kind, size, theme):
    stage = drawn(scene_of(subjects, kind, size, theme))
    texts = shown_texts(stage)
    assert len(texts) > 6
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    small = [text.get_text() for text in texts if text.get_fontsize() * 100 / 72 < 9 - 1e-6]
    off = [
        words
        for words, box in boxes
        if box.x0 < -1 or box.y0 < -1 or box.x1 > size[0] + 1 or box.y1 > size[1] + 1
    ]
    over = [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1
    ]
    assert (small, off, over) == ([], [], [])


def share(stage):
    """The largest plot's share of the page, or that of all where all are alike."""
    plots = [axes.get_window_extent() for axes in stage.figure.axes if axes.axison]
    areas = [plot.width * plot.height for plot in plots]
    return (sum(areas) if stage.scene.kind == "basins" else max(areas)) / np.prod(stage.scene.size)


@pytest.mark.parametrize("kind", BEFORE)
def test_contours_are_as_large_as_they_were(subjects, kind):
    found = [share(drawn(scene_of(subjects, kind, size, "light"))) for size in SIZES]
    for size, now, before in zip(SIZES, found, BEFORE[kind], strict=True):
        # On small pages all letters are larger than they were, and there are panels that were left out.
        assert now >= (before - 0.001 if size[0] >= 960 else 0.84 * before), size
    if kind in RUNS:
        assert found[2] > 1.3 * BEFORE[kind][2]


def test_what_has_no_room_is_said_and_else_nothing(subjects, tmp_path):
    said = []
    still(subjects["8 runs"], size=(480, 300)).save(tmp_path / "a.png", say=said.append)
    (words,) = said
    assert "no room at 480x300 for" in words
    assert "the panel loss" in words
    assert left_out(drawn(scene_of(subjects, "8 runs", (960, 600), "light")).figure) == ""
    assert left_out(drawn(scene_of(subjects, "3 runs", (1920, 1080), "light")).figure) == ""


@pytest.mark.parametrize("kind", ["basins", "sweep"])
@pytest.mark.parametrize("size", [(960, 600), (1920, 1080)], ids=str)
def test_no_third_of_a_page_is_empty(subjects, kind, size):
    stage = drawn(scene_of(subjects, kind, size, "light"))
    pixels = whole(stage, stage.scene.frames - 1)[: -size[1] // 12]  # without the fine print
    ink = (pixels != pixels[0, 0]).any(axis=-1)
    for rows, columns in itertools.product(np.array_split(np.arange(len(ink)), 3), range(3)):
        part = np.array_split(ink[rows], 3, axis=1)[columns]
        assert part.mean() > 0.005, (rows[0], columns)


def test_the_loss_of_a_network_is_high_enough(make_network):
    for size in ((960, 600), (1280, 800), (1920, 1080)):
        stage = drawn(compose(make_network(steps=20), size=size))
        titles = {axes: [text.get_text() for text in axes.texts] for axes in stage.figure.axes}
        (loss,) = [axes for axes, words in titles.items() if any("at the weights" in each for each in words)]
        assert loss.get_window_extent().height >= 0.16 * size[1]


@pytest.mark.parametrize("kind", ["grid", "multiples"])
def test_small_panels_have_numbers_and_a_colour_bar(subjects, kind):
    stage = drawn(scene_of(subjects, kind, (960, 600), "light"))
    panels = [axes for axes in stage.figure.axes if axes.axison]
    (bar,) = [axes for axes in panels if axes.get_ylabel()]
    assert bar.get_ylabel().startswith("loss")
    below = min(axes.get_window_extent().y0 for axes in panels if axes is not bar)
    left = min(axes.get_window_extent().x0 for axes in panels if axes is not bar)
    for axes in panels:
        if axes is not bar:
            box = axes.get_window_extent()
            assert len(axes.get_xticks()) >= (2 if box.y0 < below + 1 else 0)
            assert len(axes.get_yticks()) >= (2 if box.x0 < left + 1 else 0)


@pytest.mark.parametrize(
    ("spec", "linear"), [("sgd:lr=0.1@cosine", True), ("sgd:lr=0.1@exponential:gamma=0.7", False)]
)
def test_a_cosine_keeps_its_shape(shown_texts, spec, linear):
    recording = descent.record("sphere", spec, steps=20, resolution=(16, 16))
    stage = drawn(compose(recording, panels="contour,lr", size=(960, 600)))
    words = [text.get_text() for text in shown_texts(stage)]
    assert ("learning rate" in words, "learning rate, log scale" in words) == (linear, not linear)


def test_a_narrow_screen_has_letters_of_nine_pixels(subjects, tmp_path):
    path = Animation(compose(subjects["3 runs"], size=(960, 600), fps=2)).save(tmp_path / "a.html")
    text = path.read_text(encoding="utf-8")
    portrait = json.loads(re.search(r'class="portrait">(.*?)</script>', text, re.DOTALL)[1])
    assert tuple(portrait["size"]) == (360, 640)
    display = json.loads(re.search(r'class="display">(.*?)<', text)[1])
    assert portrait["steps"][-1] == display["steps"][-1]
    assert sum(portrait["durations"]) == sum(display["durations"])
    assert len(portrait["moving"]) <= min(60, len(display["moving"]))
    assert portrait["rows"].count("<button") == 3
    assert portrait["backdrop"].startswith("data:image/webp")
    narrow = Animation(compose(subjects["3 runs"], size=(360, 640), fps=2)).save(tmp_path / "b.html")
    assert 'class="portrait">null<' in narrow.read_text(encoding="utf-8")
