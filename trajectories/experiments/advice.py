"""What a user should know about runs besides their result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...surfaces.surface import inside
from ..arguments import check_start
from ..descent.default_optimizers import choose, choose_for_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ...surfaces.surface import Box, Surface
    from ..specs.optimizer_spec import OptimizerSpec


def notes(
    target: str | Surface | Callable[..., Any],
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    *,
    lr: float | Sequence[float] | None = None,
    start: float | Sequence[float] | None = None,
    device: str = "cpu",
    dtype: str | None = None,
    view: Box | tuple[float, float] | None = None,
) -> list[str]:
    """Return one sentence for each thing worth knowing before `record` is called with these arguments.

    Raises:
        DescentError: As `record` does for the same arguments.

    >>> notes("sphere", "sgd", start=(99, 0))[0]
    'the start 99,0 lies outside the domain of sphere, -5.12 to 5.12 by -5.12 to 5.12'
    """
    from ...surfaces.analytic.resolve import get
    from ...surfaces.networks.resolve import is_network
    from ..descent.torch_optim import complete

    if is_network(target):
        return network_notes(target, optimizers, lr)
    surface = get(target, view=view)
    begin = surface.start if start is None else check_start(start, surface.parameters)
    said = _on_start(surface, begin, view)
    for spec in choose(surface, optimizers, lr, begin):
        if spec.lr is None and (default := complete(spec, 1).lr) is not None:
            suits = surface.rates.get(spec.name)
            better = f"; {suits:g} suits {surface.name}" if suits is not None and suits != default else ""
            said.append(f"{spec.name} runs at torch's default rate {default:g}{better}")
    return [*said, *_on_surface(surface, device, dtype)]


def network_notes(
    target: Any,
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    lr: float | Sequence[float] | None = None,
) -> list[str]:
    """Return one sentence for each optimizer of a network that runs at torch's own rate."""
    from ..descent.torch_optim import complete

    name = target if isinstance(target, str) else ""
    suits = {spec.name: spec.lr for spec in choose_for_network(name)}
    said = []
    for spec in choose_for_network(name, optimizers, lr):
        if spec.lr is None and (default := complete(spec, 1).lr) is not None:
            better = suits.get(spec.name, default)
            hint = (
                f"; {better:g} suits {name.partition(':')[0] or 'most networks'}" if better != default else ""
            )
            said.append(f"{spec.name} runs at torch's default rate {default:g}{hint}")
    return said


def many_notes(
    target: str | Surface | Callable[..., Any],
    *,
    start: float | Sequence[float] | None = None,
    from_grid: bool = False,
    device: str = "cpu",
    dtype: str | None = None,
    view: Box | tuple[float, float] | None = None,
) -> list[str]:
    """Return one sentence for each thing worth knowing before `sweep`, or with a grid of starts `basins`.

    Raises:
        DescentError: As those do for the same arguments.

    >>> many_notes("sphere", start=(99, 0))
    ['the start 99,0 lies outside the domain of sphere, -5.12 to 5.12 by -5.12 to 5.12']
    """
    from ...surfaces.analytic.resolve import get

    surface = get(target, view=view)
    begin = surface.start if start is None else check_start(start, surface.parameters)
    said = [] if from_grid else _on_start(surface, begin, view)
    return [*said, *_on_surface(surface, device, dtype)]


def _on_start(surface: Surface, begin: tuple[float, float], view: Any) -> list[str]:
    count = surface.parameters
    where = f"the start {','.join(f'{value:g}' for value in begin[:count])} lies outside the"
    if not inside(begin, surface.domain):
        return [f"{where} domain of {surface.name}, {_box(surface.domain[:count])}"]
    if view is not None and not inside(begin, surface.view):  # a view that nobody chose is widened instead
        return [f"{where} view, {_box(surface.view[:count])}"]
    return []


def _on_surface(surface: Surface, device: str, dtype: str | None) -> list[str]:
    from ..descent.machine import resolve_device, resolve_dtype

    said = []
    if surface.float32 and resolve_dtype(dtype, resolve_device(device)) == "float32":
        said.append(f"{surface.name} is not reliable in float32: {surface.float32}")
    if surface.not_smooth:
        said.append(f"the gradient of {surface.name} is not defined everywhere: {surface.not_smooth}")
    if not surface.minima:
        said.append(f"no minimum of {surface.name} is known, so no distance to one is given")
    return said


def _box(sides: Iterable[tuple[float, float]]) -> str:
    return " by ".join(f"{low:g} to {high:g}" for low, high in sides)
