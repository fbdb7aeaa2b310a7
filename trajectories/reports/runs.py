"""What came of each run, as rows, as JSON and as a table of text. NumPy only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..specs.labels import label, titles
from ..specs.optimizer_spec import OptimizerSpec
from .endings import NEAR, ending
from .facts import minimum_json
from .network_runs import network_json, network_table
from .problem_runs import problem_json, problem_table
from .text_table import aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..results.recording import Recording
    from .endings import Ending

# "first within 1e-3" is the first touch of a minimum, "stays from" the step from which it never left again.
_HEADINGS = (
    "optimizer",
    "lr",
    "outcome",
    "final loss",
    "distance to minimum",
    "first within 1e-3",
    "stays from",
    "where",
)
_TEXT_COLUMNS = ("optimizer", "outcome", "where")  # set to the left; numbers are set to the right


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one run."""

    spec: str
    title: str  # the optimizer's name to show
    lr: float | None  # the rate that the spec names, else the one of the first step; None without either
    outcome: str
    outcome_step: int | None
    steps: int
    final_point: tuple[float, float]
    final_loss: float
    distance: float | None  # from the last point to the nearest known minimum; None when none is known
    steps_to_minimum: int | None  # the first step within NEAR of a known minimum; None when there was none
    ending: Ending  # where it ended, and since when it was there
    evaluations: int
    trained: tuple[float, float, float] | None = (
        None  # the last training point and its loss, where that differs
    )
    facts: tuple[str, ...] = ()  # what was seen in the run, a clause each


def summarize(recording: Recording, specs: Sequence[OptimizerSpec] | None = None) -> tuple[Row, ...]:
    """Return one row a run, in the order of the runs.

    Args:
        recording: The runs.
        specs: The spec of each run, where it has been read already.
    """
    rows = []
    specs = [OptimizerSpec.parse(run.spec) for run in recording.trajectories] if specs is None else specs
    called = titles(specs)
    for index, trajectory in enumerate(recording.trajectories):
        spec = specs[index]
        apart = recording.distances(index)
        reached = np.flatnonzero(apart <= NEAR) if apart is not None else np.array([])
        trained = None if trajectory.trained is None else trajectory.trained[-1].tolist()
        x, y = (float(value) for value in trajectory.points[-1])
        rows.append(
            Row(
                spec=trajectory.spec,
                title=called[index],
                lr=_finite(spec.lr if spec.lr is not None else _first(trajectory.learning_rates)),
                outcome=str(trajectory.outcome),
                outcome_step=trajectory.outcome.step,
                steps=trajectory.steps,
                final_point=(x, y),
                final_loss=float(trajectory.losses[-1]),
                distance=None if apart is None else float(apart[-1]),
                steps_to_minimum=int(trajectory.at[reached[0]]) if reached.size else None,
                ending=ending(recording, index),
                evaluations=trajectory.evaluations,
                trained=None if trained is None else (trained[0], trained[1], trained[2]),
                facts=trajectory.facts,
            )
        )
    return tuple(rows)


def as_json(recording: Recording) -> dict[str, Any]:
    """Return recipe and results as plain JSON values; numbers that are not finite become None."""
    if recording.training is not None and recording.problem:
        return problem_json(recording, recording.training)
    if recording.training is not None:
        return network_json(recording, recording.training)
    recipe = recording.recipe
    runs = [
        {
            "optimizer": row.spec,
            "title": row.title,
            "lr": row.lr,
            "outcome": row.outcome,
            "outcome_step": row.outcome_step,
            "steps": row.steps,
            "final_point": [_finite(value) for value in row.final_point],
            "final_loss": _finite(row.final_loss),
            "distance_to_minimum": _finite(row.distance),
            "steps_to_minimum": row.steps_to_minimum,
            "where": row.ending.kind or None,
            "left_domain_step": row.ending.left,
            "settled_step": row.ending.settled,
            "above_best": _finite(row.ending.above),
            "evaluations": row.evaluations,
            **_training_json(row),
            **({"facts": list(row.facts)} if row.facts else {}),
        }
        for row in summarize(recording)
    ]
    return {
        "target": recipe.target,
        "start": list(recipe.start),
        "steps": recipe.steps,
        "seed": recipe.seed,
        "noise": recipe.noise,
        "stop_at": recipe.stop_at,
        "device": recipe.device,
        "dtype": recipe.dtype,
        "runs": runs,
        "minima": [minimum_json(minimum, list(minimum.point)) for minimum in recording.minima],
        "domain": recording.domain and [list(side) for side in recording.domain],
        "versions": dict(recipe.versions),
    }


def as_table(recording: Recording) -> str:
    """Return an aligned table of plain text, one line a run, and what was seen in runs besides."""
    if recording.training is not None and recording.problem:
        return problem_table(recording, recording.training)
    if recording.training is not None:
        return network_table(recording, recording.training)
    rows = summarize(recording)
    table = aligned(_HEADINGS, [_cells(row) for row in rows], _TEXT_COLUMNS)
    facts = dict.fromkeys(f"{row.title}: {'; '.join(row.facts)}" for row in rows if row.facts)
    return "\n".join([table, *facts])


def _cells(row: Row) -> tuple[str, ...]:
    more = "" if row.trained is None else "evaluated point"
    words = label(OptimizerSpec.parse(row.spec), more=more, title=row.title)
    return (
        " ".join(filter(None, (words.title, words.details))),
        "-" if row.lr is None else f"{row.lr:g}",
        row.outcome,
        f"{row.final_loss:.4g}",
        "-" if row.distance is None else f"{row.distance:.4g}",
        "-" if row.steps_to_minimum is None else str(row.steps_to_minimum),
        "-" if row.ending.settled is None else str(row.ending.settled),
        row.ending.where or "-",
    )


def _training_json(row: Row) -> dict[str, Any]:
    """Return the training point of an optimizer with two; all else that is said is of the evaluated one."""
    if row.trained is None:
        return {}
    x, y, loss = map(_finite, row.trained)
    return {"point": "evaluated", "final_training_point": [x, y], "final_training_loss": loss}


def _first(rates: NDArray[np.float64]) -> float | None:
    return float(rates[0]) if len(rates) else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
