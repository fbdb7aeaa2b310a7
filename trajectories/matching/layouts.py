"""Parameters of every shape and kind that an optimizer may be handed, with gradients that are set beforehand.

A gradient depends on the part and the step only, so that a difference in one update is not carried on by the
next gradient, and no graph has to be made: a run costs what its steps cost.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..regression.tolerances import HALF

if TYPE_CHECKING:
    import torch

STEPS = 8
# How large the gradients of each step are: first large and then small, as otherwise a running maximum is the
# running mean.
_SIZES = (3.0, 1.0, 0.1, 0.5, 2.0, 0.1, 1.0, 0.3)
_LATE = (1, 2, 5)  # the steps at which a part of kind "late" has no gradient
_ROWS = ((0, 2, 5), (2, 2, 4), (1, 3, 3))  # the rows with a gradient; one that is there twice counts twice


@dataclass(frozen=True, slots=True)
class Part:
    """One parameter."""

    name: str
    shape: tuple[int, ...]
    # dense, transposed, channels-last, complex, sparse; absent (never a gradient), late (none at first and
    # once again), frozen (requires none)
    kind: str = "dense"


_VECTOR = Part("vector", (5,))
_MATRIX = Part("matrix", (3, 4))
_TALL = Part("tall", (6, 2))
_KERNEL = Part("kernel", (2, 3, 2, 2))
_SCALAR = Part("scalar", ())
_ABSENT = Part("absent", (4,), "absent")
_LATER = Part("late", (2, 2), "late")
_FROZEN = Part("frozen", (3,), "frozen")

SEVERAL = "several"
LAYOUTS: dict[str, tuple[Part, ...]] = {
    "scalar": (_SCALAR,),
    "vector": (_VECTOR,),
    "matrix": (_MATRIX,),
    "tall": (_TALL,),
    "cube": (Part("cube", (2, 3, 4)),),
    "kernel": (_KERNEL,),
    "empty": (Part("empty", (0, 3)),),
    "non-contiguous": (Part("non-contiguous", (3, 4), "transposed"),),
    "channels-last": (Part("channels-last", (2, 3, 2, 2), "channels-last"),),
    "absent": (_VECTOR, _ABSENT),
    "late": (_VECTOR, _LATER),
    "frozen": (_VECTOR, _FROZEN),
    "complex": (Part("complex", (3, 2), "complex"),),
    "sparse": (Part("sparse", (6, 3), "sparse"),),
    "matrices": (_MATRIX, _TALL, _LATER),
    SEVERAL: (_SCALAR, _VECTOR, _MATRIX, _TALL, _KERNEL, _ABSENT, _LATER, _FROZEN),
}
# Layouts of several parts, for classes that take all sorts, matrices only, or sparse gradients only.
BROAD = (SEVERAL, "matrices", "sparse")


def parameters(layout: str, dtype: str) -> list[torch.Tensor]:
    """Return new parameters of a layout, without gradients."""
    return [_fresh(part, dtype) for part in LAYOUTS[layout]]


def _fresh(part: Part, dtype: str) -> torch.Tensor:
    return _start(part, dtype).clone().requires_grad_(part.kind != "frozen")


def hand(layout: str, dtype: str, step: int, tensors: list[torch.Tensor]) -> None:
    """Give each parameter of a layout its gradient for a step, from 1; a copy, which the step may spoil."""
    for part, tensor in zip(LAYOUTS[layout], tensors, strict=True):
        gradient = _gradient(part, dtype, step)
        tensor.grad = None if gradient is None else gradient.clone()


def numbers(part: Part, dtype: str, step: int) -> np.ndarray[Any, Any]:
    """Return what a part starts with (step 0) or the gradient that it has at a step, real or complex."""
    random = np.random.default_rng([zlib.crc32(part.name.encode()), step])
    values = random.standard_normal(part.shape)
    if part.kind == "complex":
        values = values + 1j * random.standard_normal(part.shape)
    if step:
        values = _SIZES[(step - 1) % STEPS] * (values + 0.5)
        if values.ndim > 1 and values.size and dtype not in HALF:
            # Nothing may be divided by a gradient of exactly zero. In half precision torch's own classes do,
            # as their epsilon of 1e-8 is zero there.
            values.flat[0] = 0
    return np.asarray(values)


@cache
def _start(part: Part, dtype: str) -> torch.Tensor:
    return _tensor(part, dtype, numbers(part, dtype, 0))


@cache
def _gradient(part: Part, dtype: str, step: int) -> torch.Tensor | None:
    import torch

    if part.kind in ("absent", "frozen") or (part.kind == "late" and step in _LATE):
        return None
    dense = _tensor(part, dtype, numbers(part, dtype, step))
    if part.kind != "sparse":
        return dense
    rows = torch.tensor([_ROWS[step % len(_ROWS)]])
    return torch.sparse_coo_tensor(rows, dense[rows[0]], dense.shape, check_invariants=True)


def _tensor(part: Part, dtype: str, values: np.ndarray[Any, Any]) -> torch.Tensor:
    import torch

    kind = getattr(torch, dtype)
    tensor = torch.tensor(values, dtype=kind.to_complex() if part.kind == "complex" else kind)
    if part.kind == "transposed":
        return tensor.t().contiguous().t()
    if part.kind == "channels-last":
        return tensor.contiguous(memory_format=torch.channels_last)
    return tensor
