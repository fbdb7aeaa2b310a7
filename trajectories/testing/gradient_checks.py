"""What a step may do with gradients, and to parameters that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..matching.layouts import LAYOUTS, hand
from .subject import Fault, NotForThis, begin, quiet

if TYPE_CHECKING:
    from .subject import Run, Subject

_ZERO = {"weight_decay": 0.0, "lambd": 0.0}  # without which zero gradients still shrink a parameter


def _without_decay(subject: Subject) -> dict[str, Any]:
    return {name: value for name, value in _ZERO.items() if subject.has(name)}


def zero_gradients(subject: Subject) -> None:
    """Gradients of zero, without decay, move nothing."""

    def zero(run: Run, step: int) -> None:
        hand(run.layout, run.dtype, step, run.tensors)
        for each in run.tensors:
            if each.grad is not None:
                each.grad = each.grad * 0
        run.optimizer.step()

    if subject.closure:
        raise NotForThis("its step wants a closure")
    with quiet():
        run = begin(subject, **_without_decay(subject))
        before = [each.detach().clone() for each in run.tensors]
        for step in (1, 2, 3):
            zero(run, step)
            _nothing_moved(run, before, step, "gradients of zero")


def absent_gradients(subject: Subject) -> None:
    """Parameters without a gradient stay where they are and get no state."""
    with quiet():
        run = begin(subject)
        before = [each.detach().clone() for each in run.tensors]
        if not subject.closure:
            for each in run.tensors:
                each.grad = None
            run.optimizer.step()
            _nothing_moved(run, before, 1, "no gradients at all")
            run = begin(subject)
        known = {id(each) for each in run.optimizer.state}
        for step in range(1, 4):
            run.step(step)
            for part, each, start in zip(LAYOUTS[run.layout], run.tensors, before, strict=True):
                if part.kind not in ("absent", "frozen"):
                    continue
                if not _equal(each, start):
                    raise Fault(
                        f"it moves the parameter {part.name!r}, which has no gradient", step, "update"
                    )
                if run.optimizer.state.get(each) and id(each) not in known:
                    raise Fault(
                        f"it makes state for the parameter {part.name!r}, which has no gradient",
                        step,
                        "state",
                    )


def _nothing_moved(run: Run, before: list[Any], step: int, words: str) -> None:
    for part, each, start in zip(LAYOUTS[run.layout], run.tensors, before, strict=True):
        if not _equal(each, start):
            raise Fault(f"{words} move the parameter {part.name!r} at step {step}", step, "update")


def _equal(one: Any, other: Any) -> bool:
    import torch

    return bool(torch.equal(one.detach(), other))


def gradients_unchanged(subject: Subject) -> None:
    """A step leaves the gradients as they are, as training loops log, clip and accumulate them."""
    import torch

    if subject.closure:
        raise NotForThis("its closure sets the gradients")
    for options in ({}, {"weight_decay": 0.1}, {"maximize": True}):
        if not all(subject.has(name) for name in options):
            continue
        with quiet():
            run = begin(subject, **options)
            for step in range(1, 4):
                hand(run.layout, run.dtype, step, run.tensors)
                kept = [None if each.grad is None else each.grad.to_dense().clone() for each in run.tensors]
                run.optimizer.step()
                for part, each, grad in zip(LAYOUTS[run.layout], run.tensors, kept, strict=True):
                    same = (each.grad is None) == (grad is None)
                    if not same or (grad is not None and not torch.equal(each.grad.to_dense(), grad)):  # type: ignore[union-attr]
                        more = "".join(f" with {name}={value}" for name, value in options.items())
                        raise Fault(
                            f"step {step} changes the gradient of {part.name!r} in place{more}",
                            step,
                            "gradient",
                        )


def in_place(subject: Subject) -> None:
    """Parameters are changed in place: other views of their memory, as models hold them, see the change."""

    def keep(run: Run, step: int) -> None:
        if step == 1:
            kept.extend(each.data_ptr() for each in run.tensors)
        for part, each, pointer in zip(LAYOUTS[run.layout], run.tensors, kept, strict=True):
            if each.data_ptr() != pointer:
                raise Fault(
                    f"the parameter {part.name!r} gets new memory, which views of it do not see",
                    step,
                    "update",
                )

    kept: list[int] = []
    with quiet():
        run = begin(subject)
        for step in (1, 2, 3):
            keep(run, step)
            run.step(step)
        keep(run, 4)
        for part, each in zip(LAYOUTS[run.layout], run.tensors, strict=True):
            if each.requires_grad != (part.kind != "frozen") or not each.is_leaf:
                raise Fault(
                    f"the parameter {part.name!r} is no leaf that requires a gradient any more", 3, "update"
                )


def zero_grad(subject: Subject) -> None:
    """``zero_grad`` removes gradients, and with ``set_to_none=False`` makes them zero."""
    with quiet():
        run = begin(subject)
        hand(run.layout, run.dtype, 3, run.tensors)
        run.optimizer.zero_grad(set_to_none=False)
        for part, each in zip(LAYOUTS[run.layout], run.tensors, strict=True):
            if each.grad is not None and each.grad.to_dense().any():
                raise Fault(
                    f"zero_grad(set_to_none=False) leaves the gradient of {part.name!r}", 1, "gradient"
                )
        run.optimizer.zero_grad()
        for part, each in zip(LAYOUTS[run.layout], run.tensors, strict=True):
            if each.grad is not None:
                raise Fault(f"zero_grad() leaves a gradient at {part.name!r}", 1, "gradient")
