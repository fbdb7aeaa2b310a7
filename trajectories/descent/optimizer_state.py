"""What optimizers hold between their steps, such as momentum and running means: copied as a run goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..results.trajectory import is_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch
    from numpy.typing import NDArray
    from torch.optim import Optimizer

ROW_BYTES = 64  # four tensors of one run at one step, in float64: more than most optimizers hold


@dataclass(frozen=True, slots=True)
class States:
    """Copies of all that optimizers hold of some parameters, on their device until the end.

    Whatever torch keeps in ``optimizer.state[parameter]`` counts that is floating point and has as many
    numbers as the parameter; there is no list of names.
    """

    rows: int  # steps + 1
    # One block a step, because copying one tensor after the other costs several times as much.
    # By (number of the parameter, name) of all that it holds: (rows, held, *shape of a parameter).
    blocks: dict[tuple[tuple[int, str], ...], torch.Tensor] = field(default_factory=dict)

    def write(self, k: int, parameters: Iterable[torch.Tensor], optimizers: Iterable[Optimizer]) -> None:
        """Copy what the optimizers hold after k steps, each of the parameter in its place."""
        import torch

        keys, values = [], []
        for number, (parameter, optimizer) in enumerate(zip(parameters, optimizers, strict=True)):
            # Not by [], which would make an entry, and some optimizers look whether there is one.
            for name, value in optimizer.state.get(parameter, _NOTHING).items():
                if _belongs(name, value, parameter):
                    keys.append((number, name))
                    values.append(value if value.shape == parameter.shape else value.reshape(parameter.shape))
        if not keys:
            return
        block = self.blocks.get(key := tuple(keys))
        if block is None:
            block = parameter.detach().new_full((self.rows, len(keys), *parameter.shape), float("nan"))
            self.blocks[key] = block
        torch.stack(values, out=block[k])

    def arrays(self, number: int = 0) -> dict[str, NDArray[np.float64]]:
        """Return what was held of one parameter by name, each (rows, numbers of the parameter)."""
        found: dict[str, NDArray[np.float64]] = {}
        for keys, block in self.blocks.items():
            for place, (of, name) in enumerate(keys):
                if of == number:
                    rows = block[:, place].reshape(self.rows, -1).to("cpu").numpy().astype(np.float64)
                    before = found.get(name)
                    found[name] = rows if before is None else np.where(np.isnan(before), rows, before)
        return found


def names_held(optimizer: Optimizer, parameter: torch.Tensor) -> frozenset[str]:
    """Return the names of what an optimizer holds of a parameter, as `States` keeps it."""
    held = optimizer.state.get(parameter, _NOTHING)
    return frozenset(name for name, value in held.items() if _belongs(name, value, parameter))


_NOTHING: dict[str, Any] = {}


def _belongs(name: object, value: Any, parameter: torch.Tensor) -> bool:
    """Say whether a value is a tensor of the parameter's size; counters are tensors without dimensions."""
    return (
        hasattr(value, "is_floating_point")
        and value.ndim > 0
        and value.numel() == parameter.numel()
        and value.is_floating_point()
        and isinstance(name, str)
        and is_name(name)
    )


def of_run(arrays: dict[str, NDArray[np.float64]], steps: int) -> dict[str, NDArray[np.float64]]:
    """Return the rows of one run up to a step, for a `Trajectory`; what was held only later is left out.

    Args:
        arrays: By name, what was held at every step, (rows, 2); of one parameter (rows, 1), and 0 is added.
        steps: The last step to keep.
    """
    cut = {name: _as_pairs(array[: steps + 1]) for name, array in arrays.items()}
    return {name: cut[name] for name in sorted(cut) if not np.isnan(cut[name]).all()}


def _as_pairs(array: NDArray[np.float64]) -> NDArray[np.float64]:
    if array.shape[1] == 2:
        return array.copy()
    return np.column_stack([array, np.where(np.isnan(array), np.nan, 0.0)])
