"""The training loop: what plain loops do, step for step; how runs end; what the recorder keeps."""

import math

import numpy as np
import pytest
import torch
from torch import nn

import descent
from descent import DescentError
from descent.surfaces.data.resolve import get_data
from descent.surfaces.networks.resolve import get_network
from descent.surfaces.networks.weights import flatten
from descent.trajectories.descent.torch_optim import complete
from descent.trajectories.results.network_runs import schedules_per
from descent.trajectories.results.trajectory import FINISHED, NON_FINITE, STOPPED
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.training.options import check_training
from descent.trajectories.training.step_recorder import Recorder
from descent.trajectories.training.train import train

EPOCHS = 3


@pytest.fixture(scope="module")
def network():
    return get_network("mlp:hidden=4", get_data("moons:samples=60"))


def run(network, text, seed=0, stride=1, log=None, **options):
    recipe = check_training({"epochs": EPOCHS, **options}, network.name, network.data, network.loss_name)
    spec = OptimizerSpec.parse(text)
    per = schedules_per(recipe, spec)
    batches = -(-len(network.data.train) // recipe.batch_size)
    spec = complete(spec, recipe.epochs * (1 if per == "epoch" else batches))
    return train(network, spec, recipe, seed=seed, device="cpu", stride=stride, per=per, log=log)


def by_hand(network, make, epochs=EPOCHS, batch=32, seed=0, after_batch=None, schedule=None, clip=None):
    """The loop as courses write it; returns the weights after every step, (steps + 1, P)."""
    x, y = network.data.train.x, network.data.train.y
    import copy

    model = copy.deepcopy(network.module)
    optimizer = make(model.parameters())
    by_epoch = schedule(optimizer) if schedule else None
    by_batch = after_batch(optimizer) if after_batch else None
    shuffle = torch.Generator().manual_seed(seed)
    weights = [flatten(model)]
    for _ in range(epochs):
        model.train()
        for some in torch.randperm(len(x), generator=shuffle).split(batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[some]), y[some]).backward()
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            weights.append(flatten(model))
            if by_batch:
                by_batch.step()
        if by_epoch:
            by_epoch.step()
    return torch.stack(weights)


STEPLR = torch.optim.lr_scheduler.StepLR
PLAIN = {
    "sgd:lr=0.1": {"make": lambda p: torch.optim.SGD(p, lr=0.1)},
    "sgd:lr=0.1,momentum=0.9,weight_decay=0.01": {
        "make": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01)
    },
    "adam:lr=0.01": {"make": lambda p: torch.optim.Adam(p, lr=0.01)},
    "rmsprop:lr=0.01": {"make": lambda p: torch.optim.RMSprop(p, lr=0.01)},
    "adam:lr=0.01,clip=0.1": {"make": lambda p: torch.optim.Adam(p, lr=0.01), "clip": 0.1},
    "sgd:lr=0.1@step:step_size=1,gamma=0.5": {
        "make": lambda p: torch.optim.SGD(p, lr=0.1),
        "schedule": lambda o: STEPLR(o, step_size=1, gamma=0.5),
    },
    "sgd:lr=0.1@onecycle": {
        "make": lambda p: torch.optim.SGD(p, lr=0.1),
        "after_batch": lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=6),
    },
}


@pytest.mark.parametrize("text", PLAIN)
def test_every_step_is_that_of_a_plain_loop(network, text):
    found = run(network, text)
    assert torch.equal(found.tape.weights, by_hand(network, **PLAIN[text]))
    assert found.outcome.kind == FINISHED
    assert found.tape.at.tolist() == list(range(len(found.tape.weights)))


def test_a_closure_optimizer_goes_down(network):
    found = run(network, "lbfgs:lr=0.5,max_iter=5", batch_size="all")
    assert found.epochs[-1, 1] < found.epochs[0, 1]
    assert torch.isfinite(found.tape.weights).all()
    assert found.evaluations > 3 * EPOCHS
    with pytest.raises(DescentError, match="lbfgs computes its gradients itself"):
        run(network, "lbfgs:lr=0.5,accumulate=2", batch_size="all")


def test_accumulating_sums_the_gradients_of_batches(network):
    found = run(network, "sgd:lr=0.1,accumulate=2")  # two batches an epoch: one step
    assert len(found.tape.learning_rates) == EPOCHS
    x, y = network.data.train.x, network.data.train.y
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0)).split(32)
    model = network.module
    model.zero_grad()
    for some in order:
        nn.functional.cross_entropy(model(x[some]), y[some]).backward()
    expected = flatten([p.grad for p in model.parameters()])
    model.zero_grad()
    torch.testing.assert_close(found.tape.gradients[0], expected)


