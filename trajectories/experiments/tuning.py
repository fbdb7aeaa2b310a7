"""Each optimizer at its own best rate, found with the same budget for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import NotPossibleError
from ...surfaces.surface import inside
from ..results.sweep import Sweep
from ..specs.labels import labels
from ..specs.optimizer_spec import OptimizerSpec
from ..specs.rates import DEFAULT_RATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import nn

    from ...surfaces.surface import Surface
    from ..results.abstract_sweep import AbstractSweep


@dataclass(frozen=True, slots=True)
class Tuned:
    """Optimizers at their best rates, and how these were found."""

    specs: tuple[OptimizerSpec, ...]  # each optimizer with its best rate
    protocol: str  # one sentence, for the picture and the printed table
    sweep: AbstractSweep  # all rates that were tried


def tuned(
    target: str | Surface | nn.Module | Callable[..., Any],
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    lr: str | float | Sequence[float] = DEFAULT_RATES,
    **options: Any,
) -> Tuned:
    """Give each optimizer the best of some rates, judged by the same rule and number of steps for all.

    Args:
        target: A surface or a network, as `sweep` takes it.
        optimizers: Optimizer specs; SGD, Adam and RMSprop when None.
        lr: The rates to try, as for `sweep`.
        options: What else `sweep` takes.

    Raises:
        DescentError: As `sweep` does, or no rate suits an optimizer.

    >>> found = tuned("sphere", ["sgd", "adam"], "1e-3:1:4", steps=50)
    >>> [str(spec) for spec in found.specs]
    ['sgd:lr=0.1', 'adam:lr=1.0']
    >>> found.protocol.split("; ")[0]
    "each optimizer's rate is the best of 4 from 0.001 to 1 by final loss after 50 steps"
    >>> found.protocol.split("; ")[1]
    'for Adam that is the largest tried, and a better one may lie beyond'
    """
    from .sweep import sweep

    swept = sweep(target, optimizers, lr, **options)
    chosen = []
    for spec, best in zip(swept.specs, swept.best, strict=True):
        if best is None:
            if isinstance(swept, Sweep) and not inside(swept.start, swept.view):
                raise NotPossibleError(
                    f"the start {swept.start[0]:g},{swept.start[1]:g} lies outside the view, "
                    "so no run can be judged; take a view that holds it"
                )
            stays = "stays finite and in the view" if isinstance(swept, Sweep) else "stays finite"
            raise NotPossibleError(f"{spec} {stays} at none of {_rates(swept)}; try smaller rates")
        chosen.append(OptimizerSpec.parse(spec).with_lr(float(swept.rates[best])))
    by = f"final {swept.loss_name}"
    middle = f"median {by} over {len(swept.seeds)} seeds" if len(swept.seeds) > 1 else by
    protocol = f"each optimizer's rate is the best of {_rates(swept)} by {middle} after {swept.span}"
    return Tuned(tuple(chosen), protocol + _at_the_end(swept), swept)


def _at_the_end(swept: AbstractSweep) -> str:
    """Say whose best rate is an end of those tried: a better one may lie beyond."""
    found = []
    for words, edge in zip(labels(swept.specs), swept.edges, strict=True):
        if edge:
            found.append(f"for {' '.join(filter(None, (words.title, words.details)))} that is the {edge}")
    return f"; {', '.join(found)}, and a better one may lie beyond" if found else ""


def _rates(swept: AbstractSweep) -> str:
    return f"{len(swept.rates)} from {swept.rates[0]:g} to {swept.rates[-1]:g}"
