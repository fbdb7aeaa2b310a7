"""The languages of documents, each with what writes a figure in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .books import myst, mystmd, quarto, rst
from .slides import beamer, pptx, revealjs
from .typesetting import latex, typst
from .web import html, markdown

if TYPE_CHECKING:
    from collections.abc import Callable

    from .figure import Figure

WRITERS: dict[str, Callable[[Figure], str]] = {
    "markdown": markdown,
    "html": html,
    "rst": rst,
    "myst": myst,
    "mystmd": mystmd,
    "quarto": quarto,
    "latex": latex,
    "typst": typst,
    "beamer": beamer,
    "pptx": pptx,
    "revealjs": revealjs,
}
