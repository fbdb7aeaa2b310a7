"""Pictures of networks: panels by wish, places apart, artists read back, frames that agree."""

import contextlib
import itertools
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text

import descent
from descent.surfaces.errors import DescentError
from descent.surfaces.field import Field
from descent.surfaces.surface import Minimum
from descent.trajectories.reports.runs import as_json, as_table
from descent.viz.canvas.frames import whole
from descent.viz.canvas.pens import Lines, Shapes
from descent.viz.canvas.readout import Readout
from descent.viz.canvas.stage import compile_scene
from descent.viz.charts.epoch_axis import even_ticks
from descent.viz.charts.layers import running_median
from descent.viz.charts.level_lines import zero_lines
from descent.viz.pages.arrangements import Legend, Picture
from descent.viz.pages.dashboard import arrange
from descent.viz.pages.panelled import panel_of
from descent.viz.scenes.panel_table import PANELS, choose_panels, parse_panels
from descent.viz.scenes.scene import Scene, check_wishes, compose
from descent.viz.style.layout import SIZES, Rect, text_scale
from descent.viz.style.numbers import brief, percent
from descent.viz.style.themes import THEMES
from descent.viz.words.describe import words as describe
from descent.viz.words.network_notes import shortened
from descent.viz.words.network_words import contour_names, counter

SMALL = (480, 300)
PAGES = [SMALL, (640, 400), (960, 600), (1280, 800), (1920, 1080), (800, 800), (720, 1280)]
THREE = ("sgd:lr=0.05", "adam:lr=0.05", "rmsprop:lr=0.02,momentum=0.9,clip=1@step:step_size=30")
BESIDE = ("loss", "fit", "curves", "line", "layers", "hinton")
ALL = ("contour", *BESIDE)
LOSS = ("training loss", "loss")  # how the heading of the loss panel begins
SUBJECTS = {
    "moons": {"kind": "moons", "steps": 20},
    "one run": {"kind": "blobs", "specs": ("adam:lr=0.05",), "steps": 20},
    "three runs": {"kind": "blobs", "specs": THREE, "steps": 20, "fitted": (1,), "stop": 13},
    "thinned": {"kind": "waves", "steps": 31, "every": 3},
    "exact": {"kind": "line", "specs": ("sgd:lr=0.05", "sgd:lr=0.2"), "steps": 20},
    "diverging": {
        "kind": "line",
        "specs": ("sgd:lr=0.1", "sgd:lr=50"),
        "steps": 20,
        "view": ((-2, 2), (-2, 2)),
    },
}


def size_id(size):
    return f"{size[0]}x{size[1]}"


def staged(recording, frame=-1, **wishes):
    stage = compile_scene(compose(recording, **wishes))
    stage.set_changing_visible(True)
    stage.show(frame % stage.scene.frames)
    return stage


def roomiest(recording, panels, size):
    """The picture with as many of the panels as there is room for."""
    for count in range(len(panels), 0, -1):
        with contextlib.suppress(DescentError):
            return staged(recording, size=size, panels=panels[:count])
    return None


def changed(recording, **facts):
    """The recording with other facts of its training; of every run where there is a list of them."""
    training = recording.training
    own = {name: facts.pop(name) for name in tuple(facts) if hasattr(training.runs[0], name)}
    runs = [
        replace(run, **{name: values[k] for name, values in own.items()})
        for k, run in enumerate(training.runs)
    ]
    return replace(recording, training=replace(training, runs=tuple(runs), **facts))


def words(stage):
    return [
        text.get_text()
        for text in stage.figure.findobj(Text)
        if text.get_visible() and text.get_text().strip()
    ]


def headed(stage, start):
    """The axes whose heading begins so, or with one of these."""
    return next(
        axes
        for axes in stage.figure.axes
        for text in axes.texts
        if axes.axison and text.get_text().startswith(start)
    )


# --- wishes


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("loss", ("loss",)),
        ("Loss, curves", ("loss", "curves")),
        (["fit", "line"], ("fit", "line")),
        ("", ()),
        ((), ()),
    ],
    ids=str,
)
def test_panels_are_read(given, found):
    assert parse_panels(given) == found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            "los",
            "unknown panel 'los'; did you mean 'loss'.*loss, lr, sharpness, rising, gradient, fit, curves",
        ),
        ("loss,loss", "the panel 'loss' is named twice"),
        ("loss,", "unknown panel ''"),
        (["rate"], "unknown panel 'rate'"),
    ],
    ids=str,
)
def test_panels_that_are_not_there(given, says, make_network):
    for check in (lambda: check_wishes(panels=given), lambda: compose(make_network(), panels=given)):
        with pytest.raises(DescentError, match=says):
            check()


