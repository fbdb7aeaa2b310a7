"""Networks by name, class and module; their losses, flat weights and objectives."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

from descent.surfaces.catalogue import NETWORKS, network_names
from descent.surfaces.data.dataset import Data, Part
from descent.surfaces.errors import DescentError, NotPossibleError
from descent.surfaces.networks.losses import LOSSES, get_loss, measure
from descent.surfaces.networks.objective import objective
from descent.surfaces.networks.resolve import default_data, describe, get_network, is_network
from descent.surfaces.networks.weights import (
    Layer,
    flatten,
    layers,
    load,
    shapes,
    trainable,
    unflatten,
)

if TYPE_CHECKING:
    from pathlib import Path


def made(
    inputs: tuple[int, ...] = (2,), outputs: int = 2, task: str = "classification", samples: int = 24
) -> Data:
    """Make data of a shape, the same every time."""
    generator = torch.Generator().manual_seed(1)

    def part(count: int) -> Part:
        x = torch.randn(count, *inputs, generator=generator)
        if task == "classification":
            return Part(x, torch.randint(outputs, (count,), generator=generator))
        return Part(x, torch.randn(count, outputs, generator=generator))

    return Data("made", task, part(samples), part(6), part(6), inputs, outputs)  # type: ignore[arg-type]


BLOBS, LINE = made(), made((1,), 1, "regression")
FITTING = {
    "linear": LINE,
    "logistic": BLOBS,
    "mlp": BLOBS,
    "mlp784": made((1, 28, 28), 10),
    "cnn": made((1, 8, 8), 10),
}


class Tied(nn.Module):
    """Two layers with one weight, and a parameter of the root."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.5))
        self.one = nn.Linear(2, 2)
        self.other = nn.Linear(2, 2)
        self.other.weight = self.one.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scale * self.other(torch.tanh(self.one(x)))


