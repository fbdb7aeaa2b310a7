"""Which colour, marker and dash each run is drawn with: a hue for the optimizer, a shade for the rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zlib import crc32

from .distinct import Tint, told_apart
from .themes import HUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...trajectories.specs.optimizer_spec import OptimizerSpec
    from .themes import Theme

Dash = tuple[float, ...]  # lengths on and off, in line widths; empty for a solid line

# Optimizer name -> (hue, marker). Optimizers that are compared most often have a hue of their own; the others
# share one with a relative, and take one that is free where the relative is in the same picture.
_LOOKS: dict[str, tuple[str, str]] = {
    "sgd": ("blue", "o"),
    "adam": ("red", "s"),
    "rmsprop": ("green", "^"),
    "adamw": ("magenta", "D"),
    "adagrad": ("ochre", "v"),
    "lbfgs": ("violet", "P"),
    "asgd": ("blue", "h"),
    "nadam": ("red", "<"),
    "radam": ("ochre", ">"),
    "adamax": ("magenta", "X"),
    "adadelta": ("green", "d"),
    "rprop": ("violet", "p"),
    "adafactor": ("ochre", "s"),
    "muon": ("violet", "D"),
    "sparseadam": ("red", "8"),
}
_FIRST = tuple(_LOOKS)[:6]  # these keep their hue in every picture
_MARKERS = "osD^vP<>Xdph8"
_SHADE = 0.12  # OKLCH lightness between two rates of one optimizer, where the range has room for so much
_DASHES: tuple[Dash, ...] = ((), (4.0, 1.6), (1.2, 1.4), (6.0, 1.4, 1.2, 1.4), (2.4, 2.4), (8.0, 2.0))
_GREYS = 3  # greys of print that are told apart; with more runs they come again, with other dashes


@dataclass(frozen=True, slots=True)
class RunStyle:
    """How one run is drawn."""

    colour: str  # hex
    marker: str  # matplotlib marker of its head
    dash: Dash
    run: int | None = field(default=None, compare=False)  # the run's number among those drawn


def run_styles(specs: Sequence[OptimizerSpec], theme: Theme) -> tuple[RunStyle, ...]:
    """Choose a style for each run: hue by optimizer, shade by learning rate, and a marker of its own.

    Runs of one optimizer are shaded by rank, the largest rate the strongest; equal rates keep their order.
    Where two runs would look alike to some eyes, their colours are moved apart as little as need be.
    """
    names = list(dict.fromkeys(spec.name for spec in specs))
    if theme.chroma == 0.0:  # greys cannot show hues, so every run gets a grey and a dash of its own
        count = min(len(specs), _GREYS)
        tints = [Tint(_lightness(index % _GREYS, count, theme), 0.0, 0.0) for index in range(len(specs))]
        colours = [tint.colour for tint in tints]
    else:
        hues = _hues(names)
        ranks = [_rank(index, specs) for index in range(len(specs))]
        tints = []
        for spec, (rank, count) in zip(specs, ranks, strict=True):
            hue = HUES[hues[spec.name]][theme.dark]
            lightness = _lightness(rank, count, theme) + hue.lift
            tints.append(Tint(lightness, theme.chroma, hue.angle))
        # Of two rates of one optimizer the larger is the stronger: in this order.
        families = [
            sorted((k for k, spec in enumerate(specs) if spec.name == name), key=lambda k: ranks[k])
            for name in names
        ]
        colours = list(told_apart(tuple(tints), tuple(map(tuple, families)), theme))
    dashes = _DASHES if theme.dashes else ((),)
    return tuple(
        RunStyle(colour, marker, dashes[(index + index // len(dashes)) % len(dashes)], index)
        for index, (colour, marker) in enumerate(zip(colours, _own_markers(specs), strict=True))
    )


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


def _hues(names: Sequence[str]) -> dict[str, str]:
    """Return the hue of each optimizer in a picture: its own, or where a relative has that, a free one."""
    chosen: dict[str, str] = {}
    for name in sorted(names, key=lambda name: name not in _FIRST):
        own = _look(name)[0]
        free = [hue for hue in HUES if hue not in chosen.values()]
        chosen[name] = own if own in free or not free else free[0]
    return chosen


def _own_markers(specs: Sequence[OptimizerSpec]) -> list[str]:
    """Return a marker for each run: its optimizer's, or where another run has that, a free one."""
    kept = {_look(spec.name)[1] for spec in specs}
    found: list[str] = []
    for spec in specs:
        own = _look(spec.name)[1]
        free = [each for each in _MARKERS if each not in found and each not in kept]
        free += [each for each in _MARKERS if each not in found]
        found.append(own if own not in found or not free else free[0])
    return found


def _look(name: str) -> tuple[str, str]:
    if name in _LOOKS:
        return _LOOKS[name]
    code = crc32(name.encode())  # stable between processes, unlike hash()
    return list(HUES)[code % len(HUES)], _MARKERS[code // len(HUES) % len(_MARKERS)]
