"""Arrows at the heads and all over the contour: what they read, where they point, and what is refused."""

import ast
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import descent
from descent import DescentError
from descent.surfaces.field import Field
from descent.surfaces.imports import own
from descent.viz.canvas.frames import backdrop, stream, whole
from descent.viz.canvas.parts import GROWING_ZORDER, MOVING_ZORDER
from descent.viz.canvas.pens import Lines, Marks, Shapes
from descent.viz.canvas.stage import compile_scene
from descent.viz.contour.arrow_paint import Panel
from descent.viz.contour.arrow_shapes import block, block_arrow, broad, ellipse, open_arrow, thin
from descent.viz.contour.arrows import height_of, largest, lengths_of
from descent.viz.contour.downhill import slope_at
from descent.viz.scenes import arrow_vectors
from descent.viz.scenes.arrow_kinds import (
    ARROWS,
    BY_RATIO,
    BY_ROOT,
    GLASS,
    GRADIENTS,
    HOLLOW,
    LINE,
    POINTS,
    SOLID,
    STATE,
    TO_SCALE,
)
from descent.viz.scenes.panel_table import kind_of
from descent.viz.scenes.scene import compose
from descent.viz.style.layout import text_scale

ALL = tuple(ARROWS)


def slopes(points):
    return points * (2.0, 6.0)  # of the bowl of tests/viz/conftest.py


def feeling(run, spec=None, **state):
    """Give a run the bowl's gradients, and an optimizer's state."""
    with np.errstate(all="ignore"):
        gradients = slopes(run.points)
    spec = spec or run.spec
    return replace(
        run, spec=spec, gradients=gradients, state={name: np.asarray(a) for name, a in state.items()}
    )


def held(run):
    """Return momentum and a mean of squares that change along a run, NaN at first."""
    k = np.arange(len(run.points))[:, None]
    first, second = np.cos(np.add(k, (0.0, 1.0))), 0.1 + np.abs(np.sin(np.add(k, (0.5, 2.0))))
    first[0] = second[0] = np.nan
    return {"exp_avg": first, "exp_avg_sq": second}


@pytest.fixture
def recording(make_run, make_recording):
    adam, sgd = make_run("inside"), make_run("wavy", "sgd:lr=0.1,momentum=0.9")
    buffer = held(sgd)["exp_avg"]
    return make_recording(feeling(adam, **held(adam)), feeling(sgd, momentum_buffer=buffer))


def stage_of(recording, **wishes):
    return compile_scene(compose(recording, **{"arrows": ALL, "size": (480, 300), **wishes}))


def moving(stage, zorder):
    """Return the moving artist of a kind of arrow, by its height."""
    (found,) = [t.artist for t in stage.moving if abs(t.artist.get_zorder() - MOVING_ZORDER - zorder) < 1e-9]
    return found


def on_page(artist, path):
    return artist.axes.transData.transform(path.vertices)


def tips(artist):
    """Return tail and tip of every arrow, in pixels."""
    if isinstance(artist, Lines):  # the second stroke of each lies on its seam
        paths = [on_page(artist, stroke.path) for stroke in artist.strokes[1::2]]
        return [(path[0], path[1]) for path in paths]
    paths = [on_page(artist, shape.path) for shape in artist.shapes]
    return [((path[0] + path[6]) / 2, path[3]) for path in paths]


GRADIENT, STEP, MOMENTUM, ADAM = map(height_of, ("gradient", "step", "momentum", "adam"))


# The table.


@pytest.mark.parametrize("name", ALL)
def test_an_entry_says_all_that_the_rest_of_the_code_asks(name):
    entry = ARROWS[name]
    assert entry.reads in (GRADIENTS, POINTS, STATE)
    assert entry.length in (TO_SCALE, BY_ROOT, BY_RATIO)
    assert entry.paint in (LINE, SOLID, HOLLOW, GLASS)
    assert (entry.instead != "") == (entry.reads == STATE)
    assert ("to scale" in entry.help) == ("to scale" in entry.words[0]) == (entry.length == TO_SCALE)
    lines = own("viz", entry.outline)(np.array([20.0, 10.0]), float)
    assert all(line.ndim == 2 and np.isfinite(line).all() for line in lines)


