"""The picture of a difference: both paths, the marks of the first step, the curves and the words."""

import numpy as np
import pytest
from matplotlib.text import Text

import descent
from descent.trajectories.regression.difference import compare
from descent.trajectories.regression.tolerances import tolerance
from descent.viz.animation import picture
from descent.viz.pages.difference_panel import FAINT, pair
from descent.viz.style.themes import THEMES


def recordings(other="adam:lr=0.1,eps=0.5", **options):
    options = {"steps": 40, "resolution": (32, 32)} | options
    return [descent.record("beale", spec, **options) for spec in ("adam:lr=0.1", other)]


def drawn(one, other, **look):
    return picture(one, other, compare(one, other, tolerance()), **look)


def texts(still):
    return [
        text.get_text() for axes in still._stage.figure.axes for text in axes.texts if text.get_visible()
    ] + [
        artist.get_text()
        for axes in still._stage.figure.axes
        for artist in axes.artists
        if isinstance(artist, Text)
    ]


def paths(still):
    """The two paths on the landscape: the expected one and the found one."""
    contour = still._stage.figure.axes[1]
    found = [[line for line in contour.lines if line.get_color() == each] for each in pair(THEMES["light"])]
    assert [len(each) for each in found] == [1, 1]
    assert all(line.get_visible() and line.get_linewidth() > 0 for (line,) in found)
    return [line.get_xydata() for (line,) in found]


def test_both_paths_are_drawn_as_they_are():
    one, other = recordings()
    for recording, path in zip((one, other), paths(drawn(one, other)), strict=True):
        assert np.array_equal(path, recording.trajectories[0].points)


def test_the_first_differing_step_is_marked_in_both_panels():
    one, other = recordings("adam:lr=0.1@step:step_size=12")
    still = drawn(one, other)
    contour, shares = still._stage.figure.axes[1], still._stage.figure.axes[3]
    spots = [line.get_xydata()[0].tolist() for line in contour.lines if len(line.get_xdata()) == 1]
    assert spots == [one.trajectories[0].points[13].tolist(), other.trajectories[0].points[13].tolist()]
    assert [13, 13] in [list(line.get_xdata()) for line in shares.lines]


def test_the_words_say_what_differs():
    words = " ".join(texts(drawn(*recordings())))
    assert "differs from step 1 on, first in the update" in words
    assert "All before is the same to the last bit" in words
    assert "tolerance same-dtype" in words


@pytest.mark.parametrize("size", ["320x240", "960x600", "720x1280"])
def test_words_keep_to_the_page(size):
    still = drawn(*recordings(), size=size)
    width = still.scene.size[0]
    figure = still._stage.figure
    for axes in figure.axes:
        for artist in axes.get_children():
            if isinstance(artist, Text) and artist.get_text() and artist.get_visible():
                assert artist.get_window_extent().x1 <= width * 1.01, artist.get_text()


def test_without_a_difference_nothing_is_marked():
    one, _ = recordings()
    still = drawn(one, one)
    assert "no difference beyond what is allowed" in texts(still)


@pytest.mark.parametrize(
    ("path", "rows"), [("to nan", 8), ("nan between", 8), ("to infinity", 8), ("far", 10), ("inside", 25)]
)
def test_a_run_that_is_lost_is_drawn_as_far_as_it_goes(make_recording, make_run, path, rows):
    usual, lost = (make_recording(make_run(each)) for each in ("wavy", path))
    for one, other in ((usual, lost), (lost, usual)):
        for recording, drawn_path in zip((one, other), paths(drawn(one, other)), strict=True):
            points = recording.trajectories[0].points
            assert np.array_equal(drawn_path, points[:rows] if recording is lost else points)


def test_a_trajectory_alone_has_no_landscape():
    from descent.trajectories.regression.golden import as_recording

    def shown(still):
        page, contour, *bar, shares = still._stage.figure.axes
        assert (page.get_xlabel(), shares.get_xlabel()) == ("", "step")
        return len(contour.collections), len(bar)

    recorded = recordings()
    bare = drawn(*(as_recording(recording.trajectories[0]) for recording in recorded))
    assert shown(bare) == (0, 0)
    assert shown(drawn(*recorded)) == (2, 1)  # bands and their lines, and the bar
    for recording, path in zip(recorded, paths(bare), strict=True):
        assert np.array_equal(path, recording.trajectories[0].points)


@pytest.mark.parametrize("theme", THEMES)
def test_colours_are_told_apart_by_lightness_too(theme):
    def light(colour):
        red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    expected, found = pair(THEMES[theme])
    page = light(THEMES[theme].background)
    half = page - FAINT * (page - light(expected))
    assert abs(half - light(found)) > 60


def test_the_same_difference_gives_the_same_bytes(tmp_path):
    one, other = recordings()
    first, second = (drawn(one, other).save(tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first == second


def test_runs_of_a_network_are_drawn_on_the_plane_and_compared_by_what_planes_do_not_change():
    one, other = (
        descent.record("mlp:hidden=4", spec, data="moons", epochs=2, resolution=(8, 8))
        for spec in ("sgd:lr=0.1", "sgd:lr=0.1,momentum=0.5")
    )
    still = drawn(one, other)
    assert still.scene.trained is not None
    assert "differs from step 2 on, first in the update" in " ".join(texts(still))
    for recording, path in zip((one, other), paths(still), strict=True):
        assert len(path) == 21
        assert np.array_equal(path, recording.trajectories[0].points)
