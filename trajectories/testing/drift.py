"""Every golden recording of a folder run again with the torch that is installed now, or elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, NotPossibleError
from ...surfaces.reading import is_folder, is_there
from ...surfaces.text import shown_path
from ..experiments.elsewhere import run_elsewhere
from ..experiments.rerun import UNASKED, again
from ..regression import golden
from ..regression.by_optimizer import HEADINGS, OptimizerDrift, by_optimizer, cells
from ..regression.by_optimizer import as_json as optimizer_json
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
    from ..experiments.elsewhere import Elsewhere
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


@dataclass(frozen=True, slots=True)
class Against:
    """What came of all golden recordings of a folder in another Python."""

    found: tuple[Drift, ...]
    made: tuple[str, ...]  # the versions of torch that made the goldens
    versions: tuple[tuple[str, str], ...]  # package -> version there
    capability: str  # which instructions of the processor torch used there

    @property
    def same(self) -> bool:
        """Whether nothing drifted."""
        return all(each.same for each in self.found)

    @property
    def absent(self) -> tuple[str, ...]:
        """The optimizers, with schedules, that the torch there does not have."""
        differences = (each.check.difference for each in self.found if each.check is not None)
        return tuple(dict.fromkeys(spec for each in differences if each is not None for spec in each.missing))

    @property
    def optimizers(self) -> tuple[OptimizerDrift, ...]:
        """What came of each optimizer."""
        return by_optimizer(
            (each.path.stem, run)
            for each in self.found
            if each.check is not None and each.check.difference is not None
            for run in each.check.difference.runs
        )


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
    files = _goldens(folder, preset)
    found = []
    for number, path in enumerate(files, 1):

        def make(expected: Recording) -> Recording:
            return again(expected.recipe, budget=budget)

        found.append(_drift(path, preset, golden.REGEN if regen else golden.KEEP, make))
        if progress is not None:
            progress(number, len(files))
    return tuple(found)


def against(folder: Path, python: str, *, preset: str = DEFAULT, budget: Budget = UNASKED) -> Against:
    """Run the recipe of every ``.npz`` file below a folder by another Python, and compare.

    Args:
        folder: Where the golden recordings are.
        python: The interpreter, with torch and NumPy.
        preset: The tolerance, one of `tolerances.PRESETS`.
        budget: What each recipe may import there, and what it may cost.

    Raises:
        NotPossibleError: There is no such folder, no recording in it, or it is no Python with torch.
        DescentError: An unknown preset.
    """
    files = _goldens(folder, preset)
    with run_elsewhere(python, files, budget) as there:
        found = tuple(_drift(path, preset, golden.KEEP, _copied(there, path)) for path in files)
    made = sorted(filter(None, {_torch_of(each) for each in found}))
    return Against(found, tuple(made), there.versions, there.capability)


def _copied(there: Elsewhere, path: Path) -> Callable[[Recording], Recording]:
    return lambda _: there.found(path)


def _torch_of(each: Drift) -> str | None:
    if each.check is None or each.check.expected is None:
        return None
    return dict(each.check.expected.recipe.versions).get("torch")


def _goldens(folder: Path, preset: str) -> list[Path]:
    tolerance(preset)
    if not is_folder(folder):
        name = shown_path(folder)
        raise NotPossibleError(
            f"{name} is not a folder" if is_there(folder) else f"there is no folder {name}"
        )
    files = sorted(folder.rglob("*.npz"))
    if not files:
        raise NotPossibleError(f"there is no recording (.npz) in {folder}")
    return files


def _drift(path: Path, preset: str, regen: str, make: Callable[[Recording], Recording]) -> Drift:
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


def as_table(found: tuple[Drift, ...] | Against) -> str:
    """Return a table of plain text, one line a recording, and what could not be run below it.

    Of another Python a line an optimizer, and above it what ran where.
    """
    if isinstance(found, Against):
        table = aligned(HEADINGS, [cells(each) for each in found.optimizers], {HEADINGS[0], HEADINGS[-1]})
        reasons = [f"{each.path}: {each.reason}" for each in found.found if each.reason]
        absent = [f"not in the torch there: {spec}" for spec in found.absent]
        return "\n".join([_ran(found), table, *absent, *reasons])
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


def _ran(found: Against) -> str:
    there = dict(found.versions)
    return (
        f"goldens: made with torch {', '.join(found.made) or 'unknown'}; run again with torch "
        f"{there['torch']}, NumPy {there['numpy']}, Python {there['python']}, instructions {found.capability}"
    )


def as_json(found: tuple[Drift, ...] | Against) -> dict[str, Any]:
    """Return the results as plain JSON values."""
    if isinstance(found, Against):
        return as_json(found.found) | {
            "made_with_torch": list(found.made),
            "versions": dict(found.versions),
            "capability": found.capability,
            "absent": list(found.absent),
            "optimizers": [optimizer_json(each) for each in found.optimizers],
        }
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
