"""Whole processes: ``descent --help`` against bare click, ``descent compare`` against a hand-written script.

Run with ``python benchmarks/processes.py``; both sides run in turn, and ratios of medians are printed.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_CLICK = "import click\n@click.group()\ndef cli(): ...\n@cli.command()\ndef one(): ...\ncli(['--help'])"
_DESCENT = "import sys; sys.argv = ['descent', '--help']; from descent.cli import main; main()"
_COMPARE = [
    *(sys.executable, "-c", "from descent.cli import main; main()", "compare", "beale"),
    *("-o", "sgd:lr=0.01", "-o", "adam:lr=0.1", "-o", "rmsprop:lr=0.05", "-o", "adagrad:lr=0.5"),
    *("--start", "1,1.5", "--steps", "200"),
]


def seconds(command: list[str]) -> float:
    """Run a command and return how long it took."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begin


def in_turn(first: list[str], second: list[str], runs: int) -> tuple[float, float]:
    """Run two commands in turn and return the median seconds of each; the first pair is not counted."""
    pairs = [(seconds(first), seconds(second)) for _ in range(runs + 1)][1:]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def main() -> None:
    """Measure and print."""
    ours, bare = in_turn([sys.executable, "-c", _DESCENT], [sys.executable, "-c", _CLICK], runs=15)
    print(f"descent --help: {ours * 1e3:.0f} ms, a bare click program: {bare * 1e3:.0f} ms")
    print(f"  ratio: {ours / bare:.2f}")
    script = str(Path(__file__).with_name("straight_script.py"))
    with tempfile.TemporaryDirectory() as folder:
        ours, straight = in_turn(
            [*_COMPARE, "--out", f"{folder}/ours.gif"],
            [sys.executable, script, f"{folder}/script.gif"],
            runs=3,
        )
    print(f"descent compare, 4 optimizers x 200 steps: {ours:.1f} s, script by hand: {straight:.1f} s")
    print(f"  ratio: {straight / ours:.1f} times faster")


if __name__ == "__main__":
    main()