def test_panels_of_networks_are_refused_for_a_surface(named):
    assert compose(named("two runs"), panels="loss").panels == ("loss",)
    says = r"'curves' is for recordings of a network; .* a surface has contour, surface3d, loss, lr, gradient"
    with pytest.raises(DescentError, match=says):
        descent.animate(named("two runs"), panels="loss,curves")
    with pytest.raises(DescentError, match="'fit' is for recordings of a network"):
        descent.still(named("two runs"), panels=["fit"])


def test_panels_that_suit(make_network):
    assert compose(make_network()).panels == ("contour", "loss", "fit", "curves", "line")
    assert compose(make_network(**SUBJECTS["one run"])).panels == ("contour", "loss", "fit", "curves")
    with pytest.raises(DescentError, match="'line' needs a recording of two or more runs"):
        compose(make_network(**SUBJECTS["one run"]), panels="line")


def test_panels_that_suit_a_surface(named):
    assert choose_panels(None, named("two runs")) == ("contour", "loss")
    assert choose_panels((), named("two runs")) == ("contour",)


def test_an_unknown_wish_is_an_error(named):
    with pytest.raises(TypeError, match="colour"):
        compose(named("two runs"), colour="red")


# --- places, as numbers


def overlap(one, other):
    across = min(one.right, other.right) - max(one.x, other.x)
    along = min(one.top, other.top) - max(one.y, other.y)
    return across > 0.5 and along > 0.5


def cell(plot, unit):
    """A plot with the room that its labels take."""
    left, right, above, below = (unit * length for length in panel_of(PANELS["loss"]).around)
    return Rect(plot.x - left, plot.y - below, plot.width + left + right, plot.height + above + below)


@pytest.mark.parametrize(
    "size", dict.fromkeys([*PAGES, *SIZES.values(), (320, 240), (4096, 1024)]), ids=size_id
)
@pytest.mark.parametrize("shape", [0.2, 0.5, 1.0, 1.6, 2.9, 20.0])
def test_parts_are_on_the_page_and_apart(size, shape):
    unit = text_scale(size, THEMES["light"])
    wide, to_scale = (shape, shape) if 0.3 < shape < 3 else (0.8, 1.5), 0.3 < shape < 3
    for count, wanted in ((0, 260.0), (1, 60.0), (3, 260.0), (6, 60.0), (6, 260.0)):
        legend = Legend(lambda room, wanted=wanted: min(room, wanted))
        panels = [panel_of(PANELS[name]) for name in BESIDE[:count]]
        board = arrange(size, unit, Picture(wide), panels, legend, to_scale=to_scale)
        page = board.page
        tall = Rect(page.contour.x, page.contour.y, page.bar.right - page.contour.x, page.contour.height)
        parts = [tall, page.legend, *(cell(plot, unit) for plot in board.panels)]
        for part in parts:
            assert part.width > 0
            assert part.height > 0
            assert part.x >= 0
            assert part.y >= 0
            assert part.right <= size[0] + 0.5
            assert part.top <= size[1] + 0.5
        assert not any(overlap(*pair) for pair in itertools.combinations(parts, 2)), board
        if page.to_scale:
            assert page.contour.width / page.contour.height == pytest.approx(shape)


def test_what_there_is_no_room_for_is_left_out():
    panels, legend = [panel_of(PANELS[name]) for name in BESIDE], Legend(lambda room: min(room, 160.0))
    counts = {
        size: len(
            arrange(
                size, text_scale(size, THEMES["light"]), Picture((1.5, 1.5)), panels, legend, to_scale=True
            ).panels
        )
        for size in PAGES
    }
    assert counts[SMALL] <= 1
    assert counts[640, 400] >= 1
    assert counts[960, 600] >= 4
    assert counts[1920, 1080] >= 4


# --- texts


