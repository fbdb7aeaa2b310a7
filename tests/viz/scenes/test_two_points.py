"""Optimizers with two points: which one is drawn, that the picture says so, and what needs the other."""

from dataclasses import replace

import numpy as np
import pytest

import descent
from descent import DescentError
from descent.viz.canvas.frames import backdrop, stream, whole
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import check_wishes, compose
from descent.viz.words.describe import words
from descent.viz.words.legend_words import entries
from descent.viz.words.surface_notes import surface_notes


@pytest.fixture(scope="module")
def recording():
    """Two runs, of which the first takes its gradients a bit beside its points."""
    made = descent.record("beale", ["sgd:lr=0.01", "adam:lr=0.1"], steps=12, resolution=(32, 32))
    run = made.trajectories[0]
    trained = np.column_stack([run.points + np.array([0.1, -0.2]), run.losses + 1])
    return replace(made, trajectories=(replace(run, trained=trained), made.trajectories[1]))


WORDS = {
    "evaluated": (
        "evaluated point",
        "evaluated point: what users evaluate; gradients are taken at the training point",
    ),
    "training": ("training point", "training point: where gradients are taken; users evaluate another"),
    "both": (
        "evaluated point, training point thin",
        "evaluated point: what users evaluate; gradients are taken at the training point",
    ),
}


@pytest.mark.parametrize("point", WORDS)
def test_the_picture_says_which_point_it_draws(recording, point):
    scene = compose(recording, point=point, size="960x600")
    legend, print_ = WORDS[point]
    one, other = entries(scene)
    assert " ".join(one.details) == legend
    assert other.details == ()
    assert (0, print_) in surface_notes(scene, to_scale=True)
    said = words(scene, moving=True)
    assert f"SGD (lr 0.01, {legend})" in said.alt
    assert print_[1:] in said.alt
    assert print_[1:] in said.caption


def test_paths_losses_and_outcomes_are_those_of_the_point(recording):
    shown, training = compose(recording), compose(recording, point="training")
    run = recording.trajectories[0]
    np.testing.assert_array_equal(shown.runs[0].path, run.points)
    np.testing.assert_array_equal(training.runs[0].path, run.trained[:, :2])
    np.testing.assert_array_equal(training.recording.trajectories[0].losses, run.trained[:, 2])
    assert training.runs[0].result.final_loss == run.trained[-1, 2]
    for scene in (shown, training):
        np.testing.assert_array_equal(scene.runs[1].path, recording.trajectories[1].points)
    far = replace(run, trained=run.trained + np.array([100.0, 0, 0]))
    away = replace(recording, trajectories=(far, recording.trajectories[1]))
    assert str(compose(away).runs[0].trajectory.outcome) == "finished"
    assert str(compose(away, point="training").runs[0].trajectory.outcome) == "never in the view"


def test_both_draws_a_thin_line_and_every_frame_equals_the_whole(recording):
    one, both = (compose(recording, point=point, size="480x320", fps=5) for point in ("evaluated", "both"))
    stage = compile_scene(both)
    frames = [frame.copy() for frame in stream(stage, backdrop(stage))]
    for k in (1, len(frames) // 2, len(frames) - 1):
        np.testing.assert_array_equal(frames[k][..., :3], whole(stage, k))
    assert (frames[-1][..., :3] != whole(compile_scene(one), len(frames) - 1)).any()


def test_gradients_of_the_other_point_are_not_drawn_here(recording):
    alone = replace(
        recording,
        trajectories=recording.trajectories[:1],
        recipe=replace(recording.recipe, specs=recording.recipe.specs[:1], methods=()),
    )
    with pytest.raises(DescentError, match="drawn with point=training"):
        compose(alone, arrows="gradient")
    assert compose(alone, arrows="gradient", point="training").arrows == ("gradient",)
    assert compose(recording, arrows="gradient").arrows == ("gradient",)  # the other run has some


def test_what_cannot_be_drawn_is_said(recording):
    plain = replace(
        recording, trajectories=tuple(replace(run, trained=None) for run in recording.trajectories)
    )
    for point in ("training", "both"):
        with pytest.raises(DescentError, match="no run of this recording has two points"):
            compose(plain, point=point)
    with pytest.raises(DescentError, match=r"unknown point 'train'.*did you mean 'training'"):
        check_wishes(point="train")
    with pytest.raises(DescentError, match="both points are drawn on the contour"):
        compose(recording, point="both", panels="loss")


def test_the_table_and_json_say_it(recording):
    from descent.trajectories.reports.runs import as_json, as_table

    assert "SGD evaluated point" in as_table(recording)
    one, other = as_json(recording)["runs"]
    x, y, loss = recording.trajectories[0].trained[-1]
    assert (one["point"], one["final_training_point"], one["final_training_loss"]) == (
        "evaluated",
        [x, y],
        loss,
    )
    assert "point" not in other
