"""Any loss of outputs and targets, as somebody's own loop calls it: nothing is recoded."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ..errors import DescentError
from ..imports import flat
from .losses import _SHOWN, LOSSES, Kind, _from_text

if TYPE_CHECKING:
    from collections.abc import Callable

# Functions of torch.nn.functional by what they compare with, as the classes in LOSSES.
_FUNCTIONS: dict[str, Kind] = {
    "cross_entropy": "classes",
    "nll_loss": "classes",
    "binary_cross_entropy_with_logits": "shares",
    "mse_loss": "numbers",
    "l1_loss": "numbers",
    "smooth_l1_loss": "numbers",
    "huber_loss": "numbers",
}
_NAMES = _SHOWN | {
    "mse_loss": "MSE",
    "cross_entropy": "cross entropy",
    "binary_cross_entropy_with_logits": "binary cross entropy",
}
_CLASSES: dict[str, Kind] = dict(LOSSES.values())
_BY_CLASS = (
    "CrossEntropyLoss",
    "NLLLoss",
    "MultiMarginLoss",
    "cross_entropy",
    "nll_loss",
    "multi_margin_loss",
)


class Judge(nn.Module):
    """A loss with the one change of its targets' type or shape without which torch refuses them."""

    def __init__(self, call: Callable[..., Any], fit: str) -> None:
        super().__init__()
        self.call = call
        self.fit = fit

    def forward(self, outputs: Any, y: Any) -> torch.Tensor:
        """Return the loss, a scalar; where the loss gives one number a sample, their mean."""
        value: torch.Tensor = self.call(*_FITS[self.fit](outputs, y))
        return value.mean() if value.ndim else value


def _flattened(outputs: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    if y.ndim < 2 or y.is_floating_point() or y.shape != outputs.shape[:-1]:
        raise ValueError("not classes along the last dimension")
    return outputs.flatten(0, -2), y.flatten()


def _in_shape(outputs: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return outputs, y.reshape(outputs.shape)


_FITS: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "as is": lambda outputs, y: (outputs, y),
    "shape": _in_shape,
    "type": lambda outputs, y: (outputs, y.to(outputs.dtype)),
    "shape and type": lambda outputs, y: _in_shape(outputs, y.to(outputs.dtype)),
    "flat": _flattened,
}


def any_loss(loss: Any, outputs: Any, y: Any) -> tuple[nn.Module, str, Kind | None]:
    """Return a loss for outputs and targets as they are, the name to show, and what it compares with.

    Targets keep their values. Where torch refuses their type or shape they are cast to the outputs' type,
    brought to their shape when they are as many, or classes of a sequence are lined up.

    Args:
        loss: A name from LOSSES with options, a module, any function of (outputs, y) that gives a number, or
            None: the mean squared error for floating targets, and for whole numbers binary cross entropy
            where there is one output a sample, else cross entropy.
        outputs: What the network gives for some samples.
        y: Their targets.

    Raises:
        DescentError: There is no such loss, or it cannot take these outputs and targets.
    """
    if loss is None:
        loss = _default(outputs, y)
    if isinstance(loss, str):
        call, shown, kind = _from_text(loss)
    elif callable(loss):
        call = loss
        name = getattr(loss, "__name__", "") or type(loss).__name__
        own = _is_torchs(loss)
        kind = (_CLASSES | _FUNCTIONS).get(name) if own else None  # type: ignore[assignment]
        shown = "the loop's own loss" if name == "<lambda>" else _NAMES.get(name, name)
    else:
        raise DescentError(
            f"a {type(loss).__name__} is no loss; allowed: {', '.join(LOSSES)}, or a module or function of "
            "(outputs, y) that gives one number, or a function of (module, batch)"
        )
    order = ["as is", "type", "shape", "shape and type", "flat"]
    if _is_torchs(call) and _name(call) not in _BY_CLASS:
        # Torch would compare each output of a column with each target of a row, some losses without a word.
        alike = getattr(outputs, "shape", 0) == getattr(y, "shape", 1)
        order = order if alike else ["shape", "shape and type", "as is", "type"]
    reason = ""
    for fit in order:
        judge = Judge(call, fit)
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.filterwarnings("error", message="Using a target size")
                value = call(*_FITS[fit](outputs, y))
        except Exception as error:
            reason = reason or f"{type(error).__name__}: {flat(error)}"
            continue
        if not isinstance(value, torch.Tensor):
            reason = reason or f"it gives a {type(value).__name__} and no tensor"
            continue
        if value.numel() == 1 and not value.ndim and fit == "as is" and isinstance(call, nn.Module):
            return call, shown, kind
        return judge, shown if value.numel() == 1 else f"mean {shown}", kind
    of = f"outputs of shape {tuple(outputs.shape)}" if isinstance(outputs, torch.Tensor) else "these outputs"
    to = f"targets of shape {tuple(y.shape)}" if isinstance(y, torch.Tensor) else "these targets"
    raise DescentError(f"loss {shown!r} cannot take {of} and {to}: {reason}")


def metric_for(kind: Kind | None, outputs: Any, y: Any) -> str:
    """Return the metric that means something for a loss: "accuracy", "RMSE", or nothing.

    Args:
        kind: What the loss compares the outputs with; None where nobody knows.
        outputs: What the network gives for some samples.
        y: Their targets.
    """
    if not isinstance(outputs, torch.Tensor) or not isinstance(y, torch.Tensor):
        return ""
    as_many = outputs.numel() == y.numel()
    if kind == "classes" and not y.is_floating_point():
        by_class = y.shape in (outputs.shape[:-1], (outputs.shape[0], *outputs.shape[2:]))
        return "accuracy" if by_class and not as_many else ""
    if kind == "shares":
        return "accuracy" if as_many and bool(((y == 0) | (y == 1)).all()) else ""
    return "RMSE" if kind == "numbers" and as_many else ""


def _default(outputs: Any, y: Any) -> str:
    if not isinstance(y, torch.Tensor) or not isinstance(outputs, torch.Tensor):
        raise DescentError("the loss must be named where outputs or targets are not tensors")
    if y.is_floating_point():
        return "mse"
    return "bce_with_logits" if outputs.numel() == y.numel() else "cross_entropy"


def _name(call: Any) -> str:
    return getattr(call, "__name__", "") or type(call).__name__


def _is_torchs(call: Any) -> bool:
    made = type(call) if isinstance(call, nn.Module) else call
    return (getattr(made, "__module__", None) or "").split(".")[0] == "torch"
