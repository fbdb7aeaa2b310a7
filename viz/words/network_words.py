"""The words on a network's picture: title, axes, what came of each run, and the fine print."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.options import format_value, parse_named
from ...trajectories.reports.network_runs import in_words
from ...trajectories.results.network_runs import (
    CHECKPOINTS,
    STEP,
    TRAIN_LOSS,
    TRAIN_METRIC,
    VAL_METRIC,
    main_field,
)
from ...trajectories.results.rising import rising
from ...trajectories.results.rising import words as rising_words
from ...trajectories.results.trajectory import FINISHED, LEFT_THE_VIEW, NON_FINITE
from ..scenes.runs import when
from ..style.numbers import percent
from .axis_names import Names
from .events import Event, left_and_lost, vital_details, wrapped
from .legend_words import Entry
from .problem_words import is_problem, problem_result, problem_title

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...trajectories.results.network_runs import Training
    from ...trajectories.results.trajectory import Trajectory
    from ..scenes.runs import SceneRun
    from ..scenes.scene import Scene

_WRAP = 44  # characters on a line of details


def network_title(target: str, data: str) -> str:
    """Write a network and its data as a title.

    >>> network_title("mlp:hidden=16/16,activation=tanh", "moons:noise=0.1")
    'MLP 16–16, tanh · moons'
    >>> network_title("mlp784", "digits28"), network_title("linear", "my/points.npz")
    ('784–128–10 network · digits28', 'Linear · points')
    """
    if not data and is_problem(target):
        return problem_title(target)
    name, _, rest = target.partition(":")
    words = {"linear": "Linear", "logistic": "Logistic", "mlp": "MLP", "cnn": "CNN"}.get(name)
    words = "784–128–10 network" if name == "mlp784" else words
    if words is None or (rest and "=" not in rest):
        words = target
    else:
        for key, value in parse_named(target, "target")[1] if rest else ():
            if key == "hidden":
                words += " " + "–".join(map(str, value if isinstance(value, tuple) else (value,)))
            elif key == "activation":
                words += f", {value}"
            else:
                words += f", {key} {f'{value:g}' if isinstance(value, float) else format_value(value)}"
    learned = data.partition(":")[0] if "=" in data else data
    if data.endswith(".npz"):
        learned = PurePath(data).stem
    return f"{words} · {learned}" if learned else words


def contour_names(scene: Scene) -> Names:
    """Say what the plane's axes are, how much of the paths' variance they hold, and what the heights are."""
    plane, recipe = scene.training.plane, scene.recording.recipe.training
    what = main_field(recipe.field_of) if recipe is not None else "train"
    heights = {"train": "loss", "val": "validation loss", "metric": "error rate"}[what]
    if what == "metric" and scene.training.metric != "accuracy":
        heights = scene.training.metric
    axes = list(plane.axes)
    if not plane.exact and all(map(math.isfinite, plane.explained)) and sum(plane.explained) > 0:
        axes = [
            f"{name} ({percent(share)} of the paths' variance)"
            for name, share in zip(plane.axes, plane.explained, strict=True)
        ]
    if not scene.training.measured:
        return Names(axes[0], axes[1], "")
    if scene.recording.problem:
        return Names(axes[0], axes[1], heights, scene.training.minimum)
    minima = scene.recording.minima if what == "train" else ()  # they are those of the training loss
    floor = minima[0].value if minima else 0.0 if np.nanmin(scene.recording.field.z) >= 0 else None
    return Names(axes[0], axes[1], heights, floor)


def loss_name(training: Training) -> str:
    """Say which loss a run's losses are: of checkpoints without data what their training said.

    Problems have one loss, and no samples.
    """
    if training.measured:
        return "training loss" if training.sizes[0] else "loss"
    return "batch loss" if any(np.isfinite(run.batch_losses).any() for run in training.runs) else "told loss"


def told_losses(scene: Scene, run: Trajectory) -> bool:
    """Whether a run has losses: not where there were no data and nobody told them."""
    measured = scene.recording.training is None or scene.training.measured > 0
    return measured or bool(np.isfinite(run.losses).any())


def loss_heading(scene: Scene) -> str:
    """Say what stands in the column of losses: nothing where no run has any."""
    if scene.recording.training is None:
        return "loss"
    told = any(told_losses(scene, run) for run in scene.recording.trajectories)
    return loss_name(scene.training) if told else ""


def result(scene: Scene, index: int) -> str:
    """Say how good a run became: on the test part, or the validation part, or what it learned from.

    Nothing of a run whose numbers were lost: what is known of it is from an earlier epoch.
    """
    run, metric = scene.training.runs[index], scene.training.metric
    if scene.recording.problem:
        return problem_result(scene.training, float(run.epochs[-1, TRAIN_LOSS]))
    if scene.recording.trajectories[index].outcome.kind == NON_FINITE and not math.isfinite(run.test[1]):
        return ""
    for part, value in (
        ("test", run.test[1]),
        ("validation", run.epochs[-1, VAL_METRIC]),
        ("training", run.epochs[-1, TRAIN_METRIC]),
    ):
        if math.isfinite(value):
            return f"{part} {metric} {in_words(metric, float(value))}"
    return ""


def event(run: SceneRun) -> Event:
    """Say what befell a run before its end: that it left the view, lost its numbers or stopped early."""
    path, row, outcome = run.trajectory, run.left, run.trajectory.outcome
    if row is not None:
        left = int(path.at[row])
        if outcome.kind == NON_FINITE and outcome.step is not None:
            return (
                Event(left, left_and_lost(path, row))
                if left < outcome.step
                else Event(outcome.step, str(outcome))
            )
        return Event(left, f"{LEFT_THE_VIEW} {when(path, row)}" if row else "never in the view")
    return Event(
        path.steps if outcome.step is None else outcome.step, "" if outcome.kind == FINISHED else str(outcome)
    )


def network_entries(scene: Scene) -> tuple[Entry, ...]:
    """Collect the legend's words of each run."""
    found = []
    tests = scene.panels == ("rising",)
    # Checkpoints do not tell whether the training was finished with the last of them.
    over = scene.recording.recipe.specs == (CHECKPOINTS,)
    for run in scene.runs:
        words, steps = run.label, run.trajectory.steps
        news, end = event(run), result(scene, run.number)
        if tests:
            news, last = _rates_told(run)
        else:
            last = Event(steps, end or ("" if news.text or over else FINISHED))
        news = replace(news, text=news.text.replace("step ", f"{scene.training.unit} "))
        found.append(
            Entry(
                words.title,
                words.rate,
                wrapped(words.details, _WRAP),
                news,
                last,
                vital_details(words.details),
            )
        )
    return tuple(found)


