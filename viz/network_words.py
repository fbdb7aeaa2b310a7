"""The words on a network's picture: title, axes, what came of each run, and the fine print."""

from __future__ import annotations

import math
from pathlib import PurePath
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from ..surfaces.options import format_value, parse_named
from ..surfaces.surface import inside
from ..trajectories.labels import label
from ..trajectories.training import STEP, TRAIN_METRIC, VAL_METRIC
from ..trajectories.trajectory import FINISHED, NON_FINITE, exit_step
from .contour import Names
from .entries import Entry, Event
from .page import counted

if TYPE_CHECKING:
    from ..trajectories.recording import Recording
    from ..trajectories.training import Training
    from .scene import NetworkScene

_WRAP = 44  # characters on a line of details


def network_title(target: str, data: str) -> str:
    """Write a network and its data as a title.

    >>> network_title("mlp:hidden=16/16,activation=tanh", "moons:noise=0.1")
    'MLP 16–16, tanh · moons'
    >>> network_title("mlp784", "digits28"), network_title("linear", "my/points.npz")
    ('784–128–10 network · digits28', 'Linear · points')
    """
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


def contour_names(scene: NetworkScene) -> Names:
    """Say what the plane's axes are, how much of the paths' variance they hold, and what the heights are."""
    plane, recipe = scene.training.plane, scene.recording.recipe.training
    what = recipe.field_of if recipe is not None else "train"
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
    floor = 0.0 if np.nanmin(scene.recording.field.z) >= 0 else None
    return Names(axes[0], axes[1], heights, floor)


def loss_name(training: Training) -> str:
    """Say which loss a run's losses are."""
    return "training loss" if training.measured else "batch loss"


def percent(share: float) -> str:
    """Write a share in percent, in few characters that do not hide a small one.

    >>> percent(0.783), percent(0.9996), percent(0.0004), percent(0.0)
    ('78 %', '99.96 %', '0.04 %', '0 %')
    """
    value = 100 * share
    if value and (value < 1 or 99 < value < 100):
        return f"{value:.2g} %" if value < 1 else f"{value:.4g} %"
    return f"{value:.0f} %"


def measured(metric: str, value: float) -> str:
    """Write a metric's value.

    >>> measured("accuracy", 0.9612), measured("RMSE", 0.31234)
    ('accuracy 96.1 %', 'RMSE 0.312')
    """
    return (
        f"accuracy {f'{100 * value:.1f}'.removesuffix('.0')} %"
        if metric == "accuracy"
        else f"{metric} {value:.3g}"
    )


def result(scene: NetworkScene, index: int) -> str:
    """Say how good a run became: on the test part, or the validation part, or what it learned from."""
    run, metric = scene.training.runs[index], scene.training.metric
    for part, value in (
        ("test", run.test[1]),
        ("validation", run.epochs[-1, VAL_METRIC]),
        ("training", run.epochs[-1, TRAIN_METRIC]),
    ):
        if math.isfinite(value):
            return f"{part} {measured(metric, float(value))}"
    return ""


def event(recording: Recording, index: int) -> Event:
    """Say what befell a run before its end: that it left the view, lost its numbers or stopped early."""
    run = recording.trajectories[index]
    row = exit_step(run.points, recording.view)
    outcome = run.outcome
    if row is not None:
        left = int(run.at[row])
        if outcome.kind == NON_FINITE and outcome.step is not None:
            if left < outcome.step:
                return Event(left, f"left the view at step {left}, {NON_FINITE} at {outcome.step}")
            return Event(outcome.step, str(outcome))
        return Event(left, f"left the view at step {left}" if row else "never in the view")
    return Event(
        run.steps if outcome.step is None else outcome.step, "" if outcome.kind == FINISHED else str(outcome)
    )


def network_entries(scene: NetworkScene) -> tuple[Entry, ...]:
    """Collect the legend's words of each run."""
    found = []
    for index, spec in enumerate(scene.specs):
        words = label(spec)
        news, end = event(scene.recording, index), result(scene, index)
        steps = scene.recording.trajectories[index].steps
        found.append(
            Entry(
                words.title,
                words.rate,
                tuple(wrap(words.details, _WRAP)),
                news,
                Event(steps, end or ("" if news.text else FINISHED)),
            )
        )
    return tuple(found)


def counter(scene: NetworkScene, frame: int, *, brief: bool = False) -> str:
    """Say at which step a frame is, and unless that must be brief how many epochs are done."""
    step, recipe = int(scene.timing.steps[frame]), scene.recording.recipe.training
    if brief or (recipe is not None and not recipe.epochs):
        return f"step {step}"
    epochs = max((run.epochs[:, STEP] for run in scene.training.runs), key=len)
    done = max(0, int(np.searchsorted(epochs, step, side="right")) - 1)
    return f"step {step} · epoch {done}"


def network_notes(scene: NetworkScene, *, to_scale: bool) -> list[tuple[int, str]]:
    """Return what the reader must know to trust the picture, in order, each with its rank: 0 is vital."""
    recording, training, theme_runs = scene.recording, scene.training, len(scene.training.runs)
    recipe, plane = recording.recipe, training.plane
    notes: list[tuple[int, str]] = []
    if inside(recipe.start, recording.view):
        notes.append((1, "○ start"))
    if any(inside(minimum.point, recording.view) for minimum in recording.minima):
        notes.append((1, "☆ known minimum"))
    if not to_scale and not plane.exact:
        notes.append((2, "axes not to one scale"))
    hidden = 1 - sum(plane.explained)
    if not plane.exact and math.isfinite(hidden) and sum(plane.explained) > 0:
        notes.append((0, f"the plane hides {percent(max(0.0, hidden))} of the paths' variance"))
    if 0 < len(plane.fitted) < theme_runs:
        notes.append((0, f"plane laid through {len(plane.fitted)} of {theme_runs} paths"))
    if training.measured:
        notes.append((0, f"loss of {training.measured} training samples"))
    else:
        notes.append((0, "no data was given, so no loss surface is drawn"))
    notes.append((1, f"{training.parameters} parameters"))
    rows = len(recording.kept)
    if rows < recording.steps + 1:
        notes.append((1, f"{rows} of {recording.steps + 1} steps kept"))
    if scene.frames < rows:
        notes.append(
            (
                2,
                f"{scene.frames} of them shown"
                if rows < recording.steps + 1
                else f"{scene.frames} of {rows} steps shown",
            )
        )
    _, val, test = training.sizes
    parts = [f"{size} {name}" for size, name in ((val, "validation"), (test, "test")) if size]
    if parts:
        notes.append((3, f"{' and '.join(parts)} samples"))
    if recipe.training is not None and recipe.training.epochs:
        notes.append((3, f"batches of {recipe.training.batch_size}"))
    notes.append((4, f"seed {recipe.seed}"))
    if recipe.protocol:
        notes.append((2, recipe.protocol))
    if torch := dict(recipe.versions).get("torch"):
        notes.append((5, f"torch.optim {torch}"))
    notes.append((4, f"{recipe.dtype} on {recipe.device}"))
    return notes


def described(scene: NetworkScene) -> str:
    """Say in a line under the title what the plane is."""
    words = scene.training.plane.meaning.strip().removeprefix("The axes are ").removesuffix(".")
    return words[:1].upper() + words[1:] if words else counted(scene.training.parameters, "parameter")
