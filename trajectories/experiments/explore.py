"""Every optimizer at every rate from every start of a grid, with all the points: what a page plays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, NotPossibleError
from ...surfaces.text import shown_value
from ..arguments import check_callable, check_whole, parse_memory
from ..descent.batch import MEMORY, ROW_BYTES, choose_methods, in_bytes
from ..descent.batching import why_alone
from ..descent.default_optimizers import without_rates
from ..results.exploration import Exploration, endings
from ..results.recipe import ONE_BY_ONE
from ..specs.rates import parse_rates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from ...surfaces.surface import Box, Surface
    from ...surfaces.tape import Tape
    from ..specs.optimizer_spec import OptimizerSpec

RATES, STARTS, STEPS = "1e-4:1:9", "24x24", 100
LARGEST = 200  # starts along a side
MOST_RATES = 40
_ALONE = 300  # as many runs are made one by one where an optimizer cannot do otherwise
_SAME = 1e-9  # a tape's gradient may differ from torch's by this share of its length
_COMPARED = 50_000  # rows on which they are compared, at most: one in so many of all
_FIELD = (256, 256)


def explore(
    target: str | Surface | Callable[..., Any],
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    lr: str | float | Sequence[float] = RATES,
    *,
    starts: int | str | tuple[int, int] = STARTS,
    steps: int = STEPS,
    view: Box | None = None,
    device: str = "cpu",
    dtype: str | None = None,
    memory: float | str = MEMORY,
    progress: Callable[[int, int], object] | None = None,
) -> Exploration:
    """Descend at every rate from a grid of starts, for a page on which readers choose both.

    In a notebook the result shows itself as that page; `Exploration.save` writes it.

    Args:
        target: A surface of two parameters, or what `descent.surfaces.get` takes for one.
        optimizers: Optimizer specs, whose own rates are not used; SGD, Adam and RMSprop when None.
        lr: The rates: ``A:B:N`` for N log-spaced ones from A to B, a list as text, or numbers.
        starts: How many there are along x and y, "24x24", (24, 24) or 24; they lie in the middles of as many
            equal cells of the view, but for the nearest row and column, which go through the target's start.
        steps: How many updates each run makes.
        view: The box ((x0, x1), (y0, y1)) that the starts fill; the surface's own view when None.
        device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
        dtype: ``float64`` or ``float32``; the most precise that the device has when None.
        memory: Bytes to use, or text such as "2GB", a quarter of it for the result.
        progress: Called with how many runs are done and how many there are.

    Raises:
        DescentError: Something asked for is not known, not there or out of range, or needs more memory.

    >>> found = explore("beale", "adam", "0.01,0.1", starts="4x3", steps=20)
    >>> found.points.shape
    (1, 2, 3, 4, 21, 2)
    """
    from ...surfaces.field import sample
    from ..descent.machine import resolve_device, resolve_dtype, versions
    from ..descent.paths import descend_paths
    from ..descent.torch_optim import complete
    from .stationary import stationary

    check_callable(progress, "progress")
    surface = _surface(target, view)
    specs, rates = without_rates(optimizers), parse_rates(lr)
    if len(rates) > MOST_RATES:
        raise DescentError(f"a page has a slider of at most {MOST_RATES} rates, not {len(rates)}")
    columns, rows = parse_starts(starts)
    steps = check_whole(steps, "steps", 1)
    device = resolve_device(device)
    dtype = resolve_dtype(dtype, device)
    memory = parse_memory(memory)
    needed = 4 * len(specs) * len(rates) * columns * rows * (steps + 1) * ROW_BYTES
    if needed > memory:
        raise NotPossibleError(
            f"{len(specs)} x {len(rates)} x {columns} x {rows} runs of {steps:,} steps need "
            f"{in_bytes(needed)} of memory, and {in_bytes(memory)} are allowed; "
            "take fewer starts, rates or steps, or allow more"
        )
    full = [complete(spec.with_lr(rate), steps) for spec in specs for rate in rates]
    methods = choose_methods(surface, full[:: len(rates)], device, dtype)
    for spec, method in zip(specs, methods, strict=True):
        if method == ONE_BY_ONE and len(rates) * columns * rows > _ALONE:
            why = why_alone(complete(spec.with_lr(rates[0]), steps))
            raise NotPossibleError(
                f"{why or f'{surface.name} does not compute many points as it does one'}; take at most "
                f"{_ALONE} rates times starts, or another optimizer"
            )

    (x0, x1), (y0, y1) = surface.view
    x, y = _middles(x0, x1, columns, surface.start[0]), _middles(y0, y1, rows, surface.start[1])
    places = np.stack(np.meshgrid(x, y, indexing="xy"), axis=-1).reshape(-1, 2)
    found = descend_paths(
        surface,
        full,
        places,
        steps,
        methods=[method for method in methods for _ in rates],
        device=device,
        dtype=dtype,
        memory=memory / 2,
        progress=progress,
    ).reshape(len(specs), len(rates), rows, columns, steps + 1, 5)
    points, losses = found[..., :2].copy(), found[..., 4].copy()
    finite = np.asarray(np.isfinite(found[..., 2:4]).all(axis=-1))
    non_finite_at, left_at = endings(points, losses, finite, surface.view)
    return Exploration(
        target=surface.name,
        specs=tuple(map(str, specs)),
        rates=np.array(rates),
        x=x,
        y=y,
        points=points,
        losses=losses,
        non_finite_at=non_finite_at,
        left_at=left_at,
        methods=methods,
        steps=steps,
        device=device,
        dtype=dtype,
        view=surface.view,
        field=sample(surface, surface.view, _FIELD, device, resolve_dtype(None, device)),
        home=surface.start,
        minima=surface.minima,
        stationary=stationary(surface),
        domain=surface.domain,
        tape=_tape(surface, found) if dtype == "float64" else None,
        versions=versions(name for spec in specs for name in spec.names),
    )


def from_point(exploration: Exploration, point: tuple[float, float], rates: Sequence[float]) -> Exploration:
    """Run the optimizers of an exploration from one more start.

    Args:
        exploration: Whose target, optimizers and steps are taken.
        point: Where they start, (x, y).
        rates: A rate for each optimizer, (O,).

    Returns:
        An exploration of this start alone; where rates differ, its own are those of the first optimizer.

    Raises:
        DescentError: The target's name does not lead to the surface that was explored, or the rates are none.
    """
    from ..descent.paths import descend_paths
    from ..descent.torch_optim import complete
    from ..specs.optimizer_spec import OptimizerSpec

    surface = _found_again(exploration)
    specs = [
        complete(OptimizerSpec.parse(spec).with_lr(rate), exploration.steps)
        for spec, rate in zip(exploration.specs, rates, strict=True)
    ]
    found = descend_paths(
        surface,
        specs,
        np.array([point], dtype=np.float64),
        exploration.steps,
        methods=exploration.methods,
        device=exploration.device,
        dtype=exploration.dtype,
        memory=parse_memory(MEMORY),
    ).reshape(len(specs), 1, 1, 1, exploration.steps + 1, 5)
    points, losses = found[..., :2].copy(), found[..., 4].copy()
    finite = np.asarray(np.isfinite(found[..., 2:4]).all(axis=-1))
    non_finite_at, left_at = endings(points, losses, finite, exploration.view)
    return replace(
        exploration,
        rates=np.array(rates[:1], dtype=np.float64),
        x=np.array([point[0]]),
        y=np.array([point[1]]),
        points=points,
        losses=losses,
        non_finite_at=non_finite_at,
        left_at=left_at,
    )


def _found_again(exploration: Exploration) -> Surface:
    """Return the surface that was explored, by its name, if it has the same losses at the starts."""
    import torch

    from ...surfaces.analytic.resolve import get

    places = np.stack(np.meshgrid(exploration.x, exploration.y, indexing="xy"), axis=-1)
    told = exploration.losses[0, 0, :, :, 0]
    sound = np.isfinite(told)
    room = 1e-9 if exploration.dtype == "float64" else 1e-4
    largest = np.abs(told).max(initial=0.0, where=sound)
    try:
        surface = get(exploration.target, view=exploration.view)
        found = surface(torch.tensor(places, dtype=torch.float64)).detach().numpy()
        same = np.allclose(found[sound], told[sound], rtol=room, atol=room * largest)
    except DescentError:
        same = False
    if not same:
        raise DescentError(
            f"nothing more is computed here: {shown_value(exploration.target)} does not lead to the surface "
            "of this page; explore it by an import path, or as expr:..."
        )
    return surface


def parse_starts(starts: Any) -> tuple[int, int]:
    """Read how many starts there are along x and along y.

    Raises:
        DescentError: Not one or two whole numbers of 2 to 200.

    >>> parse_starts("24x16"), parse_starts(8)
    ((24, 16), (8, 8))
    """
    parts = starts.split("x") if isinstance(starts, str) else starts
    try:
        counts = [int(each) if isinstance(each, str) else each for each in parts]
    except (TypeError, ValueError):
        counts = [starts]
    counts = counts * 2 if len(counts) == 1 else counts
    if len(counts) != 2 or any(isinstance(each, str) for each in counts):
        raise DescentError(f"starts are written as 24x24, along x and along y, not {shown_value(starts)}")
    columns, rows = (check_whole(each, "the number of starts along a side", 2, LARGEST) for each in counts)
    return columns, rows


def _middles(low: float, high: float, count: int, through: float) -> NDArray[np.float64]:
    """Return the middles of equal cells from low to high; in the cell of a value, that value itself."""
    cells = (high - low) / count
    middles = np.asarray(low + (np.arange(count) + 0.5) * cells, dtype=np.float64)
    if low < through < high:
        middles[min(int((through - low) / cells), count - 1)] = through
    return middles


def check_surface(target: Any) -> None:
    """Raise DescentError for a network, whose starts do not lie on a plane."""
    from ...surfaces.networks.resolve import is_network

    if is_network(target):
        raise DescentError(
            "an explorable page is made of a surface, whose starts lie on a plane; those of a network are "
            "weights; record the network, or make a page of a surface, as in descent explore beale"
        )


def _surface(target: Any, view: Any) -> Surface:
    from ...surfaces.analytic.resolve import get

    check_surface(target)
    surface = get(target, view=view)
    if surface.parameters == 1:
        raise DescentError(
            f"an explorable page needs a plane of starts, and {surface.name} has one parameter; "
            "compare optimizers on it instead"
        )
    return surface


def _tape(surface: Surface, found: NDArray[np.float64]) -> Tape | None:
    """Return the surface's operations, if they give torch's gradients on a sample of these rows."""
    from ...surfaces.tape import record

    tape = record(surface)
    if tape is None:
        return None
    (x0, x1), (y0, y1) = surface.view
    every = found.reshape(-1, 5)
    every = every[:: -(-len(every) // _COMPARED)]
    x, y = every[:, 0], every[:, 1]
    near = (np.abs(x - (x0 + x1) / 2) <= x1 - x0) & (np.abs(y - (y0 + y1) / 2) <= y1 - y0)
    rows = every[near & np.isfinite(every).all(axis=1)]
    try:
        loss, *slope = tape.evaluate(rows[:, 0], rows[:, 1])
    except (ArithmeticError, ValueError):
        return None
    with np.errstate(all="ignore"):
        apart = np.hypot(slope[0] - rows[:, 2], slope[1] - rows[:, 3])
        high, steep = np.abs(rows[:, 4]).max(initial=1.0), np.hypot(rows[:, 2], rows[:, 3])
        # Where a gradient is the small difference of large numbers, rounding is a larger share of it.
        sound = apart <= _SAME * (steep + 1e-3 * np.median(steep))
        sound &= np.abs(loss - rows[:, 4]) <= _SAME * high
    return tape if bool(sound.all()) else None
