"""Strategies of hypothesis for property tests: surfaces, starts on them, and optimizer specs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...surfaces.errors import NotPossibleError
from ..specs.tables import OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import SearchStrategy

    from ...surfaces.surface import Surface
    from ..specs.optimizer_spec import OptimizerSpec

_SCHEDULES = ("", "@step:step_size=5,gamma=0.5", "@exponential:gamma=0.9", "@cosine", "@linear:total_iters=4")


def surfaces(names: Iterable[str] | None = None) -> SearchStrategy[Surface]:
    """Return a strategy of surfaces from the catalogue.

    Args:
        names: Specs to choose from; all of `descent list surfaces` when None.

    Raises:
        NotPossibleError: hypothesis is not installed.
    """
    from ...surfaces.analytic.resolve import get
    from ...surfaces.catalogue import CATALOGUE

    return _hypothesis().sampled_from(sorted(CATALOGUE) if names is None else list(names)).map(get)  # type: ignore[no-any-return]


def starts(surface: Surface) -> SearchStrategy[tuple[float, ...]]:
    """Return a strategy of starts in a surface's view, one number a parameter; they may lie on its edge.

    Raises:
        NotPossibleError: hypothesis is not installed.
    """
    chosen = _hypothesis()
    view = surface.view[: surface.parameters]
    sides = [chosen.floats(low, high, allow_subnormal=False) for low, high in view]
    return chosen.tuples(*sides)  # type: ignore[no-any-return]


def specs(
    names: Iterable[str] | None = None, rates: tuple[float, float] = (1e-4, 1e-1), *, schedules: bool = True
) -> SearchStrategy[OptimizerSpec]:
    """Return a strategy of optimizer specs with a rate, and with or without a schedule.

    Args:
        names: Optimizers to choose from; all of `descent list optimizers` when None.
        rates: The smallest and the largest learning rate; small and large ones are as likely.
        schedules: Whether some have a schedule.

    Raises:
        NotPossibleError: hypothesis is not installed.
    """
    import math

    from ..specs.optimizer_spec import OptimizerSpec

    chosen = _hypothesis()
    low, high = (math.log10(rate) for rate in rates)
    exponents = chosen.floats(low, high)
    after = chosen.sampled_from(_SCHEDULES if schedules else _SCHEDULES[:1])

    def spec(name: str, exponent: float, schedule: str) -> OptimizerSpec:
        return OptimizerSpec.parse(f"{name}:lr={10**exponent!r}{schedule}")

    optimizers = chosen.sampled_from(list(OPTIMIZERS) if names is None else list(names))
    return chosen.builds(spec, optimizers, exponents, after)  # type: ignore[no-any-return]


def _hypothesis() -> Any:
    try:
        from hypothesis import strategies
    except ImportError:
        raise NotPossibleError(
            "strategies need hypothesis, which is not installed: pip install 'descent-viz[test]'"
        ) from None
    return strategies
