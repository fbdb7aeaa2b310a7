"""The canvas of pixel pages: how wide words are is measured once for all pictures of a process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

from ..style.layout import DPI

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties


class PageCanvas(FigureCanvasAgg):
    """A canvas as matplotlib's own, but for what it remembers of texts."""

    _made: tuple[float, ...] = ()  # for which size the renderer is

    def get_renderer(self) -> Any:
        """Return the renderer of the page as large as it is now."""
        size = (*self.figure.bbox.size, self.figure.dpi)
        if self._made != size:
            self.renderer, self._made = _PageRenderer(*size), size
        return self.renderer


class _PageRenderer(RendererAgg):
    """A renderer that has measured and parsed what others of its kind have.

    Laying words out is a quarter of what compiling a scene costs, and names, numbers and labels are the same
    in most pictures of a process. matplotlib remembers them too, but for each page anew.
    """

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call]
        self.mathtext_parser = _parser()

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> Any:
        """Return the extent of a text in pixels."""
        return _extent(s, prop.copy(), ismath, self.dpi)  # a key must not change


@lru_cache(maxsize=4096)
def _extent(words: str, font: FontProperties, ismath: Any, dpi: float) -> tuple[float, float, float]:
    extent: tuple[float, float, float] = _probe(dpi).get_text_width_height_descent(words, font, ismath)
    return extent


@lru_cache(maxsize=4)
def _probe(dpi: float) -> RendererAgg:
    probe = RendererAgg(1, 1, dpi)
    probe.mathtext_parser = _parser()
    return probe


@lru_cache(maxsize=1)
def _parser() -> Any:
    """Return a parser of formulas of the kind that this matplotlib draws with; it knows the last fifty."""
    return RendererAgg(1, 1, DPI).mathtext_parser
