"""What came of an exploration, as JSON and a table of text. NumPy only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..specs.labels import label
from ..specs.optimizer_spec import OptimizerSpec
from .text_table import aligned

if TYPE_CHECKING:
    from ..results.exploration import Exploration


def as_json(exploration: Exploration) -> dict[str, Any]:
    """Return how many runs left the view or became non-finite at each rate, and the recipe."""
    optimizers = {
        spec: [
            {"lr": float(rate), "left_the_view": left, "non_finite": broken, "median_loss": middle}
            for rate, (left, broken, middle) in zip(exploration.rates, _counts(exploration, k), strict=True)
        ]
        for k, spec in enumerate(exploration.specs)
    }
    return {"optimizers": optimizers, "recipe": exploration.recipe}


def as_table(exploration: Exploration) -> str:
    """Return an aligned table of plain text, one line an optimizer and rate."""
    rows = []
    for k, spec in enumerate(exploration.specs):
        words = label(OptimizerSpec.parse(spec))
        name = " ".join(filter(None, (words.title, words.details)))
        for rate, (left, broken, middle) in zip(exploration.rates, _counts(exploration, k), strict=True):
            loss = "-" if middle is None else f"{middle:.3g}"
            rows.append((name, f"{rate:.4g}", str(left), str(broken), loss))
    return aligned(("optimizer", "lr", "left the view", "non-finite", "median loss"), rows, {"optimizer"})


def _counts(exploration: Exploration, spec: int) -> list[tuple[int, int, float | None]]:
    """Return for each rate how many runs left, how many became non-finite, and the others' median loss."""
    found = []
    for rate in range(len(exploration.rates)):
        broken = exploration.non_finite_at[spec, rate] >= 0
        left = (exploration.left_at[spec, rate] >= 0) & ~broken
        ends = exploration.losses[spec, rate, ..., -1][~broken & ~left]
        found.append((int(left.sum()), int(broken.sum()), float(np.median(ends)) if ends.size else None))
    return found
