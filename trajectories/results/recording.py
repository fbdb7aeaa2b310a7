"""A recording: the height field, the trajectories on it and the recipe that makes them again; and its file.

On disk it is one ``.npz`` of plain arrays and a JSON header, never pickle. Members: ``header`` (UTF-8 JSON as
bytes), ``x``, ``y`` and ``z`` of the field, and for each run N ``N.points``, ``N.losses``, ``N.gradients``
and ``N.learning_rates``. On a surface also ``N.end``, the slopes at the last point, ``N.state.NAME`` for what
is kept of the optimizer's state, ``N.trained`` for the training points of an optimizer with two points, and
where a part of the view holds the runs the heights there as ``near.x``, ``near.y`` and ``near.z``. Of a
network also ``N.kept`` and the arrays of `network_runs.TrainedRun`.

The same recording gives the same bytes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.archives import BROKEN, members_of, open_archive, read_member, write_arrays
from ...surfaces.errors import DescentError, NotPossibleError
from ...surfaces.field import Field
from ...surfaces.reading import as_path, open_regular
from ...surfaces.surface import border_of
from ...surfaces.text import escaped
from ..specs.labels import listed
from . import shown
from .header import Header, from_json, to_json
from .network_header import arrays_of, members, read_training
from .trajectory import Trajectory
from .whole_files import writing

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from ...surfaces.surface import Box, Minimum
    from .network_runs import Training
    from .recipe import Recipe

_HEADER = 2**23  # bytes of a header: of thousands of runs
_PARTS = ("points", "losses", "gradients", "learning_rates")
_SOME = ("end", "trained")  # parts that not every run has


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What was descended, how each optimizer went, and how to make it all again."""

    field: Field  # heights on the whole view
    trajectories: tuple[Trajectory, ...]  # one a run, in the order of the recipe's specs
    recipe: Recipe  # what makes it all again
    minima: tuple[Minimum, ...] = ()  # the known global minima
    latex: str = ""  # the target's formula, without dollar signs
    training: Training | None = None  # what only networks have; None on a surface
    near: Field | None = None  # the heights on the part of the view that the runs are in; None: on no part
    domain: Box | None = None  # where the minima hold; None of a network, and where nobody said

    def __repr__(self) -> str:
        """Name what it holds in one line."""
        runs = listed(self.recipe.specs) or "no runs"
        return escaped(f"<Recording of {self.recipe.target}: {runs}; {self.steps} steps>")

    _repr_mimebundle_ = shown.mimebundle
    _repr_html_ = shown.as_html
    _mime_ = shown.as_mime

    def __post_init__(self) -> None:
        specs = tuple(trajectory.spec for trajectory in self.trajectories)
        if specs != self.recipe.specs:
            raise DescentError(
                f"the trajectories {specs} do not match the recipe's specs {self.recipe.specs}"
            )
        if self.training is not None and len(self.training.runs) != len(specs):
            raise DescentError(
                f"{len(self.training.runs)} trained runs do not match {len(specs)} trajectories"
            )

    @property
    def view(self) -> Box:
        """What a picture shows: ((x0, x1), (y0, y1))."""
        return self.recipe.view

    @property
    def border(self) -> Box | None:
        """The domain where a known minimum is one on it only: runs pass its border; None elsewhere."""
        return border_of(self.domain, self.minima)

    @property
    def closest(self) -> Field:
        """The heights on the smallest part of the view that holds what the runs do."""
        return self.field if self.near is None else self.near

    @property
    def parameters(self) -> int:
        """How many parameters the target has; where it is one, y and gradients along it are 0."""
        if self.training is not None:
            return self.training.parameters
        return 1 if len(self.field.y) == 1 else 2

    @property
    def problem(self) -> bool:
        """Whether the target is a problem: a loss of many parameters, without data."""
        return self.recipe.training is not None and self.recipe.training.alone

    @property
    def steps(self) -> int:
        """The number of steps of the longest trajectory."""
        return max((trajectory.steps for trajectory in self.trajectories), default=0)

    @property
    def kept(self) -> NDArray[np.int64]:
        """The steps that the longest trajectory has a row for, (rows,)."""
        longest = max(self.trajectories, key=lambda trajectory: trajectory.steps, default=None)
        return np.zeros(1, dtype=np.int64) if longest is None else longest.at

    def distances(self, index: int) -> NDArray[np.float64] | None:
        """Return the distance of each point of a trajectory to its nearest known minimum, (rows,).

        None when no minimum is known.
        """
        if not self.minima:
            return None
        points = self.trajectories[index].points
        minima = np.array([minimum.point for minimum in self.minima])
        with np.errstate(over="ignore", invalid="ignore"):
            apart = np.linalg.norm(points[:, None, :] - minima[None], axis=-1)
        return np.asarray(apart.min(axis=1), dtype=np.float64)

    def save(self, path: str | Path) -> Path:
        """Write the recording to one ``.npz`` file and return its path; it appears whole or not at all.

        Raises:
            DescentError: The path has another suffix or cannot be written.
        """
        path = as_path(path, "the path of a recording")
        if path.suffix.casefold() != ".npz":
            raise DescentError(
                f"a recording is saved as .npz, not as {path.suffix or 'a file without suffix'!r}"
            )
        with writing(path) as temporary:
            write_arrays(temporary, _members(self))
        return path


