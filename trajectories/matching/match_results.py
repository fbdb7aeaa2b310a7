"""What came of running an optimizer against a reference, and the report about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..regression.report import headline, values, verdict
from .cells import Cell, in_common

if TYPE_CHECKING:
    from ..regression.difference import RunDifference


@dataclass(frozen=True, slots=True)
class CellResult:
    """What came of one cell of the table."""

    cell: Cell
    difference: RunDifference | None  # None where it did not run
    error: str = ""  # why it did not run; empty where it did
    # Whether that is no fault: the reference does not run there, or the path is not for this precision.
    skipped: bool = False
    where: str = ""  # which parameter differs first, and where in it; empty on a surface

    @property
    def matches(self) -> bool:
        """Whether the cell holds nothing against the optimizer."""
        return self.skipped or (self.difference is not None and self.difference.same)

    @property
    def words(self) -> str:
        """What is wrong, in one line: the first step that differs, what differs, and both values."""
        if self.difference is None or self.difference.first is None:
            return self.error
        first = self.difference.first
        where = f", in {self.where}" if self.where else ""
        return (
            f"differs {headline(first)}{where}; expected {values(first.expected)}, "
            f"found {values(first.found)}"
        )


@dataclass(frozen=True, slots=True)
class Match:
    """What came of the whole table."""

    optimizer: str
    reference: str
    results: tuple[CellResult, ...]
    tolerance: str
    found: tuple[str, ...] = ()  # what was found out about options, such as one that changes nothing
    notes: tuple[str, ...] = ()  # what was not compared, and why

    @property
    def matches(self) -> bool:
        """Whether every cell matches."""
        return all(result.matches for result in self.results)

    def __str__(self) -> str:
        failing = [result for result in self.results if not result.matches]
        ran = [result for result in self.results if not result.skipped]
        skipped = [result for result in self.results if result.skipped]
        if failing:
            head = f"does not match {self.reference} in {len(failing)} of {len(ran)} cells"
        else:
            head = f"matches {self.reference} in all {len(ran)} cells"
        lines = [f"{self.optimizer} {head}, tolerance {self.tolerance}"]
        if failing and (common := in_common([each.cell for each in failing], [each.cell for each in ran])):
            lines.append(f"only with {', '.join(common)}")
        lines += self.found
        said = ""
        for result in failing:
            lines.append(f"  {result.cell}: {result.words}")
            difference = result.difference
            if difference is None or difference.first is None:
                continue
            if (words := verdict(difference)) != said:
                lines.append(f"    {words}")
                said = words
        reasons = dict.fromkeys(result.error for result in skipped)
        lines += [f"skipped {sum(each.error == why for each in skipped)}: {why}" for why in reasons]
        return "\n".join([*lines, *self.notes])
