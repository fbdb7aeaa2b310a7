"""What must be so of every step, whatever the update rule: closures, hooks, seeds, rates, paths, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..matching.cells import DIFFERENTIABLE, PATHS, Cell, arguments_of, paths_of, refused, ways_of
from ..matching.layouts import LAYOUTS, STEPS, hand
from ..matching.switches import HOW, options_of
from ..matching.tensor_runs import run_layout
from .subject import Fault, NotForThis, begin, drive, expect_same, in_words, made, moving, quiet

if TYPE_CHECKING:
    from .subject import Run, Subject


def closure(subject: Subject) -> None:
    """A closure is called once, with gradients on, and step returns its loss; without one it returns None."""
    import torch

    with quiet():
        run = begin(subject)
        modes: list[bool] = []

        def evaluate() -> torch.Tensor:
            modes.append(torch.is_grad_enabled())
            hand(run.layout, run.dtype, 1, run.tensors)
            return torch.tensor(2.5, dtype=torch.float64)

        run.optimizer.zero_grad()
        step: Any = run.optimizer.step
        with torch.no_grad():
            returned = step(evaluate)
            if torch.is_grad_enabled():
                raise Fault("a step leaves gradients switched on", 1, "loss")
        if not modes:
            raise Fault("step does not call its closure", 1, "loss")
        if len(modes) > 1 and not subject.closure:
            raise Fault(f"step calls its closure {len(modes)} times", 1, "loss")
        if not all(modes):
            raise Fault("the closure is called with gradients off, so that it cannot go backward", 1, "loss")
        if returned is None or float(returned) != 2.5:
            raise Fault(f"step returns {returned!r} and not the loss of its closure", 1, "loss")
        if not subject.closure and (returned := step()) is not None:
            raise Fault(f"step without a closure returns {returned!r} and not None", 2, "loss")


def hooks(subject: Subject) -> None:
    """Hooks before and after a step are called once a step."""
    with quiet():
        run = begin(subject)
        called: list[str] = []
        run.optimizer.register_step_pre_hook(lambda *_: called.append("before"))
        run.optimizer.register_step_post_hook(lambda *_: called.append("after"))
        for step in (1, 2):
            run.step(step)
            if called != ["before", "after"] * step:
                raise Fault(
                    f"hooks were called as {called[2 * step - 2 :]}, not once before and once after",
                    step,
                    "state",
                )


def same_seed(subject: Subject) -> None:
    """The same seed gives the same path, bit for bit."""
    one, other = drive(subject), drive(subject)
    expect_same(one, other, subject.layout, "same-machine", "a second run with the same seed goes elsewhere")


def order(subject: Subject) -> None:
    """The order in which parameters are handed over does not matter."""
    import torch

    def backwards(run: Run, step: int) -> None:
        if step == 1:
            run.optimizer = made(subject, run.tensors[::-1])

    with torch.random.fork_rng(devices=[]):
        expected, found = drive(subject), drive(subject, before=backwards)
    expect_same(
        expected, found, subject.layout, "same-dtype", "parameters handed over in another order go elsewhere"
    )


def rate(subject: Subject) -> None:
    """A rate that a schedule sets in the groups is the rate of the next step."""
    lr = _rate(subject)

    def late(run: Run, step: int) -> None:
        if step == 1:
            run.optimizer = made(subject, run.tensors, lr=lr / 4)
            _set_rate(run, lr)

    expected = moving(drive(subject))
    expect_same(
        expected,
        drive(subject, before=late),
        subject.layout,
        "same-dtype",
        "a rate that is set in the groups before the first step is not the one used",
    )

    def half_way(run: Run, step: int) -> None:
        if step == STEPS // 2:
            _set_rate(run, lr / 4)

    if expected.same(drive(subject, before=half_way)):
        raise Fault(
            f"a rate that is set in the groups before step {STEPS // 2} changes nothing: no schedule can act",
            STEPS // 2,
            "rate",
        )


def _set_rate(run: Run, lr: float) -> None:
    for group in run.optimizer.param_groups:
        group["lr"] = lr


def _rate(subject: Subject) -> float:
    run = begin(subject)
    found = run.optimizer.param_groups[0].get("lr")
    if not isinstance(found, int | float) or not found:
        raise NotForThis("its groups have no learning rate that is a number")
    return float(found)


def tensor_rate(subject: Subject) -> None:
    """A rate that is a tensor does what the same number does, and is not changed."""
    import torch

    number = _rate(subject)
    lr = torch.tensor(number, dtype=torch.float64)
    try:
        begin(subject, lr=lr)
    except Exception as error:
        raise NotForThis(f"it refuses a rate that is a tensor: {in_words(error)}") from None
    try:
        found = drive(subject, lr=lr)
    except Exception as error:
        raise Fault(
            f"it takes a rate that is a tensor, and its step fails: {in_words(error)}", 1, "error"
        ) from None
    expect_same(
        drive(subject), found, subject.layout, "same-dtype", "a rate that is a tensor does something else"
    )
    if float(lr) != number:
        raise Fault(f"the tensor that is the rate became {float(lr)!r} from {number!r}", 1, "rate")


def paths(subject: Subject) -> str:
    """The ways through the code (foreach, fused, capturable, differentiable) lead to the same points."""
    ways, switched = paths_of(subject.make), ways_of(subject.make)
    if len(ways) < 2 and not switched:
        raise NotForThis("it has one way through the code")
    said: dict[str, dict[str, Any]] = {each: {**arguments_of(each, subject.make)} for each in PATHS}
    expected = drive(subject, **said[ways[0]])
    for way in ways[1:]:
        try:
            found = drive(subject, **said[way])
        except Exception as error:
            if way == "fused" and isinstance(error, RuntimeError):
                continue
            raise Fault(f"{way} fails: {in_words(error)}", 1, "error") from None
        expect_same(expected, found, subject.layout, "same-dtype", f"{way} goes elsewhere than {ways[0]}")
    return "; ".join(filter(None, (_way(subject, way, said[ways[0]]) for way in switched)))


def _way(subject: Subject, way: str, plain: dict[str, Any]) -> str:
    """Compare a run with capturable or differentiable with one without, and say where it is refused."""
    layout = "vector" if subject.layout == "several" else subject.layout
    if subject.closure or (way == DIFFERENTIABLE and layout != "vector"):
        return ""
    try:
        run = run_layout(subject.make, subject.options, Cell("", "float64", way, shape=layout))
    except Exception as error:
        if refused(way, error):
            return f"{way} is refused here: {in_words(error)}"
        raise Fault(f"{way} fails: {in_words(error)}", 1, "error") from None
    # They count steps in a tensor of torch's default precision, so that powers of betas are rounded to it.
    expect_same(drive(subject, layout, **plain), run, layout, "float32", f"{way} goes elsewhere")
    return ""


def compiled(subject: Subject) -> None:
    """A step that torch.compile has traced leads to the same points, within rounding of float32."""
    import logging

    import torch

    def trace(run: Run, step: int) -> None:
        if step == 1:
            optimizer: Any = run.optimizer
            optimizer.step = torch.compile(optimizer.step, backend="eager")

    if subject.closure:
        raise NotForThis("its step wants a closure")
    held = logging.root.manager.disable
    try:
        logging.disable(logging.WARNING)  # where a graph breaks is no news for an author
        torch._dynamo.reset()
        found = drive(subject, before=trace, steps=4)
    except Exception as error:
        raise Fault(f"torch.compile of its step fails: {in_words(error)}", 1, "error") from None
    finally:
        logging.disable(held)
        torch._dynamo.reset()
    expected = drive(subject, steps=4)
    expect_same(expected, found, subject.layout, "float32", "compiled, it goes elsewhere")


def maximize(subject: Subject) -> None:
    """With ``maximize`` a run does what it does on gradients of the other sign."""
    if not subject.has("maximize"):
        raise NotForThis("it has no option maximize")

    def turned(run: Run, step: int) -> None:
        hand(run.layout, run.dtype, step, run.tensors)
        for each in run.tensors:
            if each.grad is not None:
                each.grad = -each.grad

    if subject.closure:
        raise NotForThis("its closure sets the gradients")
    with quiet():
        run = begin(subject)
        notes = [[each.detach().clone() for each in run.tensors]]
        for step in range(1, STEPS + 1):
            turned(run, step)
            run.optimizer.step()
            notes.append([each.detach().clone() for each in run.tensors])
    from ..matching.tensor_runs import TensorRun, rows_of

    expected = TensorRun("", rows_of(notes))
    expect_same(
        expected,
        drive(subject, maximize=True),
        subject.layout,
        "same-dtype",
        "maximize does something else than gradients of the other sign",
    )


def precision(subject: Subject) -> None:
    """A run in float32 stays near the one in float64."""
    expected = drive(subject)
    try:
        found = drive(subject, dtype="float32")
    except Exception as error:
        raise Fault(f"it fails in float32: {in_words(error)}", 1, "error") from None
    expect_same(expected, found, subject.layout, "float32", "float32 goes elsewhere than float64")


def half(subject: Subject) -> None:
    """Half precision runs, and gives finite numbers."""
    for dtype in ("bfloat16", "float16"):
        try:
            found = drive(subject, dtype=dtype)
        except Exception as error:
            raise Fault(f"it fails in {dtype}: {in_words(error)}", 1, "error") from None
        for part, points in zip(LAYOUTS[subject.layout], found.points, strict=True):
            lost = np.flatnonzero(~np.isfinite(points).all(axis=1))
            if lost.size:
                raise Fault(f"in {dtype} the parameter {part.name!r} is not finite", int(lost[0]), "update")


def errors(subject: Subject) -> None:
    """Options that make no sense are refused when the optimizer is made."""
    import torch

    wrong: dict[str, Any] = {
        "lr": -1.0,
        "momentum": -1.0,
        "weight_decay": -1.0,
        "eps": -1.0,
        "betas": (1.5, 0.9),
    }
    known = options_of(subject.make)
    taken = []
    for name, value in wrong.items():
        if name != "lr" and (
            name not in known or name in HOW or isinstance(known[name], tuple) != isinstance(value, tuple)
        ):
            continue
        try:
            begin(subject, **{name: value})
        except Exception:
            continue
        taken.append(f"{name}={value}")
    if taken:
        raise Fault(f"it takes {' and '.join(taken)} without an error", None, "error")
    try:
        with quiet():
            made(subject, [])
    except Exception:
        pass
    else:
        raise Fault("it takes an empty list of parameters without an error", None, "error")
    same = torch.zeros(2, 2, requires_grad=True)
    try:
        with quiet():
            subject.make([{"params": [same]}, {"params": [same]}], **subject.options)
    except Exception:
        return
    raise Fault("it takes the same parameter in two groups without an error", None, "error")
