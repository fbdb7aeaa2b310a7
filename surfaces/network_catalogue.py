"""The networks by name: where each is built and what it learns by default; loads no library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetworkEntry:
    """What can be said about a network without building it."""

    builder: str  # "module:function" within this package; called with the data and the options
    data: str  # the data set it learns where none is named
    help: str


NETWORKS: dict[str, NetworkEntry] = {
    "linear": NetworkEntry(
        "networks:linear", "line", "one linear layer: a straight line with a weight and a bias"
    ),
    "logistic": NetworkEntry(
        "networks:logistic", "blobs:classes=2", "logistic regression: two weights, no bias, two classes"
    ),
    "mlp": NetworkEntry(
        "networks:mlp", "moons", "layers of any sizes: hidden=16/16,activation=tanh,dropout=0,batchnorm=false"
    ),
    "mlp784": NetworkEntry(
        "networks:mlp784", "digits28", "the classic 784-128-10 with ReLU for images of 28 x 28"
    ),
    "cnn": NetworkEntry("networks:cnn", "digits", "a small LeNet: two convolutions and two linear layers"),
}


def names() -> tuple[str, ...]:
    """Return the names of all networks in the catalogue, without building any.

    >>> "mlp784" in names()
    True
    """
    return tuple(NETWORKS)
