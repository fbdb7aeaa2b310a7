"""A rate that rises with every step: the run is a plain loop's, and what is read off it is where that is."""

import copy
import math

import numpy as np
import pytest
import torch

import descent
from descent.surfaces.errors import DescentError
from descent.trajectories.experiments.rerun import again
from descent.trajectories.reports.network_runs import network_json, network_table
from descent.trajectories.results.rising import all_rise, rises, rising, words
from descent.trajectories.results.trajectory import FINISHED, Outcome, Trajectory
from descent.trajectories.training.record_network import prepare

SMALL = {"data": "moons:samples=80", "epochs": 8, "batch_size": 12, "resolution": (5, 5)}


def run_of(rates, losses):
    """A run with a loss before each step, and one after the last."""
    steps = len(rates)
    points = np.zeros((steps + 1, 2))
    return Trajectory(
        "sgd:lr=0.1", points, np.array(losses), points, np.array(rates), Outcome(FINISHED), steps
    )


def test_the_run_is_that_of_a_plain_loop_whose_rate_rises_by_one_factor_each_step() -> None:
    recording = descent.record("mlp:hidden=5", "sgd", rising="1e-3:5", **SMALL)
    prepared = prepare(
        "mlp:hidden=5", "sgd", rising="1e-3:5", **{k: SMALL[k] for k in SMALL if k != "resolution"}
    )
    network, (run,) = prepared.network, recording.trajectories
    model, data = copy.deepcopy(network.module), network.data.train
    shuffle, steps = torch.Generator().manual_seed(0), 8 * math.ceil(len(data) / 12)
    assert run.steps == steps
    expected = [1e-3 * (5 / 1e-3) ** (k / (steps - 1)) for k in range(steps)]
    np.testing.assert_allclose(run.learning_rates, expected, rtol=1e-6)
    losses, k = [], 0
    for _ in range(8):
        for some in torch.randperm(len(data), generator=shuffle).split(12):
            model.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(data.x[some]), data.y[some])
            loss.backward()
            losses.append(loss.item())
            with torch.no_grad():
                for each in model.parameters():
                    each -= expected[k] * each.grad
            k += 1
    np.testing.assert_allclose(recording.training.runs[0].batch_losses, losses, rtol=1e-3)


def test_a_smooth_fall_is_fastest_in_its_middle_and_a_blow_up_is_where_the_start_is_passed() -> None:
    x = np.linspace(-5, 1, 121)
    fall = 1 - 0.9 / (1 + np.exp(-6 * (x + 2)))  # steepest at 1e-2
    losses = np.where(x > 0.2, fall + 40 * (x - 0.2), fall)
    found = rising(run_of(10**x, [*losses, losses[-1]]))
    assert abs(x[found.steepest] + 2) <= 0.05
    first = int(np.flatnonzero(losses > losses[0])[0])
    assert found.above == first
    assert words(found) == ("falls fastest at lr 0.01", f"above its start from lr {10 ** x[first]:.2g}")


def test_noise_of_a_few_steps_is_no_fall_and_no_blow_up_before_the_lowest_loss() -> None:
    x = np.linspace(-4, 0, 81)
    losses = 1 - 0.5 / (1 + np.exp(-8 * (x + 1.5)))
    losses[5], losses[6] = 1.05, 0.98  # above the start once, before anything falls
    found = rising(run_of(10**x, [*losses, losses[-1]]))
    assert abs(x[found.steepest] + 1.5) <= 0.1
    assert found.above is None
    assert words(found)[1] == "not above its start up to lr 1"


def test_a_loss_that_never_falls_and_one_that_is_lost_are_said_so() -> None:
    rates = np.logspace(-3, 0, 20)
    up = rising(run_of(rates, np.linspace(1, 2, 21)))
    assert (up.steepest, up.above) == (None, 1)
    assert words(up)[0] == "does not fall"
    lost = rising(run_of(rates, [*np.linspace(1, 0.5, 15), *[np.nan] * 6]))
    assert lost.above == 15
    last = rising(run_of(rates, [*np.linspace(1, 0.5, 20), np.inf]))  # the very last step did it
    assert last.above == 19


@pytest.mark.parametrize(
    ("rates", "is_one"),
    [
        (np.logspace(-3, 0, 20), True),
        (np.full(20, 0.1), False),
        (np.linspace(0.1, 0.5, 20), False),
        ([*np.logspace(-3, 0, 19), 0.5], False),
        ([], False),
    ],
)
def test_a_test_of_rates_rises_with_every_step_to_ten_times_its_first(rates, is_one) -> None:
    assert rises(run_of(rates, np.ones(len(rates) + 1))) == is_one


def test_table_and_json_say_what_a_rising_rate_tells_and_the_recipe_makes_it_again() -> None:
    recording = descent.record("mlp:hidden=5", ["sgd", "adam"], rising=(1e-3, 30), **SMALL)
    assert all_rise(recording)
    table = network_table(recording, recording.training)
    runs = network_json(recording, recording.training)["runs"]
    for run, said in zip(recording.trajectories, runs, strict=True):
        found = rising(run)
        assert said["rising_rate"]["falls_fastest_at"] == found.rates[found.steepest]
        assert ", ".join(words(found)) in table
    twice = again(recording.recipe)
    np.testing.assert_array_equal(twice.trajectories[1].points, recording.trajectories[1].points)
    constant = descent.record("mlp:hidden=5", "sgd:lr=0.1", **SMALL)
    assert "rising_rate" not in network_json(constant, constant.training)["runs"][0]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rising": "1e-3"}, "written A:B"),
        ({"rising": "a:b"}, "written A:B"),
        ({"rising": 3}, "written A:B"),
        ({"rising": "0:1"}, "greater than 0"),
        ({"rising": "0.1:0.5"}, "at least ten times its first"),
        ({"rising": "1e-3:1", "lr": 0.1}, "leave out lr"),
        ({"rising": "1e-3:1", "schedule_per": "epoch"}, "rises with each step"),
        ({"rising": "1e-3:1", "epochs": 1, "batch_size": "all"}, "at least 10 steps, and this run has 1"),
    ],
)
def test_what_is_no_rising_rate_is_refused(options, says) -> None:
    with pytest.raises(DescentError, match=says):
        descent.record("mlp:hidden=2", "sgd", **{"data": "moons:samples=80"} | options)


def test_a_spec_with_a_schedule_of_its_own_has_no_rising_rate() -> None:
    with pytest.raises(DescentError, match="has one already"):
        descent.record("mlp:hidden=2", "sgd:lr=1@cosine", data="moons:samples=80", rising="1e-3:1")