def load(path: str | Path) -> Recording:
    """Read a recording; it needs neither torch nor pickle.

    Raises:
        DescentError: There is no such file, or it is not a whole recording that this version reads.
    """
    path = as_path(path, "the path of a recording")
    if os.path.isdir(path):
        raise NotPossibleError(f"{path} is a folder, not a recording")
    try:
        with open_regular(path) as file, open_archive(file) as archive:
            return _read(archive)
    except FileNotFoundError:
        raise NotPossibleError(f"there is no file {path}") from None
    except OSError as error:
        raise NotPossibleError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    except DescentError as error:
        raise NotPossibleError(f"{path} is not a recording that can be read: {error}") from error
    except BROKEN as error:
        raise NotPossibleError(f"{path} is not a recording, or only a part of one: {error}") from error


def _read(archive: zipfile.ZipFile) -> Recording:
    found = members_of(archive)
    near = found & {f"near.{axis}.npy" for axis in "xyz"}
    if "header.npy" not in found:
        raise DescentError("it has no header; `descent record` makes recordings")
    header = from_json(read_member(archive, "header", np.uint8, 1, _HEADER).tobytes())
    count = range(len(header.runs))
    more = {(index, part) for index in count for part in _SOME if f"{index}.{part}.npy" in found}
    expected = ["header", "x", "y", "z"]
    expected += ["near.x", "near.y", "near.z"] if near else []
    expected += [f"{index}.{part}" for index in range(len(header.runs)) for part in _PARTS]
    expected += [f"{index}.{part}" for index, part in more]
    expected += [f"{index}.state.{name}" for index, run in enumerate(header.runs) for name in run.state]
    if header.training is not None:
        expected += members(header.training, len(header.runs))
    if odd := sorted(found ^ {f"{name}.npy" for name in expected}):
        raise DescentError(f"its members do not fit its header: {', '.join(odd[:4])}")
    return _recording(archive, header, more, near=bool(near))


def _recording(
    archive: zipfile.ZipFile, header: Header, more: set[tuple[int, str]], *, near: bool
) -> Recording:
    field = _field(archive, "")
    if header.recipe.resolution != (len(field.x), len(field.y)):
        raise DescentError(f"its field is {len(field.x)} x {len(field.y)}, not as its recipe says")
    trajectories = []
    for index, (spec, run) in enumerate(zip(header.recipe.specs, header.runs, strict=True)):
        points, losses, gradients, rates = (
            read_member(archive, f"{index}.{part}", np.float64, 2 if part in ("points", "gradients") else 1)
            for part in _PARTS
        )
        kept = None if header.training is None else read_member(archive, f"{index}.kept", np.int64, 1)
        state = {name: read_member(archive, f"{index}.state.{name}", np.float64, 2) for name in run.state}
        end, trained = (
            read_member(archive, f"{index}.{part}", np.float64, 2) if (index, part) in more else None
            for part in _SOME
        )
        trajectory = Trajectory(
            spec,
            points,
            losses,
            gradients,
            rates,
            run.outcome,
            run.evaluations,
            kept,
            state,
            end,
            trained,
            run.facts,
        )
        last = run.outcome.step or 0
        if not (last <= trajectory.steps <= header.recipe.steps):
            raise DescentError(f"run {index} has {trajectory.steps} steps, which does not fit its header")
        trajectories.append(trajectory)
    training = None
    if header.training is not None:
        read = partial(read_member, archive)
        training = read_training(header.training, len(header.runs), read)
    closer = _field(archive, "near.") if near else None
    runs = tuple(trajectories)
    return Recording(field, runs, header.recipe, header.minima, header.latex, training, closer, header.domain)


def _field(archive: zipfile.ZipFile, where: str) -> Field:
    x, y, z = (read_member(archive, f"{where}{axis}", np.float64, 1 + (axis == "z")) for axis in "xyz")
    return Field(x, y, z)


def _members(recording: Recording) -> Iterator[tuple[str, NDArray[Any]]]:
    yield (
        "header",
        np.frombuffer(
            to_json(
                recording.recipe,
                recording.trajectories,
                recording.minima,
                recording.domain,
                recording.latex,
                recording.training,
            ).encode(),
            dtype=np.uint8,
        ),
    )
    for where, field in (("", recording.field), ("near.", recording.near)):
        for axis in ("x", "y", "z") if field else ():
            yield f"{where}{axis}", np.ascontiguousarray(getattr(field, axis), dtype="<f8")
    for index, trajectory in enumerate(recording.trajectories):
        for part in _PARTS:
            yield f"{index}.{part}", np.ascontiguousarray(getattr(trajectory, part), dtype="<f8")
        for part in _SOME:
            if getattr(trajectory, part) is not None:
                yield f"{index}.{part}", np.ascontiguousarray(getattr(trajectory, part), dtype="<f8")
        for name, array in trajectory.state.items():
            yield f"{index}.state.{name}", np.ascontiguousarray(array, dtype="<f8")
        if recording.training is not None:
            yield f"{index}.kept", np.ascontiguousarray(trajectory.at, dtype="<i8")
    if recording.training is not None:
        yield from arrays_of(recording.training)
