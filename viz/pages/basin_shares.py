"""What the colours of basin maps mean, and how many starts each of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from ...trajectories.specs.labels import labels
from ..canvas.axes import fit_or_cut, letters, points
from ..canvas.parts import announcement
from ..style.numbers import percent_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..canvas.parts import Growing
    from ..scenes.scene import BasinsScene
    from ..style.layout import Rect, Ruler

    Row = tuple[list[Any], str, NDArray[np.int64]]  # shades, words, and how many starts of each optimizer

COLUMN, WORDS = 50.0, 135.0  # widths of a column of shares and of the words, in pixels at text scale 1
_HEAD = 32.0  # from the top to the first row where columns have headings
_SWATCH, _LITTLE = 11.0, 7.0  # the side of a shade


def draw_shares(
    page: Axes,
    scene: BasinsScene,
    optimizers: Sequence[int],
    rows: Sequence[Row],
    place: Rect,
    ruler: Ruler,
    *,
    headed: bool = False,
) -> list[Growing]:
    """Write what the colours mean, and at the end say how many starts went where, a column an optimizer.

    Args:
        page: Where to, in pixels.
        scene: Basins and their look.
        optimizers: The numbers of those that have a column.
        rows: Shades, words and counts of each end.
        place: Where the rows stand.
        ruler: Gives the text scale.
        headed: Whether columns have headings, above the rows.
    """
    basins, theme = scene.basins, scene.theme
    pitch = (place.height - ruler.px(_HEAD)) / max(len(rows) - 1, 1) if headed else place.height / len(rows)
    pitch = min(ruler.px(22), pitch)
    head = ruler.px(_HEAD) if headed else 0.75 * pitch
    small = pitch < ruler.px(18)
    size, box = letters(ruler.px(10.0 if small else 11.5)), ruler.px(_LITTLE if small else _SWATCH)
    words_x = place.x + 3 * box + ruler.px(8)
    column = max((place.right - words_x) / (len(optimizers) + 1.6) if headed else 0.0, ruler.px(COLUMN - 6))
    ends = [place.right - (len(optimizers) - 1 - k) * column for k in range(len(optimizers))]

    def write(x: float, y: float, words: str, room: float, colour: str, size: float, side: str) -> Text:
        text = Text(x, y, words, color=colour, size=size, ha=side)
        page.add_artist(text)
        fit_or_cut(text, room)
        return text

    if headed:
        quiet, y = letters(ruler.px(10.5)), place.top - ruler.px(12)
        write(place.x, y, "starts that reach", ends[0] - column - place.x, theme.muted, quiet, "left")
        for end, optimizer in zip(ends, optimizers, strict=True):
            title = labels(basins.specs)[optimizer].title
            write(end, y, title, column - ruler.px(6), theme.muted, quiet, "right")
    growing: list[Growing] = []
    for number, (colours, words, counts) in enumerate(rows):
        y = place.top - head - number * pitch
        _draw_swatch(page, scene, colours, (place.x, y - ruler.px(1)), box, ruler)
        write(words_x, y, words, ends[0] - column - words_x, theme.text, size, "left")
        for end, optimizer in zip(ends, optimizers, strict=True):
            share = percent_of(int(counts[optimizer]), basins.starts**2)
            part = write(end, y, share, column, theme.text, size, "right")
            growing.append(announcement(part, basins.budget, scene))
    return growing


def _draw_swatch(
    page: Axes,
    scene: BasinsScene,
    colours: Sequence[Any],
    spot: tuple[float, float],
    box: float,
    ruler: Ruler,
) -> None:
    """Draw shades beside each other, with a frame where they are those of the page."""
    theme, (x, y) = scene.theme, spot
    for k, colour in enumerate(colours):
        page.add_artist(Rectangle((x + k * box, y), box, box, color=colour, linewidth=0))
    ground = to_rgb(theme.background)
    if all(np.abs(np.subtract(to_rgb(colour), ground)).max() <= 0.02 for colour in colours):
        edge, width = theme.frame, points(ruler.px(0.8))
        frame = Rectangle(spot, len(colours) * box, box, fill=False, edgecolor=edge, linewidth=width)
        page.add_artist(frame)
