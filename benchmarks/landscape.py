"""Fields of two networks: here, by another build, by four packages from PyPI, and by a plain loop.

Run with ``OMP_NUM_THREADS=1 python benchmarks/landscape.py``. With ``--base FOLDER``, where FOLDER/descent
is another checkout, that is measured too. All sides run in turn, each in a process of its own, on the same
network and the same 1,000 samples, and the least processor times are printed, which other work on the machine
changes less than the clock. Packages that are not installed are left out. A GPU is measured by the clock
where there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import json
import os
import subprocess
import sys
import time
import types
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from descent.surfaces.data.dataset import Part
from descent.surfaces.data.resolve import get_data
from descent.surfaces.networks.objective import objective
from descent.surfaces.networks.plane_axes import random
from descent.surfaces.networks.resolve import get_network
from descent.surfaces.networks.slices import sample_plane
from descent.surfaces.networks.weights import flatten, load, shapes, unflatten

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = np.ndarray[tuple[int, int], np.dtype[np.float64]]

SAMPLES = 1_000
VIEW = ((-1.0, 1.0), (-1.0, 1.0))
NETWORKS = {"mlp784": ("digits28", 51), "cnn": ("digits28", 9)}  # its data, and points along each side
PACKAGES = {
    "loss_landscapes": "loss-landscapes==3.0.6",
    "loss_landscape_3d": "loss-landscape-3d==0.1.3",
    "landscaper": "landscaper==1.3.1",
    "pylandscape": "pylandscape==0.1.3",
}
HERE = str(Path(__file__).resolve().parents[2])


class Case:
    """One network, its samples and its plane."""

    def __init__(self, name: str, grid: int) -> None:
        data = get_data(NETWORKS[name][0])
        self.network = get_network(name, data)
        self.train = Part(data.train.x[:SAMPLES], data.train.y[:SAMPLES])
        self.module, self.loss = self.network.module, self.network.loss
        self.origin = flatten(self.module)
        self.plane = random(self.module, self.origin)
        self.at(grid)

    def at(self, grid: int) -> None:
        """Have so many points along each side."""
        self.grid, self.axis = grid, np.linspace(-1, 1, grid)

    def here(self, device: str = "cpu") -> Array:
        """Sample the plane with this package."""
        true = objective(self.network, self.train, device)
        return sample_plane(true, self.plane, VIEW, (self.grid, self.grid)).z

    def plain_loop(self, device: str = "cpu") -> Array:
        """Load the weights of each point into a copy of the network and evaluate it."""
        module = copy.deepcopy(self.module).to(device).eval()
        x, y = self.train.x.to(device), self.train.y.to(device)
        origin, (one, other) = self.origin.to(device), self.plane.directions.to(device)
        z = np.empty((self.grid, self.grid))
        with torch.no_grad():
            for row, b in enumerate(self.axis):
                for column, a in enumerate(self.axis):
                    load(module, origin + a * one + b * other)
                    z[row, column] = self.loss(module(x), y).item()
        return z

    def loss_landscapes(self) -> None:
        """Evaluate a random plane of its own: the package takes no plane."""
        import loss_landscapes as package  # type: ignore[import-untyped]
        from loss_landscapes.metrics import Loss  # type: ignore[import-untyped]

        metric = Loss(self.loss, self.train.x, self.train.y)
        package.random_plane(
            self.module, metric, steps=self.grid, normalization="filter", deepcopy_model=True
        )

    def loss_landscape_3d(self) -> Array:
        """Evaluate the same plane, from one batch that is ready; a data loader takes it longer."""
        from loss_landscape_3d import LossLandscapeCalculator  # type: ignore[import-untyped]

        module = copy.deepcopy(self.module)
        one, other = (unflatten(each, shapes(module)) for each in self.plane.directions)
        calculator = LossLandscapeCalculator(module, [(self.train.x, self.train.y)], self.loss)
        z = calculator.calculate(self.axis, self.axis, one, other, copy.deepcopy(module.state_dict()))
        return np.asarray(z, dtype=np.float64).T

    def landscaper(self) -> None:
        """Evaluate as many points of the plane with steps of its own, by the module that computes them."""
        from_package("landscaper")
        from landscaper.compute import compute_loss_landscape  # type: ignore[import-not-found]

        def value(module: Any, data: Any) -> float:
            return float(self.loss(module(data[0]), data[1]))

        module = copy.deepcopy(self.module)
        directions = [
            list(unflatten(each.clone(), shapes(module)).values()) for each in self.plane.directions
        ]
        batch = (self.train.x, self.train.y)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            compute_loss_landscape(module, batch, directions, value, self.grid, 1.0, 2, "cpu")

    def pylandscape(self) -> None:
        """Evaluate as many points, by the module that computes them; 0.1.3 moves no weights there."""
        from_package("pylandscape")
        from pylandscape.surface import Surface  # type: ignore[import-not-found]

        batch = [(self.train.x, self.train.y)]
        surface = Surface(copy.deepcopy(self.module), self.loss, batch)
        directions = [
            list(unflatten(each.clone(), shapes(self.module)).values()) for each in self.plane.directions
        ]
        surface._compute_hyperplane(directions, self.axis.astype(np.float32).tolist())


def from_package(name: str) -> None:
    """Have modules of a package imported without all that the package as a whole imports."""
    if name in sys.modules:
        return
    spec = find_spec(name)
    package = types.ModuleType(name)
    package.__path__ = list(spec.submodule_search_locations or ()) if spec is not None else []
    sys.modules[name] = package


def one(side: str, name: str, grid: int, file: str, device: str) -> None:
    """Measure one side, and print its seconds; its heights go into a file."""
    case = Case(name, grid)
    work: Callable[[], Array | None] = getattr(case, side)
    if side in ("here", "plain_loop"):
        work = lambda: getattr(case, side)(device)  # noqa: E731
    case.at(3)
    work()  # what is loaded once, and a device that starts
    case.at(grid)
    clock = time.process_time if device == "cpu" else time.perf_counter
    begin = clock()
    z = work()
    seconds = clock() - begin
    if z is not None:
        np.save(file, z)
    print(json.dumps(seconds))


def measured(side: str, path: str, name: str, grid: int, device: str) -> tuple[float, Array | None]:
    """Return the seconds of a side, and its heights where they are of the same plane."""
    file = Path(f"/tmp/descent-landscape-{os.getpid()}.npy")
    file.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--one", side, name, str(grid), str(file), device]
    more = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([path, *more])}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    z = np.load(file) if file.exists() else None
    file.unlink(missing_ok=True)
    return float(json.loads(done.stdout.splitlines()[-1])), z


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", help="a folder with another checkout as its descent/")
    parser.add_argument("--only", choices=NETWORKS)
    parser.add_argument("--grid", type=int, help="points along each side")
    parser.add_argument("--times", type=int, default=2, help="how often each side is measured")
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        side, name, grid, file, device = given.one
        one(side, name, int(grid), file, device)
        return
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        wanted = " ".join(PACKAGES[package] for package in missing)
        print(f"Left out, because not installed: pip install --no-deps {wanted}")
    sides = [("here", HERE), *([("base", given.base)] if given.base else []), ("plain_loop", HERE)]
    sides += [(package, HERE) for package in PACKAGES if package not in missing]
    for name in NETWORKS if given.only is None else [given.only]:
        grid = given.grid or NETWORKS[name][1]
        for device in ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]:
            table(name, grid, device, given.times, sides if device == "cpu" else sides[: -len(PACKAGES)])


def table(name: str, grid: int, device: str, times: int, sides: list[tuple[str, str]]) -> None:
    """Measure all sides in turn, and print them."""
    seconds: dict[str, float] = {}
    heights: dict[str, Array] = {}
    for _ in range(times):
        for side, path in sides:
            took, z = measured("here" if side == "base" else side, path, name, grid, device)
            seconds[side] = min(took, seconds.get(side, float("inf")))
            if z is not None:
                heights[side] = z
    threads = torch.get_num_threads()
    print(f"{name} on {SAMPLES:,} samples, {grid} x {grid} points, {threads} thread(s), {device}")
    for side, took in seconds.items():
        apart = np.abs(heights[side] - heights["plain_loop"]).max() if side in heights else None
        said = "" if apart is None else f"   heights within {apart:.1e} of the plain loop's"
        print(f"  {side:20}{took:9.2f} s{took / seconds['here']:8.1f}{said}")


if __name__ == "__main__":
    main()
