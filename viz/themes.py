"""Themes: every colour a picture uses, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from ..surfaces.messages import unknown

# One hue an optimizer, the same in every figure and theme; a theme sets how light the hue is drawn.
# Hues alone are not enough for eyes with two kinds of cones, so each is drawn a little lighter or darker than
# the others. The values were searched for: they keep any two of the six at least 0.05 apart in OKLab for all
# eyes. Further optimizers share a hue with a relative and differ by their marker.
HUES: dict[str, tuple[float, float]] = {  # OKLCH hue in degrees, and what is added to the lightness
    "blue": (255.0, 0.03),
    "vermillion": (38.0, -0.03),
    "green": (169.0, -0.05),
    "magenta": (338.0, 0.03),
    "ochre": (86.0, 0.037),
    "violet": (297.0, -0.05),
}


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a picture (hex), and how its paths are told apart."""

    name: str
    help: str
    background: str
    text: str
    muted: str  # secondary text
    frame: str  # axes edges and ticks
    heights: tuple[str, ...]  # from the valley to the rim
    contour: str  # the thin contour lines
    marks: str  # start and minima
    shades: tuple[float, float]  # OKLCH lightness of the faintest and the strongest path
    chroma: float  # OKLCH chroma of the paths; 0 draws them in greys
    dashes: bool = False  # tell runs apart by dashes as well as by colour and marker


THEMES: dict[str, Theme] = {
    "light": Theme(
        name="light",
        help="white page, quiet grey-blue heights (the default)",
        background="#ffffff",
        text="#1b2430",
        muted="#5d6977",
        frame="#a9b4c0",
        heights=("#fdfdfb", "#eef3f6", "#dce6ee", "#c8d6e3", "#b3c6d9"),
        contour="#8199b0",
        marks="#1b2430",
        shades=(0.66, 0.38),
        chroma=0.19,
    ),
    "dark": Theme(
        name="dark",
        help="near-black page for slides and dark sites",
        background="#11151b",
        text="#e8edf3",
        muted="#9aa7b5",
        frame="#4a5766",
        heights=("#0d1117", "#151c25", "#1e2935", "#293645", "#354456"),
        contour="#55677b",
        marks="#e8edf3",
        shades=(0.62, 0.88),
        chroma=0.16,
    ),
    "print": Theme(
        name="print",
        help="greys and dashes that survive a photocopier",
        background="#ffffff",
        text="#000000",
        muted="#4a4a4a",
        frame="#8c8c8c",
        heights=("#ffffff", "#f7f7f7", "#eeeeee", "#e4e4e4", "#dadada"),
        contour="#b4b4b4",
        marks="#000000",
        shades=(0.50, 0.10),
        chroma=0.0,
        dashes=True,
    ),
}


def get(name: str | Theme) -> Theme:
    """Return the theme of that name; a Theme is returned as it is.

    Raises:
        DescentError: No theme has that name.
    """
    if isinstance(name, Theme):
        return name
    if name.casefold() not in THEMES:
        raise unknown("theme", name, THEMES)
    return THEMES[name.casefold()]
