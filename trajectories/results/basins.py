"""Where each start of a grid ends up: the numbers of a basin map. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.surface import border_of
from ...surfaces.text import escaped
from ..specs.labels import listed
from . import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...surfaces.field import Field
    from ...surfaces.surface import Box, Minimum

DIVERGED = -1
UNSETTLED = -2
OUTSIDE = -3
OUTSIDE_THE_DOMAIN = "outside the domain"  # the words for it


@dataclass(frozen=True, slots=True, eq=False)
class Basins:
    """Which minimum each optimizer reaches from each start of a regular grid over the view, and how fast.

    A run has reached a minimum when it ends within `tolerance` of it. It has diverged when it ends at
    numbers that are not finite, or outside a box with sides ten times as long as those of the one around
    view and minima. All other runs are unsettled: on their way, at rest in a local minimum, circling.

    Where a minimum is one on the domain only, all other runs that end at finite numbers outside the domain,
    near or far, are outside the domain: neither unsettled nor diverged, for the loss falls on there.
    """

    target: str  # the target spec
    specs: tuple[str, ...]  # (O,) optimizer specs
    x: NDArray[np.float64]  # (S,): the starts' x, edges of the view included
    y: NDArray[np.float64]  # (S,): the starts' y; row 0 of the maps is the lowest
    # (O, S, S), rows are y: number in `minima`, -1 diverged, -2 not settled, -3 outside the domain
    index: NDArray[np.int16]
    steps: NDArray[np.int32]  # (O, S, S): step from which on the run is near its minimum; -1 if never
    diverged_at: NDArray[np.int32]  # (O, S, S): step from which on it counts as diverged; -1 if never
    outside_at: NDArray[np.int32]  # (O, S, S): step from which on it is outside the domain; -1 if it is not
    methods: tuple[str, ...]  # (O,): "batched" or "one by one"
    budget: int  # how many steps each run made
    tolerance: float
    device: str  # where it was computed, as torch names it
    dtype: str  # "float64" or "float32": the precision of the runs
    view: Box  # ((x0, x1), (y0, y1)): where the starts are
    field: Field  # heights on the view
    minima: tuple[Minimum, ...]  # the known minima, in the order of their numbers
    domain: Box | None = None  # where the minima hold; None where nobody said
    latex: str = ""  # the target's formula, without dollar signs
    versions: tuple[tuple[str, str], ...] = ()  # package -> version that made it

    def __repr__(self) -> str:
        """Name what it holds in one line."""
        return escaped(
            f"<Basins of {self.target}: {listed(self.specs)}; {self.starts} x {self.starts} starts>"
        )

    _repr_mimebundle_ = shown.mimebundle
    _repr_html_ = shown.as_html
    _mime_ = shown.as_mime

    def __post_init__(self) -> None:
        shape = (len(self.specs), len(self.y), len(self.x))
        for name in ("index", "steps", "diverged_at", "outside_at"):
            if (found := getattr(self, name).shape) != shape:
                raise DescentError(f"{name} of basins must have shape {shape}, not {found}")

    @property
    def border(self) -> Box | None:
        """The domain where a known minimum is one on it only: runs pass its border; None elsewhere."""
        return border_of(self.domain, self.minima)

    @property
    def starts(self) -> int:
        """How many starts there are along each side."""
        return len(self.x)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many starts reach each minimum, (O, minima)."""
        return np.array([[int((one == m).sum()) for m in range(len(self.minima))] for one in self.index])

    @property
    def diverged(self) -> NDArray[np.int64]:
        """How many runs diverged, (O,)."""
        return np.asarray((self.index == DIVERGED).sum(axis=(1, 2)), dtype=np.int64)

    @property
    def outside(self) -> NDArray[np.int64]:
        """How many runs ended outside the domain, (O,)."""
        return np.asarray((self.index == OUTSIDE).sum(axis=(1, 2)), dtype=np.int64)

    @property
    def unsettled(self) -> NDArray[np.int64]:
        """How many runs did not settle at a known minimum, (O,)."""
        return np.asarray((self.index == UNSETTLED).sum(axis=(1, 2)), dtype=np.int64)

    @property
    def recipe(self) -> dict[str, Any]:
        """All that is needed to make the map again, as plain JSON values."""
        return {
            "target": self.target,
            "specs": list(self.specs),
            "starts": self.starts,
            "steps": self.budget,
            "tolerance": self.tolerance,
            "device": self.device,
            "dtype": self.dtype,
            "view": [list(side) for side in self.view],
            "methods": list(self.methods),
            "versions": dict(self.versions),
        }