# Every subject on the smallest page, and on three of the six others.
ON_PAGES = [(subject, SMALL) for subject in SUBJECTS] + [
    (subject, PAGES[1 + (number + 2 * k) % 6]) for number, subject in enumerate(SUBJECTS) for k in range(3)
]
on_pages = pytest.mark.parametrize(
    ("subject", "size"), ON_PAGES, ids=lambda part: part if isinstance(part, str) else size_id(part)
)


@on_pages
def test_texts_are_on_the_page_and_apart(make_network, shown_texts, subject, size):
    recording = make_network(**SUBJECTS[subject])
    usable = [name for name in ALL if name != "line" or recording.training.lines]
    stage = roomiest(recording, usable, size) if subject in ("moons", "three runs") else None
    stage = stage or staged(recording, size=size)
    stage.figure.draw_without_rendering()
    found, slack = [], 1.5
    texts = [(text.get_text(), text.get_window_extent()) for text in shown_texts(stage)]
    for text, box in texts:
        if box.x0 < -slack or box.y0 < -slack or box.x1 > size[0] + slack or box.y1 > size[1] + slack:
            found.append(f"{text!r} leaves the page: {np.round(box.extents)}")
    for (one, first), (other, second) in itertools.combinations(texts, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        along = min(first.y1, second.y1) - max(first.y0, second.y0)
        if across > slack and along > slack:
            found.append(f"{one!r} over {other!r} by {across:.0f} x {along:.0f}")
    assert not found


@on_pages
def test_the_result_is_on_the_last_frame_only(make_network, subject, size):
    recording = make_network(**SUBJECTS[subject])
    stage = staged(recording, size=size)
    metric = recording.training.metric
    assert sum(f"test {metric}" in text for text in words(stage)) == len(recording.trajectories)
    stage.show(0)
    assert not any(f"test {metric}" in text for text in words(stage))


def test_the_page_says_what_there_is_to_know(make_network):
    stage = staged(make_network(**SUBJECTS["three runs"]), size=(1280, 800))
    page = "\n".join(words(stage))
    hidden = 1 - sum(stage.scene.training.plane.explained)
    for said in (
        "MLP 6, tanh · blobs",
        "The two directions in which the paths spread most (principal components)",
        "step 20 · epoch 3",
        "PC 1 (",
        "of the paths' variance)",
        f"the plane hides {percent(hidden)} of the paths' variance",
        "plane laid through 1 of 3 paths",
        "loss of 90 training samples",
        "39 parameters",
        "stopped early at step 13",
        "clip 1",
        "training loss",
    ):
        assert said in page, said


def test_thinned_steps_are_said(make_network):
    assert any("12 of 32 steps kept" in text for text in words(staged(make_network(**SUBJECTS["thinned"]))))


def test_an_exact_plane_hides_nothing(make_network):
    page = "\n".join(words(staged(make_network(**SUBJECTS["exact"]))))
    assert "weight" in page
    assert "bias" in page
    assert "Linear · line" in page
    for absent in ("variance", "hides 0", "on the plane", "%"):
        assert absent not in page


def test_divergence_is_said_and_leaves_the_axes_alone(make_network):
    stage = staged(make_network(**SUBJECTS["diverging"]))
    assert any("left the view at step 1" in text for text in words(stage))
    low, high = headed(stage, LOSS).get_ylim()
    assert high - low < 10  # powers of ten


CAREFUL = (
    "sgd:lr=0.05,momentum=0.9,nesterov=true,clip=1,accumulate=4@step:step_size=30",
    "adam:lr=0.05,clip=0.5,betas=0.8/0.99",
    "sgd:lr=0.02,zero_grad=false,momentum=0.5@cosine:T_max=20",
)


# The longest legend on every page, shorter ones on the smallest and on the tall one.
@pytest.mark.parametrize(
    ("count", "size"),
    [(6, size) for size in PAGES] + [(count, size) for count in (1, 2, 3) for size in (SMALL, PAGES[-1])],
    ids=lambda part: str(part) if isinstance(part, int) else size_id(part),
)
def test_changed_gradients_are_always_said(make_network, size, count):
    """Clipping, accumulation and kept gradients are read in whole, however small the legend."""
    specs = [spec.replace("lr=0.0", f"lr=0.{k}") for k, spec in enumerate((CAREFUL * 2)[:count])]
    plain = ["sgd:lr=0.1", "adam:lr=0.1"] * 3
    recording = make_network("blobs", tuple(plain[:count]), steps=20)
    runs = [replace(run, spec=spec) for run, spec in zip(recording.trajectories, specs, strict=True)]
    recording = replace(
        recording, trajectories=tuple(runs), recipe=replace(recording.recipe, specs=tuple(specs))
    )
    page = words(staged(recording, size=size))
    for said, of in (("clip 1", CAREFUL[0]), ("clip 0.5", CAREFUL[1]), ("accumulate 4", CAREFUL[0])):
        found = sum(said in text.replace("\n", " ") for text in page)
        assert found == sum(said_of == of for said_of in (CAREFUL * 2)[:count]), (said, page)
    assert sum("no zero_grad" in text for text in page) == count // 3


def test_words_make_panels_give_way(make_network):
    """Panels that nobody named are left out where the legend would lack words because of them."""
    careful = ("sgd:lr=0.05,clip=1", "adam:lr=0.05", "rmsprop:lr=0.02,clip=1")
    stage = staged(make_network("blobs", careful, steps=20), size=(640, 400))
    assert sum(text == "clip 1" for text in words(stage)) == 2
    assert sum(text.startswith("test accuracy") for text in words(stage)) == 3


@pytest.mark.parametrize(
    ("panels", "size", "says"),
    [
        (
            ALL,
            (640, 400),
            "there is no room for the panels .*hinton at 640x400; allowed: a larger size or fewer panels",
        ),
        ("loss,fit,curves", (320, 240), "no room for the panels? .*curves at 320x240"),
    ],
    ids=["six", "three"],
)
def test_named_panels_are_never_left_out(make_network, panels, size, says, tmp_path):
    recording = make_network()
    with pytest.raises(DescentError, match=says):
        descent.animate(recording, panels=panels, size=size).save(tmp_path / "it.gif")
    assert not list(tmp_path.iterdir())
    assert staged(recording, size=size)


def test_every_distance_is_on_its_axis(make_network):
    recording = make_network(**SUBJECTS["moons"])
    start = recording.training.runs[0]
    far = changed(
        recording, distances=[5 * run.moved.max() + run.distances for run in recording.training.runs]
    )
    axes = headed(staged(far, panels="loss"), ("distance from the plane", "off the plane"))
    assert axes.get_ylim()[1] > 500
    apart = changed(recording, distances=[start.distances, 1e4 * recording.training.runs[1].distances])
    axes = headed(staged(apart, panels="loss"), ("distance from the plane", "off the plane"))
    assert any(", log" in text.get_text() for text in axes.texts)
    for stroke in strokes_of(axes):
        ends = stroke.path.vertices[np.isfinite(stroke.path.vertices).all(axis=1), 1]
        assert (ends <= axes.get_ylim()[1]).all()


def test_every_rate_is_on_its_axis(make_network):
    recording = make_network(**SUBJECTS["moons"])
    one, other = recording.trajectories
    tiny = replace(other, learning_rates=np.full(other.steps, 1e-12))
    axes = headed(staged(replace(recording, trajectories=(one, tiny)), panels="curves"), "learning rate")
    assert axes.get_ylim()[0] < -12


def test_epochs_are_counted_where_runs_share_them(make_network):
    recording = make_network(**SUBJECTS["three runs"])
    assert counter(compose(recording), 20) == "step 20 · epoch 3"
    longest = max((run.epochs for run in recording.training.runs), key=len)
    halved = longest * np.array([0.5, 1, 1, 1, 1])
    apart = changed(recording, epochs=[halved, longest, longest])
    assert counter(compose(apart), 20) == "step 20"
    stage = staged(apart, panels="curves")
    axes = {each.get_xlabel() for each in stage.figure.axes}
    assert "step" in axes
    assert "epoch" not in axes


def test_ticks_are_evenly_apart():
    for last, most in itertools.product((1, 2, 3, 6, 7, 11, 12, 40, 99, 150, 1000), (2, 3, 4, 5, 6)):
        ticks = even_ticks(last, most)
        assert len(set(np.diff(ticks))) <= 1
        assert ticks[0] == 0
        assert ticks[-1] <= last
        assert len(ticks) <= most + 1


@pytest.mark.parametrize("factor", [1e4, 1e-4, 1e9], ids=str)
def test_wide_numbers_leave_the_label_on_the_page(make_network, factor):
    recording = make_network(**SUBJECTS["one run"])
    view = tuple(tuple(factor * edge for edge in edges) for edges in recording.view)
    field = Field(factor * recording.field.x, factor * recording.field.y, recording.field.z)
    recording = replace(recording, field=field, recipe=replace(recording.recipe, view=view))
    figure = staged(recording).figure
    figure.draw_without_rendering()
    axes = next(axes for axes in figure.axes if axes.get_ylabel().startswith("PC 2"))
    assert axes.yaxis.label.get_window_extent().x0 >= 0
    assert axes.get_ylabel()


@pytest.mark.parametrize(
    ("meaning", "short"),
    [
        (
            "The plane goes through the end of SGD lr 0.1, the end of Adam lr 0.01 and the end of Adam lr 1.",
            "through the ends of SGD lr 0.1, Adam lr 0.01 and Adam lr 1",
        ),
        (
            "The plane goes through the end of SGD lr 0.1, the end of Adam lr 0.01 and the start.",
            "through the start and the ends of SGD lr 0.1 and Adam lr 0.01",
        ),
        ("The axes are two random directions.", "two random directions"),
        ("Somebody's plane.", "Somebody's plane"),
        ("", ""),
    ],
)
def test_planes_are_described_in_few_words(meaning, short):
    assert shortened(meaning) == short


def test_an_exit_between_kept_steps_is_not_dated(make_network):
    recording = make_network("line", ("sgd:lr=0.1", "sgd:lr=50"), 20, 4, view=((-2, 2), (-2, 2)))
    assert sum("left the view by step 4" in text for text in words(staged(recording))) == 2


def test_what_the_fit_panel_lacks_is_said(make_network):
    recording = changed(make_network(), samples=None)
    with pytest.raises(DescentError, match="one input and numbers, or two inputs and classes"):
        compose(recording, panels="fit")
    with pytest.raises(DescentError, match="'fit' needs a network without batch norm"):
        compose(changed(recording, batch_norm=True), panels="fit")


def test_many_classes_are_counted(make_network):
    recording = make_network(**SUBJECTS["one run"])
    training = recording.training
    rows, _, *grid = training.runs[0].outputs.shape
    shares = np.random.default_rng(0).dirichlet(np.ones(10), (rows, *grid)).astype(np.float32)
    many = changed(
        recording, samples=replace(training.samples, classes=10), outputs=[np.moveaxis(shares, -1, 1)]
    )
    assert any("10 classes" in text for text in words(staged(many, panels="fit")))


def test_known_minima_are_those_of_the_training_loss(make_network):
    recording = make_network(**SUBJECTS["exact"])
    recipe = recording.recipe
    known = replace(recording, minima=(Minimum((0.0, 0.0), -5.0),))
    assert contour_names(compose(known)).floor == -5.0
    for what in ("val", "metric"):
        other = replace(known, recipe=replace(recipe, training=replace(recipe.training, field_of=what)))
        assert contour_names(compose(other)).floor == 0.0


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"batch_norm": True}, "batch norm by the statistics of these samples"),
        ({"measured": 40}, "loss of 40 of 90 training samples"),
        (
            {"explained": (0.8, 0.1), "held": (0.95, 0.25, None)},
            "the plane hides 10 % of the paths' variance, 75 % of that of Adam lr 0.05",
        ),
        (
            {"explained": (0.8, 0.1), "held": (0.95, 0.9, 0.89)},
            "the plane hides 10 % of the paths' variance  ·",
        ),
    ],
    ids=str,
)
def test_what_a_reader_must_know_is_said(make_network, facts, said):
    recording = make_network(**SUBJECTS["three runs"])
    if "held" in facts:
        facts = {"plane": replace(recording.training.plane, **facts)}
    page = "\n".join(words(staged(changed(recording, **facts), size="large")))
    assert said in page


