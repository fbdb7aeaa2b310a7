"""Videos: frames go to ffmpeg as they are drawn, and the recipe goes with them."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import NotPossibleError
from ...surfaces.reading import open_regular
from ..canvas.frames import backdrop
from .encoders import counted
from .formats import NO_FFMPEG
from .metadata import LARGEST, check_size
from .order import COLOURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ..canvas.stage import Stage
    from ..scenes.timing import Timing
    from .order import Order

_DEMUXERS = {
    ".mp4": "mov",
    ".mov": "mov",
    ".m4v": "mov",
    ".webm": "matroska",
    ".mkv": "matroska",
}  # what ffmpeg calls what reads them
_PATIENCE = 20.0  # seconds that ffmpeg may take to read the words of a video
_MOST_SAID = 2**16  # bytes of what ffmpeg complains of
_SLOWEST = 0.5  # no picture lasts longer, in seconds: players stall on slower videos, and the hold needs it


@dataclass(frozen=True, slots=True)
class _Codec:
    """How ffmpeg is asked for a kind of video."""

    container: str  # its name at ffmpeg
    options: tuple[str, ...]
    quality: int  # constant rate factor of line art that looks as it was drawn; larger is coarser
    coarser: int  # what is added to it each time that the colours are halved


# Measured on 100 pages of 960x600: slower presets, and VP9's other deadlines, need up to six times the time
# and make files up to 13 % smaller. The number of threads is fixed because the bytes may depend on it.
_THREADS = ("-threads", "2")
_MP4 = _Codec(
    "mp4",
    (
        *("-c:v", "libx264", "-preset", "medium", "-tune", "animation", *_THREADS),
        *("-bsf:v", "filter_units=remove_types=6"),  # the note in which the encoder names its version
        *("-movflags", "+faststart"),
    ),
    quality=18,
    coarser=5,
)
_WEBM = _Codec(
    "webm",
    ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "6", "-row-mt", "1", *_THREADS, "-b:v", "0"),
    quality=24,
    coarser=8,
)

# Decoders take what is not said for BT.601 or BT.709 as they like, so that colours would be off.
_COLOURS = (
    "scale=out_color_matrix=bt709:out_range=limited:flags=area+accurate_rnd+full_chroma_inp+bitexact,"
    "format=yuv%sp,setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=limited"
)
_NO_DATES = ("-fflags", "+bitexact", "-flags:v", "+bitexact")


def mp4(stage: Stage, path: Path, order: Order) -> None:
    """Write every frame as H.264 video that every browser and slide program plays, unless chroma is 444.

    Fewer colours make a smaller file: with 255, 128, 64 or 32 the constant rate factor is 18, 23, 28 or 33.

    Raises:
        NotPossibleError: The extra `video` is not installed, or ffmpeg cannot write the file.
    """
    _write(stage, path, order, _MP4)


def webm(stage: Stage, path: Path, order: Order) -> None:
    """Write every frame as VP9 video.

    Fewer colours make a smaller file: with 255, 128, 64 or 32 the constant rate factor is 24, 32, 40 or 48.

    Raises:
        NotPossibleError: The extra `video` is not installed, or ffmpeg cannot write the file.
    """
    _write(stage, path, order, _WEBM)


def read_recipe(path: Path) -> str | None:
    """Return the comment of a video, where its recipe is; None if it has none.

    Raises:
        NotPossibleError: The extra `video` is not installed, or the file is no video that can be read.
    """
    start = _quiet_ffmpeg()
    try:
        with open_regular(path):
            pass
    except OSError as error:
        raise NotPossibleError(f"cannot read {path}: {error.strerror or error}") from error
    # The kind of file is named, so that none that only says it is a video makes ffmpeg open others.
    named = ("-protocol_whitelist", "file,pipe", "-f", _DEMUXERS[path.suffix.casefold()])
    command = [*start, *named, "-i", f"file:{path}", "-f", "ffmetadata", "pipe:1"]
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        timer = threading.Timer(_PATIENCE, child.kill)
        timer.start()
        try:
            assert child.stdout is not None
            words = child.stdout.read(LARGEST + 1)
            if len(words) > LARGEST:
                child.kill()
            status = child.wait()
        finally:
            timer.cancel()
            child.kill()
            child.stdout.close()  # type: ignore[union-attr]  # a pipe, as asked for
        check_size(path, len(words), LARGEST)
        if status:
            log.seek(0)
            said = _complaint(log.read(_MOST_SAID), path) or "ffmpeg did not come to an end"
            raise NotPossibleError(f"cannot read {path}: {said}")
    return _parse_words(words.decode(errors="replace")).get("comment")


def _write(stage: Stage, path: Path, order: Order, codec: _Codec) -> None:
    start = _quiet_ffmpeg()
    rate, times = pictures(stage.scene.timing)
    static = backdrop(stage)
    width, height = stage.canvas.get_width_height()
    # With 4:2:0 every second row and column has colours, so sides must be even; an odd one grows by a line of
    # the page's colour.
    page = f"pad={width + width % 2}:{height + height % 2}:0:0:0x{stage.scene.theme.background[1:]}"
    quality = codec.quality + round(codec.coarser * math.log2(COLOURS / order.colours))
    with tempfile.TemporaryDirectory(prefix="descent-") as folder:
        words = Path(folder, "words")
        words.write_bytes(_words({"title": order.title, "comment": order.recipe}).encode())
        command = [
            *start,
            *("-f", "rawvideo", "-pixel_format", "rgb0", "-video_size", f"{width}x{height}"),
            *("-framerate", str(rate), "-i", "pipe:0", "-f", "ffmetadata", "-i", f"file:{words}"),
            *("-map", "0:v", "-map_metadata", "1", "-vf", f"{page},{_COLOURS % stage.scene.wishes.chroma}"),
            *(*codec.options, "-crf", str(quality), *_NO_DATES),
            *("-f", codec.container, "-y", f"file:{path}"),
        ]
        with _feeding(command, path) as show:
            for pixels, count in zip(counted(stage, static, order), times, strict=True):
                for _ in range(count):
                    show(pixels)


def pictures(timing: Timing) -> tuple[Fraction, list[int]]:
    """Return how many pictures a second a video has, and how many times each frame is shown, (frames,).

    A picture lasts a tick, or an even part of it where ticks are very long; frames end where they are planned
    to, to half a picture.
    """
    rate = math.ceil(timing.delay / _SLOWEST) / timing.delay
    ends = np.round(np.cumsum(timing.durations) / 1000 * rate).astype(np.int64)
    return Fraction(rate).limit_denominator(1000), np.diff(ends, prepend=0).tolist()


def _quiet_ffmpeg() -> list[str]:
    """Return the beginning of a command: ffmpeg that asks nothing and says nothing but what goes wrong."""
    try:
        found: Any = import_module("imageio_ffmpeg")
        executable: str = found.get_ffmpeg_exe()
    except (ImportError, RuntimeError):  # or there is no ffmpeg for this kind of machine
        raise NotPossibleError(NO_FFMPEG) from None
    if shutil.which(executable) is None:
        raise NotPossibleError(f"there is no ffmpeg at {executable}, where IMAGEIO_FFMPEG_EXE says it is")
    return [executable, "-hide_banner", "-nostdin", "-v", "error"]


@contextmanager
def _feeding(command: list[str], path: Path) -> Iterator[Callable[[NDArray[np.uint8]], None]]:
    """Run ffmpeg and yield what hands it pixels; when the block raises, it is ended at once."""
    with tempfile.TemporaryFile() as log:  # no pipe, which would block ffmpeg once it is full
        # In a group of its own, so that an interrupt at the keyboard reaches this process only.
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log, process_group=0
        )
        assert child.stdin is not None
        pipe: IO[bytes] = child.stdin

        def show(pixels: NDArray[np.uint8]) -> None:
            try:
                pipe.write(pixels.data)
            except OSError:  # it has ended, or is about to
                raise _failure(child, log, path) from None

        try:
            yield show
            with suppress(OSError):  # what went wrong is in the log
                pipe.close()
            if child.wait():
                raise _failure(child, log, path)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
            with suppress(OSError):
                pipe.close()


def _failure(child: subprocess.Popen[bytes], log: IO[bytes], path: Path) -> NotPossibleError:
    status = child.wait()
    log.seek(0)
    said = _complaint(log.read(), path) or f"it ended with status {status} without a word"
    return NotPossibleError(f"ffmpeg could not write the video: {said}")


def _complaint(log: bytes, path: Path) -> str:
    """Return what ffmpeg said first, which is what went wrong; the rest is what came of it."""
    line = log.decode(errors="replace").strip().partition("\n")[0].strip()
    return re.sub(r"^(\[[^\]]*\] )+", "", line).replace(f"file:{path}", "the file")  # without addresses


def _words(words: dict[str, str]) -> str:
    """Write texts as ffmpeg's metadata file, in which some characters stand behind a backslash."""
    escaped = {key: re.sub(r"([=;#\\\r\n])", r"\\\1", text) for key, text in words.items() if text}
    return "".join([";FFMETADATA1\n", *(f"{key}={text}\n" for key, text in escaped.items())])


def _parse_words(text: str) -> dict[str, str]:
    """Read what concerns the whole file from ffmpeg's metadata; keys in small letters."""
    found = {}
    for key, value in re.findall(r"((?:\\.|[^\\\n=])*)(?:=((?:\\.|[^\\\n])*))?\n", text, re.DOTALL):
        if key.startswith("["):  # what follows concerns a stream or a chapter
            break
        found[_plain(key).casefold()] = _plain(value)
    return found


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
