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
from ..style.language import number, say
from ..style.layout import Rect
from ..style.numbers import brief
from ..words.events import DOT, broken
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
_HEADING, _NAME, _DETAIL, _EVENT, _GAP = 20.0, 21.0, 15.0, 16.0, 9.0  # a row where there is room
_SHORT_NAME, _SHORT_DETAIL = 19.0, 13.0  # a row where there is not: its details on one line, and no event
_SMALLEST = 0.74  # rows are not made lower than this share of their height; letters are of some size always
_INDENT = 34.0  # where words begin, behind the sample
_LARGE = 0.75  # names that are smaller, as a share of their size, cost the words beside them some letters
# Widths of what stands beside a name: "0.0123", "left at step 7", and "left" or a loss where room is short.
_RESULT, _SHORT_RESULT, _LEFT, _LEFT_SHORT = 72.0, 52.0, 110.0, 66.0
_SPACE = 8.0  # between a rate and a loss
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
    rooms: Sequence[float]  # of each run for its name and rate, in pixels
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
    heading = _write(page, rect.right, rect.top - 11 * unit, say(what), 11, scene.theme.muted, layout)
    heading.set_horizontalalignment("right")
    # Beside a name stands its loss or, where no line is left for that, where a run left.
    where = not fitted.roomy and any(row.end is None for row in rows)
    shown, full = rows[: fitted.shown], 13.5 * fitted.shrink
    for beside in (_LEFT, _LEFT_SHORT) if where else (_RESULT, _SHORT_RESULT):
        size, fits = full, 0.0
        while (
            fits < 0.999 * size
        ):  # losses are no larger than names: where those shrink, they leave more room
            size = max(fits or full, SMALLEST / unit)
            wide = [
                max(beside * unit * fitted.shrink * where, width + layout.px(_SPACE))
                for width in _loss_widths(page, scene, _loss_size(size, fitted, unit))
            ]
            rooms = [rect.width - _INDENT * unit * fitted.shrink - each for each in wide]
            fits = _name_size(page, shown, size, rooms, layout)
            if size <= SMALLEST / unit:
                break
        if size >= _LARGE * full:
            break
    names = _Names(size, rooms, beside == _LEFT_SHORT)
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
        rest = say(f"and {len(rows) - fitted.shown} more runs")
        small = fitted.shrink
        _write(page, rect.x, top - layout.px(14 * small), rest, 11 * small, scene.theme.muted, layout)
        leave_out(page, f"{len(rows) - fitted.shown} runs in the legend")
    return growing, moving


def _loss_size(name: float, fitted: _Fitted, unit: float) -> float:
    """Return the size of losses in points, no larger than that of the names where those had to shrink."""
    return letters(min(12.5 * fitted.shrink, name + 1.0) * unit)


def _loss_widths(page: Axes, scene: Scene, size: float) -> list[float]:
    """Return how wide the loss beside each name becomes, in pixels, at a size of letters in points."""
    probe, widths = Readout(0, 0, "", size=size), []
    page.add_artist(probe)
    for run in scene.recording.trajectories:
        losses = run.losses.tolist() if told_losses(scene, run) else []
        probe.set_text(number(max(map(brief, losses), key=len, default="")))
        widths.append(float(probe.get_window_extent().width))
    probe.remove()
    return widths


def _name_size(
    page: Axes, rows: Sequence[Entry], size: float, rooms: Sequence[float], layout: Layout
) -> float:
    """Return the size at which every run's name and rate fit into its room, the same for all."""
    share = 1.0
    for row, room in zip(rows, rooms, strict=False):
        texts = [
            _write(page, 0, 0, row.title, size, "black", layout, weight="bold"),
            _write(page, 0, 0, row.rate, size, "black", layout),
        ]
        wide = sum(text.get_window_extent().width for text in texts)
        share = min(share, (room - layout.px(7)) / wide)
        for text in texts:
            text.remove()
    return size * share


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
    room = names.rooms[index] - layout.px(7) - rate.get_window_extent().width
    fit_or_cut(title, max(room, 0.3 * names.rooms[index]), 0.9 * points(layout.px(size)))
    rate.set_x(title.get_window_extent().x1 + layout.px(7))
    fit_or_cut(rate, max(x + names.rooms[index] - rate.get_window_extent().x0, 1.0))
    run, rows = scene.runs[index], scene.timing.rows
    path = run.trajectory
    now = Readout(
        rect.right,
        first,
        "",
        color=theme.text,
        size=_loss_size(size, fitted, unit),
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
            words = "left" if names.brief else f"left {when(path, left).replace('step ', f'{counted_in} ')}"
            now.set_text(say(words))
        elif told:
            now.set_text(number(brief(path.losses[at])))

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
        return _announce(page, (x, line), row, scene, rect.right - x, style.colour, layout), moving
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
    page: Axes, place: tuple[float, float], row: Entry, scene: Scene, room: float, colour: str, layout: Layout
) -> list[Growing]:
    """Write what happened to a run and, behind it or below it, what came of it, each from its step on."""
    events = [event for event in (row.event, row.end) if event is not None and event.text]
    if len(events) == 2 and events[0].step > events[1].step:
        events[1] = replace(events[1], step=events[0].step)
    full, probe = layout.px(11), Readout(0, 0, "")
    page.add_artist(probe)

    def fits(words: str, size: float) -> bool:
        probe.set(text=words, fontsize=letters(size))
        return float(probe.get_window_extent().width) <= room + 0.5

    # Letters become smaller until a line has room for all, but none that cannot be read.
    said, sizes = DOT.join(event.text for event in events), (max(full * 0.97**k, SMALLEST) for k in range(20))
    size = next((size for size in sizes if fits(said, size)), SMALLEST)
    apart = max(size + 2, layout.px(12))
    lines = broken(events, lambda words: fits(words, size), 1 + (layout.px(_EVENT + _GAP) > 2 * apart - 2))
    probe.remove()
    news = []
    for row_of, line in enumerate(lines):
        x, y = place[0], place[1] + layout.px(3) * (len(lines) > 1) - row_of * apart
        for event in line:
            words = event.text if event is line[0] else f"{DOT}{event.text}"
            text = Readout(x, y, words, color=colour, size=letters(size), zorder=GROWING_ZORDER)
            page.add_artist(text)
            fit_or_cut(text, max(place[0] + room + 0.5 - x, 1.0), whole_words=True)
            x += float(text.get_window_extent().width)
            news.append(announcement(text, event.step, scene))
    return news


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
