"""The film of four paths that one would draw by hand: contour, lines, heads, legend, PillowWriter.

It is the other side of ``animation.py`` and deliberately plain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def beale(x, y):  # type: ignore[no-untyped-def]
    """Evaluate the loss."""
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def save(paths: dict[str, NDArray[np.float64]], frames: int, target: Path) -> None:
    """Draw and save: a frame a step, 960 x 600 pixels."""
    x, y = np.meshgrid(np.linspace(-4.5, 4.5, 256), np.linspace(-4.5, 4.5, 256))
    figure, axes = plt.subplots(figsize=(9.6, 6.0), dpi=100)
    axes.contourf(x, y, np.log10(beale(x, y) + 1e-3), levels=22)
    lines, heads = [], []
    for name, path in paths.items():
        (line,) = axes.plot([], [], label=name)
        (head,) = axes.plot([], [], "o", color=line.get_color())
        lines.append((line, path))
        heads.append((head, path))
    axes.legend()

    def update(frame: int) -> list[plt.Line2D]:
        for line, path in lines:
            line.set_data(path[: frame + 1].T)
        for head, path in heads:
            head.set_data(path[frame : frame + 1].T)
        return [artist for artist, _ in [*lines, *heads]]

    film = FuncAnimation(figure, update, frames=frames, blit=True)
    film.save(target, writer=PillowWriter(fps=25))
    plt.close(figure)
