"""From a prepared problem to a recording: every run from the same parameters, all on one plane."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..training.assemble import assemble
from .solve import solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...surfaces.problems.problem import Problem
    from ...surfaces.surface import Box
    from ..results.recording import Recording
    from ..training.train import Trained
    from .prepare import Prepared
    from .solve import Solved


def record_problem(
    prepared: Prepared,
    *,
    view: Box | None = None,
    resolution: tuple[int, int] | None = None,
    protocol: str = "",
    progress: Callable[[int, int], object] | None = None,
    log: Callable[[str], object] | None = None,
) -> Recording:
    """Run each optimizer on a problem, all from the same parameters, and draw them on one plane.

    See `descent.record` for the arguments; nothing is logged.

    Raises:
        DescentError: torch refuses the options of an optimizer, or the plane cannot be laid.
    """
    runs = []
    for spec in prepared.specs:
        runs.append(
            solve(
                prepared.network,
                spec,
                prepared.recipe,
                seed=prepared.seed,
                device=prepared.device,
                stride=prepared.stride,
                matrix=prepared.matrix,
            )
        )
        if progress is not None:
            progress(len(runs), len(prepared.specs))
    made = assemble(
        prepared.network,
        [str(spec) for spec in prepared.specs],
        [_judged(prepared.problem, run) for run in runs],
        prepared.recipe,
        seed=prepared.seed,
        device=prepared.device,
        dtype=prepared.dtype,
        view=view,
        resolution=resolution,
        protocol=protocol,
        samples=0,
    )
    assert made.training is not None
    trained = tuple(
        replace(one, step_values=run.step_values, weight_values=run.weight_values)
        for one, run in zip(made.training.runs, runs, strict=True)
    )
    facts = made.training.plane
    training = replace(
        made.training,
        runs=trained,
        plane=replace(facts, meaning=facts.meaning.replace("the network's", "the")),
        matrix=prepared.matrix,
        minimum=prepared.problem.minimum,
        attained=prepared.problem.attained,
    )
    return replace(made, training=training, latex=prepared.problem.latex)


def _judged(problem: Problem, run: Solved) -> Trained:
    """Return what was run, with what the problem has to say of its end."""
    if problem.judge is None or not all(bool(each.isfinite().all()) for each in run.model.parameters()):
        return run.trained
    said = problem.judge(run.model)
    return replace(run.trained, facts=(said, *run.trained.facts))  # first: it is what the problem is about
