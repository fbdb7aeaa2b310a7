"""A figure for books and sites: Sphinx with either markup, mystmd and Quarto.

What is said here of a tool was seen in it: Sphinx 9.0 with MyST-Parser 5.2, mystmd 1.8 and 1.11. Quarto's
conditions are those in its sources.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from . import escapes
from .figure import suffix_of
from .web import VIDEOS, html, indented

if TYPE_CHECKING:
    from .figure import Figure

# Sphinx makes a video of a figure, without controls unless told; with a width it would put it into a link.
_STARTED = "controls no-scaled-link"
_BEST_FIRST = (".mp4", ".webp", ".svg", ".gif", ".png")  # what mystmd takes for the web of several


def _rst_figure(path: str, alt: str, caption: str, *options: str) -> str:
    lines = [f".. figure:: {escapes.rst_path(path)}", f"   :alt: {escapes.one_line(alt)}"]
    lines += [f"   {option}" for option in options]
    return "\n".join([*lines, "", f"   {escapes.rst(caption)}"])


def _options(figure: Figure) -> list[str]:
    """Return the options of a figure for the web in Sphinx."""
    width = f":width: {figure.size[0]}px"
    return [width, f":class: {_STARTED}"] if suffix_of(figure.web) in VIDEOS else [width]


def _page(figure: Figure) -> tuple[str, str]:
    """Return what to do for a page in a page of Sphinx, and its HTML.

    Sphinx copies no page that raw HTML names; what html_extra_path lists lies beside the first page, without
    the folders that it came from.
    """
    name = PurePath(figure.web).name
    say = (
        f"Add {figure.web} to html_extra_path: it is then {name} beside the first page; in a page of a "
        f"subfolder write ../{name}."
    )
    return say, html(replace(figure, web=name))


def rst(figure: Figure) -> str:
    """Write a figure in reStructuredText: the animation in HTML, the still elsewhere."""
    if suffix_of(figure.web) == ".html":
        say, page = _page(figure)
        shown = f".. {say}\n\n.. raw:: html\n\n{indented(page)}"
    else:
        shown = _rst_figure(figure.web, figure.alt, figure.caption, *_options(figure))
    if figure.web == figure.printed:
        return shown
    parts = [f".. only:: html\n\n{indented(shown)}"]
    if figure.printed:
        still = _rst_figure(figure.printed, figure.still_alt, figure.caption)
        parts.append(f".. only:: not html\n\n{indented(still)}")
    return "\n\n".join(parts)


def _fenced(directive: str, argument: str, body: str) -> str:
    """Return a directive of MyST, its fence longer than any in its body."""
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"^`{3,}", body, flags=re.MULTILINE)), default=0))
    return f"{fence}{{{directive}}} {argument}\n{body}\n{fence}"


def _myst_figure(path: str, alt: str, caption: str, *options: str) -> str:
    body = "\n".join([f":alt: {alt}", *options, "", escapes.markdown(caption)])
    return _fenced("figure", path, body)


def myst(figure: Figure) -> str:
    """Write a figure in MyST Markdown for Sphinx: the animation in HTML, the still elsewhere."""
    alt = escapes.quoted(figure.alt)
    path = escapes.rst_path(figure.web)
    if suffix_of(figure.web) == ".html":
        say, page = _page(figure)
        shown = f"% {say}\n\n{_fenced('raw', 'html', page)}"
    else:
        shown = _myst_figure(path, alt, figure.caption, *_options(figure))
    if figure.web == figure.printed:
        return shown
    parts = [_fenced("only", "html", shown)]
    if figure.printed:
        alt, path = escapes.quoted(figure.still_alt), escapes.rst_path(figure.printed)
        parts.append(_fenced("only", "not html", _myst_figure(path, alt, figure.caption)))
    return "\n\n".join(parts)


def mystmd(figure: Figure) -> str:
    """Write a figure for mystmd: the animation on the web, the still in print.

    It has no conditions, but chooses for each output from ``name.*``, and shows a figure's placeholder beside
    its picture in TeX. Quotes around an alt text would be part of it, and pixels of a width a share of the
    line.
    """
    return _myst_figure(_starred(figure), escapes.one_line(figure.alt), figure.caption)


def _starred(figure: Figure) -> str:
    """Return ``name.*`` where mystmd then takes the right file for each output, else the file for the web."""
    stem = figure.web.removesuffix(PurePath(figure.web).suffix)
    same = [suffix_of(name) for name in figure.names if name.removesuffix(PurePath(name).suffix) == stem]
    best = next((suffix for suffix in _BEST_FIRST if suffix in same), "")
    plain = re.search(r"[\[\]*?]", stem) is None
    return f"{stem}.*" if plain and len(same) > 1 and best == suffix_of(figure.web) else figure.web


def _quarto_image(path: str, alt: str, caption: str, width: str = "") -> str:
    attributes = " ".join(filter(None, [f"fig-alt={escapes.quoted(alt)}", width]))
    return f"![{escapes.markdown(caption)}]({escapes.url(path)}){{{attributes}}}"


def _div(condition: str, body: str, fence: str = ":::") -> str:
    return f"{fence} {{.content-visible {condition}}}\n\n{body}\n\n{fence}"


def quarto(figure: Figure) -> str:
    """Write a figure for Quarto: the animation in HTML, a PDF in PDF, and a PNG elsewhere.

    Word, PowerPoint and OpenDocument show no PDF. An element takes one ``unless-format``, so that what is in
    neither HTML nor PDF stands in a division of its own.
    """
    if suffix_of(figure.web) in (*VIDEOS, ".html"):
        shown = f"```{{=html}}\n{html(figure)}\n```"
    else:
        shown = _quarto_image(figure.web, figure.alt, figure.caption, f"width={figure.size[0]}")
    if figure.web == figure.printed:
        return shown
    parts = [_div('when-format="html"', shown)]
    names = dict.fromkeys(filter(None, (figure.printed, figure.office)))
    stills = {name: _quarto_image(name, figure.still_alt, figure.caption) for name in names}
    if len(stills) == 1:
        parts.append(_div('unless-format="html"', *stills.values()))
    elif stills:
        printed, office = stills.values()
        both = [_div('when-format="pdf"', printed), _div('unless-format="pdf"', office)]
        parts.append(_div('unless-format="html"', "\n\n".join(both), "::::"))
    return "\n\n".join(parts)
