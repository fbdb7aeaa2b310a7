"""Heads of runs that meet are all seen, and none hides a minimum or the ring of the start."""

import itertools

import numpy as np
import pytest

from descent.viz.canvas.heads import meet
from descent.viz.canvas.pens import Mark, Marks
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose

MARKS = [
    Mark(shape, 10.0, colour, "#ffffff", 1.2, run)
    for run, (shape, colour) in enumerate([("o", "#1164b4"), ("s", "#8e2a00"), ("^", "#00583c")])
]
FAR = np.array([(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)])


def test_heads_that_are_apart_are_as_they_are():
    assert meet(MARKS, FAR) == MARKS


def test_the_head_below_is_the_larger_for_each_that_lies_on_it():
    sizes = [mark.size for mark in meet(MARKS, np.zeros((3, 2)))]
    assert sizes[0] > sizes[1] > sizes[2] == 10
    assert all(one - other >= 4 for one, other in itertools.pairwise(sizes)), "so much shows"


def test_of_many_heads_the_lowest_do_not_cover_the_picture():
    sizes = [mark.size for mark in meet(MARKS * 6, np.zeros((18, 2)))]
    assert max(sizes) <= 2.5 * 10


def test_on_a_star_a_head_is_a_ring_of_its_colour_and_the_star_shows():
    one, other, third = meet(MARKS, FAR, np.array([(101.0, 2.0)]))
    assert (one, third) == (MARKS[0], MARKS[2])
    assert (other.fill, other.edge, other.shape) == (None, "#8e2a00", "s")
    assert other.size > 13, "the star is 11 pixels, and inside"


def test_in_the_ring_of_the_start_heads_stay_as_they_are():
    assert meet(MARKS, np.zeros((3, 2)), None, np.zeros(2)) == MARKS


def test_a_head_that_is_nowhere_meets_nothing():
    places = np.array([(np.nan, np.nan), (np.nan, np.nan), (0.0, 0.0)])
    assert meet(MARKS, places, np.zeros((1, 2)))[:2] == MARKS[:2]


@pytest.mark.parametrize("panels", ["contour", "surface3d", "loss"])
def test_runs_of_one_path_are_both_seen(make_recording, make_run, panels):
    runs = make_run("inside", "adam:lr=0.1"), make_run("inside", "rmsprop:lr=0.1")
    stage = compile_scene(compose(make_recording(*runs), panels=panels, size=(640, 400)))
    stage.show(12)
    found = [pen for pen in stage.figure.findobj(Marks) if [mark.run for mark in pen.marks] == [0, 1]]
    assert any(pen.marks[0].size > 1.3 * pen.marks[1].size for pen in found)
