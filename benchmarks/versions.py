"""Goldens to be run again by other versions of torch, and with other instructions of the processor.

Run with ``python benchmarks/versions.py FOLDER``; then ``descent check FOLDER --against PYTHON`` runs them
again by another Python and sums up by optimizer what differs. docs/versions-of-torch.md has what came out.
"""

from __future__ import annotations

import sys
from pathlib import Path

import descent

SURFACES = ("quadratic:condition=20", "beale", "rosenbrock", "himmelblau")
SCHEDULES = ("", "@step:step_size=30,gamma=0.5", "@cosine")
OPTIMIZERS = (
    "sgd:lr=0.0005",
    "sgd:lr=0.0005,momentum=0.9,nesterov=true,weight_decay=0.01",
    "adam:lr=0.05",
    "adam:lr=0.05,amsgrad=true,weight_decay=0.01",
    "adamw:lr=0.05",
    "adamax:lr=0.05",
    "nadam:lr=0.05",
    "radam:lr=0.0005",
    "adagrad:lr=0.1",
    "adadelta:lr=1",
    "adafactor:lr=0.05",
    "rmsprop:lr=0.01",
    "rmsprop:lr=0.01,centered=true,momentum=0.5",
    "rprop:lr=0.01",
    "asgd:lr=0.0005",
    "lbfgs:lr=0.1,max_iter=4",
    "lbfgs:lr=0.5,max_iter=4,line_search_fn=strong_wolfe",
)


def main(folder: str) -> None:
    """Write a recording for each surface, schedule and precision, with all optimizers in it."""
    for surface in SURFACES:
        for number, schedule in enumerate(SCHEDULES):
            for dtype in ("float64", "float32"):
                specs = [f"{spec}{schedule}" for spec in OPTIMIZERS]
                made = descent.record(surface, specs, steps=100, dtype=dtype, resolution=(8, 8))
                made.save(Path(folder) / f"{surface.partition(':')[0]}-{number}-{dtype}.npz")
    print(f"{len(SURFACES) * len(SCHEDULES) * 2 * len(OPTIMIZERS)} runs of 100 steps in {folder}")


if __name__ == "__main__":
    main(sys.argv[1])
