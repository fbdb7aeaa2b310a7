"""What a recorder keeps of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from ...surfaces.networks.rows import Kept, Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """What a recorder kept of one run: a row for every kept step and one for the end."""

    at: NDArray[np.int64]  # (rows,): the step of each row
    weights: Matrix  # (rows, P), on the CPU wherever the run was
    gradients: Matrix  # (rows - 1, P), on the CPU: as handed to the optimizer
    gradient_norms: NDArray[np.float64]  # (rows, L): of each layer; NaN in the last row
    update_ratios: NDArray[np.float64]  # (rows, L): length of a layer's step over length of its weights
    learning_rates: NDArray[np.float64]  # (steps,)
    batch_losses: NDArray[np.float64]  # (steps,); NaN where nobody said the loss
    scales: torch.Tensor | None = None  # (rows - 1, P): what steps were divided by, where that was kept
    # (rows, P): where gradients were taken; ``weights`` are then those that are evaluated. None: the same.
    trained: Matrix | None = None


@dataclass(slots=True, eq=False)
class Row:
    """What is kept of one step."""

    call: int  # which call of the optimizer's step it was, left out or not
    weights: torch.Tensor | Kept  # (P,) before it; a tensor while it is the last one
    gradient: torch.Tensor | Kept  # (P,)
    lengths: tuple[torch.Tensor, torch.Tensor] | None = None  # (N,) each: of both, parameter by parameter
    moved: torch.Tensor | None = None  # (N,): how far each parameter; None while the step is being made
    scales: torch.Tensor | None = None  # (P,): what the step was divided by, where that is kept and known
    evaluated: torch.Tensor | Kept | None = (
        None  # (P,): the weights that are evaluated, where they are others
    )
