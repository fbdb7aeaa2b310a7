"""A compiled scene: the figure with everything on it, and the list of what changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from matplotlib import RcParams, rc_context
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from ...surfaces.errors import NotPossibleError
from ...surfaces.imports import own
from ..style.language import bound, speaking
from ..style.layout import DPI
from .page_canvas import PageCanvas

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from matplotlib.artist import Artist
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from ..scenes.scene import AbstractScene
    from .parts import Growing, Moving


# Fonts with the letters of simplified Chinese, the best first: what systems and packages bring.
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Noto Sans CJK JP",  # one file holds all of these; matplotlib finds its first
    "Arial Unicode MS",
)


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A figure for a scene; it is changed by showing frames, each of which depends on its number only."""

    scene: AbstractScene
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


def compile_scene(scene: AbstractScene) -> Stage:
    """Turn a scene into a figure. Costs a few tenths of a second; frames then cost milliseconds."""
    draw, language = own("viz", scene.drawer), scene.wishes.lang
    with default_style(scene.theme.font + letters_of(language)), speaking(language):
        width, height = scene.size
        # A hair more, because matplotlib before 3.11 cuts 4.81 inches of 100 dots down to 480.
        inches = (width + 1e-9) / DPI, (height + 1e-9) / DPI
        figure = Figure(figsize=inches, dpi=DPI, facecolor=scene.theme.background)
        figure.patch.set_visible(not scene.theme.transparent)
        canvas = PageCanvas(figure)
        growing, moving = draw(figure, scene)
        moving = [replace(thing, update=bound(thing.update)) for thing in moving]
    # matplotlib draws axes by zorder, then age, and their artists by zorder; frames must keep to that order.
    ages = {id(axes): age for age, axes in enumerate(figure.axes)}
    moving.sort(key=lambda thing: _drawing_order(thing.artist, ages))
    return Stage(scene, figure, canvas, tuple(growing), tuple(moving))


def letters_of(language: str) -> tuple[str, ...]:
    """Return a font that has a language's letters, where DejaVu Sans has not got them.

    Raises:
        NotPossibleError: No such font is installed.
    """
    if language != "zh":
        return ()
    installed = set(fontManager.get_font_names())
    found = next((name for name in CHINESE if name in installed), None)
    if found is None:
        raise NotPossibleError(
            "no font with Chinese letters is installed, and none is drawn as boxes; install Noto Sans CJK SC "
            "(on Debian and Ubuntu the package fonts-noto-cjk), or wish for another lang"
        )
    return (found,)


def _drawing_order(artist: Any, ages: dict[int, int]) -> tuple[float, int, float]:
    return artist.axes.get_zorder(), ages[id(artist.axes)], artist.get_zorder()


def default_style(font: tuple[str, ...] = ()) -> AbstractContextManager[None]:
    """Draw with matplotlib's own defaults, whatever the user's settings are, and restore those afterwards.

    Args:
        font: Families to write in, in order of preference; those that are not installed are passed over.
    """
    import matplotlib

    keep = {"backend", "backend_fallback", "interactive", "toolbar", "timezone", "webagg.port"}
    settings = {key: value for key, value in matplotlib.rcParamsDefault.items() if key not in keep}
    settings["svg.hashsalt"] = "descent"  # element names that are the same every time
    if font:
        # cmr10 is for formulas: it lacks a minus, and matplotlib warns of it.
        installed = set(fontManager.get_font_names()) - {"cmr10"}
        ours = [name for name in font if name in installed]
        latin = [name for name in ours if name not in CHINESE]
        settings["font.family"] = [*latin, "DejaVu Sans", *(name for name in ours if name in CHINESE)]
    return rc_context(RcParams(settings))