def test_no_other_module_names_a_kind_of_arrow():
    root = Path(descent.__file__).parent
    found = []
    for path in [*(root / "viz" / "contour").glob("*.py"), *(root / "viz" / "scenes").glob("*.py")]:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if {node.value for node in nodes if isinstance(node, ast.Constant)} & set(ARROWS):
            found.append(path.stem)
    # "gradient" is a panel as well, and runs and scenes are counted by the "step".
    assert sorted(found) == ["arrow_kinds", "panel_table", "runs", "scene"]


# What is read.


@pytest.mark.parametrize("spec", ["sgd:lr=0.02,momentum=0.8", "sgd:lr=0.02,momentum=0.8,nesterov=true"])
def test_momentum_is_minus_the_buffer_of_a_plain_loop_down_a_ravine(spec):
    import torch

    recording = descent.record("quadratic:condition=20", spec, steps=8, resolution=(4, 4))
    surface = descent.surfaces.get("quadratic:condition=20")
    point = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([point], lr=0.02, momentum=0.8, nesterov="nesterov" in spec)
    run = recording.trajectories[0]
    push, down, step = arrow_vectors.push(run), arrow_vectors.downhill(run), arrow_vectors.next_step(run)
    assert np.isnan(push[0]).all()
    for k in range(8):
        optimizer.zero_grad()
        surface(point).backward()
        np.testing.assert_array_equal(down[k], -point.grad.numpy())
        before = point.detach().numpy().copy()
        optimizer.step()
        np.testing.assert_allclose(step[k], point.detach().numpy() - before, rtol=1e-12)
        np.testing.assert_array_equal(push[k + 1], -optimizer.state[point]["momentum_buffer"].numpy())
    assert np.isnan(step[8]).all()


@pytest.mark.parametrize(
    ("spec", "betas", "eps"),
    [("adam:lr=0.1", (0.9, 0.999), 1e-8), ("adam:lr=0.1,betas=0.5/0.9,eps=0.1", (0.5, 0.9), 0.1)],
)
def test_adams_scaling_is_that_of_adam_in_numpy(spec, betas, eps):
    recording = descent.record("beale", spec, steps=10, resolution=(4, 4))
    run = recording.trajectories[0]
    first, second, point = np.zeros(2), np.zeros(2), run.points[0]
    found = arrow_vectors.scaling(run)
    assert np.isnan(found[0]).all()
    for k in range(1, 11):
        g = run.gradients[k - 1]
        first, second = betas[0] * first + (1 - betas[0]) * g, betas[1] * second + (1 - betas[1]) * g**2
        scale = 1 / (np.sqrt(second / (1 - betas[1] ** k)) + eps)
        point = point - 0.1 * first / (1 - betas[0] ** k) * scale
        np.testing.assert_allclose(found[k], scale, rtol=1e-9)
        np.testing.assert_allclose(run.points[k], point, rtol=1e-9)


@pytest.mark.parametrize(
    "spec",
    [
        "rmsprop:lr=0.01",
        "rmsprop:lr=0.01,centered=true,eps=0.01",
        "adagrad:lr=0.1",
        "adadelta:lr=1",
        "adam:lr=0.01,amsgrad=true,betas=0.0/0.9",
        "adamax:lr=0.01,betas=0.0/0.9",
        "radam:lr=0.01,betas=0.0/0.9",
    ],
)
def test_without_momentum_the_step_is_the_scaled_gradient(spec):
    run = descent.record("beale", spec, steps=12, resolution=(4, 4)).trajectories[0]
    scale = arrow_vectors.scaling(run)
    drawn = np.isfinite(scale[1:]).all(axis=1)
    assert drawn.sum() > 5
    # The step to row k + 1 is made with what is held there.
    ratio = (arrow_vectors.next_step(run)[:-1] / -run.gradients[:-1]) / scale[1:]
    if not spec.startswith("adadelta"):  # whose other mean is renewed after the step
        np.testing.assert_allclose(ratio[drawn, 0], ratio[drawn, 1], rtol=1e-6)


def test_what_is_not_held_is_not_drawn(make_run):
    run = feeling(make_run("inside", "sgd:lr=0.1"))
    for name in ("momentum", "adam"):
        assert np.isnan(arrow_vectors.vectors_of(run, name)).all()


# Where it points on the page.


