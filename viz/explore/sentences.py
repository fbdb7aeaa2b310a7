"""What a page says in sentences: short, plain, and true of what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..words.prose import landscape, packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...trajectories.results.exploration import Exploration
    from ...trajectories.specs.optimizer_spec import OptimizerSpec


def lead(exploration: Exploration) -> str:
    """Say what the page shows and what to do first."""
    made = packages(exploration.versions)
    by = made[0] if made else "torch.optim"
    counts = f"{len(exploration.x)} × {len(exploration.y)} starts, {len(exploration.rates)} learning rates"
    return (
        f"Paths that {by} took on {landscape(exploration.target)}: {counts}, {exploration.steps} steps. "
        "Click or drag on the map to choose where they begin."
    )


def key(exploration: Exploration, *, to_scale: bool, log: bool) -> str:
    """Say what the signs on the map mean, as HTML."""
    words = ["○ start", *(["★ known minimum"] if exploration.minima else []), "dots: single steps"]
    words.append("arrow at the edge: the run goes out of the view")
    scale = ", log scale" if log else ""
    words.append(f'<span class="light">darker: higher loss{scale}</span>')
    words[-1] += f'<span class="dark">lighter: higher loss{scale}</span>'
    if not to_scale:
        words.append("x and y not to one scale")
    return "  ·  ".join(words)


def measured(floor: float, *, known: bool) -> str:
    """Name what the panel of losses shows."""
    if floor == 0:
        return "Loss, log scale"
    return "Loss − minimum, log scale" if known else "Loss − lowest on the map, log scale"


def about(exploration: Exploration, specs: Sequence[OptimizerSpec], quanta: int) -> str:
    """Say how the paths were made, and how exactly this file holds them."""
    room = " and ".join(f"{(high - low) / quanta / 2:.2g}" for low, high in exploration.view)
    made = packages(exploration.versions, specs)
    by = f"{' and '.join(made) or 'torch.optim'} and descent-viz"
    return (
        f"Made with {by}, {exploration.dtype} on {exploration.device}. Every path is one that the optimizer "
        "took from the start that is named; none is interpolated. In this file points are kept to within "
        f"{room} along x and y, and losses to half a percent of their height."
    )
