"""What came out for the optimizers of a package, as JSON and as a table of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .text_table import aligned

if TYPE_CHECKING:
    from ..results.tried import Tried, Zoo

_HEADINGS = ("optimizer", "runs", "lr", "of vectors", "precision", "points", "matrix", "needs and notes")


def as_json(zoo: Zoo) -> dict[str, Any]:
    """Return all that was found as plain JSON values."""
    return {
        "package": zoo.package,
        "distribution": zoo.distribution,
        "version": zoo.version,
        "run": sum(each.runs for each in zoo.tried),
        "optimizers": [each.as_json() for each in zoo.tried],
    }


def as_table(zoo: Zoo) -> str:
    """Return one row for each class, and a line that counts them."""
    prefix = f"{zoo.package}."
    rows = [tuple(cell.replace(prefix, "") for cell in _row(each)) for each in zoo.tried]
    running = sum(each.runs for each in zoo.tried)
    counted = f"{running} of {len(rows)} optimizers of {f'{zoo.distribution} {zoo.version}'.strip()} run"
    return f"{aligned(_HEADINGS, rows, set(_HEADINGS) - {'lr'})}\n{counted}"


def _row(tried: Tried) -> tuple[str, ...]:
    if not tried.runs:
        return (tried.name, "no", "", "", "", "", "", tried.why)
    rate = "-" if tried.lr is None else f"{tried.lr:g}"
    words = "; ".join((*tried.needs, *tried.notes))
    return (
        tried.name,
        "yes",
        rate,
        tried.updates or "alone",
        tried.precision,
        tried.point,
        tried.matrix or "no",
        words,
    )
