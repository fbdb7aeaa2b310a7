"""Trying one class of optimizers: does it run, what does it need, and what is odd about it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError
from ..descent.batch_proof import apart_by
from ..descent.loop import descend
from ..descent.needs import PLAIN, bare, way_of
from ..descent.torch_optim import complete
from ..optimizers.faces import for_training, has_two
from ..results.trajectory import IN_SINGLE
from ..results.tried import DOUBLE, ELEMENTWISE, ELSEWHERE, MIXING, ONE, SINGLE, SINGLE_UPDATES, TWO, Tried
from ..specs.optimizer_spec import OptimizerSpec

if TYPE_CHECKING:
    import torch

    from ..descent.needs import Way
    from ..results.trajectory import Trajectory

BOWL, START, STEPS = "quadratic:condition=10", (-1.7, 1.3), 30
RATE = 0.01  # for classes without a rate of their own
_ROUNDED = 1e-6  # runs in one tensor that differ by less differ by rounding


def try_class(name: str) -> Tried:
    """Try a class of optimizers, named as in a spec, on a bowl and on a matrix of weights.

    >>> found = try_class("adam")
    >>> found.runs, found.updates, found.precision, found.point, found.matrix, found.notes
    (True, 'element-wise', 'float64', 'one', 'float64', ())
    """
    import torch

    from ...surfaces.analytic.resolve import get

    try:
        spec, more, dtype, way = _way(name)
        run = descend(get(BOWL), spec, START, STEPS, dtype=_written(dtype))
    except DescentError as error:
        return Tried(name, why=str(error))
    needs = (*more, *way.words(spec))
    notes = [fact for fact in run.facts if fact not in (*needs, IN_SINGLE)]
    rate = "" if spec.lr is None else f" at lr {spec.lr:g}"
    if not run.losses[-1] < run.losses[0]:
        notes.append(f"its loss does not fall within {STEPS} steps{rate}")
    if run.evaluations > STEPS:
        notes.append(f"{run.evaluations / STEPS:.3g} evaluations a step")
    double = SINGLE_UPDATES if IN_SINGLE in run.facts else DOUBLE
    return Tried(
        name,
        lr=spec.lr,
        needs=needs,
        updates=_updates(spec, way, dtype),
        precision=SINGLE if dtype == torch.float32 else double,
        point=_point(spec, way, dtype, run),
        matrix=_on_matrix(spec, way),
        notes=tuple(notes),
    )


def _way(name: str) -> tuple[OptimizerSpec, tuple[str, ...], torch.dtype, Way]:
    """Return the completed spec of a class, what it had to be told, in which precision it runs, and how.

    Raises:
        DescentError: It runs neither at its own rate nor at another, in no precision; why at its own.
    """
    import torch

    first: DescentError | None = None
    named = OptimizerSpec.parse(name)
    for spec, more in ((named, ()), (named.with_lr(RATE), ("a rate",))):
        for dtype in (torch.float64, torch.float32):
            try:
                full = complete(spec, STEPS)
                way = way_of(full, dtype)
            except DescentError as error:
                first = first or error
                continue
            told = [f"{key}, the number of steps" for key, _ in full.options if key != "lr"]
            return full, (*more, *told), dtype, way
    assert first is not None
    raise first


def _written(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _updates(spec: OptimizerSpec, way: Way, dtype: torch.dtype) -> str:
    if way.closure or way.graph or way.matrix or way.form != PLAIN or _two(spec, way, dtype):
        return ""
    return ELEMENTWISE if apart_by(bare(spec), dtype, "cpu") <= _ROUNDED else MIXING


def _two(spec: OptimizerSpec, way: Way, dtype: torch.dtype) -> bool:
    import torch

    return bool(has_two(way.build(spec, [("weight", way.parameter(torch.tensor(START, dtype=dtype)))])))


def _point(spec: OptimizerSpec, way: Way, dtype: torch.dtype, run: Trajectory) -> str:
    if _two(spec, way, dtype):
        return TWO
    return ONE if run.trained is None else ELSEWHERE


def _on_matrix(spec: OptimizerSpec, way: Way) -> str:
    """Return the precision in which some steps on a least-squares problem move its weights (4, 3)."""
    import torch

    return next((_written(each) for each in (torch.float64, torch.float32) if _moves(spec, way, each)), "")


def _moves(spec: OptimizerSpec, way: Way, dtype: torch.dtype) -> bool:
    import torch
    from torch import nn

    generator = torch.Generator().manual_seed(0)
    x, y = (torch.randn((8, n), generator=generator, dtype=dtype) for n in (3, 4))
    weight = nn.Parameter(torch.randn((4, 3), generator=generator, dtype=dtype))
    before = weight.detach().clone()

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        found = ((x @ weight.T - y) ** 2).mean()
        found.backward(create_graph=way.graph)  # type: ignore[no-untyped-call]
        return found

    try:
        optimizer = way.build(spec, [("weight", weight)])
        for_training(optimizer)
        for _ in range(STEPS):
            loss()
            optimizer.step(loss) if way.closure else optimizer.step()  # type: ignore[arg-type]
    except Exception:  # whatever a stranger's class raises: it does not take this matrix
        return False
    return bool(weight.isfinite().all() and (weight != before).any())
