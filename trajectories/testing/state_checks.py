"""What must be so of an optimizer's state: saved, loaded, copied, added to, and never growing."""

from __future__ import annotations

import copy
import io
import pickle
import sys
from typing import TYPE_CHECKING, Any

from ..matching.layouts import LAYOUTS, STEPS
from .subject import Fault, NotForThis, begin, drive, expect_same, in_words, made, moving, quiet

if TYPE_CHECKING:
    import torch

    from .subject import Run, Subject

_HALF = STEPS // 2


def reload(subject: Subject) -> None:
    """A state dict that goes through a file and into another optimizer goes on bit for bit."""

    def swap(run: Run, step: int) -> None:
        if step == _HALF:
            saved = through_file(run.optimizer.state_dict())
            run.tensors = [each.detach().clone().requires_grad_(each.requires_grad) for each in run.tensors]
            run.optimizer = made(subject, run.tensors)
            run.optimizer.load_state_dict(saved)

    expect_same(
        drive(subject),
        drive(subject, before=swap),
        subject.layout,
        "same-machine",
        f"saved and loaded before step {_HALF}, it goes elsewhere",
    )


def through_file(saved: Any) -> Any:
    """Save and load a state dict as torch does by default, that is without anything but data.

    Raises:
        Fault: It cannot be.
    """
    import torch

    buffer = io.BytesIO()
    try:
        torch.save(saved, buffer)
        buffer.seek(0)
        return torch.load(buffer, weights_only=True)
    except Exception as error:
        raise Fault(
            f"its state dict does not go through torch.save and torch.load: {in_words(error)}", _HALF, "state"
        ) from None


def copies(subject: Subject) -> None:
    """A deep copy and a pickled copy go on as the original does."""

    def deep(run: Run, step: int) -> None:
        if step == _HALF:
            run.tensors, run.optimizer = _copied(
                "copy.deepcopy", lambda: copy.deepcopy((run.tensors, run.optimizer))
            )

    def pickled(run: Run, step: int) -> None:
        if step == _HALF:
            for each in run.tensors:
                each.grad = None
            run.tensors, run.optimizer = _copied(
                "pickle", lambda: pickle.loads(pickle.dumps((run.tensors, run.optimizer)))
            )

    expected = drive(subject)
    for words, way in (("a deep copy", deep), ("a pickled copy", pickled)):
        if way is pickled and _local(subject.make):
            continue
        found = drive(subject, before=way)
        expect_same(
            expected, found, subject.layout, "same-machine", f"{words} before step {_HALF} goes elsewhere"
        )


def _local(make: Any) -> bool:
    """Say whether pickle cannot find a class, as it is made inside of a function or in a script."""
    module = sys.modules.get(getattr(make, "__module__", None) or "")
    found = getattr(module, getattr(make, "__qualname__", ""), None)
    return found is not make or getattr(module, "__name__", "") == "__main__"


def _copied(name: str, make: Any) -> Any:
    try:
        return make()
    except Exception as error:
        raise Fault(f"{name} fails: {in_words(error)}", _HALF, "state") from None


def older_state(subject: Subject) -> None:
    """A state dict of an older version, whose groups lack an option that was added since, still works."""
    if not subject.later:
        raise NotForThis("no option is said to be younger than the class, as with later=['maximize']")

    def old(run: Run, step: int) -> None:
        if step == _HALF:
            saved = copy.deepcopy(run.optimizer.state_dict())
            for group in saved["param_groups"]:
                group.pop(name, None)
            run.optimizer = made(subject, run.tensors)
            run.optimizer.load_state_dict(saved)

    for name in subject.later:
        try:
            drive(subject, before=old)
        except Exception as error:
            words = "a state dict whose groups lack"
            raise Fault(
                f"{words} {name!r} cannot go on: {in_words(error)} (__setstate__ can set what is missing)",
                _HALF,
                "state",
            ) from None


