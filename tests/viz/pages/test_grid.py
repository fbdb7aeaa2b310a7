"""Grids: each run in the panel of its optimizer, rate or number, and words that can be read."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text

from descent.surfaces.errors import DescentError
from descent.surfaces.field import Field
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.viz.animation import animate, still
from descent.viz.canvas.frames import backdrop, stream, whole
from descent.viz.canvas.pens import Marks, runs_of
from descent.viz.canvas.stage import compile_scene
from descent.viz.pages.tiles import LEAST, Around, area_of, lay_out, shape_of, tile, wrap
from descent.viz.scenes.grid_cells import sort_runs
from descent.viz.scenes.scene import compose
from descent.viz.style.layout import Rect
from descent.viz.style.themes import THEMES

PATHS = ("inside", "leaves", "wavy", "to nan", "huge", "short", "still")
CROSSED = tuple(f"{name}:lr={rate}" for name in ("sgd", "adam") for rate in (0.01, 0.1, 1.0))
OPTIONS = (
    "sgd:lr=0.1,momentum=0.9",
    "sgd:momentum=0.9,lr=0.01",
    "sgd:lr=0.1",
    "adam:lr=0.01,eps=1e-6,amsgrad=true",
    "adam:amsgrad=true,eps=1e-6,lr=0.2",
)
LONG = "momentum=0.95,nesterov=true,weight_decay=0.0005@step:step_size=30,gamma=0.1"
THIRD = "some_package.AVeryLongOptimizerClassNameOfAThirdParty:lr=0.000123"
SIZES = [(480, 360), (960, 600), (1920, 1080), (720, 1280), (1600, 500)]


def page_id(size):
    return f"{size[0]}x{size[1]}"


def parsed(*specs):
    return [OptimizerSpec.parse(spec) for spec in specs]


@pytest.fixture
def runs(make_recording, make_run):
    def make(*specs, paths=PATHS, **facts):
        return make_recording(
            *(make_run(paths[k % len(paths)], spec) for k, spec in enumerate(specs)), **facts
        )

    return make


def compiled(recording, grid, **wishes):
    return compile_scene(compose(recording, grid=grid, **wishes))


def page_texts(stage):
    page = next(axes for axes in stage.figure.axes if axes.get_zorder() == 10)
    return [text for text in page.findobj(Text) if text.get_visible() and text.get_text().strip()]


def panels(stage):
    return [axes for axes in stage.figure.axes if axes.get_zorder() == 0 and not axes.get_ylabel()]


def heads(stage, axes):
    """Return where the heads of a panel's runs are, (runs, 2)."""
    found = [
        artist
        for artist in stage.changing
        if isinstance(artist, Marks) and artist.axes is axes and artist.get_zorder() == 6.4
    ]
    (artist,) = found
    return artist


# --- which run stands where


def test_runs_stand_in_the_row_of_their_optimizer_and_the_column_of_their_rate():
    cells = sort_runs(parsed(*CROSSED), ("optimizer", "lr"))
    assert cells.runs == {(row, column): (3 * row + column,) for row in (0, 1) for column in (0, 1, 2)}
    turned = sort_runs(parsed(*CROSSED), ("lr", "optimizer"))
    assert turned.runs == {(column, row): run for (row, column), run in cells.runs.items()}


def test_optimizers_with_other_options_are_other_rows_whatever_their_order():
    cells = sort_runs(parsed(*OPTIONS), ("optimizer", "lr"))
    assert cells.rows == (0, 2, 3)
    assert cells.runs == {(0, 1): (0,), (0, 0): (1,), (1, 1): (2,), (2, 0): (3,), (2, 2): (4,)}


