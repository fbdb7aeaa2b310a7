"""What an optimizer must be given, and what its step needs: found by trying it on a small problem.

Of torch's own classes it is known. Others ask in no common way: for a closure that has the default None, for
gradients with their graph, for a matrix, for a module or for groups with keys of their own. So the ways are
tried one after the other, and the first in which steps are made without an error is the one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from inspect import signature
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ..specs.tables import OPTIMIZERS
from .noise import repeatable
from .torch_optim import MATRICES, build_optimizer, needs_closure, optimizer_class, torchs_words, wraps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import torch
    from torch import nn
    from torch.optim import Optimizer

    from ..specs.optimizer_spec import OptimizerSpec

PLAIN, NAMED, GROUP, MODULE = "parameters", "named parameters", "a group with use_muon=True", "a module"
SECONDS = 60.0  # what trying may take, with what a class compiles at first; one that needs longer hangs
_STEPS = 3
START = (1.0, -2.0)


@dataclass(frozen=True, slots=True)
class Way:
    """How an optimizer is built and stepped."""

    form: str = PLAIN  # what it is built with
    matrix: bool = False  # whether the numbers of a surface are the row of a matrix
    closure: bool = False  # whether steps are given a closure
    graph: bool = False  # whether gradients keep their graph, as with create_graph=True

    def parameter(self, start: torch.Tensor) -> torch.Tensor:
        """Return the leaf that moves, which begins at a start (n,)."""
        from torch import nn

        return nn.Parameter((start[None] if self.matrix else start).detach().clone())

    def build(
        self,
        spec: OptimizerSpec,
        parameters: Iterable[tuple[str, torch.Tensor]],
        module: nn.Module | None = None,
    ) -> Optimizer:
        """Return the optimizer of a completed spec.

        Args:
            spec: What to build.
            parameters: What it moves, by name.
            module: What holds them; when None one is made of a single parameter.

        Raises:
            DescentError: The class refuses; the sentence is its own.
        """
        pairs = list(parameters)
        if self.form == MODULE:
            return build_optimizer(spec, _holder(pairs) if module is None else module)
        if self.form == GROUP:
            return build_optimizer(spec, [{"params": [each for _, each in pairs], "use_muon": True}])
        return build_optimizer(spec, pairs if self.form == NAMED else [each for _, each in pairs])

    def words(self, spec: OptimizerSpec, *, network: bool = False) -> tuple[str, ...]:
        """Say what was found out about a run's optimizer, a clause each; of torch's own it is known."""
        if spec.name in OPTIMIZERS:
            return ()
        said = [f"built with {self.form}"] if self.form != PLAIN else []
        said += ["x and y are the row of a matrix"] if self.matrix and not network else []
        said += ["its steps are given a closure"] if self.closure else []
        return (*said, *(["its gradients keep their graph (create_graph)"] if self.graph else []))


def way_of(spec: OptimizerSpec, dtype: torch.dtype) -> Way:
    """Return how the optimizer of a completed spec is built and stepped.

    Raises:
        DescentError: It makes no step in any way that is known; the sentence says why and what to do.
    """
    if spec.name in OPTIMIZERS:
        return Way(matrix=spec.name in MATRICES, closure=needs_closure(optimizer_class(spec)))
    return _tried(bare(spec), dtype)


def bare(spec: OptimizerSpec) -> OptimizerSpec:
    """Return a spec with nothing but its class and its options."""
    return replace(spec, schedules=(), accumulate=1, zero_grad=True, clip=None)


@lru_cache(maxsize=1000)
def _tried(spec: OptimizerSpec, dtype: torch.dtype) -> Way:
    import torch

    # A run draws the same numbers whether its class was tried before or not.
    with repeatable(0, torch.device("cpu")):
        way: Way = in_time(lambda: _try(spec, dtype), f"three steps of {spec.name}")
    return way


def in_time(function: Callable[[], Any], what: str) -> Any:
    """Call a function of a stranger's class, and give up when it takes too long.

    Raises:
        DescentError: It did; or what the function raised.
    """
    result: list[Any] = []
    error: list[BaseException] = []

    def work() -> None:
        try:
            result.append(function())
        except BaseException as raised:
            error.append(raised)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        raise DescentError(f"{what} did not end within {SECONDS:g} seconds, so it is not run")
    if error:
        raise error[0]
    return result[0]


class _CannotBuildError(DescentError):
    """The class refuses what it is built with."""


def _try(spec: OptimizerSpec, dtype: torch.dtype) -> Way:
    import torch

    errors: list[DescentError] = []
    must = spec.factory is None and needs_closure(optimizer_class(spec))
    for form, matrix in _FORMS:
        idle = None
        for closure, graph in _STEPS_OF[must]:
            way = Way(form, matrix, closure, graph)
            try:
                if bool((moves(spec, way, dtype) != torch.tensor(START, dtype=dtype)).any()):
                    return way
            except DescentError as error:
                errors.append(error)
                if isinstance(error, _CannotBuildError):
                    break
            else:
                idle = idle or way
        if idle is not None:  # it makes steps that lead nowhere
            return idle
    # What a step needs says more than what a form that is none of the class's own leads to.
    worst = next((each for each in errors if not isinstance(each, _CannotBuildError)), errors[0])
    if spec.factory is None and "optimizer" in next(iter(signature(optimizer_class(spec)).parameters)):
        raise wraps(spec) from worst
    if isinstance(worst.__cause__, NotImplementedError):
        raise DescentError(f"{spec.name} makes its updates by other calls than step(), which no run makes")
    if dtype == torch.float64:
        try:
            _try(spec, torch.float32)
        except DescentError:
            raise DescentError(str(worst)) from worst.__cause__
        raise DescentError(f"{worst}; it runs in float32: give dtype=float32 (--dtype float32)")
    raise DescentError(str(worst)) from worst.__cause__


_FORMS = (
    (PLAIN, False),
    (PLAIN, True),
    (GROUP, True),
    (NAMED, False),
    (NAMED, True),
    (MODULE, False),
    (MODULE, True),
)
# Whether steps are given a closure, and gradients keep their graph, in the order of trying; by whether the
# closure has a default.
_STEPS_OF = {False: ((False, False), (True, False), (False, True)), True: ((True, False), (True, True))}


def moves(spec: OptimizerSpec, way: Way, dtype: torch.dtype, steps: int = _STEPS) -> torch.Tensor:
    """Make a few steps on a bowl, and return where each leads to, beginning at `START`, (steps, 2).

    Raises:
        DescentError: The class cannot be built, or cannot step, in this way.
    """
    import torch

    points: list[torch.Tensor] = []
    with torch.enable_grad():
        parameter = way.parameter(torch.tensor(START, dtype=dtype))
        try:
            optimizer = way.build(spec, [("weight", parameter)])
        except DescentError as error:
            raise _CannotBuildError(str(error)) from error.__cause__
        try:
            with torchs_words(spec.name):
                if callable(getattr(optimizer, "train", None)):
                    optimizer.train()  # type: ignore[attr-defined]
                for _ in range(steps):
                    backward(parameter, graph=way.graph)
                    if way.closure:
                        optimizer.step(lambda: backward(parameter))  # type: ignore[arg-type,return-value]
                    else:
                        optimizer.step()
                    points.append(parameter.detach().reshape(-1).clone())
        except DescentError:
            if bool(parameter.isfinite().all()):
                raise
            # It stepped, so far that it gave up.
    return torch.stack(points) if points else parameter.new_empty((0, 2))


def backward(parameter: torch.Tensor, *, graph: bool = False) -> torch.Tensor:
    """Compute the height of a bowl that is steeper along y, and its gradient; returns the height."""
    import torch

    with torch.enable_grad():
        loss = (parameter * parameter * parameter.new_tensor([0.5, 2.0])).sum()
        (parameter.grad,) = torch.autograd.grad(loss, parameter, create_graph=graph)
    return loss.detach()


def uses_given_gradient(spec: OptimizerSpec, way: Way) -> bool:
    """Say whether a step with a closure uses the gradient that is there before it.

    It does where another one leads elsewhere; SAM's second pass is such a closure, and that of Schedule-Free
    optimizers which go to the training point by themselves is not.

    Args:
        spec: A completed spec of an optimizer whose steps are given a closure.
        way: How it is built.
    """
    import torch

    ends = []
    for factor in (1.0, -3.0):
        parameter = way.parameter(torch.tensor(START, dtype=torch.float64))
        optimizer = way.build(spec, [("weight", parameter)])
        for _ in range(_STEPS):
            backward(parameter)
            assert parameter.grad is not None
            parameter.grad.mul_(factor)
            try:
                optimizer.step(lambda each=parameter: backward(each))  # type: ignore[misc,arg-type]
            except Exception:
                return True
        ends.append(parameter.detach().clone())
    return not torch.equal(*ends)


def _holder(pairs: list[tuple[str, torch.Tensor]]) -> nn.Module:
    from torch import nn

    module = nn.Module()
    for name, each in pairs:
        module.register_parameter(name, each)  # type: ignore[arg-type]
    return module
