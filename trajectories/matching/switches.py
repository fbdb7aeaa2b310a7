"""Every option that an optimizer's signature names, and a value with which it should change something."""

from __future__ import annotations

import inspect
import math
from itertools import combinations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Switch = tuple[tuple[str, Any], ...]  # options that are set together, by name

# Values with which eight steps show what an option does; of others the default is changed.
VALUES: dict[str, Any] = {
    "alpha": 0.8,
    "amsgrad": True,
    "betas": (0.7, 0.95),
    "centered": True,
    "dampening": 0.3,
    "decoupled_weight_decay": True,
    "eps": 1e-3,
    "etas": (0.4, 1.5),
    "lambd": 0.1,
    "lr_decay": 0.1,
    "maximize": True,
    "momentum": 0.7,
    "momentum_decay": 0.1,
    "nesterov": True,
    "rho": 0.8,
    "step_sizes": (1e-4, 5e-3),
    "weight_decay": 0.1,
}
NEEDS: dict[str, dict[str, Any]] = {  # without which an option has nothing to act on
    "dampening": {"momentum": 0.7},
    "nesterov": {"momentum": 0.7},
    "decoupled_weight_decay": {"weight_decay": 0.1},
    "weight_decouple": {"weight_decay": 0.1},
    "fixed_decay": {"weight_decay": 0.1, "weight_decouple": True},
}
# How a step is computed, which may not change where it leads.
HOW = frozenset({"foreach", "fused", "capturable", "differentiable"})
_NONE = frozenset({"self", "params", "lr"})


def options_of(make: Callable[..., Any]) -> dict[str, Any]:
    """Return the options that a signature names, and their defaults, without parameters and rate.

    >>> from torch.optim import Adagrad
    >>> list(options_of(Adagrad))[:3]
    ['lr_decay', 'weight_decay', 'initial_accumulator_value']
    """
    _, *named = inspect.signature(make).parameters.values()  # the first is what it moves
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {each.name: each.default for each in named if each.kind not in variable and each.name not in _NONE}


def value_for(name: str, default: Any) -> Any:
    """Return a value that switches an option on, or None where none can be thought of.

    >>> value_for("weight_decay", 0.0), value_for("cautious", False), value_for("gamma", 0.5)
    (0.1, True, 0.4)
    """
    known = VALUES.get(name)
    if known is not None and known != default and _length(known) == _length(default):
        return known
    if isinstance(default, bool):
        return not default
    if isinstance(default, int):
        return default + 1 if default else 3  # one step of warming up is none
    if isinstance(default, float):
        return _other(default) if math.isfinite(default) else None
    if isinstance(default, tuple) and default and all(isinstance(each, float) for each in default):
        return tuple(_other(each) for each in default)
    return None


def _length(value: Any) -> int:
    return len(value) if isinstance(value, tuple | list) else 0


def _other(default: float) -> float:
    """Return another number on the same side of 1, as many options are shares and others bounds."""
    return (1.25 if abs(default) >= 1 else 0.8) * default if default else 0.1


def switches(
    make: Callable[..., Any], given: Iterable[str] = (), values: Mapping[str, Any] | None = None
) -> dict[str, Switch]:
    """Return for each option of a signature what is set to switch it on.

    Args:
        make: The class, or what makes an optimizer.
        given: Options that are set anyway, and so are no switches.
        values: Values for some of them, in place of those that are thought of here.
    """
    known = options_of(make)
    given = set(given)
    found: dict[str, Switch] = {}
    for name, default in known.items():
        if name in given or name in HOW:
            continue
        value = (values or {}).get(name, value_for(name, default))
        if value is None:
            continue
        needs = {key: each for key, each in NEEDS.get(name, {}).items() if key in known and key not in given}
        found[name] = tuple((needs | {name: value}).items())
    return found


def pairs(singles: Mapping[str, Switch]) -> dict[tuple[str, str], Switch]:
    """Return every two switches together.

    >>> both = pairs({"maximize": (("maximize", True),), "eps": (("eps", 0.1),)})
    >>> both["maximize", "eps"]
    (('maximize', True), ('eps', 0.1))
    """
    return {
        (one, other): tuple((dict(singles[one]) | dict(singles[other])).items())
        for one, other in combinations(singles, 2)
    }
