"""What else can be drawn on a network's plane beside its training loss: losses on other data, any metric."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from torch import nn

from ..data.as_given import as_given
from ..data.filmed import read
from ..errors import DescentError
from ..imports import imported, is_dotted
from .filmed import filmed_network, metric_network
from .losses import measure
from .objective import objective

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from ..data.filmed import Batches
    from .network import Network
    from .objective import Objective

WAYS = (
    "data, for the loop's loss on them; a function of (module, batch) that gives one number; "
    "or a pair (data, function)"
)


@dataclass(frozen=True, slots=True, eq=False)
class MoreField:
    """One more field, as it was asked for."""

    name: str
    batches: Batches  # what it is measured on
    metric: Callable[..., Any] | None  # of (module, batch); None for the loss

    def objective(self, module: nn.Module, loss: Any, device: str) -> Objective:
        """Return it as a pure function of a module's weights.

        Raises:
            DescentError: The module cannot take the batches, or the function gives no number for them.
        """
        if self.metric is None:
            network = filmed_network(module, self.batches, loss)
        else:
            network = metric_network(module, self.batches, self.metric, self.name)
        return objective(network, network.data.train, device)


def read_fields(fields: Any, batches: Batches | None, most: int) -> tuple[MoreField, ...]:
    """Read what fields are asked for, by name.

    Args:
        fields: A mapping from names to one of WAYS; text names data, or package.module:function.
        batches: What the loss is of: metrics without data of their own are measured on it.
        most: How many samples of other data are enough.

    Raises:
        DescentError: None of WAYS, a name that is no text, or no data to measure on.
    """
    if fields is None:
        return ()
    if not isinstance(fields, Mapping):
        raise DescentError(f"fields are a mapping from names to {WAYS}; not a {type(fields).__name__}")
    if batches is None and fields:
        raise DescentError("fields are drawn beside that of the loss, and no data was given for it")
    found = []
    for name, given in fields.items():
        if not isinstance(name, str) or not name.strip():
            raise DescentError(f"a field is called by a text, not {name!r}")
        data, metric = _parts(_named(given) if isinstance(given, str) else given)
        own = batches if data is None else read(data, most)
        assert own is not None
        found.append(MoreField(name.strip(), own, metric))
    return tuple(found)


def _parts(given: Any) -> tuple[Any, Callable[..., Any] | None]:
    """Return data, None where they are the loop's own, and a function, None where it is the loss."""
    if isinstance(given, tuple) and len(given) == 2 and _is_metric(given[1]):
        return given
    return (None, given) if _is_metric(given) else (given, None)


def _is_metric(given: Any) -> bool:
    return callable(given) and not isinstance(given, nn.Module) and not hasattr(given, "__getitem__")


def _named(text: str) -> Any:
    """Return what a text names: a function of two arguments is a metric, all else is data."""
    module, colon, attribute = (part.strip() for part in text.partition(":"))
    if colon and is_dotted(attribute) and not module.casefold().endswith(".csv"):
        found = imported(module, attribute, "field", WAYS)
        if _is_metric(found) and _takes_two(found):
            return found
    return as_given(text)


def _takes_two(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


class Measured(nn.Module):
    """A metric of outputs against y as something that is the better the lower: of accuracy the error rate."""

    def __init__(self, metric: str) -> None:
        super().__init__()
        self.metric = metric

    def forward(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return it, a scalar."""
        value = measure(self.metric, outputs, y)
        return 1 - value if self.metric == "accuracy" else value


def own_fields(
    network: Network, wished: list[str], parts: dict[str, Objective]
) -> list[tuple[str, Objective]]:
    """Return the fields of a network that has data of its own, by their labels.

    Args:
        network: Its metric says what "metric" is.
        wished: Names in `network_runs.FIELDS`.
        parts: The objective of the training loss, "train", and that of the validation loss, "val".
    """
    labels = {"train": "training loss", "val": "validation loss", "metric": network.metric}
    if network.metric == "accuracy":
        labels["metric"] = "error rate"
    return [
        (
            labels[name],
            replace(parts["train"], loss=Measured(network.metric), whole=None)
            if name == "metric"
            else parts[name],
        )
        for name in wished
    ]
