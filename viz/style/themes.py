"""Themes: every colour a picture uses, as plain data."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ...surfaces.errors import DescentError
from .colour_space import luminance


@dataclass(frozen=True, slots=True)
class Hue:
    """A hue of an optimizer in OKLCH, in the themes of one kind of page."""

    angle: float  # degrees
    lift: float  # added to the lightness of the theme's paths


# One hue an optimizer, the same in every figure, for light pages and for dark ones. Hues alone are not enough
# for eyes with two kinds of cones, so each is drawn a little lighter or darker than the others. The values
# were searched for: any two of the six are 15 apart at least (CIE 1976) for all eyes.
HUES: dict[str, tuple[Hue, Hue]] = {
    "blue": (Hue(263.0, 0.03), Hue(255.0, 0.05)),
    "red": (Hue(22.0, -0.05), Hue(38.0, -0.01)),
    "green": (Hue(165.0, -0.03), Hue(169.0, -0.01)),
    "magenta": (Hue(338.0, -0.01), Hue(338.0, -0.03)),
    "ochre": (Hue(86.0, 0.03), Hue(86.0, -0.01)),
    "violet": (Hue(305.0, -0.07), Hue(297.0, -0.05)),
}


_HEX = re.compile(r"#[0-9a-f]{6}")
_SCALES = (0.5, 2.0)  # least and largest text scale


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours (hex) and letters of a picture, and how its paths are told apart."""

    name: str
    help: str
    background: str  # of a transparent page: the colour that it is meant for, which edges and plates have
    text: str
    muted: str  # secondary text
    frame: str  # axes edges and ticks
    heights: tuple[str, ...]  # from the valley to the rim
    contour: str  # the thin contour lines
    marks: str  # start and minima
    shades: tuple[float, float]  # OKLCH lightness of the faintest and the strongest path
    chroma: float  # OKLCH chroma of the paths; 0 draws them in greys
    dashes: bool = False  # tell runs apart by dashes as well as by colour and marker
    scale: float = 1.0  # of all texts and lines, beside what the size of the page asks for
    transparent: bool = False  # whether nothing is painted behind the panels
    font: tuple[str, ...] = ()  # families in order of preference; DejaVu Sans has what they lack

    def __post_init__(self) -> None:
        few = (self.background, self.text, self.muted, self.frame, self.contour, self.marks)
        for colour in (*few, *self.heights):
            if not (isinstance(colour, str) and _HEX.fullmatch(colour)):
                raise DescentError(f"a theme's colours are written like #1b2430, not {colour!r}")
        if len(self.heights) < 2:
            raise DescentError("a theme has two or more colours for the heights, from the valley on")
        if not _SCALES[0] <= self.scale <= _SCALES[1]:
            raise DescentError(
                f"a theme's text scale must be {_SCALES[0]:g} to {_SCALES[1]:g}, not {self.scale!r}"
            )

    @property
    def dark(self) -> bool:
        """Whether the page is darker than what stands on it."""
        return is_dark(self.background)


def is_dark(colour: str) -> bool:
    """Say whether light text is read better than dark text on a hex colour."""
    # Black and white are read equally well on a relative luminance of 0.18 (WCAG 2).
    return luminance(colour) < 0.18


_LIGHT = Theme(
    name="light",
    help="white page, quiet grey-blue heights (the default)",
    background="#ffffff",
    text="#1b2430",
    muted="#5d6977",
    frame="#a9b4c0",
    heights=("#fdfdfb", "#eef3f6", "#dce6ee", "#c8d6e3", "#b3c6d9"),
    contour="#8199b0",
    marks="#1b2430",
    shades=(0.60, 0.38),
    chroma=0.19,
)
_DARK = Theme(
    name="dark",
    help="near-black page for dark sites and slides",
    background="#11151b",
    text="#e8edf3",
    muted="#9aa7b5",
    frame="#4a5766",
    heights=("#0d1117", "#151c25", "#1e2935", "#293645", "#354456"),
    contour="#55677b",
    marks="#e8edf3",
    shades=(0.64, 0.86),
    chroma=0.16,
)
_PRINT = Theme(
    name="print",
    help="greys and dashes that survive a photocopier",
    background="#ffffff",
    text="#000000",
    muted="#4a4a4a",
    frame="#8c8c8c",
    heights=("#ffffff", "#f7f7f7", "#eeeeee", "#e4e4e4", "#dadada"),
    contour="#b4b4b4",
    marks="#000000",
    shades=(0.58, 0.14),
    chroma=0.0,
    dashes=True,
)

THEMES: dict[str, Theme] = {
    theme.name: theme
    for theme in (
        _LIGHT,
        _DARK,
        _PRINT,
        replace(
            _LIGHT,
            name="slides",
            help="light, with texts and lines a third larger, for the last row",
            muted="#4d5967",
            frame="#8f9cab",
            scale=1.3,
        ),
        replace(
            _LIGHT,
            name="transparent",
            help="light, without a background, for pages that are white or nearly so",
            muted="#4d5967",
            frame="#8f9cab",
            transparent=True,
        ),
        replace(
            _DARK,
            name="transparent-dark",
            help="dark, without a background, for pages that are black or nearly so",
            muted="#a9b5c2",
            frame="#66758a",
            transparent=True,
        ),
    )
}
