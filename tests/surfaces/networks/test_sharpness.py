"""Sharpness against whole Hessians, and bounds against optimizers on quadratics."""

import numpy as np
import pytest
import torch

import descent
from descent.surfaces.networks.objective import objective
from descent.surfaces.networks.sharpness import sharpness
from descent.surfaces.networks.weights import flatten
from descent.trajectories.results.recording import load
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.training.record_network import find_network
from descent.trajectories.training.stability import preconditioner, stable_below


@pytest.mark.parametrize("hidden", [4, 24])  # 22 weights, where the whole is taken, and 122
@pytest.mark.parametrize("scaled", [False, True])
def test_the_largest_eigenvalue_is_that_of_the_whole_hessian(hidden, scaled):
    network = find_network(f"mlp:hidden={hidden}", {"data": "moons"}, 0)
    every = objective(network, network.data.train, dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    first = flatten(network.module).double()
    weights = torch.stack([first + 0.3 * k * torch.randn(len(first), generator=generator) for k in range(3)])
    scales = 0.1 + torch.rand(weights.shape, generator=generator, dtype=torch.float64) if scaled else None
    found = sharpness(every, weights, scales)
    for row, point in enumerate(weights):
        whole = torch.autograd.functional.hessian(every.loss_of, point)
        if scales is not None:
            half = scales[row] ** -0.5
            whole = half[:, None] * whole * half
        assert found[row] == pytest.approx(float(torch.linalg.eigvalsh(whole)[-1]), rel=2e-3)


def test_a_point_that_is_lost_has_no_sharpness():
    network = find_network("mlp:hidden=4", {"data": "moons"}, 0)
    every = objective(network, network.data.train)
    first = flatten(network.module)
    found = sharpness(every, torch.stack([first, first * torch.nan, first]))
    assert np.isnan(found[1])
    assert found[0] == found[2] > 0


SPECS = [
    "sgd",
    "sgd:momentum=0.9",
    "sgd:momentum=0.9,nesterov=true",
    "sgd:momentum=0.8,dampening=0.5",
    "sgd:momentum=0.5,weight_decay=0.7",
]


@pytest.mark.parametrize("text", SPECS)
@pytest.mark.parametrize(("share", "grows"), [(0.99, False), (1.01, True)])
def test_steps_grow_above_the_bound_and_not_below(text, share, grows):
    spec, rate = OptimizerSpec.parse(text), 0.05
    (bound,) = stable_below(spec, np.array([rate])).tolist()
    weight = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=rate, **dict(spec.options))
    for _ in range(2000):
        weight.grad = share * bound * weight.detach()
        optimizer.step()
    assert (abs(weight.item()) > 1) == grows


def test_adams_bound_is_the_one_that_is_cited():
    assert stable_below(OptimizerSpec.parse("adam"), np.array([0.01])) == pytest.approx(38 / 0.01)
    assert stable_below(OptimizerSpec.parse("adamw:weight_decay=0"), np.array([1.0])) == pytest.approx(38)
    assert stable_below(OptimizerSpec.parse("rmsprop"), np.array([0.01])) == pytest.approx(200)


@pytest.mark.parametrize(
    "text",
    ["adagrad", "lbfgs", "rmsprop:centered=true", "adam:weight_decay=0.1", "sgd:maximize=true"],
)
def test_where_no_bound_is_known_there_is_none(text):
    assert np.isnan(stable_below(OptimizerSpec.parse(text), np.array([0.1, 0.2]))).all()


@pytest.mark.parametrize(
    ("make", "mean"),
    [
        (lambda p: torch.optim.Adam(p, lr=0.1), "exp_avg"),
        (lambda p: torch.optim.Adam(p, lr=0.1, amsgrad=True), "exp_avg"),
        (lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.0), "exp_avg"),
        (lambda p: torch.optim.RMSprop(p, lr=0.1), None),
    ],
    ids=["Adam", "amsgrad", "AdamW", "RMSprop"],
)
def test_a_step_is_what_is_pushed_over_what_it_is_divided_by(make, mean):
    weights = [torch.tensor([1.0, -2.0], dtype=torch.float64), torch.tensor([[0.5]], dtype=torch.float64)]
    optimizer = make([each.requires_grad_() for each in weights])
    for step in range(5):
        before = torch.cat([each.detach().reshape(-1).clone() for each in weights])
        for each in weights:
            each.grad = torch.cos(each.detach() + step)
        optimizer.step()
        pushed = [each.grad if mean is None else optimizer.state[each][mean] for each in weights]
        moved = torch.cat([each.detach().reshape(-1) for each in weights]) - before
        divided = preconditioner(optimizer, weights)
        expected = -0.1 * torch.cat([each.reshape(-1) for each in pushed]) / divided
        torch.testing.assert_close(moved, expected, rtol=1e-9, atol=0)


def test_sgd_has_nothing_that_it_is_divided_by():
    weight = torch.zeros(1, requires_grad=True)
    assert preconditioner(torch.optim.SGD([weight], lr=0.1), [weight]) is None


@pytest.fixture(scope="module")
def edge():
    return descent.record(
        "mlp:hidden=16",
        ["sgd:lr=0.5", "rmsprop:lr=0.005"],
        data="moons",
        loss="mse",
        batch_size="all",
        epochs=500,
        snapshots=60,
        sharpness=True,
        resolution=(5, 5),
    )


def test_descent_in_full_batches_rises_to_the_edge_of_stability_and_stays_there(edge):
    for run in edge.training.runs:
        late = np.nanmedian(run.sharpness[-20:])
        bound = run.stable_below[0]
        assert np.nanmin(run.sharpness[:30]) < 0.85 * bound
        assert late == pytest.approx(bound, rel=0.15)


def test_sharpness_is_kept_in_the_file_and_asked_for_in_the_recipe(edge, tmp_path):
    edge.save(tmp_path / "a.npz")
    again = load(tmp_path / "a.npz")
    assert again.recipe.training.sharpness
    for one, other in zip(edge.training.runs, again.training.runs, strict=True):
        np.testing.assert_array_equal(one.sharpness, other.sharpness)
        np.testing.assert_array_equal(one.stable_below, other.stable_below)


def test_the_panel_shows_both_and_says_what_it_is(edge):
    stage = descent.animate(edge, panels="contour,sharpness")._stage
    words = " ".join(text.get_text() for axes in stage.figure.axes for text in axes.texts)
    assert "sharpness" in words
    assert "stable below" in words


def test_a_recording_without_it_says_how_to_get_it():
    plain = descent.record("linear", "sgd:lr=0.1", epochs=2, resolution=(5, 5))
    with pytest.raises(descent.DescentError, match="--sharpness"):
        descent.animate(plain, panels="sharpness")
