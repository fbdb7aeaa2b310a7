"""Of which optimizers a page shows the rule with the numbers of a step, and with which options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...trajectories.specs.optimizer_spec import OptimizerSpec

# The options that a page's rule has, and torch's own defaults of them. What else a class takes says how it is
# computed, or must have the value that stands in _FIXED.
DEFAULTS: dict[str, dict[str, Any]] = {
    "sgd": {"momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False},
    "adam": {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False},
    "adamw": {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 1e-2, "amsgrad": False},
    "rmsprop": {"alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0, "centered": False},
    "adagrad": {"lr_decay": 0.0, "weight_decay": 0.0, "initial_accumulator_value": 0.0, "eps": 1e-10},
}
_HOW = frozenset({"foreach", "fused", "capturable", "differentiable"})  # change no rule
_FIXED: dict[str, Any] = {"maximize": False, "decoupled_weight_decay": False}


def rule_of(spec: OptimizerSpec) -> tuple[dict[str, Any] | None, str]:
    """Return the rule's name and options as plain JSON values, or None and why there is none.

    >>> from descent import OptimizerSpec
    >>> rule_of(OptimizerSpec.parse("sgd:momentum=0.9"))[0]["options"]["momentum"]
    0.9
    >>> rule_of(OptimizerSpec.parse("nadam"))
    (None, 'this page has no formula for NAdam')
    >>> rule_of(OptimizerSpec.parse("sgd@cosine"))
    (None, 'this page has no formula for a schedule')
    """
    if spec.name not in DEFAULTS or spec.factory is not None:
        return None, f"this page has no formula for {spec.title}"
    if spec.schedules:
        return None, "this page has no formula for a schedule"
    if spec.accumulate != 1 or not spec.zero_grad or spec.clip is not None:
        return None, "this page has no formula for gradients that are added up, kept or clipped"
    options = dict(DEFAULTS[spec.name])
    for name, value in spec.options:
        if name in _FIXED and value == _FIXED[name]:
            continue
        if name == "lr" or name in _HOW:
            continue
        if name not in options:
            return None, f"this page has no formula for {spec.title} with {name}"
        options[name] = value
    return {"name": spec.name, "options": options}, ""
