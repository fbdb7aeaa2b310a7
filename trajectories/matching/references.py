"""What an optimizer is compared with: another class, an update rule in NumPy, or a golden recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ..results.recording import Recording
from ..specs.optimizer_spec import OptimizerSpec
from .cells import PLAIN, Cell, paths_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from torch.optim import Optimizer

    from ..results.trajectory import Trajectory

    Maker = Callable[..., Optimizer]
    Options = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Case:
    """Cells, and how the reference and the optimizer are run in them."""

    cells: tuple[Cell, ...]
    expected: Callable[[Cell], Trajectory]
    run: Callable[[Cell], Trajectory]
    # Run cells of one element of `together.shares` by one optimizer; None where there is nothing to share.
    together: Callable[[Sequence[Cell]], dict[Cell, Trajectory]] | None = None
    expected_together: Callable[[Sequence[Cell]], dict[Cell, Trajectory]] | None = None


def references(
    reference: Any,
    make: Maker,
    options: Options,
    reference_options: Options,
    cells: Callable[..., tuple[Cell, ...]],
    axes: Mapping[str, Iterable[Any]],
    steps: int,
) -> Iterator[Case]:
    """Yield what is to be compared: one case, or for a recording one a run.

    Args:
        reference: See `testing.match`.
        make: The optimizer that is tested.
        options: Its options.
        reference_options: The reference's.
        cells: Makes a table, given the axes that a recording decides.
        axes: Those axes as they were asked for.
        steps: Updates in each cell.

    Raises:
        DescentError: The reference is none of these, or cannot be run like this.
    """
    if isinstance(reference, str | Path):
        from ..results.recording import load

        reference = load(reference)
    if isinstance(reference, Recording):
        for index in range(len(reference.trajectories)):
            yield _golden(reference, index, make, options, cells)
        return
    given = dict(options or {})
    run = partial(_optimizer, make, given, steps)
    together = partial(_together, make, given, steps)
    table = cells(**{name: tuple(values) for name, values in axes.items()})
    if is_optimizer(reference):
        theirs = (
            dict(for_factory(reference, given) or {})
            if reference_options is None
            else dict(reference_options)
        )
        path = "single-tensor" if "single-tensor" in paths_of(reference) else "plain"

        def expected(cell: Cell) -> Trajectory:
            return _reference(reference, theirs, steps, replace(cell, path=path))

        def expected_together(cells: Sequence[Cell]) -> dict[Cell, Trajectory]:
            return {
                replace(cell, path=PLAIN): found
                for cell, found in _together(
                    reference, theirs, steps, [replace(cell, path=path) for cell in cells]
                ).items()
            }

        yield Case(table, expected, run, together, expected_together)
        return
    if not callable(reference):
        raise DescentError(
            "a reference is an optimizer class, a function of parameters that makes one, an update rule or a "
            f"recording, not a {type(reference).__name__}"
        )
    rate = rate_of_rule(given if reference_options is None else reference_options)
    yield Case(table, partial(_rule, reference, rate, steps), run, together)


def rate_of_rule(options: Mapping[str, Any]) -> float:
    """Return the learning rate that an update rule is given.

    Raises:
        DescentError: The options name none.
    """
    rate = options.get("lr")
    if not isinstance(rate, int | float):
        raise DescentError("an update rule is given the learning rate: say it, as in options={'lr': 0.1}")
    return float(rate)


def is_optimizer(thing: Any) -> bool:
    """Say whether something makes optimizers: a class of such, a partial of one, or a function of parameters.

    An update rule in NumPy takes five arguments, see `runs.Rule`; what makes optimizers does with one.
    """
    from torch.optim import Optimizer

    made = thing
    while isinstance(made, partial):
        made = made.func
    if isinstance(made, type):
        return issubclass(made, Optimizer)
    if not callable(thing):
        return False
    try:
        taken = signature(thing)
    except (TypeError, ValueError):
        return False
    return _takes(taken, 1) and not (_takes(taken, 5) and not makes(thing))


def _takes(taken: Signature, number: int) -> bool:
    try:
        taken.bind(*range(number))
    except TypeError:
        return False
    return True


def makes(thing: Any) -> bool:
    """Say whether a function makes an optimizer of a parameter: of a vector, or at least of a matrix."""
    import torch

    for shape in ((2,), (2, 2)):
        try:
            made = thing([torch.zeros(shape, requires_grad=True)])
        except Exception:
            continue
        return hasattr(made, "step") and hasattr(made, "param_groups")
    return False


def as_maker(thing: Any) -> Any:
    """Return what makes the optimizer of a spec; anything else as it is.

    Raises:
        DescentError: The spec names no class, or one that makes no steps.
    """
    if not isinstance(thing, OptimizerSpec):
        return thing
    from ..descent.needs import maker
    from ..descent.torch_optim import complete

    if thing.schedules or (thing.accumulate, thing.zero_grad, thing.clip) != (1, True, None):
        raise DescentError(f"{thing}: schedules and switches are of a run, and here classes are compared")
    return maker(complete(thing, 1))


def for_factory(thing: Any, options: Options) -> Options:
    """Return the options to give: a function that makes optimizers has its own, but for those it names."""
    from .runs import is_class

    if options is None or is_class(thing) or not is_optimizer(thing):
        return options
    taken = signature(thing).parameters
    if any(each.kind is each.VAR_KEYWORD for each in taken.values()):
        return options
    return {name: value for name, value in options.items() if name in taken}


def _optimizer(make: Maker, options: Mapping[str, Any], steps: int, cell: Cell) -> Trajectory:
    from ...surfaces.analytic.resolve import get
    from .runs import run_optimizer

    surface = get(cell.surface)
    return run_optimizer(make, options, surface, cell, surface.start, steps)


def _together(
    make: Maker, options: Mapping[str, Any], steps: int, cells: Sequence[Cell]
) -> dict[Cell, Trajectory]:
    from ...surfaces.analytic.resolve import get
    from .together import run_together

    return run_together(make, options, get, cells, steps)


def _reference(make: Maker, options: Mapping[str, Any], steps: int, cell: Cell) -> Trajectory:
    from .runs import wants_closure

    try:
        closure = wants_closure(make, options)
        return _optimizer(make, options, steps, replace(cell, closure=closure))
    except DescentError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DescentError(f"the reference cannot run on {cell}: {reason}") from error


def _rule(rule: Any, lr: float, steps: int, cell: Cell) -> Trajectory:
    from ...surfaces.analytic.resolve import get
    from .runs import run_rule

    surface = get(cell.surface)
    return run_rule(rule, lr, surface, cell, surface.start, steps)


def _golden(
    recording: Recording, index: int, make: Maker, options: Options, cells: Callable[..., tuple[Cell, ...]]
) -> Case:
    from ...surfaces.analytic.resolve import get
    from .runs import run_optimizer

    recipe = recording.recipe
    spec = OptimizerSpec.parse(recipe.specs[index])
    odd = {
        "noise": recipe.noise,
        "stop_at": recipe.stop_at,
        "accumulate": spec.accumulate != 1,
        "zero_grad": not spec.zero_grad,
        "clip": spec.clip,
        "several schedules": len(spec.schedules) > 1,
        "a network": recipe.training,
    }
    if names := [name for name, there in odd.items() if there]:
        raise DescentError(f"a reference recording must be of a plain run, and this one has {names[0]}")
    schedule = str(spec.schedules[0]) if spec.schedules else ""
    chosen = dict(spec.options) if options is None else dict(options)
    surface = get(recipe.target, view=recipe.view)
    table = cells(surfaces=(recipe.target,), dtypes=(recipe.dtype,), groups=(1,), schedules=(schedule,))

    def run(cell: Cell) -> Trajectory:
        return run_optimizer(make, chosen, surface, cell, recipe.start, recipe.steps)

    return Case(table, lambda _: recording.trajectories[index], run)
