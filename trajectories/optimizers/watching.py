"""Seeing an optimizer's steps from outside, also of those that are none of torch's by their class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from .around import inside
from .faces import has_two

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Hook = Callable[..., Any]


def watchable(optimizer: Any) -> Any:
    """Return whose steps are watched: what is inside of wrappers, or what has two points of its own.

    SAM's two halves are often called by themselves, so only its inner optimizer is sure to step; a wrapper
    with two points moves the parameters before and after the inner step.

    Raises:
        DescentError: It is no optimizer.
    """
    from torch.optim import Optimizer

    while not has_two(optimizer) and (inner := inside(optimizer)) is not None:
        optimizer = inner
    if not (isinstance(optimizer, Optimizer) or (has_two(optimizer) and hasattr(optimizer, "param_groups"))):
        raise DescentError(
            f"a {type(optimizer).__name__} is no optimizer whose steps can be watched; allowed: one of "
            "torch.optim's or derived from it, what wraps one as its .optimizer, or a list of these"
        )
    return optimizer


def watch(optimizer: Any, before: Hook, after: Hook) -> Sequence[Any]:
    """Have functions called before and after each step of an optimizer, as torch's own hooks are.

    Returns:
        What ends it, by ``remove()``.
    """
    if hasattr(optimizer, "_optimizer_step_pre_hooks"):
        return optimizer.register_step_pre_hook(before), optimizer.register_step_post_hook(after)
    return (_Replaced(optimizer, before, after),)


@dataclass(slots=True)
class _Replaced:
    """The step of one optimizer that was made without torch's hooks, with another around it."""

    optimizer: Any
    before: Hook
    after: Hook
    own: Any = None  # a step that the object itself had, and not its class

    def __post_init__(self) -> None:
        self.own, step = vars(self.optimizer).get("step"), self.optimizer.step

        def watched(*args: Any, **kwargs: Any) -> Any:
            changed = self.before(self.optimizer, (self.optimizer, *args), kwargs)
            if changed is not None:
                (_, *args), kwargs = changed
            made = step(*args, **kwargs)
            self.after(self.optimizer, args, kwargs)
            return made

        self.optimizer.step = watched

    def remove(self) -> None:
        """Give the optimizer back its own step."""
        if self.own is None:
            del self.optimizer.step
        else:
            self.optimizer.step = self.own