def aliasing(subject: Subject) -> None:
    """No state is the memory of a gradient, a parameter or another state."""
    with quiet():
        run = begin(subject)
        for step in (1, 2):
            run.step(step)
            if subject.closure:
                raise NotForThis("its closure sets the gradients")
            owners = {_memory(each): f"the parameter {part.name!r}" for part, each in _named(run)}
            owners |= {
                _memory(each.grad): f"the gradient of {part.name!r}"
                for part, each in _named(run)
                if each.grad is not None
            }
            for part, each in _named(run):
                for key, value in run.optimizer.state.get(each, {}).items():
                    if not _is_tensor(value) or value.is_sparse or not value.numel():
                        continue
                    if (owner := owners.get(_memory(value))) is not None:
                        raise Fault(
                            f"the state {key!r} of {part.name!r} is the memory of {owner}", step, "state"
                        )
                    owners[_memory(value)] = f"the state {key!r} of {part.name!r}"


def _named(run: Run) -> list[tuple[Any, torch.Tensor]]:
    return [pair for pair in zip(LAYOUTS[run.layout], run.tensors, strict=True) if pair[1].numel()]


def _memory(tensor: torch.Tensor) -> int:
    return id(tensor) if tensor.is_sparse else tensor.untyped_storage().data_ptr()


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def step_count(subject: Subject) -> None:
    """Where the state counts steps, it counts those in which the parameter had a gradient."""
    if subject.closure:
        raise NotForThis("its closure sets the gradients")
    counted = False
    with quiet():
        run = begin(subject)
        expected = [0] * len(run.tensors)
        for step in range(1, STEPS + 1):
            run.step(step)
            for number, (part, each) in enumerate(zip(LAYOUTS[run.layout], run.tensors, strict=True)):
                expected[number] += each.grad is not None
                count = run.optimizer.state.get(each, {}).get("step")
                if count is None or not expected[number]:
                    continue
                counted = True
                if int(count) != expected[number]:
                    raise Fault(
                        f"the state 'step' of {part.name!r} is {int(count)} where it had a gradient in "
                        f"{expected[number]} steps",
                        step,
                        "state",
                    )
    if not counted:
        raise NotForThis("its state has no 'step'")


def new_group(subject: Subject) -> None:
    """A group that is added later is moved, and the others go on as before."""

    def add(run: Run, step: int) -> None:
        if step == _HALF:
            added.extend(begin(subject).tensors)
            run.optimizer.add_param_group({"params": added})
        if step >= _HALF:
            for each, own in zip(added, run.tensors, strict=True):
                each.grad = None if own.grad is None else own.grad.clone()

    if subject.closure:
        raise NotForThis("it has one group")
    moving(drive(subject))
    added: list[torch.Tensor] = []
    try:
        drive(subject, steps=2 * STEPS, before=add)  # some rules wait for some steps before they move
    except Exception as error:
        raise Fault(
            f"a group added before step {_HALF} makes it fail: {in_words(error)}", _HALF, "error"
        ) from None
    start = begin(subject).tensors
    if all(bool((one == other).all()) for one, other in zip(added, start, strict=True)):
        raise Fault(f"a group added before step {_HALF} is never moved", _HALF, "update")


def shown(subject: Subject) -> None:
    """Its repr names the class."""
    run = begin(subject)
    try:
        text = repr(run.optimizer)
    except Exception as error:
        raise Fault(f"repr fails: {in_words(error)}", None, "error") from None
    if type(run.optimizer).__name__ not in text:
        raise Fault(f"its repr does not name its class: {text[:60]!r}", None, "state")


def memory(subject: Subject) -> None:
    """After 500 steps no more tensors are alive than after half of them."""
    import gc

    import torch

    def alive() -> int:
        gc.collect()
        return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())

    if subject.closure:
        raise NotForThis("with a closure it may keep a history that is long in filling")
    counts: list[int] = []
    with quiet():
        run = begin(subject, "" if subject.layout == "sparse" else "matrix")
        for step in range(1, _LAST + 1):
            run.step(step % STEPS + 1)
            if step in (_LAST // 2, _LAST):
                counts.append(alive())
    if counts[1] - counts[0] > _FEW:
        raise Fault(
            f"{counts[1] - counts[0]} more tensors are alive after 500 steps than after 250", 500, "state"
        )


_LAST = 500
_FEW = 20  # tensors may come and go elsewhere in the process meanwhile
