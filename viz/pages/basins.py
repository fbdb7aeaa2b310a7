"""Basin maps: which minimum each start reaches (colour) and how fast (shade), a map an optimizer."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from ...surfaces.surface import inside, passes
from ...trajectories.results.basins import DIVERGED, OUTSIDE, OUTSIDE_THE_DOMAIN, UNSETTLED
from ...trajectories.specs.labels import label
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ..canvas.axes import add_axes, fit_or_cut, points
from ..canvas.parts import MOVING_ZORDER, Growing, Moving, announcement, still_there
from ..canvas.pens import Mark, Marks
from ..contour.bands import drawn_heights
from ..contour.domain import draw_domain
from ..style.colour_space import oklch_to_hex
from ..style.heights import scale
from ..style.layout import Rect, Ruler, text_scale
from ..style.numbers import counted, percent_of
from ..words.surface_notes import DASHED, join_notes, star_words
from ..words.titles import title_of
from .page import add_page, draw_fine_print, draw_header

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ...trajectories.results.basins import Basins
    from ..scenes.scene import BasinsScene
    from ..style.themes import Theme

_COLUMN = 50.0  # the width of a column of shares, in pixels at text scale 1
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
    """Draw the maps side by side with one legend, and return what changes as steps go by."""
    basins, ruler = scene.basins, Ruler(text_scale(scene.size, scene.theme))
    page = add_page(figure, scene)
    places, legend, top = _arrange(scene, ruler)
    growing: list[Growing] = []
    moving: list[Moving] = []
    for optimizer, place in enumerate(places):
        moving += _draw_map(figure, page, scene, optimizer, place, ruler)
    growing += _draw_legend(page, scene, legend, ruler)
    moving += draw_header(page, scene, ruler, top, (title_of(basins.target), basins.latex), counts=True)
    draw_fine_print(page, fine_print(basins), scene, ruler)
    return growing, moving


def _arrange(scene: BasinsScene, ruler: Ruler) -> tuple[list[Rect], Rect, Rect]:
    """Place the maps, the legend beside or below them, whichever lets them be larger, and the header."""
    basins, (width, height) = scene.basins, scene.size
    pad, header, footer = ruler.px(18), ruler.px(66), ruler.px(30)
    words = 135 if basins.border is None else 165
    column = min(ruler.px(words + _COLUMN * len(basins.specs)), 0.45 * width)
    band = min(ruler.px(62 + 22 * _rows(basins)), 0.45 * height)
    top, floor = height - pad, height - header
    beside = Rect(pad, footer, width - 3 * pad - column, floor - footer)
    below = Rect(pad, footer + band, width - 2 * pad, floor - footer - band)
    wide, tall = _places(beside, basins, ruler), _places(below, basins, ruler)
    if wide[0].width >= tall[0].width:
        legend = Rect(beside.right + pad, footer, column, top - footer)
        return wide, legend, Rect(pad, floor, beside.width, top - floor)
    if basins.border is not None:
        column = min(ruler.px(words + _COLUMN * len(basins.specs)), below.width)
    legend = Rect(pad, footer, column, band - ruler.px(8))
    return tall, legend, Rect(pad, floor, below.width, top - floor)


def _rows(basins: Basins) -> int:
    """Return the most rows that the legend has: the minima, and each other end."""
    return len(basins.minima) + (2 if basins.border is None else 3)


def _places(area: Rect, basins: Basins, ruler: Ruler) -> list[Rect]:
    """Place the maps in the arrangement of rows and columns that makes them largest, drawn to one scale."""
    (x0, x1), (y0, y1) = basins.view
    shape, count = (x1 - x0) / (y1 - y0), len(basins.specs)
    left, below, above = ruler.px(30), ruler.px(24), ruler.px(24)
    best: list[Rect] = []
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        cell_x, cell_y = area.width / columns, area.height / rows
        width = max(min(cell_x - left - ruler.px(8), (cell_y - below - above) * shape), 1.0)
        height = width / shape
        if best and width <= best[0].width:
            continue
        best = [
            Rect(
                area.x + (k % columns) * cell_x + left + (cell_x - left - width) / 2 * (columns == 1),
                area.top - (k // columns) * cell_y - above - height,
                width,
                height,
            )
            for k in range(count)
        ]
    return best


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
    words = label(OptimizerSpec.parse(basins.specs[optimizer]))
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


def _draw_legend(page: Axes, scene: BasinsScene, place: Rect, ruler: Ruler) -> list[Growing]:
    """Explain the colours, and at the end say how many starts went where, a column an optimizer."""
    basins, theme = scene.basins, scene.theme
    rows = _legend_rows(basins, theme)
    pitch = min(ruler.px(22), (place.height - ruler.px(60)) / len(rows))
    share = pitch / ruler.px(22)
    size, small = points(ruler.px(11.5 * share)), points(ruler.px(10.5))
    box, top = ruler.px(11 * share), place.top - ruler.px(32)
    words_x, column = place.x + 3 * box + ruler.px(8), ruler.px(_COLUMN)
    ends = [place.right - (len(basins.specs) - 1 - k) * column for k in range(len(basins.specs))]

    def write(x: float, y: float, words: str, room: float, colour: str, size: float, side: str) -> Text:
        text = Text(x, y, words, color=colour, size=size, ha=side)
        page.add_artist(text)
        fit_or_cut(text, room, size * 0.75)
        return text

    write(place.x, place.top - ruler.px(12), "starts that reach", ruler.px(110), theme.muted, small, "left")
    for end, spec in zip(ends, basins.specs, strict=True):
        title = OptimizerSpec.parse(spec).title
        write(end, place.top - ruler.px(12), title, column - ruler.px(6), theme.muted, small, "right")
    growing: list[Growing] = []
    for number, (colours, words, counts) in enumerate(rows):
        y = top - number * pitch
        for k, colour in enumerate(colours):
            page.add_artist(
                Rectangle((place.x + k * box, y - ruler.px(1)), box, box, color=colour, linewidth=0)
            )
        if not any(
            np.abs(np.subtract(to_rgb(colour), to_rgb(theme.background))).max() > 0.02 for colour in colours
        ):
            page.add_artist(
                Rectangle(
                    (place.x, y - ruler.px(1)),
                    len(colours) * box,
                    box,
                    fill=False,
                    edgecolor=theme.frame,
                    linewidth=points(ruler.px(0.8)),
                )
            )
        write(words_x, y, words, ends[0] - column - words_x, theme.text, size, "left")
        for end, count in zip(ends, counts.tolist(), strict=True):
            part = write(end, y, percent_of(count, basins.starts**2), column, theme.text, size, "right")
            growing.append(announcement(part, basins.budget, scene))
    note = f"light: soon, dark: late (of {counted(basins.budget, 'step')})"
    write(place.x, top - len(rows) * pitch - ruler.px(4), note, place.width, theme.muted, small, "left")
    return growing


def _legend_rows(basins: Basins, theme: Theme) -> list[tuple[list[Any], str, NDArray[np.int64]]]:
    """Return, for each minimum and each other end, three of its shades, its words and its counts."""
    table, special = colour_table(basins, theme), special_colours(theme)
    rows: list[tuple[list[Any], str, NDArray[np.int64]]] = [
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
        f"reached: within {basins.tolerance:g} at the end",
    ]
    if basins.outside.any():
        parts.append("outside the domain: at the end")
    if basins.diverged.any():
        far = "not finite" if basins.border else "not finite, or far outside the map"
        parts.append(f"diverged: {far}")
    return join_notes(parts, basins.versions, basins.dtype, basins.device)
