"""Copies of somebody's module that can be evaluated at will, and what is inside a wrapper."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

_HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_pre_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_state_dict_hooks",
    "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)
# Where wrappers keep the module that they wrap: torch.compile, Fabric, and those that share work.
_INSIDE = ("_orig_mod", "_original_module", "_forward_module")


def unwrapped(module: nn.Module) -> nn.Module:
    """Return the module inside what torch.compile, Fabric, DataParallel and the like put around it."""
    from torch import nn

    while True:
        inner = next((found for name in _INSIDE if (found := getattr(module, name, None)) is not None), None)
        if inner is None and type(module).__name__ in ("DataParallel", "DistributedDataParallel"):
            inner = module.module
        if not isinstance(inner, nn.Module) or inner is module:
            return module
        module = inner


def copied(module: nn.Module) -> tuple[nn.Module, int]:
    """Return a copy of a module without hooks of its user's, and how many of those act in its forward pass.

    Hooks that torch itself put there, as for weight norm, are part of what the module computes and stay.
    What the module keeps of a graph, such as an activation, is copied as plain numbers.
    """
    import torch

    memo: dict[int, Any] = {}
    left_out = 0
    for each in module.modules():
        held = vars(each)
        for name in _HOOKS:
            hooks = held.get(name)
            if hooks:
                kept = OrderedDict((key, hook) for key, hook in hooks.items() if _torchs(hook))
                left_out += (len(hooks) - len(kept)) * (name in _HOOKS[:2])
                memo[id(hooks)] = copy.deepcopy(kept)
        for tensor in _tensors(held):
            if isinstance(tensor, torch.Tensor) and tensor.grad_fn is not None:
                memo[id(tensor)] = tensor.detach().clone()
    return copy.deepcopy(module, memo), left_out


def _torchs(hook: Any) -> bool:
    made = getattr(hook, "__module__", None) or type(hook).__module__
    return made.split(".")[0] == "torch" or type(hook).__module__.split(".")[0] == "torch"


def _tensors(held: Any, depth: int = 0) -> list[Any]:
    """Return the tensors in a module's own attributes, in lists and dictionaries too."""
    import torch

    if isinstance(held, torch.Tensor):
        return [held]
    if depth > 3 or not isinstance(held, dict | list | tuple):
        return []
    parts = held.values() if isinstance(held, dict) else held
    return [tensor for part in parts for tensor in _tensors(part, depth + 1)]
