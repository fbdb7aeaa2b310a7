"""What a network is told to make small, and what people read beside it: losses and metrics by name."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn

from ..errors import DescentError, unknown
from ..option_types import typed
from ..options import format_named, parse_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..data.dataset import Data

# What a loss compares the outputs with: class numbers; 0 and 1; -1 and 1; or numbers, which for classes are
# 0 and 1 for each class, and -1 and 1 where there is one output only, so that 0 parts the classes.
Kind = Literal["classes", "shares", "signs", "numbers"]

LOSSES: dict[str, tuple[str, Kind]] = {  # name -> (class in torch.nn, what it compares with)
    "cross_entropy": ("CrossEntropyLoss", "classes"),
    "bce_with_logits": ("BCEWithLogitsLoss", "shares"),
    "mse": ("MSELoss", "numbers"),
    "l1": ("L1Loss", "numbers"),
    "smooth_l1": ("SmoothL1Loss", "numbers"),
    "huber": ("HuberLoss", "numbers"),
    "nll": ("NLLLoss", "classes"),
    "multi_margin": ("MultiMarginLoss", "classes"),
    "soft_margin": ("SoftMarginLoss", "signs"),
    "multi_label_soft_margin": ("MultiLabelSoftMarginLoss", "shares"),
}
_SHOWN = {
    "CrossEntropyLoss": "cross entropy",
    "BCEWithLogitsLoss": "binary cross entropy",
    "MSELoss": "MSE",
}


class FloatTargets(nn.Module):
    """A loss between outputs (n, k) and class numbers (n,), which become floats of shape (n, k) first."""

    def __init__(self, loss: nn.Module, low: float) -> None:
        super().__init__()
        self.loss = loss
        self.low = low  # what stands for "not this class"; 1 stands for "this class"

    def forward(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the mean loss, a scalar."""
        k = outputs.shape[-1]
        wanted = y[:, None] == (torch.arange(k, device=y.device) if k > 1 else 1)
        targets = wanted.to(outputs.dtype) * (1 - self.low) + self.low
        loss: torch.Tensor = self.loss(outputs, targets)
        return loss


def get_loss(loss: Any, data: Data, outputs: int) -> tuple[nn.Module, str]:
    """Return the loss that a name, a torch loss or None stands for, and the name to show.

    Args:
        loss: None for cross entropy on classes and the mean squared error on numbers; one of LOSSES or the
            class's name in torch.nn, with options ("huber:delta=0.5", case and ``_`` do not matter); or a
            module that takes (outputs, y) and gives a scalar.
        data: What is learned: its task says which losses fit.
        outputs: How many outputs the network has, one being the logit of class 1 of two.

    Raises:
        DescentError: There is no such loss, it does not fit the data, or torch refuses its options.
    """
    if loss is None:
        binary = "bce_with_logits" if outputs == 1 else "cross_entropy"
        loss = binary if data.task == "classification" else "mse"
    if isinstance(loss, str):
        made, shown, kind = _from_text(loss)
    elif isinstance(loss, nn.Module):
        made, shown = loss, _SHOWN.get(type(loss).__name__, type(loss).__name__)
        kinds: dict[type, Kind] = {getattr(nn, name): kind for name, kind in LOSSES.values()}
        if type(loss) not in kinds:
            return loss, shown
        kind = kinds[type(loss)]
        if loss.reduction != "mean":
            raise DescentError(f"a loss must have reduction='mean', not {loss.reduction!r} as in {loss}")
    else:
        raise DescentError(
            f"a {type(loss).__name__} is no loss; allowed: {', '.join(LOSSES)}, or a module of (outputs, y)"
        )
    return _fitted(made, shown, kind, data, outputs), shown


def _from_text(text: str) -> tuple[nn.Module, str, Kind]:
    name, options = parse_named(text, "loss")
    by_folded = {_fold(each): each for each in LOSSES} | {"binarycrossentropy": "bce_with_logits"}
    found = by_folded.get(_fold(name))
    if found is None:
        raise unknown("loss", name, LOSSES)
    class_name, kind = LOSSES[found]
    build: Callable[..., nn.Module] = getattr(nn, class_name)
    allowed = set(inspect.signature(build).parameters) - {"size_average", "reduce", "reduction", "weight"}
    for key, _ in options:
        if key not in allowed and not allowed:
            raise DescentError(f"loss {name!r} has no options, but {key!r} was given")
        if key not in allowed:
            raise unknown(f"option of loss {name!r}", key, sorted(allowed))
    options = typed(inspect.signature(build).parameters, f"loss {name!r}", options)
    try:
        made = build(**dict(options))
    except (TypeError, ValueError, RuntimeError) as error:
        raise DescentError(f"torch refuses loss {text!r}: {error}") from error
    return made, format_named(_SHOWN.get(class_name, class_name), options), kind


def _fold(name: str) -> str:
    plain = "".join(each for each in name.casefold() if each.isalnum())
    return plain.removesuffix("loss")


def _fitted(loss: nn.Module, shown: str, kind: Kind, data: Data, outputs: int) -> nn.Module:
    if data.task == "regression":
        if kind != "numbers":
            raise DescentError(
                f"loss {shown!r} is for classes, but data {data.name!r} has numbers to predict; "
                "allowed: mse, l1, smooth_l1, huber"
            )
        return loss
    if kind == "classes":
        if outputs == 1:
            raise DescentError(
                f"loss {shown!r} needs one output a class, and the network has one output in all; "
                "allowed: bce_with_logits, soft_margin, mse, l1, smooth_l1, huber"
            )
        return loss
    signs = kind == "signs" or (kind == "numbers" and outputs == 1)
    return FloatTargets(loss, low=-1.0 if signs else 0.0)


def takes_numbers(loss: Any) -> bool:
    """Whether a loss compares numbers, so that whole targets that are no classes can be meant as numbers.

    >>> takes_numbers("mse"), takes_numbers("cross_entropy"), takes_numbers(None)
    (True, False, False)
    """
    if isinstance(loss, str):
        return _from_text(loss)[2] == "numbers"
    return type(loss) in {getattr(nn, name) for name, kind in LOSSES.values() if kind == "numbers"}


def metric_of(data: Data) -> str:
    """Return the name of the metric that fits the data: "accuracy" or "RMSE"."""
    return "accuracy" if data.task == "classification" else "RMSE"


def measure(metric: str, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return a metric of outputs against y as a scalar: the share of right answers, or the RMSE.

    Args:
        metric: "accuracy" or "RMSE".
        outputs: (n, k), (n, ..., k) or (n, k, ...) for k classes; one logit for each of y where there are
            two; or numbers, as many as y.
        y: Class numbers, (n,) or (n, ...); 0 and 1; or numbers.

    >>> measure("accuracy", torch.tensor([[0.1], [-2.0]]), torch.tensor([1, 1])).item()
    0.5
    """
    if metric == "accuracy":
        if outputs.numel() == y.numel():
            right = (outputs.reshape(y.shape) > 0) == (y > 0)
        else:
            right = outputs.argmax(dim=-1 if y.shape == outputs.shape[:-1] else 1) == y
        return right.to(outputs.dtype).mean()
    if metric == "RMSE":
        return (outputs - y.to(outputs.dtype).reshape(outputs.shape)).square().mean().sqrt()
    raise unknown("metric", metric, ["accuracy", "RMSE"])
