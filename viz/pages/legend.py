"""The legend: each run's look, name, rate and options, its loss at the moment, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.text import Text

from ..canvas.axes import SMALLEST, fit_or_cut, letters, points
from ..canvas.left_out import leave_out
from ..canvas.parts import GROWING_ZORDER, MOVING_ZORDER, Growing, Moving, announcement
from ..canvas.pens import Hotspot, tag
from ..canvas.readout import Readout
from ..scenes.runs import when
from ..style.layout import Rect
from ..style.numbers import brief
from ..words.events import Event
from ..words.network_words import told_losses
from .arrangements import Legend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ..scenes.scene import Scene
    from ..style.layout import Layout
    from ..style.run_styles import RunStyle
    from ..style.themes import Theme
    from ..words.legend_words import Entry

# Heights in pixels at text scale 1.
_HEADING = 20.0
_NAME, _DETAIL, _EVENT, _GAP = 21.0, 15.0, 16.0, 9.0  # a row where there is room
_SHORT_NAME, _SHORT_DETAIL = 19.0, 13.0  # a row where there is not: its details on one line, and no event
_SMALLEST = 0.74  # rows are not made lower than this share of their height; letters are of some size always
_INDENT = 34.0  # where words begin, behind the sample
_LARGE = 0.75  # names that are smaller, as a share of their size, cost the words beside them some letters
# Widths of what stands beside a name: "0.0123", "left at step 7", and "left" or a loss where room is short.
_RESULT, _SHORT_RESULT, _LEFT, _LEFT_SHORT = 72.0, 52.0, 110.0, 66.0
_BOLD = 6.6  # the width of a letter in the smallest names, for which a row must have room
_LETTER = 4.7  # the width of a letter in the smallest details that can be read


def height(rows: Sequence[Entry], room: float) -> float:
    """Return the legend's height in pixels at text scale 1, at most the room there is."""
    fitted = _fit_rows(rows, room)
    return min(room, _HEADING + sum(fitted.heights(rows)))


@dataclass(frozen=True, slots=True)
class _Fitted:
    """How rows are made to fit: with all words, in short form or bare, how low, and how many of them."""

    roomy: bool
    shrink: float
    shown: int
    bare: bool = False  # whether only names and losses are shown, and what tells runs of a name apart

    def heights(self, rows: Sequence[Entry]) -> list[float]:
        """Return the height of each row shown."""
        if self.roomy:
            return [_NAME + _DETAIL * len(row.details) + _EVENT + _GAP for row in rows]
        return [self.shrink * _SHORT_NAME + _SHORT_DETAIL * self.lines(row) for row in rows[: self.shown]]

    def lines(self, row: Entry) -> int:
        """Return how many lines a short row has below its name: a result must not cut vital details off."""
        if self.bare:
            return int(bool(row.vital))
        return 2 if row.vital and row.end else int(bool(row.details or row.end))


@dataclass(frozen=True, slots=True)
class _Names:
    """How the names of runs are written, the same for all."""

    size: float  # in pixels at text scale 1
    room: float  # for a name and a rate, in pixels
    brief: bool  # whether "left" must do for "left at step 7"


def least_heights(rows: Sequence[Entry]) -> tuple[float, float]:
    """Return the heights in pixels at text scale 1 below which some rows, and all results, are not shown."""
    bare, short = (
        _HEADING + sum(_Fitted(False, _SMALLEST, len(rows), bare).heights(rows)) for bare in (True, False)
    )
    return bare, short


def breadth(rows: Sequence[Entry]) -> float:
    """Return the width in pixels at text scale 1 at which no line of details is cut."""
    longest = max((len(line) for row in rows for line in row.details), default=0)
    return _INDENT + _LETTER * longest


