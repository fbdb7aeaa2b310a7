"""Golden recordings: what a descent is to be, in a small file beside the test that checks it."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError, NotPossibleError
from ...surfaces.field import Field
from ..results.header import VERSION
from ..results.recipe import Recipe
from ..results.recording import Recording, load
from ..results.rerunnable import BARE
from ..results.trajectory import Trajectory
from .difference import Difference, compare
from .tolerances import DEFAULT, tolerance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .tolerances import Tolerance

# What came of a check.
SAME = "same"
DIFFERS = "differs"
MISSING = "missing"
BROKEN = "broken"
NEWER = "newer"
STATES = (SAME, DIFFERS, MISSING, BROKEN, NEWER)

# What may be written: nothing but a golden that is not there, those that differ too, or all.
KEEP = "keep"
REGEN = "regen"
REGEN_ALL = "regen-all"

_GRID = 33  # heights along each side that a golden keeps: enough to recognize, 9 kB
_SAFE = re.compile(r"[^A-Za-z0-9._=+,-]+")
_LONGEST = 100  # characters of a file's name


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """What came of checking a recording against its golden."""

    path: Path
    state: str  # one of STATES, as found
    written: bool  # whether the golden is now what was found
    message: str  # what to tell whoever runs the test; empty when all is the same
    expected: Recording | None = None  # where the golden could be read
    found: Recording | None = None  # with all its heights, for the picture
    difference: Difference | None = None

    @property
    def passed(self) -> bool:
        """Whether the recording is as it was to be."""
        return self.state == SAME


def file_name(test: str, parameters: str = "", name: str = "") -> str:
    """Return a golden's file name: the test's, what is in its brackets, and the check's own name.

    Names that file systems cannot hold, or that some would take for another, get a mark of their own.

    >>> file_name("TestAdam.test_path", "beale-0.1"), file_name("test_path", "a/b")
    ('TestAdam.test_path-beale-0.1.npz', 'test_path-a-b-88160337.npz')
    """
    given = "-".join(filter(None, (test, parameters, name)))
    safe = _SAFE.sub("-", given).strip("-.") or "golden"
    extra = parameters + name
    if safe != given or extra != extra.casefold() or len(safe) > _LONGEST or (parameters and name):
        mark = hashlib.sha256(f"{test}\0{parameters}\0{name}".encode()).hexdigest()[:8]
        safe = f"{safe[:_LONGEST].rstrip('-.')}-{mark}"
    return f"{safe}.npz"


def as_recording(subject: Recording | Trajectory) -> Recording:
    """Return a recording as it is, and a trajectory in a recording without a landscape.

    Raises:
        DescentError: It is neither.
    """
    if isinstance(subject, Recording):
        return subject
    if not isinstance(subject, Trajectory):
        raise DescentError(f"a Recording or a Trajectory can be checked, not a {type(subject).__name__}")
    if subject.kept is not None:
        raise DescentError("a trajectory that keeps some steps only is checked in its recording, not alone")
    finite = subject.points[np.isfinite(subject.points).all(axis=1)]
    finite = finite if len(finite) else np.zeros((1, 2))
    (x0, y0), (x1, y1) = finite.min(axis=0).tolist(), finite.max(axis=0).tolist()
    pad = 0.1 * max(x1 - x0, y1 - y0) or 1.0
    view = ((x0 - pad, x1 + pad), (y0 - pad, y1 + pad))
    start = (float(finite[0, 0]), float(finite[0, 1]))
    recipe = Recipe(
        target=BARE,
        specs=(subject.spec,),
        start=start,
        steps=subject.steps,
        seed=0,
        device="cpu",
        dtype="float64",
        view=view,
        resolution=(2, 2),
    )
    field = Field(np.array(view[0]), np.array(view[1]), np.zeros((2, 2)))
    return Recording(field, (subject,), recipe)


def thinned(recording: Recording) -> Recording:
    """Return a recording with what is compared and what is needed to draw its paths.

    It has fewer heights and none near the runs, nothing of the optimizers' states, and of a network nothing
    that only panels show.
    """
    field = recording.field
    columns, rows = _few(len(field.x)), _few(len(field.y))
    coarse = Field(field.x[columns], field.y[rows], field.z[np.ix_(rows, columns)])
    training = recording.training
    if training is not None:
        without = np.zeros(0, dtype=np.float32)
        runs = tuple(replace(run, outputs=without) for run in training.runs)
        training = replace(training, runs=runs, samples=None)
    recipe = replace(recording.recipe, resolution=(len(columns), len(rows)), near=False)
    bare = tuple(replace(run, state={}) for run in recording.trajectories)
    return replace(recording, field=coarse, trajectories=bare, recipe=recipe, training=training, near=None)


def _few(count: int) -> list[int]:
    return [round(k) for k in np.linspace(0, count - 1, min(count, _GRID))]


def check(
    path: Path,
    subject: Recording | Trajectory,
    *,
    preset: str = DEFAULT,
    rtol: float | None = None,
    atol: float | None = None,
    regen: str = KEEP,
) -> Check:
    """Compare a recording with its golden, and write the golden where it may be written.

    Args:
        path: The golden's file.
        subject: What was recorded.
        preset: The tolerance, one of `tolerances.PRESETS`.
        rtol: A tolerance of one's own, see `tolerances.tolerance`.
        atol: Likewise.
        regen: KEEP, REGEN or REGEN_ALL. A missing golden is always written, one from a newer descent never.

    Raises:
        DescentError: The subject or a tolerance is not one, or a file cannot be written.
    """
    found = as_recording(subject)

    def allowed(expected: Recording) -> Tolerance:
        return tolerance(preset, expected.recipe.dtype, rtol, atol)

    allowed(found)  # what is wrong with the wish is said before a file is written
    return settle(path, lambda _: found, allowed, regen, found)


def settle(
    path: Path,
    make: Callable[[Recording], Recording],
    allowed: Callable[[Recording], Tolerance],
    regen: str,
    found: Recording | None = None,
) -> Check:
    """Read a golden, make what is to be compared with it, compare, and write it where that is allowed.

    Args:
        path: The golden's file.
        make: Returns the recording to compare, given the golden.
        allowed: Returns the tolerance, given the golden.
        regen: KEEP, REGEN or REGEN_ALL.
        found: The recording to compare, where it is known without the golden.

    Raises:
        DescentError: The recording cannot be made, or a file cannot be written.
    """
    writes = regen in (REGEN, REGEN_ALL)
    if not path.exists():
        if found is None:
            raise NotPossibleError(f"there is no file {path}")
        thinned(found).save(path)
        words = f"there was no golden recording, so {path} was written"
        return Check(path, MISSING, True, words, None, found)
    if (version := _version(path)) is not None and version > VERSION:
        message = (
            f"{path} was made by a newer descent (format {version}; this one reads up to {VERSION}), so it "
            "is neither compared nor overwritten: upgrade with pip install -U descent-viz, or delete it"
        )
        return Check(path, NEWER, False, message, None, found)
    try:
        expected = load(path)
    except NotPossibleError as error:
        written = writes and found is not None
        if written and found is not None:
            thinned(found).save(path)
        return Check(path, BROKEN, written, f"the golden recording cannot be read: {error}", None, found)
    found = make(expected) if found is None else found
    difference = compare(expected, thinned(found), allowed(expected))
    state = SAME if difference.same else DIFFERS
    written = regen == REGEN_ALL or (regen == REGEN and not difference.same)
    if written:
        thinned(found).save(path)
    return Check(path, state, written, _message(path, difference), expected, found, difference)


def _message(path: Path, difference: Difference) -> str:
    from .report import as_text

    if difference.same:
        return ""
    return f"the descent went elsewhere than {path}\n{as_text(difference)}"


def _version(path: Path) -> int | None:
    """Return the format version that a file states, or None where it states none that can be read."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("header.npy") as member:
            array = np.lib.format.read_array(member, allow_pickle=False)
        version = json.loads(array.tobytes().decode())["format_version"]
    except Exception:  # whatever is wrong with it, `load` says what
        return None
    return version if isinstance(version, int) else None