def test_of_a_path_that_leaves_the_view_what_is_inside_counts(make_network):
    recording = make_network(**SUBJECTS["three runs"] | {"view": ((-0.05, 0.05), (-0.05, 0.05))})
    plane = replace(recording.training.plane, explained=(0.8, 0.1), held=(0.95, 0.25, None))
    recording = changed(recording, plane=plane)
    inside = "of the variance of the paths inside the view, {} % of that of Adam lr 0.05"
    assert f"the plane hides 10 % {inside.format(75)}" in "\n".join(words(staged(recording, size="large")))
    assert f"The plane holds 90 % {inside.format(25)}." in describe(compose(recording), moving=True).alt


def test_without_losses_there_is_no_panel_of_them(make_network):
    recording = make_network()
    runs = [replace(run, losses=np.full_like(run.losses, np.nan)) for run in recording.trajectories]
    recording = replace(recording, trajectories=tuple(runs))
    assert compose(recording).panels == ("contour", "fit", "curves", "line")
    with pytest.raises(DescentError, match="'loss' needs losses"):
        compose(recording, panels="loss")


# --- artists read back


def strokes_of(axes):
    return [stroke for pen in axes.findobj(Lines) for stroke in pen.strokes]


def points_of(strokes, colour, width):
    chosen = [s.path.vertices for s in strokes if s.colour == colour and abs(s.width - width) < 1e-6]
    return np.unique(np.concatenate(chosen), axis=0)


