"""From a spec to a ``torch.optim`` optimizer and its schedules, with torch's names, defaults and checks."""

from __future__ import annotations

import inspect
import math
import warnings
from contextlib import contextmanager
from dataclasses import replace
from inspect import Parameter
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, NotPossibleError, closest
from ...surfaces.imports import function, member
from ...surfaces.option_types import kind_of, typed
from ...surfaces.options import format_named, format_value
from ...surfaces.text import shown_value
from ..optimizers import averages
from ..optimizers.around import GIVEN as MOVED
from ..optimizers.around import as_optimizer, place_of
from ..optimizers.bounds import BOUNDS
from ..specs.optimizer_spec import GIVEN, check_rate
from ..specs.tables import OPTIMIZERS, SCHEDULES, WRAPPERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import torch
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from ...surfaces.options import Options, Value
    from ..specs.optimizer_spec import OptimizerSpec, ScheduleSpec

# Optimizers that refuse a vector, and take its numbers as the one row of a matrix: Muon makes matrices
# orthogonal, and to SparseAdam it is a row of an embedding, which every step touches.
MATRICES = frozenset({"muon", "sparseadam"})
SPARSE = frozenset({"sparseadam"})  # optimizers that refuse a dense gradient

# What Python says of numbers, in words that fit a sentence about options.
_PYTHONS: dict[type[Exception], str] = {
    ZeroDivisionError: "its options make it divide by zero",
    OverflowError: "its options make a number too large",
}

# Arguments that the descent itself supplies, or that belong to a run continued from a file.
_NOT_OPTIONS = frozenset({"self", "params", "optimizer", "last_epoch"})
FUNCTIONS = frozenset({"lr_lambda", "scale_fn"})  # functions, written as package.module:function
# What optimizers call the number of steps of a run, which some must be told.
_TOTALS = frozenset(
    {"num_iterations", "num_steps", "num_training_steps", "t_total", "total_iters", "total_steps"}
)
_STARS = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
_LISTS = frozenset({"milestones"})  # options that are lists even when one number is given


def optimizer_class(spec: OptimizerSpec) -> type[Optimizer]:
    """Return the class that a spec names.

    Raises:
        DescentError: It cannot be imported, is no optimizer, or needs a newer torch.
    """
    import torch

    if spec.name.startswith(GIVEN):
        raise NotPossibleError(
            f"{spec.title} was made by a function of Python, and a recipe holds only names; "
            "run it again from the program that made it"
        )
    if spec.name in WRAPPERS:
        return getattr(averages, WRAPPERS[spec.name].class_name)  # type: ignore[no-any-return]
    found = _class(spec.name, OPTIMIZERS, torch.optim, "optimizer")
    if spec.inner is None and not issubclass(found, torch.optim.Optimizer):
        if place_of(inspect.signature(found).parameters):
            raise wraps(spec)
        raise DescentError(f"{spec.name} is not an optimizer: it does not derive from torch.optim.Optimizer")
    return found


def needs_closure(cls: type[Optimizer]) -> bool:
    """Say whether ``step`` must be given a closure that computes loss and gradient again, as for LBFGS."""
    closure = inspect.signature(cls.step).parameters.get("closure")
    return closure is not None and closure.default is closure.empty


def complete(spec: OptimizerSpec, steps: int) -> OptimizerSpec:
    """Return the spec with torch's default rate, torch's spelling of options, and what depends on the run.

    A cosine without ``T_max`` and a cycle without ``total_steps`` last for the whole run; a cycle without
    ``max_lr`` rises to the optimizer's rate.

    Raises:
        DescentError: An unknown class or option, or an optimizer without a default rate.

    >>> from descent import OptimizerSpec
    >>> str(complete(OptimizerSpec.parse("adam@cosine"), steps=200))
    'adam:lr=0.001@cosine:T_max=200'
    """
    if spec.factory is not None:
        return replace(
            spec, schedules=tuple(_complete_schedule(each, steps, None) for each in spec.schedules)
        )
    if spec.inner is not None:
        return _complete_around(spec, spec.inner, steps)
    cls = optimizer_class(spec)
    spec = replace(spec, options=_spelled(cls, spec.name, spec.options))
    known = inspect.signature(cls).parameters
    spec = _with_needed(spec, known, steps)
    # None for a rate is a class's own way to say that it works one out, or needs none.
    if (
        spec.lr is None
        and "lr" in known
        and not (spec.name not in OPTIMIZERS and known["lr"].default is None)
    ):
        default = known["lr"].default
        try:
            check_rate(default)
        except DescentError:
            message = f"{spec.name} has no learning rate of its own; write {spec.name}:lr=0.01"
            raise DescentError(message) from None
        spec = spec.with_lr(default)
    lr = dict(spec.options).get("lr")
    return replace(spec, schedules=tuple(_complete_schedule(each, steps, lr) for each in spec.schedules))


