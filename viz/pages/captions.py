"""What came of each run, in the few words that there is room for above or below a small panel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.text import Text

from ...trajectories.results.trajectory import LEFT_THE_VIEW, NON_FINITE
from ..canvas.axes import SMALLEST, fit_or_cut, points
from ..canvas.parts import announcement
from ..canvas.pens import tag
from ..style.numbers import brief
from ..words.events import Event
from ..words.legend_words import Entry, entries
from ..words.network_words import network_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ..canvas.axes import Scaled
    from ..canvas.parts import Growing
    from ..scenes.scene import Scene
    from ..style.run_styles import RunStyle

_SIZE, _SMALLEST = 10.5, 8.5  # in pixels at text scale 1
_MARK = 13.0  # what a run's marker takes of a line


@dataclass(frozen=True, slots=True)
class Caption:
    """One run's words."""

    entry: Entry
    wordings: tuple[tuple[Event, ...], ...]  # what came of it, the longest wording first
    plain: bool = False  # whether that is a number, with or without words before it


def captions(scene: Scene) -> tuple[Caption, ...]:
    """Collect the words of each run of a recording."""
    network = scene.recording.training is not None
    rows = network_entries(scene) if network else entries(scene)
    found = []
    for row, one in zip(rows, scene.runs, strict=True):
        run = one.trajectory
        news, end, gone = row.event, row.end, run.outcome.kind in (LEFT_THE_VIEW, NON_FINITE)
        if end is None:
            end = Event(run.steps, "" if gone else f"loss {brief(float(run.losses[-1]))}")
        if gone or one.result.ending.left is not None or (news.text and network):
            grave = replace(news, text=news.text.replace(f"{LEFT_THE_VIEW} ", "left "))
            early = replace(grave, text=grave.text.partition(",")[0])
            least = replace(early, text=early.text.replace(" step", ""))
            plain = False
            wordings = [
                tuple(event for event in (news, end) if event.text),
                (news,),
                (grave,),
                (early,),
                (least,),
            ]
        else:  # "test accuracy 97 %" without its first words, down to the number
            plain, words = True, end.text.split(" ")
            last = next((k for k, word in enumerate(words) if word[0].isdigit()), 0)
            wordings = [(replace(end, text=" ".join(words[k:])),) for k in range(last + 1)]
        found.append(Caption(row, tuple(dict.fromkeys(wordings)), plain))
    return tuple(found)


def word_alike(page: Axes, found: Sequence[Caption], room: float, ruler: Scaled) -> tuple[Caption, ...]:
    """Word the numbers of all runs as briefly as the longest of them needs it.

    Args:
        page: Where they will be written, in pixels.
        found: The words of each run.
        room: What there is for the longest of them, in pixels.
        ruler: Gives the text scale.
    """
    numbers = [caption for caption in found if caption.plain]
    fewest = min((len(caption.wordings) for caption in numbers), default=1)
    skipped = 0
    while skipped < fewest - 1:
        longest = max(
            (caption.wordings[skipped][0].text for caption in numbers),
            key=lambda text: _width(page, text, ruler),
        )
        if _width(page, longest, ruler) <= room:
            break
        skipped += 1
    return tuple(
        replace(caption, wordings=caption.wordings[skipped:]) if caption.plain else caption
        for caption in found
    )


def _width(page: Axes, words: str, ruler: Scaled) -> float:
    text = Text(0, 0, words, size=points(ruler.px(_SIZE)), parse_math=False)
    page.add_artist(text)
    width: float = text.get_window_extent().width
    text.remove()
    return width


def draw_result(
    page: Axes,
    caption: Caption,
    line: tuple[float, float, float],
    scene: Scene,
    ruler: Scaled,
    style: RunStyle,
    *,
    right: bool = True,
) -> list[Growing]:
    """Write what came of a run, each part of it from its step on, in the longest wording that fits.

    Args:
        page: Where to, in pixels.
        caption: The run's words.
        line: The left and the right end of the line, and its baseline.
        scene: Gives the steps of frames.
        ruler: Gives the text scale.
        style: Gives the colour, and the run that the words belong to.
        right: Whether the words stand at the right end.
    """
    size, room = points(ruler.px(_SIZE)), line[1] - line[0]
    for wording in caption.wordings:
        events = _timed(wording)
        news = [
            Text(0, line[2], event.text, color=style.colour, size=size, parse_math=False) for event in events
        ]
        for each in news:
            page.add_artist(each)
        if sum(each.get_window_extent().width for each in news) <= room or wording is caption.wordings[-1]:
            break
        for each in news:
            each.remove()
    for each in news:
        fit_or_cut(each, room, points(ruler.px(_SMALLEST)))
    # Set from the end that lines up: words are a little wider in files whose letters keep to no pixels.
    x = line[1] if right else line[0]
    for each in reversed(news) if right else news:
        each.set(x=x, ha="right" if right else "left")
        tag(each, style.run)
        x += (-1 if right else 1) * each.get_window_extent().width
    return [announcement(each, event.step, scene) for each, event in zip(news, events, strict=True)]


