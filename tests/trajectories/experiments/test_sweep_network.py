"""Rates of networks: every run of a sweep is the run that is made alone, bit for bit."""

import numpy as np
import pytest
import torch
from torch import nn

import descent
from descent.surfaces.errors import DescentError, NotPossibleError
from descent.trajectories.experiments import stacked
from descent.trajectories.experiments.rerun import remake_sweep, run_again
from descent.trajectories.results.network_runs import TRAIN_LOSS, VAL_LOSS
from descent.trajectories.results.recipe import BATCHED, ONE_BY_ONE
from descent.trajectories.results.trajectory import FINISHED, NON_FINITE

# So few epochs that a test takes a second; rates from hardly moving to thrown about.
SMALL = {"data": "moons", "epochs": 3}
RATES = "1e-3:30:6"


def holds(network, sweep, **options):
    """Hold every run of a sweep against the same run recorded alone."""
    for i in range(len(sweep.specs)):
        for j in range(len(sweep.rates)):
            alone = descent.record(network, sweep.spec(i, j), resolution=(2, 2), snapshots=2, **options)
            epochs = alone.training.runs[0].epochs
            kept = slice(0, len(epochs))
            np.testing.assert_array_equal(sweep.losses[i, j, kept], epochs[:, TRAIN_LOSS])
            np.testing.assert_array_equal(sweep.held[i, j, kept], epochs[:, VAL_LOSS])
            assert np.isnan(sweep.losses[i, j, len(epochs) :]).all()


@pytest.mark.parametrize(
    ("specs", "options", "method"),
    {
        "plain, momentum and adaptive": (["sgd:momentum=0.9", "adam"], {}, BATCHED),
        "a last batch of another size": (["rmsprop"], {"batch_size": 28}, BATCHED),
        "one batch an epoch": (["adamw"], {"batch_size": "all"}, BATCHED),
        "a schedule by epochs, clipped": (["sgd:clip=0.5@cosine"], {}, BATCHED),
        "a schedule by batches, accumulated": (["adam:accumulate=2@onecycle:max_lr=0.1"], {}, BATCHED),
        "steps that ask for a closure": (["lbfgs:max_iter=2"], {"batch_size": "all"}, ONE_BY_ONE),
        "without validation samples": (["sgd"], {"val": 0.0}, BATCHED),
    }.values(),
    ids=str,
)
def test_every_run_of_a_sweep_is_its_own_single_run_bit_for_bit(specs, options, method) -> None:
    rates = "0.01,0.1" if method == ONE_BY_ONE else RATES
    sweep = descent.sweep("mlp:hidden=8", specs, rates, **SMALL, **options)
    assert set(sweep.methods) == {method}
    holds("mlp:hidden=8", sweep, **SMALL, **options)


def test_runs_in_double_precision_are_alone_where_a_bit_would_differ() -> None:
    sweep = descent.sweep("mlp:hidden=8", "adam", RATES, dtype="float64", **SMALL)
    holds("mlp:hidden=8", sweep, dtype="float64", **SMALL)


class Dropped(nn.Sequential):
    """Draws random numbers while it is trained."""

    def __init__(self) -> None:
        super().__init__(nn.Linear(2, 6), nn.ReLU(), nn.Dropout(0.3), nn.Linear(6, 2))


class Normed(nn.Sequential):
    """Keeps statistics while it is trained."""

    def __init__(self) -> None:
        super().__init__(nn.Linear(2, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 2))


@pytest.mark.parametrize("made", [Dropped, Normed])
def test_a_module_that_cannot_be_stacked_is_trained_run_by_run(made) -> None:
    torch.manual_seed(0)
    module = made()
    sweep = descent.sweep(module, "sgd", "0.01,0.1,1,3", **SMALL)
    assert sweep.methods == (ONE_BY_ONE,)
    holds(module, sweep, **SMALL)


def test_a_stack_whose_numbers_differ_is_found_out(monkeypatch) -> None:
    """The proof can fail: with gradients that are off by a bit in the stack nothing is stacked."""
    work = stacked._Stack._at_once

    def off(self, x, y):
        found, losses = work(self, x, y)
        return {name: each * (1 + 2**-23) for name, each in found.items()}, losses

    monkeypatch.setattr(stacked._Stack, "_at_once", off)
    sweep = descent.sweep("mlp:hidden=8", "sgd", RATES, **SMALL)
    assert sweep.methods == (ONE_BY_ONE,)
    holds("mlp:hidden=8", sweep, **SMALL)


