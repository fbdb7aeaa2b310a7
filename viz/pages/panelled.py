"""The picture of a recording in panels: the descent itself, a legend, and what else happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...surfaces.imports import own
from ...surfaces.surface import width_of
from ..canvas.left_out import leave_out
from ..contour.panel import draw_contour
from ..scenes.panel_table import PANELS
from ..style.layout import Rect, text_scale
from ..words.legend_words import entries
from ..words.network_words import contour_names, loss_heading, network_entries
from .arrangements import Panel, Picture
from .cover import draw_cover, draw_notes
from .dashboard import arrange, check_room
from .legend import draw_legend, needs
from .page import add_page
from .tiles import shape_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..canvas.parts import Growing, Moving
    from ..scenes.panel_table import PanelEntry
    from ..scenes.scene import Scene
    from ..style.layout import Layout


def draw_panelled(figure: Figure, scene: Scene) -> tuple[list[Growing], list[Moving]]:
    """Draw a recording in its panels, and return what changes in the picture."""
    network = scene.recording.training is not None
    rows = network_entries(scene) if network else entries(scene)
    hero = next((name for name in scene.panels if PANELS[name].hero), scene.panels[0])
    shape, to_scale = shape_of(scene.view), width_of(scene.view)[1]
    if hero != "contour":
        shape, to_scale = PANELS[hero].shape, True
    names = [name for name in scene.panels if name != hero]
    places = arrange(
        scene.size,
        text_scale(scene.size, scene.theme),
        Picture(shape),
        [panel_of(PANELS[name]) for name in names],
        needs(rows),
        to_scale=to_scale,
        all_of_them=scene.chosen,
    )
    layout = places.page
    page = add_page(figure, scene)
    if scene.chosen:
        check_room(scene.size, names, len(places.panels))
    for name in names[len(places.panels) :]:
        leave_out(page, f"the panel {name}")
    if hero == "contour":
        parts = [draw_contour(figure, scene, layout, contour_names(scene) if network else None)]
    else:
        parts = [_draw_panel(figure, scene, hero, _in_place_of_contour(layout), layout)]
    parts += [
        _draw_panel(figure, scene, name, place, layout)
        for name, place in zip(names, places.panels, strict=False)
    ]
    if rows:
        heading = loss_heading(scene)
        parts.append(draw_legend(page, rows, scene, layout, heading))
    growing = [each for some, _ in parts for each in some]
    moving = [each for _, some in parts for each in some]
    draw_notes(page, scene, (), layout, to_scale=layout.to_scale or "contour" not in scene.panels)
    return growing, moving + draw_cover(
        page, scene, places.header, layout, counts=bool(rows), untitled=places.untitled
    )


def panel_of(entry: PanelEntry) -> Panel:
    """Return what a panel needs on a page."""
    return Panel(entry.shape, entry.storeys, entry.hero)


def _draw_panel(
    figure: Figure, scene: Scene, name: str, place: Rect, layout: Layout
) -> tuple[list[Growing], list[Moving]]:
    draw = own("viz", PANELS[name].drawer)
    return draw(figure, scene, place, layout)  # type: ignore[no-any-return]


def _in_place_of_contour(layout: Layout) -> Rect:
    """Return the plot of a panel that stands where a contour would: it has a heading, and no colour bar."""
    place = layout.contour
    return Rect(place.x, place.y, place.width + layout.px(52), place.height - layout.px(26))