def needs(rows: Sequence[Entry]) -> Legend | None:
    """Return what the legend needs on a page; None where there is nothing to explain."""
    if not rows:
        return None
    longest = max(len(row.title) + len(row.rate) for row in rows)
    least = min(max(_INDENT + _SHORT_RESULT + 7.0 + _BOLD * longest, 140.0), 225.0)
    return Legend(
        lambda room: height(rows, room), (least, 290.0), words=breadth(rows), rows=least_heights(rows)
    )


def _fit_rows(rows: Sequence[Entry], room: float) -> _Fitted:
    space = room - _HEADING + 0.5
    roomy = _Fitted(True, 1.0, len(rows))
    if sum(roomy.heights(rows)) <= space:
        return roomy
    for bare in (False, True):
        names = _SHORT_NAME * len(rows)
        lines = sum(_Fitted(False, 0.0, len(rows), bare).heights(rows))
        if names * _SMALLEST + lines <= space:
            return _Fitted(False, min(1.0, (space - lines) / names), len(rows), bare)
    shown = len(rows)  # too many runs for the page: it says how many are not listed
    while shown > 1:
        fitted = _Fitted(False, _SMALLEST, shown, bare=True)
        if sum(fitted.heights(rows)) <= space - _SHORT_NAME * _SMALLEST:
            break
        shown -= 1
    return _Fitted(False, _SMALLEST, shown, bare=True)


def draw_legend(
    page: Axes, rows: Sequence[Entry], scene: Scene, layout: Layout, what: str = "loss"
) -> tuple[list[Growing], list[Moving]]:
    """Draw the legend on the page axes, whose coordinates are pixels, and return what changes in it.

    Args:
        page: Where to.
        rows: The words of each run.
        scene: A recording and its look.
        layout: The legend's place and the text scale.
        what: The heading of the losses.
    """
    rect, unit = layout.legend, layout.unit
    fitted = _fit_rows(rows, rect.height / unit)
    if not fitted.roomy:
        rows = [replace(row, details=(" ".join(row.details),) if row.details else ()) for row in rows]
    if fitted.bare:
        if any(row.details or row.end for row in rows):
            leave_out(page, "details of runs in the legend")
        rows = [replace(row, details=(row.vital,) if row.vital else (), end=None) for row in rows]
    growing: list[Growing] = []
    moving: list[Moving] = []
    top = rect.top - _HEADING * unit
    heading = _write(page, rect.right, rect.top - 11 * unit, what, 11, scene.theme.muted, layout)
    heading.set_horizontalalignment("right")
    # Beside a name stands its loss or, where no line is left for that, where a run left.
    where = not fitted.roomy and any(row.end is None for row in rows)
    for beside in (_LEFT, _LEFT_SHORT) if where else (_RESULT, _SHORT_RESULT):
        room = rect.width - (_INDENT + beside) * unit * fitted.shrink
        size = _name_size(page, rows[: fitted.shown], 13.5 * fitted.shrink, room, layout)
        if size >= _LARGE * 13.5 * fitted.shrink:
            break
    size = max(size, SMALLEST / unit)
    names = _Names(size, room, beside == _LEFT_SHORT)
    for index, (row, tall) in enumerate(zip(rows, fitted.heights(rows), strict=False)):
        news, now = _draw_row(page, row, index, top, scene, layout, names, fitted)
        for artist in (now.artist, *(part.artist for part in news)):
            tag(artist, index)
        around = layout.px(6)  # the ends of the sample's line are round
        place = Rect(rect.x - around, top - tall * unit, rect.width + 2 * around, tall * unit)
        page.add_artist(Hotspot(index, place, f"{row.title} {row.rate}".strip()))
        growing += news
        moving.append(now)
        top -= tall * unit
    if fitted.shown < len(rows):
        rest = f"and {len(rows) - fitted.shown} more runs"
        small = fitted.shrink
        _write(page, rect.x, top - layout.px(14 * small), rest, 11 * small, scene.theme.muted, layout)
        leave_out(page, f"{len(rows) - fitted.shown} runs in the legend")
    return growing, moving


