"""Sweeps: rates as they are written, the arrays against single runs, and what is called best."""

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from descent import DescentError
from descent.surfaces import get
from descent.surfaces.surface import Minimum
from descent.trajectories import descend, tuned
from descent.trajectories.experiments.stability import curvature, stability_bound
from descent.trajectories.experiments.sweep import sweep
from descent.trajectories.reports.sweep import as_csv, as_json, as_table, decades, good_rates, good_words
from descent.trajectories.results.trajectory import FINISHED, LEFT_THE_VIEW, NON_FINITE, Outcome
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.specs.rates import MOST, parse_rates

# Rates.


def test_a_range_is_log_spaced_and_includes_its_ends():
    rates = parse_rates("1e-5:1:25")
    assert (len(rates), rates[0], rates[-1]) == (25, 1e-5, 1.0)
    np.testing.assert_allclose(np.diff(np.log10(rates)), 5 / 24, rtol=5e-3)
    assert all(len(f"{rate:.4g}") <= 9 and float(f"{rate:.4g}") == rate for rate in rates)


@pytest.mark.parametrize("text", ["0.1:0.2:1000", "1e-300:1e300:100000", "0.1:0.10000000001:100", "1:2:2"])
def test_a_range_has_as_many_rates_as_it_says(text):
    rates = parse_rates(text)
    low, high, count = text.split(":")
    assert (len(rates), rates[0], rates[-1]) == (int(count), float(low), float(high))
    assert (np.diff(rates) > 0).all()


@pytest.mark.parametrize(
    "given", ["0.2, 0.1,0.2", [0.2, 0.1], np.array([0.1, 0.2]), (rate for rate in (0.1, 0.2))]
)
def test_lists(given):
    assert parse_rates(given) == (0.1, 0.2)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("1:1e-5:0", "needs a whole number of rates from 2 to 100,000, not '0'"),
        ("1:1e-5:5", "must rise from a smaller rate to a larger one; it goes from 1 to 1e-05"),
        ("1:1:3", "must rise"),
        ("-1:1:5", "a learning rate must be a finite number greater than 0, not -1.0"),
        ("0:1:5", "greater than 0, not 0.0"),
        ("1e-5:inf:5", "not inf"),
        ("1e-5:nan:5", "not nan"),
        ("1e-5:1:1", "from 2 to 100,000, not '1'"),
        ("1e-5:1:1000000", "from 2 to 100,000, not '1000000'"),
        ("1e-5:1:2.5", "not '2.5'"),
        ("1:1.0000000000000002:9", "there are no 9 different numbers in the range"),
        ("1e-5:1", "'1e-5:1' is not a range of rates; write a range A:B:N"),
        ("1:2:3:4", "is not a range"),
        ("a:1:5", "'a' in 'a:1:5' is not a learning rate"),
        ("0.1,b", "'b' in '0.1,b' is not a learning rate"),
        ("", "'' in '' is not a learning rate"),
        ("0.1", "at least two different rates, not 0.1 alone"),
        ("0.1,0.1", "at least two different rates"),
        (0.1, "at least two different rates"),
        ([], "at least two different rates, not none"),
        ([0.1, -0.2], "not -0.2"),
        ([0.1, "x"], "not 'x'"),
        ([0.1, None], "not None"),
        (np.linspace(1, 2, MOST + 1), "at most 100,000 rates"),
    ],
)
def test_bad_rates(given, sentence):
    with pytest.raises(DescentError) as caught:
        parse_rates(given)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


# The arrays.


