"""Recordings run again by another Python, with the torch that is installed there."""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...surfaces.errors import NotPossibleError
from ..descent.machine import versions
from ..results.recording import load
from . import child

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..results.recording import Recording
    from .budget import Budget

_PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another Python made of some recordings; the files are there as long as `run_elsewhere` lasts."""

    versions: tuple[tuple[str, str], ...]  # package -> version there
    capability: str  # which instructions of the processor torch used there
    files: dict[Path, Path]  # a recording to what its recipe made there
    reasons: dict[Path, str]  # why one was not run

    def found(self, path: Path) -> Recording:
        """Return what was made of a recording.

        Raises:
            NotPossibleError: It was not run; the text says why.
        """
        if path in self.reasons:
            raise NotPossibleError(self.reasons[path])
        made = load(self.files[path])
        own = dict(versions())["descent-viz"]  # this package runs there, which may not be installed there
        of_it = tuple((name, own if name == "descent-viz" else each) for name, each in made.recipe.versions)
        return replace(made, recipe=replace(made.recipe, versions=of_it))


@contextmanager
def run_elsewhere(python: str, paths: Sequence[Path], budget: Budget) -> Iterator[Elsewhere]:
    """Run the recipes of recordings by another Python; see `child`.

    Args:
        python: The interpreter, such as ``other/bin/python``, with torch and NumPy, and no need of descent.
        paths: The recordings.
        budget: What each recipe may import there, and what it may cost.

    Raises:
        NotPossibleError: It is no Python, or lacks something.
    """
    with tempfile.TemporaryDirectory(prefix="descent-") as folder:
        request = Path(folder) / "request.json"
        files = {path: Path(folder) / f"{number}.npz" for number, path in enumerate(paths)}
        asked = {
            "recordings": [[str(path.resolve()), str(found)] for path, found in files.items()],
            "budget": {
                "imports": budget.imports,
                "memory": budget.memory,
                "seconds": budget.seconds if math.isfinite(budget.seconds) else 1e300,
            },
        }
        request.write_text(json.dumps(asked), encoding="utf-8")
        command = [python, str(child.__file__), str(_PACKAGE), str(request)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise NotPossibleError(f"{python} cannot be run as a Python: {reason}") from error
        answer = request.with_suffix(".answer")
        if done.returncode or not answer.is_file():
            lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
            raise NotPossibleError(f"{python} cannot run the recordings: {lines[-1]}")
        said = json.loads(answer.read_text(encoding="utf-8"))
        by_name = {str(path.resolve()): path for path in paths}
        yield Elsewhere(
            tuple((name, version) for name, version in said["versions"]),
            said["capability"],
            files,
            {by_name[name]: words for name, words in said["reasons"].items()},
        )