def _name_size(page: Axes, rows: Sequence[Entry], size: float, room: float, layout: Layout) -> float:
    """Return the size at which every run's name and rate fit on a line, the same for all."""
    widest = 0.0
    for row in rows:
        texts = [
            _write(page, 0, 0, row.title, size, "black", layout, weight="bold"),
            _write(page, 0, 0, row.rate, size, "black", layout),
        ]
        widest = max(widest, sum(text.get_window_extent().width for text in texts))
        for text in texts:
            text.remove()
    return size * min(1.0, (room - layout.px(7)) / widest)


def _draw_row(
    page: Axes,
    row: Entry,
    index: int,
    top: float,
    scene: Scene,
    layout: Layout,
    names: _Names,
    fitted: _Fitted,
) -> tuple[list[Growing], Moving]:
    theme, style, unit, rect = scene.theme, scene.styles[index], layout.unit, layout.legend
    shrink, size = fitted.shrink, names.size
    first = top - 14 * unit * shrink
    draw_sample(page, (rect.x, first + 4.5 * unit * shrink), style, theme, unit * shrink)
    x = rect.x + 34 * unit * shrink
    title = _write(page, x, first, row.title, size, theme.text, layout, weight="bold")
    rate = _write(page, x, first, row.rate, size, theme.text, layout)
    room = names.room - layout.px(7) - rate.get_window_extent().width
    fit_or_cut(title, max(room, 0.3 * names.room), 0.9 * points(layout.px(size)))
    rate.set_x(title.get_window_extent().x1 + layout.px(7))
    fit_or_cut(rate, max(x + names.room - rate.get_window_extent().x0, 1.0))
    run, rows = scene.runs[index], scene.timing.rows
    path = run.trajectory
    now = Readout(
        rect.right,
        first,
        "",
        color=theme.text,
        # No larger than the names where those had to shrink.
        size=letters(min(12.5 * shrink, size + 1.0) * unit),
        ha="right",
        zorder=MOVING_ZORDER,
    )
    page.add_artist(now)
    left = run.left
    told = told_losses(scene, path)
    counted_in = "step" if scene.recording.training is None else scene.training.unit

    def update(frame: int) -> None:
        at = run.row(int(rows[frame]))
        if left is not None and at >= left and not fitted.roomy and row.end is None:
            now.set_text(
                "left" if names.brief else f"left {when(path, left).replace('step ', f'{counted_in} ')}"
            )
        elif told:
            now.set_text(brief(path.losses[at]))

    moving = Moving(now, update)
    line, written = first, list[Text]()
    for text in row.details:
        line -= (_DETAIL if fitted.roomy else _SHORT_DETAIL) * unit
        words = _write(page, x, line, text, min(11 * shrink, size), theme.muted, layout)
        written.append(words)
        fit_or_cut(words, rect.right - x, letters(layout.px(8.5 * shrink)))
    if row.vital and any(words.get_text() != text for words, text in zip(written, row.details, strict=True)):
        _keep_vital(written, row, rect.right - x, letters(layout.px(8.5 * shrink)))
    if not fitted.roomy and row.end is None:
        return [], moving
    if fitted.roomy:
        line -= _EVENT * unit
        return _announce(page, (x, line), row, scene, rect.right - x, points(11 * unit), style.colour), moving
    assert row.end is not None
    news = Readout(
        rect.right,
        first - _SHORT_DETAIL * unit * fitted.lines(row),
        row.end.text,
        color=style.colour,
        size=letters(min(11 * shrink, size) * unit),
        ha="right",
        zorder=GROWING_ZORDER,
    )
    page.add_artist(news)
    if row.event.text and not row.details:  # with what befell it before, where that has room
        news.set_text(f"{row.event.text} · {row.end.text}")
        if news.get_window_extent().width > rect.right - x:
            news.set_text(row.end.text)
    fit_or_cut(news, rect.right - x)
    if row.details and not row.vital:  # the result stands at the end of their line
        fit_or_cut(
            written[0], news.get_window_extent().x0 - x - layout.px(8), letters(layout.px(8.5 * shrink))
        )
    return [announcement(news, row.end.step, scene)], moving


