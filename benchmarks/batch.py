"""Many runs as one tensor program against one by one, and how the cost grows with runs and with rates.

Run with ``python benchmarks/batch.py``; what is compared runs in turn, and ratios of the best times are
printed. A GPU is measured too where there is one.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import torch

from descent.surfaces import get
from descent.trajectories.descent import rate_rows
from descent.trajectories.descent.batch import descend_many
from descent.trajectories.descent.ends import descend_ends
from descent.trajectories.descent.loop import descend
from descent.trajectories.experiments.sweep import sweep
from descent.trajectories.specs.rates import parse_rates

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = 200
GROUPS = 2_000  # rates that are run as groups too, which would take ten minutes for 100,000
BEALE, HIMMELBLAU = get("beale"), get("himmelblau")
SPECS = [f"{name}:lr={rate}" for name in ("sgd", "adam", "rmsprop") for rate in parse_rates("1e-5:1:25")]


def seconds(work: Callable[[], object]) -> float:
    """Do some work and return how long it took."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def in_turn(first: Callable[[], object], second: Callable[[], object], times: int) -> tuple[float, float]:
    """Do two things in turn, several times, and return the least seconds of each."""
    pairs = [(seconds(first), seconds(second)) for _ in range(times)]
    return min(one for one, _ in pairs), min(other for _, other in pairs)


def starts(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return so many points in Himmelblau's view, the same every time."""
    (x0, x1), (y0, y1) = HIMMELBLAU.view
    return np.random.default_rng(0).uniform((x0, y0), (x1, y1), (count, 2))


def ends(count: int, device: str = "cpu") -> Callable[[], object]:
    """Return the work of Adam from so many starts, of which only the ends are kept."""
    points = starts(count)
    return lambda: descend_ends(
        HIMMELBLAU, ["adam:lr=0.1"], points, STEPS, tolerance=0.1, device=device, dtype="float64"
    )


def rates_at_once() -> None:
    """Measure sweeps of many rates against the same as groups of one optimizer, in processor time."""

    def work(count: int) -> float:
        begin = time.process_time()
        sweep(BEALE, "adam", f"1e-5:1:{count}", steps=STEPS, resolution=(2, 2))
        return time.process_time() - begin

    def by_groups(count: int) -> float:
        many, rate_rows.MANY = rate_rows.MANY, 10**12
        try:
            return work(count)
        finally:
            rate_rows.MANY = many

    pairs = [(by_groups(GROUPS), work(GROUPS), work(100_000)) for _ in range(3)]
    groups, fewer, many = (sorted(each)[1] for each in zip(*pairs, strict=True))
    scaled = groups * 100_000 / GROUPS
    print(f"sweep of {GROUPS:,} rates x {STEPS} steps of Adam: groups {groups:.1f} s, at once {fewer:.2f} s")
    print(f"  ratio: {groups / fewer:.0f} times faster (at least 50 is wanted)")
    print(f"100,000 rates: groups {scaled:.0f} s ({100_000 // GROUPS} times those), at once {many:.1f} s")
    print(f"  ratio: {scaled / many:.0f} times faster (at least 200 is wanted)")


def main() -> None:
    """Measure and print."""
    rates_at_once()
    descend(BEALE, SPECS[0], BEALE.start, 2)  # torch loads its optimizers when the first one is built

    one_by_one, batched = in_turn(
        lambda: [descend(BEALE, spec, BEALE.start, STEPS) for spec in SPECS],
        lambda: descend_many(BEALE, SPECS, [BEALE.start], STEPS),
        times=3,
    )
    print(f"25 rates x 3 optimizers x {STEPS} steps: batched {batched:.2f} s, one by one {one_by_one:.2f} s")
    print(f"  ratio: {one_by_one / batched:.1f} times faster (at least 6 is wanted)")

    one, many = in_turn(lambda: descend(HIMMELBLAU, "adam:lr=0.1", (1.0, 1.0), STEPS), ends(65_536), times=5)
    print(f"Adam for {STEPS} steps: one start {one:.3f} s, 65,536 starts {many:.2f} s")
    print(f"  ratio: {many / one:.1f} times the time of one start (at most 25 is wanted)")

    devices = ["cpu", "cuda:0"] if torch.cuda.is_available() else ["cpu"]
    print(f"\nAdam on Himmelblau for {STEPS} steps, ends only: seconds by number of runs")
    print(f"{'runs':>8}" + "".join(f"{device:>10}" for device in devices))
    for device in devices:
        ends(1, device)()
    for count in (1, 10, 100, 1_000, 10_000, 100_000):
        took = [min(seconds(ends(count, device)) for _ in range(3)) for device in devices]
        print(f"{count:>8,}" + "".join(f"{each:>10.3f}" for each in took), flush=True)


if __name__ == "__main__":
    main()
