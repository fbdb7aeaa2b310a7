"""A target on its own: what is known about it, and of a surface a recording that nothing descended on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..descent.machine import versions
from ..results.recipe import Recipe
from ..results.recording import Recording

if TYPE_CHECKING:
    from ...surfaces.surface import Surface


def survey(surface: Surface, resolution: tuple[int, int] = (256, 256)) -> Recording:
    """Sample a surface for a picture of it alone."""
    from ...surfaces.field import sample

    field = sample(surface, surface.view, resolution)
    recipe = Recipe(
        target=surface.name,
        specs=(),
        start=surface.start,
        steps=0,
        seed=0,
        device="cpu",
        dtype="float64",
        view=surface.view,
        resolution=(len(field.x), len(field.y)),
        versions=versions(),
    )
    return Recording(field, (), recipe, surface.minima, surface.latex, domain=surface.domain)
