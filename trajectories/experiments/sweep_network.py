"""A network trained with every optimizer at every one of many learning rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ..arguments import check_callable
from ..descent.default_optimizers import without_rates
from ..results.network_runs import TRAIN_LOSS, VAL_LOSS, schedules_per
from ..results.network_sweep import NetworkSweep
from ..results.recipe import BATCHED, ONE_BY_ONE
from ..results.trajectory import FINISHED, NON_FINITE, Outcome
from ..specs.rates import DEFAULT_RATES, parse_rates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Unpack

    from ..specs.optimizer_spec import OptimizerSpec
    from ..training.options import TrainingOptions
    from ..training.record_network import Prepared
    from .stacked import Epochs

OPTIONS = ("data", "epochs", "batch_size", "loss", "val", "test", "schedule_per", "data_dir")


def sweep_network(
    target: Any,
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    lr: str | float | Sequence[float] = DEFAULT_RATES,
    *,
    seed: int = 0,
    device: str = "cpu",
    dtype: str | None = None,
    progress: Callable[[int, int], object] | None = None,
    **training: Unpack[TrainingOptions],
) -> NetworkSweep:
    """Train a network with optimizers at many learning rates; see `sweep.sweep`.

    Every run begins with the same weights, sees the same batches and gives the numbers that it gives alone,
    bit for bit: where runs of one optimizer can be trained side by side that is tried on some of them.

    Raises:
        DescentError: Something asked for is not known, not there or out of range.
    """
    from ..descent.machine import versions
    from ..training.record_network import prepare, steps_of
    from ..training.train import left_alone

    check_callable(progress, "progress")
    for name in training:
        if name not in OPTIONS:
            raise DescentError(
                f"{name} cannot be given for a sweep, which draws losses alone and gives every run as many "
                f"epochs; allowed: {', '.join(OPTIONS)}"
            )
    specs, rates = without_rates(optimizers), parse_rates(lr)
    cells = [spec.with_lr(rate) for spec in specs for rate in rates]
    prepared = prepare(target, cells, seed=seed, device=device, dtype=dtype, **training)
    shape = len(specs), len(rates), prepared.recipe.epochs + 1
    losses, held = np.full(shape, np.nan), np.full(shape, np.nan)
    outcomes: list[tuple[Outcome, ...]] = []
    methods, steps = [], []
    network, recipe = prepared.network, prepared.recipe
    samples = len(network.data.train) - left_alone(network, recipe.batch_size)
    for i in range(len(specs)):
        row = prepared.specs[i * len(rates) : (i + 1) * len(rates)]
        steps.append(steps_of(row[0], recipe, samples))
        before = i * len(rates)
        runs, method = _row(prepared, row, _counted(progress, before, len(cells)))
        methods.append(method)
        ends = []
        for j, run in enumerate(runs):
            losses[i, j, : len(run)], held[i, j, : len(run)] = run[:, TRAIN_LOSS], run[:, VAL_LOSS]
            ends.append(_outcome(run, recipe.epochs))
        outcomes.append(tuple(ends))
    return NetworkSweep(
        target=network.name,
        specs=tuple(map(str, specs)),
        rates=np.array(rates),
        losses=losses,
        held=held,
        outcomes=tuple(outcomes),
        methods=tuple(methods),
        steps=tuple(steps),
        sizes=(len(network.data.train), len(network.data.val)),
        seeds=(prepared.seed,),
        device=prepared.device,
        dtype=prepared.dtype,
        training=recipe,
        versions=versions(name for spec in specs for name in spec.names),
    )


def _row(
    prepared: Prepared, specs: Sequence[OptimizerSpec], done: Callable[[int], None]
) -> tuple[list[Epochs], str]:
    """Return the epochs of one optimizer at each rate, and how they were made."""
    from .stacked import FEWEST, room, train_stacked, why_alone

    network, recipe = prepared.network, prepared.recipe
    per = schedules_per(recipe, specs[0])
    found: dict[int, Epochs] = {}

    def alone(k: int) -> Epochs:
        if k not in found:
            found[k] = _alone(prepared, specs[k], per)
            done(len(found))
        return found[k]

    fits = room(network, recipe, prepared.device)
    stacks = min(fits, len(specs)) >= FEWEST and not why_alone(network, specs[0], per)
    for part in np.array_split(np.arange(len(specs)), -(-len(specs) // fits)) if stacks else ():
        tried = sorted({len(part) // 3, 2 * len(part) // 3})  # alone too, to be held against the stack
        known = {each: alone(int(part[each])) for each in tried}
        chosen = [specs[k] for k in part]
        options: dict[str, Any] = {"seed": prepared.seed, "device": prepared.device, "per": per}
        together = train_stacked(network, chosen, recipe, known, **options)
        if together is None:
            stacks = False
            break
        for k, run in zip(part.tolist(), together, strict=True):
            if run is not None and k not in found:
                found[k] = run
        done(len(found))
    return [alone(k) for k in range(len(specs))], BATCHED if stacks else ONE_BY_ONE


def _alone(prepared: Prepared, spec: OptimizerSpec, per: str) -> Epochs:
    from ..training.record_network import steps_of
    from ..training.train import train

    stride = steps_of(spec, prepared.recipe, len(prepared.network.data.train))  # no path is kept
    return train(
        prepared.network,
        spec,
        prepared.recipe,
        seed=prepared.seed,
        device=prepared.device,
        stride=stride,
        per=per,
    ).epochs


def _outcome(run: Epochs, epochs: int) -> Outcome:
    """Say how a run ended: a loss that is no number is only noticed at the end where it was the last."""
    if len(run) <= epochs or not np.isfinite(run[-1, TRAIN_LOSS]):
        return Outcome(NON_FINITE, int(run[-1, 0]))
    return Outcome(FINISHED)


def _counted(progress: Callable[[int, int], object] | None, before: int, total: int) -> Callable[[int], None]:
    def done(count: int) -> None:
        if progress is not None:
            progress(before + count, total)

    return done