def test_arrays_are_those_of_single_runs():
    specs = ["sgd:lr=9", "adam:betas=0.8/0.99@cosine", "lbfgs:max_iter=4", "rmsprop@onecycle"]
    swept = sweep("beale", specs, "0.001:10:5", steps=40, start=(1, 1.5), tolerance=0.05, resolution=(5, 4))
    assert swept.specs == ("sgd", "adam:betas=0.8/0.99@cosine", "lbfgs:max_iter=4", "rmsprop@onecycle")
    assert swept.methods == ("batched", "batched", "one by one", "batched")
    assert swept.losses.shape == (4, 5, 41)
    assert swept.points.shape == (4, 5, 41, 2)
    assert swept.ends.shape == (4, 5, 1, 2)
    assert swept.field.z.shape == (4, 5)
    assert swept.spread is None
    surface = get("beale")
    for i in range(4):
        for j in range(5):
            run = descend(surface, swept.spec(i, j), (1, 1.5), 40)
            np.testing.assert_array_equal(swept.losses[i, j], run.losses)
            np.testing.assert_array_equal(swept.points[i, j], run.points)
            np.testing.assert_array_equal(swept.ends[i, j, 0], run.points[-1])
            assert swept.outcomes[i][j] == run.outcome
            with np.errstate(over="ignore", invalid="ignore"):
                near = np.flatnonzero(np.hypot(*(run.points - surface.minima[0].point).T) <= 0.05)
            assert swept.steps_to_minimum[i, j] == (near[0] if near.size else -1)
    assert {NON_FINITE, FINISHED} <= {outcome.kind for row in swept.outcomes for outcome in row}
    assert (swept.steps_to_minimum >= 0).any()
    np.testing.assert_array_equal(swept.final, swept.losses[..., -1])


def test_defaults():
    swept = sweep("sphere", steps=3, resolution=(2, 2))
    assert swept.specs == ("sgd", "adam", "rmsprop")
    assert len(swept.rates) == 25
    assert swept.start == get("sphere").start


def test_chunks_and_missing_room_for_points():
    options = {"steps": 50, "resolution": (2, 2), "noise": 0.1, "seeds": 3}
    whole = sweep("beale", ["sgd", "adam"], "1e-4:1:9", **options)
    calls = []
    tight = sweep(
        "beale", ["sgd", "adam"], "1e-4:1:9", **options, memory=7e4, progress=lambda *now: calls.append(now)
    )
    for name in ("losses", "spread", "ends", "steps_to_minimum"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(tight, name))
    assert whole.outcomes == tight.outcomes
    assert calls == [(n, 54) for n in range(1, 55)]
    assert whole.points is not None
    assert tight.points is None
    with pytest.raises(DescentError, match=r"needs .* of memory, and 20 kB are allowed; take fewer rates"):
        sweep("beale", ["sgd", "adam"], "1e-4:1:9", **options, memory=2e4)


def test_seeds_give_medians_quartiles_and_ends():
    options = {"steps": 20, "resolution": (2, 2), "noise": 0.5}
    swept = sweep("sphere", ["sgd", "adam"], "0.01,0.1,1.5", **options, seed=3, seeds=5)
    assert swept.seeds == (3, 4, 5, 6, 7)
    runs = [sweep("sphere", ["sgd", "adam"], "0.01,0.1,1.5", **options, seed=seed) for seed in range(3, 8)]
    ordered = np.sort([run.losses for run in runs], axis=0)
    np.testing.assert_array_equal(swept.losses, ordered[2])
    np.testing.assert_array_equal(swept.spread, ordered[[1, 3]])
    np.testing.assert_array_equal(swept.ends, np.concatenate([run.ends for run in runs], axis=2))
    np.testing.assert_array_equal(swept.points, runs[0].points)
    assert (swept.spread[0] <= swept.losses).all()
    assert (swept.losses <= swept.spread[1]).all()
    kinds = {run.outcomes[0][2].kind for run in runs}
    assert swept.outcomes[0][2].kind == LEFT_THE_VIEW
    assert kinds == {LEFT_THE_VIEW}
    assert swept.outcomes[0][2].step == min(run.outcomes[0][2].step for run in runs)
    assert "median over 5 seeds" in swept.judged


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seeds": 3}, "3 seeds give the same run 3 times without noise; add noise, or use one"),
        ({"seeds": 0}, "seeds must be a whole number of at least 1"),
        ({"optimizers": []}, "no optimizer is named"),
        ({"optimizers": "adamm"}, "did you mean 'adam'"),
        ({"optimizers": "adam:beta=1"}, "adam has no option 'beta'"),
        ({"target": "beal"}, "did you mean 'beale'"),
        ({"steps": 0}, "steps must be"),
        ({"start": (1,)}, "a start is two numbers"),
        ({"tolerance": -1}, "tolerance must be"),
        ({"resolution": 3}, "a resolution is two whole numbers"),
        ({"device": "tpu"}, "unknown device"),
    ],
)
def test_bad_input(change, sentence):
    given = {"target": "beale", "optimizers": "sgd", "lr": "0.1,0.2", **change}
    with pytest.raises(DescentError) as caught:
        sweep(given.pop("target"), given.pop("optimizers"), given.pop("lr"), **given)
    assert sentence in str(caught.value)


