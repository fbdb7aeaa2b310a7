"""A field: the heights of a surface sampled on a grid."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DescentError, NotPossibleError, unknown
from .surface import Box, Surface, check_box

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

DTYPES = ("float32", "float64")
CHUNK = 1 << 18  # points at a time: bounds the memory of surfaces with many terms a point


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Raw heights on a grid; heights may be NaN or infinite where the loss is.

    A loss of one parameter has one row, at y = 0.

    Raises:
        DescentError: An array has another shape than stated, or an axis is not finite and increasing.

    >>> Field(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0]), np.zeros((2, 3))).z.shape
    (2, 3)
    """

    x: NDArray[np.float64]  # (W,), increasing
    y: NDArray[np.float64]  # (H,), increasing; (1,) where there is one parameter
    z: NDArray[np.float64]  # (H, W)

    def __post_init__(self) -> None:
        for name in ("x", "y", "z"):
            values = _as_float64(name, getattr(self, name))
            object.__setattr__(self, name, values)
        for name, axis, least in (("x", self.x, 2), ("y", self.y, 1)):
            if axis.ndim != 1 or axis.size < least:
                raise DescentError(f"a field's {name} needs shape (N,) with N >= {least}, not {axis.shape}")
            if not np.isfinite(axis).all() or not (np.diff(axis) > 0).all():
                raise DescentError(f"a field's {name} must be finite and increasing")
        if self.z.shape != (self.y.size, self.x.size):
            raise DescentError(
                f"a field's z needs shape (H, W) = {(self.y.size, self.x.size)}, not {self.z.shape}"
            )


def thinned(field: Field, most: int) -> Field:
    """Return a field of at most so many heights along each side, picked evenly, edges included.

    >>> thinned(Field(np.arange(9.0), np.arange(3.0), np.zeros((3, 9))), 5).z.shape
    (3, 5)
    """
    columns, rows = (
        np.unique(np.round(np.linspace(0, axis.size - 1, min(axis.size, most))).astype(np.int64))
        for axis in (field.x, field.y)
    )
    if (len(rows), len(columns)) == field.z.shape:
        return field
    return Field(field.x[columns], field.y[rows], field.z[np.ix_(rows, columns)])


def _as_float64(name: str, values: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DescentError(f"a field's {name} must be an array of numbers: {error}") from error


def sample(
    surface: Surface,
    view: Box | None = None,
    resolution: tuple[int, int] = (256, 256),
    device: str = "cpu",
    dtype: str = "float64",
) -> Field:
    """Evaluate a surface on a regular grid, edges of the view included.

    Args:
        surface: What to evaluate.
        view: ((x0, x1), (y0, y1)); the surface's own view when None.
        resolution: (W, H), the number of points along x and along y, each at least 2; a surface of one
            parameter has one row, whatever H is.
        device: Where to evaluate, as torch names it.
        dtype: The precision to evaluate in, "float64" or "float32"; the field is float64 either way.

    Raises:
        DescentError: The view, resolution, device or dtype is not usable.

    >>> from descent.surfaces import get, sample
    >>> sample(get("sphere"), ((-1, 1), (-2, 2)), resolution=(3, 5)).z.shape
    (5, 3)
    """
    import torch

    view = surface.view if view is None else view
    check_box(view, "the view")
    width, height = _as_counts(resolution, surface.parameters)
    if dtype not in DTYPES:
        raise unknown("dtype", dtype, DTYPES)
    options: dict[str, Any] = {"dtype": getattr(torch, dtype), "device": _device(device, dtype)}

    x, y = (np.linspace(low, high, count) for (low, high), count in zip(view, (width, height), strict=True))
    if surface.parameters == 1:
        y = np.zeros(1)
    columns = torch.as_tensor(x).to(**options)
    rows = torch.as_tensor(y).to(**options)
    z = np.empty((height, width))
    rows_at_once = max(1, CHUNK // width)
    with torch.no_grad():
        for first in range(0, height, rows_at_once):
            some = slice(first, first + rows_at_once)
            points = torch.stack(torch.meshgrid(columns, rows[some], indexing="xy"), dim=-1)
            z[some] = surface(points[..., : surface.parameters]).to("cpu", torch.float64).numpy()
    return Field(x, y, z)


def _as_counts(resolution: Any, parameters: int = 2) -> tuple[int, int]:
    try:
        width, height = (operator.index(count) for count in resolution)
    except (TypeError, ValueError):
        width = height = 0
    if width < 2 or height < parameters:
        raise DescentError(f"a resolution is two whole numbers (W, H), each at least 2, not {resolution!r}")
    return width, 1 if parameters == 1 else height


def _device(name: str, dtype: str) -> torch.device:
    import torch

    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DescentError(f"unknown device {name!r}: {_reason(error)}") from error
    try:
        torch.empty(0, device=device, dtype=getattr(torch, dtype))
    except (RuntimeError, AssertionError, TypeError) as error:
        raise NotPossibleError(f"device {name!r} is not usable in {dtype}: {_reason(error)}") from error
    return device


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].partition(". ")[0]