def test_a_stack_that_drifts_from_the_runs_made_alone_is_given_up(monkeypatch) -> None:
    """Even where gradients of the first batch agree: the epochs of some runs are compared too."""
    work = stacked._Stack.step
    monkeypatch.setattr(stacked._Stack, "step", lambda self, losses: (work(self, losses), self._nudge()))
    monkeypatch.setattr(
        stacked._Stack, "_nudge", lambda self: [p.mul_(1.001) for p in self._parts.values()], raising=False
    )
    with torch.no_grad():
        sweep = descent.sweep("mlp:hidden=8", "sgd", RATES, **SMALL)
    assert sweep.methods == (ONE_BY_ONE,)


def test_a_run_whose_loss_is_lost_ends_there_and_is_not_the_best() -> None:
    rates = "0.001,0.01,0.1,1,100,1000"
    sweep = descent.sweep("mlp:hidden=8,activation=relu", "sgd", rates, data="sine", epochs=4)
    kinds = [outcome.kind for outcome in sweep.outcomes[0]]
    assert (kinds[0], kinds[-1]) == (FINISHED, NON_FINITE)
    holds("mlp:hidden=8,activation=relu", sweep, data="sine", epochs=4)
    assert not sweep.usable[0, -1]
    assert sweep.best[0] != 5


def test_best_and_good_rates_follow_from_the_losses() -> None:
    sweep = descent.sweep("mlp:hidden=8", "adam", RATES, **SMALL)
    final = sweep.losses[0, :, -1]
    best = int(np.argmin(np.where(sweep.usable[0], final, np.inf)))
    assert sweep.best == (best,)
    most = max(final[best], sweep.losses[0, best, :3].min())  # by epoch 2 of 3
    first, last = sweep.good_ranges[0]
    assert (final[first : last + 1] <= most).all()
    assert first == 0 or not final[first - 1] <= most
    assert last == 5 or not final[last + 1] <= most
    assert sweep.best_held == (int(np.argmin(sweep.held[0, :, -1])),)
    assert sweep.judged.startswith(
        "the lowest training loss after 3 epochs among the rates whose runs stayed"
    )


def test_tuned_gives_each_optimizer_of_a_network_its_best_rate() -> None:
    found = descent.tuned("mlp:hidden=8", ["sgd", "adam"], RATES, **SMALL)
    sweep = descent.sweep("mlp:hidden=8", ["sgd", "adam"], RATES, **SMALL)
    assert [spec.lr for spec in found.specs] == [sweep.rates[best] for best in sweep.best]
    assert found.protocol.startswith(
        "each optimizer's rate is the best of 6 from 0.001 to 30 by final training"
    )
    assert "after 3 epochs" in found.protocol


def test_the_recipe_of_a_sweep_makes_it_again() -> None:
    once = descent.sweep("mlp:hidden=8", ["sgd", "adam"], RATES, seed=3, **SMALL)
    twice = run_again(remake_sweep, once.recipe)
    np.testing.assert_array_equal(once.losses, twice.losses)
    assert once.recipe == twice.recipe


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("mlp", {"steps": 10}, "steps cannot be given for a network"),
        ("mlp", {"noise": 0.1}, "noise cannot be given for a network"),
        ("mlp", {"patience": 3}, "patience cannot be given for a sweep"),
        ("mlp", {"plane": "pca"}, "plane cannot be given for a sweep"),
        ("beale", {"epochs": 3}, "epochs cannot be given for a surface"),
    ],
)
def test_what_a_sweep_has_no_use_for_is_refused(target, options, words) -> None:
    with pytest.raises(DescentError, match=words):
        descent.sweep(target, "sgd", "0.1,1", **options)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rates": ["fast", 1]}, "learning rate"),
        ({"rates": [0.1]}, "at least two different rates"),
        ({"specs": ["adma"]}, "adam"),
        ({"specs": ["somebody.Mine"]}, "somebody.Mine"),
        ({"seed": -1}, "seed"),
        ({"target": "package:Net"}, "package"),
        ({"extra": 1}, "not complete, or has too much: extra"),
        ({"training": {"data": "other.npz"}}, "other.npz"),
        ({"training": {"data": "an object"}}, "handed over as an object"),
        ({"training": {"epochs": 10**8}}, "--yes"),
        ({"training": {"epochs": None}}, "epochs"),
    ],
)
def test_a_strangers_recipe_of_a_networks_sweep_is_data(change, says) -> None:
    recipe = descent.sweep("mlp:hidden=2", "sgd", "0.01,0.1", data="moons:samples=40", epochs=1).recipe
    training = recipe["training"] | change.get("training", {})
    with pytest.raises(NotPossibleError, match=says):
        run_again(remake_sweep, recipe | change | {"training": training})