@pytest.mark.parametrize(
    ("names", "runs"),
    [
        (("optimizer",), {(0, 0): (0, 1, 2), (0, 1): (3, 4, 5)}),
        (("lr",), {(0, 0): (0, 3), (0, 1): (1, 4), (0, 2): (2, 5)}),
        (("run",), {(0, k): (k,) for k in range(6)}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, tuple) else None,
)
def test_runs_of_one_optimizer_or_rate_share_a_panel(names, runs):
    cells = sort_runs(parsed(*CROSSED), names)
    assert cells.runs == runs
    assert cells.rows == ()


def test_rates_go_from_small_to_large_and_those_not_given_come_last():
    cells = sort_runs(parsed("sgd:lr=1", "adam", "sgd:lr=0.01", "sgd:lr=0.1"), ("lr",))
    assert cells.runs == {(0, 0): (2,), (0, 1): (3,), (0, 2): (0,), (0, 3): (1,)}


def test_what_a_grid_cannot_be(runs):
    with pytest.raises(DescentError, match="by run alone, or by optimizer and lr, not by run,lr"):
        compiled(runs("sgd:lr=0.1"), "run,lr")
    with pytest.raises(DescentError, match="no runs"):
        compiled(runs(), "lr")


@pytest.mark.parametrize("grid", ["optimizer,lr", "lr,optimizer", "lr", "optimizer", "run"])
def test_each_panel_shows_its_own_runs(runs, grid):
    recording = runs(*CROSSED)
    stage = compiled(recording, grid)
    cells = sort_runs(parsed(*CROSSED), tuple(grid.split(",")))
    assert len(panels(stage)) == len(cells.runs)
    for step in (0, 5, 24):
        stage.show(step)
        for axes, (_, inside) in zip(panels(stage), sorted(cells.runs.items()), strict=True):
            places = heads(stage, axes).places
            (x0, x1), (y0, y1) = recording.view
            for place, run in zip(places, inside, strict=True):
                points = recording.trajectories[run].points
                x, y = points[min(step, len(points) - 1)]
                if x0 <= x <= x1 and y0 <= y <= y1:
                    np.testing.assert_array_equal(place, (x, y))
                else:
                    assert np.isnan(place).all()


def test_cells_without_runs_stay_empty(runs):
    stage = compiled(runs("sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=1"), "optimizer,lr")
    boxes = [axes.get_window_extent() for axes in panels(stage)]
    assert len(boxes) == 3
    assert boxes[0].x1 < boxes[1].x0 < boxes[1].x1 < boxes[2].x0
    assert boxes[0].y0 > boxes[1].y1 > boxes[1].y0 > boxes[2].y1


def test_all_panels_are_of_one_size_and_to_one_scale(runs):
    for grid in ("optimizer,lr", "run"):
        boxes = [axes.get_window_extent() for axes in panels(compiled(runs(*CROSSED), grid))]
        for box in boxes:
            assert box.width == pytest.approx(boxes[0].width)
            assert box.width / box.height == pytest.approx(4 / 3)


# --- what it says


def test_headings_say_optimizer_and_rate(runs):
    stage = compiled(runs(*CROSSED), "optimizer,lr")
    said = [text.get_text() for text in page_texts(stage)]
    assert [said.count(word) for word in ("SGD", "Adam", "lr 0.01", "lr 0.1", "lr 1")] == [1, 1, 2, 2, 2]


def test_one_optimizer_is_named_once_above_its_rates(runs):
    stage = compiled(runs(*(f"sgd:lr={rate},momentum=0.9" for rate in (0.1, 0.9, 2.1))), "lr")
    said = [text.get_text() for text in page_texts(stage)]
    assert [said.count(word) for word in ("SGD", "momentum 0.9", "lr 0.1", "lr 2.1")] == [1] * 4
    assert len({axes.get_window_extent().y0 for axes in panels(stage)}) == 1


@pytest.mark.parametrize("specs", [CROSSED, ("sgd:lr=0.1", "adam:lr=0.2")], ids=["shared", "single"])
def test_by_rate_the_runs_of_a_panel_are_named(runs, specs):
    said = [text.get_text() for text in page_texts(compiled(runs(*specs), "lr"))]
    assert said.count("Adam") == len(specs) / 2


def test_of_many_runs_in_a_panel_some_are_only_counted(runs):
    specs = [f"sgd:lr={k}" for k in range(1, 10)]
    stage = compiled(runs(*specs), "optimizer")
    assert "and 3 more" in [text.get_text() for text in page_texts(stage)]
    (axes,) = panels(stage)
    assert len(heads(stage, axes).places) == 9


def test_what_came_of_a_run_is_said_from_its_step_on(runs):
    recording = runs("sgd:lr=0.01", "sgd:lr=0.1", paths=("inside", "leaves"))
    stage = compiled(recording, "lr")
    left = recording.trajectories[1].outcome.step
    for step, words in ((left - 1, []), (left, ["left"]), (24, ["left", "loss"])):
        stage.show(step)
        news = [text.get_text().split()[0] for text in page_texts(stage)]
        assert [word for word in ("left", "loss") if word in news] == words


@pytest.mark.parametrize("size", [(480, 360), (1920, 1080)], ids=page_id)
def test_the_step_at_which_a_run_left_is_always_said(runs, size):
    recording = runs(*CROSSED, paths=("far", "huge", "to nan"))
    stage = compiled(recording, "optimizer,lr", size=size)
    stage.show(24)
    said = [text.get_text() for text in page_texts(stage)]
    for run in recording.trajectories:
        assert any(
            word.startswith(("left", "non-finite")) and word.split(",")[0].split()[-1].isdigit()
            for word in said
        ), run


@pytest.mark.parametrize(
    ("heights", "words"), [("linear", "heights: loss, linear scale, 0 to"), ("log", "log scale")]
)
def test_the_fine_print_says_how_heights_are_scaled(runs, heights, words):
    stage = compiled(runs(*CROSSED), "optimizer,lr", heights=heights)
    assert any(words in text.get_text() for text in page_texts(stage))


@pytest.mark.parametrize("grid", ["run", "lr", "optimizer,lr"])
def test_what_came_of_a_run_belongs_to_it_so_that_a_page_can_hide_both(runs, grid):
    stage = compiled(runs(*CROSSED), grid)
    owners = {text.get_text(): runs_of(text) for text in page_texts(stage) if runs_of(text)}
    assert {owner for (owner,) in owners.values()} == set(range(len(CROSSED)))
    (left,) = [owner for words, owner in owners.items() if words.startswith("left ") and "non" not in words]
    assert left == (1,)


@pytest.mark.parametrize("size", [(480, 360), (640, 400), (960, 600)])
def test_losses_beside_headings_are_worded_alike(runs, size):
    recording = runs(*CROSSED[:3], "rmsprop:lr=0.0001234", "rmsprop:lr=0.1", paths=("inside", "wavy"))
    stage = compiled(recording, "optimizer,lr", size=size)
    said = [text.get_text() for text in page_texts(stage) if runs_of(text)]
    assert len(said) == 5
    assert len({text.startswith("loss ") for text in said}) == 1


def test_on_a_tall_page_rows_and_columns_are_exchanged_where_panels_become_much_larger(runs):
    rates = [f"{name}:lr={rate}" for name in ("sgd", "adam") for rate in (0.01, 0.02, 0.05, 0.1, 1.0)]
    for size, columns in (((960, 600), 5), ((800, 800), 5), ((720, 1280), 2)):
        places = {
            round(axes.get_position().x0, 6)
            for axes in panels(compiled(runs(*rates), "optimizer,lr", size=size))
        }
        assert len(places) == columns
    words = {text.get_text() for text in page_texts(compiled(runs(*rates), "optimizer,lr", size=(720, 1280)))}
    assert {"SGD", "Adam", "lr 0.01", "lr 1"} <= words


def test_targets_of_one_parameter_say_what_their_axes_show(make_recording, make_run):
    recording = make_recording(make_run("inside"), make_run("wavy", "sgd:lr=0.1"))
    recording = replace(recording, field=Field(recording.field.x, np.zeros(1), recording.field.z[:1]))
    fine = [text.get_text() for text in page_texts(compiled(recording, "run"))]
    (words,) = [text for text in fine if "steps from" in text]
    assert "x from -2 to 2, loss from" in words


def test_networks(make_network):
    recording = make_network("moons", ("sgd:lr=0.2", "adam:lr=0.05", "sgd:lr=0.05"))
    stage = compiled(recording, "optimizer,lr")
    stage.show(stage.scene.frames - 1)
    said = " ".join(text.get_text() for text in page_texts(stage))
    for words in ("MLP 8, tanh · moons", "epoch 10", "accuracy", "the plane hides", "heights: loss"):
        assert words in said
    assert len(panels(stage)) == 3


def test_targets_of_one_parameter(make_recording, make_run):
    points = np.column_stack([1.5 * np.array([0.9, -0.8, -1.2])[:, None] ** np.arange(13)])
    view = ((-2.0, 2.0), (-1.0, 1.0))
    paths = [np.column_stack([row, np.zeros(13)]) for row in points]
    made = make_recording(
        *(
            make_run(path, f"sgd:lr={k + 1}", view=view, losses=path[:, 0] ** 2)
            for k, path in enumerate(paths)
        ),
        view=view,
    )
    x = made.field.x
    object.__setattr__(made, "field", Field(x, np.zeros(1), (x**2)[None]))
    stage = compiled(made, "lr")
    assert [text.get_text() for text in page_texts(stage)].count("SGD") == 1
    assert len(panels(stage)) == 3
    check_frames(stage)


# --- frames


def check_frames(stage):
    kept = [pixels[..., :3].copy() for pixels in stream(stage, backdrop(stage))]
    for frame in sorted({0, 1, 9, stage.scene.frames // 2, stage.scene.frames - 1}):
        assert np.array_equal(whole(stage, frame), kept[frame]), frame
    assert (kept[0] != kept[-1]).any()


# Every grid, every theme, and two themes with the largest grid.
FAST = [
    ("optimizer,lr", "light"),
    ("optimizer,lr", "print"),
    ("lr", "dark"),
    ("optimizer", "slides"),
    ("run", "print"),
]


@pytest.mark.parametrize(("grid", "theme"), FAST)
def test_fast_frames_equal_frames_drawn_whole(runs, grid, theme):
    check_frames(compiled(runs(*CROSSED), grid, theme=theme, size=(640, 480)))


def test_fast_frames_of_networks_equal_frames_drawn_whole(make_network):
    check_frames(compiled(make_network("moons", ("sgd:lr=0.2", "adam:lr=0.05")), "optimizer"))


def test_through_the_front_door(runs):
    recording = runs(*CROSSED)
    animation = animate(recording, grid=["optimizer", "lr"], size="small")
    assert len(animation) == 25
    assert np.array_equal(animation.frame(-1), still(recording, grid="optimizer,lr", size="small").pixels)


# --- places


def faults(stage, slack=1.0):
    """Say which texts leave the page or overlap each other or a panel."""
    width, height = stage.scene.size
    boxes = [(text.get_text(), text.get_window_extent()) for text in page_texts(stage)]
    found = [
        f"{text!r} leaves the page: {np.round(box.extents)}"
        for text, box in boxes
        if box.x0 < -slack or box.y0 < -slack or box.x1 > width + slack or box.y1 > height + slack
    ]
    plots = [("a panel", axes.get_window_extent()) for axes in panels(stage)]
    for (one, first), (other, second) in itertools.chain(
        itertools.combinations(boxes, 2), itertools.product(boxes, plots)
    ):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        along = min(first.y1, second.y1) - max(first.y0, second.y0)
        if across > slack and along > slack:
            found.append(f"{one!r} over {other!r} by {across:.0f} x {along:.0f}")
    return found


CONTENTS = {
    "crossed": CROSSED,
    "options": OPTIONS,
    "one": ("sgd:lr=0.1",),
    "long": (f"sgd:lr=0.000123,{LONG}", f"sgd:lr=0.00456,{LONG}", "adamw:lr=0.1,clip=1"),
    "long class name": (THIRD, "sgd"),
}


# Every two of content, grid and size meet in one of these, and the fullest grids stand on the smallest page.
GRIDS = ("optimizer,lr", "lr,optimizer", "lr", "optimizer", "run")
PAGES = [
    (content, grid, SIZES[(number + shift) % 5])
    for number, content in enumerate(CONTENTS)
    for shift, grid in enumerate(GRIDS)
]
PAGES += [
    (content, grid, SIZES[0])
    for content in ("crossed", "options", "long")
    for grid in GRIDS
    if (content, grid, SIZES[0]) not in PAGES
]


@pytest.mark.parametrize(
    ("content", "grid", "size"), PAGES, ids=lambda part: part if isinstance(part, str) else page_id(part)
)
def test_texts_are_on_the_page_and_apart(runs, content, grid, size):
    recording = runs(*CONTENTS[content])
    try:
        stage = compiled(recording, grid, size=size)
    except DescentError:  # many rows on a flat page
        stage = None
    if stage is None:
        assert size in ((480, 360), (1600, 500))
        return
    stage.set_changing_visible(True)
    for frame in (0, stage.scene.frames - 1):
        stage.show(frame)
        assert not faults(stage), f"frame {frame}"


@pytest.mark.parametrize("theme", ["dark", "print", "slides"])
def test_texts_are_apart_in_every_theme(runs, theme):
    for grid in ("optimizer,lr", "run"):
        stage = compiled(runs(*CROSSED), grid, theme=theme)
        stage.show(stage.scene.frames - 1)
        assert not faults(stage)


@pytest.mark.parametrize("size", SIZES, ids=page_id)
def test_texts_of_networks_are_apart(make_network, size):
    recording = make_network("moons", ("sgd:lr=0.2", "adam:lr=0.05", "sgd:lr=0.05"))
    for grid in ("lr", "run") if size in (SIZES[0], SIZES[3]) else ("run",):
        stage = compiled(recording, grid, size=size)
        stage.show(stage.scene.frames - 1)
        assert not faults(stage)


def test_panels_too_small_to_read_are_refused(runs):
    names = ("sgd", "adam", "rmsprop", "adamw", "adagrad", "nadam", "adamax", "radam")
    recording = runs(*(f"{name}:lr={rate}" for name in names for rate in (0.1, 0.2)))
    with pytest.raises(
        DescentError,
        match=r"panels of 8 optimizers and 2 learning rates would be \d+ x \d+ pixels on a page of 640x400, "
        r"and they need at least 65 x 45; give a larger size or fewer of them",
    ):
        compiled(recording, "optimizer,lr", size=(640, 400))
    for axes in panels(compiled(recording, "optimizer,lr", size=(720, 1280))):
        assert axes.get_window_extent().width >= 65


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 9, 16])
@pytest.mark.parametrize("size", SIZES, ids=page_id)
@pytest.mark.parametrize("view", [((-2, 2), (-2, 2)), ((-2, 2), (-1, 1)), ((0, 1), (0, 1000))], ids=str)
def test_tiles_are_in_the_area_and_apart(size, count, view):
    unit, around = 1.0, Around(above=22.0, below=19.0)
    area = area_of(size, unit)
    tiles = wrap(area, count, shape_of(view), around, unit)
    assert tiles.rows * tiles.columns >= count > tiles.rows * tiles.columns - tiles.columns
    places = [tiles.place(*divmod(k, tiles.columns)) for k in range(count)]
    for place in places:
        assert place.x >= area.x - 1e-9
        assert place.y - 19 >= area.y - 1e-9
        assert place.right <= area.right + 1e-9
        assert place.top + 22 <= area.top + 1e-9
    for one, other in itertools.combinations(places, 2):
        assert (
            one.right + 10 <= other.x or other.right + 10 <= one.x or abs(one.y - other.y) >= one.height + 40
        )


def test_words_shrink_before_panels_become_too_small():
    def arrange(area, ruler):
        return tile(area, 8, 8, (1.0, 1.0), Around(above=40.0), ruler.unit)

    tiles, ruler = lay_out((1920, 1080), THEMES["light"], arrange, "8 runs")
    assert ruler.unit < 1.4
    assert tiles.plot[0] >= LEAST[0] * 0.5
    assert isinstance(tiles.place(0, 0), Rect)
