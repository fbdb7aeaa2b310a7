"""Wishes that change nothing in the files that are to be written, said in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..viz.files.formats import FORMATS
from ..viz.files.numbered import Numbered, destination
from ..viz.scenes.wishes import WISHES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def idle(names: Collection[str], outs: Sequence[str], *, strip: bool = False) -> list[str]:
    """Return a sentence about wishes that change nothing; none where all do.

    Args:
        names: The wishes that somebody named, as in `wishes.WISHES`.
        outs: The files to write.
        strip: Whether the picture is a strip, which never moves.

    >>> idle(["fps"], ["a.png"]), idle(["fps"], ["a.png", "a.gif"]), idle(["theme", "size"], [])
    (['--fps changes animations only, and a.png is none'], [], ['--theme and --size change nothing: \
no picture is written; name one with --out'])
    """
    if not names:
        return []
    if not outs:
        return [f"{_change(names)} nothing: no picture is written; name one with --out"]
    suffixes = {
        "frames/" if isinstance(destination(out), Numbered) else Path(out).suffix.casefold() for out in outs
    }
    sentences = [
        f"{_change([name])} {', '.join(only)} only, not {outs[0]}"
        for name in names
        if (only := WISHES[name].suffixes) and not suffixes & set(only)
    ]
    timed = [name for name, wish in WISHES.items() if wish.timed and name in names]
    if not timed or any(map(moves, outs)):
        return sentences
    none = "a strip" if strip else outs[0]
    return [*sentences, f"{_change(timed)} animations only, and {none} is none"]


def moves(out: str) -> bool:
    """Say whether a file shows more than the last frame; numbered frames have times of their own.

    >>> moves("a.gif"), moves("a.PNG"), moves("frames/")
    (True, False, True)
    """
    where = destination(out)
    return isinstance(where, Numbered) or FORMATS[where.suffix.casefold()].moves


def _change(names: Collection[str]) -> str:
    flags = [WISHES[name].flag.rpartition("/")[2] for name in WISHES if name in names]
    some = " and ".join(filter(None, [", ".join(flags[:-1]), flags[-1]]))
    return f"{some} {'change' if len(flags) > 1 else 'changes'}"