def test_the_loss_panel_draws_both_losses(make_network):
    recording = make_network(**SUBJECTS["moons"])
    stage = staged(recording, panels="loss", size=(960, 600))
    axes = headed(stage, LOSS)
    strokes, log = strokes_of(axes), any(", log" in text.get_text() for text in axes.texts)
    for run, more, style in zip(
        recording.trajectories, recording.training.runs, stage.scene.styles, strict=True
    ):
        for losses, width in ((run.losses, 1.7), (more.slice_losses, 1.1)):
            drawn = points_of(strokes, style.colour, width * 0.72)
            wanted = np.column_stack([run.at, np.log10(losses) if log else losses])
            assert np.abs(drawn - wanted).max() < 1e-9
    low = headed(stage, ("distance from the plane", "off the plane"))
    more = recording.training.runs[0]
    drawn = points_of(strokes_of(low), stage.scene.styles[0].colour, 1.4 * 0.72)
    assert np.abs(drawn[:, 1] - 100 * more.distances / more.moved.max()).max() < 1e-9


def test_the_curves_panel_draws_epochs_and_rates(make_network):
    recording = make_network(**SUBJECTS["moons"])
    stage = staged(recording, panels="curves")
    axes = headed(stage, "accuracy in %")
    for run, style in zip(recording.training.runs, stage.scene.styles, strict=True):
        for column, width in ((4, 1.7), (2, 1.1)):
            drawn = points_of(strokes_of(axes), style.colour, width * 0.72)
            assert (
                np.abs(drawn - np.column_stack([run.epochs[:, 0], 100 * run.epochs[:, column]])).max() < 1e-9
            )
    rates = headed(stage, "learning rate")
    for run, style in zip(recording.trajectories, stage.scene.styles, strict=True):
        drawn = points_of(strokes_of(rates), style.colour, 1.4 * 0.72)
        log = "log" in "".join(words(stage))
        assert np.ptp(drawn[:, 1]) < 1e-12
        value = drawn[0, 1]
        assert run.learning_rates[0] == pytest.approx(10**value if log and value < 0 else value)
        assert drawn[:, 0].tolist() == run.at.tolist()


