"""The rows of a run that only its checkpoints tell of, read one at a time and put in their order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, NotPossibleError
from ...surfaces.networks.checkpoint_names import alike, in_folder, numbers_in, shown
from ...surfaces.networks.checkpoints import fitted, read
from ...surfaces.networks.rows import Rows, nothing
from ...surfaces.networks.weights import flatten, load, trainable
from ...surfaces.reading import is_folder, is_there
from ...surfaces.text import shown_path, shown_value
from .film_notes import Note

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import nn

    from ...surfaces.networks.rows import Kept, Matrix, Store

    Sources = Iterable[Path | Mapping[str, Any]]

MOST_STEPS = 1_000_000  # a number beyond it, such as a date, is no step
WAYS = "a folder of checkpoints, a list of their files, or of state_dicts"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoints:
    """What was read, a row a checkpoint, in the order in which they were written."""

    names: tuple[str, ...]
    at: NDArray[np.int64]  # (K,), increasing
    unit: str  # what that counts
    weights: Matrix  # (K, P)
    rest: tuple[dict[str, torch.Tensor], ...]  # of each: buffers, and parameters that the model holds fixed
    told: NDArray[np.float64] | None  # (K,): the losses that were handed over
    notes: tuple[Note, ...]


def read_rows(
    module: nn.Module,
    checkpoints: Any,
    losses: Any,
    most: int,
    store: Store,
) -> Checkpoints:
    """Read checkpoints into a module, one at a time, and keep of each what the module has.

    Args:
        module: A copy of the model, on the CPU; it ends with what the last checkpoint holds.
        checkpoints: One of WAYS.
        losses: A number for each checkpoint as they are given, or None.
        most: How many are read at most, evenly chosen of more.
        store: Where the weights are kept.

    Raises:
        DescentError: There are fewer than two, one does not fit the module, two have one number.
        NotPossibleError: A file cannot be read.
    """
    sources, notes = _sources(checkpoints)
    names = [shown(each) if isinstance(each, Path) else "" for each in sources]
    told = _told(losses, len(sources))
    numbers, unit = (numbers_in(names) if all(names) else None) or (None, "")
    order = list(range(len(sources)))
    if numbers:
        order.sort(key=numbers.__getitem__)
    if len(order) > most:
        chosen = np.unique(np.linspace(0, len(order) - 1, most).round().astype(int))
        notes.append(
            Note(
                f"{len(chosen)} of {len(order)} checkpoints are read; the others are thinned out evenly",
                f"{len(chosen)} of {len(order)} checkpoints",
            )
        )
        order = [order[k] for k in chosen]
    rows: list[Kept] = []
    rest: list[dict[str, torch.Tensor]] = []
    own: list[dict[str, int]] = []
    called: list[str] = []
    for place in order:
        name, counts = _into(module, sources[place], names[place] or f"number {place}", notes)
        rows.append(store.keep(flatten(module)))
        rest.append(_rest(module, rest[-1] if rest else {}))
        own.append(counts)
        called.append(name)
    at, unit = _steps([numbers[place] for place in order] if numbers else None, unit, own, notes)
    again = np.argsort(at, kind="stable")
    if (np.diff(at[again]) == 0).any():
        twice = int(np.argmin(np.diff(at[again])))
        one, other = (called[k] for k in again[twice : twice + 2])
        raise DescentError(f"checkpoints {one} and {other} are both of {unit} {at[again[twice]]}")
    weights = Rows(store, [rows[k] for k in again], [(0, nothing(rows[0].count))])
    if again[-1] != len(again) - 1:  # the module ends with the last one
        module.load_state_dict(rest[again[-1]], strict=False)
        load(module, weights[-1])
    if unit == "checkpoint" and any(names) and not numbers:
        notes.append(
            Note("neither names nor checkpoints say numbers, so they count in the order of the files")
        )
    kept = None if told is None else told[np.array(order)[again]]
    return Checkpoints(
        tuple(called[k] for k in again),
        at[again],
        unit,
        weights,
        tuple(rest[k] for k in again),
        kept,
        tuple(notes),
    )


def changed(rows: Checkpoints, module: nn.Module) -> list[str]:
    """Return which buffers and fixed parameters differ between checkpoints, where that changes losses.

    The statistics of norm layers in training mode do not: their batch's are taken.
    """
    import torch
    from torch.nn.modules.batchnorm import _NormBase

    unused = tuple(
        f"{name}." if name else ""
        for name, each in module.named_modules()
        if isinstance(each, _NormBase) and each.training
    )
    first = rows.rest[0]
    return [
        name
        for name, value in first.items()
        if not (unused and name.startswith(unused))
        and not name.endswith("num_batches_tracked")
        and not all(each[name] is value or torch.equal(each[name], value) for each in rows.rest)
    ]


def _sources(checkpoints: Any) -> tuple[list[Path | Mapping[str, Any]], list[Note]]:
    notes: list[Note] = []
    sources: list[Path | Mapping[str, Any]] = []
    if isinstance(checkpoints, str | os.PathLike):
        folder = Path(checkpoints)
        if not is_there(folder):
            raise NotPossibleError(f"there is no folder {shown_path(folder)}")
        if not is_folder(folder):
            raise DescentError(
                f"{shown_path(folder)} is one checkpoint, and a path needs two; allowed: {WAYS}"
            )
        files = in_folder(folder)
        chosen = alike([shown(each) for each in files])
        if left := [shown(each) for k, each in enumerate(files) if k not in set(chosen)]:
            more = f" and {len(left) - 3} more" if len(left) > 3 else ""
            notes.append(Note(f"left out, because others are numbered: {', '.join(left[:3])}{more}"))
        sources.extend(files[k] for k in chosen)
    elif isinstance(checkpoints, Mapping) or not isinstance(checkpoints, Iterable):
        raise DescentError(f"a {type(checkpoints).__name__} is no row of checkpoints; allowed: {WAYS}")
    else:
        for each in checkpoints:
            if not isinstance(each, str | os.PathLike | Mapping):
                raise DescentError(f"a {type(each).__name__} is no checkpoint; allowed: {WAYS}")
            sources.append(each if isinstance(each, Mapping) else Path(each))
    if len(sources) < 2:
        raise DescentError(f"there is {len(sources)} checkpoint, and a path needs two; allowed: {WAYS}")
    return sources, notes


def _told(losses: Any, count: int) -> NDArray[np.float64] | None:
    if losses is None:
        return None
    try:
        told = np.array([float(each) for each in losses])
    except (TypeError, ValueError) as error:
        raise DescentError(f"losses are numbers, one for each checkpoint, not {losses!r}") from error
    if len(told) != count:
        raise DescentError(f"there are {len(told)} losses and {count} checkpoints; allowed: as many")
    return told


def _into(
    module: nn.Module, source: Path | Mapping[str, Any], name: str, notes: list[Note]
) -> tuple[str, dict[str, int]]:
    """Write a checkpoint into a module; return its name and numbers, and nothing that keeps it in memory."""
    checkpoint = read(source, name)
    tensors, beside = fitted(checkpoint, module)
    own = module.state_dict()
    fine = [each for path, each in tensors.items() if each.is_floating_point() and _finer(each, own[path])]
    if fine:
        into = str(next(module.parameters()).dtype).removeprefix("torch.")
        _once(notes, f"checkpoints hold {str(fine[0].dtype).removeprefix('torch.')}, and the model is {into}")
    if beside:
        few = ", ".join(map(shown_value, beside[:3])) + (
            f" and {len(beside) - 3} more" if len(beside) > 3 else ""
        )
        _once(notes, f"checkpoints hold more than the model, which is left out: {few}")
    module.load_state_dict(tensors, strict=False)
    return checkpoint.name, checkpoint.numbers


def _finer(theirs: torch.Tensor, own: torch.Tensor) -> bool:
    import torch

    return own.is_floating_point() and torch.finfo(theirs.dtype).eps < torch.finfo(own.dtype).eps


def _once(notes: list[Note], said: str) -> None:
    if not any(note.said == said for note in notes):
        notes.append(Note(said))


def _rest(module: nn.Module, before: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return what a module holds besides the weights of a path; what is as it was before is not copied."""
    import torch

    moved = trainable(module)
    held = {name: each.detach() for name, each in module.named_buffers()}
    held |= {name: each.detach() for name, each in module.named_parameters() if name not in moved}
    return {
        name: before[name] if name in before and torch.equal(before[name], each) else each.clone()
        for name, each in held.items()
    }


def _steps(
    numbers: list[int] | None, unit: str, own: list[dict[str, int]], notes: list[Note]
) -> tuple[NDArray[np.int64], str]:
    """Return the number of each checkpoint and what it counts: by name, by its own word, or by order."""
    if unit in ("", "checkpoint"):
        for word in ("step", "epoch"):
            said = [each.get(word) for each in own]
            known = [each for each in said if each is not None]
            if len(known) == len(own) == len(set(known)):
                numbers, unit = known, word
                break
    if numbers is None:
        return np.arange(len(own)), "checkpoint"
    if max(numbers) > MOST_STEPS:
        notes.append(
            Note(f"numbers go up to {max(numbers):,}, so the checkpoints are counted in their order")
        )
        order = np.argsort(np.argsort(numbers))
        return order.astype(np.int64), "checkpoint"
    return np.array(numbers, dtype=np.int64), unit
