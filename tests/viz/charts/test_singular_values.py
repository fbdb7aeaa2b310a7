"""The panel of singular values, read back from its artists, and the words on pictures of problems."""

import numpy as np
import pytest

import descent
from descent.viz.canvas.pens import Lines
from descent.viz.canvas.readout import Readout
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose
from descent.viz.words.describe import words
from descent.viz.words.network_notes import network_notes

PAGES = [(480, 300), (960, 600), (1920, 1080), (720, 1280)]
THREE = ["sgd:lr=0.5", "adam:lr=0.05", "muon:lr=0.03,weight_decay=0"]


@pytest.fixture(scope="module")
def memory():
    return descent.record("memory:pairs=6,dim=6", THREE, steps=12, resolution=(9, 9))


@pytest.fixture(scope="module")
def thin():
    return descent.record("factorization:rows=5,cols=4", THREE[::2], steps=12, resolution=(9, 9))


def staged(recording, **wishes):
    stage = compile_scene(compose(recording, **wishes))
    stage.set_changing_visible(True)
    stage.show(stage.scene.frames - 1)
    return stage


def headed(stage, start):
    """The axes whose heading begins so."""
    return next(
        axes
        for axes in stage.figure.axes
        for text in axes.texts
        if axes.axison and text.get_text().startswith(start)
    )


def drawn(axes, colour):
    """The lines of a colour, each as the values at all steps: apart by dash and width."""
    strokes = [stroke for pen in axes.findobj(Lines) for stroke in pen.strokes if stroke.colour == colour]
    found = {}
    for stroke in strokes:
        found.setdefault((stroke.dash, stroke.width), []).append(stroke.path.vertices)
    lines = []
    for parts in found.values():
        points = np.concatenate(parts)
        steps, first = np.unique(points[:, 0].round().astype(int), return_index=True)
        lines.append((steps, points[first, 1]))
    return lines


@pytest.mark.parametrize(("which", "columns"), [("memory", (0, 3)), ("thin", (0, 1))])
def test_of_several_runs_the_largest_and_the_median_are_drawn(which, columns, request):
    recording = request.getfixturevalue(which)
    stage = staged(recording, panels="singular_values", size=(960, 600))
    name = recording.training.matrix
    upper = headed(stage, f"singular values of the step of {name}, log scale")
    lower = headed(stage, f"singular values of {name}")
    assert ("median" if which == "memory" else "smallest") in [text.get_text() for text in upper.texts]
    for run, style in zip(recording.training.runs, stage.scene.styles, strict=True):
        wanted = [np.log10(run.step_values[:-1, column]) for column in columns]
        assert lines_are(drawn(upper, style.colour), wanted)
        assert lines_are(drawn(lower, style.colour), [run.weight_values[:, column] for column in columns])


def lines_are(found, wanted):
    """Whether lines go through the wanted values, in any order, wherever they have a point."""
    assert len(found) == len(wanted)
    left = list(wanted)
    for steps, values in found:
        fits = [k for k, each in enumerate(left) if np.allclose(each[steps], values, atol=1e-6)]
        if not fits or len(steps) < 5:
            return False
        del left[fits[0]]
    return True


def test_of_a_lone_run_up_to_eight_values_are_drawn():
    recording = descent.record("memory:pairs=10,dim=10", THREE[0], steps=6, resolution=(5, 5))
    stage = staged(recording, panels="singular_values", size=(960, 600))
    axes = headed(stage, "8 of 10 singular values of the step of weight")
    colours = {stroke.colour for pen in axes.findobj(Lines) for stroke in pen.strokes}
    assert len(colours) >= 8
    recording = descent.record("factorization", THREE[0], steps=6, resolution=(5, 5))
    stage = staged(recording, panels="singular_values", size=(960, 600))
    assert headed(stage, "singular values of the step of left")


def test_a_run_that_diverges_leaves_the_others_their_room():
    specs = ["sgd:lr=0.2", "sgd:lr=30"]
    recording = descent.record("factorization", specs, steps=30, resolution=(5, 5))
    stage = staged(recording, panels="singular_values", size=(960, 600))
    low, high = headed(stage, "singular values of the step").get_ylim()
    assert high < 6
    calm = np.log10(recording.training.runs[0].step_values[:-1, 0])
    assert low < calm.min()
    assert calm.max() < high


@pytest.mark.parametrize("size", PAGES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("which", ["memory", "thin"])
def test_every_page_keeps_its_words_within_and_apart(which, size, request):
    stage = staged(request.getfixturevalue(which), size=size)
    places = []
    for axes in stage.figure.axes:
        for text in axes.texts:
            if text.get_text().strip() and not isinstance(text, Readout) and text.get_visible():
                place = text.get_window_extent()
                assert place.x0 >= -1, text.get_text()
                assert place.x1 <= size[0] + 1, text.get_text()
                places.append((place, text.get_text()))
    assert places


@pytest.mark.parametrize("theme", ["dark", "print"])
def test_fast_frames_equal_whole_frames(memory, theme):
    animation = descent.animate(memory, theme=theme, size=(480, 360), seconds=0.2)
    for k, pixels in enumerate(animation.frames()):
        assert np.array_equal(pixels, animation.frame(k)), k


def test_the_usual_panels_are_those_of_a_problem(memory):
    assert compose(memory).panels == ("contour", "loss", "singular_values")
    space = descent.record("rosenbrock:dim=4", THREE[:1], steps=6, resolution=(5, 5))
    assert compose(space).panels == ("contour", "loss")


def test_what_the_plane_hides_and_the_minimum_are_said(memory, thin):
    said = [words for _, words in network_notes(compose(thin), to_scale=True)]
    assert any(each.startswith("the plane hides") for each in said)
    assert "lowest loss 0.0868" in said
    assert "18 parameters" in said
    for each in ("sample", "batch", "epoch", "training"):
        assert not any(each in note for note in said), said
    said = [words for _, words in network_notes(compose(memory), to_scale=True)]
    assert "infimum of the loss 0" in said
    assert any(each.startswith("Muon: right answers have probabilities from") for each in said)


def test_alt_text_ranks_runs_by_how_low_they_ended():
    specs = [f"sgd:lr={rate}" for rate in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4)]
    recording = descent.record("factorization", specs, steps=40, resolution=(5, 5))
    said = words(compose(recording), moving=True)
    assert said.title == "Matrix factorization, 8 x 8, rank 2"
    assert "The best three of 7 runs: SGD (lr 0.4) ends with loss" in said.alt
    assert "above the minimum" in said.alt
    assert "network" not in said.alt
    assert "SGD (lr 0.4) ends best, with loss" in said.caption
    one = words(
        compose(descent.record("procrustes", "sgd:lr=0.2", steps=200, resolution=(5, 5))), moving=False
    )
    assert "ends with loss 0.0241, at the minimum." in one.alt


def test_the_loss_is_measured_from_the_minimum_and_the_counter_counts_steps(thin):
    stage = staged(descent.record("procrustes", "sgd:lr=0.1", steps=60, resolution=(5, 5)), size=(1280, 800))
    assert headed(stage, "loss − min")
    counters = [text.get_text() for axes in stage.figure.axes for text in axes.findobj(Readout)]
    assert "step 60" in counters
    assert not any("epoch" in text for text in counters)
    assert headed(staged(thin, size=(1280, 800)), "loss")