def test_directions_hold_on_a_page_with_unequal_scales(make_run, make_recording):
    view = ((-2.0, 2.0), (-150.0, 150.0))
    points = np.linspace((1.5, 100.0), (1.0, 40.0), 9)
    run = feeling(make_run(points, "sgd:lr=0.1", view=view), momentum_buffer=np.tile([1.0, 30.0], (9, 1)))
    stage = stage_of(make_recording(run, view=view), arrows="gradient,step,momentum", fps=5)
    stage.show(4)
    per_unit = np.diff(moving(stage, STEP).axes.transData.transform([(0, 0), (1, 1)]), axis=0)[0]
    wanted = {GRADIENT: -slopes(points[4]), STEP: points[5] - points[4], MOMENTUM: -np.array([1.0, 30.0])}
    for zorder, vector in wanted.items():
        ((tail, tip),) = tips(moving(stage, zorder))
        way = vector * per_unit
        np.testing.assert_allclose(tail, moving(stage, zorder).axes.transData.transform(points[4]), atol=1e-6)
        np.testing.assert_allclose((tip - tail) / np.hypot(*(tip - tail)), way / np.hypot(*way), atol=1e-6)
    ((tail, tip),) = tips(moving(stage, STEP))
    np.testing.assert_allclose(tip, moving(stage, STEP).axes.transData.transform(points[5]), atol=1e-6)


def test_arrows_are_as_long_as_the_square_root_of_their_size_down_to_nothing():
    vectors = np.array([[4.0, 0.0], [1.0, 0.0], [0.0, 0.0], [1e300, 0.0], [np.nan, 0.0]])
    track = np.array([[0.0, 0.0]] * 3 + [[np.nan, np.nan]] * 2)
    full = largest([vectors, vectors / 2], [track, track])
    assert full == 4.0  # what is out of sight does not count
    np.testing.assert_allclose(lengths_of(vectors, full, 50.0)[:4], [50.0, 25.0, 0.0, 50.0])
    np.testing.assert_allclose(lengths_of(vectors / 4, full, 50.0)[:2], [25.0, 12.5])  # one scale for all
    assert lengths_of(vectors[2:3], largest([], []), 50.0) == 0.0


def drawn_lengths(stage, zorder):
    """The pixels from tail to tip of every arrow of a kind."""
    return [float(np.hypot(*(tip - tail))) for tail, tip in tips(moving(stage, zorder))]


@pytest.mark.parametrize("kind", ["gradient", "momentum"])
def test_arrows_on_the_page_shrink_to_nothing_at_a_minimum(make_run, make_recording, kind):
    x = np.array([1.5, 0.375, 0.06, 0.0024, 0.0])  # slopes of the bowl in proportion
    run = make_run(np.column_stack([x, np.zeros(5)]), "sgd:lr=0.1,momentum=0.9")
    run = feeling(run, momentum_buffer=slopes(run.points))
    stage = stage_of(make_recording(run), arrows=kind, size=(960, 600))
    found = []
    for row in range(5):
        stage.show(int(np.flatnonzero(stage.scene.timing.rows == row)[0]))
        found.append(drawn_lengths(stage, height_of(kind)))
    wanted = 46.0 * np.sqrt(x / x[0])
    assert wanted[3] < 2 < wanted[2]
    np.testing.assert_allclose(np.concatenate(found), wanted[:3], rtol=1e-6)
    assert found[3:] == [[], []]


def test_heads_shrink_with_the_shaft():
    px = float
    for outline in (thin, block, broad):
        for length in (2.0, 5.0, 40.0):
            lines = np.concatenate(outline(np.array([length, 0.0]), px))
            assert lines[:, 0].min() >= 0
            assert lines[:, 0].max() == length
            assert np.ptp(lines[:, 1]) <= 1.3 * length


def test_two_runs_have_one_scale(make_run, make_recording):
    points = np.tile([1.5, 0.0], (5, 1))
    runs = [feeling(make_run(points * share, spec)) for share, spec in ((1, "sgd:lr=0.1"), (0.25, "adam"))]
    stage = stage_of(make_recording(*runs), arrows="gradient", size=(960, 600))
    stage.show(0)
    np.testing.assert_allclose(drawn_lengths(stage, GRADIENT), [46.0, 23.0])