def _complete_around(spec: OptimizerSpec, inner: OptimizerSpec, steps: int) -> OptimizerSpec:
    """Return the completed spec of what goes around another optimizer, whose rate is the rate of both."""
    cls = optimizer_class(spec)
    known = inspect.signature(cls).parameters
    if not (place := place_of(known)):
        raise DescentError(f"{spec.name} goes around no other optimizer: it takes {', '.join(known)}")
    given = dict(spec.options)
    if spec.name in WRAPPERS:  # whatever it was, an average is told by it
        given = {each.name: each.default for each in known.values() if each.name != place} | given
    inner = complete(inner, steps)
    options = _spelled(cls, spec.name, tuple(given.items()), inner)
    spec = _with_needed(replace(spec, inner=inner, options=options), known, steps, {*MOVED, place})
    return replace(spec, schedules=tuple(_complete_schedule(each, steps, spec.lr) for each in spec.schedules))


def _with_needed(
    spec: OptimizerSpec, known: Mapping[str, Parameter], steps: int, there: Iterable[str] = ()
) -> OptimizerSpec:
    """Return the spec with the number of steps, where its class must be told it and nobody did.

    Raises:
        DescentError: The class must be told something else that nobody knows; the sentence says how.
    """
    _, *others = known.values()
    given = {key for key, _ in spec.options} | {"lr", *there}
    missing = [each.name for each in others if each.default is each.empty and each.kind not in _STARS]
    missing = [name for name in missing if name not in given and name not in _NOT_OPTIONS]
    if any("optimizer" in name for name in missing):
        raise wraps(spec)
    for name in missing:
        if name not in _TOTALS:
            raise DescentError(f"{spec.name} must be told {name}; write {spec.name}:{name}=...")
        spec = replace(spec, options=(*spec.options, (name, steps)))
    return spec


def wraps(spec: OptimizerSpec) -> DescentError:
    """Return the error for a class that goes around another optimizer."""
    return DescentError(
        f"{spec.name} goes around another optimizer; name it in parentheses, as in {spec.name}(sgd:lr=0.01)"
    )


def _complete_schedule(spec: ScheduleSpec, steps: int, lr: Value) -> ScheduleSpec:
    cls = _schedule_class(spec)
    options = _spelled(cls, spec.name, spec.options)
    given = {key for key, _ in options}
    added: list[tuple[str, Value]] = []
    if spec.name == "cosine" and "T_max" not in given:
        added.append(("T_max", max(steps - (spec.after or 0), 1)))
    if spec.name == "onecycle":
        if "max_lr" not in given and lr is not None:
            added.append(("max_lr", lr))
        if not given & {"total_steps", "epochs", "steps_per_epoch"}:
            added.append(("total_steps", max(steps - (spec.after or 0), 1)))
    _check_needed(cls, spec.name, (*added, *options))
    return replace(spec, options=(*added, *options))


def _check_needed(cls: type[Any], name: str, options: Options) -> None:
    """Raise DescentError for an option that a class cannot do without."""
    given = {key for key, _ in options}
    for each in inspect.signature(cls).parameters.values():
        named = each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD) and each.name not in _NOT_OPTIONS
        if named and each.default is each.empty and each.name not in given:
            kind = kind_of(each)
            what = f": {kind.takes}, as in {each.name}={format_value(kind.example)}" if kind else ""
            raise DescentError(f"{name} needs the option {each.name}{what}")


