"""Planes through weight space against brute force: principal components, random, ends, Hessian."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import nn

from descent.surfaces.data.dataset import Data, Part
from descent.surfaces.errors import DescentError
from descent.surfaces.networks import plane_axes, rows
from descent.surfaces.networks.hessian import sharpest
from descent.surfaces.networks.objective import Objective, objective
from descent.surfaces.networks.resolve import get_network
from descent.surfaces.networks.weights import flatten, shapes, unflatten

if TYPE_CHECKING:
    from descent.surfaces.networks.network import Network
    from descent.surfaces.networks.plane import Plane


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def walk(steps: int = 12, parameters: int = 30, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Return a path (steps, parameters) that is longer in some directions than in others."""
    steps_ = torch.randn(steps, parameters, generator=generator(), dtype=dtype)
    return 3 + (steps_ * torch.linspace(2, 0.1, parameters, dtype=dtype)).cumsum(dim=0)


def check_orthogonal(plane: Plane, unit: bool = True) -> None:
    products = (plane.directions @ plane.directions.T).double()
    assert abs(products[0, 1]) < 1e-5 * products.diagonal().max()
    if unit:
        torch.testing.assert_close(products.diagonal(), torch.ones(2).double(), rtol=1e-5, atol=0)


# The whole weight space


@pytest.mark.parametrize(
    ("module", "axes"),
    [
        (nn.Sequential(nn.Linear(1, 1)), ("weight", "bias")),
        (nn.Linear(2, 1, bias=False), ("weight 1", "weight 2")),
        (nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)), ("0.weight", "1.weight")),
    ],
)
def test_two_weights_are_the_plane(module: nn.Module, axes: tuple[str, str]) -> None:
    plane = plane_axes.whole(module)
    assert (plane.kind, plane.axes) == ("weights", axes)
    weights = torch.tensor([[0.5, -2.0], [3.0, 4.0]])
    assert torch.equal(plane.embed(weights), weights)
    assert torch.equal(plane.project(weights), weights)
    assert plane.distance(weights).tolist() == [0, 0]


# Principal components


@pytest.mark.parametrize("columns", [7, 1 << 16], ids=["in chunks", "at once"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_principal_components_are_those_of_numpy(
    dtype: torch.dtype, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "WIDEST", columns)
    weights = walk(dtype=dtype)
    plane = plane_axes.pca(weights)
    check_orthogonal(plane)
    assert plane.directions.dtype == plane.origin.dtype == dtype
    centred = weights.double().numpy() - weights.double().numpy().mean(axis=0)
    _, singular, right = np.linalg.svd(centred, full_matrices=False)
    overlap = (plane.directions.double().numpy() * right[:2]).sum(axis=1)
    np.testing.assert_allclose(np.abs(overlap), 1, rtol=1e-5)
    assert (plane.project(weights)[-1] > 0).all()
    shares = singular**2 / (singular**2).sum()
    np.testing.assert_allclose(plane_axes.explained(plane, weights), shares[:2], rtol=1e-5)
    np.testing.assert_allclose(
        plane.origin.double().numpy(), centred[0] * 0 + weights.double().mean(0).numpy()
    )


def test_more_points_than_parameters_are_no_trouble() -> None:
    weights = walk(40, 3)
    plane = plane_axes.pca(weights)
    assert 0.5 < sum(plane_axes.explained(plane, weights)) <= 1 + 1e-12


def test_a_turned_path_keeps_its_signs_deterministic() -> None:
    weights = walk()
    one, same = plane_axes.pca(weights), plane_axes.pca(weights.clone())
    assert torch.equal(one.directions, same.directions)
    closed = torch.tensor([[1.0, 0, 0], [0, 0.5, 0], [-1, 0, 0], [0, -0.5, 0], [0, 0, 0]])
    plane = plane_axes.pca(closed)  # ends in the middle, where no coordinate has a sign
    torch.testing.assert_close(plane.directions, torch.eye(3)[:2])


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (walk()[:2], ["2 points", "too short for plane 'pca'", "random"]),
        (torch.ones(5, 4), ["5 points lie in one point", "hessian"]),
        (torch.linspace(0, 1, 9)[:, None] * walk(1)[0].float() + 2, ["9 points lie on one line", "ends"]),
        (torch.full((4, 3), torch.nan), ["finite weights"]),
    ],
    ids=["two", "point", "line", "nan"],
)
def test_a_path_too_short_for_components_is_said(weights: torch.Tensor, says: list[str]) -> None:
    with pytest.raises(DescentError) as caught:
        plane_axes.pca(weights)
    for part in says:
        assert part in str(caught.value)


def test_explained_variance_counts_along_any_plane() -> None:
    weights = walk()
    centred = weights - weights.mean(dim=0)
    module = nn.Linear(5, 6, bias=False, dtype=torch.float64)
    plane = plane_axes.random(module, weights[-1], 1)
    unit = plane.directions / plane.directions.norm(dim=1, keepdim=True)
    shares = (centred @ unit.T).square().sum(dim=0) / centred.square().sum()
    np.testing.assert_allclose(plane_axes.explained(plane, weights), shares.numpy(), rtol=1e-9)
    assert plane_axes.explained(plane, weights[:1].repeat(3, 1)) == (0, 0)


# Random directions


