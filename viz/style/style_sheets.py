"""A theme from a matplotlib style sheet: its page, letters and edges; the paths keep their hues."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, NotPossibleError, closest
from ...surfaces.text import shown_value
from .colour_space import contrast, hex_to_oklch, oklch_to_hex
from .themes import HUES, THEMES, Theme, is_dark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Setting = Callable[[str], Any]  # the value of an rcParam

_SUFFIX = ".mplstyle"
_POINTS = 10.0  # the font size of matplotlib, which stands for a text scale of 1
_SCALES = (0.8, 1.6)
_GENERIC = ("serif", "sans-serif", "sans serif", "monospace", "cursive", "fantasy")

_READABLE = 4.5  # contrast of texts (WCAG 2.2, 1.4.3)
_EDGES = 1.6  # contrast of axes edges: quiet, but there
_PATHS = 2.7  # contrast of a lone path with the page and all heights
_GREYS = 4.2  # contrast of every grey path with them
# OKLCH lightness, on dark pages and on others: the range of the valley, and the way from there to the rim.
_VALLEY = {True: (0.12, 0.22), False: (0.97, 1.0)}
_RISE = {True: 0.21, False: -0.17}
_QUIET = (0.006, 0.035)  # OKLCH chroma of valley and rim
_BLUE = 250.0  # hue of the heights on a grey page


def read_style(style: str | Path) -> Theme:
    """Make a theme from a matplotlib style sheet.

    Args:
        style: Its file, or a name in ``matplotlib.style.available``.

    Raises:
        DescentError: No such style sheet, or one with a line that cannot be read.
    """
    import matplotlib.style

    given: Any
    path = Path(style).expanduser()
    if path.suffix == _SUFFIX or os.path.isfile(path):  # which takes a name of any length
        given, name = _read_file(path), path.stem
    else:
        by_folded_name = {each.casefold(): each for each in matplotlib.style.available}
        if str(style).casefold() not in by_folded_name:
            raise _unknown(str(style), list(by_folded_name.values()))
        name = by_folded_name[str(style).casefold()]
        given = matplotlib.style.library[name]
    defaults: Any = matplotlib.rcParamsDefault

    def setting(key: str) -> Any:
        return given[key] if key in given else defaults[key]

    return _theme(name, setting)


def _unknown(style: str, available: list[str]) -> DescentError:
    near = closest(style, [*THEMES, *available])
    hint = f"; did you mean {near!r}?" if near else "."
    return DescentError(
        f"unknown theme {shown_value(style)}{hint} Allowed: {', '.join(THEMES)}, or a "
        f"matplotlib style sheet: its file (*{_SUFFIX}) or a name such as 'ggplot'."
    )


def _read_file(path: Path) -> Any:
    import matplotlib

    if not os.path.isfile(path):
        raise NotPossibleError(f"the style sheet {str(path)!r} does not exist")
    try:
        with _complaints() as said:
            settings = matplotlib.rc_params_from_file(str(path), use_default_template=False)
    except (OSError, UnicodeDecodeError) as error:
        raise NotPossibleError(f"the style sheet {str(path)!r} cannot be read: {error}") from None
    # A key that this matplotlib does not know may belong to another version; it is passed over.
    wrong = [words for words in said if not words.lstrip().startswith("Bad key")]
    if wrong:
        raise DescentError(f"the style sheet {str(path)!r} is not well formed: {' '.join(wrong[0].split())}")
    if not settings:
        raise DescentError(f"the style sheet {str(path)!r} sets nothing that matplotlib knows")
    return settings


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what matplotlib would log about a style sheet, instead of showing it."""
    said: list[str] = []

    def collect(record: logging.LogRecord) -> bool:
        said.append(record.getMessage())
        return False

    log = logging.getLogger("matplotlib")
    log.addFilter(collect)
    try:
        yield said
    finally:
        log.removeFilter(collect)


