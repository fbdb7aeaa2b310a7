"""Optimizers on a table of small tasks, each at the best of some rates, beside some that are well known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ..arguments import check_callable
from ..descent.default_optimizers import named
from ..descent.machine import capability, versions
from ..descent.torch_optim import complete
from ..results.diagnosis import Diagnosis
from ..specs.optimizer_spec import OptimizerSpec, check_rate, unique
from ..specs.rates import parse_rates
from .layouts import layout_of
from .program import run
from .tasks import chosen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TUNED, OWN = "tuned", "own"
RATES = "0.0001:10:16"  # three a decade
REFERENCES = ("sgd", "adam", "rmsprop", "muon")


def diagnose(
    optimizers: OptimizerSpec | str | type[Any] | Iterable[OptimizerSpec | str | type[Any]],
    *,
    lr: str | float | Iterable[float] = TUNED,
    tasks: Iterable[str] | None = None,
    references: Iterable[OptimizerSpec | str | type[Any]] = REFERENCES,
    progress: Callable[[int, int], object] | None = None,
) -> Diagnosis:
    """Run optimizers on small tasks, each with a budget of steps and a pass mark, and say what they pass.

    To pass means what was measured and nothing more: that at some of the rates that were tried, the share of
    the height at the start that is left is at most the task's mark.

    Args:
        optimizers: Specs, or classes that can be imported by their names.
        lr: ``tuned`` for the best of 16 rates from 0.0001 to 10, for each task by itself; a range or a list
            of rates as `sweep` takes it; one rate for all tasks; ``own`` for that of the spec or its class.
        tasks: Names of tasks, see `descent.trajectories.diagnosis.tasks`; all when None.
        references: What stands beside them, with the same rates; torch's classes that the installed torch
            does not have are left out.
        progress: Called with how many steps are done and how many there are.

    Raises:
        DescentError: An unknown optimizer, option, task or rate.
        NotPossibleError: An optimizer needs what no task gives, as a closure.

    >>> found = diagnose("sgd", tasks=["bowl", "ravine 100"], references=["adam"])
    >>> found.passes.tolist()
    [[True, False], [True, True]]
    """
    check_callable(progress, "progress")
    wanted = chosen(tasks)
    own = unique(_specs(optimizers))
    beside = [spec for spec in unique(_specs(references, none=True)) if spec not in own and _there(spec)]
    specs = (*own, *beside)
    last = max(task.steps for task in wanted)
    lanes = [_lanes(spec, lr, last) for spec in specs]
    shares, faults = run(wanted, [each for lane in lanes for each in lane], progress)
    ends = np.cumsum([len(lane) for lane in lanes])
    owner = np.repeat(range(len(specs)), [len(lane) for lane in lanes])
    shown = tuple(
        str(spec.without_lr() if len(lane) > 1 else lane[0]) for spec, lane in zip(specs, lanes, strict=True)
    )
    said = {(shown[owner[lane]], wanted[task].name): words for (lane, task), words in faults.items()}
    return Diagnosis(
        tasks=tuple(task.facts for task in wanted),
        specs=shown,
        own=len(own),
        rates=tuple(tuple(spec.lr for spec in lane) for lane in lanes),
        shares=tuple(np.split(shares, ends[:-1])),
        layouts=tuple(layout_of(lane[0]) for lane in lanes),
        faults=tuple((spec, task, words) for (spec, task), words in said.items()),
        versions=versions(name for spec in specs for name in spec.names),
        capability=capability(),
    )


def read_rates(text: str) -> str | float:
    """Read what --lr says: a word or a range as it is, one rate as a number.

    >>> read_rates("tuned"), read_rates("0.01"), read_rates("0.1,0.2")
    ('tuned', 0.01, '0.1,0.2')
    """
    try:
        return float(text)
    except ValueError:
        return text


def _specs(optimizers: Any, *, none: bool = False) -> tuple[OptimizerSpec, ...]:
    given = [optimizers] if isinstance(optimizers, OptimizerSpec | str | type) else list(optimizers)
    if not given and none:
        return ()
    found = named([_by_name(each) if isinstance(each, type) else each for each in given])
    for spec in found:
        if spec.schedules or spec.accumulate != 1 or not spec.zero_grad or spec.clip is not None:
            raise DescentError(
                f"a diagnosis runs an optimizer alone; leave schedules and switches out of {spec}"
            )
        if spec.factory is not None:
            raise DescentError(
                f"{spec.title} is a function; a diagnosis tries several rates and takes a class or a spec"
            )
    return found


def _by_name(cls: type[Any]) -> OptimizerSpec:
    """Return the spec of a class by the name under which it can be imported.

    Raises:
        DescentError: It cannot be.
    """
    import torch

    if getattr(torch.optim, cls.__name__, None) is cls:
        return OptimizerSpec(f"torch.optim.{cls.__name__}")
    if "<locals>" in cls.__qualname__ or "." in cls.__qualname__:
        raise DescentError(
            f"{cls.__name__} is defined within {cls.__qualname__.rpartition('.')[0]}, and a class must be "
            "one that can be imported by name; define it at the top of its module"
        )
    return OptimizerSpec(f"{cls.__module__}.{cls.__qualname__}")


def _there(spec: OptimizerSpec) -> bool:
    """Say whether the installed torch has a class of its own that a spec names."""
    import torch

    return "." in spec.name or hasattr(torch.optim, spec.title)


def _lanes(spec: OptimizerSpec, lr: Any, steps: int) -> list[OptimizerSpec]:
    """Return a spec at each of its rates, completed; once where its class has no rate."""
    whole = complete(spec.without_lr().with_lr(1.0) if spec.lr is None and _rated(spec) else spec, steps)
    if lr == OWN or not _rated(spec):
        return [complete(spec, steps)]
    if lr == TUNED:
        rates = parse_rates(RATES)
    elif isinstance(lr, int | float) and not isinstance(lr, bool):
        check_rate(lr)
        return [whole.with_lr(float(lr))]
    else:
        rates = parse_rates(lr)
    return [whole.with_lr(rate) for rate in rates]


def _rated(spec: OptimizerSpec) -> bool:
    from inspect import signature

    from ..descent.torch_optim import optimizer_class

    if spec.inner is not None:
        return _rated(spec.inner)
    return "lr" in signature(optimizer_class(spec)).parameters
