"""The file formats that pictures can be saved in."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError, NotPossibleError

if TYPE_CHECKING:
    from ..style.themes import Theme


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: what writes and reads it, whether it moves, where it can be shown, how it shrinks."""

    encoder: str  # module:function within viz, imported on first use; called with (stage, path, order)
    reader: str  # module:function within viz: (path) -> the texts in a file, the recipe among them
    moves: bool
    help: str
    shown_in: tuple[str, ...]  # WEB: on a web page; CALM: where nothing may move; PRINT: in a PDF
    shrinks_by: tuple[str, ...]  # what can be reduced for a smaller file, in this order
    transparent: bool = True  # whether it can have a transparent background
    extra: str = ""  # the extra that must be installed for it


WEB, CALM, PRINT = "web", "calm", "print"
_MOVING = ("colours", "frames", "size")

FORMATS: dict[str, Format] = {
    ".gif": Format(
        "files.encoders:gif",
        "files.metadata:in_gif",
        True,
        "animation, for web pages and slides",
        (WEB,),
        _MOVING,
        transparent=False,
    ),
    ".mp4": Format(
        "files.video:mp4",
        "files.recipes:in_video",
        True,
        "H.264 video, for slides",
        (WEB,),
        _MOVING,
        transparent=False,
        extra="video",
    ),
    ".webm": Format(
        "files.video:webm",
        "files.recipes:in_video",
        True,
        "VP9 video, for the web",
        (WEB,),
        _MOVING,
        transparent=False,
        extra="video",
    ),
    ".webp": Format(
        "files.webp:webp", "files.metadata:in_webp", True, "animation, smaller than a GIF", (WEB,), _MOVING
    ),
    ".apng": Format(
        "files.apng:apng", "files.metadata:in_png", True, "animation that opens as a PNG", (WEB,), _MOVING
    ),
    ".html": Format(
        "files.player:html",
        "files.metadata:in_page",
        True,
        "page with a player, works offline",
        (WEB,),
        ("frames", "size"),
    ),
    ".png": Format(
        "files.encoders:png",
        "files.metadata:in_png",
        False,
        "still, in pixels",
        (WEB, CALM, PRINT),
        ("colours", "size"),
    ),
    ".svg": Format(
        "files.encoders:svg",
        "files.metadata:in_svg",
        False,
        "still, for web pages at any size",
        (WEB, CALM),
        (),
    ),
    ".pdf": Format("files.encoders:pdf", "files.pdf_notes:in_pdf", False, "still, for print", (PRINT,), ()),
}
# Other containers for the same videos, into which a copy without a new encoding takes the notes along.
READ_AS = {".mkv": ".mp4", ".mov": ".mp4", ".m4v": ".mp4"}
NUMBERED = (".png", ".pdf", ".svg")  # what each frame can be as a file of its own, in a folder
NO_FFMPEG = "videos need ffmpeg, which is not installed; `pip install 'descent-viz[video]'` brings it"
_EXTRAS = {
    "video": ("imageio_ffmpeg", NO_FFMPEG)
}  # extra -> the module that it brings, and what to say without


def shown_in(place: str) -> tuple[str, ...]:
    """Return the suffixes of what can be shown in a place: WEB, CALM or PRINT.

    >>> shown_in(CALM), shown_in(PRINT)
    (('.png', '.svg'), ('.png', '.pdf'))
    """
    return tuple(suffix for suffix, kind in FORMATS.items() if place in kind.shown_in)


def check_extra(kind: Format) -> None:
    """Raise NotPossibleError if a format needs an extra that is not installed; nothing is loaded."""
    if kind.extra:
        module, sentence = _EXTRAS[kind.extra]
        if find_spec(module) is None:
            raise NotPossibleError(sentence)


def check_transparent(theme: Theme, kind: Format, suffix: str) -> None:
    """Raise DescentError if a theme without a background is to go into a format that has no transparency.

    Args:
        theme: What the picture is drawn with.
        kind: The format.
        suffix: As the user wrote it.
    """
    if theme.transparent and not kind.transparent:
        able = [name for name, other in FORMATS.items() if other.transparent and other.moves]
        raise DescentError(
            f"{suffix.casefold()} has no half-transparent pixels, which the theme {theme.name!r} needs; "
            f"use {', '.join(able)} or .png, or another theme"
        )
