"""The relief is never mirrored against the contour, no head is lost behind it, an orbit goes to and fro."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text

import descent
from descent.surfaces.field import Field
from descent.viz.canvas import frames
from descent.viz.relief import panel
from descent.viz.relief.sides import ARC, swing
from descent.viz.scenes.timing import plan

from .test_panel import overlapping, staged

MOST = 60.0  # degrees between the page's horizontal and x
LAYOUTS = {
    "across": lambda t: (0.1 + 0.8 * t, 0.1 + 0.8 * t),
    "into the corner of small x and y": lambda t: (0.5 - 0.45 * t, 0.5 - 0.4 * t),
    "along the edge far in y": lambda t: (0.9 - 0.7 * t, 0.95 + 0.02 * np.sin(9 * t)),
    "a circle": lambda t: (0.5 + 0.3 * np.cos(6 * t), 0.5 + 0.3 * np.sin(6 * t)),
}


@pytest.fixture
def stood(monkeypatch):
    """Draw the panel; return its stage, and the stand, which knows the camera of each frame."""
    kept = []

    class Spy(panel.Stand):
        def __init__(self, *values):
            super().__init__(*values)
            kept.append(self)

    monkeypatch.setattr(panel, "Stand", Spy)

    def draw(recording, **wishes):
        return staged(recording, **wishes), kept[-1]

    return draw


def laid(name, layout, make_run, make_recording):
    """A path of a given shape on a catalogued surface."""
    surface = descent.surfaces.get(name)
    field = descent.surfaces.sample(surface, resolution=(48, 40))
    low, high = np.array(surface.view).T
    path = low + (high - low) * np.column_stack(LAYOUTS[layout](np.linspace(0, 1, 12)))
    made = make_recording(make_run(path, view=surface.view), view=surface.view, minima=())
    return replace(made, field=field, minima=surface.minima)


def directions(camera):
    """How x and y run on the page, each (2,), y on the page upwards."""
    origin, x, y = camera.project(np.array([(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)]))
    return x - origin, y - origin


def check_not_mirrored(camera):
    x, y = directions(camera)
    assert abs(np.degrees(np.arctan2(x[1], x[0]))) <= MOST, "x points to the right"
    assert y[1] > 0, "y points away from the reader, which is up the page"
    assert y[1] >= abs(x[1]) - 1e-9, "y runs more into the page than x"
    assert x[0] * y[1] - x[1] * y[0] > 0, "from x to y it goes round as on the contour"


SURFACES = [name for name in descent.surfaces.names() if name not in ("parabola", "double_well", "abs1d")]
FEW = ("himmelblau", "beale", "bird", "eggholder")


def check_surface(name, stood, make_run, make_recording):
    for layout in LAYOUTS:
        recording = laid(name, layout, make_run, make_recording)
        _, stand = stood(recording)
        check_not_mirrored(stand.horizon(0).camera)
    _, turning = stood(recording, orbit=True, seconds=0.4)
    for frame in range(turning.scene.frames):
        check_not_mirrored(turning.horizon(frame).camera)
    assert turning.horizon(turning.scene.frames - 1).camera.azimuth == stand.horizon(0).camera.azimuth


@pytest.mark.parametrize("name", FEW)
def test_x_points_right_and_y_away_as_on_the_contour(name, stood, make_run, make_recording):
    check_surface(name, stood, make_run, make_recording)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(SURFACES) - set(FEW)))
def test_x_points_right_and_y_away_on_every_other_surface(name, stood, make_run, make_recording):
    check_surface(name, stood, make_run, make_recording)


def test_x_points_right_and_y_away_for_networks(stood, make_network):
    for kind in ("moons", "blobs"):
        _, stand = stood(make_network(kind), orbit=True, seconds=0.4)
        for frame in range(stand.scene.frames):
            check_not_mirrored(stand.horizon(frame).camera)


# --- the orbit


@pytest.mark.parametrize("rest", [-60.0, -45.0, -120.0])
@pytest.mark.parametrize(
    "timing",
    [plan(200, pace="early", seconds=3), plan(40), plan(9, hold=0)],
    ids=["early", "even", "few frames"],
)
def test_an_orbit_goes_to_the_far_end_of_the_arc_and_back_and_rests_there(rest, timing):
    angles = np.array(swing(rest, timing))
    assert len(angles) == len(timing.steps)
    assert angles[0] == angles[-1] == rest
    assert ((angles >= ARC[0]) & (angles <= ARC[1])).all()
    far = np.abs(angles - rest)
    assert far.max() > 0.85 * max(abs(end - rest) for end in ARC), "most of the arc, in however few frames"
    turned = int(far.argmax())
    assert (np.diff(far[: turned + 1]) >= 0).all()
    assert (np.diff(far[turned:]) <= 0).all()
    assert max(far[1], far[-2]) < 0.35 * far.max(), "it begins and ends slowly"


def test_an_orbit_of_few_frames_rests():
    assert swing(-60.0, plan(1)) == [-60, -60]
    assert swing(-60.0, plan(0)) == [-60]


# --- heads


def pit(make_run, make_recording, *paths):
    """Runs into a pit so deep that no side shows its floor."""
    x, y = np.linspace(-2, 2, 161), np.linspace(-1.5, 1.5, 121)
    across, up = np.meshgrid(x, y)
    z = 4 - 4 * np.exp(-((across / 0.25) ** 4 + (up / 0.25) ** 4)) + 0.01 * across
    specs = ("sgd:lr=0.1", "adam:lr=0.1", "rmsprop:lr=0.1")
    made = make_recording(
        *(make_run(path, spec) for path, spec in zip(paths, specs, strict=False)), minima=()
    )
    return replace(made, field=Field(x, y, z))


def pixels_of_heads(stage, stand, frame):
    """How many pixels at each head have the run's own colour, and which heads are behind the relief."""
    picture = frames.whole(stage, frame).astype(int)
    row, horizon = int(stand.scene.timing.rows[frame]), stand.horizon(frame)
    spots = np.array([walk.at(row) for walk in stand.walks])
    found = []
    for spot, style in zip(horizon.camera.project(spots), stand.styles, strict=True):
        x, y = stand.axes.transData.transform(spot)
        left, top, half = round(x), picture.shape[0] - round(y), round(stand.ruler.px(8))
        around = picture[top - half : top + half, left - half : left + half]
        colour = np.array(bytearray.fromhex(style.colour[1:]))
        found.append(int((np.abs(around - colour).max(axis=-1) <= 8).sum()))
    return found, horizon.hides(spots)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("orbit", [False, True], ids=["still", "orbit"])