def test_forgetting_zero_grad_adds_up(network):
    kept, cleared = run(network, "sgd:lr=0.01,zero_grad=false"), run(network, "sgd:lr=0.01")
    assert torch.equal(kept.tape.gradients[0], cleared.tape.gradients[0])
    assert kept.tape.gradient_norms[-2].sum() > 2 * cleared.tape.gradient_norms[-2].sum()


def test_clipping_shortens_what_the_optimizer_is_handed(network):
    found = run(network, "sgd:lr=0.1,clip=0.05")
    norms = found.tape.gradients.norm(dim=1)
    assert float(norms.max()) <= 0.05 * (1 + 1e-4)
    assert float(norms.max()) > 0.049


def test_runs_share_first_weights_and_batches(network):
    first, second = run(network, "sgd:lr=0.001"), run(network, "adam:lr=0.001")
    assert torch.equal(first.tape.weights[0], second.tape.weights[0])
    assert first.tape.batch_losses[0] == second.tape.batch_losses[0]
    assert torch.equal(first.tape.gradients[0], second.tape.gradients[0])


def test_dropout_draws_the_same_numbers_in_every_run():
    network = get_network("mlp:hidden=8,dropout=0.5", get_data("moons:samples=60"))
    first, second = run(network, "sgd:lr=0.001"), run(network, "adam:lr=0.001")
    assert first.tape.batch_losses[0] == second.tape.batch_losses[0]
    assert torch.equal(first.tape.weights, run(network, "sgd:lr=0.001").tape.weights)


def test_the_seed_orders_the_batches_and_leaves_global_numbers_alone(network):
    before = torch.random.get_rng_state()
    first, other = run(network, "sgd:lr=0.1"), run(network, "sgd:lr=0.1", seed=1)
    assert torch.equal(before, torch.random.get_rng_state())
    assert not torch.equal(first.tape.weights[1], other.tape.weights[1])


def test_a_run_stops_where_validation_no_longer_improves(network):
    found = run(network, "sgd:lr=1e-12", epochs=50, patience=2)
    assert found.outcome.kind == STOPPED
    losses = found.epochs[1:, 3]
    waited = [k for k in range(1, len(losses)) if losses[k] >= losses[:k].min()]
    assert len(losses) < 50
    assert waited[-2:] == [len(losses) - 2, len(losses) - 1]
    assert found.outcome.step == len(found.tape.learning_rates)


def test_a_run_that_overflows_ends_there():
    network = get_network("linear", get_data("line:samples=60"))
    found = run(network, "sgd:lr=1e30", epochs=20, batch_size=18)
    assert found.outcome.kind == NON_FINITE
    assert len(found.tape.learning_rates) < 40
    assert found.outcome.step == len(found.tape.learning_rates)


def test_epochs_hold_what_evaluation_says(network):
    found = run(network, "adam:lr=0.01")
    assert found.epochs[:, 0].tolist() == [0, 2, 4, 6]
    model = network.module
    val = network.data.val
    with torch.no_grad():
        outputs = model(val.x)
    assert found.epochs[0, 3] == pytest.approx(float(nn.functional.cross_entropy(outputs, val.y)))
    assert found.epochs[0, 4] == pytest.approx(float((outputs.argmax(1) == val.y).float().mean()))
    assert 0 <= found.test[1] <= 1


def test_without_validation_and_test_parts_there_are_no_scores():
    network = get_network("mlp:hidden=4", get_data("moons:samples=60", val=0, test=0))
    found = run(network, "adam:lr=0.01")
    assert np.isnan(found.epochs[:, 3:]).all()
    assert np.isnan(found.test).all()


def test_the_log_reads_as_in_courses(network):
    said = []
    run(network, "adam:lr=0.01", log=said.append)
    assert len(said) == EPOCHS
    assert said[0].startswith("Adam lr 0.01: Epoch [1/3], Batch [2/2], Loss: 0.")


def test_schedules_per_epoch_change_the_rate_between_epochs(network):
    found = run(network, "sgd:lr=0.1@step:step_size=1,gamma=0.5")
    assert found.tape.learning_rates.tolist() == [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]
    found = run(network, "sgd:lr=0.1@step:step_size=1,gamma=0.5", schedule_per="batch")
    assert found.tape.learning_rates.tolist() == [0.1 * 0.5**k for k in range(6)]


