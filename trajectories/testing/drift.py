"""Every golden recording of a folder run again with the torch that is installed now, and what drifted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, NotPossibleError
from ...surfaces.reading import is_folder, is_there
from ...surfaces.text import shown_path
from ..experiments.rerun import UNASKED, again
from ..regression import golden
from ..regression.report import as_json as difference_json
from ..regression.report import headline
from ..regression.tolerances import DEFAULT, tolerance
from ..reports.text_table import aligned
from ..results.recording import load
from ..results.rerunnable import BARE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..experiments.budget import Budget
    from ..regression.tolerances import Tolerance
    from ..results.recording import Recording

_HEADINGS = ("recording", "runs", "state", "first difference")


@dataclass(frozen=True, slots=True)
class Drift:
    """What came of one golden recording."""

    path: Path
    check: golden.Check | None  # None where it was not run
    reason: str = ""  # why it was not
    excused: bool = False  # whether that is no fault: it holds no recipe

    @property
    def same(self) -> bool:
        """Whether nothing drifted, as far as could be told; a golden that was rewritten is as it is now."""
        if self.check is None:
            return self.excused
        return self.check.passed or self.check.written


def drift(
    folder: Path,
    *,
    preset: str = DEFAULT,
    regen: bool = False,
    budget: Budget = UNASKED,
    progress: Callable[[int, int], object] | None = None,
) -> tuple[Drift, ...]:
    """Run the recipe of every ``.npz`` file below a folder again, and compare.

    Args:
        folder: Where the golden recordings are.
        preset: The tolerance, one of `tolerances.PRESETS`.
        regen: Whether those that differ are written anew.
        budget: What each recipe may import, and what it may cost.
        progress: Called with how many are done and how many there are.

    Raises:
        NotPossibleError: There is no such folder, or no recording in it.
        DescentError: An unknown preset.
    """
    tolerance(preset)
    if not is_folder(folder):
        name = shown_path(folder)
        raise NotPossibleError(
            f"{name} is not a folder" if is_there(folder) else f"there is no folder {name}"
        )
    files = sorted(folder.rglob("*.npz"))
    if not files:
        raise NotPossibleError(f"there is no recording (.npz) in {folder}")
    found = []
    for number, path in enumerate(files, 1):
        found.append(_drift(path, preset, golden.REGEN if regen else golden.KEEP, budget))
        if progress is not None:
            progress(number, len(files))
    return tuple(found)


def _drift(path: Path, preset: str, regen: str, budget: Budget) -> Drift:
    def make(expected: Recording) -> Recording:
        return again(expected.recipe, budget=budget)

    def allowed(expected: Recording) -> Tolerance:
        return tolerance(preset, expected.recipe.dtype)

    try:
        check = golden.settle(path, make, allowed, regen)
    except DescentError as error:
        return Drift(path, None, str(error), excused=_bare(path))
    if check.difference is None:
        return Drift(path, None, check.message)
    return Drift(path, check)


def _bare(path: Path) -> bool:
    try:
        return load(path).recipe.target == BARE
    except DescentError:
        return False


def as_table(found: tuple[Drift, ...]) -> str:
    """Return a table of plain text, one line a recording, and what could not be run below it."""
    table = aligned(_HEADINGS, [_cells(each) for each in found], ("recording", "state", "first difference"))
    reasons = [f"{each.path}: {each.reason}" for each in found if each.reason]
    return "\n".join([table, *reasons])


def _cells(each: Drift) -> tuple[str, ...]:
    if each.check is None or each.check.difference is None:
        return str(each.path), "-", "not run", "-"
    difference = each.check.difference
    worst = difference.worst
    words = "-" if worst is None or worst.first is None else f"{worst.spec}: {headline(worst.first)}"
    state = f"{each.check.state}, rewritten" if each.check.written else each.check.state
    return str(each.path), str(len(difference.runs)), state, words


def as_json(found: tuple[Drift, ...]) -> dict[str, Any]:
    """Return the results as plain JSON values."""
    return {
        "same": all(each.same for each in found),
        "recordings": [
            {
                "file": str(each.path),
                "state": "not run" if each.check is None else each.check.state,
                "rewritten": each.check is not None and each.check.written,
                "reason": each.reason or None,
                "difference": None
                if each.check is None or each.check.difference is None
                else difference_json(each.check.difference),
            }
            for each in found
        ],
    }
