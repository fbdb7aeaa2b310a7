"""Data that are named by text for a training that is over: read as they are, nothing is scaled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import DescentError
from ..imports import flat, imported, is_dotted
from .files import read_npz
from .tables import is_table, read_table

WAYS = "FILE.npz with arrays X and y, FILE.csv:target=COLUMN, package.module:function"


def as_given(text: str) -> Any:
    """Return the data that a text names: X and y of a file, or what a function makes or a module holds.

    Raises:
        DescentError: It names none of WAYS, or the function fails.
        NotPossibleError: A file is missing or damaged.
    """
    text = text.strip()
    if text.casefold().endswith(".npz"):
        samples = read_npz(Path(text))
        return samples.x, samples.y
    if is_table(text):
        samples = read_table(text)
        return samples.x, samples.y
    module, colon, attribute = (part.strip() for part in text.partition(":"))
    if not (colon and module and is_dotted(attribute)):
        raise DescentError(f"data {text!r} is not what a training of one's own learned from; allowed: {WAYS}")
    found = imported(module, attribute, "data", WAYS)
    if not callable(found) or hasattr(found, "__getitem__"):
        return found
    try:
        return found()
    except Exception as error:  # a user's own function may raise anything
        raise DescentError(
            f"data {text!r}: the function failed with {type(error).__name__}: {flat(error)}; "
            "it is called without arguments"
        ) from error
