"""How fast, how large and how hungry: saving a GIF here against FuncAnimation with PillowWriter.

Both sides draw the same compiled scene, artist for artist, 200 frames at 640x480 with 4 trajectories. They
differ in how frames are drawn and encoded only. Run with ``python benchmarks/animation.py``; prints ratios.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter

import descent
from descent.viz.canvas.frames import backdrop, stream, whole
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose

SPECS = ["sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05", "adagrad:lr=0.5"]
SIZE = (640, 480)
FRAMES = 200


def record(path: Path, steps: int) -> None:
    """Save a recording, so that the measured processes need no torch."""
    descent.record("beale", SPECS, steps=steps, start=(1, 1.5)).save(path)


def ours(recording: descent.Recording, path: Path) -> float:
    """Save with this package and return the seconds it took, compiling the figure included."""
    begin = time.perf_counter()
    descent.animate(recording, size=SIZE).save(path)
    return time.perf_counter() - begin


def theirs(recording: descent.Recording, path: Path) -> float:
    """Save the same figure with FuncAnimation and PillowWriter and return the seconds it took."""
    begin = time.perf_counter()
    stage = compile_scene(compose(recording, size=SIZE))
    stage.set_changing_visible(True)

    def update(frame: int) -> list[object]:
        stage.show(frame)
        return []

    animation = FuncAnimation(stage.figure, update, frames=stage.scene.frames, blit=False)
    animation.save(path, writer=PillowWriter(fps=25))
    return time.perf_counter() - begin


def largest_difference(recording: descent.Recording) -> int:
    """Compare every tenth fast frame with the frame drawn whole; returns the largest difference of 255."""
    stage = compile_scene(compose(recording, size=SIZE))
    kept = {
        i: pixels[..., :3].copy() for i, pixels in enumerate(stream(stage, backdrop(stage))) if i % 10 == 0
    }
    return max(int(np.abs(whole(stage, i).astype(int) - pixels).max()) for i, pixels in kept.items())


def peak_memory(source: Path, target: Path) -> float:
    """Return the peak memory in MiB of a fresh process that renders a recording, one frame a step."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_render_and_weigh, (source, target))


def _render_and_weigh(source: Path, target: Path) -> float:
    recording = descent.load(source)
    descent.animate(recording, size=SIZE, seconds=recording.steps / 50, fps=50).save(target)
    status = Path("/proc/self/status")
    if status.exists():  # on Linux getrusage also counts the parent process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    unit = 1 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        record(here / "short.npz", FRAMES - 1)
        record(here / "long.npz", 10 * FRAMES - 1)
        recording = descent.load(here / "short.npz")
        ours(recording, here / "warm.gif")
        fast = sorted(ours(recording, here / "ours.gif") for _ in range(5))[2]
        slow = theirs(recording, here / "theirs.gif")
        small, large = (here / "ours.gif").stat().st_size, (here / "theirs.gif").stat().st_size
        print(f"{FRAMES} frames at {SIZE[0]}x{SIZE[1]}, {len(SPECS)} trajectories")
        for side, took, size in (("here", fast, small), ("FuncAnimation, PillowWriter", slow, large)):
            print(f"  {side:<27} {took:6.2f} s  {FRAMES / took:5.1f} frames/s  {size / 1e3:5.0f} kB")
        print(f"  ratio: {slow / fast:.0f} times the frames a second, {large / small:.1f} times smaller")
        print(
            f"  fast frames differ from frames drawn whole by at most {largest_difference(recording)} of 255"
        )
        some = peak_memory(here / "short.npz", here / "short.gif")
        many = peak_memory(here / "long.npz", here / "long.gif")
        print(f"peak memory: {some:.0f} MiB for {FRAMES} frames, {many:.0f} MiB for {10 * FRAMES}")
        print(f"  ratio: {many / some:.2f}")


if __name__ == "__main__":
    main()
