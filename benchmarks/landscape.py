"""The loss of 784-128-10 on a 51 x 51 plane: here, with two packages from PyPI, and with a plain loop.

Run with ``python benchmarks/landscape.py``. All sides run in turn on the same network and the same 1,000
samples, and the best times are printed. Packages that are not installed are left out. A GPU is measured too
where there is one.
"""

from __future__ import annotations

import copy
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

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

GRID, SAMPLES, TIMES = 51, 1_000, 2
VIEW = ((-1.0, 1.0), (-1.0, 1.0))
AXIS = np.linspace(-1, 1, GRID)
PACKAGES = {"loss_landscapes": "loss-landscapes==3.0.6", "loss_landscape_3d": "loss-landscape-3d==0.1.3"}

DATA = get_data("digits28")
NETWORK = get_network("mlp784", DATA)
TRAIN = Part(DATA.train.x[:SAMPLES], DATA.train.y[:SAMPLES])
ORIGIN = flatten(NETWORK.module)
PLANE = random(NETWORK.module, ORIGIN)
Work = dict[str, "Callable[[], np.ndarray[tuple[int, int], np.dtype[np.float64]] | None]"]


def here(device: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Sample the plane with this package."""
    return sample_plane(objective(NETWORK, TRAIN, device), PLANE, VIEW, (GRID, GRID)).z


def plain_loop(device: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Load the weights of each point into a copy of the network and evaluate it."""
    module = copy.deepcopy(NETWORK.module).to(device).eval()
    x, y = TRAIN.x.to(device), TRAIN.y.to(device)
    origin, (one, other) = ORIGIN.to(device), PLANE.directions.to(device)
    z = np.empty((GRID, GRID))
    with torch.no_grad():
        for row, b in enumerate(AXIS):
            for column, a in enumerate(AXIS):
                load(module, origin + a * one + b * other)
                z[row, column] = NETWORK.loss(module(x), y).item()
    return z


def loss_landscapes() -> None:
    """Evaluate a random plane of its own: the package takes no plane."""
    import loss_landscapes as package  # type: ignore[import-untyped]
    from loss_landscapes.metrics import Loss  # type: ignore[import-untyped]

    metric = Loss(NETWORK.loss, TRAIN.x, TRAIN.y)
    package.random_plane(NETWORK.module, metric, steps=GRID, normalization="filter", deepcopy_model=True)


def loss_landscape_3d(loader: bool) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Evaluate the same plane, from a data loader as its guide does, or from one batch that is ready."""
    from loss_landscape_3d import LossLandscapeCalculator  # type: ignore[import-untyped]

    data = torch.utils.data.TensorDataset(TRAIN.x, TRAIN.y)
    batches = torch.utils.data.DataLoader(data, batch_size=SAMPLES) if loader else [(TRAIN.x, TRAIN.y)]
    module = copy.deepcopy(NETWORK.module)
    one, other = (unflatten(each, shapes(module)) for each in PLANE.directions)
    calculator = LossLandscapeCalculator(module, batches, NETWORK.loss)
    z = calculator.calculate(AXIS, AXIS, one, other, copy.deepcopy(module.state_dict()))
    return np.asarray(z, dtype=np.float64).T


def measure(works: Work) -> tuple[dict[str, float], dict[str, object]]:
    """Do all works in turn, several times; return the least seconds and the last results."""
    seconds: dict[str, float] = {}
    results: dict[str, object] = {}
    for _ in range(TIMES):
        for name, work in works.items():
            begin = time.perf_counter()
            results[name] = work()
            seconds[name] = min(time.perf_counter() - begin, seconds.get(name, float("inf")))
    return seconds, results


def main() -> None:
    """Measure and print."""
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        wanted = " ".join(PACKAGES[package] for package in missing)
        print(f"Left out, because not installed: pip install --no-deps {wanted}")
    works: Work = {"here": lambda: here("cpu"), "plain loop": lambda: plain_loop("cpu")}
    if "loss_landscapes" not in missing:
        works["loss-landscapes, a plane of its own"] = loss_landscapes
    if "loss_landscape_3d" not in missing:
        works["loss-landscape-3d, data loader"] = lambda: loss_landscape_3d(True)
        works["loss-landscape-3d, one ready batch"] = lambda: loss_landscape_3d(False)
    seconds, results = measure(works)
    columns = {"cpu": seconds}
    if torch.cuda.is_available():
        here("cuda")  # the first call starts the device
        columns["cuda"], there = measure(
            {"here": lambda: here("cuda"), "plain loop": lambda: plain_loop("cuda")}
        )
        results["here, cuda"] = there["here"]

    print(f"784-128-10 on {len(TRAIN):,} samples, {GRID} x {GRID} points, {torch.get_num_threads()} threads")
    print(f"{'':36}" + "".join(f"{device + ', s':>10}{'ratio':>8}" for device in columns))
    for name in seconds:
        cells = [
            f"{each[name]:>10.2f}{each[name] / each['here']:>8.1f}" if name in each else ""
            for each in columns.values()
        ]
        print(f"{name:36}" + "".join(cells))
    plain = results.pop("plain loop")
    print(f"largest difference to the plain loop, where losses are up to {np.max(plain):.3g}:")  # type: ignore[call-overload]
    for name, z in results.items():
        if z is not None:
            print(f"  {name}: {np.abs(z - plain).max():.1e}")  # type: ignore[operator]


if __name__ == "__main__":
    main()
