"""Which optimizers run: those that were named, or three that suit the target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError
from ..arguments import check_rates
from ..specs.optimizer_spec import OptimizerSpec, as_spec, cross, unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...surfaces.surface import Surface

DEFAULTS = ("sgd", "adam", "rmsprop")
# Learning rates for networks where none is named: those of most first courses.
RATES = {"sgd": 0.1, "adam": 0.01, "rmsprop": 0.01}
NETWORK_RATES = {
    "linear": {"adam": 0.1, "rmsprop": 0.05},
    "logistic": {"sgd": 0.5, "adam": 0.1, "rmsprop": 0.05},
    "mlp784": {"adam": 0.001, "rmsprop": 0.001},
    "cnn": {"adam": 0.001, "rmsprop": 0.001},
}


def choose(
    surface: Surface,
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    lr: float | Sequence[float] | None = None,
    start: tuple[float, float] | None = None,
) -> tuple[OptimizerSpec, ...]:
    """Return the specs to run: those given or the defaults, crossed with the rates.

    Raises:
        DescentError: A spec or a rate that is not one, or an empty list of optimizers.

    >>> from descent.surfaces import get
    >>> [str(spec) for spec in choose(get("sphere"), ["sgd", "adam"], lr=0.1)]
    ['sgd:lr=0.1', 'adam:lr=0.1']
    """
    specs = default_specs(surface, start) if optimizers is None else named(optimizers)
    return cross(specs, check_rates(lr))


def choose_for_network(
    name: str,
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    lr: float | Sequence[float] | None = None,
) -> tuple[OptimizerSpec, ...]:
    """Return the specs to train a network with: those given or the defaults, crossed with the rates.

    Raises:
        DescentError: A spec or a rate that is not one, or an empty list of optimizers.

    >>> [str(spec) for spec in choose_for_network("mlp784")]
    ['sgd:lr=0.1', 'adam:lr=0.001', 'rmsprop:lr=0.001']
    """
    if optimizers is not None:
        return cross(named(optimizers), check_rates(lr))
    rates = RATES | NETWORK_RATES.get(name.partition(":")[0], {})
    return cross([OptimizerSpec(each, (("lr", rates[each]),)) for each in DEFAULTS], check_rates(lr))


def named(optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str]) -> tuple[OptimizerSpec, ...]:
    """Return the specs that a user named, at least one."""
    if isinstance(optimizers, OptimizerSpec | str) or callable(optimizers):
        return (as_spec(optimizers),)
    try:
        several = tuple(optimizers)
    except TypeError:
        raise DescentError(
            f"optimizers are named by text such as 'adam:lr=0.1', not given as a {type(optimizers).__name__}"
        ) from None
    specs = tuple(as_spec(spec) for spec in several)
    if not specs:
        raise DescentError("no optimizer is named; write one as name:option=value, for example adam:lr=0.1")
    return specs


def without_rates(
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None,
) -> tuple[OptimizerSpec, ...]:
    """Return specs without their rates, each once; the three usual ones for None."""
    read = named(DEFAULTS if optimizers is None else optimizers)
    return unique(one.without_lr() for one in read)


def default_specs(surface: Surface, start: tuple[float, float] | None = None) -> tuple[OptimizerSpec, ...]:
    """Return SGD, Adam and RMSprop at the rates that the surface states, or at rates from its scale.

    Where it states none, Adam and RMSprop, whose first steps are about as long as their rate, get a
    hundredth of the view's shorter side; SGD gets the rate that makes its first step a fiftieth of that
    side. Both are rounded to one digit.
    """
    rates = dict(surface.rates)
    side = min(high - low for low, high in surface.view[: surface.parameters])
    for name in DEFAULTS:
        if name not in rates:
            rate = _sgd_rate(surface, start or surface.start, side) if name == "sgd" else side / 100
            rates[name] = float(f"{rate:.0e}")
    return tuple(OptimizerSpec(name, (("lr", rates[name]),)) for name in DEFAULTS)


def _sgd_rate(surface: Surface, start: tuple[float, float], side: float) -> float:
    import torch

    with torch.enable_grad():
        begin = start[: surface.parameters]
        point = torch.tensor(begin, dtype=torch.float64, device="cpu", requires_grad=True)
        loss = surface(point)
        if not loss.requires_grad:
            raise no_gradient(surface)
        (gradient,) = torch.autograd.grad(loss, point)
    slope = math.hypot(*gradient.tolist())
    rate = side / 50 / slope if slope > 0 else math.nan
    return rate if math.isfinite(rate) and rate > 0 else 0.01


def no_gradient(surface: Surface) -> DescentError:
    """Build the error for a loss that torch cannot differentiate."""
    on = "x" if surface.parameters == 1 else "x and y"
    return DescentError(
        f"surface {surface.name!r} has no gradient: its loss does not depend on {on} by torch operations"
    )
