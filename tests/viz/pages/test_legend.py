"""Legends of any width: words stay in their box, and names, rates and losses stand apart."""

from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from descent.viz.canvas.readout import Readout
from descent.viz.pages.legend import draw_legend
from descent.viz.pages.page import add_page
from descent.viz.scenes.scene import compose
from descent.viz.style.layout import DPI, Layout, Rect
from descent.viz.words.events import Event, broken
from descent.viz.words.legend_words import entries

LEFT = Event(4, "left the view at step 4")
TESTED = Event(20, "test RMSE 1.12e+05")
FAR = Event(24, "still moving, 0.0986 from the known minimum")
WIDTHS = [140, 150, 160, 170, 180, 200, 240, 290]


def drawn(named, width, unit, event, end, tall=60.0):
    recording = named("two runs")
    runs = tuple(replace(run, losses=1.2345e-7 * run.losses) for run in recording.trajectories)
    scene = compose(replace(recording, trajectories=runs), size=(480, 360))
    rows = [replace(row, details=(), event=event, end=end) for row in entries(scene)]
    figure = Figure(figsize=(4.8, 3.6), dpi=DPI)
    FigureCanvasAgg(figure)
    box = Rect(40.0, 40.0, float(width), unit * (20 + tall * len(rows)))
    page = add_page(figure, scene)
    growing, moving = draw_legend(page, rows, scene, Layout(unit, box, box, box, True))
    longest = (0, 0)  # letters of losses, and the frame that has most
    for frame in range(scene.frames):
        for thing in moving:
            thing.update(frame)
        letters = sum(len(thing.artist.get_text()) for thing in moving)
        longest = max(longest, (letters, frame))
    for thing in moving:
        thing.update(longest[1])
    return page, box, [part.artist for part in growing], [thing.artist for thing in moving]


@pytest.mark.parametrize("unit", [0.9, 1.0, 1.5])
@pytest.mark.parametrize(
    ("event", "end", "words"),
    [(LEFT, TESTED, "test RMSE 1.12e+05"), (LEFT, None, "at step 4"), (FAR, None, "still moving")],
    ids=["both", "left", "far"],
)
def test_what_befell_a_run_is_whole_and_in_its_box_at_any_width(named, event, end, words, unit):
    for width in WIDTHS:
        _, box, news, _ = drawn(named, unit * width, unit, event, end)
        assert len(news) >= 2
        for text in news:
            extent = text.get_window_extent()
            assert extent.x1 <= box.right + 1, (width, text.get_text())
            assert extent.y0 >= box.y - 1
            assert "…" not in text.get_text()
        assert words in " ".join(text.get_text() for text in news)


@pytest.mark.parametrize("unit", [0.9, 1.5])
def test_a_rate_and_a_loss_have_a_gap_between_them_at_any_width(named, unit):
    for width in WIDTHS:
        page, box, _, losses = drawn(named, unit * width, unit, FAR, None)
        lines = {round(text.get_window_extent().y0): text.get_window_extent() for text in losses}
        assert len(lines) == 2
        names = [text for text in page.findobj(Text) if type(text) is Text and text.get_text()]
        for loss in losses:
            place = loss.get_window_extent()
            assert place.x1 <= box.right + 1
            beside = [
                text.get_window_extent()
                for text in names
                if abs(text.get_position()[1] - loss.get_position()[1]) < 1
            ]
            assert beside
            assert max(extent.x1 for extent in beside) <= place.x0 - 4 * unit, width


def test_nothing_of_a_legend_is_written_over_the_next_row(named):
    for width in WIDTHS:
        page, _, news, _ = drawn(named, width, 1.0, LEFT, TESTED)
        names = [text for text in page.findobj(Text) if type(text) is Text and text.get_weight() == "bold"]
        for text in news:
            mine = text.get_window_extent()
            assert isinstance(text, Readout)
            assert not any(mine.overlaps(other.get_window_extent()) for other in names), width


def test_of_what_has_no_room_the_result_is_left():
    lines = broken((LEFT, TESTED), lambda words: len(words) <= 18, 1)
    assert [[event.text for event in line] for line in lines] == [["test RMSE 1.12e+05"]]
