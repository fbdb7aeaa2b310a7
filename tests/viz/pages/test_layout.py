"""Every text is on the page and clear of the others, and panels keep apart, whatever is drawn in any size."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import descent
from descent.surfaces.errors import DescentError
from descent.surfaces.surface import width_of
from descent.trajectories.regression.difference import compare
from descent.trajectories.regression.tolerances import tolerance
from descent.viz.animation import picture
from descent.viz.canvas.stage import compile_scene
from descent.viz.charts.scales import number_steps
from descent.viz.pages.arrangements import Legend, Panel, Picture
from descent.viz.pages.dashboard import arrange
from descent.viz.pages.page import add_page, draw_fine_print
from descent.viz.pages.tiles import shape_of
from descent.viz.scenes.scene import compose
from descent.viz.style.layout import SIZES, Rect, Ruler, parse_size, text_scale
from descent.viz.style.themes import THEMES

PAGES = [(480, 360), (640, 480), (960, 600), (1280, 720), (1920, 1080), (800, 800), (720, 1280)]
VIEW = ((-2.0, 2.0), (-1.5, 1.5))
MAIN = ("sgd", "adam", "rmsprop", "adamw", "adagrad", "lbfgs")
LONG = "momentum=0.95,nesterov=true,weight_decay=0.0005@step:step_size=30,gamma=0.1"
THIRD = "some_package.AVeryLongOptimizerClassNameOfAThirdParty:lr=0.000123"
FORMULA = "(1-x)**2 + 100*(y-x**2)**2 + sin(3*x)*cos(4*y) + exp(-x**2-y**2) + 12*abs(x-y) - log(1+x**2)"
LATEX = r"\left(1-x\right)^2 + 100\left(y-x^2\right)^2 + \frac{\sin(3x)\cos(4y)}{1+e^{-x^2-y^2}}"

PATHS = ("inside", "leaves", "wavy", "to nan", "huge", "short")


def page_id(size):
    return f"{size[0]}x{size[1]}"


def several(make_recording, make_run, count, specs=None, **facts):
    specs = specs or [f"{MAIN[k % 6]}:lr={0.00123 * (k + 1):g}" for k in range(count)]
    return make_recording(
        *(make_run(PATHS[k % len(PATHS)], specs[k % len(specs)]) for k in range(count)), **facts
    )


def stretched(make_recording, make_run, view):
    """The same runs in a view of other proportions."""
    from_view, to_view = np.array(VIEW), np.array(view)
    runs = []
    for spec, name in (("sgd:lr=0.1", "inside"), ("adam:lr=0.1", "leaves")):
        share = (make_run(name).points - from_view[:, 0]) / np.ptp(from_view, axis=1)
        runs.append(make_run(to_view[:, 0] + share * np.ptp(to_view, axis=1), spec, view=view))
    return make_recording(*runs, view=view, minima=())


CONTENTS = {
    "no runs": {"count": 0},
    "1 run": {"count": 1},
    "3 runs": {"count": 3},
    "5 runs": {"count": 5},
    "8 runs": {"count": 8},
    "15 runs": {"count": 15},
    "30 runs": {"count": 30},
    "long labels": {"count": 3, "specs": [f"sgd:lr=0.000123,{LONG}", f"adamw:lr=0.00456,{LONG}"]},
    "long class name": {"count": 2, "specs": [THIRD]},
    "long title": {"count": 2, "target": f"expr:{FORMULA}", "latex": LATEX},
    "long formula": {"count": 2, "latex": f"{LATEX} + {LATEX} + {LATEX}"},
    "long path": {
        "count": 2,
        "target": "some_package.some_module.some_more:a_long_function_name",
        "latex": "",
    },
    "noise": {"count": 2, "noise": 0.123456, "seed": 123456789, "steps": 24000, "device": "cuda:0"},
    "far start": {"count": 1, "start": (-123456.789, 1.23456e-05)},
}
VIEWS = {
    "2 to 1": ((-10.0, 10.0), (-5.0, 5.0)),
    "1 to 2": ((-5.0, 5.0), (-10.0, 10.0)),
    "3.4 to 1": ((-10.2, 10.2), (-3.0, 3.0)),
    "1 to 3.4": ((-3.0, 3.0), (-10.2, 10.2)),
    "sliver": ((0.0, 1000.0), (0.0, 1.0)),
    "pole": ((0.0, 1.0), (-3000.0, 3000.0)),
    "large numbers": ((-512.0, 512.0), (-512.0, 512.0)),
    "very large": ((-3.2e9, 3.2e9), (-2.1e9, 2.1e9)),
    "tiny": ((1000.0, 1000.001), (0.0001, 0.0002)),
    "bukin": ((-15.0, -5.0), (-3.0, 3.0)),
}


def faults(stage, texts, slack=1.0):
    """Say which texts, each with its extent, leave the page or overlap."""
    width, height = stage.scene.size
    assert len(texts) > 8
    found = [
        f"{text!r} leaves the page: {np.round(box.extents)}"
        for text, box in texts
        if box.x0 < -slack or box.y0 < -slack or box.x1 > width + slack or box.y1 > height + slack
    ]
    for (one, first), (other, second) in itertools.combinations(texts, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        along = min(first.y1, second.y1) - max(first.y0, second.y0)
        if across > slack and along > slack:
            found.append(f"{one!r} over {other!r} by {across:.0f} x {along:.0f}")
    return found + crossings(stage, texts)


def crossings(stage, texts, slack=2.0):
    """Say which panels overlap, and which texts stand half inside a panel."""
    panels = [axes.get_window_extent() for axes in stage.figure.axes if axes.axison]
    panels = [panel for panel in panels if panel.width < stage.scene.size[0]]
    found = [
        f"panels overlap: {np.round(one.extents)} and {np.round(other.extents)}"
        for one, other in itertools.combinations(panels, 2)
        if min(one.x1, other.x1) - max(one.x0, other.x0) > slack
        and min(one.y1, other.y1) - max(one.y0, other.y0) > slack
    ]
    for (text, box), panel in itertools.product(texts, panels):
        across = min(box.x1, panel.x1) - max(box.x0, panel.x0)
        along = min(box.y1, panel.y1) - max(box.y0, panel.y0)
        if slack < across < box.width - slack and along > slack:
            found.append(f"{text!r} crosses the edge of a panel by {across:.0f}")
    return found


@pytest.fixture
def assert_tidy(assert_scene_tidy):
    return lambda recording, size, **wishes: assert_scene_tidy(compose(recording, size=size, **wishes))


@pytest.fixture
def assert_scene_tidy(shown_texts):
    def check(scene):
        stage = compile_scene(scene)
        stage.set_changing_visible(True)
        for frame in (0, stage.scene.frames - 1):
            stage.show(frame)
            if frame == 0:
                stage.figure.draw_without_rendering()  # which puts tick labels into their places
            texts = [(text.get_text(), text.get_window_extent()) for text in shown_texts(stage)]
            assert not faults(stage, texts), f"frame {frame}"

    return check


def dealt(things, sizes, each):
    """Every thing with some of the sizes, so that all sizes have as many things."""
    return [
        (thing, sizes[(number * each + k) % len(sizes)])
        for number, thing in enumerate(things)
        for k in range(each)
    ]


def with_page(part):
    return part if isinstance(part, str) else page_id(part)


# Every content on the smallest page, which is the hardest, and on two of the six others.
ON_PAGES = [(content, PAGES[0]) for content in CONTENTS] + dealt(CONTENTS, PAGES[1:], 2)


@pytest.mark.parametrize(("content", "size"), ON_PAGES, ids=with_page)
def test_texts_are_on_the_page_and_apart(assert_tidy, make_recording, make_run, content, size):
    assert_tidy(several(make_recording, make_run, **CONTENTS[content]), size)


VIEW_PAGES = [(view, PAGES[0]) for view in VIEWS] + dealt(VIEWS, [PAGES[k] for k in (2, 5, 6)], 1)


@pytest.mark.parametrize(("view", "size"), VIEW_PAGES, ids=with_page)
def test_texts_are_on_the_page_and_apart_in_every_view(assert_tidy, make_recording, make_run, view, size):
    assert_tidy(stretched(make_recording, make_run, VIEWS[view]), size)


# --- every kind of scene, in the sizes of pages, sites and slides


@pytest.fixture(scope="module")
def subjects(make_recording, make_run, make_network):
    """What scenes are made of, by name."""
    bowl = {"resolution": (32, 32), "steps": 12}
    alone = descent.record("beale", "adam:lr=0.1", **bowl)
    other = descent.record("beale", "adam:lr=0.1,eps=0.5", **bowl)
    return {
        "2 runs": several(make_recording, make_run, 2),
        "4 runs": several(make_recording, make_run, 4),
        "6 runs": several(make_recording, make_run, 6),
        "network": make_network(),
        "sweep": descent.sweep("sphere", ["sgd", "adam"], (0.01, 0.1, 0.4, 1.2), **bowl),
        "basins": descent.basins("himmelblau", ["sgd:lr=0.01", "adam:lr=0.1"], starts=12, steps=12),
        "difference": (alone, other),
    }


KINDS = ("2 runs", "4 runs", "6 runs", "network", "sweep", "multiples", "basins", "difference")
OF_KINDS = [(480, 300), (480, 360), (960, 540), (1280, 720), (1920, 1080)]


# Every two of kind, theme and size meet in one of these.
@pytest.mark.parametrize(
    ("kind", "theme", "size"),
    [
        (kind, ("light", "slides")[(number + k) % 2], size)
        for number, kind in enumerate(KINDS)
        for k, size in enumerate(OF_KINDS)
    ],
    ids=with_page,
)
def test_every_kind_of_scene_is_tidy_on_pages_sites_and_slides(
    assert_tidy, assert_scene_tidy, subjects, kind, theme, size
):
    if kind == "difference":
        one, other = subjects[kind]
        assert_scene_tidy(picture(one, other, compare(one, other, tolerance()), theme=theme, size=size).scene)
    elif kind == "multiples":
        assert_tidy(subjects["sweep"], size, theme=theme, grid="optimizer,lr")
    else:
        assert_tidy(subjects[kind], size, theme=theme)


@pytest.mark.parametrize("kind", ["4 runs", "network"])
@pytest.mark.parametrize("theme", ["transparent", "fivethirtyeight"])
def test_other_themes_are_as_tidy(assert_tidy, subjects, kind, theme):
    assert_tidy(subjects[kind], (960, 600), theme=theme)


@pytest.mark.parametrize("size", [(480, 300), (480, 360), (960, 540), (1920, 1080)], ids=page_id)
@pytest.mark.parametrize("theme", ["light", "slides"])
def test_names_can_be_read_on_every_page(subjects, theme, size):
    stage = compile_scene(compose(subjects["6 runs"], theme=theme, size=size))
    names = [text for text in stage.figure.findobj(Text) if text.get_text() in ("SGD", "RMSprop", "Adagrad")]
    seen = {text.get_text() for text in names}
    # On the smallest page some runs are counted, not named.
    assert seen == {"SGD", "RMSprop", "Adagrad"} or (size == (480, 300) and "SGD" in seen)
    assert min(text.get_fontsize() * 100 / 72 for text in names) >= 9 - 1e-6  # pixels


def test_small_print_is_cut_between_its_parts():
    figure = Figure(figsize=(4.8, 3.0), dpi=100)
    FigureCanvasAgg(figure)
    scene = SimpleNamespace(size=(480, 300), theme=THEMES["light"])
    page = add_page(figure, scene)
    for count in (3, 6, 40):
        words = "  ·  ".join(f"what one must know, {k}" for k in range(count))
        draw_fine_print(page, words, scene, Ruler(0.9))
        text = page.texts[-1] if page.texts else page.artists[-1]
        box = text.get_window_extent()
        assert (box.x0 >= 0, box.y0 >= 0, box.x1 <= 480, box.y1 <= 30) == (True,) * 4
        assert text.get_fontsize() * 100 / 72 >= 9 - 1e-6
        said = text.get_text().replace("\n", "  ·  ")
        assert words.startswith(said)
        assert all(part[:-1].endswith(", ") or part[:-2].endswith(", ") for part in said.split("  ·  "))
        assert (said == words) == (count < 8)


# --- panels, as numbers


def overlap(one, other):
    across = min(one.right, other.right) - max(one.x, other.x)
    along = min(one.top, other.top) - max(one.y, other.y)
    return across > 0.5 and along > 0.5


def on_page(rect, size):
    return rect.x >= 0 and rect.y >= 0 and rect.right <= size[0] + 0.5 and rect.top <= size[1] + 0.5


def arranged(view, size, wanted, runs=True):
    """Contour, legend and a panel on a page, as a comparison has them."""
    legend = Legend(lambda room: min(room, wanted), rows=(min(wanted, 100.0), 0.0))
    panels, legend = ([Panel((1.0, 2.6))], legend) if runs else ([], None)
    unit = text_scale(size, THEMES["light"])
    return arrange(size, unit, Picture(shape_of(view)), panels, legend, to_scale=width_of(view)[1])


@pytest.mark.parametrize("runs", [True, False], ids=["runs", "no runs"])
@pytest.mark.parametrize(
    "size", dict.fromkeys([*PAGES, *SIZES.values(), (320, 240), (4096, 4096)]), ids=page_id
)
@pytest.mark.parametrize("view", VIEWS)
def test_panels_are_on_the_page_and_apart(view, size, runs):
    for wanted in (60, 200, 400, 2000):
        places = arranged(VIEWS[view], size, wanted, runs)
        layout = places.page
        panels = [layout.contour, layout.bar, *places.panels, *([layout.legend] if runs else [])]
        assert all(panel.width > 0 and panel.height > 0 for panel in panels)
        assert all(on_page(panel, size) for panel in panels), layout
        assert not any(overlap(*pair) for pair in itertools.combinations(panels, 2)), layout
        assert layout.contour.width >= 0.1 * min(size)
        assert layout.contour.height >= 0.08 * min(size)


@pytest.mark.parametrize("runs", [True, False], ids=["runs", "no runs"])
@pytest.mark.parametrize("size", PAGES, ids=page_id)
@pytest.mark.parametrize("view", VIEWS)
def test_contours_are_to_one_scale_unless_the_view_is_extreme(view, size, runs):
    (x0, x1), (y0, y1) = VIEWS[view]
    shape = (x1 - x0) / (y1 - y0)
    layout = arranged(VIEWS[view], size, 200, runs).page
    assert layout.to_scale is (1 / 3.5 <= shape <= 3.5)
    if layout.to_scale:
        assert layout.contour.width / layout.contour.height == pytest.approx(shape, rel=1e-9)


@pytest.mark.parametrize("size", PAGES, ids=page_id)
def test_the_picture_follows_the_layout(named, size):
    scene = compose(named("two runs"), size=size)
    figure = compile_scene(scene).figure
    assert tuple(figure.bbox.size) == pytest.approx(size, abs=1e-3)
    contour = figure.axes[0].get_window_extent()
    (x0, x1), (y0, y1) = scene.recording.view
    assert contour.width / contour.height == pytest.approx((x1 - x0) / (y1 - y0), rel=1e-6)


def test_on_a_square_page_a_short_legend_leaves_its_room_to_the_contour(make_recording, make_run):
    contours = []
    for count in (2, 6):
        figure = compile_scene(compose(several(make_recording, make_run, count), size=(800, 800))).figure
        contours.append(figure.axes[0].get_window_extent().height)
    assert contours[1] >= 0.9 * contours[0]


@pytest.mark.parametrize("steps", [10, 24, 30, 40, 60, 120, 150, 200, 1000, 25_000])
@pytest.mark.parametrize("width", [100.0, 150.0, 300.0])
def test_steps_are_numbered_roundly_and_apart(steps, width):
    figure = Figure(figsize=(4, 4), dpi=100)
    axes = figure.add_axes((0.1, 0.1, width / 400, 0.5))
    axes.set_xlim(0, steps)
    number_steps(axes, Rect(0, 0, width, 200), steps, Ruler(1.0))
    figure.draw_without_rendering()
    ticks = [tick for tick in axes.get_xticks() if tick <= steps]
    assert 2 <= len(ticks) <= 6
    stride = f"{ticks[1] - ticks[0]:g}".rstrip("0")
    assert stride in {"1", "2", "25", "5"}
    boxes = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
    assert not any(one.overlaps(other) for one, other in itertools.pairwise(boxes))


# As many as always have one on every page; fewer on the smallest and on the tall one.
@pytest.mark.parametrize(
    ("count", "size"),
    [(4, size) for size in PAGES[1:]] + [(k, PAGES[at]) for k in (1, 2, 3) for at in (1, 6)],
    ids=lambda part: str(part) if isinstance(part, int) else page_id(part),
)
def test_a_few_runs_always_have_a_loss_panel(make_recording, make_run, count, size):
    figure = compile_scene(compose(several(make_recording, make_run, count), size=size)).figure
    assert "step" in [axes.get_xlabel() for axes in figure.axes]


# --- sizes


@pytest.mark.parametrize(
    ("given", "size"),
    [
        *((name, pixels) for name, pixels in SIZES.items()),
        ("HD", (1920, 1080)),
        ("960x600", (960, 600)),
        (" 960 X 600 ", (960, 600)),
        ("960×600", (960, 600)),
        ((640, 480), (640, 480)),
        ("320x240", (320, 240)),
        ("4096x4096", (4096, 4096)),
    ],
    ids=str,
)
def test_sizes(given, size):
    assert parse_size(given) == size


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("hdd", "unknown size 'hdd'; did you mean 'hd'.*small, medium"),
        ("smal", "did you mean 'small'"),
        ("960", "WIDTHxHEIGHT"),
        ("960x", "WIDTHxHEIGHT"),
        ("960x600x2", "WIDTHxHEIGHT"),
        ("-960x600", "WIDTHxHEIGHT"),
        ("960.5x600", "WIDTHxHEIGHT"),
        ("", "WIDTHxHEIGHT"),
        ("319x240", "320 to 4096 pixels wide and 240 to 4096 high, not 319x240"),
        ("320x239", "not 320x239"),
        ("4097x600", "not 4097x600"),
        ("99999999999x600", "not 99999999999x600"),
        ((0, 0), "not 0x0"),
    ],
    ids=str,
)
def test_not_sizes(given, says):
    with pytest.raises(DescentError, match=says):
        parse_size(given)


@pytest.mark.parametrize(
    "given", [(960,), (960, 600, 3), (960.5, 600), ("a", "b"), None, 960, (True, 600)], ids=str
)
def test_not_pairs_of_whole_numbers(given):
    with pytest.raises(DescentError):
        parse_size(given)


def test_a_rectangle_knows_its_far_edges():
    rect = Rect(1, 2, 30, 40)
    assert (rect.right, rect.top) == (31, 42)
