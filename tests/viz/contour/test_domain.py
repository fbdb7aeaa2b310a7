"""The border of the domain on a contour, and the words for it, for stars on it and for runs that pass it."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text

from descent.surfaces.surface import Minimum, passes
from descent.viz.canvas.pens import Lines
from descent.viz.canvas.stage import compile_scene
from descent.viz.pages.captions import captions
from descent.viz.scenes.scene import compose
from descent.viz.words.describe import words
from descent.viz.words.legend_words import entries

DOMAIN = ((-1.8, 1.0), (-1.2, 1.2))  # the view is -2 to 2 by -1.5 to 1.5
INSIDE, OUTSIDE = np.array((-1.0, 0.5)), np.array((1.5, 0.5))


def path(*places, repeat=4):
    """Return a path that stays at each place for some steps, moving a little."""
    spots = np.repeat(np.array(places, dtype=float), repeat, axis=0)
    return spots + 0.01 * np.arange(len(spots))[:, None]


@pytest.fixture
def constrained(make_recording):
    """Make a recording whose minimum lies on the right side of its domain."""

    def make(*runs, domain=DOMAIN, minima=((1.0, 0.25),), **facts):
        recording = make_recording(*runs, **facts)
        known = tuple(Minimum(point, 0.0, domain_only=True) for point in minima)
        return replace(recording, minima=known, domain=domain)

    return make


def borders(stage):
    """Return the corners of each dashed line in the theme's muted colour."""
    colour = stage.scene.theme.muted
    strokes = [stroke for artist in stage.figure.findobj(Lines) for stroke in artist.strokes]
    return [np.asarray(stroke.path.vertices) for stroke in strokes if stroke.dash and stroke.colour == colour]


def all_words(stage):
    return [text.get_text() for text in stage.figure.findobj(Text)]


@pytest.mark.parametrize(
    ("box", "seen"),
    [
        (DOMAIN, True),
        (((-9, 1), (-9, 9)), True),  # one side of it
        (((-9, 1), (-9, 1)), True),  # a corner
        (((-9, 9), (-9, 9)), False),
        (((-2, 2), (-1.5, 1.5)), False),  # on the edges of the view
        (((-2, 2), (-1.5, 1.4)), True),
        (((2, 9), (-1, 1)), False),
        (((5, 9), (-9, 1)), False),
    ],
)
def test_a_border_is_seen_where_it_passes_the_view(constrained, make_run, box, seen):
    view = ((-2, 2), (-1.5, 1.5))
    steps = np.linspace(0, 1, 4001)
    (x0, x1), (y0, y1) = box
    round_it = [(x0 + (x1 - x0) * steps, y) for y in (y0, y1)] + [
        (x, y0 + (y1 - y0) * steps) for x in (x0, x1)
    ]
    counted = sum(int(((x > -2) & (x < 2) & (y > -1.5) & (y < 1.5)).sum()) for x, y in round_it)
    assert passes(box, view) == (counted > 0) == seen
    stage = compile_scene(compose(constrained(make_run("inside"), domain=box)))
    assert len(borders(stage)) == seen
    assert any("dashed: domain" in text for text in all_words(stage)) == seen


def test_it_is_drawn_through_the_corners_of_the_domain(constrained, make_run):
    (corners,) = borders(compile_scene(compose(constrained(make_run("inside")))))
    assert {tuple(corner) for corner in corners.tolist()} == {(x, y) for x in DOMAIN[0] for y in DOMAIN[1]}
    assert (corners[0] == corners[-1]).all()


@pytest.mark.parametrize(
    ("wishes", "count"),
    [({"grid": "run"}, 2), ({"strip": 3}, 3), ({"panels": "contour"}, 1), ({"panels": "surface3d"}, 0)],
    ids=str,
)
def test_every_contour_has_it_and_the_fine_print_says_so(constrained, make_run, wishes, count):
    recording = constrained(make_run("inside"), make_run("wavy", "sgd:lr=0.1"))
    stage = compile_scene(compose(recording, **wishes))
    assert len(borders(stage)) == count
    assert any("dashed: domain" in text for text in all_words(stage)) == bool(count)


def test_other_surfaces_have_none(make_recording, make_run):
    recording = replace(make_recording(make_run("inside")), domain=DOMAIN)
    stage = compile_scene(compose(recording))
    assert not borders(stage)
    assert not any("domain" in text for text in all_words(stage))


def test_stars_of_both_kinds_have_their_words(constrained, make_run):
    recording = constrained(make_run("inside"))
    both = replace(recording, minima=(*recording.minima, Minimum((0.0, 0.0), 0.0)))
    far = replace(both, minima=(*recording.minima, Minimum((9.0, 0.0), 0.0)))
    plain = replace(both, minima=both.minima[1:])
    for each, star, other in (
        (recording, True, False),
        (both, True, True),
        (far, True, False),
        (plain, False, True),
    ):
        said = " ".join(all_words(compile_scene(compose(each))))
        assert ("☆ minimum on the domain" in said) == star
        assert ("☆ known minimum" in said) == other


def test_a_bare_surface_says_that_its_minimum_is_on_the_border(constrained):
    said = words(compose(constrained()), moving=False).alt
    assert "The minimum on the domain is at (1, 0.25), on its border." in said


def test_the_legend_says_when_a_run_left_the_domain(constrained, make_run):
    out = make_run(path(INSIDE, OUTSIDE))
    back = make_run(path(INSIDE, OUTSIDE, INSIDE), "sgd:lr=0.1")
    gone = make_run(path(INSIDE, OUTSIDE, (5.0, 0.5)), "sgd:lr=0.2")
    at_once = make_run(path(INSIDE, (5.0, 0.5)), "sgd:lr=0.3")
    scene = compose(constrained(out, back, gone, at_once))
    events = [(entry.event.step, entry.event.text) for entry in entries(scene)]
    assert events[0] == (4, "left the domain at step 4")
    assert "domain" not in events[1][1]
    assert events[2] == (4, "left the domain at step 4, view at 8")
    assert events[3] == (4, "left the domain at step 4, view at 4")
    said = words(scene, moving=False).alt
    assert "Adam (lr 0.1) leaves the domain at step 4 and ends with loss" in said
    assert "SGD (lr 0.2) leaves the domain at step 4 and the view at step 8." in said


def test_a_run_that_leaves_a_view_inside_the_domain_first_is_said_to_have_left_the_view(
    constrained, make_run
):
    box = ((-9.0, 9.0), (-9.0, 9.0))
    run = make_run(path(INSIDE, (5.0, 0.5), (20.0, 0.5)))
    scene = compose(constrained(run, domain=box))
    assert [entry.event.text for entry in entries(scene)] == ["left the view at step 4"]
    assert scene.runs[0].result.ending.left == 8


def test_small_panels_say_it_beside_the_loss(constrained, make_run):
    scene = compose(constrained(make_run(path(INSIDE, OUTSIDE))), grid="run")
    (caption,) = captions(scene)
    assert caption.wordings[0][0].text == "left the domain at step 4"
    assert caption.wordings[0][1].text.startswith("loss ")
    assert caption.wordings[-1][0].text == "left the domain at 4"