def _rates_told(run: SceneRun) -> tuple[Event, Event]:
    """Say briefly what a rising rate tells, as the panel's heading explains it."""
    found = rising(run.trajectory)
    falls, above = (words.replace("falls ", "").replace(" its start", "") for words in rising_words(found))
    fastest, lost = (
        (0 if found.steepest is None else found.steepest),
        (-1 if found.above is None else found.above),
    )
    return Event(int(found.steps[fastest]), falls), Event(int(found.steps[lost]), above)


def counter(scene: Scene, frame: int, *, brief: bool = False) -> str:
    """Say at which step a frame is, and unless that must be brief how many epochs are done."""
    step = int(scene.timing.steps[frame])
    if brief or (ends := epoch_ends(scene)) is None:
        return f"{scene.training.unit} {step}"
    done = max(0, int(np.searchsorted(ends, step, side="right")) - 1)
    return f"step {step} · epoch {done}"


def epoch_ends(scene: Scene) -> NDArray[np.float64] | None:
    """Return the step at which each epoch ended, (E + 1,); None where runs differ in it, or have no epochs.

    Runs that accumulate gradients over several batches make fewer steps an epoch than others.
    """
    recipe = scene.recording.recipe.training
    if recipe is not None and (not recipe.epochs or recipe.alone):
        return None
    ends = [run.epochs[:, STEP] for run in scene.training.runs]
    longest = max(ends, key=len)
    return longest if all(np.array_equal(each, longest[: len(each)]) for each in ends) else None
