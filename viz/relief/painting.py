"""A relief as pixels: coloured by height, lit softly from the upper left, walled where it ends."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..style.colour_space import luminance
from .solid import TALL, normals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..style.themes import Theme
    from .camera import Camera
    from .solid import Relief, Single
    from .visibility import Horizon

_LIGHT = (-0.55, 0.25, 0.80)  # right, towards the camera, up: the light comes from there, wherever that is
_DEEPEST, _BRIGHTEST = 0.62, 0.45  # how much of the darker and the brighter colour light and shadow take on
_HEIGHTS, _SHADES = 512, 64  # rows and columns of the table of colours
_WALL = 0.6  # walls are of one colour, that of this share of the height


@lru_cache(maxsize=16)
def colour_table(theme: Theme) -> NDArray[np.uint8]:
    """Return the colour of each height and shade, (heights, shades, 3); shadow comes first."""
    stops = np.array([_rgb(colour) for colour in theme.heights])
    places = np.linspace(0, len(stops) - 1, _HEIGHTS)
    plain = np.stack([np.interp(places, np.arange(len(stops)), part) for part in stops.T], axis=-1)[:, None]
    dark, bright = sorted((theme.contour, theme.background), key=luminance)
    shade = np.linspace(-1, 1, _SHADES)[:, None]
    darker = plain + _DEEPEST * np.maximum(-shade, 0) * (_rgb(dark) - plain)
    table = darker + _BRIGHTEST * np.maximum(shade, 0) * (_rgb(bright) - darker)
    colours: NDArray[np.uint8] = np.round(table).astype(np.uint8)
    return colours


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64)


def lit(vectors: Single, camera: Camera) -> Single:
    """Return how much more light than level ground a slope gets, -1 to 1.

    Args:
        vectors: Unit normals, (..., 3).
        camera: The light comes from its upper left.
    """
    (right_x, right_y), (towards_x, towards_y) = camera.right, camera.towards
    across, back, up = np.array(_LIGHT) / np.linalg.norm(_LIGHT)
    light = np.array(
        [across * right_x + back * towards_x, across * right_y + back * towards_y, up], dtype=np.float32
    )
    more = np.nan_to_num(vectors @ light - light[2])
    # Slopes that face the light gain little, for level ground is light already: both ranges are made full.
    full: Single = np.clip(np.where(more > 0, more / (1 - light[2]), more), -1, 1).astype(np.float32)
    return full


class Painter:
    """Paints one relief from any side."""

    def __init__(self, relief: Relief, theme: Theme) -> None:
        self._relief, self._normals = relief, normals(relief)
        # Colours are looked up as one number each.
        table = colour_table(theme).reshape(-1, 3)
        self._table = np.concatenate([table, np.full((len(table), 1), 255, np.uint8)], axis=1).view(np.uint32)
        page = np.array([*_rgb(theme.background), 0 if theme.transparent else 255], np.uint8)
        self._page = page.view(np.uint32)[0]

    def paint(self, horizon: Horizon, size: tuple[float, float]) -> NDArray[np.uint8]:
        """Paint what a horizon says is seen, on the page's colour.

        Args:
            horizon: The relief from one side.
            size: Width and height of the page in pixels.

        Returns:
            Shape (rows, columns, 4), the lowest row first, with as many columns a pixel as the horizon has.
        """
        density = horizon.density
        rows, columns = round(size[1] * density), horizon.near.size
        canvas = np.full((rows, round(size[0] * density)), self._page, np.uint32)
        place = _first_at_least(horizon.highest * np.float32(density), rows)
        last = len(horizon.page) - 1
        inside = (place > 0) & (place <= last)
        spot = np.flatnonzero(inside)
        row, column = np.divmod(spot, columns)
        behind = place.ravel()[spot] * columns + column
        front = behind - columns
        page = horizon.page.ravel()
        lower = page.take(front)
        share = ((row + 0.5).astype(np.float32) / density - lower) / (page.take(behind) - lower)
        z, shade = self._along(horizon)
        colour = _between(z, front, behind, share) * np.float32((_HEIGHTS - 1) / TALL)
        light = _between(shade, front, behind, share)
        wall = _gaps(horizon).ravel()
        # From a gap up to the relief there is a wall, as shady as the side of the block that it is on.
        faces = np.flatnonzero(wall.take(front))
        colour[faces] = np.float32(_WALL * (_HEIGHTS - 1))
        light[faces] = self._walls(horizon).take(column[faces])
        number = (colour + np.float32(0.5)).astype(np.int32) * _SHADES
        number += ((light + 1) * np.float32((_SHADES - 1) / 2) + np.float32(0.5)).astype(np.int32)
        seen = self._table.ravel().take(number)
        seen[wall.take(behind)] = self._page  # the floor of a gap
        filled = np.full(rows * columns, self._page, np.uint32)
        filled[spot] = seen
        canvas[:, horizon.first : horizon.first + columns] = filled.reshape(rows, columns)
        return canvas.view(np.uint8).reshape(*canvas.shape, 4)

    def _along(self, horizon: Horizon) -> tuple[Single, Single]:
        """Return height and shade of each place of a horizon; both flat, 0 where the relief has no height."""
        shade = self._relief.at(horizon.x, horizon.y, lit(self._normals, horizon.camera))
        nothing = np.zeros_like(horizon.near)[None]
        z = np.concatenate([nothing, np.nan_to_num(horizon.z)])
        return z.ravel(), np.concatenate([nothing, shade]).astype(np.float32).ravel()

    def _walls(self, horizon: Horizon) -> Single:
        """Return the shade of the wall at the front of each column, (C,)."""
        x, y = horizon.x[0], horizon.y[0]
        half = self._relief.half
        on_x = np.abs(np.abs(x) / half[0] - 1) < np.abs(np.abs(y) / half[1] - 1)
        zero = np.zeros_like(x)
        sides = np.stack([np.where(on_x, np.sign(x), zero), np.where(on_x, zero, np.sign(y)), zero], axis=-1)
        shade: Single = np.clip(0.5 * lit(sides.astype(np.float32), horizon.camera) - 0.45, -1, 1)
        return shade


def _gaps(horizon: Horizon) -> NDArray[np.bool_]:
    """Say for each place of a horizon whether the relief has no height there, (S + 1, C)."""
    return np.concatenate([np.ones((1, horizon.near.size), bool), np.isnan(horizon.z)])


def _first_at_least(highest: Single, rows: int) -> NDArray[np.int64]:
    """Return for the middle of each pixel the first place of its column that is as high, (rows, C).

    Args:
        highest: Shape (S + 1, C), in pixels, increasing along each column.
        rows: How many pixels a column has.
    """
    columns = highest.shape[1]
    # A place is too low for all rows above it: count for each row the places that are.
    above = np.clip(np.ceil(highest - np.float32(0.5)), 0, rows).astype(np.int32)
    counts = np.bincount(
        (above * columns + np.arange(columns, dtype=np.int32)).ravel(), minlength=(rows + 1) * columns
    )
    return np.cumsum(counts.reshape(rows + 1, columns)[:rows], axis=0)


def _between(values: Single, front: NDArray[np.int64], behind: NDArray[np.int64], share: Single) -> Single:
    """Interpolate flat values between two places each."""
    near = values.take(front)
    found: Single = near + share * (values.take(behind) - near)
    return found
