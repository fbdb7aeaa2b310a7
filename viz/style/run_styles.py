"""Which colour, marker and dash each run is drawn with: a hue for the optimizer, a shade for the rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zlib import crc32

from .colour_space import oklch_to_hex
from .themes import HUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...trajectories.specs.optimizer_spec import OptimizerSpec
    from .themes import Theme

Dash = tuple[float, ...]  # lengths on and off, in line widths; empty for a solid line

# Optimizer name -> (hue, marker). Optimizers that are compared most often have a hue of their own.
_LOOKS: dict[str, tuple[str, str]] = {
    "sgd": ("blue", "o"),
    "adam": ("vermillion", "s"),
    "rmsprop": ("green", "^"),
    "adamw": ("magenta", "D"),
    "adagrad": ("ochre", "v"),
    "lbfgs": ("violet", "P"),
    "asgd": ("blue", "h"),
    "nadam": ("vermillion", "<"),
    "radam": ("ochre", ">"),
    "adamax": ("magenta", "X"),
    "adadelta": ("green", "d"),
    "rprop": ("violet", "p"),
    "adafactor": ("ochre", "s"),
    "muon": ("violet", "D"),
    "sparseadam": ("vermillion", "8"),
}
_MARKERS = "osD^vP<>Xdph8"
_SHADE = 0.12  # OKLCH lightness between two rates of one optimizer, where the range has room for so much
_DASHES: tuple[Dash, ...] = ((), (4.0, 1.6), (1.2, 1.4), (6.0, 1.4, 1.2, 1.4), (2.4, 2.4), (8.0, 2.0))


@dataclass(frozen=True, slots=True)
class RunStyle:
    """How one run is drawn."""

    colour: str  # hex
    marker: str  # matplotlib marker of its head
    dash: Dash
    run: int | None = field(default=None, compare=False)  # the run's number among those drawn


def run_styles(specs: Sequence[OptimizerSpec], theme: Theme) -> tuple[RunStyle, ...]:
    """Choose a style for each run: hue and marker by optimizer, shade by learning rate.

    Runs of one optimizer are shaded by rank, the largest rate the strongest; equal rates keep their order.
    """
    ranks = [_rank(index, specs) for index in range(len(specs))]
    if theme.chroma == 0.0:  # greys cannot show hues, so every run gets a grey and a dash of its own
        ranks = [(index, len(specs)) for index in range(len(specs))]
    styles = []
    for index, (spec, (rank, count)) in enumerate(zip(specs, ranks, strict=True)):
        name, marker = _look(spec.name)
        hue, lift = HUES[name] if theme.chroma else (0.0, 0.0)
        colour = oklch_to_hex(_lightness(rank, count, theme) + lift, theme.chroma, hue)
        dash = _DASHES[index % len(_DASHES)] if theme.dashes else ()
        styles.append(RunStyle(colour, marker, dash, index))
    return tuple(styles)


def _lightness(rank: int, count: int, theme: Theme) -> float:
    """Return how light the run of a rank is drawn among so many.

    A lone run takes the middle of the theme's range. Few runs keep near it, because the faint end of the
    range is hard to see on the rim of the heights; greys have nothing but the whole range to differ by.
    """
    faint, strong = theme.shades
    middle, most = (faint + strong) / 2, (strong - faint) / 2
    if count == 1:
        return middle
    reach = _SHADE * (count - 1) / 2 if theme.chroma else abs(most)
    return middle + math.copysign(min(reach, abs(most)), most) * (2 * rank / (count - 1) - 1)


def _rank(index: int, specs: Sequence[OptimizerSpec]) -> tuple[int, int]:
    """Return the rank of a run's rate among the runs of its optimizer, and their number."""
    rivals = [k for k, spec in enumerate(specs) if spec.name == specs[index].name]
    rivals.sort(key=lambda k: (specs[k].lr or 0.0, k))
    return rivals.index(index), len(rivals)


def _look(name: str) -> tuple[str, str]:
    if name in _LOOKS:
        return _LOOKS[name]
    code = crc32(name.encode())  # stable between processes, unlike hash()
    return list(HUES)[code % len(HUES)], _MARKERS[code // len(HUES) % len(_MARKERS)]
