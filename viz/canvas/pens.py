"""Artists with little overhead: lines, shapes and marks, each path drawn straight by the renderer.

A matplotlib collection spends more time on getting ready than a frame needs for a handful of paths. All
work with every backend.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import to_rgba
from matplotlib.markers import MarkerStyle
from matplotlib.transforms import Affine2D, IdentityTransform

from ..style.layout import DPI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.backend_bases import GraphicsContextBase, RendererBase
    from matplotlib.path import Path
    from numpy.typing import NDArray

    from ..style.layout import Rect

    Extent = tuple[float, float, float, float]  # left, lower, right and upper end, in page coordinates

_SPIKE = 2.0  # how far the tip of two edges may reach beyond where they meet, in their widths


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line to draw: its path in data coordinates and its looks."""

    path: Path
    colour: str
    width: float  # in points
    dash: tuple[float, ...] = ()  # lengths on and off, in line widths; empty for a solid line
    offset: float = 0.0  # where in the dash pattern the line begins, in points
    run: int | None = None  # the number of the run that it belongs to
    fill: str | None = None  # of an area, where it is one: hex, with transparency


@cache
def _outline(shape: str) -> Path:
    """Return a matplotlib marker's shape, one unit wide; kept, for markers are made in every frame."""
    style = MarkerStyle(shape)
    return style.get_path().transformed(style.get_transform())


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker to draw: its shape and looks."""

    shape: str  # a matplotlib marker
    size: float  # in points
    fill: str | None  # hex, or None for a hollow marker
    edge: str  # hex
    edge_width: float  # in points
    run: int | None = None  # the number of the run that it belongs to
    path: Path = field(init=False)  # the shape, one unit wide

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", _outline(self.shape))


@dataclass(frozen=True, slots=True)
class Shape:
    """An area to fill: its path in data coordinates and its looks."""

    path: Path
    fill: str | None  # hex, or None for a hollow shape
    edge: str  # hex
    run: int | None = None  # the number of the run that it belongs to


class Hotspot(Artist):
    """A place on the page that stands for a run, and that a page with a player makes a button of."""

    def __init__(self, run: int, place: Rect, label: str) -> None:
        super().__init__()
        self.run, self.place, self.name = run, place, label

    def draw(self, renderer: Any) -> None:
        """Draw nothing."""


def tag(artist: Artist, *runs: int | None) -> None:
    """Say which run an artist belongs to, or each path of a collection in turn."""
    artist.descent_runs = runs  # type: ignore[attr-defined]


def runs_of(artist: Artist) -> tuple[int | None, ...]:
    """Return what `tag` said; empty where it said nothing."""
    return getattr(artist, "descent_runs", ())


class _Pen(Artist):
    _page: tuple[RendererBase | None, Any] = (None, None)

    def __init__(self, axes: Axes, zorder: float, *, clip: bool = True) -> None:
        super().__init__()
        self.set_zorder(zorder)
        axes.add_artist(self)
        self.set_clip_on(clip)

    def _data_to_page(self, renderer: RendererBase) -> Any:
        """Return the axes' transform, worked out once a page: the limits of a compiled scene never change."""
        if self._page[0] is not renderer:
            self._page = renderer, self.get_transform().frozen()
        return self._page[1]

    def _context(self, renderer: RendererBase) -> GraphicsContextBase:
        gc = renderer.new_gc()
        self._set_gc_clip(gc)  # type: ignore[attr-defined]
        gc.set_capstyle("round")
        gc.set_joinstyle("round")
        gc.set_snap(False)
        return gc


def _around(places: Any, apart: float) -> Extent | None:
    """Return the left, lower, right and upper end of places (n, 2), and so much around them."""
    if not len(places):
        return None
    (x0, y0), (x1, y1) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return x0 - apart, y0 - apart, x1 + apart, y1 + apart


class Lines(_Pen):
    """Strokes in data coordinates, drawn in their order."""

    strokes: Sequence[Stroke] = ()

    def bounds(self, renderer: Any) -> Extent | None:
        """Return the ends of what is drawn in page coordinates: left, lower, right, upper."""
        if not self.strokes:
            return None
        vertices = np.concatenate([stroke.path.vertices for stroke in self.strokes])
        wide = renderer.points_to_pixels(_wide(max(stroke.width for stroke in self.strokes)))
        return _around(self._data_to_page(renderer).transform(vertices), wide)

    def draw(self, renderer: Any) -> None:
        """Draw all strokes."""
        if not self.get_visible() or not self.strokes:
            return
        gc = self._context(renderer)
        transform = self._data_to_page(renderer)
        run = None
        for stroke in self.strokes:
            if not np.size(stroke.path.vertices):
                continue
            if stroke.run != run:
                _turn_to(renderer, run, stroke.run)
                run = stroke.run
            width = _wide(stroke.width)
            gc.set_linewidth(width)
            gc.set_foreground(to_rgba(stroke.colour), isRGBA=True)
            if stroke.dash:
                gc.set_dashes(_wide(stroke.offset), [width * part for part in stroke.dash])
            else:
                gc.set_dashes(0, None)
            fill = None if stroke.fill is None else to_rgba(stroke.fill)
            renderer.draw_path(gc, stroke.path, transform, fill)
        _turn_to(renderer, run, None)
        gc.restore()
        self.stale = False


