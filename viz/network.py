"""The picture of a network: contour, legend and panels on one page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from matplotlib.text import Text

from .axes import fit, fit_or_cut, points
from .contour import draw_contour
from .dashboard import arrange_dashboard
from .legend import breadth, draw_legend, least_height
from .legend import height as legend_height
from .network_notes import described, network_notes
from .network_words import (
    contour_names,
    counter,
    loss_name,
    network_entries,
    network_title,
)
from .page import add_page
from .panels import PANELS
from .parts import MOVING_ZORDER, Growing, Moving
from .readout import Readout

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .dashboard import Dashboard
    from .scene import NetworkScene


def draw_network(figure: Figure, scene: NetworkScene) -> tuple[list[Growing], list[Moving]]:
    """Draw the runs of a network, and return what changes in the picture."""
    rows = network_entries(scene)
    places = arrange_dashboard(
        scene.size,
        scene.recording.view,
        scene.panels,
        lambda room: legend_height(rows, room),
        least=(breadth(rows), least_height(rows)),
        all_of_them=scene.chosen,
    )
    layout = places.page
    growing, moving = draw_contour(figure, scene, layout, contour_names(scene))
    for name, place in places.panels:
        module, _, function = PANELS[name].drawer.partition(":")
        draw = getattr(import_module(module, __package__), function)
        more_growing, more_moving = draw(figure, scene, place, layout)
        growing += more_growing
        moving += more_moving
    page = add_page(figure, scene)
    more_growing, more_moving = draw_legend(page, rows, scene, layout, loss_name(scene.training))
    _draw_notes(page, scene, places)
    return growing + more_growing, moving + more_moving + [_draw_header(page, scene, places)]


def _draw_header(page: Axes, scene: NetworkScene, places: Dashboard) -> Moving:
    """Write title and plane, and return the counter of steps and epochs."""
    theme, layout, place = scene.theme, places.page, places.header
    line = layout.title[1] - layout.px(15)
    count = Readout(
        place.right,
        line,
        counter(scene, scene.frames - 1),
        color=theme.text,
        size=points(layout.px(13.5)),
        ha="right",
        zorder=MOVING_ZORDER,
    )
    page.add_artist(count)
    recipe = scene.recording.recipe
    data = recipe.training.data if recipe.training is not None else ""
    title = Text(
        place.x,
        line,
        network_title(recipe.target, data),
        color=theme.text,
        size=points(layout.px(18)),
        weight="bold",
        parse_math=False,
    )
    page.add_artist(title)
    brief = title.get_window_extent().x1 + layout.px(14) > count.get_window_extent().x0
    count.set_text(counter(scene, scene.frames - 1, brief=brief))
    fit_or_cut(title, count.get_window_extent().x0 - place.x - layout.px(14), points(layout.px(12)))
    under = Text(
        place.x,
        line - layout.px(21),
        described(scene),
        color=theme.muted,
        size=points(layout.px(11.5)),
        parse_math=False,
    )
    page.add_artist(under)
    beside = layout.bar.right + layout.px(40) - place.x  # a panel may stand next to the contour's bar
    room = min(place.width, beside)
    if under.get_window_extent().width * 0.85 > room:
        under.set_text(under.get_text().partition(" (")[0])
    fit_or_cut(under, room, points(layout.px(9)), whole_words=True)
    return Moving(count, lambda frame: count.set_text(counter(scene, frame, brief=brief)))


def _draw_notes(page: Axes, scene: NetworkScene, places: Dashboard) -> None:
    """Write the fine print on one line; what matters least is left out where it is too long."""
    layout = places.page
    x, room = layout.px(18), scene.size[0] - 2 * layout.px(18)
    notes = network_notes(scene, to_scale=layout.to_scale)
    text = Text(x, layout.px(9), "", color=scene.theme.muted, size=points(layout.px(10)), parse_math=False)
    page.add_artist(text)
    smallest = points(layout.px(8.5))
    while True:
        text.set(text="  ·  ".join(words for _, words in notes), fontsize=points(layout.px(10)))
        worst = max((rank for rank, _ in notes), default=0)
        while fit(text, room) >= smallest and text.get_window_extent().width > room:
            text.set_fontsize(0.99 * float(text.get_fontsize()))  # small text does not shrink in proportion
        if float(text.get_fontsize()) >= smallest or worst == 0:
            return
        last = max(k for k, (rank, _) in enumerate(notes) if rank == worst)
        del notes[last]