def test_a_head_behind_a_hill_is_in_the_picture_in_full_colour(orbit, theme, stood, make_run, make_recording):
    ways = [np.linspace(start, end, 13) for start, end in (((-1.5, 0.9), (0, 0)), ((1.5, -1), (0.04, 0)))]
    recording = pit(make_run, make_recording, *ways)
    stage, stand = stood(recording, size=(800, 600), theme=theme, heights="linear", orbit=orbit)
    last = stage.scene.frames - 1
    for frame in (1, last // 2, last):
        found, hidden = pixels_of_heads(stage, stand, frame)
        assert min(found) >= 12, (frame, found)
    assert hidden.all(), "or nothing is tested"


def test_rings_of_heads_in_one_place_are_all_seen(stood, make_run, make_recording):
    ways = [np.linspace(start, (0, 0), 13) for start in ((-1.5, 0.9), (1.5, -1), (1.5, 1))]
    stage, stand = stood(pit(make_run, make_recording, *ways), size=(1280, 960), heights="linear")
    found, hidden = pixels_of_heads(stage, stand, stage.scene.frames - 1)
    assert hidden.all()
    assert min(found) >= 6, found


def test_a_head_over_ground_without_height_is_in_the_picture(stood, make_run, make_recording):
    recording = pit(make_run, make_recording, np.linspace((-1.5, 0.9), (1.0, 0.0), 13))
    x, y = np.meshgrid(recording.field.x, recording.field.y)
    z = np.where((x > 0.5) & (np.abs(y) < 0.8), np.nan, x)
    stage, stand = stood(replace(recording, field=replace(recording.field, z=z)), size=(800, 600))
    last = stage.scene.frames - 1
    picture = frames.whole(stage, last).astype(int)
    colour = np.array(bytearray.fromhex(stand.styles[0].colour[1:]))
    spot = stand.horizon(last).camera.project(np.array([*stand.walks[0].at(99)[:2], 0.0]))
    x, y = stand.axes.transData.transform(spot).round().astype(int)
    around = picture[picture.shape[0] - y - 6 : picture.shape[0] - y + 6, x - 6 : x + 6]
    assert (np.abs(around - colour).max(axis=-1) <= 8).sum() >= 12


def test_the_last_frame_of_an_orbit_shows_the_end_of_every_run(stood, make_run, make_recording):
    surface = descent.surfaces.get("himmelblau")
    ends = [minimum.point for minimum in surface.minima][:3]
    runs = [
        make_run(np.linspace((-0.27, -0.95), end, 25), spec, view=surface.view)
        for end, spec in zip(ends, ("sgd:lr=0.1", "adam:lr=0.1", "rmsprop:lr=0.1"), strict=True)
    ]
    made = make_recording(*runs, view=surface.view, minima=())
    recording = replace(made, field=descent.surfaces.sample(surface, resolution=(160, 160)))
    stage, stand = stood(recording, size=(960, 600), orbit=True, seconds=1)
    found, _ = pixels_of_heads(stage, stand, stage.scene.frames - 1)
    assert min(found) >= 12, found
    assert stand.horizon(stage.scene.frames - 1).camera == stand.horizon(0).camera, "a loop has no jump"


# --- numbers of an orbit


@pytest.mark.parametrize("size", [(480, 360), (960, 600), (1920, 1080)], ids=str)
def test_an_orbit_has_numbers_that_go_with_it_and_keep_clear_of_each_other(size, stood):
    recording = descent.record("himmelblau", "adam:lr=0.1", steps=40, resolution=(48, 48))
    stage, stand = stood(recording, size=size, orbit=True, zoom=False)
    for frame in range(stage.scene.frames):
        stage.show(frame)
        assert not overlapping(stage), frame
        texts = {
            text.get_text(): text
            for text in stage.figure.findobj(Text)
            if text.get_visible() and text.get_text()
        }
        camera = stand.horizon(frame).camera
        assert {"x", "y", "loss, log scale", "1", "100"} <= set(texts), frame
        numbers = [text for words, text in texts.items() if words.replace("−", "").replace(".", "").isdigit()]
        assert len(numbers) >= 3
        # The number at an edge is at the place on the edge that it is the number of.
        half, low, high = stand.relief.half[0], *stand.relief.view[0]
        sought = "−2.5" if size != (480, 360) else "0"
        value = float(sought.replace("−", "-"))
        edge = np.array([((value - low) / (high - low) * 2 - 1) * half, -stand.relief.half[1], 0.0])
        foot = camera.project(edge)
        near = [
            text
            for text in stage.figure.findobj(Text)
            if text.get_text() == sought
            and text.get_visible()
            and np.hypot(*(np.array(text.get_position()) - foot)) < stand.ruler.px(26)
        ]
        assert len(near) == 1, (frame, sought)
