"""A figure in each language of documents."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from . import escapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from .figure import Figure

_VIDEOS = {".mp4": "video/mp4", ".webm": "video/webm"}
_CONTROLS, _LINE = 112, 24  # pixels that a page needs below its picture, and for each line of its caption
_RAW = (".mp4", ".webm", ".html")  # what only HTML itself can show


def _suffix(path: str) -> str:
    return PurePath(path).suffix.casefold()


def _indented(text: str, by: str = "   ") -> str:
    return "\n".join(by + line if line else line for line in text.splitlines())


def _html_media(figure: Figure) -> str:
    """Return the element that shows the file: an image, a video or a page in the page."""
    width, height = figure.size
    size = f'width="{width}" height="{height}"'
    source, alt = escapes.url(figure.web), escapes.html(figure.alt)
    suffix = _suffix(figure.web)
    if suffix == ".html":
        return (
            f'<iframe src="{source}" title="{alt}" width="{width}" height="{height + _below(figure)}" '
            'loading="lazy" style="border: 0; max-width: 100%"></iframe>'
        )
    fluid = 'style="max-width: 100%; height: auto"'
    if suffix in _VIDEOS:
        poster = f' poster="{escapes.url(figure.still)}"' if figure.still else ""
        again = " loop" if figure.loop else ""
        return (
            f'<video controls muted{again} playsinline{poster} {size} aria-label="{alt}" {fluid}>\n'
            f'  <source src="{source}" type="{_VIDEOS[suffix]}">\n'
            "</video>"
        )
    image = f'<img src="{source}" alt="{alt}" {size} loading="lazy" {fluid}>'
    if not figure.still or figure.still == figure.web:
        return image
    still = escapes.url(figure.still)
    return (
        "<picture>\n"
        f'  <source media="(prefers-reduced-motion: reduce)" srcset="{still}">\n'
        f"  {image}\n"
        "</picture>"
    )


def _below(figure: Figure) -> int:
    """Return how much higher than the picture a page is: controls and a caption, in pixels."""
    letters = max(1, min(figure.size[0], 736) // 8)  # on a line of the caption
    return _CONTROLS + _LINE * -(-len(figure.caption) // letters)


def html(figure: Figure) -> str:
    """Write a figure in HTML; a page in the page brings its own caption."""
    if _suffix(figure.web) == ".html":
        return f"<figure>\n{_indented(_html_media(figure), '  ')}\n</figure>"
    caption = f"<figcaption>{escapes.html(figure.caption)}</figcaption>"
    return f"<figure>\n{_indented(_html_media(figure), '  ')}\n  {caption}\n</figure>"


def markdown(figure: Figure) -> str:
    """Write an image in Markdown with its caption below; a video as HTML, a page as a link."""
    suffix, address = _suffix(figure.web), escapes.url(figure.web)
    if suffix in _VIDEOS:
        return html(figure)
    caption = escapes.markdown(figure.caption)
    if suffix == ".html":
        return f"[{escapes.markdown(figure.alt)}]({address})\n\n*{caption}*"
    return f"![{escapes.markdown(figure.alt)}]({address})\n\n*{caption}*"


def _starred(figure: Figure) -> str:
    """Return ``name.*`` where Sphinx then shows the animation in HTML and the still in PDF, else nothing.

    Its HTML prefers .svg and .png to .gif, and knows no other animations by this way.
    """
    stem = figure.web.removesuffix(PurePath(figure.web).suffix)
    same = {_suffix(name) for name in figure.names if name.removesuffix(PurePath(name).suffix) == stem}
    plain = re.search(r"[\[\]*?]", stem) is None
    return f"{stem}.*" if plain and ".gif" in same and ".pdf" in same and not same & {".png", ".svg"} else ""


def _rst_figure(path: str, alt: str, caption: str, width: str = "") -> str:
    lines = [f".. figure:: {escapes.rst_path(path)}", f"   :alt: {escapes.one_line(alt)}"]
    lines += [f"   :width: {width}"] * bool(width)
    return "\n".join([*lines, "", f"   {escapes.rst(caption)}"])


def rst(figure: Figure) -> str:
    """Write a figure in reStructuredText: the animation in HTML, the still elsewhere."""
    if starred := _starred(figure):
        return _rst_figure(starred, figure.alt, figure.caption)
    width = f"{figure.size[0]}px"
    if _suffix(figure.web) in _RAW:
        copied = f".. Sphinx does not copy what raw HTML names: list {figure.web} in html_extra_path."
        shown = f"{copied}\n\n.. raw:: html\n\n{_indented(html(figure))}"
    else:
        shown = _rst_figure(figure.web, figure.alt, figure.caption, width)
    if figure.web == figure.printed:
        return shown
    parts = [f".. only:: html\n\n{_indented(shown)}"]
    if figure.printed:
        still = _rst_figure(figure.printed, figure.still_alt, figure.caption)
        parts.append(f".. only:: not html\n\n{_indented(still)}")
    return "\n\n".join(parts)


def _fenced(directive: str, argument: str, body: str) -> str:
    """Return a directive of MyST, its fence longer than any in its body."""
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"^`{3,}", body, flags=re.MULTILINE)), default=0))
    return f"{fence}{{{directive}}} {argument}\n{body}\n{fence}"


def _myst_figure(path: str, alt: str, caption: str, width: str = "") -> str:
    options = [f":alt: {escapes.quoted(alt)}"] + [f":width: {width}"] * bool(width)
    body = "\n".join([*options, "", escapes.markdown(caption)])
    return _fenced("figure", escapes.rst_path(path), body)


def myst(figure: Figure) -> str:
    """Write a figure in MyST Markdown: the animation in HTML, the still elsewhere."""
    if starred := _starred(figure):
        return _myst_figure(starred, figure.alt, figure.caption)
    if _suffix(figure.web) in _RAW:
        copied = f"% Sphinx does not copy what raw HTML names: list {figure.web} in html_extra_path."
        shown = f"{copied}\n\n{_fenced('raw', 'html', html(figure))}"
    else:
        shown = _myst_figure(figure.web, figure.alt, figure.caption, f"{figure.size[0]}px")
    if figure.web == figure.printed:
        return shown
    parts = [_fenced("only", "html", shown)]
    if figure.printed:
        parts.append(
            _fenced("only", "not html", _myst_figure(figure.printed, figure.still_alt, figure.caption))
        )
    return "\n\n".join(parts)


def _quarto_image(path: str, alt: str, caption: str, width: str = "") -> str:
    attributes = " ".join(filter(None, [f"fig-alt={escapes.quoted(alt)}", width]))
    return f"![{escapes.markdown(caption)}]({escapes.url(path)}){{{attributes}}}"


def quarto(figure: Figure) -> str:
    """Write a figure for Quarto: the animation in HTML, the still elsewhere."""
    if _suffix(figure.web) in _RAW:
        shown = f"```{{=html}}\n{html(figure)}\n```"
    else:
        shown = _quarto_image(figure.web, figure.alt, figure.caption, f"width={figure.size[0]}")
    if figure.web == figure.printed:
        return shown
    parts = [f'::: {{.content-visible when-format="html"}}\n\n{shown}\n\n:::']
    if figure.printed:
        still = _quarto_image(figure.printed, figure.still_alt, figure.caption)
        parts.append(f'::: {{.content-visible unless-format="html"}}\n\n{still}\n\n:::')
    return "\n\n".join(parts)


def latex(figure: Figure) -> str:
    """Write a figure for LaTeX: with a still, or with an animation of numbered frames."""
    frames = figure.frames
    if frames is not None and frames.suffix in (".png", ".pdf"):
        package, alt = "animate", f"alttext={{{escapes.latex(figure.alt)}}}"
        first, last = (f"{number:0{frames.digits}d}" for number in (0, frames.last))
        shown = (
            f"\\animategraphics[controls, width=\\linewidth, {alt}]{{{frames.fps:.4g}}}"
            f"{{{escapes.latex_path(frames.before)}}}{{{first}}}{{{last}}}"
        )
        name = frames.before.rstrip("-_")
    else:
        package, name = "graphicx", figure.printed
        alt = f"alt={{{escapes.latex(figure.still_alt)}}}"
        shown = f"\\includegraphics[width=\\linewidth, {alt}]{{{escapes.latex_path(figure.printed)}}}"
    label = re.sub(r"[^A-Za-z0-9]+", "-", PurePath(name).stem).strip("-") or "descent"
    return "\n".join(
        [
            f"% \\usepackage{{{package}}}",
            "\\begin{figure}",
            "  \\centering",
            f"  {shown}",
            f"  \\caption{{{escapes.latex(figure.caption)}}}",
            f"  \\label{{fig:{label}}}",
            "\\end{figure}",
        ]
    )


WRITERS: dict[str, Callable[[Figure], str]] = {
    "markdown": markdown,
    "html": html,
    "rst": rst,
    "myst": myst,
    "quarto": quarto,
    "latex": latex,
}
