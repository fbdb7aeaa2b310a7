"""A network as somebody's own loop trains it: its module, batches and loss, whatever their shapes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..data.dataset import Data, Part
from ..errors import DescentError
from ..imports import flat
from .any_loss import any_loss, metric_for
from .network import Network
from .pure import precision

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import nn

    from ..data.filmed import Batches

FEW = 4  # samples that a module and a loss are tried on


def filmed_network(module: nn.Module, batches: Batches | None, loss: Any) -> Network:
    """Return the network that a loop trains, in the mode that the module is in.

    Args:
        module: A copy that may be evaluated at will; its norm layers in evaluation mode keep their
            statistics.
        batches: What it learns from; None where nobody knows.
        loss: As `any_loss.any_loss` takes it, or a function of (module, batch) that gives a number.

    Raises:
        DescentError: The module cannot take the batches, or the loss what the module gives for them.
    """
    import torch
    from torch import nn

    name = type(module).__name__
    if batches is None:
        nothing = Part(torch.empty(0), torch.empty(0))
        data = Data("", "regression", nothing, nothing, nothing, (), 0)
        return Network(name, module, data, nn.Identity(), "loss", "", modes=True)
    pair = batches.pair()
    reason = "its batches are not pairs (x, y) of tensors that fit together"
    if pair is not None:
        try:
            return _of_pair(name, module, batches.name, *pair, loss)
        except DescentError as error:
            if not _is_function(loss):
                raise
            reason = str(error)
    call = loss if _is_function(loss) else None
    whole: Whole | None = None
    if call is not None:
        whole = Whole(batches.items, batches.sizes, call)
        reason = _refusal(whole, module) or ""
        if reason:
            whole = None
    if whole is None and all(isinstance(each, tuple | list) and len(each) == 2 for each in batches.items):
        x, y = moved(batches.items[0], next(module.parameters()).device)
        judge, shown, _ = any_loss(loss, _outputs(name, module, x), y)
        whole = Whole(batches.items, batches.sizes, _Pairs(judge))
        reason = _refusal(whole, module) or ""
        if not reason:
            return _of_whole(name, module, batches, whole, shown)
    if whole is None or reason:
        raise DescentError(
            f"the loss of network {name!r} on data {batches.name!r} is not known: {reason}; "
            "allowed: loss=FUNCTION of (outputs, y) or of (module, batch) that gives one number"
        )
    return _of_whole(name, module, batches, whole, "the loop's own loss")


def metric_network(module: nn.Module, batches: Batches, metric: Callable[..., Any], name: str) -> Network:
    """Return a network whose loss is a metric over some batches, each of which counts as its samples do.

    Where the function raises at weights elsewhere on the plane, as a logarithm may, it is NaN there.

    Args:
        module: As `filmed_network` takes it.
        batches: What the metric is of.
        metric: A function of (module, batch) that gives one number.
        name: What the metric is called.

    Raises:
        DescentError: It gives none for the first batch.
    """
    whole = Whole(batches.items, batches.sizes, metric)
    if reason := _refusal(whole, module):
        raise DescentError(
            f"the field {name!r} on data {batches.name!r} is not known: {reason}; "
            "allowed: a function of (module, batch) that gives one number"
        )
    whole = Whole(batches.items, batches.sizes, _Defined(metric))
    return _of_whole(type(module).__name__, module, batches, whole, name)


def on_batch(network: Network, batch: Any) -> Network:
    """Return a network of a loop on one batch, such as its data gives."""
    import torch

    from ..data.filmed import size_of

    if isinstance(network.whole, Whole):
        size = size_of(batch)
        part = Part(torch.zeros(size, 1), torch.zeros(size, 1))
        whole = Whole((batch,), (size,), network.whole.call)
        return replace(network, data=replace(network.data, train=part), whole=whole)
    x, y = batch
    part = Part(x.to(network.data.train.x.dtype), y)
    return replace(network, data=replace(network.data, train=part))


def check_trainable(module: nn.Module) -> bool:
    """Return whether all layers of a module have their weights, which lazy ones get where they are first run.

    Raises:
        DescentError: Training may change nothing of it.
    """
    from torch.nn.parameter import is_lazy

    every = list(module.parameters())
    if any(is_lazy(each) for each in every):
        return False
    if not any(each.requires_grad and each.numel() for each in every):
        raise DescentError(
            "the model has no parameters that training may change, so there is nothing to record"
        )
    return True


class Whole:
    """The loss of a module over some batches: each counts as much as it has samples."""

    def __init__(self, items: tuple[Any, ...], sizes: tuple[int, ...], call: Callable[..., Any]) -> None:
        self.items, self.sizes, self.call = items, sizes, call

    def __call__(self, module: nn.Module) -> torch.Tensor:
        """Return the mean loss, a scalar."""
        device = next(module.parameters()).device
        losses = [_number(self.call(module, moved(item, device))) * size for item, size in self]
        total: torch.Tensor = sum(losses[1:], start=losses[0]) / sum(self.sizes)
        return total

    def __iter__(self) -> Any:
        return iter(zip(self.items, self.sizes, strict=True))


class _Defined:
    """A metric that is NaN where somebody's function raises."""

    def __init__(self, metric: Callable[..., Any]) -> None:
        self.metric = metric

    def __call__(self, module: nn.Module, batch: Any) -> Any:
        try:
            return self.metric(module, batch)
        except Exception:
            return math.nan


