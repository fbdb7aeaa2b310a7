"""The JSON header of a recording on disk: written from one, and read back with every value checked."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ...surfaces.surface import Minimum
from ...surfaces.text import escaped
from ..specs.optimizer_spec import OptimizerSpec
from .header_values import box, get, number, pair, texts, whole
from .network_header import TrainingHeader, header_of, read_header, read_recipe
from .recipe import METHODS, Recipe
from .trajectory import Outcome, is_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...surfaces.surface import Box
    from .network_runs import Training
    from .trajectory import Trajectory

FORMAT = "descent-recording"
MOST_FACTS, LONGEST_FACT = 20, 300  # facts of a run that are read, and characters of one
LONGEST = 4000  # characters of a formula
VERSION = 2  # in format 1 the recipe called its resolution a grid, and had no heights near the runs


@dataclass(frozen=True, slots=True)
class Run:
    """What the header says about one run; its arrays are members of their own."""

    outcome: Outcome
    evaluations: int
    state: tuple[str, ...] = ()  # the names of what is kept of its optimizer's state
    facts: tuple[str, ...] = ()  # see `Trajectory`


@dataclass(frozen=True, slots=True)
class Header:
    """Everything about a recording but its arrays."""

    recipe: Recipe
    runs: tuple[Run, ...]
    minima: tuple[Minimum, ...]
    domain: Box | None  # where the minima hold; None of a network, and where nobody said
    latex: str
    training: TrainingHeader | None


def to_json(
    recipe: Recipe,
    trajectories: Sequence[Trajectory],
    minima: Sequence[Minimum],
    domain: Box | None,
    latex: str,
    training: Training | None,
) -> str:
    """Return the header of what a recording consists of as JSON text."""
    runs = [
        {
            "outcome": asdict(trajectory.outcome),
            "evaluations": trajectory.evaluations,
            "state": list(trajectory.state),
            **({"facts": list(trajectory.facts)} if trajectory.facts else {}),
        }
        for trajectory in trajectories
    ]
    header = {
        "format": FORMAT,
        "format_version": VERSION,
        "recipe": asdict(recipe),
        "runs": runs,
        "minima": [asdict(minimum) for minimum in minima],
        "domain": domain,
        "latex": latex,
        "training": None if training is None else header_of(training),
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
    version = whole(header, "format_version", 1)
    if version > VERSION:
        raise DescentError(
            f"made by a newer descent (format {version}); this one reads up to {VERSION}; "
            "upgrade with pip install -U descent-viz"
        )
    runs = [
        Run(_outcome(get(run, "outcome", dict)), whole(run, "evaluations", 0), _state(run), _facts(run))
        for run in get(header, "runs", list)
    ]
    found = get(header, "recipe", dict)
    if version == 1:
        found = {"resolution" if name == "grid" else name: value for name, value in found.items()}
        found.setdefault("near", False)
    recipe = recipe_of(found)
    if len(runs) != len(recipe.specs):
        raise DescentError(f"its recipe names {len(recipe.specs)} optimizers, but it has {len(runs)} runs")
    minima = [_minimum(minimum) for minimum in get(header, "minima", list)]
    training = header.get("training")
    if (training is None) != (recipe.training is None):
        raise DescentError("its recipe and its header do not agree whether it is of a network")
    return Header(
        recipe,
        tuple(runs),
        tuple(minima),
        None if header.get("domain") is None else box(header, "domain"),
        _formula(get(header, "latex", str)),
        None if training is None else read_header(training),
    )


def recipe_of(found: dict[str, Any]) -> Recipe:
    """Read a recording's recipe from JSON values.

    Raises:
        DescentError: A value is missing, too many or out of place.
    """
    names = {field.name for field in fields(Recipe)}
    if odd := sorted(found.keys() ^ names):
        raise DescentError(f"its recipe is not complete, or has too much: {', '.join(map(str, odd[:4]))}")
    specs = texts(found, "specs")
    for spec in specs:
        OptimizerSpec.parse(spec)
    resolution = get(found, "resolution", list)
    versions = [get({"version": pair}, "version", list) for pair in get(found, "versions", list)]
    if len(resolution) != 2 or not all(
        len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in versions
    ):
        raise DescentError("its recipe has a resolution or versions that are not pairs")
    methods = texts(found, "methods")
    if (specs and len(methods) not in (0, len(specs))) or not set(methods) <= set(METHODS):
        raise DescentError(f"its recipe must have one of {', '.join(METHODS)} for each run, or no methods")
    return Recipe(
        target=get(found, "target", str),
        specs=specs,
        start=pair(found, "start"),
        steps=whole(found, "steps", 0),
        seed=whole(found, "seed", 0),
        device=get(found, "device", str),
        dtype=get(found, "dtype", str),
        view=box(found, "view"),
        noise=number(found, "noise"),
        stop_at=None if found["stop_at"] is None else number(found, "stop_at"),
        resolution=(whole(dict(enumerate(resolution)), 0, 2), whole(dict(enumerate(resolution)), 1, 1)),
        near=get(found, "near", bool),
        versions=tuple((name, version) for name, version in versions),
        protocol=get(found, "protocol", str),
        methods=methods,
        training=None if found["training"] is None else read_recipe(get(found, "training", dict)),
    )


def _minimum(found: Any) -> Minimum:
    """Return a minimum; a header that does not say that it is one on the domain only means no."""
    domain_only = get(found, "domain_only", bool) if "domain_only" in get({0: found}, 0, dict) else False
    return Minimum(pair(found, "point"), number(found, "value"), domain_only)


def _formula(latex: str) -> str:
    """Return the formula to draw: none where it is longer than any, or holds what no formula does."""
    return latex if len(latex) <= LONGEST and escaped(latex) == latex else ""


def _state(run: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of what is kept of an optimizer's state; a header without the list means none."""
    names = texts(run, "state") if "state" in run else ()
    if len(set(names)) != len(names) or not all(map(is_name, names)):
        raise DescentError("'state' in its header has names that no optimizer's state has, or one twice")
    return names


def _facts(run: dict[str, Any]) -> tuple[str, ...]:
    """Return what was seen in a run; a header without the list means nothing."""
    facts = texts(run, "facts") if "facts" in run else ()
    if len(facts) > MOST_FACTS or any(len(fact) > LONGEST_FACT or not fact.isprintable() for fact in facts):
        raise DescentError("'facts' in its header are too many, too long or not plain text")
    return facts


def _outcome(found: dict[str, Any]) -> Outcome:
    step = found.get("step")
    return Outcome(
        get(found, "kind", str), None if step is None else whole(found, "step", 0), get(found, "exact", bool)
    )


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number")