def mixed() -> nn.Sequential:
    """Return a network with filters, biases and a norm layer."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 3, 2), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(12, 4), nn.Tanh(), nn.Linear(4, 2)
    )


def test_random_directions_are_as_long_as_each_filter() -> None:
    module = mixed()
    origin = flatten(module)
    plane = plane_axes.random(module, origin, seed=5)
    check_orthogonal(plane, unit=False)
    first = unflatten(plane.directions[0], shapes(module))
    noise = generator(5)
    for name, weight in unflatten(origin, shapes(module)).items():
        drawn = torch.randn(weight.shape, generator=noise)
        if weight.ndim < 2:
            assert not first[name].any()
            continue
        for k in range(len(weight)):
            wanted = drawn[k] / drawn[k].norm() * weight[k].norm()
            torch.testing.assert_close(first[name][k], wanted)
    lengths = plane.directions.norm(dim=1)
    filters = torch.cat([w.flatten() for w in unflatten(origin, shapes(module)).values() if w.ndim > 1])
    torch.testing.assert_close(lengths, filters.norm().expand(2))


def test_random_directions_come_from_the_seed_alone() -> None:
    module = mixed()
    before = torch.random.get_rng_state()
    one, same, other = (plane_axes.random(module, flatten(module), seed).directions for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("module", [nn.Linear(1, 1), nn.BatchNorm1d(4)], ids=["one weight", "no weight"])
def test_random_directions_need_two_weights(module: nn.Module) -> None:
    with pytest.raises(DescentError, match="at least two weights"):
        plane_axes.random(module, flatten(module))
    with pytest.raises(DescentError, match="at least two weights"):
        plane_axes.random(nn.Linear(3, 3), torch.zeros(12))


# Three ends


def test_the_plane_of_three_ends_holds_them() -> None:
    a, b, c = walk(3, 20, torch.float32)
    plane = plane_axes.through(a, b, c, ("sgd", "adam", "rmsprop"))
    check_orthogonal(plane)
    assert plane.axes == ("sgd to adam", "towards rmsprop")
    (ax, ay), (bx, by), (_, cy) = plane.project(torch.stack((a, b, c))).tolist()
    assert (ax, ay) == (0, 0)
    assert bx == pytest.approx(float((b - a).norm()), rel=1e-6)
    assert abs(by) < 1e-5
    assert cy > 0
    assert plane.distance(torch.stack((a, b, c))).max() < 1e-5


@pytest.mark.parametrize(
    "ends",
    [
        (torch.zeros(3), torch.ones(3), 2 * torch.ones(3)),
        (torch.ones(3), torch.ones(3), torch.zeros(3)),
        (torch.zeros(3), torch.ones(3), torch.tensor([torch.nan, 0, 0])),
    ],
    ids=["line", "same", "nan"],
)
def test_three_ends_on_one_line_are_said(ends: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> None:
    with pytest.raises(DescentError, match="lie on one line"):
        plane_axes.through(*ends)


def test_the_whole_plane_is_only_for_two_weights() -> None:
    with pytest.raises(DescentError, match="and this one has 8; allowed: pca"):
        plane_axes.whole(nn.Linear(3, 2))


# Curvature


def trained(spec: str, inputs: int = 2) -> tuple[Network, Objective]:
    x = torch.randn(60, inputs, generator=generator())
    part = Part(x, (x.prod(dim=1) > 0).long())
    data = Data("made", "classification", part, part, part, (inputs,), 2)
    network = get_network(spec, data)
    return network, objective(network, part, dtype=torch.float64)


@pytest.mark.parametrize(
    ("spec", "inputs", "parameters"),
    [("logistic", 2, 2), ("mlp:hidden=2", 1, 10), ("mlp:hidden=2", 2, 12), ("mlp:hidden=6/6", 2, 74)],
)
def test_the_largest_curvatures_are_those_of_the_exact_hessian(
    spec: str, inputs: int, parameters: int
) -> None:
    network, loss = trained(spec, inputs)
    at = flatten(network.module).double()
    assert len(at) == parameters
    exact = torch.autograd.functional.hessian(loss.loss_of, at)
    values, vectors = torch.linalg.eigh(exact)
    before = torch.random.get_rng_state()
    plane, found = sharpest(loss, at)
    assert torch.equal(torch.random.get_rng_state(), before)
    check_orthogonal(plane)
    np.testing.assert_allclose(found, values.flip(0)[:2].numpy(), rtol=1e-4, atol=1e-10)
    overlap = (plane.directions @ vectors.flip(1)[:, :2]).abs()
    torch.testing.assert_close(overlap, torch.eye(2).double(), rtol=0, atol=2e-2)
    assert plane.axes[0] == f"eigenvector 1 (λ {found[0]:.3g})"
    assert (plane.kind, plane.origin.tolist()) == ("hessian", at.tolist())
    assert torch.equal(sharpest(loss, at)[0].directions, plane.directions)
    largest = plane.directions.gather(1, plane.directions.abs().argmax(dim=1, keepdim=True))
    assert (largest > 0).all()


def test_single_precision_finds_the_same_curvature() -> None:
    network, loss = trained("mlp:hidden=6/6")
    at = flatten(network.module)
    single = objective(network, network.data.train)
    np.testing.assert_allclose(sharpest(single, at)[1], sharpest(loss, at)[1], rtol=1e-3)
    assert sharpest(single, at)[0].directions.dtype == torch.float32


def test_where_there_is_no_curvature_is_said() -> None:
    network, loss = trained("mlp:hidden=2")
    with pytest.raises(DescentError, match="no finite gradient"):
        sharpest(loss, torch.full((12,), torch.nan))
    with pytest.raises(DescentError, match="at least two parameters"):
        sharpest(loss, torch.zeros(1))

    class Linear(nn.Module):
        def forward(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return outputs.mean()

    flat = get_network("linear", network.data, loss=Linear())
    with pytest.raises(DescentError, match="flat or linear"):
        sharpest(objective(flat, flat.data.train), flatten(flat.module))
