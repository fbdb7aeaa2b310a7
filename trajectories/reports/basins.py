"""What came of a basin map, as JSON and a table of text. NumPy only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..results.basins import OUTSIDE_THE_DOMAIN
from ..specs.labels import labels
from .text_table import aligned

if TYPE_CHECKING:
    from ..results.basins import Basins


def as_json(basins: Basins) -> dict[str, Any]:
    """Return for each optimizer how many starts reach each minimum, and the recipe, as plain JSON values."""
    counts, diverged, unsettled = basins.counts, basins.diverged, basins.unsettled
    optimizers = {
        spec: {
            "basins": [
                {
                    "minimum": list(minimum.point),
                    "domain_only": minimum.domain_only,
                    "count": int(counts[i, m]),
                }
                for m, minimum in enumerate(basins.minima)
            ],
            "diverged": int(diverged[i]),
            "unsettled": int(unsettled[i]),
            **({} if basins.border is None else {"outside_the_domain": int(basins.outside[i])}),
        }
        for i, spec in enumerate(basins.specs)
    }
    return {"optimizers": optimizers, "recipe": basins.recipe}


def as_table(basins: Basins) -> str:
    """Return an aligned table of plain text, one line an optimizer and minimum."""
    counts, rows = basins.counts, []
    total = basins.starts**2
    for i, words in enumerate(labels(basins.specs)):
        name = " ".join(filter(None, (words.title, words.rate, words.details)))
        for m, minimum in enumerate(basins.minima):
            steps = basins.steps[i][basins.index[i] == m]
            middle = f"{np.median(steps):g}" if steps.size else "-"
            place = ", ".join(f"{value:.4g}" for value in minimum.point)
            rows.append((name, f"({place})", str(counts[i, m]), f"{counts[i, m] / total:.1%}", middle))
        others = [("diverged", basins.diverged[i]), ("not settled", basins.unsettled[i])]
        if basins.border is not None:
            others.insert(0, (OUTSIDE_THE_DOMAIN, basins.outside[i]))
        for words_, count in others:
            rows.append((name, words_, str(count), f"{count / total:.1%}", "-"))
    return aligned(
        ("optimizer", "ends at", "starts", "share", "median steps"), rows, {"optimizer", "ends at"}
    )
