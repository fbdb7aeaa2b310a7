"""Title, step counter and fine print of a page of panels, of a surface or of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.text import Text

from ..canvas.axes import fit, fit_or_cut, points
from ..canvas.parts import MOVING_ZORDER, Moving
from ..canvas.readout import Readout
from ..words.network_notes import described, network_notes
from ..words.network_words import counter, network_title
from ..words.surface_notes import surface_notes
from ..words.titles import title_of
from .page import draw_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ..canvas.axes import Scaled
    from ..scenes.scene import Scene
    from ..style.layout import Rect


def draw_cover(
    page: Axes, scene: Scene, place: Rect, ruler: Scaled, *, counts: bool, below: float | None = None
) -> list[Moving]:
    """Write title and formula, or title and plane, and return the counter of steps.

    Args:
        page: Where to, in pixels.
        scene: A recording and its look.
        place: The header's place.
        ruler: Gives the text scale.
        counts: Whether there is a step counter.
        below: How wide the line under the title may be, in pixels; about as wide as the place when None.
    """
    recording = scene.recording
    if recording.training is None:
        words = title_of(recording.recipe.target), recording.latex
        return draw_header(page, scene, ruler, place, words, counts=counts, below=below)
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
    under = Text(
        place.x,
        line - ruler.px(19),
        described(scene),
        color=scene.theme.muted,
        size=points(ruler.px(11.5)),
        parse_math=False,
    )
    page.add_artist(under)
    below = place.width if below is None else below
    if under.get_window_extent().width * 0.85 > below:
        under.set_text(under.get_text().partition(" (")[0])
    fit_or_cut(under, below, points(ruler.px(9)), whole_words=True)
    return moving


def draw_notes(
    page: Axes, scene: Scene, more: Sequence[tuple[int, str]], ruler: Scaled, *, to_scale: bool
) -> None:
    """Write the fine print on one line; what matters least is left out where it is too long.

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
    x, full, smallest = ruler.px(18), points(ruler.px(10)), points(ruler.px(8.5))
    text = Text(x, ruler.px(10), "", color=scene.theme.muted, parse_math=False)
    page.add_artist(text)
    while True:
        text.set(text="  ·  ".join(words for _, words in notes), fontsize=full)
        worst = max((rank for rank, _ in notes), default=0)
        if fit(text, scene.size[0] - 2 * x) >= smallest or worst == 0:
            break
        del notes[max(k for k, (rank, _) in enumerate(notes) if rank == worst)]
    if len(notes) > 1 and fit(text, scene.size[0] - 2 * x) < smallest:
        words = [words for _, words in notes]
        breaks = [("  ·  ".join(words[:k]), "  ·  ".join(words[k:])) for k in range(1, len(words))]
        lines = min(breaks, key=lambda pair: max(map(len, pair)))
        text.set(text="\n".join(lines), fontsize=smallest, y=ruler.px(3), linespacing=1.05)
    while text.get_window_extent().width > scene.size[0] - 2 * x:  # small text does not shrink in proportion
        text.set_fontsize(0.99 * float(text.get_fontsize()))
