"""A problem with every optimizer at every one of many learning rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import check_callable
from ..descent.default_optimizers import without_rates
from ..results.network_sweep import NetworkSweep
from ..results.recipe import ONE_BY_ONE
from ..results.trajectory import FINISHED, NON_FINITE, Outcome
from ..specs.rates import DEFAULT_RATES, parse_rates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..specs.optimizer_spec import OptimizerSpec


def sweep_problem(
    target: Any,
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    lr: str | float | Sequence[float] = DEFAULT_RATES,
    *,
    steps: int | None = None,
    start: Any = None,
    seed: int = 0,
    device: str = "cpu",
    dtype: str | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> NetworkSweep:
    """Run optimizers at many learning rates on a problem, one after the other; see `sweep.sweep`.

    Raises:
        DescentError: Something asked for is not known, not there or out of range.
    """
    from ...surfaces.problems.resolve import get_problem
    from ..descent.machine import versions
    from ..problems.prepare import prepare
    from ..problems.solve import solve

    check_callable(progress, "progress")
    problem = get_problem(target, start)
    specs = without_rates(problem.specs if optimizers is None else optimizers)
    rates = parse_rates(lr)
    cells = [spec.with_lr(rate) for spec in specs for rate in rates]
    prepared = prepare(problem, cells, steps=steps, seed=seed, device=device, dtype=dtype)
    shape = len(specs), len(rates), prepared.recipe.epochs + 1
    losses = np.full(shape, np.nan)
    ends: list[Outcome] = []
    for number, spec in enumerate(prepared.specs):
        run = solve(
            prepared.network,
            spec,
            prepared.recipe,
            seed=prepared.seed,
            device=prepared.device,
            stride=prepared.recipe.epochs,  # of the path the start and the end are enough
        ).trained
        met = np.append(run.tape.batch_losses, run.epochs[-1, 1])
        losses.reshape(len(cells), -1)[number, : len(met)] = met
        lost = np.flatnonzero(~np.isfinite(met))
        ends.append(Outcome(NON_FINITE, int(lost[0])) if lost.size else Outcome(FINISHED))
        if progress is not None:
            progress(number + 1, len(cells))
    return NetworkSweep(
        target=problem.name,
        specs=tuple(map(str, specs)),
        rates=np.array(rates),
        losses=losses,
        held=np.full(shape, np.nan),
        outcomes=tuple(tuple(ends[i : i + len(rates)]) for i in range(0, len(ends), len(rates))),
        methods=(ONE_BY_ONE,) * len(specs),
        steps=(prepared.recipe.epochs,) * len(specs),
        sizes=(0, 0),
        seeds=(prepared.seed,),
        device=prepared.device,
        dtype=prepared.dtype,
        training=prepared.recipe,
        lowest=problem.minimum,
        versions=versions(spec.name for spec in specs),
    )
