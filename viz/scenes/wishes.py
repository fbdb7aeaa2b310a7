"""What a user can wish for a picture: every wish, its default and its check, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ...trajectories.arguments import parse_memory
from ..style.heights import check_scale
from ..style.layout import parse_size
from ..style.theme_lookup import get_theme
from ..style.themes import THEMES, Theme
from .panel_table import ARROWS, GRIDS, parse_names, parse_panels
from .timing import plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The wishes of `descent.animate`, where each is explained."""

    theme: str | Path | Mapping[str, Any] | Theme = "light"  # a Theme from here on
    size: str | tuple[int, int] = "medium"
    fps: float | None = None
    seconds: float | None = None
    hold: float = 1.5
    loop: bool = True
    heights: str = "auto"
    panels: str | Sequence[str] | None = None
    pace: str = "even"
    grid: str | Sequence[str] | None = None
    strip: int | None = None
    arrows: str | Sequence[str] | None = None
    field: bool = False
    orbit: bool = False
    max_size: str | int | None = None

    def __post_init__(self) -> None:
        # Once, so that a style sheet may change afterwards and the wishes still say what was drawn.
        object.__setattr__(self, "theme", get_theme(self.theme))

    @property
    def given(self) -> dict[str, Any]:
        """The wishes that are not the defaults, as plain JSON values."""
        return {
            each.name: plain
            for each in fields(self)
            if (plain := _plain(getattr(self, each.name))) != _plain(each.default)
        }

    @property
    def limit(self) -> int | None:
        """The most bytes that a file may have; None for no limit.

        Raises:
            DescentError: Not an amount, or less than any picture needs.
        """
        if self.max_size is None:
            return None
        most = parse_memory(self.max_size)
        if most < 2000:
            raise DescentError(
                f"max_size must be at least 2kB, not {self.max_size!r}; write it as 400kB or 2MB"
            )
        return int(most)

    @property
    def wanted_panels(self) -> tuple[str, ...] | None:
        """The names of the panels; None for those that suit."""
        return None if self.panels is None else parse_panels(self.panels)

    @property
    def wanted_grid(self) -> tuple[str, ...]:
        """What small panels stand below and beside each other by; empty for one large picture."""
        return () if self.grid is None else parse_names(self.grid, "grid", GRIDS)

    @property
    def wanted_arrows(self) -> tuple[str, ...]:
        """What is drawn at each head."""
        return () if self.arrows is None else parse_names(self.arrows, "arrow", ARROWS)

    @property
    def wanted_strip(self) -> int:
        """How many key frames stand side by side; 0 for none.

        Raises:
            DescentError: Fewer than two or more than eight.
        """
        if self.strip is None:
            return 0
        if isinstance(self.strip, bool) or not isinstance(self.strip, int) or not 2 <= self.strip <= 8:
            raise DescentError(f"strip must be 2 to 8 key frames, not {self.strip!r}")
        return self.strip

    def look(self, steps: int | NDArray[np.int64]) -> dict[str, Any]:
        """Return the fields that every scene has.

        Args:
            steps: The number of the last step, or the steps that were kept, (rows,).

        Raises:
            DescentError: A wish that cannot be met.
        """
        check_scale(self.heights)
        self.limit  # noqa: B018
        return {
            "theme": get_theme(self.theme),
            "size": parse_size(self.size),
            "timing": plan(steps, self.fps, self.seconds, self.hold, self.pace),
            "heights": self.heights,
            "loop": self.loop,
        }

    def only_for_recordings(self, kind: str, *names: str) -> None:
        """Raise DescentError if something is wished for that this kind of picture has not."""
        for name in names:
            if getattr(self, name) not in (None, False):
                belong = "belong" if name in ("panels", "arrows") else "belongs"
                raise DescentError(f"{name} {belong} to the picture of a recording; that of {kind} has none")


def _plain(value: Any) -> Any:
    if isinstance(value, Theme):
        return value.name if THEMES.get(value.name) == value else asdict(value)
    return value if value is None or isinstance(value, str | int | float) else list(value)
