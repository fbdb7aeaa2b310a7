"""Situations: each shows what its sentence says, and is only there where a run shows it."""

import re

import numpy as np
import pytest

import descent
from descent.viz.explore.packing import floor_of
from descent.viz.explore.presets import presets


def made(target, specs=("sgd", "adam"), rates="1e-3:1:7", **more):
    found = descent.explore(target, list(specs), rates, **{"starts": 12, "steps": 100, **more})
    return found, {each.name: each for each in presets(found, floor_of(found))}


@pytest.fixture(name="ravine", scope="module")
def _ravine():
    return made("quadratic:condition=100", rates="0.00002,0.0195,0.03")


def place_in(words, pattern):
    """The two numbers in parentheses behind some words."""
    found = re.search(rf"{pattern} \(([−\d.]+), ([−\d.]+)\)", words)
    return [float(each.replace("−", "-")) for each in found.groups()]


def runs_of(found, preset):
    spec = preset.on.index(True)
    return spec, preset.rates[spec], *preset.start


def test_a_rate_too_small_hardly_falls_and_one_too_large_leaves(ravine):
    found, known = ravine
    small, large = known["Rate too small"], known["Rate too large"]
    run = runs_of(found, small)
    fall = 1 - found.losses[run][-1] / found.losses[run][0]
    assert fall < 0.5
    assert f"falls by {100 * fall:.0f} %" in small.words
    run = runs_of(found, large)
    step = int(found.non_finite_at[run]) if found.non_finite_at[run] >= 0 else int(found.left_at[run])
    assert step > 0
    assert f"at step {step}" in large.words
    before = (run[0], run[1] - 1, *run[2:])
    assert found.left_at[before] < 0
    assert found.non_finite_at[before] < 0


def test_a_zigzag_turns_back_again_and_again(ravine):
    found, known = ravine
    run = runs_of(found, known["Zigzag"])
    ways = np.diff(found.points[run], axis=0)
    turns = int(((ways[1:] * ways[:-1]).sum(axis=1) < 0).sum())
    said = int(re.search(r"(\d+) of 99 steps turn back", known["Zigzag"].words)[1])
    assert 0.6 * 99 <= said <= turns
    assert found.losses[run][-1] < found.losses[run][0] / 2


def test_a_saddle_holds_a_run_for_a_while():
    found, known = made("saddle")
    preset = known.get("Saddle") or pytest.fail("no run is held by the saddle")
    run = runs_of(found, preset)
    x, y = place_in(preset.words, "saddle at")
    sides = [high - low for low, high in found.view]
    apart = np.hypot(*((found.points[run] - (x, y)) / sides).T)
    stays = int(re.search(r"spends (\d+) of", preset.words)[1])
    assert abs((apart < 0.1).sum() - stays) <= 1
    assert apart[-1] > 0.2


def test_a_local_minimum_is_higher_than_the_lowest():
    found, known = made("styblinski_tang")
    preset = known["Local minimum"]
    run = runs_of(found, preset)
    x, y = place_in(preset.words, "minimum at")
    assert np.hypot(*(found.points[run][-1] - (x, y))) < 0.01
    assert found.losses[run][-1] > found.minima[0].value + 1
    assert all(np.hypot(x - each.point[0], y - each.point[1]) > 1 for each in found.minima)


def test_a_borrowed_rate_is_much_worse():
    found, known = made("beale", rates="1e-4:1:9")
    preset = known["SGD’s rate for Adam"]
    assert preset.on == (True, True)
    row, column = preset.start
    ends = found.losses[:, :, row, column, -1]
    assert ends[1, preset.rates[1]] > 100 * ends[1].min()
    assert ends[0, preset.rates[0]] == np.nanmin(ends[0])


def test_a_forgotten_zero_grad_is_shown_where_it_was_run():
    _, known = made("sphere", specs=("sgd", "sgd:zero_grad=false"), rates="0.01:0.1:3", steps=40)
    assert known["zero_grad forgotten"].on == (True, True)
    assert "zero_grad forgotten" not in made("sphere", rates="0.01:0.1:3", steps=40)[1]


def test_a_surface_without_failures_has_no_situations():
    assert made("sphere", specs=("sgd",), rates="0.1,0.3", steps=60)[1] == {}
