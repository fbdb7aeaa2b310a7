"""What a film costs a training loop: time a step and memory, in the loop and where it is developed.

Run with ``python benchmarks/film.py``. With ``--base FOLDER``, where FOLDER/descent is another checkout, the
smaller model is filmed by that as well; the larger one would need some 50 GB there. The same loop runs with
and without the film in turn, some steps at a time, in one process; each film has a process of its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

HERE = str(Path(__file__).resolve().parents[2])
SIZES = {"1 million weights": (640, 200, 50), "10 million weights": (2720, 1000, 100)}  # width, steps, a turn
BATCH, SAMPLES = 64, 64


def peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def one(width: int, steps: int, turn: int) -> None:
    """Train with and without a film, and print what it cost."""
    import torch
    from torch import nn

    import descent

    torch.manual_seed(0)
    x, y = torch.randn(1024, 784), torch.randint(10, (1024,))

    def trained() -> tuple[nn.Module, torch.optim.Optimizer]:
        torch.manual_seed(1)
        widths = ((784, width), (width, width), (width, 10))
        layers = [layer for a, b in widths for layer in (nn.Linear(a, b), nn.ReLU())]
        module = nn.Sequential(*layers[:-1])
        return module, torch.optim.SGD(module.parameters(), lr=0.01)

    def run(module: nn.Module, optimizer: torch.optim.Optimizer, first: int) -> float:
        begin = time.perf_counter()
        for step in range(first, first + turn):
            some = torch.arange(step * BATCH, (step + 1) * BATCH) % len(x)
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(x[some]), y[some]).backward()
            optimizer.step()
        return time.perf_counter() - begin

    plain, filmed = trained(), trained()
    for each in (plain, filmed):
        run(*each, -turn)
    alone, with_film, before = 0.0, 0.0, peak()
    film = descent.recording(*filmed, (x[:SAMPLES], y[:SAMPLES]), "cross_entropy", resolution=(5, 5))
    with film:
        for first in range(0, steps, turn):
            with_film += run(*filmed, first)
            begin = time.perf_counter()
            for each in getattr(getattr(film._recorder, "kept_in", None), "_waiting", ()):
                each.writing.result()  # so that nothing is written while the other one runs
            with_film += time.perf_counter() - begin
            alone += run(*plain, first)
    looped = peak()
    begin = time.perf_counter()
    made = film.recording
    seconds = time.perf_counter() - begin
    print(
        f"{alone / steps * 1e3:9.1f}{with_film / steps * 1e3:9.1f}{with_film / alone:8.2f}"
        f"{before:9.0f}{looped - before:9.0f}{peak() - before:11.0f}{seconds:9.1f}"
        f"{len(made.trajectories[0].at) - 1:7}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", help="a folder with another checkout as its descent/")
    parser.add_argument("--only", choices=SIZES)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(*SIZES[given.one])
        return
    print(f"SGD on 784-h-h-10, batches of {BATCH}; developing measures {SAMPLES} samples; memory in MB, more")
    print("than the training itself with the model without a film beside it")
    heads = {
        "ms/step": 9,
        "filmed": 9,
        "ratio": 8,
        "before": 9,
        "in loop": 9,
        "developed": 11,
        "s": 9,
        "kept": 7,
    }
    print(" " * 38 + "".join(f"{head:>{width}}" for head, width in heads.items()))
    for name, (_, steps, _) in SIZES.items():
        for side in ("here", "base"):
            if given.only not in (None, name) or (side == "base" and (not given.base or steps > 200)):
                continue
            path = HERE if side == "here" else given.base
            print(f"{name} x {steps:,} steps, {side:<10}".ljust(38), end="", flush=True)
            command = [sys.executable, __file__, "--one", name]
            subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, check=True)


if __name__ == "__main__":
    main()
