"""A picture in words and numbers, for those who cannot see it: what its key frames show, and a table."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.imports import own
from ...trajectories.reports.diagnosis import names_of
from ...trajectories.results.trajectory import outside
from ..scenes.keyframes import key_rows
from ..scenes.subjects import SUBJECTS
from ..style.numbers import amount
from .network_words import loss_heading, told_losses
from .outcomes import ends, names
from .prose import listed, named, place, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..scenes.diagnosis import DiagnosisScene
    from ..scenes.difference import DifferenceScene
    from ..scenes.runs import SceneRun
    from ..scenes.scene import AbstractScene, BasinsScene, Scene, SweepScene

KEYS = 6  # steps that are told
_FEW = 6  # runs of which each step tells all; of more the lowest are told
_TOLD = 3


@dataclass(frozen=True, slots=True)
class LongDescription:
    """What a picture shows, step by step and as a table; each text is plain and in one line."""

    sentences: tuple[str, ...]  # one for each key frame, in order; empty where nothing moves
    header: tuple[str, ...]  # of the columns; the first is of the rows' names
    rows: tuple[tuple[str, ...], ...]

    @property
    def html(self) -> str:
        """As an ordered list and a table of HTML."""
        steps = "".join(f"<li>{html.escape(each)}</li>" for each in self.sentences)
        head = "".join(f'<th scope="col">{html.escape(each)}</th>' for each in self.header)
        body = "".join(
            f'<tr><th scope="row">{html.escape(row[0])}</th>'
            + "".join(f"<td>{html.escape(each)}</td>" for each in row[1:])
            + "</tr>"
            for row in self.rows
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<ol>{steps}</ol>" * bool(steps) + table * bool(body)


def long_description(scene: AbstractScene) -> LongDescription:
    """Tell a picture's key frames in words, and its numbers in a table.

    >>> import descent
    >>> recording = descent.record("sphere", "sgd:lr=0.1", steps=50, start=(1, 1), resolution=(9, 9))
    >>> told = long_description(descent.animate(recording).scene)
    >>> told.sentences[0]
    'Step 0: SGD (lr 0.1) at (1, 1), loss 2.'
    >>> told.header[:2], told.rows[0][:2]
    (('run', 'loss at step 0'), ('SGD (lr 0.1)', '2'))
    """
    told: LongDescription = own("viz", SUBJECTS[scene.kind].told)(scene)
    return told


def of_recording(scene: Scene) -> LongDescription:
    """Tell where each run is at key steps and how it ends; the rows of the table are runs."""
    if not scene.runs:
        return LongDescription((), (), ())
    recording = scene.recording
    unit = "step" if recording.training is None else recording.training.unit
    rows = key_rows(recording, KEYS)
    steps = [int(recording.kept[row]) for row in rows]
    called, endings, loss = names(scene), ends(scene), loss_heading(scene)
    sentences = [
        f"{unit.capitalize()} {step}: {_told(scene, row, called)}."
        for row, step in zip(rows, steps, strict=True)
    ]
    sentences.append(" ".join(f"{name} {end}." for name, end in zip(called, endings, strict=True)))
    header = ["run", *(f"{loss} at {unit} {step}" for step in steps if loss), "outcome"]
    table = [
        [name, *(_loss(run, row) for row in rows if loss), end]
        for name, run, end in zip(called, scene.runs, endings, strict=True)
    ]
    return _described(sentences, header, table)


def _told(scene: Scene, row: int, called: Sequence[str]) -> str:
    """Tell where the runs are at a row of the longest; of many, the lowest ones and how many are out."""
    out = [
        bool(outside(run.trajectory.points[[run.row(row)]], scene.recording.view)[0]) for run in scene.runs
    ]
    losses = [_number(run, row) for run in scene.runs]
    if row == 0 and len(losses) > 1 and _begin_alike(scene):
        return _where(scene, scene.runs[0], 0, "all runs", out=out[0])
    order = sorted(range(len(losses)), key=lambda k: (not np.isfinite(losses[k]), losses[k]))
    chosen = list(range(len(losses))) if len(losses) <= _FEW else [k for k in order if not out[k]][:_TOLD]
    said = [_where(scene, scene.runs[k], row, called[k], out=out[k]) for k in chosen]
    if len(losses) > _FEW:
        said = ["the lowest are " + listed(said)] if said else ["none is in the view"]
        said += [f"{sum(out)} of {len(out)} are outside the view"] * (any(out) and bool(chosen))
    return "; ".join(said)


def _begin_alike(scene: Scene) -> bool:
    starts = np.array([run.trajectory.points[0] for run in scene.runs])
    told = np.array([run.trajectory.losses[0] for run in scene.runs])
    return bool((starts == starts[0]).all() and (told == told[0]).all())


def _where(scene: Scene, run: SceneRun, row: int, name: str, *, out: bool) -> str:
    point, loss = run.trajectory.points[run.row(row)], _loss(run, row)
    curve = len(scene.recording.field.y) == 1
    if not np.isfinite(point).all():
        return f"{name} is not finite"
    at = "outside the view" if out else f"at {place(point[:1] if curve else point)}"
    heading = loss_heading(scene)
    told = f"{heading} {loss}" if heading and told_losses(scene, run.trajectory) else ""
    if scene.recording.training is not None and told and not out:
        return f"{name} with {told}"  # places on a plane through many weights say nothing
    return f"{name} {at}" + f", {told}" * bool(told)


def _number(run: SceneRun, row: int) -> float:
    return float(run.trajectory.losses[run.row(row)])


def _loss(run: SceneRun, row: int) -> str:
    value = _number(run, row)
    return amount(value) if np.isfinite(value) else "not finite"


def of_sweep(scene: SweepScene) -> LongDescription:
    """Give the loss of each optimizer at each rate; the rows of the table are rates."""
    sweep = scene.sweep
    header = [
        "learning rate",
        *(f"final {sweep.loss_name} of {named(spec, sweep.specs)}" for spec in sweep.specs),
    ]
    table = [
        [
            f"{rate:.4g}",
            *(_final(float(sweep.final[k, r]), str(sweep.outcomes[k][r])) for k in range(len(sweep.specs))),
        ]
        for r, rate in enumerate(sweep.rates)
    ]
    return _described([], header, table)


def _final(loss: float, outcome: str) -> str:
    return amount(loss) if np.isfinite(loss) else outcome


def of_basins(scene: BasinsScene) -> LongDescription:
    """Count the starts that reach each minimum; the rows of the table are minima, and what else happens."""
    basins = scene.basins
    one = len(basins.field.y) == 1
    header = ["what a start reaches", *(f"starts, {named(spec, basins.specs)}" for spec in basins.specs)]
    table = [
        [place(minimum.point[:1] if one else minimum.point), *map(str, basins.counts[:, m])]
        for m, minimum in enumerate(basins.minima)
    ]
    others = {"diverges": basins.diverged, "no known minimum": basins.unsettled}
    if basins.border is not None:
        others["outside the domain"] = basins.outside
    table += [[words, *map(str, counts)] for words, counts in others.items() if any(counts)]
    return _described([], header, table)


def of_diagnosis(scene: DiagnosisScene) -> LongDescription:
    """Give what each optimizer leaves of a task's height; the rows of the table are tasks."""
    found = scene.diagnosis
    header = ["task", "pass mark", *(f"left by {name}" for name in names_of(found))]
    table = [
        [task.name, f"{task.mark:.3g}"]
        + [
            "not for the task" if np.isnan(left) else f"{left:.3g}" if np.isfinite(left) else "lost"
            for left in found.left[:, number]
        ]
        for number, task in enumerate(found.tasks)
    ]
    return _described([], header, table)


def of_difference(scene: DifferenceScene) -> LongDescription:
    """Say of each run whether it is the same; the rows of the table are runs."""
    table = [
        [
            named(run.spec, [each.spec for each in scene.difference.runs]),
            "the same" if run.same else "differs",
            "" if run.first is None else str(run.first.step),
        ]
        for run in scene.difference.runs
    ]
    return _described([], ["run", "against the expected one", "first step that differs"], table)


def _described(
    sentences: Sequence[str], header: Sequence[str], table: Sequence[Sequence[str]]
) -> LongDescription:
    return LongDescription(
        tuple(map(plain, sentences)),
        tuple(map(plain, header)),
        tuple(tuple(map(plain, row)) for row in table),
    )
