"""What a user can wish for a picture: every wish, its default and its check, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..surfaces.messages import DescentError
from .heights import check_scale
from .layout import parse_size
from .panels import parse_panels
from .themes import Theme
from .themes import get as get_theme
from .timing import plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The wishes of `descent.animate`, where each is explained."""

    theme: str | Theme = "light"
    size: str | tuple[int, int] = "medium"
    fps: float | None = None
    seconds: float | None = None
    hold: float = 1.5
    loop: bool = True
    heights: str = "auto"
    multiples: bool = False
    panels: str | Sequence[str] | None = None

    @property
    def wanted_panels(self) -> tuple[str, ...] | None:
        """The names of the panels; None for those that suit."""
        return None if self.panels is None else parse_panels(self.panels)

    def look(self, steps: int | NDArray[np.int64]) -> dict[str, Any]:
        """Return the fields that every scene has.

        Args:
            steps: The number of the last step, or the steps that were kept, (rows,).

        Raises:
            DescentError: A wish that cannot be met.
        """
        check_scale(self.heights)
        return {
            "theme": get_theme(self.theme),
            "size": parse_size(self.size),
            "timing": plan(steps, self.fps, self.seconds, self.hold),
            "heights": self.heights,
            "loop": self.loop,
        }

    def without_panels(self, kind: str) -> None:
        """Raise DescentError if panels are wished for where there are none."""
        if self.wanted_panels is not None:
            raise DescentError(f"panels belong to the picture of a recording; the picture of {kind} has none")
