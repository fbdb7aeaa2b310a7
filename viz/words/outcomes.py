"""What became of each run of a recording, in words: how it ended, which was best, how many were lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...trajectories.reports.endings import AT_MINIMUM, MOVING, NEAR, UNSAID
from ...trajectories.reports.network_runs import scores
from ...trajectories.results.network_runs import CHECKPOINTS
from ...trajectories.results.rising import rising
from ...trajectories.results.rising import words as rising_words
from ...trajectories.results.trajectory import CONVERGED, LEFT_THE_VIEW, NON_FINITE, STOPPED
from ..scenes.runs import when
from ..style.numbers import amount, counted
from .events import left_words
from .network_words import loss_name
from .network_words import result as network_result
from .prose import called, listed
from .surface_notes import known_minimum

if TYPE_CHECKING:
    from ...trajectories.reports.runs import Row
    from ..scenes.runs import SceneRun
    from ..scenes.scene import Scene

LOST = {LEFT_THE_VIEW: ("leaves", "leave", "the view"), NON_FINITE: ("becomes", "become", "non-finite")}


def names(scene: Scene) -> list[str]:
    """Return what each run is called, with its options."""
    if scene.recording.recipe.specs == (CHECKPOINTS,):
        return ["The training"]
    return [called(run.label) for run in scene.runs]


def ends(scene: Scene) -> list[str]:
    """Say of each run what became of it, as a sentence without its subject and full stop."""
    if scene.panels == ("rising",):  # where a loss ends that was driven up says nothing
        return [", ".join(rising_words(rising(run.trajectory))) for run in scene.runs]
    if scene.recording.training is not None:
        return _network_ends(scene)
    recording = scene.recording
    minimum = known_minimum(recording)
    return [_lost(run) or _arrived(run.result, minimum, run.trajectory.outcome.kind) for run in scene.runs]


def order(scene: Scene) -> list[int]:
    """Return the runs that can be judged, the best first.

    On a surface these are those that stayed finite and in the view, by their final loss; of a network those
    that stayed finite, by the metric on unseen data, or where there is none on what they learned from.
    """
    if scene.recording.training is not None:
        return _network_order(scene)
    stayed = [
        run
        for run in scene.runs
        if run.trajectory.outcome.kind not in LOST and math.isfinite(run.result.final_loss)
    ]
    return [run.number for run in sorted(stayed, key=lambda run: run.result.final_loss)]


def score(scene: Scene, index: int) -> str:
    """Say by which number a run is judged."""
    if scene.recording.training is None:
        return f"loss {amount(scene.runs[index].result.final_loss)}"
    loss = f"{loss_name(scene.training)} {amount(_train_loss(scene, index))}"
    return loss if scene.recording.problem else network_result(scene, index) or loss


def losses(scene: Scene) -> list[str]:
    """Say how many runs left the view or lost their numbers."""
    kinds = [run.outcome.kind for run in scene.recording.trajectories]
    counts = {kind: kinds.count(kind) for kind in LOST if kind in kinds}
    if not counts:
        return []
    words = [f"{count} {LOST[kind][count > 1]} {LOST[kind][2]}" for kind, count in counts.items()]
    return [f"Of {len(kinds)} runs, {listed(words)}."]


def _lost(run: SceneRun) -> str:
    """Say how a run left the view or lost its numbers; empty where it did neither."""
    path, outcome = run.trajectory, run.trajectory.outcome
    left = run.result.ending.left
    if outcome.kind == LEFT_THE_VIEW and left is not None and left <= (outcome.step or 0):
        return f"leaves the domain at step {left} and the view at step {outcome.step}"
    if outcome.kind == LEFT_THE_VIEW and left_words(run):
        at = path.at
        return f"leaves the view at step {at[run.first_out]} first and at step {at[run.left]} for good"
    if outcome.kind == LEFT_THE_VIEW:
        return str(outcome).replace("left", "leaves") if outcome.step else "is never in the view"
    if outcome.kind != NON_FINITE or outcome.step is None:
        return ""
    if not outcome.step:
        return "is non-finite from the start"
    lost = str(outcome).replace(NON_FINITE, f"becomes {NON_FINITE}")
    if run.left and int(path.at[run.left]) < outcome.step:
        return f"leaves the view {when(path, run.left)} and {lost}"
    return lost


def _arrived(row: Row, minimum: str, kind: str) -> str:
    """Say where a run ended that stayed in the view."""
    loss, end = f"with loss {amount(row.final_loss)}", row.ending
    first = f"converges at step {row.outcome_step}" if kind == CONVERGED else ""
    if end.kind == AT_MINIMUM:
        if first:
            away = "" if row.distance is None else f", {amount(row.distance)} from {minimum}"
            return f"{first} {loss}{away}"
        since = "" if row.steps_to_minimum == end.settled else f" and stays there from step {end.settled}"
        return f"comes within {NEAR:g} of {minimum} at step {row.steps_to_minimum}{since}"
    if end.left is not None:
        return f"leaves the domain at step {end.left} and ends {loss}"
    if end.kind in (MOVING, UNSAID):
        away = "" if row.distance is None else f"{amount(row.distance)} from {minimum}"
        if first:
            return f"{first} {loss}" + f", {away}" * bool(away)
        said = "is still moving" + "," * bool(away) if end.kind == MOVING else "ends"
        return " ".join(filter(None, [said, away, loss]))
    above = "" if end.above is None else f", {amount(end.above)} above the best"
    return f"{first or 'ends'} {end.kind} {loss}{above}"


def _network_ends(scene: Scene) -> list[str]:
    found = []
    for index, run in enumerate(scene.recording.trajectories):
        loss = _train_loss(scene, index)
        parts = [f"{loss_name(scene.training)} {amount(loss)}"] if math.isfinite(loss) else []
        parts += filter(None, [network_result(scene, index)])
        joined = ", ".join(parts) if scene.recording.problem else listed(parts)
        numbers = f" with {joined}" if parts else ""
        kind = run.outcome.kind
        lost = _lost(scene.runs[index]).replace("step ", f"{scene.training.unit} ")
        if kind == NON_FINITE:
            found.append(lost)
        elif lost:
            found.append(f"{lost} and ends{numbers}")
        elif kind == STOPPED:
            found.append(f"{str(run.outcome).replace('stopped', 'stops')}{numbers}")
        else:
            last = f"is shown up to {scene.training.unit} {run.steps}"
            after = last if run.spec == CHECKPOINTS else f"ends after {counted(run.steps, 'step')}"
            found.append(f"ends{numbers}" if numbers else after)
    return found


def _network_order(scene: Scene) -> list[int]:
    runs, kinds = scene.training.runs, [run.outcome.kind for run in scene.recording.trajectories]
    finite = [k for k, kind in enumerate(kinds) if kind != NON_FINITE]
    if scene.recording.problem:
        last = {k: scores(runs[k])["train"][0] for k in finite}
        return sorted((k for k in finite if math.isfinite(last[k])), key=last.__getitem__)
    sign = -1.0 if scene.training.metric == "accuracy" else 1.0
    for part in ("test", "val", "train"):
        values = {k: scores(runs[k])[part] for k in finite}
        if values and all(math.isfinite(metric) for _, metric in values.values()):
            return sorted(finite, key=lambda k: (sign * values[k][1], values[k][0]))
    return []


def _train_loss(scene: Scene, index: int) -> float:
    loss = scores(scene.training.runs[index])["train"][0]
    return loss if math.isfinite(loss) else float(scene.recording.trajectories[index].losses[-1])