def build_optimizer(spec: OptimizerSpec, parameters: Any) -> Optimizer:
    """Return the optimizer of a completed spec for some parameters, or what its class takes for them.

    Raises:
        DescentError: torch refuses the options; the sentence is torch's own.
    """
    if spec.factory is not None:
        with torchs_words(spec.title):
            found = spec.factory(parameters)
        return check_optimizer(found, f"the factory of {spec.title}")
    cls = optimizer_class(spec)
    with torchs_words(spec.name, _defaults(cls, spec.options)):
        return cls(parameters, **arguments(spec.options))


def check_optimizer(found: Any, what: str) -> Optimizer:
    """Return what was made; raise DescentError for what is no optimizer, in class or in kind."""
    if isinstance(found, type) or not all(
        hasattr(found, name) for name in ("step", "zero_grad", "param_groups", "state")
    ):
        raise DescentError(f"{what} returned {shown_value(found)}, which is no optimizer")
    return found  # type: ignore[no-any-return]


def build_groups(specs: Sequence[OptimizerSpec], parameters: Sequence[torch.Tensor]) -> Optimizer:
    """Return one optimizer with a parameter group for each of some completed specs that differ by rate only.

    Raises:
        DescentError: torch refuses the options; the sentence is torch's own.
    """
    cls = optimizer_class(specs[0])
    groups = [
        {"params": [one]} | ({} if spec.lr is None else {"lr": spec.lr})
        for spec, one in zip(specs, parameters, strict=True)
    ]
    with torchs_words(specs[0].name, _defaults(cls, specs[0].options)):
        return cls(groups, **arguments(specs[0].options))


def build_schedules(spec: OptimizerSpec, optimizer: Optimizer) -> list[LRScheduler]:
    """Return the schedules of a completed spec, in the order in which each step calls them.

    Schedules that take turns come back as one ``SequentialLR``.

    Raises:
        DescentError: torch refuses the options; the sentence is torch's own.
    """
    schedules, optimizer = [], as_optimizer(optimizer)
    for schedule in spec.schedules:
        cls = _schedule_class(schedule)
        _check_cycle(schedule)
        with torchs_words(schedule.name, _defaults(cls, schedule.options)):
            schedules.append(cls(optimizer, **arguments(schedule.options)))
    turns = [schedule.after for schedule in spec.schedules if schedule.after is not None]
    if not turns:
        return schedules
    from torch.optim.lr_scheduler import SequentialLR

    with torchs_words(spec.name):
        return [SequentialLR(optimizer, schedules, milestones=turns)]


def advance(schedule: LRScheduler, loss: torch.Tensor) -> None:
    """Make one scheduler step; a plateau is shown the loss."""
    from torch.optim.lr_scheduler import ReduceLROnPlateau

    with torchs_words(type(schedule).__name__), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The epoch parameter")  # an older SequentialLR of itself
        shown: Any = (loss,) if isinstance(schedule, ReduceLROnPlateau) else ()
        schedule.step(*shown)


def rate_of(group: dict[str, Any]) -> float:
    """Return the rate that a parameter group's next step uses; NaN for an optimizer that knows none."""
    rate = group.get("lr")
    try:
        return math.nan if rate is None else float(rate)
    except (TypeError, ValueError):
        raise DescentError(f"a schedule made the learning rate {rate!r}, which is not a number") from None


@contextmanager
def torchs_words(name: str, defaults: str = "") -> Iterator[None]:
    """Turn whatever a class of torch or of a third party raises into one sentence that names the class.

    Args:
        name: The class, as the spec names it.
        defaults: What the options that were given are by default, ``"betas=0.9/0.999"``.
    """
    try:
        yield
    except DescentError:
        raise
    except Exception as error:
        hint = f"; by default {defaults}" if defaults else ""
        raise DescentError(f"{name} cannot run like this: {reason_of(error)}{hint}") from error


def reason_of(error: BaseException) -> str:
    """Return in one line why a class cannot run; what Python says of numbers, in words about options."""
    said = " ".join(str(error).split())
    kind = OverflowError if "without overflow" in said else type(error)  # which is how torch says it
    words = next((words for each, words in _PYTHONS.items() if issubclass(kind, each)), "")
    return words or said or type(error).__name__


