"""How fast, how large and how hungry: saving a GIF here, against three others.

- FuncAnimation with PillowWriter drawing the same compiled scene, artist for artist, 200 frames at 640x480
  with 4 trajectories: the two differ in how frames are drawn and encoded only.
- ``straight_film.py``, which is what one would write by hand; 200 frames of 960 x 600 on both sides.
- With ``--base COMMIT`` this package as it was then: 200 frames at 640x480, in turns, processor time.

Run with ``python benchmarks/animation.py``; prints ratios.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import straight_film
from matplotlib.animation import FuncAnimation, PillowWriter

import descent
from descent.viz.canvas.frames import backdrop, stream, whole
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scene import compose

SPECS = ["sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05", "adagrad:lr=0.5"]
SIZE = (640, 480)
FRAMES = 200
BY_HAND = (960, 600)  # pixels
ROOT = Path(__file__).parents[1]
ONE_SIDE = f"""
import sys, time, descent
recording = descent.record("beale", {SPECS}, steps={FRAMES - 1}, start=(1, 1.5))
least = float("inf")
for _ in range(5):
    begin = time.process_time()
    descent.animate(recording, size={SIZE}).save(sys.argv[1])
    least = min(least, time.process_time() - begin)
print(least)
"""


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


def by_hand(recording: descent.Recording, path: Path) -> float:
    """Save the film that one would write by hand and return the processor time it took in seconds."""
    paths = {run.spec: run.points for run in recording.trajectories}
    begin = time.process_time()
    straight_film.save(paths, FRAMES, path)
    return time.process_time() - begin


def by_default(recording: descent.Recording, path: Path) -> float:
    """Save with this package, nothing asked for, and return the processor time it took in seconds."""
    begin = time.process_time()
    descent.animate(recording).save(path)
    return time.process_time() - begin


def once(tree: Path, folder: Path) -> float:
    """Return the least processor time of five saves in a fresh process, by the package that a tree holds."""
    place = folder / "package"
    place.mkdir()
    (place / "descent").symlink_to(tree, target_is_directory=True)
    environment = os.environ | {"PYTHONPATH": str(place), "OMP_NUM_THREADS": "1"}
    call = [sys.executable, "-c", ONE_SIDE, str(folder / "film.gif")]
    return float(subprocess.run(call, env=environment, cwd=folder, capture_output=True, check=True).stdout)


def against(commit: str) -> None:
    """Measure this tree and another commit's in turns, three times each, and print both."""
    with tempfile.TemporaryDirectory() as place:
        before = Path(place, "before")
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(before), commit], check=True)
        try:
            found: dict[Path, list[float]] = {before: [], ROOT: []}
            for turn in range(3):
                for number, (tree, times) in enumerate(found.items()):
                    folder = Path(place, f"{turn}-{number}")
                    folder.mkdir()
                    times.append(once(tree, folder))
        finally:
            subprocess.run([*git, "remove", "--force", str(before)], check=True)
    old, new = (min(times) for times in found.values())
    print(f"processor time of {FRAMES} frames at {SIZE[0]}x{SIZE[1]}: here {new:.2f} s, {commit} {old:.2f} s")
    print(f"  ratio: {old / new:.2f} times faster than {commit} (1.6 is wanted)")


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
    parser = argparse.ArgumentParser(description="How fast saving a GIF is.")
    parser.add_argument("--base", help="also measure the package at this commit")
    base = parser.parse_args().base
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
        fast = min(by_default(recording, here / "default.gif") for _ in range(5))
        slow = by_hand(recording, here / "by_hand.gif")
        print(f"{FRAMES} frames at {BY_HAND[0]}x{BY_HAND[1]}, processor time")
        print(f"  here {fast:.2f} s, FuncAnimation with blit and PillowWriter by hand {slow:.2f} s")
        print(f"  ratio: {slow / fast:.0f} times faster (at least 40 is wanted)")
        some = peak_memory(here / "short.npz", here / "short.gif")
        many = peak_memory(here / "long.npz", here / "long.gif")
        print(f"peak memory: {some:.0f} MiB for {FRAMES} frames, {many:.0f} MiB for {10 * FRAMES}")
        print(f"  ratio: {many / some:.2f}")
    if base:
        against(base)


if __name__ == "__main__":
    main()
