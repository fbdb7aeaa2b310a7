"""Tables: .csv files with a row of headings, a column to predict, and others to predict it from."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DescentError, NotPossibleError, unknown
from ..options import parse_named
from .samples import Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TABLE = re.compile(r"(.*\.csv)(:.*)?", re.IGNORECASE | re.DOTALL)  # the path, and options
TASKS = ("classes", "numbers")
MOST = 200_000_000  # bytes of a file that is read


def is_table(text: str) -> bool:
    """Whether a text names a table, with options or without.

    >>> is_table("houses.csv:target=price"), is_table("houses.csv"), is_table("moons")
    (True, True, False)
    """
    return _TABLE.fullmatch(text) is not None


def read_table(text: str) -> Samples:
    """Return the samples of a .csv file.

    A column of numbers is an input. The target is a number where one of its values has a point or an
    exponent, or where whole ones are not 0 to K - 1; else it is a class, as texts always are, in the order of
    the alphabet.

    Args:
        text: The path, and after a colon options: ``target=COLUMN``, the last column when not given;
            ``task=classes`` or ``task=numbers``, what the target is; ``drop=COLUMN/COLUMN``, what is left
            out.

    Raises:
        DescentError: An option or a column is not one of these, or a column that is an input has a value
            that is no number.
        NotPossibleError: The file is not there, or is no table.
    """
    found = _TABLE.fullmatch(text)
    if found is None:
        raise DescentError(f"{text!r} is no table; allowed: FILE.csv, FILE.csv:target=COLUMN")
    path, options = Path(found[1]), dict(parse_named(f"table{found[2] or ''}", "table")[1])
    for key in options:
        if key not in ("target", "task", "drop"):
            raise unknown(f"option of table {str(path)!r}", key, ("target", "task", "drop"))
    columns = _columns(path)
    target = str(options.get("target", next(reversed(columns))))
    left = options.get("drop", ())
    dropped = [str(each) for each in (left if isinstance(left, tuple) else (left,))]
    for each in (target, *dropped):
        if each not in columns:
            raise unknown(f"column of {str(path)!r}", each, list(columns))
    task = str(options.get("task", ""))
    if task and task not in TASKS:
        raise unknown(f"task of table {str(path)!r}", task, TASKS)
    inputs = [name for name in columns if name != target and name not in dropped]
    if not inputs:
        raise DescentError(f"the table {str(path)!r} has no column besides the target {target!r}")
    x = np.column_stack([_numbers(path, name, columns[name]) for name in inputs])
    y = _target(path, target, columns[target], task)
    axes = tuple(inputs) if len(inputs) <= 2 else ()
    return Samples(text, x, y, axes)


def _columns(path: Path) -> dict[str, list[str]]:
    try:
        if path.stat().st_size > MOST:
            raise NotPossibleError(f"the file {str(path)!r} has more than {MOST:,} bytes")
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except FileNotFoundError as error:
        raise NotPossibleError(f"there is no file {str(path)!r}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NotPossibleError(f"the file {str(path)!r} cannot be read as .csv: {error}") from error
    if len(rows) < 2:
        raise NotPossibleError(f"the table {str(path)!r} has no rows below its headings")
    names = [name.strip() for name in rows[0]]
    if len(set(names)) != len(names) or not all(names):
        raise NotPossibleError(f"the headings of {str(path)!r} are not different names: {', '.join(names)}")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(names):
            raise NotPossibleError(
                f"row {number} of {str(path)!r} has {len(row)} values, and there are {len(names)} headings"
            )
    return {name: [row[place].strip() for row in rows[1:]] for place, name in enumerate(names)}


def _number(text: str) -> float:
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return math.nan


def _numbers(path: Path, name: str, values: list[str]) -> NDArray[np.float64]:
    found = np.array([_number(value) for value in values])
    if not np.isfinite(found).all():
        row = int(np.argmin(np.isfinite(found)))
        raise DescentError(
            f"the column {name!r} of {str(path)!r} holds {values[row]!r} in row {row + 2}, which is no "
            f"number; leave it out with drop={name}, or make it the target"
        )
    return found


def _target(path: Path, name: str, values: list[str], task: str) -> NDArray[Any]:
    numbers = np.array([_number(value) for value in values])
    if task == "numbers":
        return _numbers(path, name, values)
    if task == "classes" or not np.isfinite(numbers).all():
        if "" in values:
            raise DescentError(f"the target {name!r} of {str(path)!r} is empty in row {values.index('') + 2}")
        order = {value: place for place, value in enumerate(sorted(set(values)))}
        if np.isfinite(numbers).all():  # so that 10 comes behind 9
            order = {value: place for place, value in enumerate(sorted(set(values), key=float))}
        return np.array([order[value] for value in values])
    whole = all(value.lstrip("+-").isdigit() for value in values)
    labels = np.unique(numbers)
    if whole and np.array_equal(labels, np.arange(len(labels))):
        return numbers.astype(np.int64)
    return numbers
