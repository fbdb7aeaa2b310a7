"""The page around the panels: title, formula, step counter and fine print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.text import Text

from ..canvas.axes import fit, points
from ..canvas.parts import MOVING_ZORDER, Moving
from ..canvas.readout import Readout
from ..style.layout import Rect
from ..words.surface_notes import _DOT, fine_print
from ..words.titles import title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..canvas.axes import Scaled
    from ..scenes.scene import AbstractScene, Scene
    from ..style.layout import Layout


_SMALL_PRINT = 7.5  # pixels


def add_page(figure: Figure, scene: AbstractScene) -> Axes:
    """Add axes that cover the whole picture, with pixels as coordinates, above all panels."""
    page = figure.add_axes((0, 0, 1, 1), zorder=10)
    page.set_axis_off()
    page.patch.set_visible(False)
    page.set_xlim(0, scene.size[0])
    page.set_ylim(0, scene.size[1])
    return page


def draw_page(page: Axes, scene: Scene, layout: Layout) -> list[Moving]:
    """Write title, formula and fine print of a comparison, and return the step counter."""
    recording = scene.recording
    (x, top), right = layout.title, layout.bar.x - layout.px(10)
    place = Rect(x, layout.contour.top, right - x, top - layout.contour.top)
    draw_fine_print(page, fine_print(scene, layout), scene, layout)
    return draw_header(
        page,
        scene,
        layout,
        place,
        (title_of(recording.recipe.target), recording.latex),
        counts=bool(recording.trajectories),
    )


def draw_header(
    page: Axes,
    scene: AbstractScene,
    layout: Scaled,
    place: Rect,
    words: tuple[str, str],
    *,
    counts: bool,
    below: float | None = None,
) -> list[Moving]:
    """Write a title with a formula under it and a step counter at its right, and return the counter.

    Args:
        page: Where to, in pixels.
        scene: Gives the colours, and the steps to count.
        layout: Gives the text scale.
        place: The header's place.
        words: Title and formula.
        counts: Whether there is a step counter.
        below: How wide the formula may be, in pixels; when None it may run a little past the place.
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
        counter.set_text(f"step {scene.timing.steps[-1]}")
        taken = counter.get_window_extent().width + layout.px(12)
    fit(title, place.width - taken, layout.px(30))
    if words[1]:
        formula = Text(
            place.x,
            (line - layout.px(5) + place.y + layout.px(3)) / 2,
            f"${words[1]}$",
            va="center",
            color=theme.muted,
            size=points(layout.px(12)),
            math_fontfamily="dejavusans",
        )
        page.add_artist(formula)
        room = place.width + layout.px(60) if below is None else below
        try:
            legible = fit(formula, room, layout.px(23)) >= points(layout.px(7))
        except (ValueError, RecursionError):  # matplotlib cannot set it, which a formula in a file may be
            legible = False
        formula.set_visible(legible)
    if not counts:
        return []
    steps = scene.timing.steps
    return [Moving(counter, lambda frame: counter.set_text(f"step {steps[frame]}"))]


def draw_fine_print(page: Axes, words: str, scene: AbstractScene, layout: Scaled) -> None:
    """Write small print at the foot of the page: a line, or two where it would be too small to read.

    Of what is too long for two lines the last parts, between dots, are left out.
    """
    x, y, room = layout.px(18), layout.px(10), scene.size[0] - 2 * layout.px(18)
    notes = Text(x, y, words, color=scene.theme.muted, size=points(layout.px(10)), parse_math=False)
    page.add_artist(notes)
    if fit(notes, room) >= points(_SMALL_PRINT):
        return
    notes.set(fontsize=points(_SMALL_PRINT), y=layout.px(4), linespacing=1.1)
    lines: list[str] = []
    for part in words.split(_DOT):
        notes.set_text(longer := _DOT.join([*lines[-1:], part]))
        if lines and notes.get_window_extent().width <= room:
            lines[-1] = longer
        elif len(lines) < 2:
            lines.append(part)
        else:
            break
    notes.set_text("\n".join(lines))
    fit(notes, room)