def _defaults(cls: type[Any], options: Options) -> str:
    """Write what those of some options are by default that a signature gives a default."""
    parameters = inspect.signature(cls).parameters
    known = [(key, parameters[key].default) for key, _ in options if key in parameters and key != "lr"]
    return ",".join(
        f"{key}={format_value(value)}"
        for key, value in known
        if isinstance(value, bool | int | float | str | tuple) or value is None
    )


def _check_cycle(spec: ScheduleSpec) -> None:
    """Raise DescentError for a one-cycle whose rise lasts no time: torch would divide by it."""
    options = dict(spec.options)
    share, steps = options.get("pct_start", 0.3), options.get("total_steps")
    if steps is None:
        epochs, each = options.get("epochs"), options.get("steps_per_epoch")
        steps = epochs * each if isinstance(epochs, int) and isinstance(each, int) else None
    if spec.name != "onecycle" or not isinstance(share, int | float) or not isinstance(steps, int):
        return
    if share * steps == 1 or (options.get("three_phase") and 2 * share * steps == steps + 1):
        raise DescentError(
            f"option pct_start of onecycle takes a number from 0 to 1 that leaves the rise a step: with "
            f"total_steps={steps} not {share:g}, but as in pct_start={min(2 * share, 0.9):.4g}"
        )


def _schedule_class(spec: ScheduleSpec) -> type[LRScheduler]:
    from torch.optim import lr_scheduler, swa_utils

    found = _class(spec.name, SCHEDULES, swa_utils if spec.name == "swa" else lr_scheduler, "schedule")
    if not issubclass(found, lr_scheduler.LRScheduler):
        raise DescentError(f"{spec.name} is not a schedule: it does not derive from LRScheduler")
    return found


def _class(name: str, table: dict[str, Any], module: Any, kind: str) -> type[Any]:
    import torch

    if name not in table:
        module_name, _, class_name = name.rpartition(".")
        found = member(module_name, class_name, what=f"{kind} {name!r}")
        if not isinstance(found, type):
            raise DescentError(f"{name} is not a class, so it cannot be the {kind}")
        return found
    class_name = table[name].class_name
    try:
        return getattr(module, class_name)  # type: ignore[no-any-return]
    except AttributeError:
        raise DescentError(f"torch {torch.__version__} has no {class_name}; a newer torch has") from None


def _spelled(cls: type[Any], name: str, options: Options, inner: OptimizerSpec | None = None) -> Options:
    """Return the options in the spelling of the class's signature.

    What goes around another optimizer hands on to it any option that it has not, so those it has are all.
    """
    parameters = inspect.signature(cls).parameters.values()
    named = [each.name for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    place = "" if inner is None else place_of(named)
    allowed = [each for each in named if each not in (*_NOT_OPTIONS, place)]
    if inner is None and any(each.kind is each.VAR_KEYWORD for each in parameters):
        return typed(inspect.signature(cls).parameters, name, options)
    folded = {each.casefold(): each for each in allowed}
    spelled = []
    for key, value in options:
        if key not in allowed and key.casefold() not in folded:
            near = closest(key, allowed)
            hint = f"; did you mean {near!r}?" if near else "."
            if inner is not None:
                where = f"{name}({format_named(inner.name, ((key, value),))})"
                hint += f" What is of {inner.title} stands inside: {where}."
            raise DescentError(f"{name} has no option {key!r}{hint} It takes {', '.join(allowed)}.")
        spelled.append((key if key in allowed else folded[key.casefold()], value))
    found = typed(inspect.signature(cls).parameters, name, tuple(spelled), BOUNDS.get(name))
    if ("differentiable", True) in found:
        raise DescentError(
            f"option differentiable of {name} takes false here: no gradient goes through a descent; "
            "leave it out"
        )
    return found


def arguments(options: Options) -> dict[str, Any]:
    """Return options as a class of torch takes them."""
    return {key: _argument(key, value) for key, value in options}


def _argument(key: str, value: Value) -> Any:
    if key in FUNCTIONS and isinstance(value, str):
        return function(value, what=key)
    if key == "betas" and isinstance(value, tuple):
        return tuple(
            float(each) if isinstance(each, int) else each for each in value
        )  # torch wants 0.0, not 0
    if key in _LISTS:
        return list(value) if isinstance(value, tuple) else [value]
    return value
