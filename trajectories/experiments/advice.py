"""What a user should know about runs besides their result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...surfaces.surface import inside
from ..arguments import check_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...surfaces.surface import Box, Surface
    from ..specs.optimizer_spec import OptimizerSpec


def on_rates(chosen: Iterable[OptimizerSpec], suits: Mapping[str, float | None], whom: str) -> list[str]:
    """Return one sentence for each optimizer that runs at the rate of its own class.

    Args:
        chosen: The specs as they were named.
        suits: A rate that suits the target for each optimizer's name, where one is known.
        whom: What the target is called.

    >>> from descent import OptimizerSpec
    >>> on_rates([OptimizerSpec.parse("adam"), OptimizerSpec.parse("sgd:lr=1")], {"adam": 0.1}, "beale")
    ["adam runs at torch's default rate 0.001; 0.1 suits beale"]
    """
    from ..descent.torch_optim import complete

    said = []
    for spec in chosen:
        if spec.lr is None and (default := complete(spec, 1).lr) is not None:
            better = suits.get(spec.name)
            hint = f"; {better:g} suits {whom}" if better is not None and better != default else ""
            whose = spec.name.partition(".")[0] if "." in spec.name else "torch"
            said.append(f"{spec.name} runs at {whose}'s default rate {default:g}{hint}")
    return said


def many_notes(
    surface: Surface,
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

    >>> from descent.surfaces import get
    >>> many_notes(get("sphere"), start=(99, 0))
    ['the start 99,0 lies outside the domain of sphere, -5.12 to 5.12 by -5.12 to 5.12']
    """
    from ..descent.machine import resolve_device, resolve_dtype

    begin = surface.start if start is None else check_start(start, surface.parameters)
    said = [] if from_grid else on_start(surface, begin, view)
    return [*said, *on_surface(surface, resolve_dtype(dtype, resolve_device(device)))]


def on_start(surface: Surface, begin: tuple[float, float], view: Any) -> list[str]:
    """Return a sentence about a start outside the domain, or outside a view that somebody chose."""
    count = surface.parameters
    where = f"the start {','.join(f'{value:g}' for value in begin[:count])} lies outside the"
    if not inside(begin, surface.domain):
        return [f"{where} domain of {surface.name}, {_box(surface.domain[:count])}"]
    if view is not None and not inside(begin, surface.view):  # a view that nobody chose is widened instead
        return [f"{where} view, {_box(surface.view[:count])}"]
    return []


def on_surface(surface: Surface, dtype: str) -> list[str]:
    """Return one sentence for each thing about a surface that a run in this precision does not show."""
    said = []
    if surface.float32 and dtype == "float32":
        said.append(f"{surface.name} is not reliable in float32: {surface.float32}")
    if surface.not_smooth:
        said.append(f"the gradient of {surface.name} is not defined everywhere: {surface.not_smooth}")
    if not surface.minima:
        said.append(f"no minimum of {surface.name} is known, so no distance to one is given")
    return said


def _box(sides: Iterable[tuple[float, float]]) -> str:
    return " by ".join(f"{low:g} to {high:g}" for low, high in sides)
