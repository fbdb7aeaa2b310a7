"""Many runs of which every point is kept, in one array: optimizers at many rates from many starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..results.recipe import BATCHED
from .batch import ROW_BYTES, STEP_BYTES
from .batching import programs
from .loop import descend
from .noise import repeatable
from .watchers import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ...surfaces.surface import Surface
    from ..specs.optimizer_spec import OptimizerSpec

AT_ONCE = 1 << 14  # runs at a time on a CPU, whose caches larger tensors leave


def descend_paths(
    surface: Surface,
    specs: Sequence[OptimizerSpec],
    starts: NDArray[np.float64],
    steps: int,
    *,
    methods: Sequence[str],
    device: str,
    dtype: str,
    memory: float,
    progress: Callable[[int, int], object] | None = None,
) -> NDArray[np.float64]:
    """Run every spec from every start; returns the rows that `descend_many` would have, in one array.

    Args:
        surface: The loss, of two parameters.
        specs: Completed specs, S of them.
        starts: Points, shape (N, 2).
        steps: How many updates each run makes.
        methods: How each spec runs, as `choose_methods` says.
        device: A concrete device.
        dtype: ``float64`` or ``float32``.
        memory: Bytes that the runs under way may take, beside the result.
        progress: Called with how many runs are done and how many there are.

    Returns:
        Shape (S, N, steps + 1, 5): x, y, gradient along x and y, loss.
    """
    import torch

    from .tensor_program import run

    found = np.full((len(specs), len(starts), steps + 1, 5), np.nan)
    total, finished = len(specs) * len(starts), 0

    def done(count: int) -> None:
        nonlocal finished
        finished += count
        if progress is not None:
            progress(finished, total)

    at_once = max(1, int(memory / (2 * (steps + 1) * ROW_BYTES + STEP_BYTES)))
    at_once = min(at_once, AT_ONCE) if device == "cpu" else at_once
    batched = [k for k, method in enumerate(methods) if method == BATCHED]
    for some in programs(specs, batched):
        each = max(1, at_once // len(starts))
        for first in range(0, len(some), each):
            part = some[first : first + each]
            for row in range(0, len(starts), at_once):
                chosen = slice(row, row + at_once)
                with repeatable(0, torch.device(device)):
                    where = torch.tensor(starts[chosen], dtype=getattr(torch, dtype), device=device)
                    rows = Rows.empty(len(part), where, steps, None)
                    run(surface, [specs[k] for k in part], where, steps, rows)
                found[part, chosen] = rows.arrays()
                done(len(part) * len(where))
    for k, method in enumerate(methods):
        if method == BATCHED:
            continue
        for row, (x, y) in enumerate(starts.tolist()):
            one = descend(surface, specs[k], (x, y), steps, device=device, dtype=dtype)
            found[k, row] = np.column_stack([one.points, one.gradients, one.losses])
            done(1)
    return found
