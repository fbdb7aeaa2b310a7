"""The JSON header of a recording on disk: written from one, and read back with every value checked."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from ..surfaces.messages import DescentError
from ..surfaces.surface import Box, Minimum, check_box
from .recording import METHODS, Recipe
from .specs import OptimizerSpec
from .trajectory import Outcome

if TYPE_CHECKING:
    from .recording import Recording

FORMAT = "descent-recording"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Run:
    """What the header says about one run; its arrays are members of their own."""

    outcome: Outcome
    evaluations: int


@dataclass(frozen=True, slots=True)
class Header:
    """Everything about a recording but its arrays."""

    recipe: Recipe
    runs: tuple[Run, ...]
    minima: tuple[Minimum, ...]
    latex: str


def to_json(recording: Recording) -> str:
    """Return the header of a recording as JSON text."""
    runs = [
        {"outcome": asdict(trajectory.outcome), "evaluations": trajectory.evaluations}
        for trajectory in recording.trajectories
    ]
    header = {
        "format": FORMAT,
        "format_version": VERSION,
        "recipe": asdict(recording.recipe),
        "runs": runs,
        "minima": [asdict(minimum) for minimum in recording.minima],
        "latex": recording.latex,
    }
    return json.dumps(header, ensure_ascii=False, allow_nan=False, indent=1)


def from_json(data: bytes) -> Header:
    """Read a header back.

    Raises:
        DescentError: Not a header of this format, made by a newer descent, or with a value out of place.
    """
    try:
        header = json.loads(data.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DescentError(f"its header is not JSON: {error}") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise DescentError(f"its header does not say {FORMAT!r}")
    version = _whole(header, "format_version", 1)
    if version > VERSION:
        raise DescentError(
            f"made by a newer descent (format {version}); this one reads up to {VERSION}; "
            "upgrade with pip install -U descent-viz"
        )
    runs = [
        Run(_outcome(_get(run, "outcome", dict)), _whole(run, "evaluations", 0))
        for run in _get(header, "runs", list)
    ]
    recipe = _recipe(_get(header, "recipe", dict))
    if len(runs) != len(recipe.specs):
        raise DescentError(f"its recipe names {len(recipe.specs)} optimizers, but it has {len(runs)} runs")
    minima = [
        Minimum(_pair(minimum, "point"), _number(minimum, "value"))
        for minimum in _get(header, "minima", list)
    ]
    return Header(recipe, tuple(runs), tuple(minima), _get(header, "latex", str))


def _recipe(found: dict[str, Any]) -> Recipe:
    names = {field.name for field in fields(Recipe)}
    if odd := sorted(found.keys() ^ names):
        raise DescentError(f"its recipe is not complete, or has too much: {', '.join(map(str, odd[:4]))}")
    specs = tuple(_get({"spec": spec}, "spec", str) for spec in _get(found, "specs", list))
    for spec in specs:
        OptimizerSpec.parse(spec)
    grid = _get(found, "grid", list)
    versions = [_get({"version": pair}, "version", list) for pair in _get(found, "versions", list)]
    if len(grid) != 2 or not all(
        len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in versions
    ):
        raise DescentError("its recipe has a grid or versions that are not pairs")
    methods = tuple(_get({"method": method}, "method", str) for method in _get(found, "methods", list))
    if (specs and len(methods) not in (0, len(specs))) or not set(methods) <= set(METHODS):
        raise DescentError(f"its recipe must have one of {', '.join(METHODS)} for each run, or no methods")
    return Recipe(
        target=_get(found, "target", str),
        specs=specs,
        start=_pair(found, "start"),
        steps=_whole(found, "steps", 0),
        seed=_whole(found, "seed", 0),
        device=_get(found, "device", str),
        dtype=_get(found, "dtype", str),
        view=_box(found, "view"),
        noise=_number(found, "noise"),
        stop_at=None if found["stop_at"] is None else _number(found, "stop_at"),
        grid=(_whole(dict(enumerate(grid)), 0, 2), _whole(dict(enumerate(grid)), 1, 2)),
        versions=tuple((name, version) for name, version in versions),
        protocol=_get(found, "protocol", str),
        methods=methods,
    )


def _outcome(found: dict[str, Any]) -> Outcome:
    step = found.get("step")
    return Outcome(_get(found, "kind", str), None if step is None else _whole(found, "step", 0))


def _box(found: dict[str, Any], key: str) -> Box:
    pairs = dict(enumerate(_get(found, key, list)))
    if len(pairs) != 2:
        raise DescentError(f"{key!r} in its header is not two pairs")
    box = (_pair(pairs, 0), _pair(pairs, 1))
    check_box(box, f"the {key}")
    return box


def _pair(found: dict[Any, Any], key: object) -> tuple[float, float]:
    pair = dict(enumerate(_get(found, key, list)))
    if len(pair) != 2:
        raise DescentError(f"{key!r} in its header is not two numbers")
    return _number(pair, 0), _number(pair, 1)


def _number(found: dict[Any, Any], key: object) -> float:
    value = _get(found, key, (int, float))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if isinstance(value, bool) or not math.isfinite(number):
        raise DescentError(f"{key!r} in its header is not a finite number")
    return number


def _whole(found: dict[Any, Any], key: object, least: int) -> int:
    value: int = _get(found, key, int)
    if isinstance(value, bool) or value < least:
        raise DescentError(f"{key!r} in its header must be a whole number of at least {least}, not {value}")
    return value


def _get(found: Any, key: object, kind: type | tuple[type, ...]) -> Any:
    if not isinstance(found, dict) or not isinstance(found.get(key), kind):
        names = kind.__name__ if isinstance(kind, type) else "number"
        raise DescentError(f"{key!r} in its header is missing or no {names}")
    return found[key]


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number")
