"""The loss of a network on fixed samples as a pure function of its flat weights, for many weights at once."""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass, replace
from functools import partial
from math import nan
from typing import TYPE_CHECKING, Any

from ..errors import DescentError, NotPossibleError
from ..imports import flat
from .losses import measure
from .pure import Shell, one_type, precision, pure, tied
from .weights import Shapes, flatten, shapes, trainable, unflatten

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import nn

    from ..data.dataset import Part
    from .network import Network

# Bytes of weights and layer outputs that are worked on at once. On a CPU they should stay within the caches,
# while a GPU is only busy with much more.
AT_ONCE_CPU = 8 << 20
AT_ONCE_ELSEWHERE = 1 << 29


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """A pure function of P weights: dropout is off, and batch norm takes the statistics of these samples."""

    module: nn.Module  # a copy in evaluation mode; its own trainable weights are never read
    shapes: Shapes  # how the flat weights are cut
    tied: dict[str, str]  # other paths of parameters that layers share -> the path in `shapes`
    x: torch.Tensor  # (n, *inputs), on the device and in the precision that everything is computed in
    y: torch.Tensor  # (n,) class numbers or (n, outputs)
    loss: nn.Module  # (output, target) -> a scalar
    metric: str  # what `metrics` gives: "accuracy" or "RMSE", or NaN where it is empty
    batched: bool  # whether torch can run the module for many weights at once
    at_once: int  # how many weights are evaluated at once
    like: torch.Tensor  # (0,), on the device and in the precision of the weights
    whole: Callable[[nn.Module], torch.Tensor] | None = None  # the loss from the module alone
    seeded: bool = False  # whether the module draws, so that each evaluation begins with the same numbers

    def values(self, weights: torch.Tensor) -> torch.Tensor:
        """Return the losses (K,) at weights (K, P)."""
        return self._each(weights, self.loss_with)

    def metrics(self, weights: torch.Tensor) -> torch.Tensor:
        """Return the metrics (K,) at weights (K, P)."""
        return self._each(weights, partial(self.loss_with, metric=True))

    def gradient(self, weights: torch.Tensor) -> torch.Tensor:
        """Return the gradient (P,) of the loss at weights (P,)."""
        import torch

        leaf = self.take(weights).clone().requires_grad_()
        with torch.enable_grad():
            (gradient,) = torch.autograd.grad(self.loss_of(leaf), leaf, materialize_grads=True)
        return gradient

    def loss_of(self, weights: torch.Tensor) -> torch.Tensor:
        """Return the loss at weights (P,), a scalar that can be differentiated."""
        return self.loss_with(unflatten(weights, self.shapes))

    def loss_with(self, parts: dict[str, torch.Tensor], metric: bool = False) -> torch.Tensor:
        """Return the loss or the metric with these parameters, a scalar."""
        import torch

        if self.seeded:
            torch.manual_seed(0)
        if self.whole is None:
            return self.judge(self.outputs(parts), metric)
        if metric:
            return self.like.new_full((), nan)
        shell = Shell(self.module, self.whole)
        named = {f"module.{path}": part for path, part in self.every(parts).items()}
        loss: torch.Tensor = torch.func.functional_call(shell, named, (), tie_weights=False)
        return loss

    def every(self, parts: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Return parameters by all paths that the module has for them, each of its own type."""
        import torch

        own = trainable(self.module)
        parts = {
            path: torch.complex(part[..., 0], part[..., 1]).to(own[path].dtype)
            if own[path].is_complex()
            else part.to(own[path].dtype)
            for path, part in parts.items()
        }
        return parts | {path: parts[first] for path, first in self.tied.items()}

    def outputs(self, parts: dict[str, torch.Tensor], x: torch.Tensor | None = None) -> torch.Tensor:
        """Return what the module gives with these parameters for the samples or for others, (n, outputs)."""
        import torch

        every = self.every(parts)
        samples = self.x if x is None else x
        # Tied by hand: where one layer stands in two places, torch would not put its own weights back.
        outputs: torch.Tensor = torch.func.functional_call(self.module, every, (samples,), tie_weights=False)
        return outputs

    def judge(self, outputs: torch.Tensor, metric: bool = False) -> torch.Tensor:
        """Return the loss or the metric of outputs (n, k), a scalar."""
        if metric:
            return measure(self.metric, outputs, self.y) if self.metric else self.like.new_full((), nan)
        loss: torch.Tensor = self.loss(outputs, self.y)
        return loss

    def take(self, weights: torch.Tensor) -> torch.Tensor:
        """Return weights, detached, on the objective's device and in its precision."""
        return weights.detach().to(self.like.device, self.like.dtype)

    def _each(
        self, weights: torch.Tensor, judge: Callable[[dict[str, torch.Tensor]], torch.Tensor]
    ) -> torch.Tensor:
        import torch

        results = [self.like]
        with torch.no_grad():
            for some in torch.split(weights, self.at_once) if len(weights) else ():
                cut = unflatten(self.take(some), self.shapes)
                if self.batched and len(some) > 1:
                    results.append(torch.func.vmap(judge)(cut))
                else:
                    each = [judge({name: part[k] for name, part in cut.items()}) for k in range(len(some))]
                    results.append(torch.stack(each))
        return torch.cat(results)


def objective(
    network: Network, part: Part, device: Any = "cpu", dtype: torch.dtype | None = None
) -> Objective:
    """Make the objective of a network on some samples.

    Batch norm takes its statistics from these samples whatever the weights, and dropout is off, so the loss
    depends on the weights alone.

    Args:
        network: What is trained; its own module is not touched.
        part: The samples, at least one.
        device: Where to compute, as torch names it.
        dtype: The precision to compute in; that of the module when None.

    Raises:
        DescentError: There are no samples.
        NotPossibleError: The module cannot be evaluated on these samples.
    """
    if not len(part):
        raise DescentError(f"data {network.data.name!r} has no samples in this part, so there is no loss")
    dtype = dtype or precision(network.module)
    module = pure(network.module, network.modes).to(device)
    one = one_type(module)  # where types are mixed, or complex, the module knows what to do with them
    if one:
        module = module.to(dtype)
    x = part.x.to(device=device, dtype=dtype if part.x.is_floating_point() and one else None)
    y = part.y.to(device=device, dtype=dtype if part.y.is_floating_point() else None)
    loss = copy.deepcopy(network.loss).to(device=device, dtype=dtype)
    weights = flatten(module).to(dtype)
    plain = Objective(
        module,
        shapes(module),
        tied(module),
        x,
        y,
        loss,
        network.metric,
        batched=False,
        at_once=1,
        like=weights[:0],
        whole=network.whole,
    )
    if network.modes and _draws(plain, weights):
        return replace(plain, seeded=True)
    if network.whole is not None and not network.many:  # for one vector of weights after the other
        return plain
    size = weights.numel() if network.many else largest_output(module, x, network.name)
    at_once = how_many(module, weights.element_size() * (weights.numel() + 2 * size), x.device)
    return replace(plain, at_once=at_once, batched=_can_batch(replace(plain, batched=True), weights))


def how_many(module: nn.Module, bytes_each: int, device: torch.device) -> int:
    """Return how many weights to evaluate at once when one needs so many bytes."""
    from torch.nn.modules.conv import _ConvNd

    if device.type != "cpu":
        return max(1, AT_ONCE_ELSEWHERE // max(1, bytes_each))
    if any(isinstance(each, _ConvNd) for each in module.modules()):
        return 1  # many weights at once make one convolution in groups, which a CPU does more slowly
    return max(1, AT_ONCE_CPU // max(1, bytes_each))


def largest_output(module: nn.Module, x: torch.Tensor, name: str) -> int:
    """Return how many numbers the widest layer of a module gives for these samples."""
    import torch

    largest = 1

    def note(_module: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal largest
        if isinstance(output, torch.Tensor):
            largest = max(largest, output.numel())

    hooks = [each.register_forward_hook(note) for each in module.modules()]
    try:
        with torch.no_grad():
            module(x)
    except Exception as error:
        raise NotPossibleError(
            f"network {name!r} cannot be evaluated on {len(x)} samples at once: "
            f"{type(error).__name__}: {flat(error)}"
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    return largest


def _draws(trial: Objective, weights: torch.Tensor) -> bool:
    """Return whether a module gives another loss each time, because it draws random numbers."""
    import torch

    try:
        with torch.no_grad():
            one, other = (trial.loss_of(weights) for _ in range(2))
    except Exception as error:
        raise NotPossibleError(
            f"the network cannot be evaluated on its samples: {type(error).__name__}: {flat(error)}"
        ) from error
    return not torch.equal(one, other) and bool(one.isfinite() & other.isfinite())


def _can_batch(trial: Objective, weights: torch.Tensor) -> bool:
    """Return whether torch evaluates two weights at once, without a detour, and rightly."""
    import torch

    some = min(len(trial.x), 8)
    trial = replace(trial, x=trial.x[:some], y=trial.y[:some], at_once=2)
    two = torch.stack((weights, 0.9 * weights))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # torch warns where it would only loop
        try:
            plain = replace(trial, batched=False).values(two)
            together = trial.values(two)
        except Exception:  # whatever a module's own code raises when it meets batched weights
            return False
    return torch.allclose(plain, together, rtol=1e-4, atol=1e-5, equal_nan=True)
