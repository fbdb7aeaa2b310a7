"""Which loss belongs to which step, where a loop tells its losses by the way. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Told:
    """When a loss was told."""

    made: int  # calls of the optimizer's step before it
    same: bool | None  # whether the gradients were still those of the last step; None where there were none


def tie(told: Sequence[Told], steps: int) -> NDArray[np.int64]:
    """Return which of the told losses each step has, (steps,); -1 for none.

    A loop tells its losses either before its steps or after them. Where it tells them after, the first loss
    behind a step is that step's, and more that follow are of batches that no step was made for, as a
    gradient scaler leaves steps out; where it tells them before, the last loss before a step is that step's,
    and those before it are left over.

    >>> after = [Told(1, True), Told(1, False), Told(2, True)]  # step, loss, left out, loss, step, loss
    >>> tie(after, 2).tolist()
    [0, 2]
    >>> before = [Told(0, None), Told(0, False), Told(1, False)]  # left out, loss, step, loss, step
    >>> tie(before, 2).tolist()
    [1, 2]
    """
    found = np.full(steps, -1, dtype=np.int64)
    after = tells_after(told, steps)
    for number, each in enumerate(told):
        step = each.made - 1 if after else each.made
        if 0 <= step < steps and not (after and found[step] >= 0):
            found[step] = number
    return found


def tells_after(told: Sequence[Told], steps: int) -> bool:
    """Say whether a loop tells each loss after its step.

    It does where one follows the last step and none precedes the first, and does not where it is the other
    way round. Where both hold or neither, because a step was left out or not all losses are told, the
    gradients tell: nothing was computed between a step and its loss.
    """
    first = any(each.made == 0 for each in told)
    last = any(each.made == steps for each in told)
    if first != last:
        return last
    behind = [each.same for before, each in zip([None, *told], told, strict=False) if _new(before, each)]
    known = [same for same in behind if same is not None]
    return sum(known) * 2 >= len(known)


def _new(before: Told | None, each: Told) -> bool:
    """Whether a loss is the first one behind a step."""
    return each.made > 0 and (before is None or before.made != each.made)
