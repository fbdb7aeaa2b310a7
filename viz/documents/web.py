"""A figure as web pages and Markdown take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files.player_size import room_below
from . import escapes
from .figure import suffix_of

if TYPE_CHECKING:
    from .figure import Figure

PLAY = "Play the animation."
VIDEOS = {".mp4": "video/mp4", ".webm": "video/webm"}


def indented(text: str, by: str = "   ") -> str:
    """Put blanks before every line that is not empty."""
    return "\n".join(by + line if line else line for line in text.splitlines())


def waits(figure: Figure) -> bool:
    """Say whether a still stands for the animation, a link away: nothing on a page stops an image."""
    moves = suffix_of(figure.web) not in (*VIDEOS, ".html")
    return figure.restless and moves and bool(figure.still) and figure.still != figure.web


def _html_media(figure: Figure) -> str:
    """Return the element that shows the file: an image, a video or a page in the page."""
    width, height = figure.size
    size = f'width="{width}" height="{height}"'
    source, alt = escapes.url(figure.web), escapes.html(figure.alt)
    suffix = suffix_of(figure.web)
    if suffix == ".html":
        high = height + room_below(figure.size, figure.caption)
        return (
            f'<iframe src="{source}" title="{alt}" width="{width}" height="{high}" loading="lazy" '
            'style="border: 0; max-width: 100%"></iframe>'
        )
    fluid = 'style="max-width: 100%; height: auto"'
    if suffix in VIDEOS:
        poster = f' poster="{escapes.url(figure.still)}"' if figure.still else ""
        again = " loop" if figure.loop else ""
        return (
            f'<video controls muted{again} playsinline{poster} {size} aria-label="{alt}" {fluid}>\n'
            f'  <source src="{source}" type="{VIDEOS[suffix]}">\n'
            "</video>"
        )
    image = f'<img src="{source}" alt="{alt}" {size} loading="lazy" {fluid}>'
    if not figure.still or figure.still == figure.web:
        return image
    still = escapes.url(figure.still)
    if waits(figure):
        return (
            f'<a href="{source}" title="{PLAY}">\n'
            f'  <img src="{still}" alt="{alt}" {size} loading="lazy" {fluid}>\n'
            "</a>"
        )
    return (
        "<picture>\n"
        f'  <source media="(prefers-reduced-motion: reduce)" srcset="{still}">\n'
        f"  {image}\n"
        "</picture>"
    )


def html(figure: Figure) -> str:
    """Write a figure in HTML; a page in the page brings its own caption."""
    if suffix_of(figure.web) == ".html":
        return f"<figure>\n{indented(_html_media(figure), '  ')}\n</figure>"
    play = f' <a href="{escapes.url(figure.web)}">{PLAY}</a>' if waits(figure) else ""
    caption = f"<figcaption>{escapes.html(figure.caption)}{play}</figcaption>"
    return f"<figure>\n{indented(_html_media(figure), '  ')}\n  {caption}\n</figure>"


def markdown(figure: Figure) -> str:
    """Write an image in Markdown with its caption below; a video as HTML, a page as a link."""
    suffix, address = suffix_of(figure.web), escapes.url(figure.web)
    if suffix in VIDEOS:
        return html(figure)
    caption = escapes.markdown(figure.caption)
    if suffix == ".html":
        return f"[{escapes.markdown(figure.alt)}]({address})\n\n*{caption}*"
    image = f"![{escapes.markdown(figure.alt)}]({escapes.url(figure.still) if waits(figure) else address})"
    if waits(figure):
        return f"[{image}]({address})\n\n*{caption}* [{PLAY}]({address})"
    return f"{image}\n\n*{caption}*"