# What is best.


@pytest.fixture(scope="module")
def quadratic():
    return sweep("quadratic:condition=20", ["sgd", "sgd:momentum=0.9", "adam"], "1e-3:8:17", steps=300)


def with_finals(swept, finals, outcomes=None, *, middle=100.0, minimum=0.0, start=100.0, **changes):
    """Return a sweep of one optimizer of two steps over as many rates, with these final losses."""
    count = len(finals)
    losses = np.full((1, count, 3), start)
    losses[0, :, 1], losses[0, :, 2] = middle, finals
    return replace(
        swept,
        minima=() if minimum is None else (Minimum((0.0, 0.0), minimum),),
        specs=("sgd",),
        rates=swept.rates[:count],
        losses=losses,
        points=None,
        ends=np.zeros((1, count, 1, 2)),
        outcomes=((outcomes or (Outcome(FINISHED),) * count),),
        steps_to_minimum=np.full((1, count), -1),
        stability_bounds=(None,),
        methods=("batched",),
        **{"steps": 2, **changes},
    )


def test_best_is_lowest_and_the_smaller_of_equals(quadratic):
    swept = with_finals(quadratic, [90, 5, 5, 5.5, 60, 5.2])
    assert swept.best == (1,)
    assert swept.good_ranges == ((1, 3),)
    assert swept.good_decades[0] == pytest.approx(math.log10(swept.rates[3] / swept.rates[1]))


def test_lost_runs_are_never_best_and_end_the_good_range(quadratic):
    lost = Outcome(LEFT_THE_VIEW, 1)
    fine = Outcome(FINISHED)
    swept = with_finals(quadratic, [1, 2, 2, 0, 2], (fine, fine, lost, lost, fine))
    assert swept.best == (0,)
    assert swept.good_ranges == ((0, 1),)
    nothing = with_finals(quadratic, [1, math.nan], (lost, Outcome(NON_FINITE, 1)))
    assert (nothing.best, nothing.good_ranges, nothing.good_decades) == ((None,), (None,), (None,))
    uphill = with_finals(quadratic, [200, 100])
    assert (uphill.best, uphill.good_ranges) == ((1,), (None,))


def test_good_rates_end_within_ten_times_the_best_height_above_the_minimum(quadratic):
    assert with_finals(quadratic, [50, 10.1, 1, 9.9, 1]).good_ranges == ((2, 4),)
    raised = [value - 959 for value in (50, 10.1, 1, 9.9, 1)]
    assert with_finals(quadratic, raised, minimum=-959.0).good_ranges == ((2, 4),)
    assert "at most 10 times as high" in with_finals(quadratic, [1]).good_means


def test_rates_that_hardly_move_are_not_good_because_the_best_is_poor(quadratic):
    assert with_finals(quadratic, [99, 61, 59, 20, 70]).good_ranges == ((2, 3),)  # half of 80 is 40


def test_the_docs_say_what_a_good_rate_is(quadratic):
    page = " ".join((Path(__file__).parents[3] / "docs" / "pictures.md").read_text("utf-8").split())
    known, unknown = with_finals(quadratic, [1]), with_finals(quadratic, [1], minimum=None)
    assert known.good_means in page
    assert unknown.good_means.replace("by step 1", "by half of the steps") in page


def test_losses_at_the_minimum_are_equal_but_for_rounding(quadratic):
    assert with_finals(quadratic, [2e-9, 1e-25, 0, 1e-31, 2e-9]).good_ranges == ((1, 3),)
    # One step of float64 at -959 is 1e-13, and the start is as near: only rounding tells these apart.
    near = with_finals(quadratic, [2e-13 - 959, -959.0, -959 + 3e-10], minimum=-959.0, start=-958.999)
    assert near.good_ranges == ((0, 1),)


