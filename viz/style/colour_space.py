"""Colours as numbers: sRGB hex, OKLCH, luminance and contrast."""

from __future__ import annotations

import math
from functools import lru_cache


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


def mix(first: str, second: str, share: float) -> str:
    """Mix two hex colours: 0 gives the first, 1 the second.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    parts = (
        round((1 - share) * int(first[k : k + 2], 16) + share * int(second[k : k + 2], 16)) for k in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)


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


@lru_cache(maxsize=8192)
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
