"""Fields of networks against a plain loop: planes, lines, the shortcut through the first layer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import nn

from descent.surfaces.data.dataset import Data, Part
from descent.surfaces.errors import DescentError
from descent.surfaces.networks import first_layer, plane_axes, slices
from descent.surfaces.networks.first_layer import split_first
from descent.surfaces.networks.objective import Objective, objective
from descent.surfaces.networks.resolve import get_network
from descent.surfaces.networks.slices import along, losses_at, sample_plane
from descent.surfaces.networks.weights import flatten, load

if TYPE_CHECKING:
    from descent.surfaces.networks.network import Network
    from descent.surfaces.networks.plane import Plane

VIEW = ((-1.0, 1.5), (-0.5, 2.0))
A, B = np.linspace(*VIEW[0], 5), np.linspace(*VIEW[1], 4)


def made(inputs: tuple[int, ...], outputs: int, task: str = "classification") -> Data:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(30, *inputs, generator=generator)
    y = torch.randint(outputs, (30,), generator=generator)
    part = Part(x, y if task == "classification" else torch.randn(30, outputs, generator=generator))
    return Data("made", task, part, part, part, inputs, outputs)  # type: ignore[arg-type]


class Own(nn.Module):
    """A network with layers in an order that only its code knows."""

    def __init__(self) -> None:
        super().__init__()
        self.last, self.first = nn.Linear(4, 2), nn.Linear(2, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.last(self.first(x).relu())
        return outputs


def frozen() -> nn.Sequential:
    stack = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 2))
    stack[0].bias.requires_grad_(False)
    stack[2].weight.requires_grad_(False)
    return stack


def tied() -> nn.Sequential:
    stack = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))
    stack[2].weight = stack[0].weight
    return stack


def twice() -> nn.Sequential:
    layer = nn.Linear(2, 2)
    return nn.Sequential(layer, nn.Tanh(), layer)


def hooked() -> nn.Sequential:
    stack = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    stack[0].register_forward_hook(lambda _module, _inputs, output: output.abs())
    return stack


def normed() -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2))


BLOBS, IMAGES, LINE = made((2,), 2), made((1, 8, 8), 10), made((1,), 1, "regression")
CASES = {  # case -> (target, data, whether the shortcut is exact)
    "linear": ("linear", LINE, True),
    "logistic": ("logistic", BLOBS, True),
    "mlp": ("mlp:activation=relu", BLOBS, True),
    "mlp of images": ("mlp:hidden=12,activation=relu", IMAGES, True),
    "batchnorm": ("mlp:batchnorm=true", BLOBS, True),
    "dropout": ("mlp:dropout=0.4", BLOBS, True),
    "cnn": ("cnn", IMAGES, True),
    "frozen": (frozen(), BLOBS, True),
    "own": (Own, BLOBS, True),
    "tied": (tied(), BLOBS, False),
    "twice": (twice(), BLOBS, False),
    "hooked": (hooked(), BLOBS, False),
    "normed": (normed(), BLOBS, False),
}


def build(case: str) -> tuple[Network, Objective, Plane]:
    target, data, _ = CASES[case]
    network = get_network(target, data)
    generator = torch.Generator().manual_seed(2)
    ends = flatten(network.module) + 0.4 * torch.randn(4, network.parameters, generator=generator)
    plane = plane_axes.whole(network.module) if network.parameters == 2 else plane_axes.pca(ends)
    return network, objective(network, data.train), plane


def looped(trial: Objective, plane: Plane, metric: bool = False) -> np.ndarray:
    """Load the weights of each point, one by one."""
    z = np.empty((len(B), len(A)))
    with torch.no_grad():
        for row, b in enumerate(B):
            for column, a in enumerate(A):
                load(trial.module, plane.origin + a * plane.directions[0] + b * plane.directions[1])
                z[row, column] = trial.judge(trial.module(trial.x), metric)
    return z


@pytest.mark.parametrize("metric", [False, True], ids=["loss", "metric"])
@pytest.mark.parametrize("case", CASES)
def test_a_field_is_what_a_plain_loop_gives(case: str, metric: bool) -> None:
    network, trial, plane = build(case)
    before = flatten(network.module)
    field = sample_plane(trial, plane, VIEW, (len(A), len(B)), metric)
    assert (split_first(trial) is not None) is CASES[case][2]
    np.testing.assert_allclose(field.z, looped(trial, plane, metric), rtol=1e-5, atol=1e-6)
    assert (field.x.tolist(), field.y.tolist()) == (A.tolist(), B.tolist())
    assert torch.equal(flatten(network.module), before)


@pytest.mark.parametrize("case", [case for case, (*_, exact) in CASES.items() if exact])
@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_the_shortcut_and_the_long_way_agree(
    case: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, trial, plane = build(case)
    monkeypatch.setattr(first_layer, "how_many", lambda *_: at_once)
    short = sample_plane(trial, plane, VIEW, (5, 4)).z
    monkeypatch.setattr(slices, "by_first_layer", lambda *_: None)
    for long in (replace(trial, at_once=at_once), replace(trial, batched=False)):
        np.testing.assert_allclose(sample_plane(long, plane, VIEW, (5, 4)).z, short, rtol=1e-5, atol=1e-6)


def test_double_precision_is_kept() -> None:
    network, _, plane = build("mlp")
    exact = objective(network, network.data.train, dtype=torch.float64)
    double = replace(plane, origin=plane.origin.double(), directions=plane.directions.double())
    np.testing.assert_allclose(sample_plane(exact, double, VIEW, (5, 4)).z, looped(exact, double), rtol=1e-12)


@pytest.mark.parametrize(
    ("view", "resolution", "says"),
    [
        (((1.0, 0.0), (0.0, 1.0)), (5, 5), "view"),
        (VIEW, (1, 5), "resolution"),
        (VIEW, 5, "resolution"),
    ],
    ids=["view", "thin", "one number"],
)
def test_what_cannot_be_sampled_is_said(view: object, resolution: object, says: str) -> None:
    _, trial, plane = build("mlp")
    with pytest.raises(DescentError, match=says):
        sample_plane(trial, plane, view, resolution)  # type: ignore[arg-type]


def test_weights_of_another_network_are_refused() -> None:
    _, trial, _ = build("mlp")
    _, _, plane = build("logistic")
    with pytest.raises(DescentError, match="354 parameters, but weights of 2"):
        sample_plane(trial, plane, VIEW)
    with pytest.raises(DescentError, match="354 parameters, but weights of 3"):
        along(trial, torch.zeros(354), torch.zeros(3), [0.5])
    with pytest.raises(DescentError, match="354 parameters, but weights of 5"):
        losses_at(trial, torch.zeros(2, 5))


@pytest.mark.parametrize("case", ["mlp", "own", "cnn"])
def test_a_line_goes_from_one_network_to_the_other(case: str) -> None:
    network, trial, plane = build(case)
    a, b = flatten(network.module), plane.origin
    positions = [-0.25, 0.0, 0.3, 1.0, 1.25]
    wanted = []
    with torch.no_grad():
        for t in positions:
            load(trial.module, (1 - t) * a + t * b)
            wanted.append(float(trial.loss(trial.module(trial.x), trial.y)))
    found = along(trial, a, b, positions)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    np.testing.assert_array_equal(found[[1, 3]], losses_at(trial, torch.stack((a, b))))
    assert along(trial, a, b, []).shape == (0,)
    right = along(trial, a, b, positions, metric=True) * 30
    np.testing.assert_allclose(right, right.round(), atol=1e-4)


def test_metrics_at_weights() -> None:
    network, trial, _ = build("mlp")
    weights = flatten(network.module)[None]
    answers = network.module(trial.x).argmax(dim=1)
    assert losses_at(trial, weights, metric=True)[0] == pytest.approx(
        float((answers == trial.y).float().mean())
    )


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("case", ["mlp", "cnn", "own"])
def test_a_gpu_gives_the_same_field(case: str) -> None:
    network, trial, plane = build(case)
    there = objective(network, network.data.train, "cuda")
    field = sample_plane(there, plane, VIEW, (5, 4))
    np.testing.assert_allclose(field.z, sample_plane(trial, plane, VIEW, (5, 4)).z, rtol=1e-4, atol=1e-5)
