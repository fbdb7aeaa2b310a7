"""Averages of an optimizer's points: those of torch.optim.swa_utils, bit for bit."""

import numpy as np
import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import descent
from descent.surfaces import get
from descent.trajectories import descend

BEALE, START, STEPS = get("beale"), (1.0, 1.5), 25


def by_hand(make, average, start=0):
    """The loop of torch's documentation; where it leads, and what its averaged model holds."""
    module = torch.nn.Module()
    module.point = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer, averaged = make(module.parameters()), average(module)
    points, averages = [module.point.detach().clone()], [module.point.detach().clone()]
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        BEALE(module.point).backward()
        optimizer.step()
        if step >= start:
            averaged.update_parameters(module)
        points.append(module.point.detach().clone())
        averages.append((averaged.module.point if step >= start else module.point).detach().clone())
    return torch.stack(points).numpy(), torch.stack(averages).numpy()


CASES = {
    "ema(adam:lr=0.1):decay=0.9": (
        lambda params: torch.optim.Adam(params, lr=0.1),
        lambda module: AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(0.9)),
        0,
    ),
    "swa(sgd:lr=0.01,momentum=0.5):start=8": (
        lambda params: torch.optim.SGD(params, lr=0.01, momentum=0.5),
        AveragedModel,
        8,
    ),
    "swa(sgd:lr=0.01)": (lambda params: torch.optim.SGD(params, lr=0.01), AveragedModel, 0),
}


@pytest.mark.parametrize("spec", CASES)
def test_the_average_is_what_is_evaluated(spec):
    run = descend(BEALE, spec, START, STEPS)
    points, averages = by_hand(*CASES[spec])
    np.testing.assert_array_equal(run.trained[:, :2], points)
    np.testing.assert_array_equal(run.points, averages)
    np.testing.assert_array_equal(run.losses, BEALE(torch.tensor(averages)).numpy())
    assert run.evaluations == STEPS
    assert np.abs(points - averages).max() > 0.01


def test_the_words_of_an_average_are_complete():
    assert descend(BEALE, "ema(sgd:lr=0.01)", START, 2).spec == "ema(sgd:lr=0.01):decay=0.999"
    assert descend(BEALE, "swa(sgd:lr=0.01)", START, 2).spec == "swa(sgd:lr=0.01):start=0"


def test_pictures_draw_either_point():
    recording = descent.record("beale", ["swa(sgd:lr=0.01):start=8", "sgd:lr=0.01"], steps=STEPS)
    np.testing.assert_array_equal(recording.trajectories[0].trained[:, :2], recording.trajectories[1].points)
    for point in ("evaluated", "training", "both"):
        said = descent.still(recording, point=point)
        assert "SWA(SGD)" in said.alt


def test_a_schedule_moves_the_rate_inside():
    run = descend(BEALE, "ema(sgd:lr=0.01):decay=0.5@step:step_size=5,gamma=0.1", START, 8)
    plain = descend(BEALE, "sgd:lr=0.01@step:step_size=5,gamma=0.1", START, 8)
    np.testing.assert_array_equal(run.trained[:, :2], plain.points)
    np.testing.assert_array_equal(run.learning_rates, plain.learning_rates)


def test_a_network_is_measured_with_its_average():
    options = {"data": "moons", "epochs": 2, "batch_size": 32, "resolution": (8, 8), "seed": 1}
    averaged = descent.record("logistic", "ema(sgd:lr=0.5):decay=0.9", **options)
    plain = descent.record("logistic", "sgd:lr=0.5", **options)
    (one,), (other,) = averaged.training.runs, plain.training.runs
    np.testing.assert_array_equal(one.batch_losses, other.batch_losses)
    assert (one.epochs[1:, 1] > other.epochs[1:, 1]).all()  # it lags behind


def test_slow_weights_of_a_lookahead_are_what_is_evaluated():
    package = pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    run = descend(BEALE, "pytorch_optimizer.Lookahead(sgd:lr=0.01):k=4,alpha=0.5", START, 9)
    point = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer = package.Lookahead(torch.optim.SGD([point], lr=0.01), k=4, alpha=0.5)
    for step in range(10):
        np.testing.assert_array_equal(run.trained[step, :2], point.detach().numpy())
        optimizer.backup_and_load_cache()
        np.testing.assert_array_equal(run.points[step], point.detach().numpy())
        optimizer.clear_and_load_backup()
        optimizer.zero_grad()
        BEALE(point).backward()
        optimizer.step()
    assert (run.points[:4] == START).all()
    assert (run.points[4:8] == run.trained[4, :2]).all()
