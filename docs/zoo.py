"""The gallery of optimizers of many packages: docs/zoo.md and one sheet of small pictures for each package.

    python docs/zoo.py                  # all packages that the page is about; make zoo does this
    python docs/zoo.py lion_pytorch     # only the part of this package

Each class is tried as by ``descent list optimizers --package NAME``. Those that run descend Beale's function
at several rates, and the run with the lowest last loss is drawn.
"""

from __future__ import annotations

import math
import os
import re
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")  # compiling takes minutes, and changes last digits

import matplotlib as mpl
import numpy as np
from PIL import Image

from descent.surfaces import get
from descent.surfaces.errors import DescentError
from descent.surfaces.field import sample
from descent.trajectories import descend
from descent.trajectories.experiments.zoo import try_package
from descent.trajectories.results.tried import SINGLE, TWO
from descent.trajectories.specs.optimizer_spec import OptimizerSpec

if TYPE_CHECKING:
    from descent.trajectories.results.trajectory import Trajectory
    from descent.trajectories.results.tried import Tried, Zoo

HERE = Path(__file__).parent
PAGE, SHEETS = HERE / "zoo.md", HERE / "zoo"
PACKAGES = [
    *("pytorch_optimizer", "heavyball", "torch_optimizer", "schedulefree", "dadaptation", "prodigyopt"),
    *("lion_pytorch", "adabelief_pytorch", "adabound", "adamp", "adan_pytorch", "came_pytorch", "madgrad"),
]
SURFACE, START, STEPS = "beale", (1.0, 1.5), 60
VIEW = ((-0.6, 4.2), (-1.6, 2.2))
RATES = (0.003, 0.01, 0.03, 0.1, 0.3)  # and its own
COLUMNS, WIDTH, HEIGHT, TITLE = 7, 150, 119, 30  # small pictures in a row, and their pixels
COLOURS = 96  # of a sheet


class Shown(NamedTuple):
    """A class and the run that is drawn of it."""

    tried: Tried
    lr: float | None
    run: Trajectory


def run_of(tried: Tried, lr: float | None) -> Trajectory:
    """Descend with a class at a rate."""
    spec = OptimizerSpec(tried.name) if lr is None else OptimizerSpec(tried.name, (("lr", lr),))
    dtype = "float32" if tried.precision == SINGLE else None
    return descend(get(SURFACE), spec, START, STEPS, dtype=dtype)


def best(tried: Tried) -> Shown:
    """Return the run with the lowest last loss, of those at several rates."""
    rates = (None,) if tried.lr is None else (tried.lr, *RATES)
    runs = []
    for lr in rates:
        try:
            runs.append(Shown(tried, lr, run_of(tried, lr)))
        except DescentError as error:  # some refuse rates that are large
            print(f"{tried.name} at {lr}: {error}", file=sys.stderr)
    return min(runs, key=last_loss)


def last_loss(shown: Shown) -> float:
    loss = float(shown.run.losses[-1])
    return loss if math.isfinite(loss) else math.inf


def caption(shown: Shown) -> str:
    rate = "" if shown.lr is None else f"lr {shown.lr:g}, "
    return f"{rate}loss {last_loss(shown):.2g}"


def sheet(shown: list[Shown], path: Path) -> None:
    """Draw small pictures of runs, row by row, into one PNG of few colours."""
    from matplotlib.figure import Figure

    columns = min(COLUMNS, max(len(shown), 3))
    rows = math.ceil(len(shown) / columns)
    width, height = columns * WIDTH, rows * (HEIGHT + TITLE)
    figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor="white")
    surface = get(SURFACE)
    field = sample(surface, VIEW, (160, 128))
    levels = np.log10(field.z - field.z.min() + 0.05)
    for place, one in enumerate(shown):
        row, column = divmod(place, columns)
        axes = figure.add_axes(
            (
                (column * WIDTH + 3) / width,
                1 - ((row + 1) * (HEIGHT + TITLE) - 3) / height,
                (WIDTH - 6) / width,
                (HEIGHT - 6) / height,
            )
        )
        axes.contourf(field.x, field.y, levels, 9, cmap="Blues", alpha=0.5, antialiased=False)
        points = np.where(np.isfinite(one.run.points), one.run.points, np.nan)
        if one.tried.point == TWO and one.run.trained is not None:
            axes.plot(*one.run.trained[:, :2].T, color="#222222", linewidth=0.7)
        axes.plot(*points.T, color="#c2185b", linewidth=1.3)
        axes.plot(*START, "o", color="white", markeredgecolor="black", markersize=4.5)
        axes.plot(*points[-1], "o", color="#c2185b", markeredgecolor="white", markersize=4.5)
        axes.plot(*surface.minima[0].point, "*", color="black", markersize=6)
        axes.set(xlim=VIEW[0], ylim=VIEW[1], xticks=[], yticks=[])
        left, top = (column * WIDTH + 4) / width, 1 - row * (HEIGHT + TITLE) / height
        name = one.tried.name.rpartition(".")[2]
        figure.text(left, top - 14 / height, name, fontsize=min(8.0, 150 / len(name)), weight="bold")
        figure.text(left, top - 26 / height, caption(one), fontsize=6.6, color="#444444")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    path.parent.mkdir(exist_ok=True)
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def part(zoo: Zoo, shown: list[Shown]) -> str:
    """Return the part of the page about a package."""
    name = zoo.distribution.replace("_", "-")
    prefix = f"{zoo.package}."
    lines = [f"## {name} {zoo.version}", "", f"{len(shown)} of {len(zoo.tried)} classes run.", ""]
    if shown:
        alt = f"Paths of {len(shown)} optimizers of {name} on Beale's function"
        lines += [f"![{alt}](zoo/{zoo.package}.png)", ""]
        lines += [
            "| class | rate | last loss | of vectors | precision | points | needs and notes |",
            "|---" * 7 + "|",
        ]
    for one in shown:
        tried = one.tried
        rate = "-" if one.lr is None else f"{one.lr:g}"
        words = "; ".join((*tried.needs, *tried.notes)).replace(prefix, "")
        cells = (tried.name.removeprefix(prefix), rate, f"{last_loss(one):.2g}", tried.updates or "alone")
        lines.append(f"| {' | '.join((*cells, tried.precision, tried.point, words))} |")
    refused = [each for each in zoo.tried if not each.runs]
    if refused:
        lines += ["", "Not run:", ""]
        lines += [f"- {each.name.removeprefix(prefix)}: {each.why.replace(prefix, '')}" for each in refused]
    return "\n".join(lines)


def made(package: str) -> str:
    zoo = try_package(package, each=60.0)
    with warnings.catch_warnings(), redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        shown = [best(each) for each in zoo.tried if each.runs]
    if shown:
        sheet(shown, SHEETS / f"{package}.png")
    return part(zoo, shown)


def main() -> None:
    mpl.rcParams["font.family"] = "DejaVu Sans"
    for package in sys.argv[1:] or PACKAGES:
        found = f"<!-- {package} -->\n{made(package)}\n<!-- end -->"
        text = PAGE.read_text(encoding="utf-8")  # only now: several packages may be at work
        text = re.sub(rf"(?s)<!-- {package} -->\n.*?<!-- end -->", lambda _, new=found: new, text)
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
