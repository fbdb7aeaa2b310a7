"""Basin maps: which minimum each start reaches (colour) and how fast (shade), a map an optimizer."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from ...surfaces.surface import inside, passes
from ...trajectories.results.basins import DIVERGED, OUTSIDE, OUTSIDE_THE_DOMAIN, UNSETTLED
from ...trajectories.specs.labels import labels
from ..canvas.axes import add_axes, fit_or_cut, points
from ..canvas.parts import MOVING_ZORDER, Growing, Moving, still_there
from ..canvas.pens import Mark, Marks
from ..contour.bands import drawn_heights
from ..contour.domain import draw_domain
from ..style.colour_space import oklch_to_hex
from ..style.heights import scale
from ..style.layout import Rect
from ..style.numbers import counted
from ..words.surface_notes import DASHED, join_notes, star_words
from ..words.titles import title_of
from .basin_shares import COLUMN, WORDS, draw_shares
from .page import add_page, draw_fine_print, draw_header
from .tiles import Around, lay_out, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ...trajectories.results.basins import Basins
    from ..scenes.scene import BasinsScene
    from ..style.layout import Ruler
    from ..style.themes import Theme
    from .basin_shares import Row
    from .tiles import Tiles

# Below a map, for numbers and for each of its shares, and where there is less room; pixels at text scale 1.
_TICKS, _ROW, _LOW_ROW = 24.0, 22.0, 15.0
_TABLE = 150.0  # the width of a cell below which no shares can stand
_PREFERRED = 1.05  # how much larger maps must become for shares to stand beside all of them
_HUES = (245.0, 65.0, 165.0, 345.0, 105.0, 300.0, 205.0, 25.0)  # of the minima, in OKLCH degrees, in turn

_GREYS = (0.92, 0.24)  # the OKLCH lightness that the minima share in greys
_GREYS_AND_ONE = (0.92, 0.45)  # where one more is needed, for ends outside the domain
_GREY_SHARE = 0.7  # how much of its part each takes, so that neighbours differ


def minimum_hue(number: int) -> float:
    """Return the hue of a minimum; beyond the eighth, hues come again a little turned."""
    return _HUES[number % len(_HUES)] + 13.0 * (number // len(_HUES))


def special_colours(theme: Theme) -> dict[int, str]:
    """Return the colours of starts that diverged, that settled nowhere, and that end outside the domain."""
    if theme.chroma == 0:  # the greys between are the minima's
        return {DIVERGED: "#000000", UNSETTLED: "#ffffff", OUTSIDE: "#3c3c3c"}
    dark = theme.dark
    return {
        DIVERGED: "#000000" if dark else "#3a3f47",
        UNSETTLED: "#5b6470" if dark else "#e3e6ea",
        OUTSIDE: "#aab4bf" if dark else "#9aa2ac",
    }


def draw_basins(figure: Figure, scene: BasinsScene) -> tuple[list[Growing], list[Moving]]:
    """Draw the maps side by side, what their colours mean, and return what changes as steps go by."""
    basins = scene.basins
    page = add_page(figure, scene)
    tiles, ruler, legend = _arrange(scene)
    rows = legend_rows(basins, scene.theme)
    growing: list[Growing] = []
    moving: list[Moving] = []
    for optimizer in range(len(basins.specs)):
        place = tiles.place(*divmod(optimizer, tiles.columns))
        moving += _draw_map(figure, page, scene, optimizer, place, ruler)
        if legend is None:
            low = ruler.px(tiles.around.below)
            wide = tiles.cell - ruler.px(8)
            x = place.x - min(ruler.px(tiles.around.left), max(wide - place.width, 0.0))
            below = Rect(x, place.y - low, wide if x < place.x else place.width, low - ruler.px(_TICKS))
            growing += draw_shares(page, scene, (optimizer,), rows, below, ruler)
    head = tiles.header(scene.size)
    if legend is not None:
        growing += draw_shares(page, scene, range(len(basins.specs)), rows, legend, ruler, headed=True)
        head = replace(head, width=max(head.width, legend.right - head.x))
    moving += draw_header(page, scene, ruler, head, (title_of(basins.target), basins.latex), counts=True)
    draw_fine_print(page, fine_print(basins), scene, ruler)
    return growing, moving


def _arrange(scene: BasinsScene) -> tuple[Tiles, Ruler, Rect | None]:
    """Make the maps as large as can be: each with its shares below it, or all shares beside the maps.

    Returns:
        The maps, the text scale, and the place of the shares that stand beside them; None where they do not.
    """
    basins, count, legends = scene.basins, len(scene.basins.specs), dict[float, Rect | None]()
    (x0, x1), (y0, y1) = basins.view
    shape = ((x1 - x0) / (y1 - y0),) * 2
    rows = len(legend_rows(basins, scene.theme))
    words = WORDS + (30.0 if basins.outside.any() else 0.0)
    alone = Around(left=30.0, right=8.0, above=24.0, below=_TICKS)

    def arrange(area: Rect, ruler: Ruler) -> Tiles:
        gap = ruler.px(18)
        column = min(ruler.px(words + COLUMN * count), 0.45 * area.width)
        narrow = replace(area, width=area.width - column - gap)
        beside = wrap(narrow, count, shape, alone, ruler.unit)
        for row, gain in ((_ROW, _PREFERRED), (_LOW_ROW, 1.0)):
            below = wrap(area, count, shape, replace(alone, below=_TICKS + row * rows), ruler.unit)
            if below.cell >= ruler.px(_TABLE) and below.plot[0] * gain >= beside.plot[0]:
                legends[ruler.unit] = None
                return below
        # Maps and shares stand together in the middle, the shares as wide as there is room for.
        column += min(max(area.width - beside.block.width - gap - column, 0.0), 0.5 * column)
        left = area.x + (area.width - beside.block.width - gap - column) / 2
        moved = replace(beside, block=replace(beside.block, x=left))
        high = min(ruler.px(_ROW * rows + 46), area.height)
        legends[ruler.unit] = Rect(moved.block.right + gap, moved.block.top - high, column, high)
        return moved

    tiles, ruler = lay_out(scene.size, scene.theme, arrange, counted(count, "map"))
    return tiles, ruler, legends[ruler.unit]


def colour_table(basins: Basins, theme: Theme) -> NDArray[np.float64]:
    """Return the colours of each minimum, from reached soon to reached late, (minima, 64, 3)."""
    fast, slow = (0.88, 0.40) if not theme.dark else (0.82, 0.30)
    chroma = 0.0 if theme.chroma == 0 else 0.12
    shades = [np.linspace(fast, slow, 64)] * len(basins.minima)
    if not chroma:  # without hues, each minimum has greys of its own
        ends = np.linspace(*(_GREYS if basins.border is None else _GREYS_AND_ONE), len(basins.minima) + 1)
        shades = [
            np.linspace(light, light + _GREY_SHARE * (dark - light), 64)
            for light, dark in pairwise(ends.tolist())
        ]
    return np.array(
        [
            [to_rgb(oklch_to_hex(float(light), chroma, minimum_hue(k))) for light in own]
            for k, own in enumerate(shades)
        ]
    )


def paint(basins: Basins, optimizer: int, theme: Theme) -> NDArray[np.uint8]:
    """Return the finished map of one optimizer as RGB pixels, (S, S, 3), row 0 at the lowest y."""
    index, steps = basins.index[optimizer], basins.steps[optimizer]
    table = colour_table(basins, theme)
    # Shades are by rank among quick and slow starts: a few late ones would leave all others alike.
    settled = steps[index >= 0]
    low, high = np.quantile(settled, [0.02, 0.98]) if settled.size else (0.0, 1.0)
    shade = np.clip((steps - low) / max(high - low, 1.0), 0.0, 1.0)
    pixels = table[np.maximum(index, 0), np.round(shade * 63).astype(int)]
    for kind, colour in special_colours(theme).items():
        pixels[index == kind] = to_rgb(colour)
    rgb: NDArray[np.uint8] = np.round(pixels * 255).astype(np.uint8)
    return rgb


def _draw_map(
    figure: Figure, page: Axes, scene: BasinsScene, optimizer: int, place: Rect, ruler: Ruler
) -> list[Moving]:
    basins, theme = scene.basins, scene.theme
    axes = add_axes(figure, place, scene, ruler)
    (x0, x1), (y0, y1) = basins.view
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.tick_params(labelsize=points(ruler.px(10)))
    finished = paint(basins, optimizer, theme)
    # Starts are points, so the cells around the outermost ones reach half a cell past the view.
    half_x, half_y = (x1 - x0) / (basins.starts - 1) / 2, (y1 - y0) / (basins.starts - 1) / 2
    image = axes.imshow(
        np.zeros_like(finished),
        extent=(x0 - half_x, x1 + half_x, y0 - half_y, y1 + half_y),
        origin="lower",
        interpolation="nearest",
        aspect="auto",
        zorder=MOVING_ZORDER - 0.5,
    )
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    known = np.where(
        basins.index[optimizer] == DIVERGED, basins.diverged_at[optimizer], basins.steps[optimizer]
    )
    known = np.where(basins.index[optimizer] == UNSETTLED, basins.budget, known)
    known = np.where(basins.index[optimizer] == OUTSIDE, basins.outside_at[optimizer], known)
    waiting = np.round(np.array(to_rgb(theme.background)) * 255).astype(np.uint8)

    def update(frame: int) -> None:
        there = known <= scene.timing.steps[frame]
        image.set_data(np.where(there[..., None], finished, waiting))

    moving = [Moving(image, update)]
    heights = scale(
        basins.field,
        basins.minima[0].value,
        scene.heights,
        minima=[minimum.point for minimum in basins.minima],
    )
    if len(heights.levels) > 2:
        lines = axes.contour(
            *drawn_heights(axes, basins.field, heights),
            levels=heights.levels[1:-1:3],
            colors=theme.text,
            linewidths=points(ruler.px(0.5)),
            linestyles="solid",
            alpha=0.28,
            zorder=MOVING_ZORDER,
        )
        moving.append(Moving(lines, still_there))
    border = draw_domain(axes, scene, ruler, basins.view, basins.border, on_top=True)
    if border is not None:
        moving.append(Moving(border, still_there))
    spots = [minimum.point for minimum in basins.minima if inside(minimum.point, basins.view)]
    size, width = points(ruler.px(11)), points(ruler.px(1.2))
    stars = Marks(
        axes, MOVING_ZORDER + 0.1, [Mark("*", size, theme.background, theme.marks, width) for _ in spots]
    )
    stars.places = np.array(spots).reshape(-1, 2)
    moving.append(Moving(stars, still_there))
    words = labels(basins.specs)[optimizer]
    name = Text(
        place.x,
        place.top + ruler.px(6),
        "  ".join(filter(None, (words.title, words.rate, words.details))),
        color=theme.text,
        size=points(ruler.px(12.5)),
        weight="bold",
        parse_math=False,
    )
    page.add_artist(name)
    fit_or_cut(name, place.width, points(ruler.px(9)))
    return moving


def legend_rows(basins: Basins, theme: Theme) -> list[Row]:
    """Return, for each minimum and each other end, three of its shades, its words and its counts."""
    table, special = colour_table(basins, theme), special_colours(theme)
    rows: list[Row] = [
        (
            [table[k, shade] for shade in (8, 32, 56)],
            f"({minimum.point[0]:.3g}, {minimum.point[1]:.3g})",
            basins.counts[:, k],
        )
        for k, minimum in enumerate(basins.minima)
    ]
    if basins.outside.any():
        rows.append(([special[OUTSIDE]] * 3, OUTSIDE_THE_DOMAIN, basins.outside))
    rows.append(([special[UNSETTLED]] * 3, "not settled", basins.unsettled))
    if basins.diverged.any():
        rows.append(([special[DIVERGED]] * 3, "diverged", basins.diverged))
    return rows


def fine_print(basins: Basins) -> str:
    """Say in one line what the reader must know to trust the picture."""
    parts = star_words(basins.minima, basins.view)
    if basins.border is not None and passes(basins.border, basins.view):
        parts.append(DASHED)
    parts += [
        f"{basins.starts} x {basins.starts} starts, {counted(basins.budget, 'step')} each",
        f"reached: within {basins.tolerance:g} at the end, light: soon, dark: late",
    ]
    if basins.outside.any():
        parts.append("outside the domain: at the end")
    if basins.diverged.any():
        far = "not finite" if basins.border else "not finite, or far outside the map"
        parts.append(f"diverged: {far}")
    return join_notes(parts, basins.versions, basins.dtype, basins.device)
