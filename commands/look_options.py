"""How the wishes for a picture are said on a command line; loads no library."""

from __future__ import annotations

from dataclasses import dataclass

from ..viz.scenes.panel_table import ARROWS, GRIDS, PANELS
from ..viz.style.layout import SIZES
from ..viz.style.themes import THEMES


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command."""

    flag: str  # as click takes it: "--theme", or "--loop/--no-loop" for a switch
    help: str
    kind: type[str | int | float | bool] = str  # bool: on when it is given
    default: str | float | bool | None = None
    metavar: str | None = None


# Names as in `wishes.Wishes`.
LOOK: dict[str, Option] = {
    "theme": Option("--theme", f"{', '.join(THEMES)}, or a matplotlib style sheet.", default="light"),
    "size": Option("--size", f"WIDTHxHEIGHT, {', '.join(SIZES)}.", default="medium"),
    "heights": Option("--heights", "Height scale: auto, linear or log.", default="auto"),
    "fps": Option("--fps", "Frames a second, at most 50; by default 25, fewer if short.", float),
    "seconds": Option("--seconds", "Length; by default a frame a step, up to 300.", float),
    "hold": Option("--hold", "Seconds that the last frame stays in addition.", float, 1.5),
    "pace": Option("--pace", "even, or early: more time for the first steps.", default="even"),
    "loop": Option("--loop/--no-loop", "Whether an animation starts again.", bool, True),
    "max_size": Option(
        "--max-size", "The most a file may have: fewer colours, then frames, then pixels.", metavar="SIZE"
    ),
    "panels": Option("--panels", f"What the picture shows: {', '.join(PANELS)}.", metavar="NAMES"),
    "grid": Option(
        "--grid", f"Small panels: {', '.join(GRIDS)}; two names are rows and columns.", metavar="NAMES"
    ),
    "strip": Option("--strip", "So many key frames side by side in one still.", int, metavar="N"),
    "arrows": Option("--arrows", f"At each head: {', '.join(ARROWS)}.", metavar="NAMES"),
    "field": Option("--field", "Small arrows all over the contour that point downhill.", bool, False),
    "orbit": Option("--orbit", "Let the 3-D surface turn.", bool, False),
}
