"""The script one would write by hand: four optimizers on Beale's function, FuncAnimation and PillowWriter.

It is the other side of ``processes.py`` and deliberately plain.
"""

from __future__ import annotations

import sys

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.animation import FuncAnimation, PillowWriter

STEPS = 200


def beale(x, y):  # type: ignore[no-untyped-def]
    """Evaluate the loss."""
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def main(path: str) -> None:
    """Run, draw and save."""
    optimizers = {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.01),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.1),
        "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.05),
        "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.5),
    }
    paths, losses = {}, {}
    for name, build in optimizers.items():
        point = torch.tensor([1.0, 1.5], dtype=torch.float64, requires_grad=True)
        optimizer = build([point])
        paths[name], losses[name] = [point.detach().numpy().copy()], []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = beale(point[0], point[1])
            loss.backward()
            optimizer.step()
            paths[name].append(point.detach().numpy().copy())
            losses[name].append(loss.item())
        losses[name].append(beale(*paths[name][-1]))
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 6.0))
    side = np.linspace(-4.5, 4.5, 256)
    x, y = np.meshgrid(side, side)
    left.contourf(x, y, np.log(beale(x, y) + 1e-3), levels=22, cmap="Blues_r")
    left.plot(3, 0.5, "k*")
    right.set_xlim(0, STEPS)
    right.set_yscale("log")
    right.set_ylim(1e-3, 1e2)
    lines = {name: left.plot([], [], label=name)[0] for name in paths}
    curves = {name: right.plot([], [])[0] for name in paths}
    left.legend()
    title = left.set_title("")

    def update(step: int):  # type: ignore[no-untyped-def]
        for name in paths:
            points = np.array(paths[name][: step + 1])
            lines[name].set_data(points[:, 0], points[:, 1])
            curves[name].set_data(range(step + 1), losses[name][: step + 1])
        title.set_text(f"step {step}")
        return [*lines.values(), *curves.values(), title]

    FuncAnimation(figure, update, frames=STEPS + 1).save(path, writer=PillowWriter(fps=25))


if __name__ == "__main__":
    main(sys.argv[1])
