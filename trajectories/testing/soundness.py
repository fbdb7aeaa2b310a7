"""What holds for every optimizer, whatever its rule: a table of checks that need no reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, unknown
from ..matching.references import as_maker
from . import gradient_checks, shape_checks, state_checks, step_checks
from .shape_checks import KINDS, kind_of
from .subject import Fault, NotForThis, Subject, in_words, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from torch.optim import Optimizer

SOUND = "sound"
UNSOUND = "unsound"
LEFT_OUT = "left out"  # it does not apply
DECLARED = "declared"  # the author says that it is not so, and why
RUNS = "runs"  # the check that comes before all others

CHECKS: dict[str, Callable[[Subject], str | None]] = {
    "zero gradients": gradient_checks.zero_gradients,
    "absent gradients": gradient_checks.absent_gradients,
    "gradients unchanged": gradient_checks.gradients_unchanged,
    "in place": gradient_checks.in_place,
    "closure": step_checks.closure,
    "hooks": step_checks.hooks,
    "zero_grad": gradient_checks.zero_grad,
    "same seed": step_checks.same_seed,
    "order": step_checks.order,
    "rate": step_checks.rate,
    "tensor rate": step_checks.tensor_rate,
    "paths": step_checks.paths,
    "compile": step_checks.compiled,
    "maximize": step_checks.maximize,
    "float32": step_checks.precision,
    "half precision": step_checks.half,
    "errors": step_checks.errors,
    "reload": state_checks.reload,
    "copies": state_checks.copies,
    "older state": state_checks.older_state,
    "aliasing": state_checks.aliasing,
    "step count": state_checks.step_count,
    "new group": state_checks.new_group,
    "repr": state_checks.shown,
    "memory": state_checks.memory,
    "shapes": shape_checks.shapes,
    "complex": shape_checks.complex_pairs,
    "options": shape_checks.options,
}


def as_markdown() -> str:
    """Return the checks as the table of the documentation."""
    lines = ["| check | what must be so |", "|---|---|"]
    for name, check in CHECKS.items():
        said = " ".join((check.__doc__ or "").split()).removesuffix(".")
        lines.append(f"| {name} | {said} |")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check."""

    check: str  # a key of CHECKS, or RUNS
    state: str  # SOUND, UNSOUND, LEFT_OUT or DECLARED
    words: str = ""  # what is wrong, why it was left out, or a note
    step: int | None = None  # at which step it shows
    quantity: str = ""  # what is wrong: update, gradient, state, rate, loss, option or error

    def __str__(self) -> str:
        return f"{self.check}: {self.words}" if self.words else self.check


