"""The names of checkpoints: which files of a folder are some, and in which order they were written."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from ..errors import DescentError, NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUFFIXES = (".pt", ".pth", ".ckpt", ".bin", ".tar", ".safetensors")
_WHOLE = ("model.safetensors", "pytorch_model.bin")  # the weights within a folder that is one checkpoint
# A word before a number says what it counts. Steps are finer, so that where both are there they count.
_WORDS = {
    "step": re.compile(r"(?<![a-z])(?:global_?)?(?:steps?|iter(?:ation)?s?)[ =_.-]*(\d+)"),
    "epoch": re.compile(r"(?<![a-z])(?:epochs?|ep)[ =_.-]*(\d+)"),
}


def in_folder(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder: files, or where there are none the folders that are one each.

    Raises:
        NotPossibleError: There are none.
    """
    inside = sorted(folder.iterdir())
    files = [each for each in inside if each.is_file() and each.suffix.casefold() in SUFFIXES]
    if not files:
        held = (each / name for each in inside if each.is_dir() for name in _WHOLE)
        every = [each for each in held if each.is_file()]
        files = [next(of) for _, of in groupby(every, lambda path: path.parent)]
    if not files:
        raise NotPossibleError(
            f"folder {folder} holds no checkpoints; allowed: files ending in {', '.join(SUFFIXES)}, "
            f"or folders with {' or '.join(_WHOLE)}"
        )
    return files


def shown(path: Path) -> str:
    """Return what to call a checkpoint: its file's name, or its folder's where that is the checkpoint.

    >>> from pathlib import Path
    >>> shown(Path("run/epoch_2.pt")), shown(Path("run/checkpoint-500/model.safetensors"))
    ('epoch_2.pt', 'checkpoint-500')
    """
    return path.parent.name if path.name in _WHOLE and path.parent.name else path.name


def numbers_in(names: Sequence[str]) -> tuple[list[int], str] | None:
    """Return the number of each name and what it counts: steps, epochs or checkpoints; None where none tells.

    >>> numbers_in(["epoch_10.pt", "epoch_2.pt"])
    ([10, 2], 'epoch')
    >>> numbers_in(["epoch=0-step=50.ckpt", "epoch=1-step=100.ckpt"])
    ([50, 100], 'step')
    >>> numbers_in(["net3_0.pth", "net3_5.pth"]), numbers_in(["best.pt", "last.pt"])
    (([0, 5], 'checkpoint'), None)
    """
    stems = [_stem(name) for name in names]
    for unit, pattern in _WORDS.items():
        found = [pattern.search(stem) for stem in stems]
        numbers = [int(each[1]) for each in found if each]
        if len(numbers) == len(names) == len(set(numbers)):
            return numbers, unit
    cut = [re.split(r"(\d+)", stem) for stem in stems]
    if len({tuple(parts[::2]) for parts in cut}) != 1:
        return None
    for place in range(1, len(cut[0]), 2):
        numbers = [int(parts[place]) for parts in cut]
        if len(set(numbers)) == len(names):
            return numbers, "checkpoint"
    return None


def alike(names: Sequence[str]) -> list[int]:
    """Return which names of a folder are those of one row of numbered checkpoints; all where none is.

    Others, such as best.pt and last.ckpt, are copies of one of these.

    Raises:
        DescentError: Two have one number.

    >>> alike(["best.pt", "epoch_1.pt", "epoch_10.pt"])
    [1, 2]
    """
    every = list(range(len(names)))
    if numbers_in(names) is not None:
        return every
    for pattern in _WORDS.values():
        found = {place: int(each[1]) for place in every if (each := pattern.search(_stem(names[place])))}
        if len(found) < 2:
            continue
        if numbers_in([names[place] for place in found]) is None:
            one, other = _twice(found)
            raise DescentError(
                f"checkpoints {names[one]} and {names[other]} have one number, {found[one]}; "
                "allowed: a list of those that are meant"
            )
        return list(found)
    kinds: dict[str, list[int]] = {}
    for place in every:
        kinds.setdefault(re.sub(r"\d+", "0", _stem(names[place])), []).append(place)
    most = max(kinds.values(), key=len)
    return most if len(most) > 1 and numbers_in([names[place] for place in most]) else every


def _stem(name: str) -> str:
    stem = name.casefold()
    while (cut := next((each for each in SUFFIXES if stem.endswith(each)), None)) is not None:
        stem = stem.removesuffix(cut)
    return stem


def _twice(numbers: dict[int, int]) -> tuple[int, int]:
    """Return two places that have one number."""
    first: dict[int, int] = {}
    for place, number in numbers.items():
        if number in first:
            return first[number], place
        first[number] = place
    places = list(numbers)  # each has its own, and yet they are not of one row
    return places[0], places[1]
