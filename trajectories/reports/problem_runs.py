"""What came of each run on a problem, as JSON and as a table of text. NumPy only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..results.network_runs import TRAIN_LOSS
from ..specs.labels import label
from ..specs.optimizer_spec import OptimizerSpec
from .network_runs import barriers, plane_json
from .text_table import aligned

if TYPE_CHECKING:
    from ..results.network_runs import Training
    from ..results.recording import Recording


def problem_json(recording: Recording, training: Training) -> dict[str, Any]:
    """Return recipe and results as plain JSON values; numbers that are not finite become None."""
    recipe = recording.recipe
    runs = []
    for index, (trajectory, run) in enumerate(zip(recording.trajectories, training.runs, strict=True)):
        spec = OptimizerSpec.parse(trajectory.spec)
        loss = float(run.epochs[-1, TRAIN_LOSS])
        found: dict[str, Any] = {
            "optimizer": trajectory.spec,
            "title": spec.title,
            "lr": spec.lr,
            "outcome": str(trajectory.outcome),
            "outcome_step": trajectory.outcome.step,
            "steps": trajectory.steps,
            **({"facts": list(trajectory.facts)} if trajectory.facts else {}),
            "loss": _finite(loss),
            "above_minimum": None if training.minimum is None else _finite(loss - training.minimum),
            "slice_loss": _finite(float(run.slice_losses[-1])),
            "variance_on_plane": training.plane.held[index] if training.plane.held else None,
            "distance_from_plane": _finite(float(run.distances[-1])),
            "distance_moved": _finite(float(run.moved[-1])),
            "evaluations": trajectory.evaluations,
        }
        if training.matrix and len(run.step_values) > 1:
            found["last_step_singular_values"] = [_finite(value) for value in run.step_values[-2].tolist()]
            found["last_singular_values"] = [_finite(value) for value in run.weight_values[-1].tolist()]
        runs.append(found)
    return {
        "target": recipe.target,
        "parameters": training.parameters,
        "minimum": training.minimum,
        "minimum_attained": None if training.minimum is None else training.attained,
        "matrix": training.matrix or None,
        "seed": recipe.seed,
        "device": recipe.device,
        "dtype": recipe.dtype,
        **plane_json(training),
        "runs": runs,
        "versions": dict(recipe.versions),
    }


def problem_table(recording: Recording, training: Training) -> str:
    """Return an aligned table of plain text, one line a run below the headings, and what is known besides."""
    headings = ["optimizer", "lr", "outcome", "loss"]
    headings += ["above the minimum"] * (training.minimum is not None)
    held = () if training.plane.exact else training.plane.held
    headings += ["variance on plane"] * bool(held)
    rows = []
    for index, (trajectory, run) in enumerate(zip(recording.trajectories, training.runs, strict=True)):
        spec, loss = OptimizerSpec.parse(trajectory.spec), float(run.epochs[-1, TRAIN_LOSS])
        words = label(spec)
        rows.append(
            (
                " ".join(filter(None, (words.title, words.details))),
                "-" if spec.lr is None else f"{spec.lr:g}",
                str(trajectory.outcome),
                f"{loss:.4g}",
                *([] if training.minimum is None else [f"{loss - training.minimum:.3g}"]),
                *("-" if share is None else f"{100 * share:.1f} %" for share in held[index : index + 1]),
            )
        )
    known = []
    if training.minimum is not None:
        known.append(
            f"{'lowest loss' if training.attained else 'infimum of the loss'}: {training.minimum:.6g}"
        )
    facts = dict.fromkeys(
        f"{OptimizerSpec.parse(run.spec).title}: {'; '.join(run.facts)}"
        for run in recording.trajectories
        if run.facts
    )
    table = aligned(headings, rows, ("optimizer", "outcome"))
    return "\n".join([table, *known, *barriers(recording, training), *facts])


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