def test_a_plateau_is_shown_the_validation_loss(network):
    found = run(network, "sgd:lr=1e-4@plateau:patience=0,factor=0.5,threshold=0.5", epochs=4)
    assert found.tape.learning_rates[-1] < found.tape.learning_rates[0]


# --- the recorder


def test_norms_and_ratios_are_those_of_each_layer(network):
    tape = run(network, "sgd:lr=0.1").tape
    sizes = [(0, 12), (12, 22)]  # hidden1: 2 x 4 + 4, output: 4 x 2 + 2
    for layer, (a, b) in enumerate(sizes):
        gradients = tape.gradients[:, a:b].norm(dim=1).numpy()
        np.testing.assert_allclose(tape.gradient_norms[:-1, layer], gradients, rtol=1e-6)
        steps = (tape.weights[1:, a:b] - tape.weights[:-1, a:b]).norm(dim=1)
        expected = (steps / tape.weights[:-1, a:b].norm(dim=1)).numpy()
        np.testing.assert_allclose(tape.update_ratios[:-1, layer], expected, rtol=1e-5)
    assert np.isnan(tape.gradient_norms[-1]).all()
    assert np.isnan(tape.update_ratios[-1]).all()


@pytest.mark.parametrize("stride", [1, 2, 4, 5, 7])
def test_a_stride_keeps_some_steps_and_the_end(network, stride):
    every, some = run(network, "adam:lr=0.01").tape, run(network, "adam:lr=0.01", stride=stride).tape
    assert some.at.tolist() == sorted({*range(0, 6, stride), 6})
    assert torch.equal(some.weights, every.weights[some.at])
    assert torch.equal(some.gradients, every.gradients[some.at[:-1]])
    assert len(some.learning_rates) == len(some.batch_losses) == 6


def test_a_recorder_with_a_limit_thins_what_it_kept():
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Recorder(model, [optimizer], most=8) as recorder:
        for _ in range(100):
            optimizer.zero_grad()
            model(torch.ones(1, 1)).sum().backward()
            optimizer.step()
    tape = recorder.tape()
    assert 4 <= len(tape.at) - 1 <= 8
    assert (np.diff(tape.at[:-1]) == tape.at[1]).all()
    assert tape.at[-1] == 100
    assert len(tape.gradients) == len(tape.weights) - 1 == len(tape.at) - 1
    assert np.isnan(tape.batch_losses).all()
    start = float(tape.weights[0][0])
    np.testing.assert_allclose(tape.weights[:, 0].numpy(), start - 0.1 * tape.at, atol=1e-5)


def test_a_recorder_lets_go_of_the_optimizer():
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Recorder(model, [optimizer]) as recorder:
        pass
    optimizer.step()
    assert recorder.steps == 0
    assert math.isclose(len(recorder.tape().at), 1)


@pytest.mark.parametrize("deep", [False, True])
def test_a_last_batch_of_one_is_left_out_where_batch_norm_cannot_take_it(deep):
    generator = torch.Generator().manual_seed(0)
    norm = (
        [nn.Conv1d(1, 2, 1), nn.BatchNorm1d(2), nn.Flatten()] if deep else [nn.Flatten(), nn.BatchNorm1d(4)]
    )
    module = nn.Sequential(*norm, nn.Linear(8 if deep else 4, 1))
    x = torch.randn(33, 1, 4, generator=generator)
    options = {"epochs": 2, "batch_size": 16, "val": 0, "test": 0, "resolution": (3, 3)}
    made = descent.record(module, "sgd:lr=0.1", data=(x, x[:, 0, :1]), **options)
    assert made.steps == (6 if deep else 4)
    assert made.training.sizes == (33, 0, 0)
    assert ("a last batch of one sample is left out: batch norm needs two" in made.training.notes) != deep


def test_whole_prices_are_numbers_for_a_loss_of_numbers():
    x = torch.randn(40, 3, generator=torch.Generator().manual_seed(0))
    prices = (100 + 50 * x[:, 0]).long()
    options = {"epochs": 2, "resolution": (3, 3)}
    made = descent.record(nn.Linear(3, 1), "sgd:lr=0.1", data=(x, prices), loss="mse", **options)
    assert made.training.metric == "RMSE"
    with pytest.raises(DescentError, match="labels outside the classes"):
        descent.record(nn.Linear(3, 1), "sgd:lr=0.1", data=(x, prices), **options)
    bits = (x[:, 0] > 0).long()
    made = descent.record(nn.Linear(3, 1), "sgd:lr=0.1", data=(x, bits), loss="mse", **options)
    assert made.training.metric == "accuracy"
