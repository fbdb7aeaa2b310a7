"""How fast: MP4 here against matplotlib's FuncAnimation with FFMpegWriter, drawing and encoding apart.

Both sides draw the same compiled scene, artist for artist, at 640x480 with 4 trajectories, and give the same
ffmpeg the same factor, preset and tuning. Theirs draws fewer frames and is counted by the frame. Run with
``python benchmarks/video.py``; prints ratios.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import imageio_ffmpeg
import matplotlib as mpl
from animation import SIZE, SPECS, record
from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, FuncAnimation

import descent
from descent.viz.canvas.frames import backdrop, stream
from descent.viz.canvas.stage import Stage, compile_scene
from descent.viz.files.order import Order
from descent.viz.files.video import mp4
from descent.viz.scenes.scene import compose

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMES = 200
THEIR_FRAMES = 40
TIMES = 5
OPTIONS = ["-crf", "18", "-preset", "medium", "-tune", "animation", "-pix_fmt", "yuv420p", "-threads", "2"]


class Nowhere(AbstractMovieWriter):
    """Takes frames as FFMpegWriter does, and drops them."""

    def setup(self, fig: object, outfile: object, dpi: float | None = None) -> None:
        """Remember the figure."""
        super().setup(fig, outfile, dpi)

    def grab_frame(self, **options: object) -> None:
        """Draw the figure as FFMpegWriter does."""
        with Path(os.devnull).open("wb") as sink:
            self.fig.savefig(sink, format="rgba", dpi=self.dpi, **options)

    def finish(self) -> None:
        """There is nothing to finish."""


def staged(recording: descent.Recording) -> Stage:
    """Compile the figure that both sides draw, without a hold: both write one picture a frame."""
    return compile_scene(compose(recording, size=SIZE, hold=0.0))


def median(measure: Callable[[], float], times: int) -> float:
    """Measure several times."""
    return statistics.median(measure() for _ in range(times))


def our_drawing(stage: Stage) -> float:
    """Return the seconds a frame that drawing takes here."""
    begin = time.perf_counter()
    for _ in stream(stage, backdrop(stage)):
        pass
    return (time.perf_counter() - begin) / stage.scene.frames


def our_video(stage: Stage, path: Path) -> float:
    """Return the seconds a frame that a whole MP4 takes here."""
    begin = time.perf_counter()
    mp4(stage, path, Order("{}"))
    return (time.perf_counter() - begin) / stage.scene.frames


def numbered_frames(recording: descent.Recording, folder: Path) -> tuple[float, float]:
    """Return the processor seconds and the bytes a frame that numbered PNG files take."""
    animation = descent.animate(recording, size=SIZE, hold=0.0)
    animation.frame(0)
    begin = time.process_time()
    folder = animation.save(f"{folder}/")
    took = time.process_time() - begin
    has = sum(path.stat().st_size for path in folder.glob("*.png"))
    return took / len(animation), has / len(animation)


def theirs(stage: Stage, path: Path, writer: AbstractMovieWriter) -> float:
    """Return the seconds a frame that FuncAnimation takes with a writer."""
    begin = time.perf_counter()
    stage.set_changing_visible(True)

    def update(frame: int) -> list[object]:
        stage.show(frame)
        return []

    shown = range(0, stage.scene.frames, stage.scene.frames // THEIR_FRAMES)
    FuncAnimation(stage.figure, update, frames=shown, blit=False).save(path, writer=writer)
    return (time.perf_counter() - begin) / len(shown)


def ffmpeg_writer() -> AbstractMovieWriter:
    """Make matplotlib's writer for the video that is written here."""
    return FFMpegWriter(fps=25, codec="h264", extra_args=OPTIONS)


def main() -> None:
    """Measure and print."""
    mpl.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        record(here / "a.npz", FRAMES - 1)
        recording = descent.load(here / "a.npz")
        stage, other = staged(recording), staged(recording)
        our_video(stage, here / "warm.mp4")
        rows = {
            "drawing": (
                median(lambda: our_drawing(stage), TIMES),
                median(lambda: theirs(other, here / "nowhere", Nowhere(fps=25)), 2),
            ),
            "with encoding": (
                median(lambda: our_video(stage, here / "ours.mp4"), TIMES),
                median(lambda: theirs(other, here / "theirs.mp4", ffmpeg_writer()), 2),
            ),
        }
        size = f"{SIZE[0]}x{SIZE[1]}"
        print(f"MP4 at {size}, {len(SPECS)} trajectories, {FRAMES} frames here, {THEIR_FRAMES} there")
        for (what, (fast, slow)), least in zip(rows.items(), (20, 4), strict=True):
            print(f"  {what:<14} here {1e3 * fast:5.2f} ms a frame, FuncAnimation {1e3 * slow:6.2f} ms")
            print(f"  ratio: {slow / fast:.1f} times the frames a second (at least {least} is wanted)")
        took, has = numbered_frames(recording, here / "frames")
        print(f"numbered PNG frames: {1e3 * took:.2f} ms of the processor and {has / 1e3:.1f} kB a frame")


if __name__ == "__main__":
    main()