def test_without_a_known_minimum_good_rates_need_at_most_twice_the_steps(quadratic):
    finals, middle = [61, 59, 20, 60, 20.1], [90, 80, 60, 99, 30]
    for minimum, why in ((None, "no minimum is known"), (21.0, "a run came below the known minimum")):
        swept = with_finals(quadratic, finals, middle=middle, minimum=minimum)
        assert swept.good_ranges == ((1, 4),)  # the best one had come to 60 by step 1
        assert swept.good_means == f"ends as low as the best was by step 1, for {why}"
    # Adding to the loss changes nothing, nor does any scale that keeps the order.
    cubed = with_finals(
        quadratic, np.power(finals, 3) + 7, middle=np.power(middle, 3) + 7, minimum=None, start=1e7
    )
    assert cubed.good_ranges == ((1, 4),)


def test_a_rate_with_millions_of_times_the_best_loss_is_not_good():
    swept = sweep("beale", "adam", "1e-5:1:25")
    first, last = swept.good_ranges[0]
    final, best = swept.final[0], swept.final[0].min()
    assert final[np.argmin(abs(swept.rates - 0.0215))] > 1e6 * best
    assert (final[first : last + 1] <= 10 * best).all()
    assert final[first - 1] > 10 * best
    assert final[last + 1] > 10 * best


@pytest.mark.parametrize(
    ("finals", "rates", "wide"),
    [
        ([50, 5, 1, 50], "{1:g} to {2:g}", "{0:.2g}"),
        ([5, 1, 50], "{0:g} to {1:g}", "at least {0:.2g}"),
        ([50, 1, 5], "{1:g} to {2:g}", "at least {0:.2g}"),
        ([50, 1, 50], "{1:g} only", ""),
    ],
)
def test_a_good_range_that_goes_to_an_end_of_the_rates_is_at_least_so_wide(quadratic, finals, rates, wide):
    swept = with_finals(quadratic, finals)
    expected = rates.format(*swept.rates), wide.format(math.log10(swept.rates[1] / swept.rates[0]))
    assert (good_rates(swept, 0), decades(swept, 0)) == expected
    assert good_words(swept, 0) == f"good {expected[0]}" + (f", {expected[1]} decades" if wide else "")
    assert as_json(swept)["optimizers"][0]["good_range_may_go_on"] == ("at least" in wide)
    assert expected[0] in as_table(swept)
    assert expected[1] in as_table(swept)


# The stability bound.


def test_the_bound_separates_converging_from_diverging_rates(quadratic):
    bound = quadratic.stability_bound
    assert quadratic.stability_bounds == (bound, None, None)
    assert bound == pytest.approx(2 / 20)
    converged = quadratic.final[0] < quadratic.losses[0, :, 0]
    np.testing.assert_array_equal(converged, quadratic.rates < bound)
    close = sweep("quadratic:condition=20", "sgd", [bound * (1 - 1e-3), bound * (1 + 1e-3)], steps=6000)
    assert close.final[0, 0] < 1e-3 * close.losses[0, 0, 0]
    assert close.final[0, 1] > 1e3 * close.losses[0, 1, 0]


@pytest.mark.parametrize(
    ("target", "steepest"),
    [
        ("sphere", 2.0),
        ("booth", 18.0),
        ("matyas", 1.0),
        ("quadratic:condition=0.01", 1.0),
        ("quadratic:condition=50,angle=30", 50.0),
        ("expr:x**2 + x*y + 3*y**2 - x + 7", 4 + math.sqrt(5)),
        ("expr:y**2 - x*0", 2.0),
        ("saddle", None),  # no minimum, so no rate converges
        ("beale", None),
        ("abs", None),
        ("expr:x**2 + y**2 + abs(x)", None),  # the Hessian is the same everywhere, but there is a kink
        ("expr:x + y", None),
        ("expr:max(x**2 + y**2, 1)", None),
        ("zakharov", None),
    ],
)
def test_curvature(target, steepest):
    found = curvature(get(target))
    assert found == (None if steepest is None else pytest.approx(steepest))


@pytest.mark.parametrize(
    ("spec", "bound"),
    [
        ("sgd", 1.0),
        ("sgd:accumulate=4", 0.25),
        ("sgd:foreach=true", 1.0),
        ("sgd:momentum=0.9", None),
        ("sgd:zero_grad=false", None),
        ("sgd@cosine", None),
        ("adam", None),
    ],
)
def test_only_plain_gradient_descent_has_a_bound(spec, bound):
    assert stability_bound(get("sphere"), OptimizerSpec.parse(spec)) == bound


