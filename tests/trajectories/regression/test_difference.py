"""Differences between recordings: where they begin, what differs first, how they grow, and in which words."""

import json
from dataclasses import replace

import numpy as np
import pytest

import descent
from descent.surfaces.errors import DescentError
from descent.trajectories.experiments.rerun import again
from descent.trajectories.regression.difference import compare
from descent.trajectories.regression.growth import ADDED, AMPLIFIED, DRIFT, JUMP, ROUNDING, growth_of
from descent.trajectories.regression.report import as_json, as_text
from descent.trajectories.regression.tolerances import EPSILON, PRESETS, epsilon, tolerance

UNIT = 2.0**-52
STEPS = np.arange(61)


def run(spec, surface="beale", **options):
    return descent.record(surface, spec, **{"steps": 30, "resolution": (4, 4)} | options)


def first(expected, found, preset="same-dtype", **own):
    difference = compare(expected, found, tolerance(preset, expected.recipe.dtype, **own))
    (only,) = difference.runs
    return only


def changed(recording, **parts):
    """The recording with some arrays of its only run replaced."""
    return replace(recording, trajectories=(replace(recording.trajectories[0], **parts),))


# --- what differs first


@pytest.mark.parametrize(
    ("one", "other", "quantity", "step"),
    [
        (run("adam:lr=0.1"), run("adam:lr=0.1,eps=1e-6"), "update", 1),
        (run("sgd:lr=0.001,momentum=0.5"), run("sgd:lr=0.001,momentum=0.9"), "update", 2),
        (run("adam:lr=0.1"), run("adam:lr=0.2"), "rate", 1),
        (run("adam:lr=0.1"), run("adam:lr=0.1@step:step_size=7"), "rate", 8),
        (run("sgd:lr=0.001", noise=0.1), run("sgd:lr=0.001", noise=0.1, seed=1), "gradient", 1),
        (run("sgd:lr=0.001"), run("sgd:lr=0.001", start=(1, 1.4)), "start", 0),
        (run("sgd:lr=0.001"), run("sgd:lr=0.001", steps=20), "outcome", 20),
        (
            run("sgd:lr=0.001", "sphere"),
            run("sgd:lr=0.001", "expr:x**2 + y**2 + 1", start=(-3, 4)),
            "loss",
            0,
        ),
    ],
)
def test_the_first_difference(one, other, quantity, step):
    if quantity == "loss":
        one = run("sgd:lr=0.001", "sphere", start=(-3, 4))
    found = first(one, other)
    assert (found.first.quantity, found.first.step) == (quantity, step)
    assert found.first.equal_before
    assert first(other, one).first.quantity == quantity


