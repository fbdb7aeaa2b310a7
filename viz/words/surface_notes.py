"""The fine print of a picture: what it needs to be trusted, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...surfaces.catalogue import CURVE, SURFACE
from ...surfaces.surface import inside, passes
from ...surfaces.text import escaped
from ...trajectories.results.trajectory import IN_SINGLE
from ..scenes.arrow_vectors import notes as arrow_notes
from ..scenes.panel_table import PANELS, kind_of
from ..style.language import say
from ..style.numbers import counted
from .prose import listed, packages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...surfaces.surface import Box, Minimum
    from ...trajectories.results.recording import Recording
    from ..scenes.scene import Scene
    from ..scenes.timing import Timing
    from ..style.layout import Layout


DASHED = "dashed: domain"  # the words for its border
_DOT = "  ·  "


def fine_print(scene: Scene, layout: Layout) -> str:
    """Say in one line what the reader must know to trust the picture."""
    return "  ·  ".join(words for _, words in surface_notes(scene, to_scale=layout.to_scale))


def surface_notes(scene: Scene, *, to_scale: bool) -> list[tuple[int, str]]:
    """Return what the reader must know to trust the picture, in order, each with its rank: 0 is vital."""
    recipe, timing = scene.recording.recipe, scene.timing
    runs, curve = scene.recording.trajectories, kind_of(scene.recording) == CURVE
    notes = []
    if any(PANELS[name].hero for name in scene.panels):
        if runs and inside(recipe.start, scene.view):
            notes.append((2, "○ start"))
        if runs and "contour" in scene.panels and kind_of(scene.recording) == SURFACE:
            notes.append((3, "dots: single steps longer than two dots"))
        notes += [(1, words) for words in star_words(scene.recording.minima, scene.view)]
    if shows_border(scene):
        notes.append((1, DASHED))
    if scene.zoomed:
        (x0, x1), (y0, y1) = scene.recording.view
        notes.append((1, f"zoomed in from x {x0:g} to {x1:g}, y {y0:g} to {y1:g}"))
    if not to_scale and not curve:
        notes.append((1, "x and y not to one scale"))
    notes += [(1, words) for words in arrow_notes(scene.arrows, field=scene.field)]
    if scene.note:
        notes.append((0, scene.note))
    if runs:
        x, y = recipe.start
        notes.append(
            (0, f"{counted(recipe.steps, 'step')} from {f'x = {x:g}' if curve else f'({x:g}, {y:g})'}")
        )
        notes += [(1, words) for words in _pace(timing, scene.recording.steps)]
        if recipe.noise:
            notes.append((0, f"gradient noise {recipe.noise:g}, seed {recipe.seed}"))
        if recipe.stop_at is not None:
            notes.append((0, f"runs end at gradient norm {recipe.stop_at:g}"))
        if recipe.protocol:
            notes.append((0, escaped(recipe.protocol)))
        notes += [(2, words) for words in facts_of(scene)]
        notes += [(3, words) for words in packages(recipe.versions, scene.specs)]
    single = [run.label.title for run in scene.runs if IN_SINGLE in run.trajectory.facts]
    but = f", updates of {listed(list(dict.fromkeys(single)))} in float32" if single else ""
    notes.append((0 if but else 3, f"{recipe.dtype} on {recipe.device}{but}"))
    return [(rank, say(words)) for rank, words in notes]


def facts_of(scene: Scene) -> list[str]:
    """Say what was seen in the runs besides their paths, each fact once for all runs that have it."""
    by_fact: dict[str, list[str]] = {}
    for run in scene.runs:
        for fact in run.trajectory.facts:
            if fact != IN_SINGLE:
                by_fact.setdefault(fact, []).append(run.label.title)
    return [f"{listed(list(dict.fromkeys(titles)))}: {fact}" for fact, titles in by_fact.items()]


def star_words(minima: Iterable[Minimum], view: Box) -> list[str]:
    """Say what the stars in a view are: known minima, minima on the domain only, or some of each."""
    seen = {minimum.domain_only for minimum in minima if inside(minimum.point, view)}
    words = {False: "☆ known minimum", True: "☆ minimum on the domain"}
    return [words[domain_only] for domain_only in sorted(seen)]


def known_minimum(recording: Recording) -> str:
    """Return what the known minima are called where a distance to them is told: one is the, more are a."""
    return "the known minimum" if len(recording.minima) == 1 else "a known minimum"


def shows_border(scene: Scene) -> bool:
    """Say whether the border of the domain is drawn: on a contour, where it matters and is in view."""
    border = scene.recording.border
    drawn = "contour" in scene.panels and kind_of(scene.recording) == SURFACE
    return border is not None and drawn and passes(border, scene.view)


def _pace(timing: Timing, steps: int) -> list[str]:
    """Say which steps have no frame, whether some are shown longer than others, and what is between them."""
    words = []
    if timing.skips:
        shown = len(timing.steps)
        words.append(
            f"{shown} of {steps + 1} steps shown"
            if timing.early
            else f"a frame about every {steps / (shown - 1):.3g} steps"
        )
    words += ["first steps shown longer"] * timing.early
    return words + ["between steps markers move straight; optimizers jump"] * timing.glides


def join_notes(parts: list[str], versions: tuple[tuple[str, str], ...], dtype: str, device: str) -> str:
    """Join the notes of a picture, and add whose optimizers ran, how precisely and on what."""
    return "  ·  ".join([*parts, *packages(versions), f"{dtype} on {device}"])
