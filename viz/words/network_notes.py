"""The fine print of a network's picture, and the line that says what its plane is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...surfaces.surface import inside
from ...surfaces.text import escaped
from ...trajectories.results.network_runs import CHECKPOINTS
from ...trajectories.specs.labels import labels
from ..scenes.arrow_vectors import notes as arrow_notes
from ..scenes.panel_table import PANELS
from ..style.numbers import counted, percent
from .problem_words import minimum_note
from .prose import packages
from .surface_notes import facts_of

if TYPE_CHECKING:
    from ..scenes.scene import Scene

_LESS = 0.05  # of the variance: a path of which so much more is hidden than of all is named
_END, _START = "the end of ", " and the start"  # in the meaning of a plane through ends


def network_notes(scene: Scene, *, to_scale: bool) -> list[tuple[int, str]]:
    """Return what the reader must know to trust the picture, in order, each with its rank: 0 is vital."""
    recording, training, runs = scene.recording, scene.training, len(scene.training.runs)
    recipe, plane = recording.recipe, training.plane
    notes: list[tuple[int, str]] = []
    marked = any(PANELS[name].hero for name in scene.panels)
    if marked and inside(recipe.start, scene.view):
        first = recipe.specs == (CHECKPOINTS,)
        notes.append((1, "○ first checkpoint" if first else "○ start"))
    if marked and any(inside(minimum.point, scene.view) for minimum in recording.minima):
        notes.append((1, "☆ known minimum"))
    if marked and not to_scale and not plane.exact:
        notes.append((2, "axes not to one scale"))
    notes += [(2, words) for words in arrow_notes(scene.arrows, field=scene.field)]
    if "rising" in scene.panels:
        notes.append(
            (0, "each rate has one step, from where the steps before it led: no training at that rate")
        )
    hidden = 1 - sum(plane.explained)
    if shows_plane(scene) and not plane.exact and math.isfinite(hidden) and sum(plane.explained) > 0:
        words = f"the plane hides {percent(max(0.0, hidden))} of {drawn_variance(scene)}"
        if least := least_held(scene):
            words += f", {percent(1 - least[1])} of that of {least[0]}"
        notes.append((0, words))
    if shows_plane(scene) and 0 < len(plane.fitted) < runs:
        notes.append((0, f"plane laid through {len(plane.fitted)} of {runs} paths"))
    if recording.problem:
        notes += [(0, words) for words in filter(None, [minimum_note(training)])]
    elif training.measured:
        part = f"{training.measured} of " if training.measured < training.sizes[0] else ""
        notes.append((0, f"loss of {part}{training.sizes[0]} training samples"))
    elif marked:
        notes.append((0, "no data was given, so no loss surface is drawn"))
    if training.batch_norm:
        notes.append((0, "batch norm by the statistics of these samples"))
    notes += [(int(k > 0), words) for k, words in enumerate(training.notes)]  # the gravest comes first
    parameters = counted(training.parameters, "parameter")
    if described(scene) != parameters:
        notes.append((1, parameters))
    rows = len(recording.kept)
    some = rows < recording.steps + 1
    if recording.recipe.specs == (CHECKPOINTS,):
        notes.append((0, f"{rows} checkpoints, straight lines between them"))
        if {"gradient", "layers", "hinton"}.intersection(scene.panels):
            notes.append((0, "gradients of the loss on these samples"))
        some = True
    elif some:
        notes.append((1, f"{rows} of {recording.steps + 1} steps kept"))
    if scene.frames < rows:
        notes.append(
            (
                2,
                f"{scene.frames} of them shown" if some else f"{scene.frames} of {rows} steps shown",
            )
        )
    if scene.timing.early:
        notes.append((2, "first steps shown longer"))
    _, val, test = training.sizes
    parts = [f"{size} {name}" for size, name in ((val, "validation"), (test, "test")) if size]
    if parts:
        notes.append((3, f"{' and '.join(parts)} samples"))
    if recipe.training is not None and recipe.training.epochs and not recording.problem:
        size, whole = recipe.training.batch_size, scene.training.sizes[0]
        notes.append((3, f"{'full ' * (size >= whole)}batches of {size}"))
    if recipe.training is None or recipe.training.epochs:  # a loop of somebody's own has its own seeds
        notes.append((4, f"seed {recipe.seed}"))
    if recipe.protocol:
        notes.append((2, escaped(recipe.protocol)))
    notes += [(2, words) for words in facts_of(scene)]
    notes += [(5, words) for words in packages(recipe.versions, scene.specs)]
    notes.append((4, f"{recipe.dtype} on {recipe.device}"))
    return notes


def drawn_variance(scene: Scene) -> str:
    """Say of which variance the shares are: a path that leaves the view counts as far as it is drawn."""
    gone = any(run.left is not None for run in scene.runs)
    return "the variance of the paths inside the view" if gone else "the paths' variance"


def least_held(scene: Scene) -> tuple[str, float] | None:
    """Return the run of which the plane holds the least, and what share, where that is less than of all."""
    plane = scene.training.plane
    shares = [(share, k) for k, share in enumerate(plane.held) if share is not None]
    if not shares or min(shares)[0] > sum(plane.explained) - _LESS:
        return None
    share, k = min(shares)
    return labels(scene.specs)[k].name, max(0.0, share)


def shows_plane(scene: Scene) -> bool:
    """Whether a panel shows the plane, or the losses on it."""
    return any(PANELS[name].hero or name == "loss" for name in scene.panels)


def described(scene: Scene) -> str:
    """Say in a line under the title what the plane is, where something on it is shown."""
    words = shortened(scene.training.plane.meaning) if shows_plane(scene) else ""
    return words[:1].upper() + words[1:] if words else counted(scene.training.parameters, "parameter")


def shortened(meaning: str) -> str:
    """Say a plane's meaning in fewer words.

    >>> shortened("The plane goes through the end of SGD lr 0.1, the end of Adam lr 0.01 and the start.")
    'through the start and the ends of SGD lr 0.1 and Adam lr 0.01'
    """
    words = meaning.strip().removesuffix(".")
    through = words.removeprefix("The plane goes through ")
    if through == words or _END not in through:
        return words.removeprefix("The axes are ")
    start = through.endswith(_START)
    runs = [part.removesuffix(" and ").rstrip(", ") for part in through.removesuffix(_START).split(_END)[1:]]
    ends = f"the ends of {', '.join(runs[:-1])} and {runs[-1]}" if len(runs) > 1 else _END + runs[0]
    return f"through {'the start and ' if start else ''}{ends}"
