"""The surface in three dimensions: what is hidden is what a ray meets, and the picture says so."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import descent
from descent.surfaces.field import Field
from descent.viz.canvas import frames
from descent.viz.canvas.pens import Lines, Marks
from descent.viz.canvas.stage import Stage, _drawing_order, default_style
from descent.viz.relief import panel
from descent.viz.relief.camera import Camera, framed
from descent.viz.relief.ground_paths import apart, walk
from descent.viz.relief.overlay import HIDDEN_DASH
from descent.viz.relief.painting import Painter
from descent.viz.relief.solid import TALL, carve, interpolate, normals
from descent.viz.relief.visibility import TOLERANCE, part_seen, survey
from descent.viz.scenes.scene import compose
from descent.viz.style.heights import scale
from descent.viz.style.layout import DPI, Rect, Ruler, text_scale
from descent.viz.style.themes import THEMES

VIEW = ((-2.0, 2.0), (-1.5, 1.5))
KINDS = [
    "two runs",
    "one leaves",
    "one comes back",
    "diverging",
    "to infinity",
    "to nan",
    "nan between",
    "all gone",
    "unequal lengths",
    "standing still",
    "start outside",
    "never in view",
    "one step",
    "no runs",
]


def staged(recording, **wishes):
    """Draw nothing but the panel, on a page of its own."""
    scene = compose(recording, **{"size": (480, 360), "panels": "surface3d", **wishes})
    (width, height), ruler = scene.size, Ruler(text_scale(scene.size, scene.theme))
    place = Rect(ruler.px(54), ruler.px(42), width - ruler.px(64), height - ruler.px(76))
    with default_style():
        figure = Figure((width / DPI, height / DPI), dpi=DPI, facecolor=scene.theme.background)
        canvas = FigureCanvasAgg(figure)
        growing, moving = panel.draw(figure, scene, place, ruler)
    ages = {id(axes): age for age, axes in enumerate(figure.axes)}
    moving.sort(key=lambda thing: _drawing_order(thing.artist, ages))
    return Stage(scene, figure, canvas, tuple(growing), tuple(moving))


def relief_of(function, cells=81, view=VIEW):
    x, y = np.linspace(*view[0], cells), np.linspace(*view[1], cells)
    field = Field(x, y, function(*np.meshgrid(x, y)))
    return carve(field, scale(field, how="linear"), view)


def bumps(x, y):
    return np.sin(2.3 * x + 1) * np.cos(3.1 * y) + 0.3 * x


def ridge(x, y):
    """A wall along x in the middle of the view."""
    return np.exp(-((y / 0.25) ** 2)) + 0 * x


FRONT = Camera(-90.0, 55.0, 100.0, (200.0, 100.0))  # looks along y, from where y is small


# --- the camera


def test_the_camera_looks_from_where_it_is_said_to():
    at = {name: FRONT.project(np.array(point)) for name, point in POINTS.items()}
    assert at["origin"] == pytest.approx((200, 100))
    assert at["right"] == pytest.approx((300, 100))
    assert at["back"] == pytest.approx((200, 100 + 100 * np.sin(np.radians(55))))
    assert at["above"] == pytest.approx((200, 100 + 100 * np.cos(np.radians(55))))


POINTS = {
    "origin": (0.0, 0.0, 0.0),
    "right": (1.0, 0.0, 0.0),
    "back": (0.0, 1.0, 0.0),
    "above": (0.0, 0.0, 1.0),
}


@pytest.mark.parametrize("azimuth", [-60.0, 0.0, 37.0, 180.0])
def test_there_is_no_perspective(azimuth):
    camera = Camera(azimuth, 35.0, 80.0, (5.0, 7.0))
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(2, 20, 3))
    middle = (camera.project(one) + camera.project(other)) / 2
    assert camera.project((one + other) / 2) == pytest.approx(middle)
    ahead = np.array([*camera.towards, np.tan(np.radians(camera.elevation))])
    assert camera.project(one + 3 * ahead) == pytest.approx(camera.project(one)), "along a ray nothing moves"
    assert (camera.away(one + ahead) < camera.away(one)).all()


@pytest.mark.parametrize("others", [(), tuple(np.arange(-135, -44, 2.5))], ids=["one side", "an arc"])
@pytest.mark.parametrize("half", [(1.0, 1.0), (1.0, 0.5), (0.6, 1.0)])
def test_a_framed_relief_fills_its_room_and_no_more(half, others):
    room = (10.0, 20.0, 310.0, 240.0)
    first = framed(Camera(-60.0, 38.0), half, room, others)
    corners = np.array([[i * half[0], j * half[1], k] for i in (-1, 1) for j in (-1, 1) for k in (0, TALL)])
    lows, highs = [], []
    for azimuth in (-60.0, *others):
        spots = Camera(azimuth, 38.0, first.scale, first.centre).project(corners)
        lows.append(spots.min(axis=0))
        highs.append(spots.max(axis=0))
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    assert (low >= np.array(room[:2]) - 1e-6).all()
    assert (high <= np.array(room[2:]) + 1e-6).all()
    free = np.array(room[2:]) - np.array(room[:2]) - (high - low)
    assert free.min() < 1e-6, "one side of the room is used up"


# --- the relief


def test_a_relief_has_the_heights_of_the_contour():
    x, y = np.linspace(*VIEW[0], 41), np.linspace(*VIEW[1], 31)
    field = Field(x, y, 1 + np.square(np.meshgrid(x, y)[0]))
    for how in ("linear", "log"):
        heights = scale(field, 0.0, how)
        relief = carve(field, heights, VIEW)
        low, high = heights.levels[[0, -1]]
        points = np.stack(np.meshgrid(x, y), axis=-1)
        found = relief.lifted(points)[..., 2] / TALL * (high - low) + low
        assert found == pytest.approx(heights.values, abs=1e-5 * (high - low))


def test_a_fine_field_is_drawn_with_fewer_points():
    relief = relief_of(bumps, cells=600)
    assert max(relief.z.shape) <= 256
    spots = np.random.default_rng(2).uniform(-1.4, 1.4, (50, 2))
    exact = bumps(*spots.T)
    scaled = (exact - exact.min()) / np.ptp(exact)
    found = relief.lifted(spots)[:, 2]
    assert (found - found.min()) / np.ptp(found) == pytest.approx(scaled, abs=2e-3)


def test_interpolation_is_exact_on_the_grid_and_bilinear_between():
    values = np.array([[0.0, 1.0, 4.0], [2.0, 3.0, np.nan]])
    assert interpolate(values, np.array([0.0, 0.0, 0.5]), np.array([0.0, 1.0, 0.5])).tolist() == [0, 2, 1.5]
    assert np.isnan(interpolate(values, np.array([1.5]), np.array([0.5]))).all()


def test_normals_point_up_and_out_of_the_slope():
    found = normals(relief_of(lambda x, y: x + 0 * y))
    assert np.linalg.norm(found, axis=-1) == pytest.approx(1, abs=1e-5)
    assert (found[..., 0] < 0).all()
    assert (found[..., 2] > 0).all()
    assert found[..., 1] == pytest.approx(0, abs=1e-5)


# --- what is hidden


def marched(relief, camera, points):
    """The height in pixels by which the relief stands above each ray to the camera, by tiny steps."""
    tall = camera.rise[0]
    slope = np.tan(np.radians(camera.elevation))
    most = np.full(len(points), -np.inf)
    for gone in np.arange(0.004, 3.0, 0.004):
        spots = points[:, :2] + gone * np.array(camera.towards)
        above = (np.abs(spots) <= np.array(relief.half)).all(axis=1)
        ground = relief.at(spots[:, 0], spots[:, 1])
        over = np.where(above, ground - (points[:, 2] + gone * slope), -np.inf)
        most = np.fmax(most, over)
    return most * tall


@pytest.mark.parametrize("azimuth", [-60.0, 10.0, 135.0, 270.0])
@pytest.mark.parametrize("elevation", [20.0, 38.0])
def test_hidden_is_what_a_march_along_the_ray_meets(azimuth, elevation):
    relief = relief_of(bumps)
    camera = framed(Camera(azimuth, elevation), relief.half, (0, 0, 400, 300))
    horizon = survey(relief, camera, 400, density=2, places=420)
    spots = np.random.default_rng(3).uniform(-0.99, 0.99, (2000, 2)) * np.array([2.0, 1.5])
    points = relief.lifted(spots)
    over, found = marched(relief, camera, points), horizon.hides(points)
    assert 0.02 < found.mean() < 0.8, "some of both"
    assert found[over > 2 * TOLERANCE].all(), "what the relief clearly covers is hidden"
    assert not found[over < 0].any(), "what is free is seen"
    assert (found == (over > TOLERANCE)).mean() > 0.985


def test_behind_a_ridge_is_hidden_and_before_it_is_seen():
    relief = relief_of(ridge)
    horizon = survey(relief, FRONT, 400)
    across = np.linspace(-1.5, 1.5, 21)
    for y, hidden in ((-1.2, False), (-0.5, False), (0.6, True), (1.4, False)):
        points = relief.lifted(np.column_stack([across, np.full(21, y)]))
        assert (horizon.hides(points) == hidden).all(), y
    behind = survey(relief, Camera(90.0, 55.0, 100.0, (200.0, 100.0)), 400)
    assert behind.hides(relief.lifted(np.column_stack([across, np.full(21, -0.6)]))).all()


def test_nothing_hides_what_is_beside_or_before_the_relief_or_nowhere():
    horizon = survey(relief_of(ridge), FRONT, 400)
    points = np.array([[1.9, 0.0, 0.0], [0.0, -0.9, 0.0], [np.nan, 0.0, 0.0], [0.0, 0.9, 2.0]])
    assert not horizon.hides(points).any()


def test_a_line_before_and_beside_the_relief_is_seen_all_along():
    horizon = survey(relief_of(ridge), FRONT, 400)
    for line in ([(-0.9, -0.8), (0.9, -0.8)], [(1.2, -0.5), (1.4, 0.5)]):
        points = np.column_stack([np.linspace(*line, 30), np.full(30, 0.3)])
        seen, hidden = part_seen(points, np.arange(30) == 0, horizon)
        assert len(seen.vertices) == 30
        assert not len(hidden.vertices)


def test_a_line_is_cut_where_it_goes_behind_the_ridge():
    relief = relief_of(ridge)
    horizon = survey(relief, FRONT, 400, density=2, places=420)
    line = relief.lifted(np.column_stack([np.full(301, 0.5), np.linspace(-1.5, 1.5, 301)]))
    seen, hidden = part_seen(line, np.arange(301) == 0, horizon)
    assert (hidden.codes == hidden.MOVETO).sum() == 1, "one hidden part"
    assert (seen.codes == seen.MOVETO).sum() == 2, "seen before and behind it"
    top = seen.vertices[1:][seen.codes[1:] == seen.MOVETO]
    crest = FRONT.project(relief.lifted(np.array([[0.5, 0.0]])))[0]
    assert hidden.vertices[0, 1] == pytest.approx(crest[1], abs=6)
    assert top[0, 1] == pytest.approx(hidden.vertices[-1, 1])
    # Nothing is lost or drawn twice where the line is cut.
    whole = np.abs(np.diff(FRONT.project(line), axis=0)).sum()
    parts = 0.0
    for path in (seen, hidden):
        joined = path.codes[1:] == path.LINETO
        parts += np.abs(np.diff(path.vertices, axis=0))[joined].sum()
    assert parts == pytest.approx(whole, rel=1e-6)


def test_gaps_in_a_line_and_in_the_relief_stay_gaps():
    relief = relief_of(lambda x, y: np.where(np.abs(x) < 0.3, np.nan, 0.2 * y))
    horizon = survey(relief, FRONT, 400)
    line = relief.lifted(np.column_stack([np.linspace(-2, 2, 101), np.zeros(101)]))
    assert np.isnan(line[:, 2]).any()
    starts = np.isin(np.arange(101), (0, 20))
    seen, hidden = part_seen(line, starts, horizon)
    assert np.isfinite(seen.vertices).all()
    assert not len(hidden.vertices)
    joined = seen.codes[1:] == seen.LINETO
    ends = np.diff(seen.vertices[:, 0])[joined]
    assert max(ends) < 3, "no line across the gap"
    assert (seen.codes == seen.MOVETO).sum() == 3


# --- what is painted


def test_the_painting_shows_walls_and_no_relief_where_there_is_none():
    theme = THEMES["light"]
    relief = relief_of(lambda x, y: np.where(np.hypot(x, y) < 0.5, np.nan, 1 + 0.1 * x))
    camera = framed(Camera(-60.0, 75.0), relief.half, (0, 0, 300, 240))
    pixels = Painter(relief, theme).paint(survey(relief, camera, 300), (300, 240))
    assert pixels.shape == (240, 300, 4)
    assert (pixels[..., 3] == 255).all()
    page = tuple(int(theme.background[k : k + 2], 16) for k in (1, 3, 5))
    empty = (pixels[..., :3] == page).all(axis=-1)
    outside = np.array([1, 1, -1, -1])
    assert empty[outside, np.array([1, -1, 1, -1])].all(), "the corners of the page"
    back = camera.project(np.array([0.0, 0.2, 0.0])).round().astype(int)
    assert empty[back[1], back[0]], "the floor of the hole"
    ground = camera.project(relief.lifted(np.array([-1.2, 0.5]))).round().astype(int)
    assert not empty[ground[1], ground[0]]


def test_a_painting_has_no_cracks():
    relief = relief_of(bumps)
    camera = framed(Camera(-60.0, 30.0), relief.half, (0, 0, 320, 240))
    pixels = Painter(relief, THEMES["dark"]).paint(survey(relief, camera, 320), (320, 240))
    inside = (pixels[..., :3] != pixels[0, 0, :3]).any(axis=-1)
    for column in inside.T:
        rows = np.flatnonzero(column)
        if len(rows):
            assert len(rows) >= 0.99 * (rows[-1] - rows[0] + 1)


def test_a_transparent_page_stays_so():
    theme = THEMES["light"].__class__(**{**_fields(THEMES["light"]), "transparent": True})
    relief = relief_of(bumps)
    camera = framed(Camera(-60.0, 38.0), relief.half, (10, 10, 190, 140))
    pixels = Painter(relief, theme).paint(survey(relief, camera, 200), (200, 150))
    assert set(np.unique(pixels[..., 3])) == {0, 255}


def _fields(theme):
    return {name: getattr(theme, name) for name in theme.__dataclass_fields__}


# --- walks


def test_a_walk_follows_the_ground_and_ends_at_the_border():
    relief = relief_of(bumps)
    path = np.array([(0.0, 0.0), (1.0, 0.5), (1.2, -0.4), (9.0, -0.4), (1e200, np.inf), (np.nan, np.nan)])
    found = walk(path, relief)
    assert len(found.ends) == len(path)
    assert found.points[:, 2] == pytest.approx(relief.at(found.points[:, 0], found.points[:, 1]))
    assert found.starts.sum() == 1
    assert found.points[-1, 0] == pytest.approx(relief.half[0]), "the border"
    assert np.hypot(*np.diff(found.points[:, :2], axis=0).T).max() < 0.021
    assert np.isfinite(found.steps[:3]).all()
    assert np.isnan(found.steps[3:]).all()
    assert found.ends[-1] == len(found.points)


def test_a_walk_that_comes_back_begins_again():
    found = walk(np.array([(0.0, 0.0), (0.0, 3.0), (1.0, 3.0), (1.0, 0.0)]), relief_of(bumps))
    assert found.starts.sum() == 2
    lost = walk(np.array([(5.0, 5.0), (6.0, 6.0)]), relief_of(bumps))
    assert not len(lost.points)
    assert np.isnan(lost.last_seen()).all()


def test_dots_are_for_steps_apart():
    steps = np.array([(0, 0, 0), (1, 0, 0), (2, 0, 0), (2.01, 0, 0), (4, 0, 0), (np.nan, 0, 0)], dtype=float)
    assert apart(steps, 0.5).tolist() == [1]


# --- the picture


# An orbit is painted anew for every frame, which takes long: every other kind.
WAYS = [(kind, False) for kind in KINDS] + [(kind, True) for kind in KINDS[1::2]]


@pytest.mark.parametrize(("kind", "orbit"), WAYS)
def test_fast_frames_equal_whole_frames_however_runs_go(named, kind, orbit):
    stage = staged(named(kind), orbit=orbit, seconds=0.24 if orbit else 0.4, hold=0)
    last = stage.scene.frames - 1
    fast = {
        k: pixels[..., :3].copy() for k, pixels in enumerate(frames.stream(stage, frames.backdrop(stage)))
    }
    for k in {0, 1, last // 2, last} & set(fast):
        assert np.array_equal(fast[k], frames.whole(stage, k)), f"frame {k}"


@pytest.mark.parametrize("theme", THEMES)
def test_fast_frames_equal_whole_frames_in_every_theme(named, theme):
    stage = staged(named("diverging"), theme=theme, orbit=theme == "dark", seconds=0.3)
    for k, pixels in enumerate(frames.stream(stage, frames.backdrop(stage))):
        fast = pixels[..., :3].copy()
        if k == 4:
            break
    assert np.array_equal(fast, frames.whole(stage, 4))


def texts_outside(stage):
    """The texts and marks that the page cuts off."""
    width, height = stage.scene.size
    found = []
    for text in stage.figure.findobj(Text):
        if text.get_visible() and text.get_text():
            box = text.get_window_extent()
            if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height:
                found.append((text.get_text(), box.extents.round().tolist()))
    for pen in stage.figure.findobj(Lines):
        for stroke in pen.strokes:
            if len(stroke.path.vertices):
                spots = pen.get_transform().transform(stroke.path.vertices)
                if (spots < 0).any() or (spots > (width, height)).any():
                    found.append(stroke)
    for marks in stage.figure.findobj(Marks):
        spots = marks.get_transform().transform(marks.places)
        spots = spots[np.isfinite(spots).all(axis=1)]
        if (spots < 4).any() or (spots > np.array([width, height]) - 4).any():
            found.append(marks)
    return found


@pytest.mark.parametrize(
    ("size", "orbit"),
    [
        *(((480, 360), False), ((960, 600), False), ((1920, 1080), False), ((600, 800), False)),
        *(((480, 360), True), ((960, 600), True), ((600, 800), True)),
    ],
    ids=str,
)
def test_everything_is_on_the_page(named, size, orbit):
    stage = staged(named("one leaves"), size=size, orbit=orbit, seconds=0.3)
    for frame in range(0, stage.scene.frames, 2):
        stage.set_changing_visible(True)
        stage.show(frame)
        assert not texts_outside(stage)


def overlapping(stage):
    boxes = [
        (text.get_text(), text.get_window_extent())
        for text in stage.figure.findobj(Text)
        if text.get_visible() and text.get_text()
    ]
    return [(a, b) for k, (a, one) in enumerate(boxes) for b, two in boxes[:k] if one.overlaps(two)]


@pytest.mark.parametrize(
    ("target", "size"),
    [
        *(("beale", (480, 360)), ("beale", (960, 600)), ("beale", (1920, 1080))),
        *(("rosenbrock", (480, 360)), ("himmelblau", (480, 360))),
    ],
    ids=str,
)
def test_numbers_keep_clear_of_each_other(target, size):
    stage = staged(descent.record(target, "adam:lr=0.1", steps=5, resolution=(48, 48)), size=size)
    assert not overlapping(stage)


def test_networks_have_their_axes_and_their_loss_named(make_network):
    stage = staged(make_network(), size=(960, 640))
    texts = {text.get_text() for text in stage.figure.findobj(Text)}
    assert any(text.startswith("PC 1") for text in texts)
    assert any(text.startswith("loss on the plane") for text in texts)
    stage.show(stage.scene.frames - 1)
    assert frames.whole(stage, stage.scene.frames - 1).std() > 0
    turning = staged(make_network(), orbit=True, seconds=0.2)
    assert np.array_equal(frames.whole(turning, 2), frames.whole(turning, 2))


def test_a_log_scale_is_said(named):
    for orbit in (False, True):
        texts = [
            text.get_text()
            for text in staged(named("two runs"), heights="log", orbit=orbit).figure.findobj(Text)
        ]
        assert any("loss, log scale" in text for text in texts)


def test_the_side_is_chosen_from_which_the_descent_is_seen(make_recording, make_run):
    x, y = np.meshgrid(np.linspace(*VIEW[0], 41), np.linspace(*VIEW[1], 31))
    path = np.column_stack([np.linspace(-1.5, 1.5, 9), np.full(9, 0.55)])
    stages = {}
    for side in (1, -1):
        z = 4 * np.exp(-((y / 0.3) ** 2)) + 0.02 * x
        recording = make_recording(
            make_run(path * (1, side)), z=z, minima=(), start=(-1.5, 0.55 * side), latex=""
        )
        stages[side] = staged(recording, size=(640, 480))
    for stage in stages.values():
        (trail,) = (part.artist for part in stage.growing)
        stage.show(stage.scene.frames - 1)
        assert not any(len(s.path.vertices) for s in trail.strokes if s.dash == HIDDEN_DASH)


def ridge_recording(make_recording, make_run):
    """A run through a pit so deep that no side shows its end."""
    x, y = np.meshgrid(np.linspace(*VIEW[0], 161), np.linspace(*VIEW[1], 121))
    z = 4 - 4 * np.exp(-((x / 0.25) ** 4 + (y / 0.25) ** 4)) + 0.01 * x
    path = np.column_stack([np.linspace(-1.5, 0.0, 13), np.zeros(13)])
    recording = make_recording(make_run(path), z=None, minima=((0.0, 0.0),))
    field = Field(x[0], y[:, 0], z)
    return type(recording)(field, recording.trajectories, recording.recipe, recording.minima, recording.latex)


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_hidden_is_dimmed_in_the_pixels(make_recording, make_run, theme):
    recording = ridge_recording(make_recording, make_run)
    stage = staged(recording, size=(800, 600), theme=theme, heights="linear")
    last = stage.scene.frames - 1
    with_all = frames.whole(stage, last).astype(float)
    (trail,) = (part.artist for part in stage.growing)
    dimmed = [s for s in trail.strokes if s.dash == HIDDEN_DASH and len(s.path.vertices)]
    bright = [s for s in trail.strokes if s.dash != HIDDEN_DASH and len(s.path.vertices)]
    assert dimmed
    assert bright
    for thing in stage.moving:
        thing.artist.set_visible(False)

    def drawn(strokes):
        trail.strokes = strokes
        stage.canvas.draw()
        return np.asarray(stage.canvas.buffer_rgba())[..., :3].astype(float)

    nothing = drawn(())
    strengths = [np.abs(drawn(some) - nothing).max(axis=-1).max() for some in (dimmed, bright)]
    assert 15 < strengths[0] < 0.75 * strengths[1], "quieter, but there"
    assert np.abs(with_all - nothing).max() > 0


def test_a_head_behind_the_relief_is_hollow(make_recording, make_run):
    recording = ridge_recording(make_recording, make_run)
    stage = staged(recording, size=(640, 480), heights="linear")
    colour = stage.scene.styles[0].colour
    heads = [marks for marks in stage.figure.findobj(Marks) if marks.marks[0].run is not None]
    filled = next(marks for marks in heads if marks.marks[0].fill == colour)
    hollow = next(marks for marks in heads if {mark.fill for mark in marks.marks} == {None})
    assert hollow.marks[-1].edge == colour, "the ring has the run's own colour"
    stage.show(0)
    assert np.isfinite(filled.places).all()
    assert np.isnan(hollow.places).all()
    stage.show(stage.scene.frames - 1)
    assert np.isnan(filled.places).all()
    assert np.isfinite(hollow.places).all()


@pytest.mark.parametrize("orbit", [False, True], ids=["still", "orbit"])
def test_what_belongs_to_a_run_says_so(named, orbit):
    stage = staged(named("diverging"), orbit=orbit)
    stage.show(stage.scene.frames - 1)
    things = (*stage.growing, *stage.moving)
    strokes = [stroke for thing in things for stroke in getattr(thing.artist, "strokes", ())]
    dyes = {style.colour: run for run, style in enumerate(stage.scene.styles)}
    assert {stroke.run for stroke in strokes} - {None} == {0, 1, 2}
    assert all(stroke.run == dyes[stroke.colour] for stroke in strokes if stroke.colour in dyes)
    marks = [mark for artist in stage.figure.findobj(Marks) for mark in artist.marks]
    assert {mark.run for mark in marks if mark.shape == "X"} == {1, 2}
    assert {mark.run for mark in marks if mark.fill in dyes} == {0, 1, 2}
    assert {mark.run for mark in marks if mark.shape == "*"} == {None}


def test_crosses_stand_where_runs_left_on_the_ground(named):
    stage = staged(named("one leaves"), size=(640, 480))
    stage.show(stage.scene.frames - 1)
    crosses = [marks for marks in stage.figure.findobj(Marks) if marks.marks[0].shape == "X"]
    assert sum(int(np.isfinite(marks.places).all(axis=1).sum()) for marks in crosses) == 1
    stage.show(0)
    assert all(np.isnan(marks.places).all() for marks in crosses)


def test_holes_in_the_field_are_drawn_as_holes(make_recording, make_run):
    x, y = np.meshgrid(np.linspace(*VIEW[0], 41), np.linspace(*VIEW[1], 31))
    z = np.where((x > 0.2) & (y < 0.2), np.nan, x**2 + y**2)
    recording = make_recording(make_run("inside"), make_run("wavy", "sgd:lr=0.1"), z=z)
    for orbit in (False, True):
        stage = staged(recording, orbit=orbit, seconds=0.3)
        assert frames.whole(stage, stage.scene.frames - 1).std() > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", descent.surfaces.names())
def test_every_catalogued_surface_can_be_drawn(name):
    surface = descent.surfaces.get(name)
    field = descent.surfaces.sample(surface, resolution=(40, 32))
    if len(field.y) == 1:
        return  # a curve, which has a panel of its own
    known = surface.minima[0].value if surface.minima else None
    relief = carve(field, scale(field, known), surface.view)
    camera = framed(Camera(-60.0, 38.0), relief.half, (0, 0, 200, 150))
    pixels = Painter(relief, THEMES["light"]).paint(survey(relief, camera, 200), (200, 150))
    inside = (pixels[..., :3] != 255).any(axis=-1)
    assert 0.25 < inside.mean() < 0.95
    assert relief.z[np.isfinite(relief.z)].max() <= np.float32(TALL)