def test_the_fit_panel_draws_the_outputs_of_the_frame(make_network):
    recording = make_network(**SUBJECTS["thinned"])
    for frame in (0, 5, 11):
        stage = staged(recording, frame, panels="fit")
        (pen,) = (pen for pen in headed(stage, "training data").findobj(Lines))
        for stroke, run in zip(pen.strokes, recording.training.runs, strict=True):
            assert np.allclose(stroke.path.vertices[:, 1], run.outputs[frame, 0])
            assert np.allclose(stroke.path.vertices[:, 0], recording.training.samples.grid[0])


@pytest.mark.parametrize("size", [(960, 600), (600, 1000), (1280, 720)], ids=str)
def test_a_tall_place_does_not_stretch_the_data(make_network, size):
    recording = make_network(**SUBJECTS["moons"])
    stage = staged(recording, 12, panels="contour,layers,curves,fit", size=size)
    extent = headed(stage, "decision boundary").get_window_extent()
    assert extent.height <= extent.width / 0.9 + 0.5


def test_boundaries_lie_where_the_classes_are_equally_likely(make_network):
    recording = make_network(**SUBJECTS["moons"])
    stage = staged(recording, 12, panels="fit")
    (pen,) = headed(stage, "decision boundary").findobj(Lines)
    x, y = recording.training.samples.grid
    for stroke, run in zip(pen.strokes, recording.training.runs, strict=True):
        assert len(stroke.path.vertices) > 5
        for spot in stroke.path.vertices:
            near = run.outputs[12, 0][
                np.abs(x - spot[0]).argsort()[:2][:, None], np.abs(y - spot[1]).argsort()[:2]
            ]
            assert near.min() - 1e-6 <= 0.5 <= near.max() + 1e-6


