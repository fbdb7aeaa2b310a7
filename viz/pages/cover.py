"""Title, step counter and fine print of a page of panels, of a surface or of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.text import Text

from ..canvas.axes import fit_or_cut, points
from ..canvas.left_out import leave_out
from ..canvas.parts import MOVING_ZORDER, Moving
from ..canvas.readout import Readout
from ..words.network_notes import described, network_notes
from ..words.network_words import counter, network_title
from ..words.surface_notes import surface_notes
from ..words.titles import title_of
from .page import draw_header, write_small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.layout import Rect


def draw_cover(
    page: Axes, scene: Scene, place: Rect, ruler: Scaled, *, counts: bool, untitled: bool = False
) -> list[Moving]:
    """Write title and formula, or title and plane, and return the counter of steps.

    Args:
        page: Where to, in pixels.
        scene: A recording and its look.
        place: The header's place.
        ruler: Gives the text scale.
        counts: Whether there is a step counter.
        untitled: Whether the place is too low for a line under the title.
    """
    recording = scene.recording
    if recording.training is None:
        words = title_of(recording.recipe.target), recording.latex
        return draw_header(page, scene, ruler, place, words, counts=counts, untitled=untitled)
    line, room, moving = place.top - ruler.px(15), place.width, []
    data = recording.recipe.training.data if recording.recipe.training is not None else ""
    title = Text(
        place.x,
        line,
        network_title(recording.recipe.target, data),
        color=scene.theme.text,
        size=points(ruler.px(18)),
        weight="bold",
        parse_math=False,
    )
    page.add_artist(title)
    if counts:
        count = Readout(
            place.right,
            line,
            counter(scene, scene.frames - 1),
            color=scene.theme.text,
            size=points(ruler.px(13.5)),
            ha="right",
            zorder=MOVING_ZORDER,
        )
        page.add_artist(count)
        brief = title.get_window_extent().x1 + ruler.px(14) > count.get_window_extent().x0
        count.set_text(counter(scene, scene.frames - 1, brief=brief))
        room -= count.get_window_extent().width + ruler.px(14)
        moving.append(Moving(count, lambda frame: count.set_text(counter(scene, frame, brief=brief))))
    fit_or_cut(title, room, points(ruler.px(12)))
    if untitled:
        leave_out(page, "the line under the title")
        return moving
    under = Text(
        place.x,
        line - ruler.px(19),
        described(scene),
        color=scene.theme.muted,
        size=points(ruler.px(11.5)),
        parse_math=False,
    )
    page.add_artist(under)
    if under.get_window_extent().width * 0.85 > place.width:
        under.set_text(under.get_text().partition(" (")[0])
    fit_or_cut(under, place.width, points(ruler.px(9)), whole_words=True)
    return moving


def draw_notes(
    page: Axes, scene: Scene, more: Sequence[tuple[int, str]], ruler: Scaled, *, to_scale: bool
) -> None:
    """Write the fine print; what matters least is left out where it is too long.

    Where what is left is vital and too long for a line, it takes two.

    Args:
        page: Where to, in pixels.
        scene: A recording and its look.
        more: What this picture must say besides, each with its rank: 0 is vital.
        ruler: Gives the text scale.
        to_scale: Whether contours are drawn to one scale.
    """
    network = scene.recording.training is not None
    notes = (network_notes if network else surface_notes)(scene, to_scale=to_scale)
    own = next((k for k, (rank, _) in enumerate(notes) if rank > 2), len(notes))
    notes[own:own] = more
    write_small(page, notes, scene, ruler)
