"""Small multiples: a contour panel for each optimizer and rate of a sweep, or for each field of a network."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.text import Text

from ...surfaces.errors import DescentError
from ...surfaces.surface import passes, width_of
from ...trajectories.specs.labels import labels
from ..canvas.axes import fit_or_cut, points
from ..canvas.left_out import leave_out
from ..canvas.parts import Growing, Moving, announcement
from ..canvas.readout import Readout
from ..contour.bands import draw_bar
from ..style.layout import Rect
from ..style.numbers import counted
from ..words.surface_notes import DASHED, join_notes
from ..words.titles import title_of
from .cover import draw_cover, draw_notes
from .page import add_page, draw_fine_print, draw_header
from .small_panel import draw_panel, field_ground, sweep_ground, sweep_track, tracks_of
from .tiles import LEAST, Around, lay_out, shape_of, tile, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...trajectories.results.network_runs import NamedField
    from ...trajectories.results.sweep import Sweep
    from ..scenes.runs import SceneRun
    from ..scenes.scene import Scene, SweepScene
    from ..style.layout import Ruler
    from .small_panel import Ground
    from .tiles import Tiles

_FEWEST, _MOST = 3, 10  # how many rates are shown of a sweep of more
_BAR_ALONE = 46.0  # for a colour bar without a label
_TOLD = 4  # runs whose values stand below a panel
_LINES = 3  # over how many rows the rates of an optimizer may be spread on a tall page
_CAPTION = 92  # pixels at text scale 1 that rate and loss need above a panel
_AROUND = Around(above=40.0)
# Left of panels and below them for numbers, right of them for the colour bar, which is so many rows high.
_LEFT, _BELOW, _BAR, _TALL = 22.0, 14.0, 60.0, 2


def chosen(count: int, columns: int) -> list[int]:
    """Return which of so many rates are shown: evenly spread, the first and the last among them.

    >>> chosen(4, 6), chosen(25, 6)
    ([0, 1, 2, 3], [0, 5, 10, 14, 19, 24])
    """
    return sorted({round(k) for k in np.linspace(0, count - 1, min(count, columns)).tolist()})


def draw_multiples(figure: Figure, scene: SweepScene) -> tuple[list[Growing], list[Moving]]:
    """Draw the grid of panels, and return what changes in it."""
    sweep = scene.on_surface
    if sweep.points is None:
        raise DescentError(
            "the sweep kept no paths, so there is nothing to draw in small panels; sweep fewer rates"
        )
    what = f"{counted(len(sweep.specs), 'optimizer')} and {counted(len(sweep.rates), 'learning rate')}"
    told = True
    try:
        tiles, ruler = lay_out(scene.size, scene.theme, partial(_arrange, sweep, told=True), what)
    except DescentError:
        tiles, ruler = lay_out(scene.size, scene.theme, partial(_arrange, sweep, told=False), what)
        told = False
    ground = sweep_ground(scene)
    page = add_page(figure, scene)
    growing: list[Growing] = []
    moving: list[Moving] = []
    lines = tiles.rows // len(sweep.specs)
    for row, style in enumerate(scene.styles):
        rates = chosen(len(sweep.rates), lines * tiles.columns)
        shown = len(rates)
        for spot, rate in enumerate(rates):
            place = tiles.place(row * lines + spot // tiles.columns, spot % tiles.columns)
            track = sweep_track(sweep, row, rate, style)
            left = None if track.left is None else track.left[0]
            growing += _caption(page, scene, place, (row, rate), (tiles, ruler), left, named=spot == 0)
            last = spot + tiles.columns >= shown and row == len(sweep.specs) - 1
            numbered = told and last, told and spot % tiles.columns == 0
            more_growing, more_moving = draw_panel(figure, scene, place, ground, [track], ruler, numbered)
            growing += more_growing
            moving += more_moving
    if not told:
        leave_out(page, "numbers and the colour bar of small panels")
    elif ground.heights is not None:
        top, low = tiles.place(0, 0), tiles.place(min(tiles.rows, _TALL) - 1, 0)
        bar = Rect(tiles.block.right + ruler.px(10), low.y, ruler.px(9), top.top - low.y)
        draw_bar(figure, bar, ground.heights, scene, ruler, ground.name)
    words = title_of(sweep.target), sweep.latex
    moving += draw_header(page, scene, ruler, tiles.header(scene.size), words, counts=True)
    draw_fine_print(page, fine_print(sweep, lines * tiles.columns, ground), scene, ruler)
    return growing, moving


def _arrange(sweep: Sweep, area: Rect, ruler: Ruler, *, told: bool) -> Tiles:
    """Show as many rates as fill the page best with panels drawn to one scale.

    On a tall page the rates of an optimizer may stand in several rows. Where they are told, there is room
    for numbers and for a colour bar.
    """
    left, right, below = map(ruler.px, (_LEFT, _BAR, _BELOW) if told else (0.0, 0.0, 0.0))
    area = Rect(area.x + left, area.y + below, area.width - left - right, area.height - below)
    most = min(len(sweep.rates), _MOST)
    choices = [
        tile(area, lines * len(sweep.specs), columns, shape_of(sweep.view), _AROUND, ruler.unit)
        for lines in range(1, 1 + (_LINES if area.height > area.width else 1))
        for columns in range(min(_FEWEST, most), most + 1)
        if lines == 1 or lines * columns <= most
    ]
    roomy = [tiles for tiles in choices if tiles.has(LEAST) and tiles.cell >= ruler.px(_CAPTION) - 0.5]
    return max(
        roomy or choices[:1], key=lambda tiles: tiles.rows * tiles.columns * tiles.plot[0] * tiles.plot[1]
    )


def _caption(
    page: Axes,
    scene: SweepScene,
    place: Rect,
    which: tuple[int, int],
    laid: tuple[Tiles, Ruler],
    left: int | None,
    *,
    named: bool,
) -> list[Growing]:
    """Write rate and final loss above a panel, and the optimizer above the first of a row.

    A run that left the view for good was out from then on, not only when its numbers were lost.
    """
    sweep, theme, (optimizer, rate), (tiles, ruler) = scene.on_surface, scene.theme, which, laid
    if named:
        words = labels(sweep.specs)[optimizer]
        name = Text(
            place.x,
            place.top + ruler.px(23),
            " ".join(filter(None, (words.title, words.details))),
            color=scene.styles[optimizer].colour,
            size=points(ruler.px(12.5)),
            weight="bold",
            parse_math=False,
        )
        page.add_artist(name)
        fit_or_cut(name, tiles.block.width, points(ruler.px(9)))
    small = points(ruler.px(10.5))
    page.add_artist(
        Text(place.x, place.top + ruler.px(8), f"lr {sweep.rates[rate]:.2g}", color=theme.text, size=small)
    )
    outcome = sweep.outcomes[optimizer][rate]
    lost = [step for step in (left, outcome.step) if step is not None]
    end = f"out at {min(lost)}" if lost else f"{sweep.final[optimizer, rate]:.2g}"
    right = place.x + max(place.width, tiles.cell)
    result = Readout(right, place.top + ruler.px(8), end, color=theme.muted, size=small, ha="right")
    page.add_artist(result)
    return [announcement(result, min(lost) if lost else sweep.steps, scene)]


def fine_print(sweep: Sweep, shown: int, ground: Ground) -> str:
    """Say in one line what the reader must know to trust the picture."""
    parts = [
        f"{counted(sweep.steps, 'step')} each from ({sweep.start[0]:g}, {sweep.start[1]:g})",
        "above each panel: learning rate, final loss or the step at which the run was out",
    ]
    if shown < len(sweep.rates):
        parts.append(f"{shown} of {len(sweep.rates)} rates")
    if sweep.noise:
        parts.append(f"gradient noise {sweep.noise:g}, seed {sweep.seeds[0]}")
    if ground.border is not None and passes(ground.border, ground.view):
        parts.append(DASHED)
    parts.append(ground.scaled)
    if not width_of(sweep.view)[1]:
        parts.append("x and y not to one scale")
    return join_notes(parts, sweep.versions, sweep.dtype, sweep.device)


def draw_fields(figure: Figure, scene: Scene) -> tuple[list[Growing], list[Moving]]:
    """Draw a panel for each field with all paths on it, and return what changes in them."""
    fields, tracks = scene.training.fields, tracks_of(scene)
    tiles, ruler, (told, numbered) = _lay_fields(scene)
    page = add_page(figure, scene)
    growing: list[Growing] = []
    moving: list[Moving] = []
    for number, each in enumerate(fields):
        place = tiles.place(*divmod(number, tiles.columns))
        ground = field_ground(scene, each)
        scaled = "" if ground.heights is None else ground.heights.label.removeprefix("loss")
        name = Text(place.x, place.top + ruler.px(7), each.name + scaled, color=scene.theme.text)
        name.set_fontsize(points(ruler.px(11.5)))
        page.add_artist(name)
        fit_or_cut(name, place.width + ruler.px(_BAR_ALONE))
        numbers = (numbered, numbered)
        more_growing, more_moving = draw_panel(figure, scene, place, ground, tracks, ruler, numbers)
        growing, moving = growing + more_growing, moving + more_moving
        if ground.heights is not None and numbered:
            bar = Rect(place.right + ruler.px(8), place.y, ruler.px(8), place.height)
            draw_bar(figure, bar, ground.heights, scene, ruler, "")
        moving += _tell_values(page, scene, each, place, ruler) if told else []
    if not told:
        leave_out(page, "the values at the weights")
    if not numbered:
        leave_out(page, "numbers and the colour bars of small panels")
    moving += draw_cover(page, scene, tiles.header(scene.size), ruler, counts=True)
    said = [(0, "numbers below: at the weights, which may lie off the plane")] if told else []
    draw_notes(page, scene, said, ruler, to_scale=width_of(scene.view)[1])
    return growing, moving


def _lay_fields(scene: Scene) -> tuple[Tiles, Ruler, tuple[bool, bool]]:
    """Place a panel for each field, and say whether there is room for values below them, and for numbers."""
    count, lines = len(scene.training.fields), min(len(scene.runs), _TOLD)
    choices = [(True, True), (False, True), (False, False)]
    for told, numbered in choices:
        around = Around(
            _LEFT * numbered,
            _BAR_ALONE * numbered,
            above=18.0,
            below=_BELOW * numbered + (6.0 + 14.0 * lines) * told,
        )
        try:
            return *lay_out(
                scene.size,
                scene.theme,
                lambda area, ruler, around=around: wrap(  # type: ignore[misc]
                    area, count, shape_of(scene.view), around, ruler.unit
                ),
                counted(count, "field"),
            ), (told, numbered)
        except DescentError:
            if (told, numbered) == choices[-1]:
                raise
    raise AssertionError("the last choice is returned or raised")


def _tell_values(page: Axes, scene: Scene, field: NamedField, place: Rect, ruler: Ruler) -> list[Moving]:
    """Write below a panel what the field is at the weights of each run, at the row of the frame."""
    moving, y = [], place.y - ruler.px(_BELOW + 6.0)
    for run, values in list(zip(scene.runs, field.values, strict=True))[:_TOLD]:
        y -= ruler.px(14.0)
        called = f"{run.label.name}  "
        line = Readout(place.x, y, "", color=run.style.colour, size=points(ruler.px(10.5)))
        page.add_artist(line)

        def update(
            frame: int, line: Readout = line, called: str = called, run: SceneRun = run, values: Any = values
        ) -> None:
            value = float(values[run.row(int(scene.timing.rows[frame]))])
            line.set_text(called + (f"{value:.4g}" if math.isfinite(value) else "not finite"))

        moving.append(Moving(line, update))
    if len(scene.runs) > _TOLD:
        leave_out(page, f"the values of {len(scene.runs) - _TOLD} runs")
    return moving
