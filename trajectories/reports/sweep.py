"""What came of a sweep, as JSON, CSV and a table of text. NumPy only."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any

from ..results.network_sweep import NetworkSweep
from ..results.sweep import Sweep
from ..results.whole_files import writing
from ..specs.labels import labels
from .text_table import aligned

if TYPE_CHECKING:
    from pathlib import Path

    from ..results.abstract_sweep import AbstractSweep

_COLUMNS = ("optimizer", "lr", "outcome", "outcome_step", "final_loss")
_ON_SURFACE, _OF_NETWORK = ("steps_to_minimum", "x", "y"), ("final_validation_loss",)
_HEADINGS = ("optimizer", "best lr", "final loss")
_MORE_HEADINGS = ("good rates", "decades", "diverged")


def as_json(sweep: AbstractSweep) -> dict[str, Any]:
    """Return the recipe, what is best and how that was judged, and every run, as plain JSON values.

    Numbers that are not finite become None.
    """
    optimizers = []
    for i, spec in enumerate(sweep.specs):
        best, good = sweep.best[i], sweep.good_ranges[i]
        optimizers.append(
            {
                "optimizer": spec,
                "best_lr": None if best is None else float(sweep.rates[best]),
                "best_lr_is": sweep.edges[i],
                "good_range": None if good is None else [float(sweep.rates[end]) for end in good],
                "good_decades": sweep.good_decades[i],
                "good_range_may_go_on": sweep.good_open[i],
                **({"stability_bound": sweep.stability_bounds[i]} if isinstance(sweep, Sweep) else {}),
                **({"lowest_validation_loss_lr": _lowest_held(sweep, i)} if _held(sweep) else {}),
                "runs": [_run(sweep, i, j) for j in range(len(sweep.rates))],
            }
        )
    return {**sweep.recipe, "judged": sweep.judged, "good_means": sweep.good_means, "optimizers": optimizers}


def as_csv(sweep: AbstractSweep) -> str:
    """Return one row for each optimizer and rate below a row of names; what does not exist is left empty.

    On a surface, with several seeds, ``x`` and ``y`` are where the run of the first seed ends.
    """
    text = io.StringIO()
    more: tuple[str, ...] = _ON_SURFACE
    if isinstance(sweep, NetworkSweep):
        more = () if sweep.training.alone else _OF_NETWORK
    writer = csv.DictWriter(text, [*_COLUMNS, *more, "best"], lineterminator="\n")
    writer.writeheader()
    for i, spec in enumerate(sweep.specs):
        for j in range(len(sweep.rates)):
            writer.writerow({"optimizer": spec, **_run(sweep, i, j), "best": int(j == sweep.best[i])})
    return text.getvalue()


def save_csv(sweep: AbstractSweep, path: Path) -> Path:
    """Write `as_csv` to a file and return its path; the file appears whole or not at all."""
    with writing(path) as part:
        part.write_text(as_csv(sweep), encoding="utf-8")
    return path


def as_table(sweep: AbstractSweep) -> str:
    """Return an aligned table of plain text, one line an optimizer: its best rate and its good range.

    Lines below say what a good rate is, and of many rates run at once how near they are to single runs.
    """
    rows = []
    network = isinstance(sweep, NetworkSweep)
    middle = ("validation loss",) * _held(sweep) if network else ("steps to minimum",)
    headings = [*(word.replace("loss", sweep.loss_name) for word in _HEADINGS), *middle, *_MORE_HEADINGS]
    for i, words in enumerate(labels(sweep.specs)):
        best = sweep.best[i]
        lost = len(sweep.rates) - int(sweep.usable[i].sum())
        rows.append(
            (
                " ".join(filter(None, (words.title, words.details))),
                best_rate(sweep, i) or "-",
                "-" if best is None else f"{sweep.final[i, best]:.4g}",
                *([_beside(sweep, i, best)] if middle else []),
                good_rates(sweep, i) or "-",
                decades(sweep, i) or "-",
                f"{lost} of {len(sweep.rates)}",
            )
        )
    table = aligned(headings, rows, left={"optimizer", "good rates"})
    lines = [table, *([f"good: {sweep.good_means}"] if any(sweep.good_ranges) else [])]
    proofs = sweep.proofs if isinstance(sweep, Sweep) else ()
    return "\n".join(
        [*lines, *(f"{spec}: {proof}" for spec, proof in zip(sweep.specs, proofs, strict=False) if proof)]
    )


def best_rate(sweep: AbstractSweep, i: int) -> str:
    """Return an optimizer's best rate, and whether it is an end of those tried; empty without one."""
    best = sweep.best[i]
    if best is None:
        return ""
    return f"{sweep.rates[best]:g}" + (f" ({sweep.edges[i]})" if sweep.edges[i] else "")


def good_rates(sweep: AbstractSweep, i: int) -> str:
    """Return the good rates around an optimizer's best one, as "0.1 to 0.4"; empty without one."""
    good = sweep.good_ranges[i]
    if good is None:
        return ""
    first, last = (f"{sweep.rates[end]:g}" for end in good)
    return f"{first} to {last}" if first != last else f"{first} only"


def good_words(sweep: AbstractSweep, i: int) -> str:
    """Return what pictures say of an optimizer's good rates; empty where it has none."""
    good, wide = good_rates(sweep, i), decades(sweep, i)
    return good and f"good {good}" + (f", {wide} decades" if wide else "")


def decades(sweep: AbstractSweep, i: int) -> str:
    """Return how wide a good range is, "at least" so where it goes to an end of the rates tried.

    Empty where it is of one rate: its width is then less than the rates tell.
    """
    found = sweep.good_decades[i]
    if not found:
        return ""
    return ("at least " if sweep.good_open[i] else "") + f"{found:.2g}"


def _run(sweep: AbstractSweep, i: int, j: int) -> dict[str, Any]:
    outcome = sweep.outcomes[i][j]
    run = {
        "lr": float(sweep.rates[j]),
        "outcome": str(outcome),
        "outcome_step": outcome.step,
        "final_loss": _finite(float(sweep.final[i, j])),
    }
    if isinstance(sweep, NetworkSweep) and sweep.training.alone:
        return run
    if isinstance(sweep, NetworkSweep):
        return run | {"final_validation_loss": _finite(float(sweep.held[i, j, -1]))}
    assert isinstance(sweep, Sweep)
    reached = int(sweep.steps_to_minimum[i, j])
    x, y = sweep.ends[i, j, 0].tolist()
    return run | {
        "steps_to_minimum": reached if reached >= 0 else None,
        "x": _finite(x),
        "y": _finite(y),
    }


def _held(sweep: AbstractSweep) -> bool:
    return isinstance(sweep, NetworkSweep) and sweep.has_held


def _lowest_held(sweep: AbstractSweep, i: int) -> float | None:
    assert isinstance(sweep, NetworkSweep)
    rate = sweep.best_held[i]
    return None if rate is None else float(sweep.rates[rate])


def _beside(sweep: AbstractSweep, i: int, best: int | None) -> str:
    """Return the steps to a minimum, or a network's validation loss, at an optimizer's best rate."""
    if best is None:
        return "-"
    if isinstance(sweep, NetworkSweep):
        return f"{sweep.held[i, best, -1]:.4g}"
    assert isinstance(sweep, Sweep)
    reached = int(sweep.steps_to_minimum[i, best])
    return str(reached) if reached >= 0 else "-"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