@pytest.mark.parametrize("theme", ["light", "print"])
def test_squares_show_sign_and_size(make_network, theme):
    recording = make_network(**SUBJECTS["one run"])
    stage = staged(recording, 7, panels="contour,hinton", theme=theme)
    (pen,) = stage.figure.findobj(Shapes)
    heat = recording.training.runs[0].heat[7]
    for shape, values in zip(pen.shapes, (heat, -heat), strict=True):
        corners = shape.path.vertices.reshape(-1, 5, 2)
        sides = np.ptp(corners[:, :, 0], axis=1)
        rows, columns = np.nonzero(values > 0)
        assert np.allclose(
            corners[:, :4].mean(axis=1), np.column_stack([columns + 0.5, heat.shape[0] - rows - 0.5])
        )
        assert np.allclose(sides**2, 0.88**2 * values[rows, columns] / np.abs(heat).max())
    assert (pen.shapes[1].fill is None) is (theme == "print")
    stage.show(stage.scene.frames - 1)  # the end has no gradient: the one before stays
    assert sum(len(shape.path.vertices) for shape in pen.shapes) == 5 * heat.size


def test_the_barrier_is_the_highest_loss_less_the_mean_of_the_ends(make_network):
    recording = make_network()
    (line,) = recording.training.lines
    made = replace(line, positions=np.array([-0.5, 0.0, 0.5, 1.0, 1.5]), train=np.array([9, 1, 4, 2, 9.0]))
    assert (made.ends, made.barrier) == ((1.0, 2.0), 2.5)
    assert replace(made, train=np.array([9, 1, 1.4, 2, 9.0])).barrier == 0.5  # below the chord, and not 0
    assert replace(made, train=np.array([9, 1, 1, 1, 9.0])).barrier == 0
    assert replace(made, train=np.array([9, 1, np.inf, 2, 9.0])).barrier == np.inf
    assert np.isnan(replace(made, train=np.array([9, 1, np.nan, 2, 9.0])).barrier)
    assert line.barrier == pytest.approx(max(line.train) - (line.train[0] + line.train[-1]) / 2)
    said = f"barrier {brief(line.barrier)}"
    assert any(text.startswith(said) for text in words(staged(recording, panels="line")))


def test_a_barrier_is_the_same_in_picture_table_json_and_alt_text(make_network):
    recording = make_network()
    (line,) = recording.training.lines
    what = "the highest training loss between the ends less their mean"
    assert f"barrier {brief(line.barrier)}: {what}" in words(staged(recording, panels="line"))
    said = f"barrier between the ends of SGD lr 0.2 and Adam lr 0.05 is {brief(line.barrier)}: {what}"
    assert said in as_table(recording).splitlines()
    assert f"The {said}." in describe(compose(recording, panels="line"), moving=False).alt
    assert said not in describe(compose(recording, panels="loss"), moving=False).alt
    assert as_json(recording)["lines"] == [
        {"runs": [0, 1], "losses_at_ends": list(line.ends), "barrier": line.barrier}
    ]


def test_layers_are_drawn(make_network):
    recording = make_network(**SUBJECTS["one run"])
    axes = headed(staged(recording, panels="layers"), "gradient norm")
    drawn = np.concatenate([stroke.path.vertices for stroke in strokes_of(axes)])
    norms = np.log10(recording.training.runs[0].gradient_norms[:-1])
    assert np.isclose(drawn[:, 1].max(), norms.max())
    assert np.isclose(drawn[:, 1].min(), norms.min())
    assert {"hidden", "output"} <= {text.get_text() for text in axes.texts}


# --- frames


