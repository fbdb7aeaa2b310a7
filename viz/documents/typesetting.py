"""A figure for programs that set type: LaTeX and Typst."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from . import escapes

if TYPE_CHECKING:
    from .figure import Figure, Frames


def latex(figure: Figure) -> str:
    """Write a figure for LaTeX: with a still, or with an animation of numbered frames."""
    frames = figure.frames
    if frames is not None and frames.suffix in (".png", ".pdf"):
        packages, name = "graphicx, animate", frames.before.rstrip("-_")
        shown = _animation(frames, figure)
    else:
        packages, name = "graphicx", figure.printed
        page = f"page={figure.pages}, " if figure.pages > 1 else ""
        alt = f"{page}alt={{{escapes.latex(figure.still_alt)}}}"
        shown = f"\\includegraphics[width=\\linewidth, {alt}]{{{escapes.latex_path(figure.printed)}}}"
    return "\n".join(
        [
            f"% \\usepackage{{{packages}}}",
            "\\begin{figure}",
            "  \\centering",
            f"  {shown}",
            f"  \\caption{{{escapes.latex(figure.caption)}}}",
            f"  \\label{{fig:{_label(name)}}}",
            "\\end{figure}",
        ]
    )


def _animation(frames: Frames, figure: Figure) -> str:
    """Return the command of the package animate; how long each frame stays is in a file beside the frames."""
    first, last = (f"{number:0{frames.digits}d}" for number in (0, frames.last))
    options = [
        *(["controls", "loop"] if figure.loop else ["controls"]),
        "width=\\linewidth",
        f"timeline={escapes.latex_path(frames.timeline)}",
        f"alttext={{{escapes.latex(figure.alt)}}}",
    ]
    return (
        f"\\animategraphics[{', '.join(options)}]{{{frames.fps:.4g}}}"
        f"{{{escapes.latex_path(frames.before)}}}{{{first}}}{{{last}}}"
    )


def _label(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", PurePath(name).stem).strip("-") or "descent"


def typst(figure: Figure) -> str:
    """Write a figure for Typst: a still, for of an animation it shows the first frame."""
    path, alt = escapes.quoted(figure.printed), escapes.quoted(figure.still_alt)
    note = ["// Typst 0.14 or newer shows a PDF"] if figure.printed.casefold().endswith(".pdf") else []
    return "\n".join(
        [
            *note,
            "#figure(",
            f"  image({path}, width: 100%, alt: {alt}),",
            f"  caption: {escapes.quoted(figure.caption)},",
            f") <fig:{_label(figure.printed)}>",
        ]
    )
