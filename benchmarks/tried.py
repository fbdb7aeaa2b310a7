"""What trying optimizers costs, and what it gains: classes that no table names, as rows of one tensor.

Run with ``python benchmarks/tried.py``; it needs pytorch-optimizer, of the dependency group "dev". Processes
of their own are measured cold, with an empty cache of findings, and warm. What is compared runs in turn.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from batch import in_turn, starts

from descent import OptimizerSpec
from descent.surfaces import get
from descent.trajectories.descent.batch import choose_methods, descend_many
from descent.trajectories.descent.ends import descend_ends
from descent.trajectories.descent.loop import descend
from descent.trajectories.descent.torch_optim import complete
from descent.trajectories.specs.rates import parse_rates

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMES, STEPS = 5, 200
TORCHS = ("sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.03", "adagrad:lr=0.3")
OTHERS = (
    "pytorch_optimizer.Lion:lr=0.01",
    "pytorch_optimizer.AdaBelief:lr=0.1",
    "pytorch_optimizer.Adan:lr=0.03",
    "pytorch_optimizer.Yogi:lr=0.3",
)
# In a process of its own: the seconds of a comparison, and of all that was tried in it.
_COMPARE = """
import json, sys, time
begin = time.perf_counter()
from descent.trajectories.descent import batch_proof, needs, seen
took = [0.0]
def timed(module, name):
    work = getattr(module, name)
    def measured(*args, **options):
        begin = time.perf_counter()
        try:
            return work(*args, **options)
        finally:
            took[0] += time.perf_counter() - begin
    setattr(module, name, measured)
for module, name in ((needs, "_tried"), (seen, "seen_by_trying"), (batch_proof, "apart_by"),
                     (batch_proof, "_groups")):
    timed(module, name)
from descent.cli import cli
cli(["compare", "beale", *[part for spec in sys.argv[1:] for part in ("-o", spec)], "--out", "a.gif"],
    standalone_mode=False)
print(json.dumps([time.perf_counter() - begin, took[0]]))
"""


def comparison(specs: Sequence[str], cache: Path, folder: Path) -> tuple[float, float]:
    """Return the seconds of a comparison in a new process, and those of trying within it."""
    made = subprocess.run(
        [sys.executable, "-c", _COMPARE, *specs],
        cwd=folder,
        env={**os.environ, "DESCENT_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    whole, tried = json.loads(made.stdout.splitlines()[-1])
    return float(whole), float(tried)


def share(name: str, specs: Sequence[str]) -> None:
    """Print what trying adds to a comparison of four optimizers."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        comparison(specs, here / "spare", here)  # what is loaded from disk at first
        cold = [comparison(specs, here / f"cold{number}", here) for number in range(TIMES)]
        warm = [comparison(specs, here / "cold0", here) for _ in range(TIMES)]
    for word, some in (("cold", cold), ("warm", warm)):
        whole, tried = min(some, key=lambda each: each[1] / each[0])
        part = f"of which tried {tried:.3f} s, {tried / whole:.1%} (at most 5 % is wanted)"
        print(f"compare, four of {name}, {word}: {whole:.2f} s, {part}")


def main() -> None:
    """Measure and print."""
    share("torch's", TORCHS)
    share("pytorch-optimizer's", OTHERS)
    beale, himmelblau = get("beale"), get("himmelblau")
    names = [spec.partition(":")[0] for spec in OTHERS[:2]]
    rates = [f"{name}:lr={rate}" for name in names for rate in parse_rates("1e-5:1:25")]
    full = [complete(OptimizerSpec.parse(spec), STEPS) for spec in rates]
    methods = choose_methods(beale, full, "cpu", "float64")
    descend(beale, rates[0], beale.start, 2)
    one_by_one, batched = in_turn(
        lambda: [descend(beale, spec, beale.start, STEPS) for spec in rates],
        lambda: descend_many(beale, rates, [beale.start], STEPS, methods=methods),
        times=3,
    )
    print(f"25 rates x 2 optimizers that no table names x {STEPS} steps: {methods[0]}")
    print(f"  batched {batched:.2f} s, one by one {one_by_one:.2f} s")
    print(f"  ratio: {one_by_one / batched:.1f} times faster (at least 8 is wanted)")
    points = starts(100)
    single, many = in_turn(
        lambda: [descend(himmelblau, OTHERS[0], tuple(point), STEPS) for point in points],
        lambda: descend_ends(
            himmelblau, [OTHERS[0]], points, STEPS, tolerance=0.1, device="cpu", dtype="float64"
        ),
        times=3,
    )
    print(f"basins of 10 x 10 starts: batched {many:.2f} s, one by one {single:.2f} s")
    print(f"  ratio: {single / many:.1f} times faster (at least 8 is wanted)")


if __name__ == "__main__":
    main()
