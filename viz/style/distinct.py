"""Colours of runs moved apart, as little as need be, until every eye can tell any two of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .colour_difference import least_apart, seen
from .colour_space import contrast, luminance, mix, oklch_to_hex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .themes import Theme

FADED = 0.15  # how much of the page's colour a trail takes on behind its comet
APART = 15.0  # the least difference (CIE 1976) of two heads, and of two trails, to any eye
_AIM = APART + 0.8  # what is looked for, so that rounding costs nothing
_SEEN = 1.9  # the least contrast of a shade beside stronger ones with the page and all heights
_LIGHTNESSES = 0.02 * np.arange(10, 48)  # that are tried, OKLCH
_TURNS = (0.0, -8.0, 8.0, -16.0, 16.0, -24.0, 24.0)  # of the hue, degrees: more would be another hue
_PALER = (1.0, 0.75, 0.5)  # shares of the chroma
# What it costs to leave the colour that was meant, against the square of what two colours are too near, and
# how much the latter weighs in round after round.
_LIGHTER, _TURNED, _PALED = 400.0, 0.02, 12.0
_WEIGHTS = (1.0,) * 4 + tuple(1.5**k for k in range(1, 16))


@dataclass(frozen=True, slots=True)
class Tint:
    """A colour in OKLCH."""

    lightness: float  # 0 to 1
    chroma: float
    hue: float  # degrees

    @property
    def colour(self) -> str:
        """The colour as sRGB hex."""
        return oklch_to_hex(self.lightness, self.chroma, self.hue)


@lru_cache(maxsize=256)
def told_apart(
    tints: tuple[Tint, ...], families: tuple[tuple[int, ...], ...], theme: Theme
) -> tuple[str, ...]:
    """Return a hex colour for each tint, such that every eye can tell any two heads and any two trails.

    With more runs than there is room for in the theme's colours they are as far apart as was found.

    Args:
        tints: What is meant; a set that is told apart already stays as it is.
        families: Indices of tints of one hue, each from the faintest to the strongest; that order stays.
        theme: Gives page and heights.

    References:
        The difference is that of CIE 1976, as seen by the eyes of `colour_difference`.
    """
    meant = tuple(tint.colour for tint in tints)
    if len(tints) < 2 or least_apart(_looks(meant, theme)) >= APART:
        return meant
    tried = [_candidates(tint, theme) for tint in tints]
    costs = [_costs(tint, found) for tint, found in zip(tints, tried, strict=True)]
    looks = [_looks([each.colour for each in found], theme) for found in tried]
    now = [int(cost.argmin()) for cost in costs]
    best, most = [each.colour for each in tints], -1.0
    for weight in _WEIGHTS:
        for index in range(len(tints)):
            others = np.stack([looks[k][now[k]] for k in range(len(tints)) if k != index])
            apart = np.linalg.norm(looks[index][:, None] - others[None], axis=-1).min(axis=-1)
            cost = costs[index] + weight * (np.maximum(_AIM - apart, 0.0) ** 2).sum(axis=1)
            now[index] = int(cost.argmin())
        least = least_apart(np.stack([look[k] for look, k in zip(looks, now, strict=True)]))
        if least > most:
            best, most = [found[k].colour for found, k in zip(tried, now, strict=True)], least
        if least >= APART:
            break
    for family in families:
        by_strength = sorted((best[k] for k in family), key=luminance, reverse=not theme.dark)
        for k, colour in zip(family, by_strength, strict=True):
            best[k] = colour
    return tuple(best)


def trail_colour(colour: str, theme: Theme) -> str:
    """Return the colour of a run's trail: quieter than its head."""
    return mix(colour, theme.heights[1], FADED)


def _looks(colours: Sequence[str], theme: Theme) -> NDArray[np.float64]:
    """Return how all eyes see heads and their trails, (colours, 2 eyes, 3)."""
    return np.concatenate([seen(colours), seen([trail_colour(each, theme) for each in colours])], axis=1)


@lru_cache(maxsize=256)
def _candidates(tint: Tint, theme: Theme) -> tuple[Tint, ...]:
    """Return the tints near one that can be seen on all heights, itself first."""
    near = [
        Tint(round(float(lightness), 2), tint.chroma * share, tint.hue + turn)
        for lightness in _LIGHTNESSES
        for turn in _TURNS
        for share in _PALER
    ]
    grounds = sorted((*theme.heights, theme.background), key=luminance)
    extremes = grounds[0], grounds[-1]  # what stands out from these stands out from those between
    return tint, *(each for each in near if min(contrast(each.colour, end) for end in extremes) >= _SEEN)


def _costs(tint: Tint, found: Sequence[Tint]) -> NDArray[np.float64]:
    return np.array(
        [
            _LIGHTER * (each.lightness - tint.lightness) ** 2
            + _TURNED * (each.hue - tint.hue) ** 2
            + _PALED * (1 - each.chroma / tint.chroma)
            for each in found
        ]
    )
