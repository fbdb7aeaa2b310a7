"""Up to which sharpness the steps of an optimizer are stable, and what its steps are divided by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..results.network_runs import PRECONDITIONED

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch
    from numpy.typing import NDArray
    from torch.optim import Optimizer

    from ..specs.optimizer_spec import OptimizerSpec


def stable_below(spec: OptimizerSpec, rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sharpness above which steps on a quadratic grow, for each learning rate, (rows,).

    Of Adam, AdamW and RMSprop it is that of the preconditioned Hessian. NaN where no bound is known: for
    other optimizers, for RMSprop with ``centered``, for Adam and RMSprop with weight decay, where the scales
    do not act on the loss alone, and with ``maximize``.

    Args:
        spec: A spec with torch's own defaults written into it, or not.
        rates: Shape (rows,).

    References:
        J. Cohen et al., arXiv:2103.00065, appendix B, for momentum; arXiv:2207.14484, section 2, for Adam

    >>> from descent import OptimizerSpec
    >>> stable_below(OptimizerSpec.parse("sgd:momentum=0.9"), np.array([0.1])).round(2).tolist()
    [38.0]
    """
    given: dict[str, Any] = dict(spec.options)
    momentum = float(given.get("momentum") or 0.0)
    decay = float(given.get("weight_decay", 0.01 if spec.name == "adamw" else 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        if given.get("maximize"):
            return np.full(len(rates), np.nan)
        if spec.name == "sgd":
            heavy = 2 * (1 + momentum) / (rates * (1 - float(given.get("dampening") or 0.0) * (momentum > 0)))
            ahead = 2 * (1 + momentum) / ((1 + 2 * momentum) * rates)
            return np.asarray((ahead if given.get("nesterov") else heavy) - decay)
        if spec.name in ("adam", "adamw") and (spec.name == "adamw" or not decay):
            first = _first(given.get("betas", (0.9, 0.999)))
            bound = 2 * (1 + first) / ((1 - first) * rates)
            return np.asarray(bound - decay)  # AdamW's decay pulls beside the preconditioned loss
        if spec.name == "rmsprop" and not decay and not given.get("centered"):
            return np.asarray(2 * (1 + momentum) / rates)
    return np.full(len(rates), np.nan)


def _first(betas: Any) -> float:
    return float(betas[0]) if isinstance(betas, tuple | list) else float(betas)


def preconditioner(optimizer: Optimizer, parameters: Iterable[torch.Tensor]) -> torch.Tensor | None:
    """Return what an optimizer divided its last step by, (P,); None where nothing is known of it.

    Of Adam and AdamW it has the corrections of both means, of ``amsgrad`` the largest.

    Args:
        optimizer: It has made a step.
        parameters: In the order that the result is lined up in.
    """
    import torch

    kind = type(optimizer).__name__.casefold()
    if kind not in PRECONDITIONED or not type(optimizer).__module__.startswith("torch.optim"):
        return None
    options = {id(each): group for group in optimizer.param_groups for each in group["params"]}
    parts = []
    for each in parameters:
        state, group = optimizer.state.get(each), options.get(id(each))
        if not state or group is None or each.is_complex():
            return None
        if kind == "rmsprop":
            parts.append(state["square_avg"].sqrt() + group["eps"])
            continue
        step = float(state["step"])
        first, second = (float(beta) for beta in group["betas"])
        squares = state["max_exp_avg_sq"] if group["amsgrad"] else state["exp_avg_sq"]
        root = (squares / (1 - second**step)).sqrt() + group["eps"]
        parts.append(root * (1 - first**step))
    return torch.cat([part.detach().reshape(-1) for part in parts])
