"""Recordings on disk: one ``.npz`` of plain arrays and a JSON header, never pickle.

Members: ``header`` (UTF-8 JSON as bytes), ``x``, ``y`` and ``z`` of the field, and for each run N
``N.points``, ``N.losses``, ``N.gradients`` and ``N.learning_rates``, and ``N.state.NAME`` for whatever is
kept of its optimizer's state. A recording of a network also has, for each run, ``N.kept`` and the arrays of
`training.TrainedRun`.

The same recording gives the same bytes.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..surfaces.field import Field
from ..surfaces.messages import DescentError, NotPossibleError
from .atomic import writing
from .header import Header, from_json, to_json
from .recording import Recording
from .training_files import arrays_of, members, read_training
from .trajectory import Trajectory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LARGEST = 2**31  # bytes that a file may declare: far above any recording, far below what would hurt

# What zipfile raises for files that are broken, encrypted, cut off or lie about themselves.
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error)
_PARTS = ("points", "losses", "gradients", "learning_rates")
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # as of np.savez and np.savez_compressed
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold; the clock must not show in the bytes


def save(recording: Recording, path: str | Path) -> Path:
    """Write a recording to one ``.npz`` file and return its path; the file appears whole or not at all.

    Raises:
        DescentError: The path has another suffix or cannot be written.
    """
    path = Path(path)
    if path.suffix.casefold() != ".npz":
        raise DescentError(f"a recording is saved as .npz, not as {path.suffix or 'a file without suffix'!r}")
    with writing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        for name, array in _members(recording):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _TIME)
            entry.create_system = 3  # the same on every platform
            archive.writestr(entry, buffer.getvalue())
    return path


def _members(recording: Recording) -> Iterator[tuple[str, NDArray[Any]]]:
    yield "header", np.frombuffer(to_json(recording).encode(), dtype=np.uint8)
    for axis in ("x", "y", "z"):
        yield axis, np.ascontiguousarray(getattr(recording.field, axis), dtype="<f8")
    for index, trajectory in enumerate(recording.trajectories):
        for part in _PARTS:
            yield f"{index}.{part}", np.ascontiguousarray(getattr(trajectory, part), dtype="<f8")
        for name, array in trajectory.state.items():
            yield f"{index}.state.{name}", np.ascontiguousarray(array, dtype="<f8")
        if recording.training is not None:
            yield f"{index}.kept", np.ascontiguousarray(trajectory.at, dtype="<i8")
    if recording.training is not None:
        yield from arrays_of(recording.training)


def load(path: str | Path) -> Recording:
    """Read a recording; it needs neither torch nor pickle.

    Raises:
        DescentError: There is no such file, or it is not a whole recording that this version reads.
    """
    path = Path(path)
    if path.is_dir():
        raise NotPossibleError(f"{path} is a folder, not a recording")
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            return _read(archive)
    except FileNotFoundError:
        raise NotPossibleError(f"there is no file {path}") from None
    except OSError as error:
        raise NotPossibleError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    except DescentError as error:
        raise NotPossibleError(f"{path} is not a recording that can be read: {error}") from error
    except _BROKEN as error:
        raise NotPossibleError(f"{path} is not a recording, or only a part of one: {error}") from error


def _read(archive: zipfile.ZipFile) -> Recording:
    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) != len(archive.infolist()):
        raise DescentError("it has two members of the same name")
    size = sum(entry.file_size for entry in entries.values())
    if size > LARGEST:
        raise DescentError(f"it would unpack to {size:,} bytes, and at most {LARGEST:,} are read")
    if any(entry.compress_type not in _COMPRESSIONS for entry in entries.values()):
        raise DescentError("it is compressed in a way that NumPy does not use")
    if "header.npy" not in entries:
        raise DescentError("it has no header; `descent record` makes recordings")
    header = from_json(_array(archive, "header", np.uint8, 1).tobytes())
    expected = ["header", "x", "y", "z"]
    expected += [f"{index}.{part}" for index in range(len(header.runs)) for part in _PARTS]
    expected += [f"{index}.state.{name}" for index, run in enumerate(header.runs) for name in run.state]
    if header.training is not None:
        expected += members(header.training, len(header.runs))
    if entries.keys() != (names := {f"{name}.npy" for name in expected}):
        odd = sorted(entries.keys() ^ names)
        raise DescentError(f"its members do not fit its header: {', '.join(odd[:4])}")
    return _recording(archive, header)


def _recording(archive: zipfile.ZipFile, header: Header) -> Recording:
    field = Field(*(_array(archive, axis, np.float64, 1 + (axis == "z")) for axis in ("x", "y", "z")))
    if header.recipe.grid != (len(field.x), len(field.y)):
        raise DescentError(f"its field is {len(field.x)} x {len(field.y)}, not as its recipe says")
    trajectories = []
    for index, (spec, run) in enumerate(zip(header.recipe.specs, header.runs, strict=True)):
        points, losses, gradients, rates = (
            _array(archive, f"{index}.{part}", np.float64, 2 if part in ("points", "gradients") else 1)
            for part in _PARTS
        )
        kept = None if header.training is None else _array(archive, f"{index}.kept", np.int64, 1)
        state = {name: _array(archive, f"{index}.state.{name}", np.float64, 2) for name in run.state}
        trajectory = Trajectory(
            spec, points, losses, gradients, rates, run.outcome, run.evaluations, kept, state
        )
        last = run.outcome.step or 0
        if not (last <= trajectory.steps <= header.recipe.steps):
            raise DescentError(f"run {index} has {trajectory.steps} steps, which does not fit its header")
        trajectories.append(trajectory)
    training = None
    if header.training is not None:
        read = partial(_array, archive)
        training = read_training(header.training, len(header.runs), read)
    return Recording(field, tuple(trajectories), header.recipe, header.minima, header.latex, training)


def _array(archive: zipfile.ZipFile, name: str, dtype: type[np.generic], ndim: int | None) -> NDArray[Any]:
    """Read one member, believing nothing that its own header says before it was checked."""
    data = archive.read(f"{name}.npy")
    buffer = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(buffer) != (1, 0):
            raise DescentError(f"member {name!r} has an unknown array format")
        shape, fortran, found = np.lib.format.read_array_header_1_0(buffer)
    except DescentError:
        raise
    except Exception as error:  # a hostile header fails in many ways, from SyntaxError to RecursionError
        raise DescentError(f"member {name!r} is not an array") from error
    wanted = np.dtype(dtype).newbyteorder("<")
    other = ndim is not None and len(shape) != ndim
    if found != wanted or fortran or other or any(length < 0 for length in shape):
        many = "any number of" if ndim is None else ndim
        raise DescentError(
            f"member {name!r} must be {wanted.name} with {many} dimensions, not {found} of shape {shape}"
        )
    if buffer.tell() + math.prod(shape) * wanted.itemsize != len(data):
        raise DescentError(f"member {name!r} does not hold the {shape} numbers that it states")
    array = np.frombuffer(data, wanted, offset=buffer.tell()).reshape(shape)
    return array.astype(dtype)  # a copy in the machine's byte order, which may be written to
