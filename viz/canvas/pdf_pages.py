"""Several frames as the pages of one PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_pdf import PdfPages

from .stage import default_style

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .stage import Stage


def write_pages(stage: Stage, frames: Sequence[int], path: Path, notes: dict[str, Any]) -> None:
    """Write frames as the pages of a PDF, in this order.

    Args:
        stage: The compiled scene.
        frames: Their numbers.
        path: The file.
        notes: The document's information, as matplotlib takes it.
    """
    stage.set_changing_visible(True)
    theme = stage.scene.theme
    with default_style(theme.font), PdfPages(path, metadata=notes) as pages:
        for frame in frames:
            stage.show(frame)
            pages.savefig(stage.figure, facecolor=theme.background)
