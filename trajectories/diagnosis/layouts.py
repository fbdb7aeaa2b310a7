"""How the numbers of all tasks are handed to an optimizer: found by trying what its updates depend on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import NotPossibleError
from ..descent.batch_proof import why_mixed
from ..descent.needs import PLAIN, bare, built, way_of
from ..descent.noise import repeatable
from ..descent.torch_optim import SPARSE, needs_closure, optimizer_class
from ..optimizers.faces import has_two

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from ..specs.optimizer_spec import OptimizerSpec
    from .task import Task

ONE_TENSOR = "one tensor"  # all numbers of a rate in one vector: updates are element-wise
OWN_TENSORS = "tensors of their own"  # a tensor each for every case, all in one optimizer
OWN_OPTIMIZERS = "optimizers of their own"  # every case of every task runs alone
_STEPS = 50  # past most warm-ups
_RATE = 0.01  # whether runs mix does not depend on how fast they are
_SHAPE = (3, 4)


def layout_of(spec: OptimizerSpec) -> str:
    """Return the widest of the layouts in which an optimizer does what it does alone, as tried.

    Args:
        spec: A completed spec.

    Raises:
        NotPossibleError: It needs a closure, a module, sparse gradients or the like, which tasks do not give.
    """
    return _tried(bare(spec) if spec.lr is None else bare(spec).with_lr(_RATE))


@lru_cache(maxsize=1000)
def _tried(spec: OptimizerSpec) -> str:
    import torch

    way = way_of(spec, torch.float64)
    if way.closure or (spec.factory is None and needs_closure(optimizer_class(spec))):
        raise NotPossibleError(
            f"{spec.title} asks for the loss again within a step, and tasks hand it a gradient a step"
        )
    if way.graph or way.form != PLAIN or spec.name in SPARSE:
        need = "sparse gradients" if spec.name in SPARSE else way.words(spec)[0]
        raise NotPossibleError(f"{spec.title} cannot be diagnosed: {need}")
    two = has_two(built(spec, [torch.zeros(_SHAPE, dtype=torch.float64).requires_grad_()]))
    if two or spec.inner is not None:
        return OWN_OPTIMIZERS
    device = torch.device("cpu")
    if not way.matrix and not why_mixed(spec, torch.float64, device) and _flat_too(spec):
        return ONE_TENSOR
    return OWN_TENSORS if _apart(spec) else OWN_OPTIMIZERS


def takes_vectors(spec: OptimizerSpec) -> bool:
    """Say whether an optimizer takes parameters that are no matrices."""
    import torch

    return not way_of(spec, torch.float64).matrix


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """What some steps did."""

    ends: list[torch.Tensor]  # where each parameter ended
    numbers: list[str]  # what the optimizer holds for all that it moves, in writing


def _path(spec: OptimizerSpec, starts: Sequence[torch.Tensor], scales: Sequence[float]) -> _Tried:
    """Make some steps down bowls, slopes times the scale of each parameter, with noise and a large one."""
    import torch

    generator = torch.Generator().manual_seed(1)
    noise = [torch.randn(_SHAPE, generator=generator, dtype=torch.float64) for _ in range(_STEPS)]
    tensors = [start.clone().requires_grad_() for start in starts]
    with repeatable(0, torch.device("cpu")):
        optimizer = built(spec, tensors)
        for k, part in enumerate(noise):
            for tensor, scale in zip(tensors, scales, strict=True):
                large = 1e4 if k == _STEPS // 2 and scale != 1 else scale
                tensor.grad = large * (tensor.detach() + 0.1 * part.reshape(tensor.shape))
            optimizer.step()
    return _Tried([tensor.detach() for tensor in tensors], _numbers(optimizer))


def _numbers(optimizer: Any) -> list[str]:
    """Return the numbers that an optimizer holds beside the state of each parameter."""
    own = {key: each for key, each in vars(optimizer).items() if key not in ("state", "param_groups")}
    return [
        f"{key} {float(each)!r}"
        for held in (*optimizer.param_groups, own)
        for key, each in held.items()
        if isinstance(each, int | float) or (hasattr(each, "numel") and each.numel() == 1)
    ]


def _flat_too(spec: OptimizerSpec) -> bool:
    """Say whether a matrix moves as the same numbers in a vector do."""
    import torch

    start = torch.ones(_SHAPE, dtype=torch.float64)
    try:
        (matrix,), (vector,) = (_path(spec, [each], [1.0]).ends for each in (start, start.reshape(-1)))
    except Exception:  # whatever a stranger's class raises
        return False
    return bool(torch.allclose(matrix.reshape(-1), vector, rtol=1e-12, atol=0))


def _apart(spec: OptimizerSpec) -> bool:
    """Say whether two tensors in one optimizer move as each does alone.

    One that keeps a number for all that it moves, which is not the same for both alone, mixes them.
    """
    import torch

    one, other = torch.ones(_SHAPE, dtype=torch.float64), torch.full(_SHAPE, 2.0, dtype=torch.float64)
    try:
        alone = [_path(spec, [one], [1.0]), _path(spec, [other], [30.0])]
        both = _path(spec, [one, other], [1.0, 30.0])
    except Exception:
        return False
    ends = [each.ends[0] for each in alone]
    return alone[0].numbers == alone[1].numbers and all(map(torch.equal, both.ends, ends))


def suited(tasks: Sequence[Task], spec: OptimizerSpec) -> tuple[bool, ...]:
    """Say for each task whether an optimizer takes its parameters."""
    vectors = takes_vectors(spec)
    return tuple(vectors or task.matrices for task in tasks)
