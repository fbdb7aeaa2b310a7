"""Which colour, marker and dash each run is drawn with: a hue for the optimizer, a shade for the rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

from .themes import HUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..trajectories.specs import OptimizerSpec
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


@lru_cache(maxsize=4096)
def oklch_to_hex(lightness: float, chroma: float, hue: float) -> str:
    """Convert OKLCH to sRGB hex, lowering the chroma until the colour exists in sRGB.

    References:
        B. Ottosson, A perceptual color space for image processing, https://bottosson.github.io/posts/oklab/

    >>> oklch_to_hex(1.0, 0.0, 0.0), oklch_to_hex(0.0, 0.0, 0.0)
    ('#ffffff', '#000000')
    """
    angle = math.radians(hue)
    for _ in range(60):
        rgb = _oklab_to_linear(lightness, chroma * math.cos(angle), chroma * math.sin(angle))
        if all(-1e-4 <= value <= 1.0001 for value in rgb):
            break
        chroma *= 0.95
    return "#" + "".join(f"{round(255 * _encode(value)):02x}" for value in rgb)


def hex_to_oklch(colour: str) -> tuple[float, float, float]:
    """Convert sRGB hex to OKLCH: lightness, chroma, and the hue in degrees.

    >>> tuple(round(value, 2) for value in hex_to_oklch("#ff0000"))
    (0.63, 0.26, 29.23)
    """
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def _oklab_to_linear(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encode(value: float) -> float:
    """Apply the sRGB transfer function to a linear value."""
    value = min(max(value, 0.0), 1.0)
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def luminance(colour: str) -> float:
    """Return the relative luminance of a hex colour, 0 for black to 1 for white (WCAG 2)."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two hex colours, 1 to 21 (WCAG 2)."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_decode(int(colour[k : k + 2], 16) / 255) for k in (1, 3, 5))
    return red, green, blue


def _decode(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
