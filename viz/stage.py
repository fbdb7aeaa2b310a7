"""A compiled scene: the figure with everything on it, and the list of what changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib import RcParams, rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .contour import draw_contour
from .layout import arrange
from .legend import draw_legend, entries
from .legend import height as legend_height
from .loss import draw_loss
from .page import add_page, draw_page

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from matplotlib.artist import Artist

    from .parts import Growing, Moving
    from .scene import Scene

DPI = 100


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A figure for a scene; it is changed by showing frames, each of which depends on its number only."""

    scene: Scene
    figure: Figure
    canvas: FigureCanvasAgg
    growing: tuple[Growing, ...]
    moving: tuple[Moving, ...]  # in drawing order

    def show(self, frame: int) -> None:
        """Set the whole figure up for a frame, ready to be drawn by any backend."""
        for part in self.growing:
            part.show(0, frame)
        for thing in self.moving:
            thing.update(frame)

    @property
    def changing(self) -> tuple[Artist, ...]:
        """All artists that change, in drawing order."""
        return tuple(part.artist for part in self.growing) + tuple(thing.artist for thing in self.moving)

    def set_changing_visible(self, visible: bool) -> None:
        """Show or hide all that changes, leaving the static part."""
        for artist in self.changing:
            artist.set_visible(visible)


def compile_scene(scene: Scene) -> Stage:
    """Turn a scene into a figure. Costs a few tenths of a second; frames then cost milliseconds."""
    with default_style():
        width, height = scene.size
        figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=scene.theme.background)
        canvas = FigureCanvasAgg(figure)
        rows = entries(scene)
        draft = arrange(scene.size, scene.recording.view, 0.0, runs=bool(rows))
        room = (0.62 if draft.loss is not None else 1.0) * (height / draft.unit - 60)
        layout = arrange(scene.size, scene.recording.view, legend_height(rows, room), runs=bool(rows))
        growing, moving = draw_contour(figure, scene, layout)
        page = add_page(figure, scene)
        if rows:
            for more_growing, more_moving in (
                draw_loss(figure, scene, layout),
                draw_legend(page, rows, scene, layout),
            ):
                growing += more_growing
                moving += more_moving
        moving += draw_page(page, scene, layout)
    # matplotlib draws axes by their zorder and artists by theirs; frames must keep to that order.
    moving.sort(key=lambda thing: (_axes_zorder(thing.artist), thing.artist.get_zorder()))
    return Stage(scene, figure, canvas, tuple(growing), tuple(moving))


def _axes_zorder(artist: Any) -> float:
    return float(artist.axes.get_zorder())


def default_style() -> AbstractContextManager[None]:
    """Draw with matplotlib's own defaults, whatever the user's settings are, and restore those afterwards."""
    import matplotlib

    keep = {"backend", "backend_fallback", "interactive", "toolbar", "timezone", "webagg.port"}
    settings = {key: value for key, value in matplotlib.rcParamsDefault.items() if key not in keep}
    settings["svg.hashsalt"] = "descent"  # element names that are the same every time
    return rc_context(RcParams(settings))
