"""A renderer that draws nothing and notes down what it is asked to draw: outlines, looks and texts.

Whatever comes again is noted once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_hex
from matplotlib.image import AxesImage
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from ...surfaces.errors import NotPossibleError
from ..style.layout import DPI
from .outlines import UNITS, outline
from .pens import runs_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.font_manager import FontProperties
    from numpy.typing import NDArray

    Op = tuple[int, int]  # the numbers of a look and of a thing

_RUN = re.compile(r"run-(\d+)")
_CAPS = {"butt": "butt", "round": "round", "projecting": "square"}  # as a canvas calls them
_EM = (
    10  # glyph outlines are noted in so many units for each of the 100 that matplotlib divides a letter into
)


@dataclass(frozen=True, slots=True)
class Plate:
    """A rectangle behind a text, in pixels."""

    x: float
    y: float
    width: float
    height: float
    colour: Any


class Table(dict["Hashable", int]):
    """Numbers for values, in the order in which they are first met."""

    def number(self, value: Hashable) -> int:
        """Return the number of a value."""
        return self.setdefault(value, len(self))


class Recorder(RendererBase):
    """A renderer that notes what it is asked to draw, in units of a page that begins at the top left."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._size, self.dpi = (width, height), DPI
        self._ruler = RendererAgg(1, 1, DPI)  # texts are as wide as on pixel pages
        self.looks, self.clips, self.shapes, self.things = Table(), Table(), Table(), Table()
        self.faces: dict[Hashable, dict[str, str]] = {}  # glyph outlines by face and character
        self.fonts: dict[Hashable, tuple[float, int, dict[str, int]]] = {}  # size, face, advances in pixels
        self.films: dict[int, list[NDArray[np.uint8]]] = {}  # by artist its pictures, RGBA, top row first
        self._placed: dict[tuple[int, bytes, bool], tuple[Path, int | None]] = {}
        self._ops: list[Op] = []
        self._groups: list[int | None] = []  # the run of each open group
        self._runs: Sequence[int | None] = ()  # of a collection's paths, in turn
        self._nth = 0

    def note(self, artist: Artist) -> list[Op]:
        """Return what an artist draws.

        Raises:
            NotPossibleError: It draws something that cannot be noted.
        """
        self._ops, self._groups, self._runs, self._nth = [], [], runs_of(artist), 0
        if isinstance(artist, AxesImage) and artist.get_visible() and _is_plain(artist):
            self._note_image(artist)
        else:
            artist.draw(self)
        return self._ops

    # --- what matplotlib asks for

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the page's size in pixels."""
        return self._size

    def points_to_pixels(self, points: Any) -> Any:
        """Convert points to pixels."""
        return points * DPI / 72

    def flipy(self) -> bool:
        """Say that y grows upwards in what the artists draw."""
        return False

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> Any:
        """Return the extent of a text in pixels."""
        return self._ruler.get_text_width_height_descent(s, prop, ismath)

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Begin a group; one called "run-0" holds what belongs to the first run."""
        match = _RUN.fullmatch(s)
        self._groups.append(int(match[1]) if match else None)

    def close_group(self, s: str) -> None:
        """End a group."""
        self._groups.pop()

    def draw_path(self, gc: Any, path: Path, transform: Any, rgbFace: Any = None) -> None:
        """Note a path with its looks."""
        run = self._run()
        if gc.get_hatch() is not None or gc.get_sketch_params() is not None:
            raise _cannot("hatched or sketched paths")
        fill = None if rgbFace is None else _colour(rgbFace, gc)
        width = gc.get_linewidth() * DPI / 72  # as Agg reads it
        stroke = _colour(gc.get_rgb(), gc) if width > 0 else None
        place = self._place(path, transform, hollow=fill is None) if fill or stroke else None
        if place is None:
            return
        looks: list[Any] = [run, self._clip(gc), fill]
        if stroke:
            offset, dashes = gc.get_dashes()
            pattern = tuple(round(float(part) * DPI / 72 * UNITS) for part in dashes or ())
            start = round(float(offset or 0) * DPI / 72 * UNITS) % (sum(pattern) or 1) if pattern else 0
            looks += [stroke, round(width * UNITS), _CAPS[gc.get_capstyle()], gc.get_joinstyle()]
            looks += [pattern, start] if pattern else []
        self._ops.append((self.looks.number(tuple(looks)), place))

    def draw_path_collection(self, gc: GraphicsContextBase, *args: Any, **kwargs: Any) -> None:
        """Note each path of a collection."""
        self._nth = 0
        super().draw_path_collection(gc, *args, **kwargs)

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        """Note pixels that are as large as the page's."""
        if transform is not None:
            raise _cannot("transformed pictures")
        height, width = im.shape[:2]
        self._note_picture(gc, id(gc), np.asarray(im)[::-1], (x, y, x + width, y + height), smooth=False)

    def draw_tex(self, *args: Any, **kwargs: Any) -> None:
        """Refuse TeX."""
        raise _cannot("text set by TeX")

    def draw_gouraud_triangles(self, *args: Any, **kwargs: Any) -> None:
        """Refuse shaded triangles."""
        raise _cannot("shaded triangles")

    def start_filter(self) -> None:
        """Refuse filters."""
        raise _cannot("filtered artists")

    # --- what this program's own artists ask for

    def write(
        self,
        words: str,
        place: tuple[float, float],
        advances: Sequence[int],
        font: FontProperties,
        colour: Any,
        plate: Plate | None,
    ) -> None:
        """Note a line of text whose glyphs are a whole number of pixels wide.

        Args:
            words: The line.
            place: Its left end on the base line, in pixels.
            advances: The width of each glyph in pixels.
            font: What it is written in.
            colour: Any that matplotlib knows.
            plate: What is behind it.
        """
        run = self._run()
        if plate is not None:
            corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]) * (plate.width, plate.height)
            corners += (plate.x, plate.y)
            spot = self._outline(Path(corners, closed=True), hollow=False)
            look = run, None, to_hex(plate.colour, keep_alpha=True)
            self._ops.append((self.looks.number(look), self.things.number(spot)))
        key = tuple(font.get_family()), font.get_style(), font.get_weight(), font.get_stretch()
        face = self.faces.setdefault(key, {})
        size = float(self.points_to_pixels(font.get_size_in_points()))
        number = list(self.faces).index(key)
        _, _, widths = self.fonts.setdefault((number, size), (size, number, {}))
        for character, advance in zip(words, advances, strict=True):
            widths[character] = advance
            face.setdefault(character, _glyph(font, character))
        line = (*self._units(*place), list(self.fonts).index((number, size)), words)
        self._ops.append((self.looks.number((run, None, to_hex(colour))), self.things.number(line)))

    def _run(self) -> int | None:
        """Return the run that what is drawn now belongs to."""
        self._nth += 1
        if self._runs:
            return self._runs[(self._nth - 1) % len(self._runs)]
        return next((run for run in reversed(self._groups) if run is not None), None)

    def _units(self, x: float, y: float) -> tuple[int, int]:
        return round(x * UNITS), round((self._size[1] - y) * UNITS)

    def _clip(self, gc: Any) -> int | None:
        path, _ = gc.get_clip_path()
        if path is not None:
            raise _cannot("artists clipped to a path")
        box = gc.get_clip_rectangle()
        if box is None:
            return None
        (left, top), (right, bottom) = self._units(box.x0, box.y1), self._units(box.x1, box.y0)
        return self.clips.number((left, top, right - left, bottom - top))

    def _place(self, path: Path, transform: Any, *, hollow: bool) -> int | None:
        """Return the number of a path at its place; None where nothing is to be seen of it."""
        affine = transform.get_affine()
        key = id(path), affine.get_matrix().tobytes(), hollow
        if key not in self._placed:  # the path is kept, so that no other is ever given its id
            spot = self._outline(transform.transform_path_non_affine(path), affine, hollow=hollow)
            self._placed[key] = path, None if spot is None else self.things.number(spot)
        return self._placed[key][1]

    def _outline(self, path: Path, transform: Any = None, *, hollow: bool) -> tuple[int, int, int] | None:
        found = outline(path, transform, self._size[1], hollow=hollow)
        return None if found is None else (self.shapes.number(found[2]), *found[:2])

    def _note_image(self, artist: AxesImage) -> None:
        x0, x1, y0, y1 = artist.get_extent()
        (left, right), (low, high) = artist.axes.transData.transform([(x0, y0), (x1, y1)]).T
        values: Any = artist.get_array()
        pixels = artist.to_rgba(values, bytes=True)[::-1]
        gc = self.new_gc()
        artist._set_gc_clip(gc)  # type: ignore[attr-defined]
        smooth = artist.get_interpolation() == "bilinear"
        self._note_picture(gc, id(artist), pixels, (left, low, right, high), smooth=smooth)

    def _note_picture(
        self,
        gc: Any,
        artist: int,
        pixels: NDArray[np.uint8],
        box: tuple[float, float, float, float],
        *,
        smooth: bool,
    ) -> None:
        film = self.films.setdefault(artist, [])
        if not film or not np.array_equal(film[-1], pixels):
            film.append(pixels.copy())
        (left, top), (right, bottom) = self._units(box[0], box[3]), self._units(box[2], box[1])
        number = list(self.films).index(artist)
        spot = (left, top, right - left, bottom - top, number, len(film) - 1, int(smooth))
        self._ops.append((self.looks.number((self._run(), self._clip(gc))), self.things.number(spot)))


def _is_plain(image: AxesImage) -> bool:
    """Say whether an image is so simple that a browser draws it from its own pixels as matplotlib does."""
    x0, x1, y0, y1 = image.get_extent()
    plain = image.origin == "lower" and image.get_interpolation() in ("nearest", "none", "bilinear")
    return plain and x0 < x1 and y0 < y1 and image.get_alpha() is None


def _cannot(what: str) -> NotPossibleError:
    return NotPossibleError(
        f"a page with a player cannot show {what}; save the picture as .gif, .webp or .mp4"
    )


def _colour(colour: Any, gc: Any) -> str | None:
    """Return a colour as hex; None where it is wholly transparent."""
    alpha = gc.get_alpha() if len(colour) == 3 or gc.get_forced_alpha() else colour[3]
    if alpha <= 0:
        return None
    return to_hex((*colour[:3], alpha), keep_alpha=alpha < 1)


@lru_cache(maxsize=1024)
def _glyph(font: FontProperties, character: str) -> str:
    places, codes = text_to_path.get_text_path(font, character)
    path = Path(np.array(places).reshape(-1, 2), codes)
    found = None if not len(places) else outline(path, None, 0, hollow=False, units=_EM, still=True)
    return "" if found is None else found[2]