def _number(value: Any) -> torch.Tensor:
    """Return what a function gave as a scalar; whole numbers and those of Python in double precision."""
    import torch

    if not isinstance(value, torch.Tensor):
        value = torch.as_tensor(value, dtype=torch.float64)
    mean: torch.Tensor = (value if value.is_floating_point() else value.double()).mean()
    return mean


class _Pairs:
    """A loss of outputs and targets as one of (module, batch)."""

    def __init__(self, judge: nn.Module) -> None:
        self.judge = judge

    def __call__(self, module: nn.Module, batch: Any) -> torch.Tensor:
        x, y = batch
        loss: torch.Tensor = self.judge.to(y.device)(module(x), y)
        return loss


def moved(batch: Any, device: torch.device) -> Any:
    """Return a batch with its tensors on a device."""
    import torch

    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: moved(each, device) for key, each in batch.items()}
    if type(batch) in (tuple, list):
        return type(batch)(moved(each, device) for each in batch)
    return batch.to(device) if hasattr(batch, "to") else batch


def _of_pair(name: str, module: nn.Module, data: str, x: torch.Tensor, y: torch.Tensor, loss: Any) -> Network:
    x, outputs = _taken(name, module, x)
    few = moved(y[:FEW], next(module.parameters()).device)
    judge, shown, kind = any_loss(loss, outputs, few)
    metric = metric_for(kind, outputs, few)
    if kind == "shares" and not bool(((y == 0) | (y == 1)).all()):
        metric = ""
    classes = metric == "accuracy" and y.ndim == 1 and getattr(outputs, "ndim", 0) == 2
    wide = outputs.shape[1] if getattr(outputs, "ndim", 0) == 2 else int(getattr(outputs, "ndim", 0) == 1)
    part = Part(x, y)
    nothing = Part(x[:0], y[:0])
    found = Data(
        data,
        "classification" if classes else "regression",
        part,
        nothing,
        nothing,
        tuple(x.shape[1:]) if x.is_floating_point() else (),
        max(2, wide) if classes else wide,
    )
    return Network(name, module, found, judge, shown, metric, modes=True)


def _of_whole(name: str, module: nn.Module, batches: Batches, whole: Whole, shown: str) -> Network:
    import torch

    # The loss reads the batches themselves; of these only the number is used.
    count = torch.zeros(sum(batches.sizes), 1)
    part, nothing = Part(count, count), Part(count[:0], count[:0])
    data = Data(batches.name, "regression", part, nothing, nothing, (), 0)
    return Network(name, module, data, torch.nn.Identity(), shown, "", whole=whole, modes=True)


def _taken(name: str, module: nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, Any]:
    """Return the samples as the module takes them, and what it gives for a few.

    Floating ones are cast to the precision of the weights, as a loop must have done; whole ones are left as
    they are, as embeddings need them, and cast only where the module refuses them.
    """
    dtype = precision(module)
    if x.is_floating_point():
        x = x.to(dtype)
    try:
        return x, _outputs(name, module, x[:FEW])
    except DescentError:
        if x.is_floating_point() or x.is_complex():
            raise
        cast = x.to(dtype)
        try:
            return cast, _outputs(name, module, cast[:FEW])
        except DescentError:
            pass
        raise


def _outputs(name: str, module: nn.Module, x: Any) -> Any:
    import torch

    modes = {each: each.training for each in module.modules()}
    try:
        with torch.no_grad():
            return module.eval()(moved(x, next(module.parameters()).device))
    except Exception as error:
        shape = f"samples of shape {tuple(x.shape[1:])}" if isinstance(x, torch.Tensor) else "the batches"
        raise DescentError(
            f"network {name!r} cannot take {shape}: {type(error).__name__}: {flat(error)}"
        ) from error
    finally:
        for each, mode in modes.items():
            each.training = mode


def _refusal(whole: Whole, module: nn.Module) -> str | None:
    """Return why a loss cannot be worked out from a module and its first batch; None where it can."""
    import torch

    first = Whole(whole.items[:1], whole.sizes[:1], whole.call)
    modes = {each: each.training for each in module.modules()}
    try:
        with torch.no_grad():
            first(module.eval())
    except Exception as error:
        return f"{type(error).__name__}: {flat(error)}"
    finally:
        for each, mode in modes.items():
            each.training = mode
    return None


def _is_function(loss: Any) -> bool:
    from torch import nn

    return callable(loss) and not isinstance(loss, nn.Module)
