"""The part of a recording's file that only networks have: its share of the header, and its arrays."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from .header_values import get, number, pair, texts, whole
from .network_runs import Line, NamedField, PlaneFacts, Samples, TrainedRun, Training, TrainingRecipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    # Reads a member of the file by its name, its type and its number of dimensions; None for any number.
    Read = Callable[[str, type[np.generic], int | None], NDArray[Any]]

_DIMENSIONS: dict[str, int | None] = {  # the arrays of a trained run
    "batch_losses": 1,
    "slice_losses": 1,
    "distances": 1,
    "moved": 1,
    "gradient_norms": 2,
    "update_ratios": 2,
    "epochs": 2,
    "test": 1,
    "sharpness": 1,
    "stable_below": 1,
    "heat": 3,
    "outputs": None,
}
_OF_MATRIX = {"step_values": 2, "weight_values": 2}  # those of runs on a matrix
_SINGLE = ("heat", "outputs")  # in float32: for pictures only
_LINE = ("positions", "train", "val")


@dataclass(frozen=True, slots=True)
class TrainingHeader:
    """Everything about a `Training` but its arrays."""

    plane: PlaneFacts
    layers: tuple[str, ...]
    parameters: int
    sizes: tuple[int, int, int]
    measured: int
    metric: str
    batch_norm: bool
    lines: tuple[tuple[int, int], ...]  # the runs between whose ends each line is
    samples: tuple[int, tuple[str, ...]] | None  # classes, and what the inputs are called
    notes: tuple[str, ...]
    unit: str
    fields: tuple[str, ...]  # what the fields are called, where there are several
    matrix: str
    minimum: float | None
    attained: bool


def header_of(training: Training) -> dict[str, Any]:
    """Return the header of a training as plain JSON values."""
    samples = training.samples
    header = {
        "plane": asdict(training.plane),
        "layers": list(training.layers),
        "parameters": training.parameters,
        "sizes": list(training.sizes),
        "measured": training.measured,
        "metric": training.metric,
        "batch_norm": training.batch_norm,
        "lines": [list(each.runs) for each in training.lines],
        "samples": None if samples is None else {"classes": samples.classes, "names": list(samples.names)},
    }
    return (
        header
        | ({"notes": list(training.notes)} if training.notes else {})
        | ({"unit": training.unit} if training.unit != "step" else {})
        | ({"fields": [each.name for each in training.fields]} if training.fields else {})
        | ({"matrix": training.matrix} if training.matrix else {})
        | ({} if training.minimum is None else {"minimum": training.minimum, "attained": training.attained})
    )


def read_header(found: Any) -> TrainingHeader:
    """Read the header of a training back.

    Raises:
        DescentError: A value is missing or out of place.
    """
    plane = get(found, "plane", dict)
    sizes = dict(enumerate(get(found, "sizes", list)))
    samples = found.get("samples")
    if len(sizes) != 3:
        raise DescentError("'sizes' in its header are not three numbers")
    axes = texts(plane, "axes")
    if len(axes) != 2:
        raise DescentError("'axes' in its header are not two texts")
    return TrainingHeader(
        plane=PlaneFacts(
            get(plane, "kind", str),
            (axes[0], axes[1]),
            get(plane, "meaning", str),
            pair(plane, "explained"),
            _wholes(plane, "fitted"),
            _shares(plane, "held"),
        ),
        layers=texts(found, "layers"),
        parameters=whole(found, "parameters", 1),
        sizes=(whole(sizes, 0, 0), whole(sizes, 1, 0), whole(sizes, 2, 0)),
        measured=whole(found, "measured", 0),
        metric=get(found, "metric", str),
        batch_norm=get(found, "batch_norm", bool),
        lines=tuple(_two({"runs": runs}) for runs in get(found, "lines", list)),
        samples=None if samples is None else (whole(samples, "classes", 0), texts(samples, "names")),
        notes=texts(found, "notes") if "notes" in found else (),
        unit=get(found, "unit", str) if "unit" in found else "step",
        fields=texts(found, "fields") if "fields" in found else (),
        matrix=get(found, "matrix", str) if "matrix" in found else "",
        minimum=number(found, "minimum") if "minimum" in found else None,
        attained=get(found, "attained", bool) if "attained" in found else True,
    )


def read_recipe(found: dict[str, Any]) -> TrainingRecipe:
    """Read the recipe of a training back.

    Raises:
        DescentError: A value is missing or out of place.
    """
    names = {field.name for field in fields(TrainingRecipe)}
    if odd := sorted(found.keys() ^ names):
        raise DescentError(f"its training is not complete, or has too much: {', '.join(map(str, odd[:4]))}")
    words = ("data", "loss", "plane", "field_of", "layer", "schedule_per", "data_dir")
    return TrainingRecipe(
        epochs=whole(found, "epochs", 0),
        batch_size=whole(found, "batch_size", 1),
        snapshots=whole(found, "snapshots", 1),
        val=number(found, "val"),
        test=number(found, "test"),
        sharpness=get(found, "sharpness", bool),
        patience=None if found["patience"] is None else whole(found, "patience", 1),
        **{word: get(found, word, str) for word in words},
    )


def arrays_of(training: Training) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the arrays of a training with the names of their members."""
    for index, run in enumerate(training.runs):
        for name in _dimensions(training.matrix):
            kind = "<f4" if name in _SINGLE else "<f8"
            yield f"{index}.{name}", np.ascontiguousarray(getattr(run, name), dtype=kind)
    for index, line in enumerate(training.lines):
        for name in _LINE:
            yield f"line{index}.{name}", np.ascontiguousarray(getattr(line, name), dtype="<f8")
    for index, named in enumerate(training.fields):
        yield f"field{index}.z", np.ascontiguousarray(named.z, dtype="<f8")
        for row, values in enumerate(named.values):
            yield f"field{index}.values{row}", np.ascontiguousarray(values, dtype="<f8")
    if training.samples is not None:
        for name, array in _of_samples(training.samples):
            yield f"samples.{name}", np.ascontiguousarray(array, dtype="<f8")


