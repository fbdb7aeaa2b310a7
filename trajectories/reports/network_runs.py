"""What came of each training of a network, as JSON and as a table of text. NumPy only."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..results.network_runs import (
    BARRIER,
    TRAIN_LOSS,
    TRAIN_METRIC,
    VAL_LOSS,
    VAL_METRIC,
    schedules_per,
)
from ..results.rising import as_json as rising_json
from ..results.rising import sentences
from ..results.trajectory import NON_FINITE
from ..specs.labels import label, labels, titles
from ..specs.optimizer_spec import OptimizerSpec
from .text_table import aligned

if TYPE_CHECKING:
    from ..results.network_runs import TrainedRun, Training
    from ..results.recording import Recording

_PARTS = ("train", "val", "test")
_TEXT_COLUMNS = ("optimizer", "outcome")


def scores(run: TrainedRun) -> dict[str, tuple[float, float]]:
    """Return loss and metric of a run at its end, by the part of the data; NaN for an empty part."""
    last = run.epochs[-1]
    return {
        "train": (float(last[TRAIN_LOSS]), float(last[TRAIN_METRIC])),
        "val": (float(last[VAL_LOSS]), float(last[VAL_METRIC])),
        "test": (float(run.test[0]), float(run.test[1])),
    }


def network_json(recording: Recording, training: Training) -> dict[str, Any]:
    """Return recipe and results as plain JSON values; numbers that are not finite become None."""
    recipe = recording.recipe
    metric = training.metric.casefold()
    runs = []
    for index, (trajectory, run) in enumerate(zip(recording.trajectories, training.runs, strict=True)):
        spec = OptimizerSpec.parse(trajectory.spec)
        found: dict[str, Any] = {
            "optimizer": trajectory.spec,
            "title": spec.title,
            "lr": spec.lr,
            "outcome": str(trajectory.outcome),
            "outcome_step": trajectory.outcome.step,
            "steps": trajectory.steps,
            **({"facts": list(trajectory.facts)} if trajectory.facts else {}),
            "epochs": len(run.epochs)
            - 1
            - (trajectory.outcome.kind == NON_FINITE),  # the last was not finished
        }
        for part, (loss, value) in scores(run).items():
            found[f"{part}_loss"] = _finite(loss)
            if metric:
                found[f"{part}_{metric}"] = _finite(value)
        found |= {
            "measured_loss": _finite(float(trajectory.losses[-1])),
            "slice_loss": _finite(float(run.slice_losses[-1])),
            "variance_on_plane": training.plane.held[index] if training.plane.held else None,
            "distance_from_plane": _finite(float(run.distances[-1])),
            "distance_moved": _finite(float(run.moved[-1])),
            "evaluations": trajectory.evaluations,
        }
        runs.append(found | rising_json(trajectory))
    return {
        "target": recipe.target,
        "parameters": training.parameters,
        "samples": dict(zip(_PARTS, training.sizes, strict=True)),
        "training": None if recipe.training is None else asdict(recipe.training),
        "seed": recipe.seed,
        "device": recipe.device,
        "dtype": recipe.dtype,
        **plane_json(training),
        "runs": runs,
        "versions": dict(recipe.versions),
    }


def plane_json(training: Training) -> dict[str, Any]:
    """Return the plane that the runs are drawn on, and the lines between their ends, as plain JSON values."""
    return {
        "plane": {
            "kind": training.plane.kind,
            "axes": list(training.plane.axes),
            "explained": list(training.plane.explained),
            "fitted": list(training.plane.fitted),
        },
        "lines": [
            {
                "runs": list(line.runs),
                "losses_at_ends": [_finite(loss) for loss in line.ends],
                "barrier": _finite(line.barrier),
            }
            for line in training.lines
        ],
    }


def network_table(recording: Recording, training: Training) -> str:
    """Return an aligned table of plain text, one line a run below the headings, and each line's barrier."""
    parts = [part for part, size in zip(_PARTS, training.sizes, strict=True) if size]
    headings = ["optimizer", "lr", "outcome", *(f"{part} loss" for part in parts)]
    measured = parts if training.metric else []
    headings += [f"{part} {training.metric}" for part in measured]
    held = () if training.plane.exact else training.plane.held
    headings += ["variance on plane"] * bool(held)
    rows = []
    specs = [OptimizerSpec.parse(trajectory.spec) for trajectory in recording.trajectories]
    called = titles(specs)
    for index, (trajectory, run) in enumerate(zip(recording.trajectories, training.runs, strict=True)):
        spec = specs[index]
        per = "" if recording.recipe.training is None else schedules_per(recording.recipe.training, spec)
        words, found = label(spec, per=per, title=called[index]), scores(run)
        rows.append(
            (
                " ".join(filter(None, (words.title, words.details))),
                "-" if spec.lr is None else f"{spec.lr:g}",
                str(trajectory.outcome),
                *(f"{found[part][0]:.4g}" for part in parts),
                *(in_words(training.metric, found[part][1]) for part in measured),
                *("-" if share is None else f"{100 * share:.1f} %" for share in held[index : index + 1]),
            )
        )
    facts = dict.fromkeys(
        f"{title}: {'; '.join(run.facts)}"
        for title, run in zip(called, recording.trajectories, strict=True)
        if run.facts
    )
    return "\n".join(
        [
            aligned(headings, rows, _TEXT_COLUMNS),
            *barriers(recording, training),
            *sentences(recording),
            *facts,
        ]
    )


def barriers(recording: Recording, training: Training) -> list[str]:
    """Say of each line between the ends of two runs how high its barrier is, and what that is."""
    said = []
    names = [words.name for words in labels(run.spec for run in recording.trajectories)]
    for line in training.lines:
        one, other = (names[k] for k in line.runs)
        height = f"{line.barrier:.3g}" if math.isfinite(line.barrier) else "not finite"
        what = BARRIER.replace("training ", "") if recording.problem else BARRIER
        said.append(f"barrier between the ends of {one} and {other} is {height}: {what}")
    return said


def in_words(metric: str, value: float) -> str:
    """Write a metric: a share in percent, anything else with a few digits.

    >>> in_words("accuracy", 0.9638), in_words("RMSE", 0.49384)
    ('96.4 %', '0.494')
    """
    return f"{100 * value:.1f} %" if metric == "accuracy" else f"{value:.3g}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