def _theme(name: str, setting: Setting) -> Theme:
    page, clear = _page(setting)
    dark = is_dark(page)
    text = _against(_colour(setting("text.color"), page), (page,), _READABLE)
    grey = all(hex_to_oklch(_colour(colour, page))[1] < 0.01 for colour in _cycle(setting))
    heights = _heights(_colour(setting("axes.facecolor"), page), dark, grey=grey)
    grounds = (*heights, page)
    chroma = 0.0 if grey else 0.16 if dark else 0.19
    return Theme(
        name=name,
        help="from a matplotlib style sheet",
        background=page,
        text=text,
        muted=_against(_colour(setting("axes.labelcolor"), page), (page,), _READABLE),
        frame=_against(_colour(setting("axes.edgecolor"), page), (page,), _EDGES),
        heights=heights,
        contour=_against(heights[-1], heights, 1.4),
        marks=_against(text, grounds, _READABLE),
        shades=_shades(grounds, dark, chroma),
        chroma=chroma,
        dashes=grey,
        scale=min(max(float(setting("font.size")) / _POINTS, _SCALES[0]), _SCALES[1]),
        transparent=clear or bool(setting("savefig.transparent")),
        font=_families(setting),
    )


def _page(setting: Setting) -> tuple[str, bool]:
    """Return the colour of the page, or that it is meant for, and whether it is transparent."""
    from matplotlib.colors import to_rgba

    face = setting("figure.facecolor")
    clear = to_rgba(face)[3] < 1.0
    if not clear:
        return _colour(face, "#ffffff"), False
    return ("#ffffff" if is_dark(_colour(setting("text.color"), "#000000")) else "#11151b"), True


def _colour(value: Any, otherwise: str) -> str:
    """Return a matplotlib colour as hex, or another where it is none."""
    from matplotlib.colors import to_hex, to_rgba

    try:
        return to_hex(value) if to_rgba(value)[3] > 0 else otherwise
    except ValueError:  # "inherit" and the like
        return otherwise


def _cycle(setting: Setting) -> list[Any]:
    colours: list[Any] = setting("axes.prop_cycle").by_key().get("color", ["#1f77b4"])
    return colours


def _heights(face: str, dark: bool, *, grey: bool) -> tuple[str, ...]:
    """Return quiet heights in the hue of the axes, the valley nearest to the page's end of the greys."""
    lightness, chroma, hue = hex_to_oklch(face)
    hue = hue if chroma > 0.004 else _BLUE
    least, most = (0.0, 0.0) if grey else _QUIET
    valley, rise = min(max(lightness, _VALLEY[dark][0]), _VALLEY[dark][1]), _RISE[dark]
    return tuple(
        oklch_to_hex(valley + rise * share, least + (most - least) * share, hue)
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    )


def _against(colour: str, grounds: tuple[str, ...], least: float) -> str:
    """Return the colour, moved towards black or white until it stands out from all grounds so much."""
    lightness, chroma, hue = hex_to_oklch(colour)

    def worst(shade: str) -> float:
        return min(contrast(shade, ground) for ground in grounds)

    end = max((0.0, 1.0), key=lambda end: worst(oklch_to_hex(end, 0.0, 0.0)))
    shades = (
        oklch_to_hex(lightness + (end - lightness) * k / 50, chroma * (1 - k / 50), hue) for k in range(51)
    )
    return next((shade for shade in (colour, *shades) if worst(shade) >= least), oklch_to_hex(end, 0.0, 0.0))


def _shades(grounds: tuple[str, ...], dark: bool, chroma: float) -> tuple[float, float]:
    """Return the lightness of the faintest and the strongest path: ours, or further from such a page."""
    away = 0.01 if dark else -0.01
    if chroma == 0.0:  # all of the range is used, so that its faint end must be seen
        faint, strong = (0.62, 1.0) if dark else (0.58, 0.14)
        for _ in range(12):
            if min(contrast(oklch_to_hex(faint, 0.0, 0.0), ground) for ground in grounds) >= _GREYS:
                break
            faint += away
        return round(faint, 2), strong
    faint, strong = THEMES["dark" if dark else "light"].shades
    for _ in range(15):
        middle, hues = (faint + strong) / 2, [each[dark] for each in HUES.values()]
        lone = [oklch_to_hex(middle + hue.lift, chroma, hue.angle) for hue in hues]
        if min(contrast(colour, ground) for colour in lone for ground in grounds) >= _PATHS:
            break
        faint, strong = faint + away, strong + away
    return round(faint, 2), round(strong, 2)


def _families(setting: Setting) -> tuple[str, ...]:
    """Return the font families, generic names spelt out, up to DejaVu Sans, which is always there."""
    named: list[str] = []
    for family in setting("font.family"):
        named += setting(f"font.{family.replace(' ', '-')}") if family in _GENERIC else [family]
    named = list(dict.fromkeys(named))
    return tuple(named[: named.index("DejaVu Sans")] if "DejaVu Sans" in named else named)