def _of_samples(samples: Samples) -> Iterator[tuple[str, NDArray[Any]]]:
    yield "x", samples.x
    yield "y", samples.y
    for index, axis in enumerate(samples.grid):
        yield f"grid{index}", axis


def members(header: TrainingHeader, runs: int) -> list[str]:
    """Return the names of the members that a header promises."""
    names = [f"{index}.{name}" for index in range(runs) for name in (*_dimensions(header.matrix), "kept")]
    names += [f"line{index}.{name}" for index in range(len(header.lines)) for name in _LINE]
    for k in range(len(header.fields)):
        names += [f"field{k}.z", *(f"field{k}.values{run}" for run in range(runs))]
    if header.samples is not None:
        names += ["samples.x", "samples.y", *(f"samples.grid{k}" for k in range(len(header.samples[1])))]
    return names


def read_training(header: TrainingHeader, runs: int, read: Read) -> Training:
    """Read the arrays of a training and put it together again.

    Raises:
        DescentError: An array is missing or has another shape than the others allow.
    """
    trained = [
        TrainedRun(
            **{
                name: read(f"{index}.{name}", np.float32 if name in _SINGLE else np.float64, ndim)
                for name, ndim in _dimensions(header.matrix).items()
            }
        )
        for index in range(runs)
    ]
    lines = tuple(
        Line(pair, *(read(f"line{index}.{name}", np.float64, 1) for name in _LINE))
        for index, pair in enumerate(header.lines)
    )
    samples = None
    if header.samples is not None:
        classes, names = header.samples
        x, y = read("samples.x", np.float64, 2), read("samples.y", np.float64, 1)
        grid = tuple(read(f"samples.grid{k}", np.float64, 1) for k in range(len(names)))
        samples = Samples(x, y, classes, names, grid)
    if any(each >= runs for line in lines for each in line.runs):
        raise DescentError("a line in its header is between runs that are not there")
    return Training(
        plane=header.plane,
        layers=header.layers,
        parameters=header.parameters,
        sizes=header.sizes,
        measured=header.measured,
        metric=header.metric,
        batch_norm=header.batch_norm,
        runs=tuple(trained),
        lines=lines,
        samples=samples,
        notes=header.notes,
        unit=header.unit,
        fields=tuple(
            NamedField(
                name,
                read(f"field{k}.z", np.float64, 2),
                tuple(read(f"field{k}.values{run}", np.float64, 1) for run in range(runs)),
            )
            for k, name in enumerate(header.fields)
        ),
        matrix=header.matrix,
        minimum=header.minimum,
        attained=header.attained,
    )


def _dimensions(matrix: str) -> dict[str, int | None]:
    """Return the arrays of a trained run, with singular values where it is on a matrix."""
    return _DIMENSIONS | (_OF_MATRIX if matrix else {})


def _wholes(found: dict[str, Any], key: str) -> tuple[int, ...]:
    numbers = dict(enumerate(get(found, key, list)))
    return tuple(whole(numbers, index, 0) for index in numbers)


def _shares(found: dict[str, Any], key: str) -> tuple[float | None, ...]:
    values = dict(enumerate(get(found, key, list)))
    return tuple(None if value is None else number(values, index) for index, value in values.items())


def _two(found: dict[str, Any]) -> tuple[int, int]:
    numbers = _wholes(found, "runs")
    if len(numbers) != 2:
        raise DescentError("a line in its header is not between two runs")
    return numbers[0], numbers[1]
