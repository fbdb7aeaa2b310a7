"""One optimizer, or one update rule in NumPy, run in one cell of the table; both end in a trajectory."""

from __future__ import annotations

import copy
import inspect
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ...surfaces.errors import DescentError
from ..descent.noise import repeatable
from ..descent.torch_optim import build_schedules, complete, needs_closure, rate_of
from ..optimizers.faces import for_training
from ..results.trajectory import Trajectory, judge
from ..specs.optimizer_spec import OptimizerSpec, ScheduleSpec
from .cells import arguments_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import torch
    from numpy.typing import NDArray
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from ...surfaces.surface import Surface
    from .cells import Cell


class Rule(Protocol):
    """An update rule in NumPy: what one parameter's next value is.

    It is called once a step for each parameter, with a state of its own that is empty at first, the number
    of the step from 1 and the learning rate of the step, and returns the new value and the new state.
    """

    def __call__(
        self,
        point: NDArray[Any],
        gradient: NDArray[Any],
        state: dict[str, Any],
        step: int,
        lr: float,
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """Make one update."""


@dataclass(slots=True)
class Notes:
    """What is written down on the way."""

    points: list[list[float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    gradients: list[list[float]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def write(self, parameters: Sequence[torch.Tensor], loss: torch.Tensor) -> None:
        """Write down where the parameters are, the loss there and the gradients that they hold."""
        self.points.append(_numbers(parameters))
        self.losses.append(float(loss))
        self.gradients.append(_numbers([each.grad for each in parameters]))

    def trajectory(self, name: str, surface: Surface) -> Trajectory:
        """Return all of it as a trajectory."""
        points, gradients = (
            np.pad(np.array(each), ((0, 0), (0, 2 - surface.parameters)))  # y is 0 where there is none
            for each in (self.points, self.gradients)
        )
        losses = np.array(self.losses)
        outcome = judge(points, losses, gradients, surface.view)
        return Trajectory(name, points, losses, gradients, np.array(self.rates), outcome, len(self.losses))


def run_optimizer(
    make: Callable[..., Optimizer],
    options: Mapping[str, Any],
    surface: Surface,
    cell: Cell,
    start: tuple[float, float],
    steps: int,
) -> Trajectory:
    """Run an optimizer as a cell says.

    Args:
        make: The optimizer's class, or what makes one from parameters and options.
        options: Its options by name.
        surface: The cell's surface.
        cell: How it is run.
        start: Where it begins.
        steps: How many updates it makes.

    Raises:
        DescentError: There are more groups than parameters.
    """
    import torch

    parameters = parameters_of(start, surface, cell)
    notes = Notes()
    options = {**options, **arguments_of(cell.path, make)}
    rate = initial_rate(make, options)
    with torch.enable_grad(), repeatable(0, torch.device("cpu")):  # some draw random numbers
        optimizer = make(_groups(parameters, rate, cell), **options)
        for_training(optimizer)
        schedules = _schedules(optimizer, cell, steps, rate)
        for k in range(steps + 1):
            if cell.reload and k == steps // 2:
                optimizer, schedules, parameters = _reloaded(
                    make, options, optimizer, schedules, parameters, cell, steps
                )
            loss = _evaluate(surface, optimizer, parameters)
            notes.write(parameters, loss)
            if k == steps:
                break
            notes.rates.append(rate_of(optimizer.param_groups[0]))
            if cell.closure:
                optimizer.zero_grad()  # whoever does not call the closure has no gradient
                step: Any = optimizer.step  # torch says that a closure returns a float; tensors are as usual
                step(_closure(surface, optimizer, parameters))
            else:
                optimizer.step()
            for schedule in schedules:
                schedule.step()
    return notes.trajectory(getattr(make, "__name__", type(make).__name__), surface)


def run_rule(
    rule: Rule, lr: float, surface: Surface, cell: Cell, start: tuple[float, float], steps: int
) -> Trajectory:
    """Run an update rule as a cell says; gradients are the surface's own, in the cell's precision.

    Raises:
        DescentError: The rule returns something else than a value of the same shape and a state, or there are
            more groups than parameters.
    """
    import torch

    parameters = parameters_of(start, surface, cell)
    dummy = torch.optim.SGD(_groups(parameters, lr, cell), lr=lr)
    schedules = _schedules(dummy, cell, steps, lr)
    states: list[dict[str, Any]] = [{} for _ in parameters]
    notes = Notes()
    for k in range(steps + 1):
        with torch.enable_grad():
            loss = _evaluate(surface, dummy, parameters)
        notes.write(parameters, loss)
        if k == steps:
            break
        notes.rates.append(rate_of(dummy.param_groups[0]))
        rates = [rate_of(group) for group in dummy.param_groups]
        for n, (parameter, rate) in enumerate(zip(parameters, rates, strict=True)):
            assert parameter.grad is not None
            value, gradient = parameter.detach().numpy().copy(), parameter.grad.numpy().copy()
            with np.errstate(all="ignore"):
                answer = checked_answer(rule(value, gradient, states[n], k + 1, rate), value)
            states[n] = answer[1]
            with torch.no_grad():
                parameter.copy_(torch.as_tensor(np.asarray(answer[0]), dtype=parameter.dtype))
        dummy.zero_grad()
        dummy.step()  # moves nothing: the schedules want to see a step
        for schedule in schedules:
            schedule.step()
    return notes.trajectory(getattr(rule, "__name__", "the rule"), surface)


def checked_answer(answer: Any, value: NDArray[Any]) -> tuple[NDArray[Any], dict[str, Any]]:
    """Return what an update rule returned.

    Raises:
        DescentError: It is something else than a value of the same shape and a state.
    """
    if not isinstance(answer, tuple) or len(answer) != 2 or np.shape(answer[0]) != value.shape:
        raise DescentError(
            "an update rule must return the new point, of the same shape, and the new state, as in "
            "`return point - lr * gradient, state`"
        )
    return answer


@contextmanager
def kept_alive() -> Iterator[None]:
    """Turn an optimizer's wish to end the process, as some have where a package is missing, into an error."""
    try:
        yield
    except SystemExit as error:
        raise RuntimeError(f"it ends the process: SystemExit({error.code!r})") from error


def parameters_of(start: tuple[float, float], surface: Surface, cell: Cell) -> list[torch.Tensor]:
    """Return the parameters of a cell, one for each of its groups, where a run begins.

    Raises:
        DescentError: There are more groups than parameters.
    """
    import torch

    if cell.groups > surface.parameters:
        raise DescentError(
            f"{surface.name} has one parameter, which cannot be in two groups; run it with groups=(1,)"
        )
    point = torch.tensor(start[: surface.parameters], dtype=getattr(torch, cell.dtype))
    parts = [point] if cell.groups == 1 else [point[:1], point[1:]]
    return [part.clone().requires_grad_() for part in parts]


def _groups(parameters: Sequence[torch.Tensor], lr: float | None, cell: Cell) -> list[Any]:
    if cell.groups == 1:
        return list(parameters)
    second: dict[str, Any] = {"params": [parameters[1]]}
    if lr is not None:
        second["lr"] = lr / 2
    return [{"params": [parameters[0]]}, second]


def initial_rate(make: Callable[..., Any], options: Mapping[str, Any]) -> float | None:
    """Return the rate that an optimizer begins with, or None for one that knows none."""
    known = inspect.signature(make).parameters.get("lr")
    if known is None and "lr" not in options and not is_class(make):
        return _rate_of_made(make, options)
    rate = options.get("lr", None if known is None else known.default)
    return float(rate) if isinstance(rate, int | float) else None


def _rate_of_made(make: Callable[..., Any], options: Mapping[str, Any]) -> float | None:
    """Return the rate that a function gives to what it makes."""
    import torch

    with torch.random.fork_rng(devices=[]):
        try:
            rate = make([torch.zeros(2, requires_grad=True)], **options).param_groups[0].get("lr")
        except Exception:  # what it raises is said where it is run
            return None
    return float(rate) if isinstance(rate, int | float) else None


def is_class(make: Any) -> bool:
    """Say whether something is a class, or a partial of one."""
    while isinstance(make, partial):
        make = make.func
    return isinstance(make, type)


def wants_closure(make: Callable[..., Any], options: Mapping[str, Any]) -> bool:
    """Say whether steps must be given a closure; of what a function makes, that is tried."""
    import torch

    if isinstance(make, type):
        return needs_closure(make)
    if is_class(make):
        return False
    found = []
    with torch.random.fork_rng(devices=[]), torch.enable_grad(), suppress(Exception):
        for closure in (False, True):
            point = torch.ones(2, requires_grad=True)
            optimizer = make([point], **options)
            for_training(optimizer)
            (point * point).sum().backward()  # type: ignore[no-untyped-call]
            with suppress(Exception):
                optimizer.step(*([lambda each=point: (each * each).sum()] if closure else []))
                found.append(closure)
    return found == [True]


def _schedules(optimizer: Optimizer, cell: Cell, steps: int, lr: float | None) -> list[LRScheduler]:
    if not cell.schedule:
        return []
    schedule = ScheduleSpec.parse(cell.schedule)
    if schedule.name == "plateau":
        raise DescentError("plateau looks at the loss; the table takes schedules that go by the step only")
    spec = complete(OptimizerSpec("sgd", (("lr", lr or 1.0),), (schedule,)), steps)
    return build_schedules(spec, optimizer)


def _reloaded(
    make: Callable[..., Optimizer],
    options: Mapping[str, Any],
    optimizer: Optimizer,
    schedules: Sequence[LRScheduler],
    parameters: Sequence[torch.Tensor],
    cell: Cell,
    steps: int,
) -> tuple[Optimizer, list[LRScheduler], list[torch.Tensor]]:
    """Save the state, and load it into a new optimizer of new parameters at the same place."""
    saved = copy.deepcopy(optimizer.state_dict())
    saved_schedules = [copy.deepcopy(schedule.state_dict()) for schedule in schedules]
    fresh = [each.detach().clone().requires_grad_() for each in parameters]
    rate = initial_rate(make, options)
    new = make(_groups(fresh, rate, cell), **options)
    new_schedules = _schedules(new, cell, steps, rate)
    for schedule, state in zip(new_schedules, saved_schedules, strict=True):
        schedule.load_state_dict(state)
    for_training(new)
    new.load_state_dict(saved)
    return new, new_schedules, fresh


def _evaluate(surface: Surface, optimizer: Optimizer, parameters: Sequence[torch.Tensor]) -> torch.Tensor:
    import torch

    optimizer.zero_grad()
    loss = surface(parameters[0] if len(parameters) == 1 else torch.cat(list(parameters)))
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.detach()


def _closure(
    surface: Surface, optimizer: Optimizer, parameters: Sequence[torch.Tensor]
) -> Callable[[], torch.Tensor]:
    import torch

    def closure() -> torch.Tensor:
        with torch.enable_grad():
            return _evaluate(surface, optimizer, parameters)

    return closure


def _numbers(tensors: Sequence[torch.Tensor | None]) -> list[float]:
    numbers = []
    for tensor in tensors:
        assert tensor is not None
        numbers += tensor.detach().double().flatten().tolist()
    return numbers