def test_shapes():
    shaft, head = open_arrow(np.array([10.0, 0.0]), 4.0)
    assert shaft.tolist() == [[0, 0], [10, 0]]
    assert head[1].tolist() == [10, 0]
    assert head[0, 1] == -head[2, 1] != 0
    assert block_arrow(np.array([0.0, 30.0]), 4.0, (10, 12)).max(axis=0).tolist() == [6, 30]
    assert block_arrow(np.array([0.0, 6.0]), 4.0, (10, 12)).max(axis=0).tolist() == pytest.approx([3, 6])
    for half, drawn in (([22.0, 7.0], [22.0, 7.0]), ([1e-9, 22.0], [3.0, 22.0])):
        (outline,) = ellipse(np.array(half), lambda length: 2 * length)
        np.testing.assert_allclose(outline.max(axis=0), drawn, rtol=1e-3)
    turned = Panel((0, 0), (2.0, 1.0)).turned(np.array([[1e300, 2e300], [0.0, 0.0], [np.inf, 1.0]]))
    np.testing.assert_allclose(turned[0], [2**-0.5] * 2)
    assert np.isnan(turned[1:]).all()


def test_the_ellipse_shows_the_ratio(recording):
    stage = stage_of(recording)
    stage.show(7)
    artist = moving(stage, ADAM)
    (shape,) = artist.shapes  # SGD has none
    half = np.ptp(on_page(artist, shape.path), axis=0) / 2
    scale = arrow_vectors.scaling(recording.trajectories[0])[7]
    assert half.max() == pytest.approx(22 * text_scale(stage.scene.size, stage.scene.theme), rel=1e-2)
    assert half[0] / half[1] == pytest.approx(scale[0] / scale[1], rel=1e-2)


def test_at_the_start_and_the_end(recording):
    stage = stage_of(recording)
    stage.show(0)
    drawn = {name: len(tips(moving(stage, z))) for name, z in (("g", GRADIENT), ("s", STEP), ("m", MOMENTUM))}
    assert drawn == {"g": 2, "s": 2, "m": 0}
    assert moving(stage, ADAM).shapes == []
    stage.show(stage.scene.frames - 1)
    assert moving(stage, STEP).shapes == []
    assert len(moving(stage, MOMENTUM).shapes) == 2


def test_only_what_is_asked_for(recording):
    stage = stage_of(recording, arrows="step")
    kinds = [thing.artist for thing in stage.moving if isinstance(thing.artist, Shapes)]
    assert [artist.get_zorder() for artist in kinds] == [MOVING_ZORDER + STEP]
    assert not any(isinstance(thing.artist, Shapes) for thing in stage_of(recording, arrows=None).moving)


def test_arrows_lie_above_the_trails_and_below_minima_and_heads(recording):
    stage = stage_of(recording)
    contour = [thing.artist for thing in stage.moving if thing.artist.axes is stage.figure.axes[0]]
    marks = [artist.get_zorder() for artist in contour if isinstance(artist, Marks)]
    heights = [MOVING_ZORDER + height_of(name) for name in reversed(ALL)]
    assert heights == sorted(heights)
    assert GROWING_ZORDER < MOVING_ZORDER < heights[0] < heights[-1] < min(marks)


@pytest.mark.parametrize(
    "path", ["leaves", "far", "huge", "to infinity", "to nan", "nan between", "comes back", "short", "still"]
)
def test_runs_that_go_wrong_have_arrows_while_they_are_seen(make_run, make_recording, path):
    run = feeling(make_run(path), **held(make_run(path)))
    stage = stage_of(make_recording(run, feeling(make_run("inside"), **held(make_run("inside")))))
    (x0, x1), (y0, y1) = stage.scene.recording.view
    for frame in range(0, stage.scene.frames, 3):
        stage.show(frame)
        row = min(int(stage.scene.timing.rows[frame]), len(run.points) - 1)
        x, y = run.points[row]
        seen = bool(x0 <= x <= x1 and y0 <= y <= y1)
        assert len(tips(moving(stage, GRADIENT))) == 1 + seen
        for artist in (thing.artist for thing in stage.moving):
            for each in getattr(artist, "shapes", ()):
                pixels = on_page(artist, each.path)
                assert np.isfinite(pixels).all()
                assert np.abs(pixels).max() < 5000


