"""Text that changes from frame to frame, composed from glyphs that are drawn once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.text import Text

from .draw_recorder import Plate, Recorder

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase
    from matplotlib.font_manager import FontProperties
    from numpy.typing import NDArray


class Readout(Text):
    """A line of text that is cheap to change.

    Laying out a line anew takes matplotlib over a millisecond, many times what the rest of a frame needs.
    On pixel pages a readout places glyphs that were drawn once, each as wide as a whole number of pixels;
    on vector pages it is ordinary text.
    """

    # What was computed last is kept: a line is composed anew for a new text, and placed anew on a new page.
    _placed: tuple[RendererBase | None, float, float] = (None, 0.0, 0.0)
    _composed: tuple[tuple[str, float], NDArray[np.uint8], int] = ("", 0.0), np.empty((0, 0, 4), np.uint8), 0

    def move_to(self, x: float, y: float) -> None:
        """Let the text stand at another place, in the coordinates that it was made with."""
        self.set_position((x, y))
        self._placed = None, 0.0, 0.0

    def draw(self, renderer: RendererBase) -> None:
        """Draw the text where it stands."""
        if not isinstance(renderer, RendererAgg | Recorder):
            super().draw(renderer)
            return
        text = self.get_text()
        if not self.get_visible() or not text:
            return
        if isinstance(renderer, Recorder):
            self._note(renderer, text)
            return
        rgba, ascent = self._line(text, renderer.dpi)
        height, width, _ = rgba.shape
        gc = renderer.new_gc()
        renderer.draw_image(gc, *self._corner(renderer, width, height, ascent), rgba[::-1])
        gc.restore()
        self.stale = False

    def bounds(self, renderer: RendererAgg) -> tuple[float, float, float, float] | None:
        """Return the ends of what is drawn on a page of pixels: left, lower, right, upper."""
        if not (text := self.get_text()):
            return None
        rgba, ascent = self._line(text, renderer.dpi)
        height, width, _ = rgba.shape
        x, y = self._corner(renderer, width, height, ascent)
        return x, y, x + width, y + height

    def _line(self, text: str, dpi: float) -> tuple[NDArray[np.uint8], int]:
        """Return a line's RGBA pixels (height, width, 4), and the baseline's row."""
        if self._composed[0] != (text, dpi):
            self._composed = (text, dpi), *self._compose(text, dpi)
        return self._composed[1:]

    def _corner(self, renderer: RendererBase, width: int, height: int, ascent: int) -> tuple[int, int]:
        """Return the lower left corner of the line on the page, all in pixels."""
        if self._placed[0] is not renderer:
            x, y = self.get_transform().transform(self.get_unitless_position())
            self._placed = renderer, float(x), float(y)
        _, x, y = self._placed
        x -= {"left": 0.0, "center": width / 2, "right": width}[self.get_horizontalalignment()]
        drop = {"baseline": height - ascent, "bottom": 0.0, "center": height / 2, "top": height}
        y -= drop[self.get_verticalalignment()]
        return round(x), round(y)

    def _note(self, recorder: Recorder, text: str) -> None:
        """Tell a recorder what stands where, with the same whole pixels from letter to letter."""
        font, patch = self.get_fontproperties(), self.get_bbox_patch()
        glyphs = _glyphs(font, recorder.dpi)
        advances = [glyphs[character].shape[1] for character in text]
        width, height = sum(advances), glyphs.height
        x, y = self._corner(recorder, width, height, glyphs.ascent)
        plate = None if patch is None else Plate(x, y, width, height, patch.get_facecolor())
        recorder.write(text, (x, y + height - glyphs.ascent), advances, font, self.get_color(), plate)

    def _compose(self, text: str, dpi: float) -> tuple[NDArray[np.uint8], int]:
        """Put a line together from its glyphs: RGBA (height, width, 4), and the baseline's row."""
        glyphs = _glyphs(self.get_fontproperties(), dpi)
        image = np.concatenate([glyphs[character] for character in text], axis=1)
        rgba = np.empty((*image.shape, 4), np.uint8)
        ink = np.array(to_rgb(self.get_color())) * 255
        plate = self.get_bbox_patch()
        if plate is None:
            rgba[..., :3] = np.round(ink)
            rgba[..., 3] = image
        else:  # a plate behind the text, so that it can be read on lines and contours
            paper = np.array(to_rgba(plate.get_facecolor())) * 255
            cover = image[..., None] / 255
            rgba[..., :3] = np.round(ink * cover + paper[:3] * (1 - cover))
            rgba[..., 3] = np.maximum(image, round(paper[3]))
        return rgba, glyphs.ascent


class _Glyphs(dict[str, "NDArray[np.uint8]"]):
    """The glyphs of one font: coverage (height, advance), each drawn when it is first asked for."""

    def __init__(self, font: FontProperties, dpi: float) -> None:
        super().__init__()
        size = int(np.ceil(font.get_size_in_points() * dpi / 72))
        self.height, self.ascent = round(1.5 * size), round(1.1 * size)
        self._font, self._dpi = font, dpi

    def __missing__(self, character: str) -> NDArray[np.uint8]:
        probe = RendererAgg(1, 1, self._dpi)
        edges, both = (
            probe.get_text_width_height_descent(text, self._font, False)[0]
            for text in ("00", f"0{character}0")
        )
        page: Any = RendererAgg(max(1, round(both - edges)), self.height, self._dpi)
        gc = page.new_gc()
        gc.set_foreground("black")
        page.draw_text(gc, 0, self.ascent, character, self._font, 0)
        gc.restore()
        self[character] = np.asarray(page.buffer_rgba())[..., 3].copy()
        return self[character]


@lru_cache(maxsize=64)
def _glyphs(font: FontProperties, dpi: float) -> _Glyphs:
    return _Glyphs(font, dpi)