# Reports.


def test_csv_has_a_row_for_each_optimizer_and_rate(quadratic):
    rows = list(csv.DictReader(io.StringIO(as_csv(quadratic))))
    assert len(rows) == 3 * 17
    assert [row["optimizer"] for row in rows[::17]] == ["sgd", "sgd:momentum=0.9", "adam"]
    assert [float(row["lr"]) for row in rows[:17]] == quadratic.rates.tolist()
    assert sum(row["best"] == "1" for row in rows) == 3
    lost = next(row for row in rows if row["outcome"].startswith("non-finite"))
    assert (lost["final_loss"], lost["steps_to_minimum"]) == ("", "")
    fine = next(row for row in rows if row["best"] == "1")
    assert float(fine["final_loss"]) == quadratic.final[0, quadratic.best[0]]


def test_json_is_plain(quadratic):
    found = json.loads(json.dumps(as_json(quadratic), allow_nan=False))
    assert [each["optimizer"] for each in found["optimizers"]] == list(quadratic.specs)
    assert all(len(each["runs"]) == 17 for each in found["optimizers"])
    assert found["optimizers"][0]["stability_bound"] == pytest.approx(0.1)
    assert found["target"] == "quadratic:condition=20"
    assert "lowest loss after 300 steps" in found["judged"]


def test_the_table_names_best_and_good_rates(quadratic):
    lines = as_table(quadratic).splitlines()
    assert len(lines) == 5
    assert lines[-1] == f"good: {quadratic.good_means}" == f"good: {as_json(quadratic)['good_means']}"
    assert lines[2].startswith("SGD momentum 0.9")
    assert f"{quadratic.rates[quadratic.best[0]]:g}" in lines[1]


# Tuned optimizers.


def test_tuned_optimizers_run_at_their_best_rates():
    found = tuned("beale", ["sgd", "adam@cosine"], "1e-4:1:9", steps=60, resolution=(2, 2))
    swept = found.sweep
    assert [str(spec) for spec in found.specs] == [swept.spec(i, swept.best[i]) for i in range(2)]
    assert found.protocol == (
        "each optimizer's rate is the best of 9 from 0.0001 to 1 by final loss after 60 steps; for Adam "
        "CosineAnnealingLR that is the largest tried, and a better one may lie beyond"
    )
    noisy = tuned("sphere", "sgd", "0.1,0.2", steps=5, noise=0.1, seeds=3, resolution=(2, 2))
    assert "by median final loss over 3 seeds" in noisy.protocol


def test_tuned_rates_at_an_end_of_those_tried_are_said_to_be_there():
    found = tuned("sphere", ["adam:eps=0.01", "adam", "sgd"], "0.01,0.1,0.5,0.6", steps=20, resolution=(2, 2))
    assert found.sweep.edges == ("largest tried", "largest tried", "")
    assert found.protocol.endswith(
        "; for Adam eps 0.01 that is the largest tried, for Adam that is the largest tried, and a better "
        "one may lie beyond"
    )


def test_no_rate_suits():
    with pytest.raises(DescentError, match="sgd stays finite and in the view at none of 2 from 10 to 20"):
        tuned("sphere", "sgd", "10,20", resolution=(2, 2))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda():
    swept = sweep("beale", ["sgd", "adam"], "1e-4:0.1:5", steps=50, device="cuda", noise=0.1, seeds=3)
    other = sweep("beale", ["sgd", "adam"], "1e-4:0.1:5", steps=50, noise=0.1, seeds=3)
    np.testing.assert_allclose(swept.losses, other.losses, rtol=1e-6)


@pytest.mark.parametrize(
    ("rates", "edge"),
    [
        ("0.001,0.01", "largest tried"),
        ("0.45,0.9", "smallest tried"),
        ("0.1,0.45,0.9", ""),
    ],
)
def test_a_best_rate_at_an_end_of_the_range_is_said_to_be_there(rates, edge):
    swept = sweep("sphere", "sgd", rates, steps=20)
    assert swept.edges == (edge,)
    assert as_json(swept)["optimizers"][0]["best_lr_is"] == edge
    assert (edge in as_table(swept)) if edge else "tried" not in as_table(swept)