@pytest.mark.parametrize("case", ["both", "diverging"])
def test_fast_frames_equal_whole_ones(recording, make_run, make_recording, case):
    if case == "diverging":
        paths = [make_run(path) for path in ("inside", "leaves", "huge")]
        recording = make_recording(*(feeling(run, **held(run)) for run in paths))
    wishes = {"field": True, "size": (480, 300)}
    stage, other = stage_of(recording, **wishes), stage_of(recording, **wishes)
    for frame, fast in enumerate(stream(stage, backdrop(stage))):
        if frame % 6 in (0, 1) or frame == stage.scene.frames - 1:
            np.testing.assert_array_equal(fast[..., :3], whole(other, frame))


# The key.


@pytest.mark.parametrize("size", [(480, 300), (960, 600), (1920, 1080), (480, 800)])
@pytest.mark.parametrize("theme", ["light", "print"])
def test_the_key_is_legible_and_inside_the_contour(recording, size, theme):
    stage = stage_of(recording, size=size, theme=theme)
    axes = stage.figure.axes[0]
    keys = [text for text in axes.findobj(Text) if text.get_zorder() == pytest.approx(4.2)]
    assert len(keys) == len(ALL)
    plot = axes.get_window_extent()
    rows = []
    for text in keys:
        extent = text.get_window_extent()
        assert plot.x0 < extent.x0 < extent.x1 < plot.x1
        assert plot.y0 < extent.y0 < extent.y1 < plot.y1
        assert text.get_fontsize() >= 4.5
        rows.append((extent.y0, extent.y1))
    rows.sort()
    assert all(low[1] <= high[0] + 1 for low, high in pairwise(rows))
    assert keys[-1].get_text().startswith(("how x and y steps are stretched", "stretch"))
    lacking = "(not " if size == (480, 300) else "SGD"  # where no more words leave the paths free
    assert lacking in keys[-1].get_text()


def test_the_key_keeps_clear_of_paths_and_exit_labels(make_run, make_recording):
    run = feeling(make_run(np.linspace((1.5, 1.0), (-3.5, -1.0), 25)))
    stage = stage_of(make_recording(run), arrows="gradient,step", size=(960, 600))
    axes = stage.figure.axes[0]
    texts = axes.findobj(Text)
    (exit_label,) = [text for text in texts if "left the view" in text.get_text()]
    taken = exit_label.get_window_extent()
    path = axes.transData.transform(run.points)
    for text in texts:
        if text.get_zorder() == pytest.approx(4.2):
            extent = text.get_window_extent()
            assert not extent.overlaps(taken)
            assert not any(extent.contains(x, y) for x, y in path)


def overlap(extent, spots):
    """How many spots (n, 2) on the page lie in the box of an artist."""
    inside = (spots >= (extent.x0, extent.y0)) & (spots <= (extent.x1, extent.y1))
    return int(inside.all(axis=1).sum())


@pytest.mark.parametrize("size", [(480, 300), (960, 600), (1920, 1080)])
@pytest.mark.parametrize("target", ["himmelblau", "rosenbrock", "quadratic", "beale"])
@pytest.mark.parametrize("arrows", ["gradient,step", "momentum,adam"])
def test_the_key_hides_no_path_no_minimum_and_no_lowest_heights(runs_on, target, arrows, size):
    recording = runs_on(target)
    stage = stage_of(recording, arrows=arrows, size=size)
    axes = stage.figure.axes[0]
    keys = [each for each in axes.patches if isinstance(each, Rectangle) and each.get_zorder() == 4.0]
    (key,) = keys
    extent, to_page = key.get_window_extent(), axes.transData.transform
    for run in recording.trajectories:
        steps = [np.linspace(one, other, 20) for one, other in pairwise(run.points)]
        if size != (480, 300):  # where letters of 9 pixels leave no free place, the key hides the least
            assert overlap(extent, to_page(np.concatenate(steps))) == 0
    marks = [recording.recipe.start, *(minimum.point for minimum in recording.minima)]
    assert overlap(extent, to_page(np.array(marks))) == 0
    ground, ((x0, x1), (y0, y1)) = stage.scene.ground, stage.scene.view
    x, y = np.meshgrid(ground.x, ground.y)
    seen = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    low = seen & (ground.z <= np.quantile(ground.z[seen], 0.1))
    assert overlap(extent, to_page(np.column_stack([x[low], y[low]]))) == 0


