"""Many runs as one tensor program: every path as `descend` gives it.

A run in a batch makes the same updates as one alone, by the same classes of ``torch.optim``. Its numbers
are the same too, bit for bit but for the sign of a NaN, wherever torch computes the surface alike for one
point and for many; `exact` says for which surfaces that is sure. With torch 2.13 on x86 it holds for all
surfaces of the catalogue but those with general powers (zakharov, dekkers_aarts, cross_in_tray,
michalewicz, de_jong_5) and for all optimizers that proved it when they were tried, see `batch_proof`:
elsewhere, numbers may differ in their last bits from the first step on, and paths that amplify such
differences drift apart as they would for any other rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, NotPossibleError
from ..arguments import check_amount, check_whole
from ..optimizers.surprises import surprises
from ..results.exploration import endings, outcome_of
from ..results.recipe import BATCHED, ONE_BY_ONE
from ..results.trajectory import Trajectory, judge
from ..specs.optimizer_spec import as_spec
from .batching import calls_functions, programs, why_alone
from .loop import descend
from .machine import resolve_device, resolve_dtype
from .noise import repeatable
from .optimizer_state import ROW_BYTES as STATE_BYTES
from .optimizer_state import States, of_run
from .seen import facts_of
from .torch_optim import complete
from .watchers import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    from ...surfaces.surface import Box, Surface
    from ..results.trajectory import Outcome
    from ..specs.optimizer_spec import OptimizerSpec

MEMORY = 2e9  # bytes that a batch may use by default
STEP_BYTES = 4096  # what a run needs at most while a step is computed, whatever is kept of it
ROW_BYTES = 40  # point, gradient and loss of one run at one step, in float64


def choose_methods(
    surface: Surface, specs: Sequence[OptimizerSpec], device: str, dtype: str, *, exact: bool = False
) -> tuple[str, ...]:
    """Say for each spec whether its runs can be rows of a tensor program, or must run one by one.

    Args:
        surface: The loss; one that cannot take many points at once, or has one parameter, runs one by one.
        specs: Optimizer specs.
        device: A concrete device.
        dtype: ``float64`` or ``float32``.
        exact: Batch only what is sure to equal single runs bit for bit, and nothing where only one run could
            be.
    """
    import torch

    from .exactness import gives_the_same, takes_many

    alone = (ONE_BY_ONE,) * len(specs)
    # Rows of a tensor program hold two parameters; and one run gains nothing.
    if surface.parameters == 1 or (exact and len(specs) < 2):
        return alone
    like = torch.empty(0, dtype=getattr(torch, dtype), device=device)
    if not (gives_the_same if exact else takes_many)(surface, like):
        return alone
    fit = [
        not (exact and calls_functions(spec)) and not why_alone(spec, like.dtype, device, exact=exact)
        for spec in specs
    ]
    if exact and sum(fit) < 2:
        return alone
    return tuple(BATCHED if one else ONE_BY_ONE for one in fit)


def descend_many(
    surface: Surface,
    specs: Sequence[OptimizerSpec | str],
    starts: ArrayLike,
    steps: int,
    *,
    seed: int | Sequence[int] = 0,
    device: str = "cpu",
    dtype: str | None = None,
    noise: float = 0.0,
    stop_at: float | None = None,
    view: Box | None = None,
    memory: float = MEMORY,
    methods: Sequence[str] | None = None,
    state: bool = False,
    progress: Callable[[int, int], object] | None = None,
) -> list[Trajectory]:
    """Run every spec from every start and return what `descend` would for each: specs outside, starts inside.

    Args:
        surface: The loss.
        specs: Optimizer specs, S of them.
        starts: Points, shape (N, 2).
        steps: How many updates each run makes.
        seed: Starts the noise; one for all starts, or one for each.
        device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
        dtype: ``float64`` or ``float32``; the most precise that the device has when None.
        noise: Standard deviation of what is added to each gradient component after each backward pass.
        stop_at: A run ends as soon as the norm of its gradient is at most this.
        view: The box that outcomes refer to; the surface's own when None.
        memory: Bytes to use; half of it for the result, 40 bytes a run and step, half for work.
        methods: How each spec runs, as `choose_methods` says; chosen when None.
        state: Whether to keep what the optimizers hold after each step, as much again as the paths and more.
        progress: Called after each run with how many are done and how many there are.

    Raises:
        DescentError: An argument is out of range, torch refuses the options, or the paths need more memory.

    >>> from descent.surfaces import get
    >>> runs = descend_many(get("sphere"), ["sgd:lr=0.25", "sgd:lr=0.5"], [(1.0, -1.0)], steps=2)
    >>> [run.points[-1].tolist() for run in runs]
    [[0.25, -0.25], [0.0, 0.0]]
    """
    import torch

    from .tensor_program import noises, run

    begin = check_starts(starts)
    steps, noise = check_whole(steps, "steps", 1), check_amount(noise, "noise")
    stop_at = None if stop_at is None else check_amount(stop_at, "stop_at")
    seeds = _seeds(seed, len(begin))
    device = resolve_device(device)
    dtype = resolve_dtype(dtype, device)
    full = [complete(as_spec(spec), steps) for spec in specs]
    total, path = len(full) * len(begin), (steps + 1) * (ROW_BYTES + state * STATE_BYTES)
    if total * path > memory / 2:
        raise NotPossibleError(
            f"{total:,} paths of {steps:,} steps need {in_bytes(2 * total * path)} of memory, "
            f"and {in_bytes(memory)} are allowed; make fewer runs or steps, or allow more"
        )
    methods = choose_methods(surface, full, device, dtype) if methods is None else methods
    options: dict[str, Any] = {
        "device": device,
        "dtype": dtype,
        "noise": noise,
        "stop_at": stop_at,
        "view": view,
        "state": state,
    }

    found: dict[tuple[int, int], Trajectory] = {}

    def done(spec: int, start: int, trajectory: Trajectory) -> None:
        found[spec, start] = trajectory
        if progress is not None:
            progress(len(found), total)

    at_once = max(1, int(memory / 2 / (2 * path + STEP_BYTES)))
    batched = [index for index, method in enumerate(methods) if method == BATCHED]
    for some, part in _chunks(programs(full, batched), len(begin), at_once):
        chosen = [full[index] for index in some]
        with repeatable(0, torch.device(device)):
            where = torch.tensor(begin[part], dtype=getattr(torch, dtype), device=device)
            rows = Rows.empty(len(some), where, steps, stop_at)
            added = noises(noise, seeds[part] if len(set(seeds)) > 1 else seeds[:1], where)
            states = States(steps + 1) if state else None
            rates = run(surface, chosen, where, steps, rows, added, states)
        arrays = rows.arrays()
        ends = None if stop_at is not None else _outcomes(arrays, view or surface.view)
        for one, index in enumerate(some):
            cut = _Cut(str(full[index]), full[index].accumulate, stop_at, view or surface.view)
            held = {} if states is None else states.arrays(one)
            for row in range(len(where)):
                own = {name: array[:, row :: len(where)] for name, array in held.items()}
                path_ = cut.run(arrays[one, row], rates[one], own, None if ends is None else ends[one][row])
                if state:  # of thousands of runs nobody reads it
                    begun = (float(begin[part.start + row, 0]), float(begin[part.start + row, 1]))
                    seen = facts_of(full[index], where.dtype, path_.points, path_.gradients, begun)
                    met = surprises(
                        full[index], path_.losses, path_.learning_rates, path_.points, path_.gradients
                    )
                    path_ = replace(path_, facts=(*seen, *met))
                done(index, part.start + row, path_)
    for index, method in enumerate(methods):
        for row, seed_ in enumerate(seeds if method == ONE_BY_ONE else ()):
            x, y = begin[row].tolist()
            done(index, row, descend(surface, full[index], (x, y), steps, seed=seed_, **options))
    return [found[spec, start] for spec in range(len(full)) for start in range(len(begin))]


def _chunks(programs: list[list[int]], starts: int, at_once: int) -> Iterator[tuple[list[int], slice]]:
    """Cut programs so that each has at most so many runs: first into fewer starts, then into fewer specs."""
    for some in programs:
        specs = max(1, at_once // starts)
        for first in range(0, len(some), specs):
            for row in range(0, starts, at_once):
                yield some[first : first + specs], slice(row, min(row + at_once, starts))


@dataclass(frozen=True, slots=True)
class _Cut:
    """What makes trajectories of the rows of one spec's runs."""

    spec: str
    accumulate: int
    stop_at: float | None
    view: Box

    def run(
        self,
        rows: NDArray[np.float64],
        rates: NDArray[np.float64],
        held: dict[str, NDArray[np.float64]],
        outcome: Outcome | None,
    ) -> Trajectory:
        """Return a run's trajectory from its rows (steps + 1, ...), cut where the stopping rule is met."""
        met = None if self.stop_at is None else _first_met(rows[:, 2:4], self.stop_at)
        steps = len(rates) if met is None else met
        points, gradients, losses = (rows[: steps + 1, part].copy() for part in (slice(2), slice(2, 4), 4))
        outcome = outcome or judge(points, losses, gradients, self.view, met)
        evaluations, state = steps * self.accumulate, of_run(held, steps)
        done = (points, losses, gradients, rates[:steps].copy(), outcome, evaluations)
        return Trajectory(self.spec, *done, state=state)


