"""From trained runs to a recording: the plane, the field on it, the paths, and what is drawn beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.field import Field
from ..arguments import check_resolution
from ..results.network_runs import Line, NamedField, PlaneFacts, TrainedRun, Training, main_field
from ..results.recipe import ONE_BY_ONE, Recipe
from ..results.recording import Recording
from ..results.trajectory import Trajectory
from ..specs.labels import labels
from ..specs.optimizer_spec import OptimizerSpec
from .choose_plane import around, fitting, frame, judge, lay
from .on_plane import aside, known_minimum, project, slopes, true_losses, variance
from .panel_data import curvature, has_batch_norm, heat, line, outputs, samples_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ...surfaces.data.dataset import Part
    from ...surfaces.networks.network import Network
    from ...surfaces.networks.objective import Objective
    from ...surfaces.networks.plane import Plane
    from ...surfaces.surface import Box
    from ..results.network_runs import TrainingRecipe
    from .tape import Tape
    from .train import Trained

MEASURED = 2000  # samples that losses and fields are measured on at most
_WORK = 3e11  # products that a field may cost, which decides how fine it is
_FINEST, _COARSEST = 121, 31


def assemble(
    network: Network,
    specs: Sequence[str],
    runs: Sequence[Trained],
    recipe: TrainingRecipe,
    *,
    seed: int,
    device: str,
    dtype: str,
    view: Box | None = None,
    resolution: tuple[int, int] | None = None,
    protocol: str = "",
    samples: int | None = None,
    notes: tuple[str, ...] = (),
    unit: str = "step",
    more: Sequence[tuple[str, Objective]] = (),
) -> Recording:
    """Lay a plane for trained runs and make the recording of them on it.

    Args:
        network: The target.
        specs: What to call each run.
        runs: What was trained.
        recipe: How it was trained; its plane may be "auto".
        seed: Starts random directions.
        device: Where to compute.
        dtype: The precision that was trained in.
        view: What to show of the plane; when None a view that holds the paths.
        resolution: The field's points along x and y; when None, as fine as a few seconds allow.
        protocol: How the learning rates were chosen.
        samples: How many training samples there are, where the network has only some of them.
        notes: What else a picture has to say, a few words each.
        unit: What the rows of the runs are counted in.
        more: What else is drawn on the plane, by name.

    Raises:
        DescentError: The plane cannot be laid through these runs.
    """
    from ...surfaces.networks.objective import objective
    from ...surfaces.networks.slices import work
    from ...surfaces.networks.weights import layers
    from ..descent.machine import versions

    data = network.data
    measured = _first(data.train)
    true = objective(network, measured, device) if len(measured) else None
    losses = [true_losses(true, run.tape) for run in runs]
    fit = fitting(runs, losses)
    names = [words.name for words in labels(specs)]
    plane = lay(recipe.plane, network, true, runs, fit, seed, names)
    fitted = {"pca": tuple(fit), "ends": tuple(fit)[:3]}.get(plane.kind, ())
    points = [project(plane, run.tape.weights) for run in runs]
    exact = plane.kind == "weights" and true is not None and main_field(recipe.field_of) == "train"
    minima = known_minimum(network, measured) if exact else ()
    if view is None:
        view = frame([points[k][:count] for k, count in fit.items()], around(minima, points[0][0]))
    if resolution is None:
        resolution = (2, 2) if true is None else fineness(work(true))
    resolution = check_resolution(resolution)
    drawn = _drawn(network, true, recipe.field_of, device)
    field = _sampled(drawn[0][1] if drawn else None, plane, view, resolution)
    drawn += more if true is not None else ()
    others = [_sampled(each, plane, view, resolution) for _, each in drawn[1:]]
    fields = [
        NamedField(name, each.z, tuple(true_losses(shape, run.tape) for run in runs))
        for (name, shape), each in zip(drawn, [field, *others], strict=False)
        if others
    ]
    lines: tuple[Line, ...] = ()
    shown = None
    if true is not None:
        shown = samples_of(network, sum(len(run.tape.at) for run in runs))
        if plane.kind == "ends":
            lines = (line(network, true, runs, (fitted[0], fitted[1]), device),)

    trajectories, trained = [], []
    for spec, run, path, loss in zip(specs, runs, points, losses, strict=True):
        tape = run.tape
        outcome = judge(run, path, loss, view)
        trajectories.append(
            Trajectory(
                spec,
                path,
                loss,
                slopes(plane, tape.gradients),
                tape.learning_rates,
                outcome,
                run.evaluations,
                tape.at,
                trained=_training_points(plane, true, tape),
                facts=run.facts,
            )
        )
        on_plane, distances, moved = aside(plane, true, path, tape.weights)
        trained.append(
            TrainedRun(
                batch_losses=tape.batch_losses,
                slice_losses=on_plane,
                distances=distances,
                moved=moved,
                gradient_norms=tape.gradient_norms,
                update_ratios=tape.update_ratios,
                epochs=run.epochs,
                test=run.test,
                heat=heat(network, tape, recipe.layer, len(runs)),
                outputs=outputs(true, tape, shown),
                **(curvature(true, tape, OptimizerSpec.parse(spec)) if recipe.sharpness and true else {}),
            )
        )
    explained, held = variance(plane, [run.tape.weights for run in runs], points, view)
    training = Training(
        plane=PlaneFacts(plane.kind, plane.axes, plane.meaning, explained, fitted, held),
        layers=tuple(each.name for each in layers(network.module)),
        parameters=network.parameters,
        sizes=(len(data.train) if samples is None else samples, len(data.val), len(data.test)),
        measured=len(measured),
        metric=network.metric,
        batch_norm=has_batch_norm(network),
        runs=tuple(trained),
        lines=lines,
        samples=shown,
        notes=notes,
        unit=unit,
        fields=tuple(fields),
    )
    x, y = points[0][0].tolist()
    whole = Recipe(
        target=network.name,
        specs=tuple(specs),
        start=(x, y),
        steps=max(len(run.tape.learning_rates) for run in runs),
        seed=seed,
        device=device,
        dtype=dtype,
        view=view,
        resolution=resolution,
        versions=versions(name for spec in specs for name in OptimizerSpec.parse(spec).names),
        protocol=protocol,
        methods=(ONE_BY_ONE,) * len(specs),
        training=recipe,
    )
    return Recording(field, tuple(trajectories), whole, minima, "", training)


def _training_points(plane: Plane, true: Objective | None, tape: Tape) -> NDArray[np.float64] | None:
    """Return where gradients were taken, and the losses there, (rows, 3); None where that is drawn."""
    if tape.trained is None:
        return None
    losses = true_losses(true, replace(tape, weights=tape.trained))
    return np.column_stack([project(plane, tape.trained), losses])


def fineness(work: float) -> tuple[int, int]:
    """Return the resolution that a few seconds are enough for, from the work for one of a field's points.

    >>> fineness(1e6), fineness(1.3e8)
    ((121, 121), (48, 48))
    """
    side = int((_WORK / work) ** 0.5)
    side = min(max(side, _COARSEST), _FINEST)
    return side, side


def _first(part: Part) -> Part:
    """Return what is measured of a part: all of it, or as many samples as that, drawn by lot once for all."""
    import torch

    if len(part) <= MEASURED:
        return part
    some = torch.randperm(len(part), generator=torch.Generator().manual_seed(0))[:MEASURED]
    return replace(part, x=part.x[some], y=part.y[some])


def _drawn(
    network: Network, true: Objective | None, field_of: str, device: str
) -> list[tuple[str, Objective]]:
    """Return what is drawn on the plane, by name: nothing where no loss is known."""
    from ...surfaces.networks.more_fields import own_fields
    from ...surfaces.networks.objective import objective

    if true is None:
        return []
    parts = {"train": true}
    wished = field_of.split(",")
    if "val" in wished:
        parts["val"] = objective(network, _first(network.data.val), device)
    return own_fields(network, wished, parts)


def _sampled(shown: Objective | None, plane: Plane, view: Box, resolution: tuple[int, int]) -> Field:
    from ...surfaces.networks.slices import sample_plane

    if shown is None:  # nothing is known of the heights
        x, y = (np.linspace(low, high, count) for (low, high), count in zip(view, resolution, strict=True))
        return Field(x, y, np.full((len(y), len(x)), np.nan))
    return sample_plane(shown, plane, view, resolution)