@pytest.fixture(scope="module")
def runs_on():
    specs = ["sgd:lr=0.001,momentum=0.9", "adam:lr=0.05"]
    return cache(lambda target: descent.record(target, specs, steps=60))


def test_where_paths_go_through_all_corners_the_key_is_between_them(make_run, make_recording):
    (x0, x1), (y0, y1) = make_recording().view
    corners = np.array([(x0, y0), (x0, y1), (x1, y1), (x1, y0)])
    middle = corners.mean(axis=0)
    path = np.concatenate([np.linspace(middle, middle + 0.97 * (end - middle), 20) for end in corners])
    recording = make_recording(feeling(make_run(path)))
    stage = stage_of(recording, arrows="gradient", size=(960, 600))
    axes = stage.figure.axes[0]
    (key,) = [each for each in axes.patches if isinstance(each, Rectangle) and each.get_zorder() == 4.0]
    steps = np.concatenate([np.linspace(one, other, 20) for one, other in pairwise(path)])
    assert overlap(key.get_window_extent(), axes.transData.transform(steps)) == 0


def test_where_all_is_taken_the_key_hides_the_least(make_run, make_recording):
    turns = np.linspace(0, 60 * np.pi, 3000)
    spiral = np.column_stack([turns * np.cos(turns), turns * np.sin(turns)]) / (30 * np.pi)
    stage = stage_of(make_recording(feeling(make_run(spiral))), arrows="gradient,step")
    axes = stage.figure.axes[0]
    (key,) = [each for each in axes.patches if isinstance(each, Rectangle) and each.get_zorder() == 4.0]
    plot, extent = axes.get_window_extent(), key.get_window_extent()
    assert plot.x0 < extent.x0 < extent.x1 < plot.x1
    assert plot.y0 < extent.y0 < extent.y1 < plot.y1


def test_the_fine_print_says_how_long_they_are():
    assert arrow_vectors.notes((), field=False) == []
    assert arrow_vectors.notes(("momentum",), field=False) == ["arrows by the square root of their size"]
    assert arrow_vectors.notes((), field=True) == ["small arrows: downhill, longer where steeper"]


# Downhill, all over.


def test_slopes_of_a_plane_are_exact_and_of_a_bowl_nearly():
    x, y = np.linspace(-2, 2, 41), np.linspace(-100, 100, 31)
    spots = np.array([[0.33, 20.0], [-1.9, -99.0], [2.0, 100.0]])
    plane = Field(x, y, 3 * x[None, :] - 0.5 * y[:, None])
    np.testing.assert_allclose(slope_at(plane, spots), [[3, -0.5]] * 3)
    bowl = Field(x, y, x[None, :] ** 2 + 3 * y[:, None] ** 2)
    np.testing.assert_allclose(slope_at(bowl, spots[:1]), [[0.66, 120.0]], rtol=0.02)
    assert np.isnan(slope_at(plane, np.array([[2.1, 0.0], [0.0, -101.0]]))).any(axis=1).all()


def test_there_are_none_where_heights_are_not_finite():
    x = y = np.linspace(0, 1, 21)
    z = x[None, :] + y[:, None]
    z[:, 10:] = np.nan
    z[0, 0] = np.inf
    found = slope_at(Field(x, y, z), np.array([[0.2, 0.2], [0.8, 0.5], [0.49, 0.5], [0.01, 0.01]]))
    assert np.isfinite(found).all(axis=1).tolist() == [True, False, False, False]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_the_field_points_downhill_on_the_page(make_run, make_recording, theme):
    recording = make_recording(feeling(make_run("inside")))
    stage = stage_of(recording, arrows=None, field=True, theme=theme, size=(960, 600))
    axes = stage.figure.axes[0]
    (artist,) = [each for each in axes.findobj(Lines) if each.get_zorder() == 1.5]
    path = artist.strokes[0].path
    lines = path.vertices.reshape(-1, 5, 2)
    assert 50 < len(lines) < 400
    assert len(artist.strokes) <= 2
    centres, ways = lines[:, :2].mean(axis=1), lines[:, 1] - lines[:, 0]
    per_unit = np.diff(axes.transData.transform([(0, 0), (1, 1)]), axis=0)[0]
    wanted, found = -slopes(centres) * per_unit, ways * per_unit
    cosines = (wanted * found).sum(axis=1) / np.linalg.norm(wanted, axis=1) / np.linalg.norm(found, axis=1)
    assert cosines.min() > 0.99
    assert artist.strokes[0].colour != stage.scene.theme.background


