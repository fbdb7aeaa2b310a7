"""What an optimizer mixes, and that shape and memory layout of what it does not mix make no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..matching.layouts import LAYOUTS, STEPS, hand
from ..matching.switches import VALUES, switches
from ..matching.tensor_runs import TensorRun, rows_of
from .subject import Fault, NotForThis, begin, drive, expect_same, in_words, made, moving, quiet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .subject import Subject

ELEMENT_WISE = "element-wise"
PER_TENSOR = "per tensor"
MIXING = "mixing"
KINDS = (ELEMENT_WISE, PER_TENSOR, MIXING)


def kind_of(subject: Subject) -> str:
    """Find what an update of a number depends on: its own gradients, those of its tensor, or all."""
    if subject.closure:
        raise NotForThis("its closure sets the gradients")
    plain = _last(subject, None)
    layout = LAYOUTS[subject.layout]
    dense = [number for number, part in enumerate(layout) if part.kind == "dense" and np.prod(part.shape) > 1]
    if not dense:
        raise NotForThis("it takes sparse gradients only")
    found = ELEMENT_WISE
    for number in dense:
        changed = _last(subject, number)
        if any(
            not np.array_equal(one, other)
            for k, (one, other) in enumerate(zip(plain, changed, strict=True))
            if k != number
        ):
            return MIXING
        others = np.ones(plain[number].size, dtype=bool)
        others[1] = False  # the entry whose gradients were changed
        if not np.allclose(
            plain[number][others], changed[number][others], rtol=1e-12, atol=0, equal_nan=True
        ):
            found = PER_TENSOR
    return found


def _last(subject: Subject, number: int | None) -> list[NDArray[Any]]:
    """Return where a run ends in which one entry of one parameter has other gradients."""
    with quiet():
        import torch

        torch.manual_seed(0)
        run = begin(subject)
        for step in range(1, STEPS + 1):
            hand(run.layout, run.dtype, step, run.tensors)
            if number is not None:
                gradient = run.tensors[number].grad
                assert gradient is not None
                gradient.view(-1)[1] *= -1.7
            run.optimizer.step()
        return [each.detach().numpy().ravel().copy() for each in run.tensors]


def shapes(subject: Subject) -> None:
    """Every shape runs, and where numbers are not mixed, it moves as the same numbers in a vector do."""
    failed = []
    plain = [
        "scalar",
        "vector",
        "matrix",
        "tall",
        "cube",
        "kernel",
        "non-contiguous",
        "channels-last",
        "empty",
    ]
    for layout in plain:
        try:
            found = drive(subject, layout)
        except Exception as error:
            failed.append((layout, in_words(error)))
            continue
        if layout == "empty":
            continue
        (part,) = LAYOUTS[layout]
        if layout in ("vector", "scalar") or subject.closure or not _single_element_wise(subject, layout):
            continue
        flat = _flattened(subject, layout)
        if flat is not None:
            expect_same(
                flat,
                found,
                layout,
                "same-dtype",
                f"a parameter of shape {part.shape} moves elsewhere than its numbers do in a vector",
            )
    if subject.layout == "several" and failed:
        layout, words = failed[0]
        raise Fault(f"it fails on {layout}: {words}", 1, "error")
    if len(failed) == len(plain):
        raise NotForThis("it takes none of these shapes")


def _single_element_wise(subject: Subject, layout: str) -> bool:
    """Say whether no entry of a parameter depends on the gradients of another."""
    ends = []
    for factor in (1.0, -1.7):
        run = _run(subject, layout, factor, flat=False)
        if run is None:
            return False
        ends.append(run.points[0][-1])
    others = np.ones(ends[0].size, dtype=bool)
    others[1] = False
    return bool(np.allclose(ends[0][others], ends[1][others], rtol=1e-12, atol=0, equal_nan=True))


def _flattened(subject: Subject, layout: str) -> TensorRun | None:
    return _run(subject, layout, 1.0, flat=True)


def _run(subject: Subject, layout: str, factor: float, *, flat: bool) -> TensorRun | None:
    """Run one parameter, as it is or as a vector, with the gradients of one entry times a factor."""
    import torch

    with quiet():
        torch.manual_seed(0)
        source = begin(subject, layout).tensors
        tensors = [source[0].detach().reshape(-1).clone().requires_grad_()] if flat else source
        try:
            optimizer = made(subject, tensors)
            notes = [[each.detach().clone() for each in tensors]]
            for step in range(1, STEPS + 1):
                hand(layout, "float64", step, source)
                gradient = source[0].grad
                assert gradient is not None
                values = gradient.detach().clone()
                values[np.unravel_index(1, tuple(values.shape))] *= factor
                tensors[0].grad = values.reshape(-1) if flat else values
                optimizer.step()
                notes.append([each.detach().clone() for each in tensors])
        except Exception:
            return None
    return TensorRun("", rows_of(notes))


def complex_pairs(subject: Subject) -> None:
    """Complex parameters move as pairs of real ones do, or are refused."""
    import torch

    if subject.closure or subject.layout != "several":
        raise NotForThis("it takes no vectors, or wants a closure")
    try:
        found = drive(subject, "complex")
    except Exception as error:
        raise NotForThis(f"it refuses complex parameters: {in_words(error)}") from None
    with quiet():
        torch.manual_seed(0)
        source = begin(subject, "complex").tensors
        tensors = [torch.view_as_real(source[0].detach()).clone().requires_grad_()]
        optimizer = made(subject, tensors)
        notes = [[each.detach().clone() for each in tensors]]
        for step in range(1, STEPS + 1):
            hand("complex", "float64", step, source)
            gradient = source[0].grad
            assert gradient is not None
            tensors[0].grad = torch.view_as_real(gradient).clone()
            optimizer.step()
            notes.append([each.detach().clone() for each in tensors])
    expect_same(
        TensorRun("", rows_of(notes)),
        found,
        "complex",
        "same-dtype",
        "complex numbers move elsewhere than pairs of real ones",
    )


def options(subject: Subject) -> str:
    """Every option of a common name that the signature has changes something; others are said."""
    if subject.closure:
        raise NotForThis("the loss of its closure is linear here, on which many options do not act")
    plain = moving(drive(subject))
    silent: list[str] = []
    unseen: list[str] = []
    for name, switch in switches(subject.make, subject.options).items():
        if name in subject.silent:
            continue
        chosen = dict(switch)
        needed = {key: value for key, value in switch if key != name}
        try:
            begin(subject, **chosen)
        except Exception:  # the value that was thought of is none for this class
            continue
        try:
            found = drive(subject, **chosen)
        except Exception as error:
            raise Fault(f"with {name}={chosen[name]!r} it fails: {in_words(error)}", 1, "error") from None
        if found.same(drive(subject, **needed) if needed else plain):
            words = f"{name} changes nothing (tried {name}={chosen[name]!r})"
            (silent if name in VALUES else unseen).append(words)
    if silent:
        raise Fault("; ".join(silent), None, "option")
    return "; ".join(unseen)