def _keep_vital(written: Sequence[Text], row: Entry, room: float, smallest: float) -> None:
    """Write the vital details first, in as many lines as there are, so that only the others are cut off.

    Args:
        written: The lines of details.
        row: What they say.
        room: Their width in pixels.
        smallest: The smallest size in points that can still be read.
    """
    parts, vital = " ".join(row.details).split("; "), row.vital.split("; ")
    rest = "; ".join([*vital, *(part for part in parts if part not in vital)])
    for text in written:
        text.set(text=rest, fontsize=smallest)
        if text is written[-1]:
            break
        while text.get_window_extent().width > room and " " in text.get_text():
            text.set_text(text.get_text().rpartition(" ")[0])
        rest = rest.removeprefix(text.get_text()).lstrip()
    fit_or_cut(text, room, smallest)
    if len(written) == 1 and not text.get_text().startswith(row.vital):
        text.set_text(row.vital)
        fit_or_cut(text, room)


def _announce(
    page: Axes,
    place: tuple[float, float],
    row: Entry,
    scene: Scene,
    room: float,
    size: float,
    colour: str,
) -> list[Growing]:
    """Write what happened to a run and, behind it, what came of it, each from its step on."""
    events = [row.event] if row.end is None else [event for event in (row.event, row.end) if event.text]
    if len(events) == 2 and events[0].step < events[1].step:
        events[1] = replace(events[1], text=f" · {events[1].text}")
    elif len(events) == 2:
        events = [Event(events[1].step, " · ".join(event.text for event in events))]
    news = []
    for event in events:
        news.append(Readout(*place, event.text, color=colour, size=size, zorder=GROWING_ZORDER))
        page.add_artist(news[-1])
    least, share = min(1.0, points(SMALLEST) / size), 1.0

    def width() -> float:
        return sum(float(each.get_window_extent().width) for each in news)

    # Small letters are as wide as whole pixels: they do not shrink in proportion.
    while width() > room + 0.5 and share > least:
        share = max(least, 0.97 * share)
        for each in news:
            each.set_fontsize(size * share)
    x, right = place[0], place[0] + room
    if width() > room + 0.5:  # what came of it matters most
        news[0].set_text(news[0].get_text().partition(", ")[0])
        fit_or_cut(news[0], max(room - sum(each.get_window_extent().width for each in news[1:]), 0.3 * room))
    for each in news:
        each.set_x(x)
        if x + each.get_window_extent().width > right + 0.5:
            fit_or_cut(each, max(right - x, 1.0))
        x += each.get_window_extent().width
    return [announcement(each, event.step, scene) for each, event in zip(news, events, strict=True)]


def draw_sample(page: Axes, place: tuple[float, float], style: RunStyle, theme: Theme, unit: float) -> None:
    """Draw a short line with a marker on it, 26 units long, as a run looks; place is its left end."""
    (x, y) = place
    line = Line2D([x, x + 26 * unit], [y, y], color=style.colour, linewidth=points(2.0 * unit))
    if style.dash:
        line.set_linestyle((0, style.dash))
    marker = Line2D(
        [x + 13 * unit],
        [y],
        linestyle="none",
        marker=style.marker,
        markersize=points(9 * unit),
        color=style.colour,
        markeredgecolor=theme.background,
        markeredgewidth=points(unit),
    )
    page.add_line(line)
    page.add_line(marker)


def _write(
    page: Axes,
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str,
    layout: Layout,
    weight: str = "normal",
) -> Text:
    # A name may hold any character: dollar signs are not mathematics here.
    words = Text(x, y, text, color=colour, size=letters(layout.px(size)), weight=weight, parse_math=False)
    page.add_artist(words)
    return words
