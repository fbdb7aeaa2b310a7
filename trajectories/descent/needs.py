"""What an optimizer must be given, and what its step needs: found by trying it on a small problem.

Of torch's own classes it is known. Others ask in no common way: for a closure that has the default None, for
gradients with their graph, for a matrix, for a module or for groups with keys of their own. So the ways are
tried one after the other, and the first in which steps are made without an error is the one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from inspect import signature
from itertools import product
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ..optimizers import remembered
from ..optimizers.around import GIVEN, place_of
from ..optimizers.faces import for_training
from ..optimizers.time_limit import in_time
from ..specs.tables import OPTIMIZERS
from .machine import versions
from .noise import repeatable
from .torch_optim import (
    MATRICES,
    arguments,
    build_optimizer,
    check_optimizer,
    needs_closure,
    optimizer_class,
    torchs_words,
    wraps,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import torch
    from torch import nn
    from torch.optim import Optimizer

    from ..specs.optimizer_spec import OptimizerSpec

PLAIN, NAMED, GROUP, MODULE = "parameters", "named parameters", "a group with use_muon=True", "a module"
_STEPS = 3
START = (1.0, -2.0)


@dataclass(frozen=True, slots=True)
class Way:
    """How an optimizer is built and stepped."""

    form: str = PLAIN  # what it is built with
    matrix: bool = False  # whether the numbers of a surface are the row of a matrix
    closure: bool = False  # whether steps are given a closure
    graph: bool = False  # whether gradients keep their graph, as with create_graph=True
    classes: tuple[bool, ...] = ()  # of each that goes around another: whether it is given that one's class

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
        if spec.inner is not None:
            held = _holder(pairs) if module is None else module
            made: Optimizer = _nested(spec, [each for _, each in pairs], held, self.classes)
            return made
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


def maker(spec: OptimizerSpec) -> Callable[..., Optimizer]:
    """Return a function from parameters, or groups of them, to the optimizer of a completed spec.

    Raises:
        DescentError: It makes no step in any way that is known.
    """
    import torch
    from torch import nn

    way = way_of(spec, torch.float64)

    def make(parameters: Any) -> Optimizer:
        made: Optimizer = _nested(spec, parameters, nn.Module(), way.classes)
        return made

    make.__name__ = spec.title
    return make


def built(spec: OptimizerSpec, parameters: Any) -> Optimizer:
    """Return the optimizer of a completed spec for parameters or groups of them, whatever it goes around."""
    return build_optimizer(spec, parameters) if spec.inner is None else maker(spec)(parameters)


def bare(spec: OptimizerSpec) -> OptimizerSpec:
    """Return a spec with nothing but its class and its options."""
    return replace(spec, schedules=(), accumulate=1, zero_grad=True, clip=None)


@lru_cache(maxsize=1000)
def _tried(spec: OptimizerSpec, dtype: torch.dtype) -> Way:
    import torch

    if (known := _from_json(remembered.recall(key := key_of("way", spec, dtype)))) is not None:
        return known
    # A run draws the same numbers whether its class was tried before or not.
    with repeatable(0, torch.device("cpu")):
        way: Way = in_time(lambda: _try(spec, dtype), f"three steps of {spec.name}")
    remembered.remember(key, [way.form, way.matrix, way.closure, way.graph, list(way.classes)])
    return way


def key_of(kind: str, spec: OptimizerSpec, *more: object) -> str:
    """Return the key of what was found by trying a spec; see `remembered`."""
    if spec.factory is not None:
        return ""
    return remembered.key_of(kind, spec.names, _versions(spec.names), spec, *more)


@lru_cache(maxsize=1000)
def _versions(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return versions(names)


def _from_json(found: Any) -> Way | None:
    """Return a way that was kept; None for anything else."""
    try:
        form, matrix, closure, graph, classes = found
    except (TypeError, ValueError):
        return None
    switches = (matrix, closure, graph, *classes) if isinstance(classes, list) else (None,)
    if form not in (PLAIN, NAMED, GROUP, MODULE) or not all(isinstance(each, bool) for each in switches):
        return None
    return Way(form, matrix, closure, graph, tuple(classes))


class _CannotBuildError(DescentError):
    """The class refuses what it is built with."""


def _try(spec: OptimizerSpec, dtype: torch.dtype) -> Way:
    import torch

    errors: list[DescentError] = []
    must = spec.factory is None and needs_closure(optimizer_class(spec))
    for form, matrix, classes in _forms(spec):
        idle = None
        for closure, graph in _STEPS_OF[must]:
            way = Way(form, matrix, closure, graph, classes)
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
    if spec.factory is None and spec.inner is None and place_of(signature(optimizer_class(spec)).parameters):
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


def _forms(spec: OptimizerSpec) -> Iterator[tuple[str, bool, tuple[bool, ...]]]:
    """Yield what a spec's class may be built with: a form, whether of a matrix, and `Way.classes`."""
    if spec.inner is None:
        yield from ((*form, ()) for form in _FORMS)
        return
    # The signature does not say whether it is a class with options or an optimizer that is made already.
    for matrix in (False, True):
        yield from ((PLAIN, matrix, each) for each in product((False, True), repeat=len(spec.names) - 1))


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
                for_training(optimizer)
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


def _nested(spec: OptimizerSpec, parameters: Any, module: nn.Module, classes: tuple[bool, ...]) -> Any:
    """Build what goes around another optimizer.

    Args:
        spec: A completed spec.
        parameters: What is moved: parameters or groups of them.
        module: What holds them.
        classes: Whether each that goes around another is given its class, from outside to inside.
    """
    if spec.inner is None:
        return build_optimizer(spec, parameters)
    cls: Callable[..., Any] = optimizer_class(spec)
    inner = spec.inner
    known = signature(cls).parameters
    other, options = (
        _as_class(inner, known, module, classes[1:])
        if classes[0]
        else (_nested(inner, parameters, module, classes[1:]), {})
    )
    values: dict[str, Any] = dict.fromkeys(GIVEN, module) | {"params": parameters, place_of(known): other}
    with torchs_words(spec.name):
        found = cls(
            **{name: values[name] for name in known if name in values}, **arguments(spec.options), **options
        )
    return check_optimizer(found, spec.name)


def _as_class(
    inner: OptimizerSpec, known: Any, module: nn.Module, classes: tuple[bool, ...]
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Return a class, and the options for it that what goes around it hands on.

    Options of a name that the outer class has too are bound to the class.
    """
    if inner.inner is not None or inner.factory is not None:
        return lambda parameters, **_: _nested(inner, parameters, module, classes), {}
    options = arguments(inner.options)
    cls: Callable[..., Any] = optimizer_class(inner)
    if bound := {name: value for name, value in options.items() if name in known}:
        cls = partial(cls, **bound)
    return cls, {name: value for name, value in options.items() if name not in bound}
