"""How cost grows with steps, runs, frames, the grid and rates: five log-log pictures with their exponents.

Run with ``python benchmarks/growth.py [FOLDER]``, some minutes on one core. Each point is the least processor
time of two runs; the line is fitted to the largest two, where what every call costs counts least.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from conformance import seconds
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

import descent
from descent.surfaces import get
from descent.surfaces.field import sample
from descent.trajectories.descent.ends import descend_ends
from descent.trajectories.descent.loop import descend

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BEALE = get("beale")
FITTED = 2  # of the largest counts, which are four times apart


def steps(count: int) -> None:
    """Make one run of so many steps."""
    descend(BEALE, "adam:lr=0.01", BEALE.start, count)


def runs(count: int) -> None:
    """Make 50 steps from so many starts, of which the ends are kept."""
    starts = np.random.default_rng(0).uniform(-1, 1, (count, 2))
    descend_ends(BEALE, ["adam:lr=0.01"], starts, 50, tolerance=0.1)


def frames(count: int) -> None:
    """Draw a GIF of so many frames."""
    recording = descent.record("beale", ["adam:lr=0.01"], steps=count - 1, resolution=(64, 64))
    with TemporaryDirectory() as folder:
        descent.animate(recording, seconds=count / 20, fps=20, hold=0).save(Path(folder) / "a.gif")


def grid(count: int) -> None:
    """Sample a field of so many points."""
    side = round(count**0.5)
    sample(BEALE, BEALE.view, (side, side), "cpu", "float64")


def rates(count: int) -> None:
    """Sweep so many rates for 100 steps."""
    descent.sweep("beale", "adam", f"1e-5:1:{count}", steps=100, resolution=(2, 2))


KINDS: dict[str, tuple[Callable[[int], None], tuple[int, ...]]] = {
    "steps": (steps, (100, 400, 1_600, 6_400)),
    "runs": (runs, (100, 1_000, 10_000, 75_000, 300_000)),
    "frames": (frames, (25, 100, 400, 1_600)),
    "grid": (grid, (2_500, 10_000, 40_000, 160_000, 640_000, 2_560_000)),
    "rates": (rates, (25, 75, 250, 1_000, 5_000, 25_000, 100_000)),
}
UNITS = {"grid": "points of the grid"}


def exponent(counts: NDArray[np.float64], took: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and offset of a line through the largest of the points, in decades."""
    slope, offset = np.polyfit(np.log10(counts[-FITTED:]), np.log10(took[-FITTED:]), 1)
    return float(slope), float(offset)


def draw(kind: str, counts: NDArray[np.float64], took: NDArray[np.float64], path: Path) -> float:
    """Draw one picture, and return the exponent."""
    slope, offset = exponent(counts, took)
    figure = Figure(figsize=(3.2, 2.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    fitted = counts[-FITTED:]
    axes.loglog(fitted, 10**offset * fitted**slope, color="0.55", linewidth=1.2)
    axes.loglog(counts, took, "o", color="#1f5fa8", markersize=4.5)
    axes.set(xlabel=UNITS.get(kind, kind), ylabel="processor seconds")
    axes.set_title(f"{kind}: $n^{{{slope:.2f}}}$ at the right end", fontsize=10)
    axes.set_ylim(10 ** np.floor(np.log10(took.min())), 10 ** np.ceil(np.log10(took.max())))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(color="0.9", linewidth=0.6)
    figure.savefig(path, dpi=150)
    return slope


def main(folder: Path) -> None:
    """Measure, print and draw."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, (work, counts) in KINDS.items():
        work(counts[0])
        took = [seconds(lambda count=count, work=work: work(count)) for count in counts]  # type: ignore[misc]
        slope = draw(kind, np.array(counts, dtype=float), np.array(took), folder / f"{kind}.png")
        pairs = ", ".join(f"{count:,}: {each:.3g} s" for count, each in zip(counts, took, strict=True))
        print(f"{kind}: exponent {slope:.2f} ({pairs})", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "outputs/growth"))