def _outcomes(rows: NDArray[np.float64], view: Box) -> list[list[Outcome]]:
    """Return how each of many runs ended, from their rows (S, N, steps + 1, 5): as `judge` says it of one."""
    finite = np.asarray(np.isfinite(rows[..., 2:4]).all(axis=-1))
    return [
        [outcome_of(lost, out) for lost, out in zip(*each, strict=True)]
        for each in zip(
            *(at.tolist() for at in endings(rows[..., :2], rows[..., 4], finite, view)), strict=True
        )
    ]


def _first_met(gradients: NDArray[np.float64], stop_at: float) -> int | None:
    # The same function as for a single run decides; NumPy only says which rows are worth asking about.
    with np.errstate(over="ignore"):
        near = np.flatnonzero(np.hypot(gradients[:, 0], gradients[:, 1]) <= stop_at * (1 + 1e-9))
    return next((int(k) for k in near if math.hypot(*gradients[k].tolist()) <= stop_at), None)


def check_starts(starts: ArrayLike) -> NDArray[np.float64]:
    """Return starts as an array (N, 2) of finite numbers, or raise DescentError.

    >>> check_starts([(1, 2)]).tolist()
    [[1.0, 2.0]]
    """
    try:
        found = np.asarray(starts, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.ndim != 2 or found.shape[1] != 2 or not len(found):
        raise DescentError(f"starts need shape (N, 2) with N >= 1, not {np.shape(found)}")
    if not np.isfinite(found).all():
        raise DescentError("starts must be finite")
    return found


def in_bytes(amount: float) -> str:
    """Write a number of bytes for people.

    >>> in_bytes(2e9), in_bytes(1500)
    ('2 GB', '1.5 kB')
    """
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if amount >= size:
            return f"{amount / size:.3g} {unit}"
    return f"{amount:.3g} bytes"


def _seeds(seed: int | Sequence[int], starts: int) -> list[int]:
    seeds = [seed] * starts if isinstance(seed, int) else list(seed)
    if len(seeds) != starts:
        raise DescentError(f"{starts} starts need one seed, or {starts} seeds, not {len(seeds)}")
    return [check_whole(each, "seed", 0) for each in seeds]