def test_arrows_of_the_field_grow_with_the_slope_from_nothing(make_run, make_recording):
    recording = make_recording(feeling(make_run("inside")))
    stage = stage_of(recording, arrows=None, field=True, size=(960, 600))
    (artist,) = [each for each in stage.figure.axes[0].findobj(Lines) if each.get_zorder() == 1.5]
    lines = artist.strokes[0].path.vertices.reshape(-1, 5, 2)
    ends = artist.axes.transData.transform(lines[:, :2].reshape(-1, 2))
    long = np.linalg.norm(ends[1::2] - ends[::2], axis=1)
    steep = np.linalg.norm(slopes(lines[:, :2].mean(axis=1)), axis=1)
    below = steep < np.percentile(steep, 85)  # the steepest are alike
    np.testing.assert_allclose(long[below] ** 3 / steep[below], (long**3 / steep)[below][0], rtol=0.15)
    assert long.min() >= 2
    assert long.max() == pytest.approx(24)


def test_a_flat_field_is_dots_and_an_unknown_one_nothing(make_run, make_recording):
    run, found = feeling(make_run("inside")), {}
    half = np.where(np.arange(41) > 20, np.nan, 1.0) * np.ones((31, 1))
    for z, dots in ((np.zeros((31, 41)), 1.0), (half, 0.5)):
        stage = stage_of(make_recording(run, z=z), arrows=None, field=True)
        (artist,) = [each for each in stage.figure.axes[0].findobj(Lines) if each.get_zorder() == 1.5]
        (stroke,) = artist.strokes
        found[dots] = len(stroke.path.vertices) / 2
    assert 0.4 <= found[0.5] / found[1.0] <= 0.5


# What is refused.


def check_arrows(recording, names):
    arrow_vectors.check_arrows(kind_of(recording), compose(recording).runs, names)


def refusal(recording, names):
    with pytest.raises(DescentError) as caught:
        check_arrows(recording, names)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_some_run_has_is_drawn(recording, make_network):
    check_arrows(recording, ALL)
    check_arrows(make_network(), ("gradient", "step"))
    check_arrows(recording, ())


def test_what_no_run_has_is_refused(make_run, make_recording):
    buffer = np.ones((25, 2))
    sgd = feeling(make_run("inside", "sgd:lr=0.1,momentum=0.9"), momentum_buffer=buffer)
    assert refusal(make_recording(sgd), ["adam"]) == (
        "arrows=adam cannot be drawn: no run holds a mean of squared gradients (SGD lr 0.1 holds "
        "momentum_buffer); it takes adam, rmsprop or adagrad"
    )
    squares = feeling(make_run("inside", "rmsprop:lr=0.1"), square_avg=buffer)
    assert refusal(make_recording(squares, feeling(make_run("wavy", "sgd:lr=0.1"))), ["momentum"]) == (
        "arrows=momentum cannot be drawn: no run holds momentum (RMSprop lr 0.1 holds square_avg; SGD lr 0.1 "
        "holds nothing); it takes sgd:momentum=0.9 or adam"
    )
    old = make_recording(feeling(make_run("inside")))
    assert refusal(old, ["adam"]).endswith("adam, rmsprop or adagrad, or an old recording made again")
    lost = feeling(make_run("inside"))
    lost = replace(lost, gradients=np.full_like(lost.points, np.nan))
    assert refusal(make_recording(lost), ["gradient"]).endswith("no run has a gradient that is finite")


def test_networks_keep_no_state_and_not_always_every_step(make_network, make_recording):
    assert refusal(make_network(), ["momentum"]) == (
        "arrows=momentum cannot be drawn: a recording of a network keeps no optimizer state; "
        "gradient and step can be drawn"
    )
    assert "no run has two rows that are one step apart" in refusal(make_network(every=7, steps=63), ["step"])
    assert "has no runs" in refusal(make_recording(), ["step"])
