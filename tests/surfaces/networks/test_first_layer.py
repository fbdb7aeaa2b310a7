"""The short way through the first layer: where it is taken, that it is proved, and losses of few classes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import nn

from descent.surfaces.data.dataset import Data, Part
from descent.surfaces.networks import first_layer, plane_axes, slices
from descent.surfaces.networks.any_loss import Judge
from descent.surfaces.networks.first_layer import quick_loss, split_first
from descent.surfaces.networks.network import Network
from descent.surfaces.networks.objective import Objective, objective
from descent.surfaces.networks.slices import sample_plane
from descent.surfaces.networks.weights import flatten, load

if TYPE_CHECKING:
    from collections.abc import Callable

VIEW = ((-1.0, 1.5), (-0.5, 2.0))


class Own(nn.Module):
    """A network whose layers are called by its code: which way, the test says."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way
        self.last, self.first = nn.Linear(6, 3), nn.Linear(4, 6)
        self.before = nn.Parameter(torch.ones(4), requires_grad=way == "weights before it")
        self.grid, self.words = nn.Conv2d(1, 2, 3, padding=1), nn.Embedding(9, 6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return three numbers a sample."""
        if self.way == "words":
            return self.last(self.words((x * 2).long() % 9).mean(dim=1).tanh())  # type: ignore[no-any-return]
        if self.way == "grid":
            return self.last(self.grid(x[:, None, None]).relu().flatten(1)[:, :6])  # type: ignore[no-any-return]
        hidden = self.first(x * self.before).relu()
        if self.way == "twice":
            hidden = hidden + self.first(x.flip(1))
        if self.way == "weight used again":
            hidden = hidden @ self.first.weight @ self.first.weight.T
        if self.way == "by name":
            hidden = hidden + self.first(input=x)
        if self.way == "beside it":
            hidden = hidden + x.sum(dim=1, keepdim=True)
        return self.last(hidden.tanh())  # type: ignore[no-any-return]


WAYS = {"plain": True, "words": True, "grid": True, "beside it": True, "twice": False, "by name": False}
WAYS |= {"weights before it": False}


def made(module: nn.Module, loss: nn.Module | None = None) -> Objective:
    generator = torch.Generator().manual_seed(1)
    part = Part(torch.rand(20, 4, generator=generator), torch.randint(3, (20,), generator=generator))
    data = Data("made", "classification", part, part, part, (4,), 3)
    network = Network("own", module, data, loss or nn.CrossEntropyLoss(), "cross entropy", "accuracy")
    return objective(network, part)


def both(trial: Objective, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, bool]:
    """The field, that by a plain loop, and whether the short way was taken."""
    plane = plane_axes.random(trial.module, flatten(trial.module))
    taken = []
    short = slices.by_first_layer

    def watched(*given: Any) -> torch.Tensor | None:
        values = short(*given)
        taken.append(values is not None)
        return values

    monkeypatch.setattr(slices, "by_first_layer", watched)
    field = sample_plane(trial, plane, VIEW, (5, 4))
    z = np.empty((4, 5))
    with torch.no_grad():
        for row, b in enumerate(field.y):
            for column, a in enumerate(field.x):
                load(trial.module, plane.origin + a * plane.directions[0] + b * plane.directions[1])
                z[row, column] = trial.judge(trial.module(trial.x))
    return field.z, z, taken[0]


@pytest.mark.parametrize("way", WAYS)
def test_the_first_layer_of_any_module_is_split_where_that_is_exact(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = made(Own(way))
    assert (split_first(trial) is not None) is WAYS[way]
    short, long, taken = both(trial, monkeypatch)
    assert taken is WAYS[way]
    np.testing.assert_allclose(short, long, rtol=1e-6, atol=1e-7)


def layers(way: str) -> nn.Module:
    middle = [nn.Linear(6, 5, bias=way != "no bias"), nn.BatchNorm1d(5) if way == "norm" else nn.GELU()]
    stack = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), *middle, nn.Linear(5, 3))
    for each in (stack[2].weight, stack[4].bias) if way == "frozen" else ():
        each.requires_grad_(False)
    if way == "hooked":
        stack[1].register_forward_hook(lambda _module, _inputs, output: output.abs())
    return stack


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), nn.MultiMarginLoss()], ids=["quick", "other"])
@pytest.mark.parametrize("way", ["plain", "no bias", "frozen", "norm", "hooked"])
def test_layers_that_take_samples_as_columns_give_the_same(
    way: str, loss: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = made(layers(way), loss)
    columns = first_layer._stack(trial.module, "0")
    assert (columns is not None) is (way not in ("norm", "hooked"))
    short, long, taken = both(trial, monkeypatch)
    assert taken
    np.testing.assert_allclose(short, long, rtol=1e-6, atol=1e-7)


def test_what_only_shows_when_it_is_run_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = made(Own("weight used again"))
    assert split_first(trial) is not None
    short, long, taken = both(trial, monkeypatch)
    assert not taken
    np.testing.assert_allclose(short, long, rtol=1e-6)


@pytest.mark.parametrize("shape", [(3, 2, 8, 8), (2, 7, 9), (1, 3, 6, 5)], ids=str)
@pytest.mark.parametrize("side", [2, 3])
def test_pooling_by_maxima_is_torchs(side: int, shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    x[..., 1, 1] = torch.nan
    pooled = nn.functional.max_pool2d(x, side)
    assert torch.equal(first_layer.Maxima(side)(x).nan_to_num(9), pooled.nan_to_num(9))


def test_pools_that_overlap_or_pad_stay_as_they_are() -> None:
    for pool, side in (
        (nn.MaxPool2d(2), 2),
        (nn.MaxPool2d((3, 3), 3), 3),
        (nn.MaxPool2d(3, stride=2), 0),
        (nn.MaxPool2d(2, padding=1), 0),
        (nn.MaxPool2d(2, ceil_mode=True), 0),
        (nn.MaxPool2d((2, 1)), 0),
        (nn.AvgPool2d(2), 0),
    ):
        assert first_layer._blocks(pool) == side


def test_the_proof_sees_a_loss_that_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = made(Own("plain"))
    monkeypatch.setattr(first_layer, "quick_loss", lambda _: lambda by_class: 1.0001 * by_class.mean())
    short, long, taken = both(trial, monkeypatch)
    assert not taken
    np.testing.assert_allclose(short, long, rtol=1e-6)


def test_a_loss_that_is_not_finite_is_drawn_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    module = Own("plain")
    with torch.no_grad():
        module.last.bias[0] = torch.nan
    short, long, taken = both(made(module), monkeypatch)
    assert taken
    assert np.isnan(short).all()
    assert np.isnan(long).all()


LOSSES: dict[str, tuple[Callable[[], nn.Module], bool]] = {
    "cross entropy": (nn.CrossEntropyLoss, True),
    "as a function": (lambda: Judge(nn.functional.cross_entropy, "as is"), True),
    "sum": (lambda: nn.CrossEntropyLoss(reduction="sum"), False),
    "smoothed": (lambda: nn.CrossEntropyLoss(label_smoothing=0.1), False),
    "weighed": (lambda: nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0])), False),
    "without a class": (lambda: nn.CrossEntropyLoss(ignore_index=1), False),
    "margins": (nn.MultiMarginLoss, False),
}


@pytest.mark.parametrize("name", LOSSES)
def test_the_quick_loss_is_torchs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loss, quick = LOSSES[name]
    trial = made(Own("plain"), loss())
    found = quick_loss(trial)
    assert (found is not None) is quick
    if found is not None:
        outputs = 30 * torch.randn(20, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
        outputs[0, 0] = 1e5
        exact = nn.functional.cross_entropy(outputs, trial.y)
        assert float(found(outputs.T)) == pytest.approx(float(exact), rel=1e-12)
    short, long, taken = both(trial, monkeypatch)
    assert taken
    np.testing.assert_allclose(short, long, rtol=1e-6)


def test_classes_that_are_left_out_and_targets_of_another_kind_have_no_quick_loss() -> None:
    trial = made(Own("plain"))
    y = trial.y.clone()
    y[0] = -100
    assert quick_loss(replace(trial, y=y)) is None
    assert quick_loss(replace(trial, y=torch.rand(20, 3))) is None
