"""How far two runs of one recipe may be apart, by what changed between them. Light: loads nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ...surfaces.errors import DescentError, unknown

EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23}  # the spacing of numbers at 1
HALF = {"bfloat16": 2.0**-7, "float16": 2.0**-10}  # of precisions in which only the kit's short runs are made
DEFAULT = "same-dtype"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What counts as equal: a difference of at most ``absolute`` plus a share of the largest value so far.

    The share is of the quantity's largest size up to that step in either run, because the rounding of large
    early values is carried along to small late ones.
    """

    name: str  # the preset's, or "own"
    points: float  # shares, 0 for bit for bit
    losses: float
    gradients: float
    rates: float
    absolute: float = 0.0  # in the units of each quantity, on top of the share
    steps: int = 0  # by how many steps an outcome may come sooner or later

    def of(self, quantity: str) -> float:
        """Return the share of a quantity: "points", "losses", "gradients" or "rates"."""
        return float(getattr(self, quantity))


@dataclass(frozen=True, slots=True)
class Preset:
    """Tolerances for one kind of change; the numbers are multiples of the precision's epsilon."""

    help: str  # what may have changed
    points: float
    losses: float
    gradients: float
    steps: int  # by how many steps an outcome may move
    dtype: str | None  # whose epsilon counts; None: that of the recording compared against
    why: str  # the reason for the numbers

    @property
    def exact(self) -> bool:
        """Whether every number must be the same."""
        return self.points == 0


# Runs in half precision are eight steps long, and thousands of its epsilons would allow anything.
_SHORT = 2.0**-8

# Rates are Python floats whatever the device and the precision of a run are, so that only the last digits of
# a cosine or a power may depend on the platform's mathematics library.
_RATES = 64 * EPSILON["float64"]

PRESETS: dict[str, Preset] = {
    "same-machine": Preset(
        "nothing: the same machine and versions",
        points=0,
        losses=0,
        gradients=0,
        steps=0,
        dtype=None,
        why="the same recipe gives the same bytes, so that every difference is one; NaN equals NaN",
    ),
    "same-dtype": Preset(
        "the processor, the torch version, or the path through it (foreach, fused)",
        points=2.0**12,
        losses=2.0**14,
        gradients=2.0**14,
        steps=0,
        dtype=None,
        why="sums may be rounded in another order: about one epsilon a step, and the few hundred steps of a "
        "golden carry that on; curvature multiplies it in losses and gradients",
    ),
    "cpu-gpu": Preset(
        "the device, with the same precision",
        points=2.0**14,
        losses=2.0**16,
        gradients=2.0**16,
        steps=1,
        dtype=None,
        why="roots, powers and exponentials of a GPU may be off by a few epsilon where a CPU's are not, and "
        "products are fused with sums: 4 times same-dtype; an outcome may come a step sooner or later",
    ),
    "float32": Preset(
        "the precision: a float32 run against a float64 one",
        points=2.0**12,
        losses=2.0**14,
        gradients=2.0**14,
        steps=2,
        dtype="float32",
        why="every number is rounded to 24 bits at every step, the start and the rate included; a path that "
        "goes elsewhere for it is too long, or chaotic, and the report says which",
    ),
}


def tolerance(
    preset: str = DEFAULT,
    dtype: str = "float64",
    rtol: float | None = None,
    atol: float | None = None,
) -> Tolerance:
    """Return the tolerance that a preset stands for in a precision, or one's own.

    Args:
        preset: One of PRESETS.
        dtype: The precision of what is compared against.
        rtol: A share for points, losses, gradients and rates in place of the preset's.
        atol: What is allowed on top, in the units of each quantity; 0 when None.

    Raises:
        DescentError: An unknown preset, or a number that is not finite or below zero.

    >>> tolerance("same-machine").points, tolerance(rtol=1e-6).losses
    (0.0, 1e-06)
    """
    if preset not in PRESETS:
        raise unknown("tolerance", preset, PRESETS)
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value is not None and not (isinstance(value, int | float) and 0 <= value < math.inf):
            raise DescentError(f"{name} must be a finite number of at least 0, not {value!r}")
    if rtol is not None:
        share = float(rtol)
        return Tolerance("own", share, share, share, share, float(atol or 0.0), PRESETS[preset].steps)
    chosen = PRESETS[preset]
    of = chosen.dtype or dtype
    unit = epsilon(of) * (_SHORT if of in HALF else 1)
    found = Tolerance(
        preset,
        chosen.points * unit,
        chosen.losses * unit,
        chosen.gradients * unit,
        0.0 if chosen.exact else _RATES,
        steps=chosen.steps,
    )
    return found if atol is None else replace(found, name="own", absolute=float(atol))


def epsilon(*dtypes: str) -> float:
    """Return the epsilon of the coarsest of some precisions; float64's for a name that is not known."""
    return max((EPSILON | HALF).get(dtype, EPSILON["float64"]) for dtype in dtypes)


def as_markdown() -> str:
    """Return the presets as the table of the documentation."""
    lines = ["| preset | what may have changed | points, losses, gradients | why |", "|---|---|---|---|"]
    for name, preset in PRESETS.items():
        if preset.exact:
            numbers = "the same, bit for bit"
        else:
            of = [f"{value * epsilon(dtype):.1g}" for dtype, value in _numbers(preset)]
            numbers = f"{of[0]}, {of[1]}, {of[2]}"
            if preset.dtype is None:
                numbers += f"; in float32 {of[3]}, {of[4]}, {of[5]}"
        lines.append(f"| `{name}` | {preset.help} | {numbers} | {preset.why} |")
    return "\n".join(lines)


def _numbers(preset: Preset) -> list[tuple[str, float]]:
    values = (preset.points, preset.losses, preset.gradients)
    dtypes = ("float64", "float32") if preset.dtype is None else (preset.dtype,)
    return [(dtype, value) for dtype in dtypes for value in values]
