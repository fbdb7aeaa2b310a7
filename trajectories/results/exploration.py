"""The paths of optimizers at many rates from a grid of starts, which an explorable page plays. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.imports import own
from ...surfaces.text import escaped
from ..specs.labels import listed
from .trajectory import FINISHED, LEFT_THE_VIEW, NON_FINITE, Outcome, outside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ...surfaces.field import Field
    from ...surfaces.surface import Box, Minimum
    from ...surfaces.tape import Tape

MINIMUM, SADDLE = "minimum", "saddle"  # kinds of stationary points


@dataclass(frozen=True, slots=True)
class Stationary:
    """A point of the view at which the gradient is zero, as it was found."""

    point: tuple[float, float]  # (x, y)
    kind: str  # MINIMUM or SADDLE, by the eigenvalues of the Hessian


@dataclass(frozen=True, slots=True, eq=False)
class Exploration:
    """What torch's optimizers do from every start of a grid, at every one of some learning rates.

    O optimizers, R rates, H x W starts, one in each of as many cells of the view. All paths have all steps:
    after numbers that are not finite, rows are what torch made of them.
    """

    target: str  # the target spec
    specs: tuple[str, ...]  # (O,) optimizer specs without a rate
    rates: NDArray[np.float64]  # (R,), increasing
    x: NDArray[np.float64]  # (W,): the starts' x
    y: NDArray[np.float64]  # (H,): the starts' y; row 0 is the lowest
    points: NDArray[np.float64]  # (O, R, H, W, steps + 1, 2)
    losses: NDArray[np.float64]  # (O, R, H, W, steps + 1)
    non_finite_at: NDArray[np.int32]  # (O, R, H, W): the first step that is not finite; -1 if none is
    left_at: NDArray[np.int32]  # (O, R, H, W): the step from which on it is out of the view; -1 if it is not
    methods: tuple[str, ...]  # (O,): "batched" or "one by one"
    steps: int  # how many updates each run made
    device: str  # where it was computed, as torch names it
    dtype: str  # "float64" or "float32": the precision of the runs
    view: Box  # ((x0, x1), (y0, y1)): where the starts are
    field: Field  # heights on the view
    home: tuple[float, float]  # the target's own start
    minima: tuple[Minimum, ...] = ()  # the known minima
    stationary: tuple[Stationary, ...] = ()  # the minima and saddles that were found in the view
    domain: Box | None = None  # where the minima hold; None where nobody said
    # The target's operations, where their gradients are those that torch computed; None where a page cannot
    # evaluate it.
    tape: Tape | None = None
    versions: tuple[tuple[str, str], ...] = ()  # package -> version that made it

    def __repr__(self) -> str:
        """Name what it holds in one line."""
        starts = f"{len(self.x)} x {len(self.y)} starts"
        return escaped(
            f"<Exploration of {self.target}: {listed(self.specs)}; {len(self.rates)} rates, {starts}, "
            f"{self.steps} steps>"
        )

    def __post_init__(self) -> None:
        runs = (len(self.specs), len(self.rates), len(self.y), len(self.x))
        shapes = {
            "points": (*runs, self.steps + 1, 2),
            "losses": (*runs, self.steps + 1),
            "non_finite_at": runs,
            "left_at": runs,
        }
        for name, shape in shapes.items():
            if (found := getattr(self, name).shape) != shape:
                raise DescentError(f"{name} of an exploration must have shape {shape}, not {found}")

    @property
    def recipe(self) -> dict[str, Any]:
        """All that is needed to make the paths again, as plain JSON values."""
        return {
            "target": self.target,
            "specs": list(self.specs),
            "rates": self.rates.tolist(),
            "starts": [len(self.x), len(self.y)],
            "steps": self.steps,
            "device": self.device,
            "dtype": self.dtype,
            "view": [list(side) for side in self.view],
            "methods": list(self.methods),
            "versions": dict(self.versions),
        }

    def nearest(self, x: float, y: float) -> tuple[int, int]:
        """Return row and column of the start that is nearest to a point, along each axis by itself."""
        return int(np.abs(self.y - y).argmin()), int(np.abs(self.x - x).argmin())

    def save(
        self,
        path: str | Path,
        *,
        hide: str | Sequence[str] = (),
        max_size: str | float | None = None,
        say: Callable[[str], object] | None = None,
    ) -> Path:
        """Write the explorable page: one .html file, or one .mjs module that another page shows.

        Args:
            path: Where to; missing folders are made. The file appears whole or not at all.
            hide: Parts of the page to leave out, as a list or apart by commas: see `descent explore --help`.
            max_size: The most the file may have, in bytes or as "800kB"; 1.5 MB by default. A page that
                would be larger has fewer starts.
            say: Called with a sentence about what was left out to keep the file small.

        Raises:
            DescentError: Another suffix, an unknown part, or the file cannot be written so small.
        """
        written: Path = own("viz", "explore.saving:save")(self, path, hide=hide, max_size=max_size, say=say)
        return written

    def widget(self, situation: str = "") -> Any:
        """Return the page as a widget of a notebook, which computes what the grid does not have.

        A click runs the optimizers from that very place, and any rate can be typed in.

        Args:
            situation: What it opens with, as an address of the page has it behind the ``#``.

        Raises:
            NotPossibleError: anywidget is not installed.
        """
        return own("viz", "explore.widget:widget")(self, situation)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        found: dict[str, str] = own("viz", "explore.shown:bundle")(self, include, exclude)
        return found

    def _repr_html_(self) -> str | None:
        return self._repr_mimebundle_(include=("text/html",)).get("text/html")

    def _mime_(self) -> tuple[str, str]:
        return "text/html", self._repr_html_() or ""


def endings(
    points: NDArray[np.float64], losses: NDArray[np.float64], finite: NDArray[np.bool_], view: Box
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return for many paths the step of the first row that is not finite, and from which on it is outside.

    Args:
        points: Shape (..., rows, 2).
        losses: Shape (..., rows).
        finite: Whether the gradients are finite, (..., rows).
        view: The box.

    >>> path = np.array([[0.0, 0.0], [5.0, 0.0], [0.5, 0.0], [9.0, 0.0]])
    >>> [at.tolist() for at in endings(path, np.zeros(4), np.ones(4, bool), ((-1, 1), (-1, 1)))]
    [-1, 3]
    """
    sound = np.isfinite(points).all(axis=-1) & np.isfinite(losses) & finite
    broken = np.where(sound.all(axis=-1), -1, np.argmin(sound, axis=-1))
    out = outside(points, view)
    rows = out.shape[-1]
    last_inside = rows - 1 - np.argmin(out[..., ::-1], axis=-1)
    left = np.where(out.all(axis=-1), 0, np.where(out[..., -1], last_inside + 1, -1))
    return np.asarray(broken, dtype=np.int32), np.asarray(left, dtype=np.int32)


def outcome_of(broken: int, left: int) -> Outcome:
    """Return the outcome of a run from its two steps of `endings`; the graver one counts.

    >>> str(outcome_of(-1, 3)), str(outcome_of(5, 3)), str(outcome_of(-1, -1))
    ('left the view at step 3', 'non-finite at step 5', 'finished')
    """
    if broken >= 0:
        return _outcome(NON_FINITE, broken)
    return _outcome(LEFT_THE_VIEW, left) if left >= 0 else _outcome(FINISHED, None)


_outcome = lru_cache(maxsize=1 << 14)(Outcome)  # of a hundred thousand runs, many end alike
