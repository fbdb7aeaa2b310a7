"""The page around the panels: title, formula, step counter and fine print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.text import Text

from ..canvas.axes import fit, fit_or_cut, letters, points
from ..canvas.left_out import leave_out
from ..canvas.parts import MOVING_ZORDER, Moving
from ..canvas.readout import Readout
from ..style.language import say
from ..style.numbers import counted
from ..words.surface_notes import _DOT, fine_print
from ..words.titles import title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..canvas.axes import Scaled
    from ..scenes.scene import AbstractScene, Scene
    from ..style.layout import Rect
    from ..style.themes import Theme
    from .dashboard import Dashboard


def add_page(figure: Figure, scene: AbstractScene) -> Axes:
    """Add axes that cover the whole picture, with pixels as coordinates, above all panels."""
    page = figure.add_axes((0, 0, 1, 1), zorder=10)
    page.set_axis_off()
    page.patch.set_visible(False)
    page.set_xlim(0, scene.size[0])
    page.set_ylim(0, scene.size[1])
    return page


def draw_page(page: Axes, scene: Scene, places: Dashboard) -> list[Moving]:
    """Write title, formula and fine print of a comparison, and return the step counter."""
    recording, layout = scene.recording, places.page
    draw_fine_print(page, fine_print(scene, layout), scene, layout)
    return draw_header(
        page,
        scene,
        layout,
        places.header,
        (say(title_of(recording.recipe.target)), recording.latex),
        counts=bool(recording.trajectories),
        untitled=places.untitled,
    )


def draw_header(
    page: Axes,
    scene: AbstractScene,
    layout: Scaled,
    place: Rect,
    words: tuple[str, str],
    *,
    counts: bool,
    untitled: bool = False,
) -> list[Moving]:
    """Write a title with a formula under it and a step counter at its right, and return the counter.

    Args:
        page: Where to, in pixels.
        scene: Gives the colours, and the steps to count.
        layout: Gives the text scale.
        place: The header's place.
        words: Title and formula.
        counts: Whether there is a step counter.
        untitled: Whether the place is too low for the formula.
    """
    theme, line = scene.theme, place.top - layout.px(15)
    counter = Readout(
        place.right,
        line,
        "",
        color=theme.text,
        size=points(layout.px(13.5)),
        ha="right",
        zorder=MOVING_ZORDER,
    )
    if counts:
        page.add_artist(counter)
    title = Text(
        place.x,
        line,
        words[0],
        color=theme.text,
        size=points(layout.px(18)),
        weight="bold",
        parse_math=False,
    )
    page.add_artist(title)
    taken = 0.0
    if counts:  # the last step's number is the widest
        counter.set_text(f"{say(scene.unit)} {scene.timing.steps[-1]}")
        taken = counter.get_window_extent().width + layout.px(12)
    fit_or_cut(title, place.width - taken, tallest=layout.px(30))
    if words[1] and (untitled or not _draw_formula(page, words[1], place, theme, layout)):
        leave_out(page, "the formula")
    if not counts:
        return []
    steps, unit = scene.timing.steps, say(scene.unit)
    return [Moving(counter, lambda frame: counter.set_text(f"{unit} {steps[frame]}"))]


def _draw_formula(page: Axes, words: str, place: Rect, theme: Theme, layout: Scaled) -> bool:
    """Write a formula under the title; say whether it could be written in letters that can be read."""
    line = place.top - layout.px(20)
    formula = Text(
        place.x,
        (line + place.y + layout.px(3)) / 2,
        f"${words}$",
        va="center",
        color=theme.muted,
        size=points(layout.px(12)),
        math_fontfamily="dejavusans",
    )
    page.add_artist(formula)
    try:
        legible = fit(formula, place.width, layout.px(23))
    except (ValueError, RecursionError):  # matplotlib cannot set it, which a formula in a file may be
        legible = False
    if not legible:
        formula.remove()
    return legible


def draw_fine_print(page: Axes, words: str, scene: AbstractScene, layout: Scaled) -> None:
    """Write small print at the foot of the page: a line, or two where it would be too small to read.

    Of what is too long for two lines the last parts, between dots, are left out.
    """
    write_small(page, [(0, part) for part in words.split(_DOT)], scene, layout)


def write_small(page: Axes, notes: Sequence[tuple[int, str]], scene: AbstractScene, layout: Scaled) -> None:
    """Write notes, each with its rank, in a line or two; of those that matter least the last go first."""
    room = scene.size[0] - 2 * layout.px(18)
    text = Text(layout.px(18), 0.0, "", color=scene.theme.muted, parse_math=False, linespacing=1.1)
    page.add_artist(text)
    kept = list(notes)
    full = letters(layout.px(10))
    while kept:
        text.set(text=_DOT.join(words for _, words in kept), fontsize=full)
        if fit(text, room):
            text.set_y(layout.px(10))
            break
        lines = [""]
        for _, words in kept:
            text.set_text(longer := _DOT.join(filter(None, (lines[-1], words))))
            if lines[-1] and text.get_window_extent().width > room:
                lines.append(words)
            else:
                lines[-1] = longer
        text.set(text="\n".join(lines), y=layout.px(4))
        if len(lines) < 3 and (text.get_window_extent().width <= room or len(kept) == 1):
            break
        worst = max(rank for rank, _ in kept)
        del kept[max(k for k, (rank, _) in enumerate(kept) if rank == worst)]
    if len(kept) < len(notes):
        leave_out(page, f"{counted(len(notes) - len(kept), 'note')} of the fine print")
    fit_or_cut(text, room)
