"""A zip of plain NumPy arrays, the same arrays as the same bytes."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold; the clock must not show in the bytes


def write_arrays(path: Path, members: Iterable[tuple[str, NDArray[Any]]]) -> None:
    """Write arrays under their names to one file, the same arrays as the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in members:
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _TIME)
            entry.create_system = 3  # the same on every platform
            archive.writestr(entry, buffer.getvalue())