def test_the_values_are_those_of_the_step():
    one, other = run("adam:lr=0.1"), run("adam:lr=0.1,eps=1e-3")
    found = first(one, other).first
    assert found.expected == tuple(one.trajectories[0].points[1])
    assert found.found == tuple(other.trajectories[0].points[1])
    assert found.apart == pytest.approx(np.hypot(*np.subtract(found.expected, found.found)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_a_value(value):
    good = run("sgd:lr=0.001")
    points = good.trajectories[0].points.copy()
    points[9, 0] = value
    lost = changed(good, points=points)
    assert first(lost, lost, "same-machine").same
    found = first(good, lost, rtol=1.0).first
    assert (found.quantity, found.step, found.apart) == ("update", 9, np.inf)
    points = points.copy()
    points[9, 0] = np.inf if value != np.inf else -np.inf
    assert not first(lost, changed(good, points=points), rtol=1.0).same


def test_a_single_bit_counts_on_the_same_machine_only():
    good = run("sgd:lr=0.001")
    points = good.trajectories[0].points.copy()
    points[9, 0] = np.nextafter(points[9, 0], 9)
    other = changed(good, points=points)
    exact = first(good, other, "same-machine")
    assert (exact.first.step, exact.growth.kind) == (9, ROUNDING)
    assert first(good, other).same


def test_runs_that_are_lost_about_as_soon_are_the_same_where_that_is_allowed():
    lost = run("sgd:lr=1", "rosenbrock")
    outcome = lost.trajectories[0].outcome
    assert outcome.kind == "non-finite"
    later = changed(lost, outcome=replace(outcome, step=outcome.step + 1))
    assert first(lost, later).first.quantity == "outcome"
    assert first(lost, later, "cpu-gpu").same


def test_runs_belong_together_by_spec_or_by_order():
    both = descent.record("beale", ["sgd:lr=0.001", "adam:lr=0.1"], steps=5, resolution=(4, 4))
    turned = descent.record("beale", ["adam:lr=0.1", "sgd:lr=0.001"], steps=5, resolution=(4, 4))
    assert compare(both, turned, tolerance("same-machine")).same
    fewer = compare(both, run("adam:lr=0.1", steps=5), tolerance())
    assert (fewer.missing, fewer.added, fewer.same) == (("sgd:lr=0.001",), (), False)


def test_fields_of_the_recipe_explain_and_do_not_decide():
    one = run("sgd:lr=0.001")
    versions = tuple((name, "9" if name == "torch" else version) for name, version in one.recipe.versions)
    other = replace(one, recipe=replace(one.recipe, versions=versions, device="cuda"))
    difference = compare(one, other, tolerance("same-machine"))
    assert difference.same
    assert [name for name, _, _ in difference.changes] == ["device", "version of torch"]
    assert "changed: device: cpu -> cuda" in as_text(difference)


# --- how it grew


@pytest.mark.parametrize(
    ("kind", "share", "at"),
    [
        (AMPLIFIED, 1e-16 * 2.0 ** (STEPS / 2), 40),
        (ADDED, 1e-15 * (STEPS + 1.0), 50),
        (JUMP, np.where(STEPS < 20, 0.0, 1e-3), 20),
        (JUMP, np.where(STEPS < 20, 1e-16, 1e-3), 20),
        (DRIFT, np.where(STEPS < 20, 1e-9, 1e-6), 20),
        (ROUNDING, np.where(STEPS < 20, 0.0, 1e-16), 20),
    ],
)
def test_kinds_of_growth(kind, share, at):
    assert growth_of(STEPS, share, at, UNIT).kind == kind


def test_chaos_is_told_from_a_wrong_rule():
    """Adadelta's first steps come from almost nothing, and Rastrigin's hills throw them about."""
    where = {"surface": "rastrigin", "steps": 200}
    double, single = (run("adadelta:lr=1", dtype=dtype, **where) for dtype in ("float64", "float32"))
    found = first(double, single, "float32")
    assert found.growth.kind == AMPLIFIED
    assert found.growth.birth < 64 * EPSILON["float32"] < found.growth.there
    assert found.growth.doubling > 1
    assert "chaotic growth, not like a wrong rule" in as_text(compare(double, single, tolerance("float32")))
    wrong = first(double, run("adadelta:lr=1,eps=1e-5", **where), "float32")
    assert (wrong.growth.kind, wrong.first.step) == (JUMP, 1)
    assert "not like a wrong rule" not in as_text(
        compare(double, run("adadelta:lr=1,eps=1e-5", **where), tolerance())
    )


# --- words


def test_the_report_is_complete():
    one, other = run("adam:lr=0.1"), run("adam:lr=0.1,eps=1e-3")
    difference = compare(one, other, tolerance())
    lines = as_text(difference).splitlines()
    assert lines[0].startswith(
        "adam:lr=0.1,eps=0.001, against adam:lr=0.1, differs from step 1 on, first in the"
    )
    assert lines[1].startswith("  expected (0.9000000000289855, 1.4000000000108108), found (0.9000")
    assert "All before is the same to the last bit" in lines[2]
    found = json.loads(json.dumps(as_json(difference), allow_nan=False))
    assert found["runs"][0]["first"]["step"] == 1
    assert found["runs"][0]["growth"]["kind"] == JUMP
    lost = compare(one, changed(one, losses=one.trajectories[0].losses * np.nan), tolerance())
    assert json.loads(json.dumps(as_json(lost), allow_nan=False))["runs"][0]["first"]["found"] == ["nan"]


# --- tolerances


def test_presets_are_ordered_and_explained():
    for quantity in ("points", "losses", "gradients"):
        numbers = [
            tolerance(name).of(quantity) for name in ("same-machine", "same-dtype", "cpu-gpu", "float32")
        ]
        assert numbers == sorted(numbers)
        assert numbers[0] == 0
    assert all(preset.help and preset.why for preset in PRESETS.values())
    assert tolerance("same-dtype", "float32").points == tolerance("same-dtype").points * 2.0**29
    assert epsilon("float32", "float64") == EPSILON["float32"]


@pytest.mark.parametrize("wrong", [{"preset": "strict"}, {"rtol": -1}, {"atol": float("nan")}, {"rtol": "1"}])
def test_wrong_tolerances_are_refused(wrong):
    with pytest.raises(DescentError):
        tolerance(**wrong)


@pytest.mark.parametrize("surface", ["beale", "himmelblau", "quadratic:condition=20"])
def test_float32_stays_within_its_preset(surface):
    specs = ["sgd:lr=0.001", "adam:lr=0.05", "rmsprop:lr=0.01"]
    double, single = (descent.record(surface, specs, steps=60, resolution=(4, 4), dtype=d) for d in EPSILON)
    assert compare(double, single, tolerance("float32")).same
    assert not compare(double, single, tolerance("same-dtype")).same


# --- recipes


def test_a_recipe_is_run_again_bit_for_bit():
    once = descent.record(
        "beale", ["sgd:lr=0.01", "adam:lr=0.1@cosine"], steps=9, noise=0.1, seed=3, resolution=(4, 4)
    )
    assert compare(once, again(once.recipe), tolerance("same-machine")).same


def test_a_network_is_run_again_and_compared_though_planes_move():
    once = descent.record("logistic", ["sgd:lr=0.1", "adam:lr=0.1"], epochs=4, resolution=(4, 4))
    assert compare(once, again(once.recipe), tolerance("same-machine")).same
    specs = ["sgd:lr=0.1", "adam:lr=0.11"]
    mlp = descent.record(
        "mlp:hidden=4", ["sgd:lr=0.1", "adam:lr=0.1"], data="moons", epochs=2, resolution=(4, 4)
    )
    other = descent.record("mlp:hidden=4", specs, data="moons", epochs=2, resolution=(4, 4))
    same, differs = compare(mlp, other, tolerance()).runs
    assert same.same
    assert (differs.first.quantity, differs.first.step) == ("rate", 1)


def test_what_cannot_be_run_again_says_why():
    class Own:
        def __call__(self, x, y):
            return x * x + y * y

    once = descent.record(Own(), "sgd:lr=0.1", steps=3, resolution=(4, 4))
    with pytest.raises(DescentError, match=r"its target .* was handed over as an object of Python"):
        again(once.recipe)
