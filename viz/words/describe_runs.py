"""What is said of a recording: of a surface, of runs on it, of networks that are trained."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...surfaces.catalogue import CURVE
from ...surfaces.errors import DescentError
from ...trajectories.reports.network_runs import barriers
from ...trajectories.results.network_runs import CHECKPOINTS
from ..scenes.panel_table import kind_of
from ..scenes.scaled import recording_heights
from ..style.numbers import counted, percent, ranked
from .network_notes import drawn_variance, least_held, shows_plane
from .network_words import contour_names, network_title
from .outcomes import LOST, ends, losses, names, order, score
from .problem_words import minimum_note, problem_subject
from .prose import LONGEST, Words, compared, landscape, listed, made, paragraph, place, plain
from .titles import title_of

if TYPE_CHECKING:
    from ..scenes.scene import Scene

_FEW = 6  # runs up to which each has a sentence of its own
_BEST = 3  # of more runs so many are named
_HEROES = {
    "contour": "contour",
    "surface3d": "3-D",
    "curve": "curve",
    "rising": "rising-rate",
}  # what the largest panel is called


def of_recording(scene: Scene, moving: bool) -> Words:
    """Say what a picture of a recording shows."""
    recording = scene.recording
    network = recording.training is not None
    recipe = recording.recipe
    learned = recipe.training.data if recipe.training is not None else ""
    title = network_title(recipe.target, learned).replace(" · ", ": ") if network else title_of(recipe.target)
    subject = _network(scene) if network else landscape(recipe.target, curve=kind_of(recording) == CURVE)
    specs = scene.specs
    notes = _notes(scene)
    if not specs:
        alone = f"{_form(scene, moving)} of {subject}{_view(scene)}."
        return Words(
            plain(title), paragraph([alone, *_minima(scene)], [], notes), plain(" ".join([alone, *notes]))
        )
    tests = scene.panels == ("rising",)  # nothing on a plane is shown
    endings = ends(scene)
    length = _length(scene)
    said = [f"{name} {end}." for name, end in zip(names(scene), endings, strict=True)]
    first = [f"{_form(scene, moving)} of {subject}, {length}."]
    if network and not tests:
        first.append(scene.training.plane.meaning)
    full = plain(" ".join([*first, *said, *notes]))
    middle = said if len(specs) <= _FEW and len(full) <= LONGEST else _summary(scene, endings)
    caption = [
        f"{compared(specs)} on {subject}, {length}.",
        *(said[:_FEW] if tests else _outcome(scene, endings)),
        *notes,
        *made(specs, recipe.versions),
    ]
    return Words(plain(title), paragraph(first, middle, notes), plain(" ".join(caption)))


def _form(scene: Scene, moving: bool) -> str:
    """Say what kind of picture it is: "Contour animation"."""
    name = next((_HEROES[name] for name in scene.panels if name in _HEROES), "")
    name = name or ("contour" if scene.grid or scene.strip or not scene.chosen else "")
    noun = "animation" if moving else "plot"
    if scene.grid:
        return f"Small {name} {noun}s by {listed([_GRID[each] for each in scene.grid])}"
    if scene.strip:
        return (
            f"{ranked(scene.strip).capitalize()} {name} plots side by side, from the first step to the last,"
        )
    words = f"{name} {noun}".strip()
    return words[:1].upper() + words[1:]


_GRID = {"field": "field", "optimizer": "optimizer", "lr": "learning rate", "run": "run"}


def _network(scene: Scene) -> str:
    recipe = scene.recording.recipe
    if scene.recording.problem:
        return problem_subject(recipe.target)
    network, _, learned = network_title(
        recipe.target, recipe.training.data if recipe.training is not None else ""
    ).partition(" · ")
    heights = contour_names(scene).heights
    return f"the {heights or 'paths'} of a network ({network})" + f" learning {learned}" * bool(learned)


def _length(scene: Scene) -> str:
    """Say how long the runs are and where they begin."""
    recipe = scene.recording.recipe
    if recipe.training is None:
        start = recipe.start[:1] if kind_of(scene.recording) == CURVE else recipe.start
        return f"{counted(recipe.steps, 'step')} from {place(start)}"
    if recipe.specs == (CHECKPOINTS,):
        kept, unit = scene.recording.kept, scene.training.unit
        return f"{counted(len(kept), 'checkpoint')}, {unit} {kept[0]} to {kept[-1]}"
    if not recipe.training.epochs or recipe.training.alone:
        return counted(scene.recording.steps, "step")
    return f"{counted(recipe.training.epochs, 'epoch')} in batches of {recipe.training.batch_size}"


def _view(scene: Scene) -> str:
    (x0, x1), (y0, y1) = scene.view
    across = f", x from {x0:g} to {x1:g}"
    return across if kind_of(scene.recording) == CURVE else f"{across} and y from {y0:g} to {y1:g}"


def _minima(scene: Scene) -> list[str]:
    """Say where the known minima are: in no sentence or in one."""
    one = kind_of(scene.recording) == CURVE
    points = [place(minimum.point[:1] if one else minimum.point) for minimum in scene.recording.minima]
    if not points:
        return []
    some = listed(points[:6]) if len(points) <= 6 else f"{', '.join(points[:6])} and elsewhere"
    if len(points) > 1:
        return [f"Known minima are at {some}."]
    only = scene.recording.minima[0].domain_only
    return [
        f"The minimum on the domain is at {some}, on its border."
        if only
        else f"The known minimum is at {some}."
    ]


def _summary(scene: Scene, endings: list[str]) -> list[str]:
    """Say of many runs how the best ended, and how many were lost."""
    called, said = names(scene), []
    if best := order(scene)[:_BEST]:
        judged = "" if scene.recording.training is not None else " by final loss"
        lead = f"The best{'' if len(best) == 1 else f' {ranked(len(best))}'} of {len(called)} runs{judged}:"
        said.append(f"{lead} {'; '.join(f'{called[k]} {endings[k]}' for k in best)}.")
    return said + losses(scene)


def _outcome(scene: Scene, endings: list[str]) -> list[str]:
    """Say in a caption what came out best, and worst."""
    called, best, said = names(scene), order(scene), []
    if len(called) == 1:
        return [f"{called[0]} {endings[0]}."]
    lost = [k for k, run in enumerate(scene.recording.trajectories) if run.outcome.kind in LOST]
    good, bad = ("best", "worst") if scene.recording.training is not None else ("lowest", "highest")
    judged = [score(scene, k) for k in best]
    if len(best) > 1 and judged[0] == judged[-1]:
        said.append(f"{'Both' if len(best) == 2 else f'{len(best)} of them'} end alike, with {judged[0]}.")
    elif best:
        said.append(f"{called[best[0]]} ends{f' {good},' * (len(best) > 1)} with {judged[0]}.")
        if len(best) > 1 and not lost:
            said.append(f"{called[best[-1]]} ends {bad}, with {judged[-1]}.")
    if len(lost) == 1:
        said.append(f"{called[lost[0]]} {endings[lost[0]]}.")
    return said + (losses(scene) if len(lost) > 1 else [])


def _notes(scene: Scene) -> list[str]:
    """Return the sentences without which the picture would be misread."""
    recording, recipe = scene.recording, scene.recording.recipe
    notes = []
    training = recording.training
    if training is not None and not training.plane.exact and shows_plane(scene):
        shown = sum(training.plane.explained)
        if math.isfinite(shown) and shown > 0:
            least = least_held(scene)
            of_one = f", {percent(least[1])} of that of {least[0]}" if least else ""
            notes.append(f"The plane holds {percent(min(shown, 1.0))} of {drawn_variance(scene)}{of_one}.")
    if training is not None and (words := minimum_note(training)):
        notes.append(f"The {words.replace('loss ', 'loss is ')}.")
    if "rising" in scene.panels:
        notes.append("Each rate has one step, from where the steps before it led.")
    if training is not None and scene.grid == ("field",):
        notes.append(f"The fields are {listed([each.name for each in training.fields])}.")
    if training is not None and "line" in scene.panels:
        notes += [f"The {words}." for words in barriers(recording, training)]
    if scene.note:
        notes.append(f"{scene.note[:1].upper()}{scene.note[1:]}.")
    if recipe.noise:
        notes.append(f"Noise of {recipe.noise:g} is added to each gradient (seed {recipe.seed}).")
    if recipe.stop_at is not None:
        notes.append(f"Runs end at gradient norm {recipe.stop_at:g}.")
    if recipe.protocol:
        notes.append(f"{recipe.protocol[:1].upper()}{recipe.protocol[1:].rstrip('.')}.")
    if _log_heights(scene):
        notes.append("Heights are on a log scale.")
    return notes


def _log_heights(scene: Scene) -> bool:
    """Return whether the heights of a contour or a surface are drawn on a log scale."""
    training = scene.recording.training
    if kind_of(scene.recording) == CURVE or (training is not None and not training.measured):
        return False
    if scene.panels == ("rising",) or (scene.chosen and not {"contour", "surface3d"} & set(scene.panels)):
        return False
    floor = None if training is None else contour_names(scene).floor
    try:
        return recording_heights(scene.recording, scene.heights, floor, scene.ground).log
    except DescentError:  # no height is finite
        return False