@dataclass(frozen=True, slots=True)
class Soundness:
    """What came of all checks."""

    optimizer: str
    findings: tuple[Finding, ...]
    kind: str  # what one update mixes: "element-wise", "per tensor" or "mixing"; empty where it is not known

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What was found."""
        return tuple(each for each in self.findings if each.state == UNSOUND)

    def __str__(self) -> str:
        asked = [each for each in self.findings if each.state in (SOUND, UNSOUND)]
        kind = f"; its updates are {self.kind}" if self.kind else ""
        if self.sound:
            lines = [f"{self.optimizer} is sound in all {len(asked)} checks{kind}"]
        else:
            lines = [f"{self.optimizer} is not sound in {len(self.faults)} of {len(asked)} checks{kind}"]
        lines += [f"  {each}" for each in self.faults]
        lines += [f"note: {each}" for each in self.findings if each.state == SOUND and each.words]
        lines += [f"declared: {each}" for each in self.findings if each.state == DECLARED]
        lines += [f"left out: {each}" for each in self.findings if each.state == LEFT_OUT]
        return "\n".join(lines)


def sound(
    optimizer_class: Callable[..., Optimizer],
    *,
    options: Mapping[str, Any] | None = None,
    cannot: Mapping[str, str] | None = None,
    checks: Iterable[str] | None = None,
    kind: str | None = None,
    later: Iterable[str] = (),
) -> Soundness:
    """Run an optimizer through the checks that need no reference.

    Args:
        optimizer_class: A class that derives from torch.optim.Optimizer, a partial of one, a function from
            parameters to an optimizer, or an OptimizerSpec.
        options: Its options, such as ``{"lr": 0.1}``.
        cannot: What it does not do by design, and why: a check, or ``"option NAME"`` for an option that these
            runs do not show.
        checks: Some of CHECKS; all where None.
        kind: What one update is to mix: "element-wise", "per tensor" or "mixing"; found and reported anyway.
        later: Options that state dicts of older versions of the class do not have.

    Raises:
        DescentError: A check or a kind is not known.
    """
    cannot, optimizer_class = dict(cannot or {}), as_maker(optimizer_class)
    chosen = list(CHECKS if checks is None else checks)
    for name in (*chosen, *(each for each in cannot if not each.startswith("option "))):
        if name not in CHECKS:
            raise unknown("check", name, CHECKS)
    if kind is not None and kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    name = _name(optimizer_class)
    try:
        subject = _subject(optimizer_class, options or {}, cannot, later)
    except Fault as fault:
        return Soundness(name, (Finding(RUNS, UNSOUND, str(fault), fault.step, fault.quantity),), "")
    findings = [Finding(RUNS, SOUND), *(_run(each, subject, cannot) for each in chosen)]
    mixes = _kind(subject)
    if kind is not None and mixes != kind:
        words = f"its updates are {mixes or 'of no kind that can be found'}, and not {kind}"
        findings.append(Finding("kind", UNSOUND, words, 1, "update"))
    return Soundness(name, tuple(findings), mixes)


def found_by(
    check: str,
    make: Callable[..., Optimizer],
    options: Mapping[str, Any],
    cannot: Mapping[str, str],
    later: Iterable[str],
) -> Finding:
    """Run one check, or RUNS, and return what it found."""
    try:
        subject = _subject(as_maker(make), options, cannot, later)
    except Fault as fault:
        if check != RUNS:
            return Finding(check, LEFT_OUT, "it does not run")
        return Finding(RUNS, UNSOUND, str(fault), fault.step, fault.quantity)
    return Finding(RUNS, SOUND) if check == RUNS else _run(check, subject, cannot)


def _subject(
    make: Callable[..., Optimizer],
    options: Mapping[str, Any],
    cannot: Mapping[str, str],
    later: Iterable[str],
) -> Subject:
    silent = frozenset(each.removeprefix("option ") for each in cannot)
    return replace(subject_of(make, dict(options)), silent=silent, later=tuple(later))


def assert_sound(optimizer_class: Callable[..., Optimizer], **options: Any) -> Soundness:
    """Raise AssertionError, naming each fault, unless an optimizer passes the checks that need no reference.

    See `sound` for the arguments.

    Raises:
        AssertionError: Something is not as it has to be.
        DescentError: A check is not known.

    >>> import torch
    >>> print(assert_sound(torch.optim.Adam, options={"lr": 0.1}, checks=["closure", "reload"]))
    Adam is sound in all 3 checks; its updates are element-wise
    """
    __tracebackhide__ = True
    found = sound(optimizer_class, **options)
    if not found.sound:
        raise AssertionError(str(found))
    return found


def _run(name: str, subject: Subject, cannot: Mapping[str, str]) -> Finding:
    if name in cannot:
        return Finding(name, DECLARED, cannot[name])
    try:
        note = CHECKS[name](subject)
    except NotForThis as reason:
        return Finding(name, LEFT_OUT, str(reason))
    except Fault as fault:
        return Finding(name, UNSOUND, str(fault), fault.step, fault.quantity)
    except DescentError:
        raise
    except Exception as error:  # whatever a user's own optimizer raises is a result
        return Finding(name, UNSOUND, in_words(error), None, "error")
    return Finding(name, SOUND, note or "")


def _kind(subject: Subject) -> str:
    try:
        return kind_of(subject)
    except Exception:  # where it fails, a check has said so
        return ""


def _name(make: Any) -> str:
    make = getattr(make, "func", make)
    return str(getattr(make, "__name__", type(make).__name__))
