"""What puts a picture into a document: caption, alt text and all, in the document's own language."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ...surfaces.errors import DescentError, NotPossibleError, unknown
from ..files.formats import CALM, FORMATS, PRINT, WEB, shown_in
from ..files.numbered import TIMELINE, Numbered, destination
from .figure import Figure, Frames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..animation import Animation, Still

EMBEDS: dict[str, str] = {
    "markdown": "an image, or for videos HTML, and the caption below it",
    "html": "a figure, still where the reader wants little motion",
    "rst": "reStructuredText for Sphinx: the animation in HTML, a still in PDF",
    "myst": "MyST Markdown for Sphinx and Jupyter Book 1: the animation in HTML, a still in PDF",
    "mystmd": "MyST Markdown for mystmd and Jupyter Book 2: the animation on the web, a still in print",
    "quarto": "Quarto: the animation in HTML, a still elsewhere",
    "latex": "a figure with a still, or with numbered frames an animation",
    "typst": "a figure with a still",
    "beamer": "a slide of LaTeX's beamer, with an overlay for each stop",
    "pptx": "lines of Python that put it on a slide of PowerPoint, with its alt text, by python-pptx",
    "revealjs": "a slide of reveal.js with the player, which plays to the next stop at each fragment",
}
# What a web page can show, what it shows where nothing may move, and what a PDF can show, best first.
ON_WEB, STILLS, IN_PRINT = shown_in(WEB), shown_in(CALM), tuple(reversed(shown_in(PRINT)))
# What each kind can show of a picture, where that is not all of the web.
_ABLE = {
    "mystmd": (".gif", ".mp4", ".webp", ".png", ".svg"),  # 1.11 copies no page, and takes no WebM or APNG
    "latex": IN_PRINT,
    "typst": IN_PRINT,  # of an SVG 0.15 loses lines without length, our dots, when it makes a PDF
    "beamer": IN_PRINT,
    "pptx": (".gif", ".mp4", ".png"),  # python-pptx takes no WebP and no SVG
    "revealjs": (".html",),
}
LONGEST = 5.0  # seconds that images may move which nobody can stop
_PAPER = ("latex", "typst", "beamer")
_PAGES = ("markdown", "html", "revealjs")
_TURNED = ("latex", "beamer")  # what can name a page of a PDF
_USUAL = {"beamer": ".pdf", "revealjs": ".html"}


def usual_suffix(kind: str | None) -> str:
    """Return the suffix of the picture for a document where nobody names a file; None for no document.

    >>> usual_suffix("revealjs"), usual_suffix(None)
    ('.html', '.gif')
    """
    return _USUAL.get(kind or "", ".gif")


def check_kind(kind: str) -> None:
    """Raise DescentError unless this is the name of a document's language."""
    if kind not in EMBEDS:
        raise unknown("kind of document", kind, EMBEDS)


def twin_suffixes(kind: str, path: str | Path) -> tuple[str, ...]:
    """Return the suffixes of the stills that have to be beside a file for this kind.

    Raises:
        DescentError: An unknown kind.

    >>> twin_suffixes("html", "a.gif"), twin_suffixes("quarto", "a.gif"), twin_suffixes("markdown", "a.gif")
    (('.png',), ('.pdf', '.png'), ('.png',))
    """
    check_kind(kind)
    suffix = _suffix(str(path))
    if kind == "pptx":
        return () if suffix in (".gif", ".png") else (".png",)  # of a video the picture before it starts
    if kind in _PAGES:
        moving_picture = suffix in FORMATS and FORMATS[suffix].moves and suffix != ".html"
        return (".png",) if suffix == ".pdf" or (kind != "revealjs" and moving_picture) else ()
    if kind not in _PAPER and suffix == ".pdf":
        return (".png",)
    if suffix in IN_PRINT:
        numbered = _is_numbered(str(path))
        return (".pdf",) if numbered and kind != "latex" else ()
    return (".pdf", ".png") if kind == "quarto" else (".pdf",)


def suffixes(kind: str | None, own: str) -> tuple[str, ...]:
    """Return the suffixes under which a picture is written for a document, its own first.

    Args:
        kind: One of EMBEDS, or None where there is no document.
        own: The suffix of the picture itself.

    Raises:
        DescentError: An unknown kind.

    >>> suffixes("html", ".gif"), suffixes(None, ".gif")
    (('.gif', '.png'), ('.gif',))
    """
    return (own,) if kind is None else (own, *twin_suffixes(kind, f"a{own}"))


def with_twins(kind: str, outs: Sequence[str]) -> tuple[str, ...]:
    """Return the files to write for a document: those named, and the stills that the document needs.

    Raises:
        DescentError: An unknown kind, or nothing that such a document can show.
        NotPossibleError: A file stands where the still would, and something else wrote it.

    >>> with_twins("rst", ["beale.gif"]), with_twins("quarto", ["beale.gif", "beale.png"])
    (('beale.gif', 'beale.pdf'), ('beale.gif', 'beale.png'))
    """
    check_kind(kind)
    shown = list(outs) if kind in _PAPER else [out for out in outs if not _is_numbered(out)]
    if kind not in (*_PAPER, *_PAGES):  # a PDF stands beside what the web shows, and needs nothing itself
        shown = [out for out in shown if _suffix(out) in ON_WEB] or shown
    needed = {out: twin_suffixes(kind, out) for out in shown}
    twins: tuple[str, ...] = ()
    if needed and all(needed.values()):
        there = {_suffix(out) for out in outs if not _is_numbered(out)}
        first, suffixes = next(iter(needed.items()))
        twins = tuple(_twin(first, each) for each in suffixes if not there & _instead(kind, each))
    _check(kind, (*outs, *twins))
    for twin in twins:
        _check_free(twin)
    return (*outs, *twins)


