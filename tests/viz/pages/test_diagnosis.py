"""The heat map of a diagnosis: what its cells say and how they are coloured."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import descent
from descent import DescentError
from descent.trajectories.results.diagnosis import Diagnosis, TaskFacts
from descent.viz.pages.diagnosis import cell_colour
from descent.viz.style.themes import THEMES


def task(name, mark=0.01):
    return TaskFacts(name, "curvature", "a bowl", "somebody 2020", 100, 1, "the end", mark, "a reason")


def diagnosis(tasks=("bowl", "ravine", "cliff")):
    left = np.array([1e-6, 0.02, np.inf, 1e-3])[np.arange(len(tasks)) % 4]
    other = np.full(len(tasks), np.nan)
    other[0] = 0.01
    return Diagnosis(
        tasks=tuple(map(task, tasks)),
        specs=("one.MyAdam", "muon"),
        own=1,
        rates=((0.1, 1.0), (0.1, 1.0)),
        shares=(np.stack([left, np.full(len(tasks), np.inf)]), np.stack([other, other])),
        layouts=("one tensor", "tensors of their own"),
        versions=(("torch", "2.13.0"),),
    )


def texts(still):
    return [each.get_text() for each in still._stage.figure.findobj(Text) if each.get_text()]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_cells_say_what_is_left_and_whether_it_passes(theme):
    said = texts(descent.still(diagnosis(), theme=theme))
    for words in (
        "✓ 1e-06",
        "0.02",
        "lost",
        "✓ 0.01",
        "–",
        "1 of 3",
        "1 of 1",
        "MyAdam",
        "Muon",
        "bowl",
        "0.01",
    ):
        assert words in said, words
    assert said.count("–") == 2
    (fine,) = [words for words in said if words.startswith("numbers")]
    assert "what is left of the height at the start  ·  at the best of 2 rates from 0.1 to 1" in fine


def test_every_task_and_optimizer_has_a_cell():
    still = descent.still(diagnosis())
    cells = [each for each in still._stage.figure.findobj(Rectangle) if each.get_width() > 20]
    corners = {(round(each.get_x()), round(each.get_y())) for each in cells if each.get_height() < 100}
    assert len({x for x, _ in corners}) >= 2
    assert len(corners) >= 6


@pytest.mark.parametrize("theme", THEMES)
def test_what_passes_and_what_does_not_differ_in_colour(theme):
    look = THEMES[theme]
    just = cell_colour(look, 0.01, 0.01), cell_colour(look, 0.0101, 0.01)
    assert just[0] != just[1]
    assert cell_colour(look, 0.0, 0.01) == cell_colour(look, 1e-9, 0.01)
    assert cell_colour(look, np.inf, 0.01) == cell_colour(look, 1e9, 0.01)
    assert cell_colour(look, np.nan, 0.01) not in just


def test_words_say_who_passes_what():
    still = descent.still(diagnosis())
    assert "MyAdam passes 1 of 3 tasks, 1 of them at one rate for all, 0.1." in still.alt
    assert "MyAdam does not pass: ravine, cliff." in still.alt
    assert still.caption.startswith("MyAdam on 3 small tasks with a budget of steps and a pass mark each")


def test_a_page_that_is_too_small_says_what_it_needs(tmp_path):
    many = diagnosis(tuple(f"task {k}" for k in range(40)))
    with pytest.raises(
        DescentError, match=r"the cells of 40 tasks and 2 optimizers would be .* give a larger"
    ):
        descent.still(many, size="320x240").save(tmp_path / "small.png")
    descent.still(many, size="480x700").save(tmp_path / "tall.png")


def test_nothing_in_it_moves(tmp_path):
    with pytest.raises(DescentError, match=r"\.gif moves, and this picture is a still"):
        descent.animate(diagnosis()).save(tmp_path / "heat.gif")
    with pytest.raises(
        DescentError, match="panels belong to the picture of a recording; that of a diagnosis"
    ):
        descent.still(diagnosis(), panels="loss")
