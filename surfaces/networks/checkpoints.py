"""Checkpoints as training programs write them: read as plain data, and held against a module."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..errors import DescentError, NotPossibleError, closest
from ..imports import flat, member
from ..reading import is_file
from ..text import shown_path, shown_value
from .checkpoint_names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import torch
    from torch import nn

HOLDERS = ("model_state_dict", "state_dict", "model", "module", "net", "network")  # where dicts hold one
NUMBERS = {"global_step": "step", "epoch": "epoch"}  # what a checkpoint says of itself -> what that counts
_PREFIXES = ("module.", "_orig_mod.", "_forward_module.", "_original_module.", "model.")
_INSERTED = ("_orig_mod.", "_forward_module.", "_original_module.")  # by what wraps a part of a module
_DEEP = 4  # prefixes at most, one before the other


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """What one checkpoint holds of a module, and its own numbers."""

    name: str  # what sentences call it
    tensors: dict[str, torch.Tensor]  # by the paths that it has for them
    numbers: dict[str, int]  # what it counts, a value of NUMBERS -> how far that is


def read(source: Path | Mapping[str, Any], name: str = "") -> Checkpoint:
    """Read a checkpoint from a file, without running anything that is in it, or from a dict.

    Args:
        source: A file of torch.save or of safetensors; or a state_dict, or a dict that holds one under one of
            HOLDERS.
        name: What to call a dict.

    Raises:
        DescentError: There is no state_dict in it.
        NotPossibleError: The file cannot be read, or needs a package that is not there.
    """
    if isinstance(source, Mapping):
        found, name = source, name or "the state_dict"
    else:
        found, name = _from_file(source), shown(source)
    if not isinstance(found, Mapping):
        raise DescentError(
            f"checkpoint {name} is a {type(found).__name__} and no state_dict; "
            "allowed: what torch.save(model.state_dict(), ...) writes, or a dict that holds that"
        )
    numbers = {unit: int(found[key]) for key, unit in NUMBERS.items() if _is_count(found.get(key))}
    return Checkpoint(name, _state_dict(found, name), numbers)


def fitted(checkpoint: Checkpoint, module: nn.Module) -> tuple[dict[str, torch.Tensor], tuple[str, ...]]:
    """Return the tensors of a checkpoint by the module's own paths, and the paths that are none of its.

    Prefixes that wrappers put before paths are taken off. What lies beside the module, such as a loss with
    weights of its own, is left out; what lies inside and is not the module's is an error.

    Raises:
        DescentError: It does not fit; the sentence names the first path or shape that differs.
    """
    import torch

    own_paths = module.state_dict().items()  # with extra state, which is no number
    wanted = {_bare(path): (path, each) for path, each in own_paths if isinstance(each, torch.Tensor)}
    prefix = _prefix(checkpoint, set(wanted))
    inside = {
        _bare(path.removeprefix(prefix)): each
        for path, each in checkpoint.tensors.items()
        if path.startswith(prefix)
    }
    beside = tuple(path for path in checkpoint.tensors if not path.startswith(prefix))
    where = f"checkpoint {checkpoint.name} does not fit {type(module).__name__}"
    found = {}
    for path, (own, each) in wanted.items():
        if path not in inside:
            near = closest(path, inside)
            raise DescentError(f"{where}: it has no {own!r}" + (f", but {shown_value(near)}" if near else ""))
        value = inside[path]
        if value.shape != each.shape:
            raise DescentError(
                f"{where}: {own!r} has the shape {tuple(value.shape)} there and {tuple(each.shape)} in the "
                "model"
            )
        found[own] = value
    if more := next((path for path in inside if path not in wanted), None):
        raise DescentError(f"{where}: it has {shown_value(more)}, which the model has not")
    return found, beside


def _from_file(path: Path) -> Any:
    import torch

    name = shown(path)
    if not is_file(path):
        raise NotPossibleError(f"there is no checkpoint {shown_path(path)}")
    if path.suffix.casefold() == ".safetensors":
        if find_spec("safetensors") is None:
            raise NotPossibleError(
                f"checkpoint {name} needs the package safetensors: pip install safetensors"
            )
        load, options = member("safetensors.torch", "load_file", f"checkpoint {name}"), {}
    else:
        # Mapped, what is not asked for, such as the state of an optimizer, never comes into memory.
        load, options = torch.load, {"map_location": "cpu", "weights_only": True, "mmap": _is_zip(path)}
    try:
        with _plain_values():
            return load(path, **options)
    except Exception as error:  # whatever a damaged or foreign file makes of it
        said = flat(error)
        if "Weights only load failed" in str(error):
            what = said.partition("GLOBAL ")[2].partition(" was not")[0]
            holds = f"objects of Python, such as {what}" if what else "objects of Python"
            raise NotPossibleError(
                f"checkpoint {name} holds {holds}, which reading it would have to run; "
                "allowed: tensors, numbers and texts, as torch.save(model.state_dict(), ...) writes them"
            ) from error
        raise NotPossibleError(
            f"checkpoint {name} cannot be read: {type(error).__name__}: {said[:200]}".removesuffix(": ")
        ) from error


@contextlib.contextmanager
def _plain_values() -> Iterator[None]:
    """Let numbers of NumPy and options of a command line be read, which many programs keep beside weights."""
    import argparse

    import numpy as np
    import torch

    scalar: Any = np.float64(0).__reduce__()[0]
    kinds = [type(np.dtype(kind)) for kind in ("f8", "f4", "f2", "i8", "i4", "i2", "u8", "u4", "u1", "?")]
    with torch.serialization.safe_globals([scalar, np.dtype, *kinds, argparse.Namespace]):
        yield


def _is_zip(path: Path) -> bool:
    import zipfile

    return zipfile.is_zipfile(path)


def _state_dict(found: Mapping[str, Any], name: str) -> dict[str, torch.Tensor]:
    if (tensors := _tensors(found)) is not None:
        return tensors
    for key in HOLDERS:
        held = found.get(key)
        if isinstance(held, Mapping) and (tensors := _tensors(held)) is not None:
            return tensors
    keys = ", ".join(map(shown_value, list(found)[:6])) or "nothing"
    raise DescentError(
        f"checkpoint {name} holds no state_dict, but {keys}; allowed: a state_dict, or one under "
        f"{', '.join(HOLDERS)}"
    )


def _tensors(found: Mapping[str, Any]) -> dict[str, torch.Tensor] | None:
    """Return a state_dict's tensors; None where it is none. A module's extra state is no number of it."""
    import torch

    own = {key: each for key, each in found.items() if not str(key).endswith("_extra_state")}
    if not own or not all(isinstance(each, torch.Tensor) for each in own.values()):
        return None
    return {str(key): each.detach() for key, each in own.items()}


def _is_count(value: Any) -> bool:
    import torch

    if isinstance(value, torch.Tensor) and value.numel() != 1:
        return False
    try:
        return not isinstance(value, bool) and int(value) == value >= 0
    except (TypeError, ValueError, OverflowError):
        return False


def _bare(path: str) -> str:
    for each in _INSERTED:
        path = path.replace(each, "")
    return path


def _prefix(checkpoint: Checkpoint, wanted: set[str]) -> str:
    """Return what stands before the module's own paths: put there by wrappers, or by what holds the module.

    Raises:
        DescentError: The module is there several times, under names that tell nothing.
    """
    paths = list(checkpoint.tensors)
    candidates, last = [""], [""]
    for _ in range(_DEEP):
        longer = [before + each for before in last for each in _PREFIXES]
        last = [each for each in longer if any(path.startswith(each) for path in paths)]
        candidates += last

    def fits(prefix: str) -> int:
        return sum(_bare(path.removeprefix(prefix)) in wanted for path in paths if path.startswith(prefix))

    best = max(candidates, key=fits)  # the first of equals, which is the shortest
    one = next(iter(wanted))
    within = dict.fromkeys(path.removesuffix(one) for path in paths if path.endswith(f".{one}"))
    others = [each for each in within if fits(each) == len(wanted)]
    if fits(best) == len(wanted) or not others:
        return best
    if len(others) > 1:
        raise DescentError(
            f"checkpoint {checkpoint.name} holds the model more than once, under "
            f"{' and '.join(map(shown_value, others[:3]))}; allowed: state_dicts of the one that is meant"
        )
    return others[0]