def _timed(events: Sequence[Event]) -> list[Event]:
    """Put a dot between two events, or make one of those that come at the same step."""
    if len(events) < 2:
        return list(events)
    first, second = events
    if first.step >= second.step:
        return [Event(second.step, f"{first.text} · {second.text}")]
    return [first, replace(second, text=f" · {second.text}")]


def draw_line(
    page: Axes,
    caption: Caption,
    name: str,
    style: RunStyle,
    line: tuple[float, float, float],
    scene: Scene,
    ruler: Scaled,
    *,
    marked: bool,
) -> list[Growing]:
    """Write a run's line below a panel: its marker, its name and what came of it.

    Args:
        page: Where to, in pixels.
        caption: The run's words.
        name: What sets it apart from the others in the panel; may be empty.
        style: How the run is drawn.
        line: The left and the right end of the line, and its baseline.
        scene: Gives theme and steps.
        ruler: Gives the text scale.
        marked: Whether the line begins with the run's marker.
    """
    x, right, y = line
    if marked:
        marker = Line2D(
            [x + ruler.px(4)],
            [y + ruler.px(3.7)],
            linestyle="none",
            marker=style.marker,
            markersize=points(ruler.px(7)),
            color=style.colour,
            markeredgecolor=scene.theme.background,
            markeredgewidth=points(ruler.px(0.8)),
        )
        page.add_line(marker)
        x += ruler.px(_MARK)
    if name:
        words = Text(x, y, name, color=scene.theme.text, size=points(ruler.px(_SIZE)), parse_math=False)
        page.add_artist(words)
        fit_or_cut(words, max(0.5 * (right - x), right - x - ruler.px(110)), points(ruler.px(_SMALLEST)))
        x += words.get_window_extent().width + ruler.px(8)
    return draw_result(page, caption, (x, right, y), scene, ruler, style, right=marked or bool(name))


def draw_words(
    page: Axes,
    place: tuple[float, float],
    words: tuple[str, str, str],
    room: float,
    colours: tuple[str, str],
    size: float,
    vital: str = "",
) -> float:
    """Write a heading: bold, plain and small words on a line, the last as far as there is room for them.

    Args:
        page: Where to, in pixels.
        place: The left end of the line, and its baseline.
        words: The bold, the plain and the small words; each may be empty.
        room: How long the line may be in pixels.
        colours: Of the bold words, and of the small ones; the plain ones have the first, too.
        size: Of the bold and plain words, in points.
        vital: What of the small words must not be left out.

    Returns:
        Its width in pixels.
    """
    bold, plain, small = words
    gap, x = 0.5 * size, place[0]
    written = []
    for text, weight in ((bold, "bold"), (plain, "normal")):
        if text:
            each = Text(x, place[1], text, color=colours[0], size=size, weight=weight, parse_math=False)
            page.add_artist(each)
            written.append(each)
            x += each.get_window_extent().width + gap
    used = x - gap - place[0]
    if used > room:
        x = place[0]
        for each in written:
            each.set_x(x)
            if each is written[-1]:
                fit_or_cut(each, place[0] + room - x, 0.8 * size)
            else:
                fit_or_cut(each, 0.7 * room)
            x += each.get_window_extent().width + gap
        used = x - gap - place[0]
    if not small or room - used - gap < 4 * size:
        return used
    rest = Text(
        x, place[1], small, color=colours[1], size=max(0.85 * size, points(SMALLEST)), parse_math=False
    )
    page.add_artist(rest)
    if vital and rest.get_window_extent().width * 0.85 > room - used - gap:
        rest.set_text(vital)
    fit_or_cut(rest, room - used - gap, 0.72 * size)
    return x + rest.get_window_extent().width - place[0]
