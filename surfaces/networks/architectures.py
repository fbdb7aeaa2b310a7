"""The networks of the catalogue: each is built to fit its data, with names for its layers."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from torch import nn

from ..errors import DescentError, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..data.dataset import Data

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "leaky_relu": nn.LeakyReLU,
    "softplus": nn.Softplus,
    "identity": nn.Identity,
}


def linear(data: Data) -> nn.Sequential:
    """Build one linear layer: linear regression, or a softmax classifier.

    On data with one input and one output it has two parameters, so its plane hides nothing.
    """
    return _stack([*_flat(data), ("output", nn.Linear(prod(data.inputs), data.outputs))])


def logistic(data: Data) -> nn.Sequential:
    """Build logistic regression with two weights and no bias, whose one output is the logit of class 1.

    Raises:
        DescentError: The data has not two inputs and two classes.
    """
    features = prod(data.inputs)
    if data.task != "classification" or (features, data.outputs) != (2, 2):
        raise DescentError(
            f"network 'logistic' needs data with 2 inputs and 2 classes, not {_shape(data)}; "
            "network 'mlp:hidden=none' takes any"
        )
    return _stack([*_flat(data), ("output", nn.Linear(2, 1, bias=False))])


def mlp(
    data: Data,
    hidden: int | Sequence[int] | None = (16, 16),
    activation: str = "tanh",
    dropout: float = 0.0,
    batchnorm: bool = False,
) -> nn.Sequential:
    """Build a multilayer perceptron.

    Args:
        data: What it must fit: the inputs' shape and the number of outputs.
        hidden: Widths of the hidden layers; none for a linear model.
        activation: One of ACTIVATIONS.
        dropout: Share of hidden units that training sets to zero, at least 0 and less than 1.
        batchnorm: Whether each hidden layer is normalized over the batch before its activation.

    Raises:
        DescentError: An option is not one of these.
    """
    widths = _widths("mlp", "hidden", hidden)
    act = _activation("mlp", activation)
    if isinstance(dropout, bool) or not isinstance(dropout, int | float) or not 0 <= dropout < 1:
        raise DescentError(
            f"dropout of network 'mlp' must be a number from 0 to less than 1, not {dropout!r}"
        )
    if not isinstance(batchnorm, bool):
        raise DescentError(f"batchnorm of network 'mlp' must be true or false, not {batchnorm!r}")
    layers, features = _flat(data), prod(data.inputs)
    for number, width in enumerate(widths, 1):
        layers.append((f"hidden{number}", nn.Linear(features, width)))
        if batchnorm:
            layers.append((f"norm{number}", nn.BatchNorm1d(width)))
        layers.append((f"act{number}", act()))
        if dropout:
            layers.append((f"dropout{number}", nn.Dropout(dropout)))
        features = width
    return _stack([*layers, ("output", nn.Linear(features, data.outputs))])


def mlp784(data: Data) -> nn.Sequential:
    """Build the classic 784-128-10 with ReLU: 101,770 parameters.

    Raises:
        DescentError: The data has not 784 inputs and 10 classes.
    """
    if data.task != "classification" or (prod(data.inputs), data.outputs) != (784, 10):
        raise DescentError(
            f"network 'mlp784' needs data with 784 inputs and 10 classes, not {_shape(data)}; "
            "network 'mlp' takes any"
        )
    return mlp(data, hidden=(128,), activation="relu")


def cnn(
    data: Data, channels: Sequence[int] = (6, 16), hidden: int = 84, activation: str = "relu"
) -> nn.Sequential:
    """Build a small LeNet: two convolutions with pooling, two linear layers.

    Args:
        data: Images of shape (channels, height, width), or flat square images of one channel.
        channels: How many channels the two convolutions give.
        hidden: Width of the linear layer before the output.
        activation: One of ACTIVATIONS.

    Raises:
        DescentError: The data holds no images of at least 4 x 4, or an option is not one of these.
    """
    shape, features = data.inputs, prod(data.inputs)
    side = round(features**0.5)
    flat = len(shape) == 1 and side * side == features
    image = (1, side, side) if flat else shape
    if len(image) != 3 or min(image[1:]) < 4:
        raise DescentError(
            f"network 'cnn' needs images of shape (channels, height, width) of at least 4 x 4, "
            f"not inputs of shape {shape}; network 'mlp' takes any"
        )
    first, second = _pair("cnn", "channels", channels)
    (width,) = _widths("cnn", "hidden", hidden) if isinstance(hidden, int) else (0,)
    if not width:
        raise DescentError(f"hidden of network 'cnn' must be one whole number, not {hidden!r}")
    act = _activation("cnn", activation)
    depth, rows, columns = image
    pooled = second * (rows // 2 // 2) * (columns // 2 // 2)
    return _stack(
        [
            *([("image", nn.Unflatten(1, image))] if flat else []),
            ("conv1", nn.Conv2d(depth, first, 3, padding=1)),
            ("act1", act()),
            ("pool1", nn.MaxPool2d(2)),
            ("conv2", nn.Conv2d(first, second, 3, padding=1)),
            ("act2", act()),
            ("pool2", nn.MaxPool2d(2)),
            ("flatten", nn.Flatten()),
            ("hidden", nn.Linear(pooled, width)),
            ("act3", act()),
            ("output", nn.Linear(width, data.outputs)),
        ]
    )


def _stack(layers: Sequence[tuple[str, nn.Module]]) -> nn.Sequential:
    stack = nn.Sequential()
    for name, layer in layers:
        stack.add_module(name, layer)
    return stack


def _flat(data: Data) -> list[tuple[str, nn.Module]]:
    return [] if len(data.inputs) == 1 else [("flatten", nn.Flatten())]


def _shape(data: Data) -> str:
    kind = "classes" if data.task == "classification" else "target columns"
    return f"{prod(data.inputs)} inputs and {data.outputs} {kind}"


def _activation(network: str, name: object) -> type[nn.Module]:
    folded = str(name).casefold().replace("-", "_")
    if folded not in ACTIVATIONS:
        raise unknown(f"activation of network {network!r}", str(name), ACTIVATIONS)
    return ACTIVATIONS[folded]


def _pair(network: str, option: str, value: object) -> tuple[int, int]:
    widths = _widths(network, option, value)
    if len(widths) != 2:
        raise DescentError(f"{option} of network {network!r} must be two whole numbers, not {value!r}")
    return widths[0], widths[1]


def _widths(network: str, option: str, value: object) -> tuple[int, ...]:
    if value is None:
        return ()
    widths = tuple(value) if isinstance(value, tuple | list) else (value,)
    for width in widths:
        if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= 1_000_000:
            raise DescentError(
                f"{option} of network {network!r} must be whole numbers of at least 1, as in "
                f"{option}=16/16, not {value!r}"
            )
    return widths