class Tails(_Pen):
    """Lines in data coordinates, each with a colour and a width that stay while their paths change."""

    paths: Sequence[Path] = ()
    colours: NDArray[np.float64] = np.empty((0, 4))  # (n, 4), of at least as many as there are paths
    widths: Sequence[float] = ()  # in points

    def bounds(self, renderer: Any) -> Extent | None:
        """Return the ends of what is drawn in page coordinates: left, lower, right, upper."""
        vertices = np.concatenate([np.empty((0, 2)), *(path.vertices for path in self.paths)])
        wide = renderer.points_to_pixels(max(self.widths))
        return _around(self._data_to_page(renderer).transform(vertices), wide) if len(vertices) else None

    def draw(self, renderer: Any) -> None:
        """Draw all lines in one go, which for so many is twice as fast as one by one."""
        if not self.get_visible() or not self.paths:
            return
        gc = self._context(renderer)
        moved = np.empty((0, 3, 3)), np.zeros((1, 2)), IdentityTransform()  # none is
        looks = np.empty((0, 4)), self.colours, list(self.widths), [(0, None)], [True], [None], "screen"
        renderer.draw_path_collection(gc, self._data_to_page(renderer), list(self.paths), *moved, *looks)
        gc.restore()
        self.stale = False


class Shapes(_Pen):
    """Filled areas in data coordinates, drawn in their order."""

    shapes: Sequence[Shape] = ()
    edge_width = 0.7  # in points

    def bounds(self, renderer: Any) -> Extent | None:
        """Return the ends of what is drawn in page coordinates: left, lower, right, upper."""
        if not self.shapes:
            return None
        vertices = np.concatenate([shape.path.vertices for shape in self.shapes])
        spike = _SPIKE * renderer.points_to_pixels(_wide(self.edge_width))
        return _around(self._data_to_page(renderer).transform(vertices), spike)

    def draw(self, renderer: Any) -> None:
        """Draw all shapes."""
        if not self.get_visible() or not self.shapes:
            return
        gc: Any = self._context(renderer)
        gc.set_joinstyle("miter")
        gc.set_linewidth(_wide(self.edge_width))
        transform = self._data_to_page(renderer)
        run = None
        for shape in self.shapes:
            if not np.size(shape.path.vertices):
                continue
            if shape.run != run:
                _turn_to(renderer, run, shape.run)
                run = shape.run
            gc.set_foreground(to_rgba(shape.edge), isRGBA=True)
            fill = None if shape.fill is None else to_rgba(shape.fill)
            renderer.draw_path(gc, shape.path, transform, fill)
        _turn_to(renderer, run, None)
        gc.restore()
        self.stale = False


class Marks(_Pen):
    """Markers at places in data coordinates; a marker whose place is NaN is not drawn."""

    def __init__(self, axes: Axes, zorder: float, marks: Sequence[Mark], *, clip: bool = True) -> None:
        super().__init__(axes, zorder, clip=clip)
        self.marks = tuple(marks)
        self.places: NDArray[np.float64] = np.full((len(self.marks), 2), np.nan)

    def bounds(self, renderer: Any) -> Extent | None:
        """Return the ends of what is drawn in page coordinates: left, lower, right, upper."""
        there = self.places[~np.isnan(self.places).any(axis=1)]
        if not len(there):
            return None
        reach = max(mark.size + _SPIKE * _wide(mark.edge_width) for mark in self.marks)
        return _around(self._data_to_page(renderer).transform(there), renderer.points_to_pixels(reach))

    def draw(self, renderer: Any) -> None:
        """Draw all markers."""
        if not self.get_visible():
            return
        gc: Any = self._context(renderer)
        gc.set_joinstyle("miter")
        places = self._data_to_page(renderer).transform(self.places)
        matrix, run = np.eye(3), None
        for mark, (x, y) in zip(self.marks, places.tolist(), strict=True):
            if x != x or y != y:
                continue
            size = renderer.points_to_pixels(mark.size)
            gc.set_linewidth(_wide(mark.edge_width))
            gc.set_foreground(to_rgba(mark.edge), isRGBA=True)
            fill = None if mark.fill is None else to_rgba(mark.fill)
            if mark.run != run:
                _turn_to(renderer, run, mark.run)
                run = mark.run
            matrix[0], matrix[1] = (size, 0.0, x), (0.0, size, y)
            renderer.draw_path(gc, mark.path, Affine2D(matrix), fill)
        _turn_to(renderer, run, None)
        gc.restore()
        self.stale = False


def _wide(length: float) -> float:
    """Return a line's width or dash as renderers are told it: wider than its points by the page's dots.

    The same factor for every renderer keeps lines in proportion at other resolutions and on vector pages.
    """
    return length * DPI / 72


def _turn_to(renderer: RendererBase, old: int | None, new: int | None) -> None:
    """End the group of one run and begin that of another, where there is one."""
    if old is not None:
        renderer.close_group(f"run-{old}")
    if new is not None:
        renderer.open_group(f"run-{new}")