class Moody(nn.Module):
    """Asks for a value, which batched weights cannot answer."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.inner(x)
        return outputs if outputs.sum().item() > 0 else 2 * outputs


class Needy(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Linear(2, width)


# Names


@pytest.mark.parametrize("name", network_names())
def test_the_catalogue_builds_what_fits_the_data(name: str) -> None:
    network = get_network(name, FITTING[name])
    assert network.name == name
    assert network.module(FITTING[name].train.x).shape[0] == 24
    assert default_data(name) == NETWORKS[name].data
    assert {each.dtype for each in network.module.parameters()} == {torch.float32}


def test_the_classic_has_101770_parameters() -> None:
    network = get_network("MLP784", FITTING["mlp784"])
    assert network.parameters == 101_770
    assert [tuple(row) for row in describe(network)] == [
        ("hidden1", "Linear 784 -> 128", 100_480, {"weight": 100_352, "bias": 128}),
        ("output", "Linear 128 -> 10", 1_290, {"weight": 1_280, "bias": 10}),
    ]
    assert get_network("mlp784", made((784,), 10)).parameters == 101_770


@pytest.mark.parametrize("inputs", [(1, 8, 8), (1, 28, 28), (64,), (3, 9, 11)])
def test_the_cnn_fits_images_of_several_sizes(inputs: tuple[int, ...]) -> None:
    data = made(inputs, 10)
    assert get_network("cnn", data).module(data.train.x).shape == (24, 10)


def test_options_reach_the_network_and_its_name() -> None:
    network = get_network("MLP:batchnorm=true, hidden=8/4,activation=ReLU,dropout=0.5", BLOBS)
    assert [type(each).__name__ for each in network.module] == [
        *("Linear", "BatchNorm1d", "ReLU", "Dropout", "Linear", "BatchNorm1d", "ReLU", "Dropout", "Linear")
    ]
    assert get_network(network.name, BLOBS).name == network.name
    assert get_network("mlp:hidden=8/4", BLOBS).name == "mlp:hidden=8/4"
    assert get_network("mlp:hidden=16/16", BLOBS).name == "mlp"
    assert len(get_network("mlp:hidden=none", BLOBS).module) == 1
    assert len(get_network("mlp:hidden=5", BLOBS).module) == 3
    assert get_network("linear", LINE).parameters == get_network("logistic", BLOBS).parameters == 2


def test_first_weights_come_from_the_seed_and_the_global_generator_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    one, same, other = (flatten(get_network("mlp", BLOBS, seed=seed).module) for seed in (3, 3, 4))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(torch.random.get_rng_state(), before)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        plain = nn.Sequential(nn.Linear(2, 16), nn.Linear(16, 16), nn.Linear(16, 2))
    assert torch.equal(one, flatten(plain))


@pytest.mark.parametrize(
    ("target", "data", "says"),
    [
        ("mpl", BLOBS, ["unknown network 'mpl'", "'mlp'", "descent list networks"]),
        ("", BLOBS, ["no network is named"]),
        ("mlp:hiden=3", BLOBS, ["'hiden'", "'hidden'", "activation"]),
        ("linear:hidden=3", LINE, ["'linear' has no options", "'hidden'"]),
        ("mlp:hidden=0", BLOBS, ["hidden of network 'mlp'", "at least 1", "not 0"]),
        ("mlp:hidden=8/x", BLOBS, ["hidden of network 'mlp'", "hidden=16/16"]),
        ("mlp:activation=tahn", BLOBS, ["'tahn'", "'tanh'"]),
        ("mlp:dropout=1", BLOBS, ["dropout of network 'mlp'", "less than 1", "not 1"]),
        ("mlp:batchnorm=maybe", BLOBS, ["batchnorm of network 'mlp'", "true or false"]),
        ("mlp:batchnorm=3", BLOBS, ["batchnorm of network 'mlp'", "true or false"]),
        ("logistic", made((3,), 2), ["2 inputs and 2 classes", "not 3 inputs and 2 classes", "mlp"]),
        ("logistic", made((2,), 3), ["2 inputs and 2 classes", "3 classes"]),
        ("mlp784", BLOBS, ["784 inputs and 10 classes", "not 2 inputs and 2 classes", "'mlp' takes any"]),
        ("mlp784", made((784,), 10, "regression"), ["784 inputs and 10 classes", "10 target columns"]),
        ("cnn", BLOBS, ["images of shape", "(2,)"]),
        ("cnn:hidden=0", FITTING["cnn"], ["hidden of network 'cnn'"]),
        ("cnn:channels=3", FITTING["cnn"], ["channels of network 'cnn'", "two whole numbers"]),
        (3, BLOBS, ["a int is not a network", "descent list networks"]),
        ("math:pi", BLOBS, ["math:pi is not a network"]),
        ("no_such_module_here:Net", BLOBS, ["network 'no_such_module_here:Net'", "no module"]),
        (Needy, BLOBS, ["'Needy'", "needs width"]),
        (nn.Tanh(), BLOBS, ["no parameters, so"]),
        (nn.Linear(2, 2).requires_grad_(False), BLOBS, ["no parameters that training may change"]),
        (nn.LazyLinear, BLOBS, ["'LazyLinear'", "needs out_features"]),
        (nn.Linear(3, 2), BLOBS, ["cannot take samples of shape (2,)", "RuntimeError"]),
        (nn.Linear(2, 5), BLOBS, ["(4, 2) or (4, 1)", "not (4, 5)"]),
        (nn.Linear(1, 2), LINE, ["(4, 1)", "not (4, 2)"]),
        (nn.LSTM(2, 2), BLOBS, ["outputs of shape", "not tuple"]),
        (nn.Linear(2, 2, dtype=torch.complex64), BLOBS, ["complex64", "real numbers"]),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_wrong_is_said(target: object, data: Data, says: list[str]) -> None:
    with pytest.raises(DescentError) as caught:
        get_network(target, data)
    for part in says:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_lazy_layers_are_told() -> None:
    with pytest.raises(DescentError, match="lazy layers"):
        get_network(nn.LazyLinear(2), BLOBS)


# Modules


def test_a_users_module_is_copied_and_not_changed() -> None:
    mine = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 2)).double()
    before = {name: each.clone() for name, each in mine.state_dict().items()}
    network = get_network(mine, BLOBS)
    load(network.module, torch.zeros(network.parameters))
    objective(network, BLOBS.train).values(flatten(network.module)[None])
    assert mine.training
    assert mine[0].weight.dtype == torch.float64
    assert all(torch.equal(each, before[name]) for name, each in mine.state_dict().items())
    assert flatten(network.module).dtype == torch.float32


def test_import_paths_name_classes_and_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lab_of_nets.py").write_text(
        "from torch import nn\n"
        "class Net(nn.Sequential):\n"
        "    def __init__(self): super().__init__(nn.Linear(2, 2))\n"
        "ready = nn.Linear(2, 1)\n"
        "def hill(x, y): return x\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert is_network("lab_of_nets:Net")
    assert is_network("lab_of_nets:ready")
    assert not is_network("lab_of_nets:hill")
    assert not is_network("lab_of_nets:nothing")
    assert get_network("lab_of_nets:Net", BLOBS).name == "lab_of_nets:Net"
    assert get_network("lab_of_nets:ready", BLOBS).loss_name == "binary cross entropy"
    del sys.modules["lab_of_nets"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        *((name, True) for name in network_names()),
        (" MLP : hidden=3", True),
        (nn.Linear, True),
        (nn.Linear(2, 2), True),
        *((other, False) for other in ("beale", "quadratic:angle=3", "expr:x", "mpl", "", ":", 3, None)),
        pytest.param(lambda x, y: x, False, id="a function"),
    ],
    ids=str,
)
def test_networks_are_told_from_surfaces(target: object, expected: bool) -> None:
    assert is_network(target) is expected


@pytest.mark.slow
def test_names_load_no_torch() -> None:
    program = (
        "import sys; from descent.surfaces.networks.resolve import is_network, default_data; "
        "from descent.surfaces.networks.plane_axes import KINDS; "
        "assert is_network('mlp784') and not is_network('beale') and not is_network('expr:x'); "
        "default_data('mlp'); assert not {'torch', 'numpy', 'sklearn'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Losses


HOT = nn.functional.one_hot
OUTPUTS = torch.tensor([[0.3, -1.0], [2.0, 0.5], [-0.2, 0.1]])
CLASSES = torch.tensor([0, 1, 1])
ONE = OUTPUTS[:, :1]


@pytest.mark.parametrize(
    ("name", "outputs", "shown", "expected"),
    [
        (None, OUTPUTS, "cross entropy", nn.CrossEntropyLoss()(OUTPUTS, CLASSES)),
        ("Cross-Entropy", OUTPUTS, "cross entropy", nn.CrossEntropyLoss()(OUTPUTS, CLASSES)),
        (None, ONE, "binary cross entropy", nn.BCEWithLogitsLoss()(ONE, CLASSES[:, None].float())),
        ("binary cross entropy", OUTPUTS, "binary cross entropy", None),
        ("mse", OUTPUTS, "MSE", nn.MSELoss()(OUTPUTS, HOT(CLASSES, 2).float())),
        (nn.MSELoss(), OUTPUTS, "MSE", nn.MSELoss()(OUTPUTS, HOT(CLASSES, 2).float())),
        ("MSELoss", ONE, "MSE", nn.MSELoss()(ONE, 2 * CLASSES[:, None].float() - 1)),
        ("L1Loss", OUTPUTS, "L1Loss", nn.L1Loss()(OUTPUTS, HOT(CLASSES, 2).float())),
        ("soft_margin", ONE, "SoftMarginLoss", nn.SoftMarginLoss()(ONE, 2 * CLASSES[:, None].float() - 1)),
        ("huber:delta=0.5", OUTPUTS, "HuberLoss:delta=0.5", None),
        ("multi_margin", OUTPUTS, "MultiMarginLoss", nn.MultiMarginLoss()(OUTPUTS, CLASSES)),
    ],
    ids=str,
)
def test_losses_of_classes(
    name: object, outputs: torch.Tensor, shown: str, expected: torch.Tensor | None
) -> None:
    loss, loss_name = get_loss(name, BLOBS, outputs.shape[1])
    assert loss_name == shown
    value = loss(outputs, CLASSES)
    assert value.shape == ()
    if expected is not None:
        torch.testing.assert_close(value, expected)
    assert get_loss(loss_name, BLOBS, outputs.shape[1])[1] == loss_name


@pytest.mark.parametrize("name", [None, "mse", "l1", "smooth_l1", "huber"])
def test_losses_of_numbers(name: str | None) -> None:
    loss, shown = get_loss(name, LINE, 1)
    same = getattr(nn, LOSSES[name or "mse"][0])()
    y = torch.zeros(3, 1)
    torch.testing.assert_close(loss(ONE, y), same(ONE, y))
    assert shown == {None: "MSE", "mse": "MSE"}.get(name, LOSSES[name or "mse"][0])


def test_a_users_loss_is_taken_as_it_is() -> None:
    class Mine(nn.Module):
        def forward(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return outputs[torch.arange(len(y)), y].square().mean()

    mine = Mine()
    network = get_network("mlp", BLOBS, loss=mine)
    assert network.loss is mine
    assert network.loss_name == "Mine"


class Vector(nn.Module):
    def forward(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return outputs[:, 0]


@pytest.mark.parametrize(
    ("target", "loss", "data", "says"),
    [
        ("mlp", "cros_entropy", BLOBS, ["unknown loss 'cros_entropy'", "'cross_entropy'"]),
        ("mlp", "ctc", BLOBS, ["unknown loss 'ctc'"]),
        ("mlp", "huber:beta=1", BLOBS, ["option of loss 'huber' 'beta'", "delta"]),
        ("mlp", "mse:beta=1", BLOBS, ["loss 'mse' has no options"]),
        ("mlp", "huber:delta=0", BLOBS, ["HuberLoss:delta=0", "delta"]),
        ("linear", "cross_entropy", LINE, ["'cross entropy' is for classes", "huber"]),
        ("logistic", "cross_entropy", BLOBS, ["one output a class", "bce_with_logits"]),
        ("mlp", nn.MSELoss(reduction="sum"), BLOBS, ["reduction='mean'", "'sum'"]),
        ("mlp", 3, BLOBS, ["a int is no loss"]),
        ("mlp", Vector(), BLOBS, ["must give one number"]),
        ("mlp", nn.CosineEmbeddingLoss(), BLOBS, ["cannot take outputs", "TypeError"]),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_loss_is_said(target: str, loss: object, data: Data, says: list[str]) -> None:
    with pytest.raises(DescentError) as caught:
        get_network(target, data, loss=loss)
    for part in says:
        assert part in str(caught.value)


def test_metrics() -> None:
    assert get_network("mlp", BLOBS).metric == "accuracy"
    assert get_network("linear", LINE).metric == "RMSE"
    assert measure("accuracy", OUTPUTS, CLASSES).item() == pytest.approx(2 / 3)
    assert measure("accuracy", ONE, CLASSES).item() == pytest.approx(1 / 3)
    assert measure("RMSE", torch.tensor([[3.0], [0.0]]), torch.tensor([[0.0], [4.0]])).item() == (
        pytest.approx((25 / 2) ** 0.5)
    )
    with pytest.raises(DescentError, match="accuracy, RMSE"):
        measure("speed", OUTPUTS, CLASSES)


# Flat weights


def test_weights_are_cut_as_they_were_joined() -> None:
    module = Tied()
    assert layers(module) == (Layer("scale", 0, 1), Layer("one", 1, 7), Layer("other", 7, 9))
    assert [tuple(row) for row in describe(module)] == [
        ("scale", "parameter", 1, {"scale": 1}),
        ("one", "Linear 2 -> 2", 6, {"weight": 4, "bias": 2}),
        ("other", "Linear 2 -> 2", 2, {"bias": 2}),
    ]
    flat = flatten(module)
    assert flat.shape == (9,)
    assert torch.equal(flatten(unflatten(flat, shapes(module)).values()), flat)
    many = torch.arange(18.0).reshape(2, 9)
    assert unflatten(many, shapes(module))["one.weight"].shape == (2, 2, 2)
    load(module, many[1])
    assert torch.equal(flatten(module), many[1])
    assert torch.equal(module.other.weight, module.one.weight)
    module.one.weight.requires_grad_(False)
    assert list(trainable(module)) == ["scale", "one.bias", "other.bias"]


# Objectives


def looped(network: object, data: Data, weights: torch.Tensor) -> torch.Tensor:
    """Load each weights into a module that trains without dropout, and evaluate it."""
    trial = objective(network, data.train)  # type: ignore[arg-type]
    losses = []
    with torch.no_grad():
        for each in weights:
            load(trial.module, each)
            losses.append(trial.loss(trial.module(data.train.x), data.train.y))
    return torch.stack(losses)


CASES = {
    "linear": ("linear", LINE),
    "logistic": ("logistic", BLOBS),
    "mlp": ("mlp:activation=relu", BLOBS),
    "dropout": ("mlp:dropout=0.5", BLOBS),
    "batchnorm": ("mlp:batchnorm=true", BLOBS),
    "cnn": ("cnn", FITTING["cnn"]),
    "tied": (Tied, BLOBS),
    "moody": (Moody, BLOBS),
    "mlp784": ("mlp784", FITTING["mlp784"]),
}


@pytest.mark.parametrize("case", CASES)
def test_an_objective_gives_what_a_plain_loop_gives(case: str) -> None:
    target, data = CASES[case]
    network = get_network(target, data)
    trial = objective(network, data.train)
    weights = flatten(network.module) + 0.3 * torch.randn(
        7, network.parameters, generator=torch.Generator().manual_seed(0)
    )
    values = trial.values(weights)
    assert trial.batched is (case != "moody")
    torch.testing.assert_close(values, looped(network, data, weights), rtol=1e-5, atol=1e-6)
    assert torch.equal(values, trial.values(weights))
    metrics = [
        measure(network.metric, trial.outputs(unflatten(each, trial.shapes)), trial.y) for each in weights
    ]
    torch.testing.assert_close(trial.metrics(weights), torch.stack(metrics).detach())
    assert trial.values(weights[:0]).shape == (0,)


@pytest.mark.parametrize("case", ["mlp", "batchnorm", "tied", "moody", "logistic"])
def test_gradients_are_those_of_autograd(case: str) -> None:
    target, data = CASES[case]
    network = get_network(target, data)
    trial = objective(network, data.train, dtype=torch.float64)
    at = flatten(network.module).double()
    module = trial.module
    load(module, at)
    trial.loss(module(trial.x), trial.y).backward()
    wanted = torch.cat([each.grad.reshape(-1) for each in trainable(module).values()])  # type: ignore[union-attr]
    torch.testing.assert_close(trial.gradient(at), wanted)
    step = torch.zeros_like(at)
    step[0] = 1e-6
    slope = (trial.values((at + step)[None]) - trial.values((at - step)[None])) / 2e-6
    torch.testing.assert_close(trial.gradient(at)[:1], slope, rtol=1e-4, atol=1e-7)


def test_batch_norm_takes_the_statistics_of_the_samples_and_keeps_none() -> None:
    network = get_network("mlp:batchnorm=true", BLOBS)
    network.module.train()
    weights = flatten(network.module)[None]
    wanted = network.loss(network.module(BLOBS.train.x), BLOBS.train.y)  # moves the running statistics
    torch.testing.assert_close(objective(network, BLOBS.train).values(weights)[0], wanted.detach())
    assert network.module.norm1.running_mean is not None


def test_frozen_parameters_keep_their_values() -> None:
    module = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    module[0].weight.requires_grad_(False)
    network = get_network(module, BLOBS)
    assert network.parameters == 11
    value = objective(network, BLOBS.train).values(flatten(network.module)[None])[0]
    torch.testing.assert_close(value, network.loss(module(BLOBS.train.x), BLOBS.train.y).detach())


def test_an_objective_needs_samples_that_fit() -> None:
    network = get_network("mlp:batchnorm=true", BLOBS)
    with pytest.raises(DescentError, match="no samples"):
        objective(network, Part(BLOBS.train.x[:0], BLOBS.train.y[:0]))
    with pytest.raises(NotPossibleError, match="1 samples at once"):
        objective(network, Part(BLOBS.train.x[:1], BLOBS.train.y[:1]))


def test_switches_are_read_in_every_word():
    for word, on in (("yes", True), ("on", True), ("1", True), ("no", False), ("off", False), ("0", False)):
        name = get_network(f"mlp:hidden=4,batchnorm={word}", BLOBS).name
        assert name == ("mlp:hidden=4,batchnorm=true" if on else "mlp:hidden=4")


@pytest.mark.parametrize("loss", ["huber:delta=x", "smooth_l1:beta=yes", "multi_margin:p=0.5"])
def test_options_of_losses_are_refused_by_name(loss):
    option, _, value = loss.partition(":")[2].partition("=")
    with pytest.raises(
        DescentError, match=rf"option {option} of loss .* takes a .*, as in {option}=.*{value}"
    ):
        get_network("mlp", BLOBS, loss=loss)