def picks(animation):
    last = len(animation) - 1
    return sorted({0, 1, 8, last // 2, last})


def assert_fast_equals_whole(animation):
    wanted = picks(animation)
    fast = {k: pixels for k, pixels in enumerate(animation.frames()) if k in wanted}
    for k in wanted:
        assert np.abs(fast[k].astype(int) - animation.frame(k)).max() <= 2, f"frame {k}"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_fast_frames_equal_whole_frames(make_network, subject):
    assert_fast_equals_whole(descent.animate(make_network(**SUBJECTS[subject]), size=(640, 400)))


@pytest.mark.parametrize(
    ("subject", "theme"), [("one run", "print"), ("three runs", "light"), ("three runs", "dark")]
)
def test_fast_frames_equal_whole_frames_with_every_panel(make_network, theme, subject):
    recording = make_network(**SUBJECTS[subject])
    panels = [name for name in ALL if name != "line" or recording.training.lines]
    assert_fast_equals_whole(descent.animate(recording, size=(1280, 800), theme=theme, panels=panels))


@pytest.fixture(scope="module")
def plain(make_network):
    """The last frame without any panel."""
    return descent.still(make_network(**SUBJECTS["moons"]), panels="", size="small").pixels


@pytest.mark.parametrize("panel", BESIDE)
def test_every_panel_is_seen(make_network, plain, panel):
    """A panel covers some of the page, in colours of the runs or of its own."""
    recording = make_network(**SUBJECTS["moons"])
    stage = staged(recording, panels=f"contour,{panel}", size="small")
    assert isinstance(stage.scene, Scene)
    assert len(stage.figure.axes) > 3
    with_it = whole(stage, stage.scene.frames - 1).astype(int)
    without = plain.astype(int)
    assert (np.abs(with_it - without).max(axis=-1) > 40).mean() > 0.01


@pytest.mark.parametrize("panel", ["lr", "gradient", *BESIDE[:-1]])
def test_a_panel_may_be_alone_on_the_page(make_network, panel):
    stage = staged(make_network(**SUBJECTS["moons"]), panels=panel, size=(800, 500))
    names = [axes for axes in stage.figure.axes if axes.axison]
    assert not any("PC 1" in axes.get_xlabel() for axes in names)
    largest = max(axes.get_window_extent().width for axes in names)
    assert largest > 0.4 * 800


@pytest.mark.parametrize("panel", ["curves", "layers", "hinton", "fit"])
def test_pages_without_a_plane_do_not_speak_of_one(make_network, panel):
    words = " ".join(
        text.get_text()
        for text in compile_scene(compose(make_network(), panels=panel)).figure.findobj(Text)
        if text.get_visible()
    )
    assert "plane" not in words
    assert "○ start" not in words
    assert "principal" not in words
    assert words.count("parameter") == 1


def test_print_tells_runs_apart_by_dashes(make_network):
    stage = staged(make_network(**SUBJECTS["three runs"]), theme="print", panels="loss")
    dashes = {stroke.dash for stroke in strokes_of(headed(stage, LOSS))}
    assert dashes == {style.dash for style in stage.scene.styles}
    assert len(dashes) == 3


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".gif"])
def test_it_can_be_saved(make_network, suffix, tmp_path):
    file = descent.animate(make_network(**SUBJECTS["exact"]), size="small").save(tmp_path / f"it{suffix}")
    assert file.stat().st_size > 5000


def test_readouts_show_the_true_loss(make_network):
    recording = make_network(**SUBJECTS["thinned"])
    stage = staged(recording, 4)
    shown = [text.get_text() for text in stage.figure.findobj(Readout)]
    for run in recording.trajectories:
        assert f"{run.losses[4]:.3g}" in shown


def test_zero_lines_close_and_pass_saddles():
    x, y = np.linspace(-2, 2, 41), np.linspace(-1.5, 1.5, 33)
    across, along = np.meshgrid(x, y, indexing="ij")
    (circle,) = zero_lines(1 - across**2 - along**2, x, y)
    assert np.abs(np.hypot(*circle.T) - 1).max() < 0.01
    assert np.array_equal(circle[0], circle[-1])
    assert len(zero_lines(across * along + 0.01, x, y)) == 2
    assert zero_lines(np.ones((41, 33)), x, y) == []


def test_medians_smooth_and_keep_gaps():
    values = np.array([[1.0], [9.0], [2.0], [3.0], [np.nan]])
    assert running_median(values, 3)[:, 0].tolist() == [5.0, 2.0, 3.0, 2.5, 3.0]
    assert running_median(values, 1) is values
