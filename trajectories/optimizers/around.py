"""What goes around another optimizer: where its class takes that one, and what is inside of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.optim import Optimizer

# Where wrappers keep the optimizer that makes their steps: SAM, Schedule-Free, accelerate, Fabric.
_INSIDE = ("base_optimizer", "optimizer", "_optimizer", "base")
GIVEN = frozenset({"params", "model", "module"})  # arguments that stand for what is moved


def place_of(names: Iterable[str]) -> str:
    """Return by which argument a class takes the optimizer that it goes around; empty where by none.

    >>> place_of(["params", "base_optimizer", "rho"]), place_of(["base", "r"]), place_of(["params", "lr"])
    ('base_optimizer', 'base', '')
    """
    return next((name for name in names if "optim" in name or name == "base"), "")


def inside(optimizer: Any) -> Any:
    """Return what an optimizer goes around; None where it goes around nothing."""
    from torch.optim import Optimizer

    held = (getattr(optimizer, name, None) for name in _INSIDE)
    return next((each for each in held if isinstance(each, Optimizer) and each is not optimizer), None)


def as_optimizer(optimizer: Any) -> Optimizer:
    """Return what torch's schedules take: the optimizer, or the one inside of what is none by its class."""
    from torch.optim import Optimizer

    inner = inside(optimizer)
    return optimizer if isinstance(optimizer, Optimizer) or inner is None else inner  # type: ignore[no-any-return]