def _instead(kind: str, suffix: str) -> set[str]:
    """Return the stills that do where this one is needed."""
    if suffix == ".pdf":
        return set(IN_PRINT)
    return {".png"} if kind in ("quarto", "pptx") else set(STILLS)


def _check_free(twin: str) -> None:
    """Raise NotPossibleError where a file that nobody named would be lost, and it is not one of ours."""
    from ..files.recipes import read

    if not os.path.lexists(twin):
        return
    try:
        read(twin)
    except NotPossibleError as error:
        raise NotPossibleError(
            f"the document needs the still {twin}, and there is such a file that descent did not write; "
            "name another with --out"
        ) from error


def _twin(path: str, suffix: str) -> str:
    bare = (
        path.rstrip("/" + os.sep) if _is_folder(path) else str(Path(path).with_suffix("")).partition("%")[0]
    )
    return f"{bare.rstrip('-_')}{suffix}"


def restless(picture: Animation | Still) -> bool:
    """Say whether an animation moves by itself for more than 5 s, as WCAG 2.2 asks of none without a button.

    The last frame, which stays, does not count where nothing follows it.

    References:
        Web Content Accessibility Guidelines 2.2, success criterion 2.2.2.
    """
    scene = picture.scene
    return scene.moves and scene.timing.motion(scene.loops) > LONGEST


def snippet(
    kind: str, files: Sequence[str | Path], picture: Animation | Still, *, pausable: bool = False
) -> str:
    """Return what puts a picture into a document.

    In Markdown and HTML an image that moves for long is a still which links to it.

    Args:
        kind: One of EMBEDS.
        files: The files that were written, see `with_twins`; a folder of frames ends with a slash.
        picture: What they show.
        pausable: Whether readers can stop moving images where it is shown, as on GitHub.

    Raises:
        DescentError: An unknown kind, or no file that such a document can show.
    """
    from ..words.describe import words
    from . import markup

    check_kind(kind)
    scene = picture.scene
    names = [_relative(file) for file in files]
    _check(kind, names)
    numbered = next((name for name in names if _is_numbered(name)), "")
    singles = [name for name in names if not _is_numbered(name)]
    able = ON_WEB if kind in _PAPER else _ABLE.get(kind, ON_WEB)
    web = [name for name in singles if _suffix(name) in able]
    moving = [name for name in web if FORMATS[_suffix(name)].moves]
    figure = Figure(
        web=(moving or web or [""])[0],
        still=_first(singles, STILLS),
        printed=_first(singles, IN_PRINT),
        office=_first(singles, (".png",)),
        frames=_numbered(numbered, len(scene.timing.pages) - 1, 1 / scene.timing.delay) if numbered else None,
        names=tuple(names),
        alt=words(scene, moving=bool(moving or (kind == "latex" and numbered))).alt,
        still_alt=words(scene, moving=False).alt,
        caption=picture.caption,
        size=scene.size,
        loop=scene.loops == 0,
        restless=not pausable and restless(picture),
        steps=_steps(kind, singles, picture),
    )
    return markup.WRITERS[kind](figure)


def _steps(kind: str, names: Sequence[str], picture: Animation | Still) -> tuple[int, ...]:
    """Return the steps of the pages that a document turns: of its PDF, or of its player."""
    printed = kind in _TURNED and _first(names, IN_PRINT).casefold().endswith(".pdf")
    timing = picture.scene.timing
    turns = timing.stops and (printed or kind == "revealjs")
    return tuple(timing.steps[timing.pages].tolist()) if turns else ()


def _check(kind: str, names: Sequence[str]) -> None:
    """Raise DescentError unless a document of this kind can show one of the files."""
    singles = [_suffix(name) for name in names if not _is_numbered(name)]
    able = _ABLE.get(kind, ON_WEB)
    frames = kind == "latex" and any(_is_numbered(name) for name in names)
    if not frames and not set(singles) & set(able):
        given = ", ".join(map(str, names)) or "no file"
        more = ", or numbered frames" if kind == "latex" else ""
        raise DescentError(f"{kind} cannot show {given}; write one of {', '.join(able)}{more}")
    if kind == "latex":
        from .escapes import latex_path

        printed = _first([name for name in names if not _is_numbered(name)], IN_PRINT)
        latex_path(next((name.partition("%")[0] for name in names if _is_numbered(name)), printed))


def _first(names: Sequence[str], suffixes: Sequence[str]) -> str:
    return next((name for suffix in suffixes for name in names if _suffix(name) == suffix), "")


def _relative(path: str | Path) -> str:
    """Return a path relative to the current folder where it is absolute, with forward slashes."""
    text = str(path)
    if os.path.isabs(text):
        end = "/" if _is_folder(text) else ""
        with suppress(ValueError):  # on another drive
            text = os.path.relpath(text) + end
    slash = "/" if _is_folder(text) else ""
    return PurePath(text).as_posix() + slash


def _is_folder(path: str) -> bool:
    return path.endswith(("/", os.sep))


def _is_numbered(path: str) -> bool:
    return isinstance(destination(path), Numbered)


def _suffix(path: str) -> str:
    return ".png" if _is_folder(path) else PurePath(path).suffix.casefold()


def _numbered(path: str, last: int, fps: float) -> Frames:
    where = destination(path)
    name = where.name
    before, _, after = name.partition("%")
    digits, _, _ = after.partition("d")
    folder = path if _is_folder(path) else PurePath(path).parent.as_posix() + "/"
    folder = "" if folder == "./" else folder
    suffix = PurePath(name).suffix
    return Frames(folder + before, suffix, int(digits or 0), last, fps, folder + TIMELINE)
