"""Small multiples of a sweep: a contour panel for each optimizer and rate, all over the same field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.text import Text

from ..surfaces.messages import DescentError
from ..trajectories.labels import label
from ..trajectories.specs import OptimizerSpec
from .axes import fit_or_cut, points
from .heights import scale
from .layout import Rect, Ruler, text_scale
from .page import add_page, counted, draw_fine_print, draw_header, join_notes, title_of
from .panel import draw_panel
from .parts import Growing, Moving, announcement
from .readout import Readout

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..trajectories.sweep_data import Sweep
    from .scene import SweepScene

_FEWEST, _MOST = 3, 10  # how many rates are shown of a sweep of more
_GAP = 8  # pixels at text scale 1 between columns
_CAPTION = 96  # pixels at text scale 1 that rate and loss need above a panel


def chosen(count: int, columns: int) -> list[int]:
    """Return which of so many rates are shown: evenly spread, the first and the last among them.

    >>> chosen(4, 6), chosen(25, 6)
    ([0, 1, 2, 3], [0, 5, 10, 14, 19, 24])
    """
    return sorted({round(k) for k in np.linspace(0, count - 1, min(count, columns)).tolist()})


def draw_multiples(figure: Figure, scene: SweepScene) -> tuple[list[Growing], list[Moving]]:
    """Draw the grid of panels, and return what changes in it."""
    sweep, ruler = scene.sweep, Ruler(text_scale(scene.size))
    if sweep.points is None:
        raise DescentError(
            "the sweep kept no paths, so there is nothing to draw in small panels; sweep fewer rates"
        )
    lowest = sweep.minima[0].value if sweep.minima else None
    heights = scale(sweep.field, lowest, scene.heights)
    page = add_page(figure, scene)
    pad, header, footer = ruler.px(18), ruler.px(66), ruler.px(30)
    growing: list[Growing] = []
    moving: list[Moving] = []
    area = Rect(pad, footer, scene.size[0] - 2 * pad, scene.size[1] - footer - header)
    columns = chosen(len(sweep.rates), _columns(area, sweep, ruler))
    for row in range(len(sweep.specs)):
        for column, rate in enumerate(columns):
            place = _cell(area, sweep, (row, column), len(columns), ruler)
            _caption(page, scene, place, (row, rate), ruler, growing, named=column == 0)
            more_growing, more_moving = draw_panel(figure, scene, place, [(row, rate)], heights, ruler)
            growing += more_growing
            moving += more_moving
    top = scene.size[1] - pad
    moving += draw_header(
        page,
        scene,
        ruler,
        Rect(pad, area.top, area.width, top - area.top),
        (title_of(sweep.target), sweep.latex),
        counts=True,
    )
    draw_fine_print(page, fine_print(sweep, len(columns)), scene, ruler)
    return growing, moving


def _columns(area: Rect, sweep: Sweep, ruler: Ruler) -> int:
    """Return how many rates fill the page best with panels drawn to one scale."""
    fit = int((area.width + ruler.px(_GAP)) / ruler.px(_CAPTION + _GAP))
    count = min(len(sweep.rates), _MOST, max(fit, _FEWEST))
    if count <= _FEWEST:
        return count

    def filled(columns: int) -> float:
        cell = _cell(area, sweep, (0, 0), columns, ruler)
        return columns * cell.width * cell.height

    return max(range(_FEWEST, count + 1), key=filled)


def _cell(area: Rect, sweep: Sweep, which: tuple[int, int], columns: int, ruler: Ruler) -> Rect:
    """Return the place of the panel in a row and column, below its caption, drawn to one scale."""
    (x0, x1), (y0, y1) = sweep.view
    gap, caption, shape = ruler.px(_GAP), ruler.px(36), (x1 - x0) / (y1 - y0)
    wide = (area.width - gap * (columns - 1)) / columns
    high = area.height / len(sweep.specs)
    width = min(wide, (high - caption) * shape)
    height = width / shape
    row, column = which
    return Rect(area.x + column * (wide + gap), area.top - row * high - caption - height, width, height)


def _caption(
    page: Axes,
    scene: SweepScene,
    place: Rect,
    which: tuple[int, int],
    ruler: Ruler,
    growing: list[Growing],
    *,
    named: bool,
) -> None:
    """Write rate and final loss above a panel, and the optimizer above the first of a row."""
    sweep, theme, (optimizer, rate) = scene.sweep, scene.theme, which
    if named:
        words = label(OptimizerSpec.parse(sweep.specs[optimizer]))
        name = Text(
            place.x,
            place.top + ruler.px(19),
            " ".join(filter(None, (words.title, words.details))),
            color=scene.styles[optimizer].colour,
            size=points(ruler.px(12.5)),
            weight="bold",
            parse_math=False,
        )
        page.add_artist(name)
        fit_or_cut(name, scene.size[0] - 2 * place.x, points(ruler.px(9)))
    small = points(ruler.px(10.5))
    page.add_artist(
        Text(place.x, place.top + ruler.px(5), f"lr {sweep.rates[rate]:.2g}", color=theme.text, size=small)
    )
    outcome = sweep.outcomes[optimizer][rate]
    end = f"{sweep.final[optimizer, rate]:.2g}" if outcome.step is None else f"out at {outcome.step}"
    right = place.x + max(place.width, ruler.px(_CAPTION))
    result = Readout(right, place.top + ruler.px(5), end, color=theme.muted, size=small, ha="right")
    page.add_artist(result)
    growing.append(announcement(result, sweep.steps if outcome.step is None else outcome.step, scene))


def fine_print(sweep: Sweep, shown: int) -> str:
    """Say in one line what the reader must know to trust the picture."""
    parts = [
        f"{counted(sweep.steps, 'step')} each from ({sweep.start[0]:g}, {sweep.start[1]:g})",
        "above each panel: learning rate, final loss or the step at which the run was out",
    ]
    if shown < len(sweep.rates):
        parts.append(f"{shown} of {len(sweep.rates)} rates")
    if sweep.noise:
        parts.append(f"gradient noise {sweep.noise:g}, seed {sweep.seeds[0]}")
    return join_notes(parts, sweep.versions, sweep.dtype, sweep.device)
