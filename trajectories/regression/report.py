"""Differences between recordings in words and as JSON. NumPy only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .difference import GRADIENT, LOSS, OUTCOME, RATE, START, UPDATE
from .growth import ADDED, AMPLIFIED, DRIFT, ROUNDING

if TYPE_CHECKING:
    from .difference import Difference, First, RunDifference

_CAUSES = {
    UPDATE: "the update rule, its options or its state",
    LOSS: "the surface or its data",
    GRADIENT: "the surface, its data or the noise",
    RATE: "the learning rate or its schedule",
}
_SMALL = 1e-2  # differences up to this share of the size are not worth a word about their growth


def as_text(difference: Difference) -> str:
    """Return what differs in some lines of text, the run that differs first at the top."""
    tolerance = difference.tolerance.name
    if difference.same:
        count = len(difference.runs)
        runs = "the run is" if count == 1 else f"all {count} runs are"
        lines = [f"{runs} the same within tolerance {tolerance}"]
    else:
        differing = sorted(
            (run for run in difference.runs if run.first), key=lambda run: run.first.step if run.first else 0
        )
        lines = [line for run in differing for line in run_lines(run)]
        lines += [f"missing: {spec}" for spec in difference.missing]
        lines += [f"not expected: {spec}" for spec in difference.added]
        lines.append(f"tolerance: {tolerance}")
    lines += [f"changed: {name}: {one} -> {other}" for name, one, other in difference.changes]
    return "\n".join(lines)


as_table = as_text  # what the command prints of a difference


def run_lines(run: RunDifference) -> list[str]:
    """Return the lines about one run; the first names the step and what differs first."""
    assert run.first is not None
    spec = run.spec if run.spec == run.found_spec else f"{run.found_spec}, against {run.spec},"
    lines = [f"{spec} differs {headline(run.first)}"]
    if run.first.expected:
        lines.append(
            f"  expected {values(run.first.expected)}, found {values(run.first.found)}, "
            f"apart {run.first.apart:.3g}, allowed {run.first.allowed:.3g}"
        )
    lines.append(f"  {verdict(run)}")
    if str(run.outcome) != str(run.found_outcome):
        lines.append(f"  outcome: expected {run.outcome}, found {run.found_outcome}")
    largest = ", ".join(f"{name} {share:.2g}" for name, share in run.largest.items() if share)
    if largest:
        lines.append(f"  largest differences, as shares of the size so far: {largest}")
    return lines


def headline(first: First) -> str:
    """Say at which step a run differs and what differs first."""
    return {
        START: "from the start on: it is another point",
        UPDATE: f"from step {first.step} on, first in the update: it leads elsewhere",
        LOSS: f"from step {first.step} on, first in the loss after it",
        GRADIENT: f"from step {first.step} on, first in the gradient handed to it",
        RATE: f"from step {first.step} on, first in its learning rate",
        OUTCOME: f"in its outcome only, at step {first.step}",
    }[first.quantity]


def verdict(run: RunDifference) -> str:
    """Say what the difference looks like: another rule, or rounding that grew."""
    first, growth = run.first, run.growth
    assert first is not None
    if first.quantity == OUTCOME:
        return "Points, losses, gradients and rates are the same as far as both runs go."
    if first.quantity == START or growth is None:
        return "The runs do not start at the same point."
    cause = _CAUSES[first.quantity]
    doubling = f", doubling every {growth.doubling:.2g} steps" if growth.doubling else ""
    if growth.kind == ROUNDING:
        more = f"; later it grows to {growth.largest:.2g}{doubling}" if growth.largest > _SMALL else ""
        return (
            f"It is rounding, {growth.there:.2g} of the size, as between machines, versions or paths{more}."
        )
    if growth.kind == AMPLIFIED:
        return (
            f"It looks like chaotic growth, not like a wrong rule: rounding of {growth.birth:.2g} after step "
            f"{growth.born} grew step by step to {growth.there:.2g}{doubling}. Compare fewer steps."
        )
    if growth.kind == ADDED:
        return (
            f"It looks like rounding that adds up, not like a wrong rule: {growth.birth:.2g} after step "
            f"{growth.born}, {growth.there:.2g} here. A wider tolerance may suit."
        )
    if growth.kind == DRIFT:
        return (
            f"It looks like a change of {cause} with a small effect: {growth.birth:.2g} of the size after "
            f"step {growth.born} already, which is more than rounding."
        )
    if first.equal_before:
        return f"All before is the same to the last bit, so {cause} changed."
    return (
        f"It came in one step, from {growth.before:.2g} of the size to {growth.there:.2g}: it looks like a "
        f"change of {cause}, not like rounding that grows."
    )


def values(numbers: tuple[float, ...]) -> str:
    """Write a value so that it can be told from a near one.

    >>> values((1.0, 0.1)), values((float("nan"),))
    ('(1.0, 0.1)', 'nan')
    """
    texts = [repr(float(number)) for number in numbers]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def as_json(difference: Difference) -> dict[str, Any]:
    """Return the difference as plain JSON values; NaN and infinity become "nan", "inf" and "-inf"."""
    return {
        "same": difference.same,
        "tolerance": difference.tolerance.name,
        "runs": [_run(run) for run in difference.runs],
        "missing": list(difference.missing),
        "not_expected": list(difference.added),
        "changed": {name: [one, other] for name, one, other in difference.changes},
    }


def _run(run: RunDifference) -> dict[str, Any]:
    found: dict[str, Any] = {
        "optimizer": run.spec,
        "found_optimizer": run.found_spec,
        "same": run.same,
        "outcome": str(run.outcome),
        "found_outcome": str(run.found_outcome),
        "largest": {name: _number(share) for name, share in run.largest.items()},
    }
    if run.first is None:
        return found
    first, growth = run.first, run.growth
    found["first"] = {
        "step": first.step,
        "quantity": first.quantity,
        "expected": [_number(value) for value in first.expected],
        "found": [_number(value) for value in first.found],
        "apart": _number(first.apart),
        "allowed": _number(first.allowed),
        "equal_before": first.equal_before,
    }
    found["growth"] = growth and {
        "kind": growth.kind,
        "born": growth.born,
        "birth": _number(growth.birth),
        "before": _number(growth.before),
        "there": _number(growth.there),
        "largest": _number(growth.largest),
        "doubling": growth.doubling,
    }
    found["verdict"] = verdict(run)
    return found


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
