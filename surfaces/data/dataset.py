"""Data that networks learn from: three parts, split by seed, scaled by what the training part shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from ..catalogue import Task


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One part of a split."""

    x: torch.Tensor  # (n, *inputs), floating
    y: torch.Tensor  # (n,) int64 class numbers, or (n, outputs) floating

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """A data set in three parts; validation and test may be empty."""

    name: str  # the spec that makes it again, for example "moons:noise=0.1"
    task: Task  # what is learned: classes or numbers
    train: Part  # what is learned from
    val: Part
    test: Part
    inputs: tuple[int, ...]  # the shape of one sample: (2,), (64,), (1, 28, 28)
    outputs: int  # how many numbers a network must give: one a class, or one a target column
    axes: tuple[str, ...] = ()  # what the inputs are, where there are one or two: ("x",), ("x", "y")
