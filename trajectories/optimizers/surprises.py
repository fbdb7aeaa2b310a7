"""Where a run meets what surprises people about ``torch.optim``: a clause each, found from its numbers.

The page docs/torch-optim-surprises.md has them all, measured. A run that meets none of them is told none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ..specs.optimizer_spec import OptimizerSpec, ScheduleSpec

# The momentum between which a schedule moves that of its optimizer, where its options say nothing.
MOMENTA = {"onecycle": (0.85, 0.95), "cyclic": (0.8, 0.9)}
_COUPLED = ("adam", "nadam", "radam")  # whose weight decay is scaled, but for decoupled_weight_decay
_DECAYS = {"adamw": 0.01, "muon": 0.1}  # weight decay that nobody asked for
_MUCH = 0.05  # of the weights, over a run: what such a decay takes before it is said
_LONG = 10  # rates that a step is long, before it is said: those of Adam are one or two
_FLAT = 1e-5  # gradients so small are as good as none
_EVALUATIONS = 1.25  # that L-BFGS may make for each iteration of a step, where max_eval is not given


def surprises(
    spec: OptimizerSpec,
    losses: NDArray[np.float64],
    rates: NDArray[np.float64],
    points: NDArray[np.float64] | None = None,
    gradients: NDArray[np.float64] | None = None,
    epochs: NDArray[np.float64] | None = None,
) -> tuple[str, ...]:
    """Return what a run meets, a clause each.

    Args:
        spec: Its completed spec.
        losses: The losses that it, and a plateau, was shown, (rows,).
        rates: The rate of each step, (steps,).
        points: Where it was after each step, (rows, 2); None for networks, of which they do not say enough.
        gradients: What it was handed there, (rows, 2), or None.
        epochs: The rate that each epoch began with, where schedules step once in an epoch.
    """
    counted, per = (rates, "step") if epochs is None else (epochs, "epoch")
    found = [*_of_schedules(spec, losses, counted, per), *_of_decay(spec, rates)]
    if points is not None and gradients is not None:
        with np.errstate(all="ignore"):
            found += _of_steps(spec, points, gradients, rates)
    rule = _RULES.get(spec.name)
    return (*found, *(() if rule is None else rule(spec, rates)))


def _of_schedules(
    spec: OptimizerSpec, losses: NDArray[np.float64], rates: NDArray[np.float64], per: str
) -> Iterator[str]:
    if not spec.schedules or not len(rates):
        return
    if spec.lr is not None and spec.name != "rprop" and not math.isclose(rates[0], spec.lr, rel_tol=1e-6):
        yield f"its first rate is {rates[0]:.4g}, not {spec.lr:.4g}, because of {_who(spec)}"
    for each in spec.schedules:
        yield from _of_schedule(each, losses, rates, per)
    still = _trailing(rates == 0)
    if still > 1:
        yield f"its rate is 0 from {per} {len(rates) - still} on"


def _of_schedule(
    schedule: ScheduleSpec, losses: NDArray[np.float64], rates: NDArray[np.float64], per: str
) -> Iterator[str]:
    options = dict(schedule.options)
    if schedule.name in MOMENTA and options.get("cycle_momentum", True) is True:
        low, high = (
            options.get(key, usual)
            for key, usual in zip(("base_momentum", "max_momentum"), MOMENTA[schedule.name], strict=True)
        )
        if isinstance(low, int | float) and isinstance(high, int | float):
            span = f"between {low:g} and {high:g}"
            yield f"{schedule.title} moves its momentum too, {span} (cycle_momentum=false does not)"
    if schedule.name == "cosine":
        lowest = _number(options, "T_max") + (schedule.after or 0)
        if len(rates) > lowest + 1 and rates[int(lowest) + 1] > rates[int(lowest)]:
            yield f"its rate rises again after {per} {lowest:g}, the T_max of its cosine"
    relative = options.get("threshold_mode", "rel") == "rel" and options.get("mode", "min") == "min"
    if schedule.name == "plateau" and relative and (losses < 0).any():
        yield (
            "below a loss of 0, ReduceLROnPlateau takes a slightly worse one as better (threshold_mode=abs "
            "does not)"
        )


def _of_decay(spec: OptimizerSpec, rates: NDArray[np.float64]) -> Iterator[str]:
    options = dict(spec.options)
    coupled = spec.name in _COUPLED and options.get("decoupled_weight_decay") is not True
    if coupled and _number(options, "weight_decay") > 0:
        yield "its weight decay is a part of the gradient and scaled like it; that of AdamW is not"
    if spec.name in _DECAYS and "weight_decay" not in options:
        decay = _DECAYS[spec.name]
        taken = 1 - math.exp(-decay * float(np.nansum(rates)))
        if taken >= _MUCH:
            yield f"torch's default weight_decay={decay:g} alone takes {taken:.0%} off its weights here"


def _of_steps(
    spec: OptimizerSpec,
    points: NDArray[np.float64],
    gradients: NDArray[np.float64],
    rates: NDArray[np.float64],
) -> Iterator[str]:
    options, steps = dict(spec.options), np.diff(points, axis=0)
    if spec.name == "radam":
        count = min(_unscaled(options), len(steps))
        first, allowed = np.abs(steps[:count]).max(axis=1), _LONG * np.abs(rates[:count])
        if count and (first > allowed).any():
            longest = first[np.isfinite(first)].max(initial=0.0)
            yield (
                f"its first {count} steps are not scaled by the squared mean: up to {longest:.3g} long at lr "
                f"{rates[0]:g}"
            )
    if spec.name == "lbfgs" and options.get("line_search_fn") == "strong_wolfe" and "max_eval" not in options:
        still = _trailing((steps == 0).all(axis=1))
        slope = float(np.hypot(*gradients[-1]))
        if still > 1 and slope > _FLAT:
            most = int(_number(options, "max_iter", 20) * _EVALUATIONS)
            yield (
                f"it stands still from step {len(steps) - still} on, where the gradient is {slope:.3g}: its "
                f"line search ends after max_eval={most} evaluations (give a larger one)"
            )


def _of_rprop(spec: OptimizerSpec, rates: NDArray[np.float64]) -> Iterator[str]:
    if spec.schedules and len(set(rates.tolist())) > 1:
        yield f"it takes only its first rate, {rates[0]:.4g}; {_who(spec)} changes nothing after that"


def _of_sgd(spec: OptimizerSpec, rates: NDArray[np.float64]) -> Iterator[str]:
    options = dict(spec.options)
    dampening = _number(options, "dampening")
    if _number(options, "momentum") and 0 < dampening < 1:
        yield f"its dampening spares the first gradient, which counts {1 / (1 - dampening):.3g} times"


def _of_asgd(spec: OptimizerSpec, rates: NDArray[np.float64]) -> Iterator[str]:
    if spec.schedules and len(set(rates.tolist())) > 1:
        yield f"it follows {_who(spec)} one step late"
    if dict(spec.options).get("foreach") is True:
        yield "with foreach it is rounded otherwise, from the eighth digit on"


def _of_adafactor(spec: OptimizerSpec, rates: NDArray[np.float64]) -> Iterator[str]:
    if len(rates) and rates[-1] > (most := len(rates) ** -0.5):
        yield f"its rate is at most 1/sqrt(step), at the end {most:.3g} and not {rates[-1]:g}"


def _of_muon(spec: OptimizerSpec, rates: NDArray[np.float64]) -> Iterator[str]:
    yield "its updates are made orthogonal in bfloat16, of two to three digits"


_RULES: dict[str, Callable[[OptimizerSpec, NDArray[np.float64]], Iterator[str]]] = {
    "adafactor": _of_adafactor,
    "asgd": _of_asgd,
    "muon": _of_muon,
    "rprop": _of_rprop,
    "sgd": _of_sgd,
}


def _who(spec: OptimizerSpec) -> str:
    return spec.schedules[0].title if len(spec.schedules) == 1 else "the first of its schedules"


def _number(options: dict[str, Any], key: str, usual: float = 0.0) -> float:
    value = options.get(key, usual)
    return float(value) if isinstance(value, int | float) else usual


def _trailing(true: NDArray[np.bool_]) -> int:
    """Return how many values are true after the last that is not."""
    return len(true) if true.all() else int(np.argmin(true[::-1]))


def _unscaled(options: dict[str, Any]) -> int:
    """Return how many first steps of RAdam are not scaled: while its squared mean is too uncertain.

    References:
        Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, arXiv:1908.03265.
    """
    betas = options.get("betas", (0.9, 0.999))
    beta = float(betas[1]) if isinstance(betas, tuple) else 0.999
    most = 2 / (1 - beta) - 1
    count = 0
    while count < 1000 and most - 2 * (count + 1) * beta ** (count + 1) / (1 - beta ** (count + 1)) <= 5:
        count += 1
    return count
