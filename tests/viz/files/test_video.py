"""Videos, decoded again by ffmpeg: every frame, how long it stays, and the words that go with it."""

import json
import multiprocessing
import os
import re
import stat
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import descent
from descent.surfaces.errors import NotPossibleError
from descent.viz.canvas.frames import backdrop, samples, whole
from descent.viz.canvas.stage import compile_scene
from descent.viz.files import video
from descent.viz.files.order import Order
from descent.viz.scenes.scene import compose
from descent.viz.scenes.timing import plan

imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")

SIZE = (480, 360)
KINDS = ["mp4", "webm"]
NASTY = {
    "quotes": "'single' \"double\" `back`",
    "syntax": "a=b;c#d\\e\\\\f[STREAM]",
    "lines": "one\ntwo\\\nthree\n\n[CHAPTER]\nkey=value\n",
    "other ends of lines": "one\rtwo\r\nthree",
    "starts like a note": ";FFMETADATA1\n#note\n",
    "blanks": "  before, after \t ",
    "not ASCII": "größe 数 🙂 \u200f é",
    "per cent": "%d %s %%",
    "long": json.dumps({"key": "value = 1; " * 3000}),
}


def encoder(kind):
    return {"mp4": video.mp4, "webm": video.webm}[kind]


def run_ffmpeg(*arguments):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def decoded(path):
    """Return what ffmpeg says of a file, and its pictures in RGB."""
    done = run_ffmpeg("-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "-")
    said = done.stderr.decode().partition("Output #0")[0]
    width, height = map(int, re.search(r", (\d+)x(\d+)[ ,]", said).groups())
    hours, minutes, seconds = re.search(r"Duration: (\d+):(\d+):([\d.]+)", said).groups()
    facts = {
        "size": (width, height),
        "said": said,
        "fps": float(re.search(r"([\d.]+) fps", said).group(1)),
        "duration": 3600 * int(hours) + 60 * int(minutes) + float(seconds),
    }
    return facts, np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)


def blocks(pixels):
    """Average squares of 4 x 4 pixels: half of all colours are not in a video, and this is coarser."""
    height, width = (side // 4 for side in pixels.shape[:2])
    part = pixels[: 4 * height, : 4 * width].astype(float)
    return part.reshape(height, 4, width, 4, 3).mean(axis=(1, 3))


def alike(seen, drawn):
    """Whether a decoded picture shows a frame: nothing is missing or elsewhere, and the colours are right."""
    apart = np.abs(blocks(seen) - blocks(drawn))
    return apart.max() < 35 and np.abs(seen.astype(int) - drawn).mean() < 2


@pytest.fixture(scope="module")
def animation(named):
    return descent.animate(named("two runs"), size=SIZE)


@pytest.fixture(scope="module", params=KINDS)
def path(request, animation, tmp_path_factory):
    return animation.save(tmp_path_factory.mktemp("video") / f"a.{request.param}")


# --- pictures


def test_decoded_pictures_are_the_frames(animation, path):
    facts, seen = decoded(path)
    assert facts["size"] == SIZE
    assert "yuv420p(tv, bt709, progressive)" in facts["said"]
    times = video.pictures(animation.scene.timing)[1]
    assert len(seen) == sum(times)
    shown = np.repeat(np.arange(len(animation)), times)
    for frame, drawn in enumerate(animation.frames()):
        for number in np.flatnonzero(shown == frame):
            assert alike(seen[number], drawn)


@pytest.mark.parametrize("frame", [0, 12, 24], ids=["first", "middle", "last"])
def test_a_picture_that_lacks_anything_would_not_pass(animation, path, frame):
    """The comparison above tells a frame from its neighbours, and from itself without any one artist."""
    stage = compile_scene(animation.scene)
    seen = decoded(path)[1][sum(video.pictures(animation.scene.timing)[1][:frame])]
    drawn = whole(stage, frame)
    assert alike(seen, drawn)
    assert not alike(seen, whole(stage, frame + 1 if frame < 24 else frame - 1))
    missed = 0
    static = backdrop(stage)
    for artist in stage.changing:
        visible = artist.get_visible()
        artist.set_visible(False)
        without = next(samples(stage, static, [frame]))[..., :3]
        artist.set_visible(visible)
        if not np.array_equal(without, drawn):
            missed += 1
            assert not alike(seen, without), type(artist).__name__
    assert missed >= 7


@pytest.mark.parametrize(
    ("theme", "kind"), [("light", "mp4"), ("dark", "mp4"), ("dark", "webm"), ("print", "webm")]
)
def test_flat_colours_are_right(named, tmp_path, theme, kind):
    animation = descent.animate(named("two runs"), size=SIZE, theme=theme, seconds=0.2)
    seen = decoded(animation.save(tmp_path / f"a.{kind}"))[1][0]
    drawn = animation.frame(0)
    colours, counts = np.unique(drawn.reshape(-1, 3), axis=0, return_counts=True)
    for colour in colours[counts.argsort()[-6:]]:
        found = np.median(seen[(drawn == colour).all(axis=-1)], axis=0)
        assert np.abs(found - colour).max() <= 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("chroma", "most"), [("420", 36), ("444", 4)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_of_runs_are_off_by_no_more_than_the_docs_say(named, tmp_path, theme, chroma, most, kind):
    animation = descent.animate(named("two runs"), size=(960, 600), theme=theme, seconds=0.2, chroma=chroma)
    facts, seen = decoded(animation.save(tmp_path / f"a.{kind}"))
    assert f"yuv{chroma}p(tv, bt709, progressive)" in facts["said"]
    drawn = animation.frame(-1)
    apart = []
    for style in animation.scene.styles:
        colour = np.array(bytearray.fromhex(style.colour[1:]))
        mean = seen[-1][(drawn == colour).all(axis=-1)].mean(axis=0)
        apart.append(np.abs(mean - colour).max())
    assert max(apart) <= most
    assert chroma == "444" or max(apart) > 4  # so that 444 is worth a wish


@pytest.mark.parametrize("kind", KINDS)
def test_odd_sides_grow_by_a_line_of_the_page(named, tmp_path, kind):
    animation = descent.animate(named("two runs"), size=(481, 361), theme="dark", seconds=0.2)
    facts, seen = decoded(animation.save(tmp_path / f"a.{kind}"))
    assert facts["size"] == (482, 362)
    assert alike(seen[-1][:361, :481], animation.frame(-1))
    page = np.array(bytearray.fromhex(animation.scene.theme.background[1:]), int)
    for line in (seen[-1][361], seen[-1][:, 481]):
        assert np.abs(line - page).max() <= 6


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_colours_make_a_smaller_file(animation, tmp_path, kind):
    sizes = []
    for colours in (255, 128, 64, 32):
        encoder(kind)(compile_scene(animation.scene), tmp_path / "a", Order("{}", colours=colours))
        sizes.append((tmp_path / "a").stat().st_size)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[3] < 0.7 * sizes[0]


# --- times


WISHES = [
    {},
    {"hold": 0.0},
    {"hold": 3.21},
    {"fps": 50},
    {"fps": 7.3, "hold": 0.5},
    {"fps": 0.4, "hold": 1.5},
    {"seconds": 0.5},
    {"seconds": 2.0, "fps": 10},
    {"pace": "early"},
    {"pace": "early", "seconds": 1.0, "hold": 0.0},
]


# The times come from one function for both kinds: all wishes with one of them, four with the other.
@pytest.mark.parametrize(
    ("wish", "kind"),
    [(wish, "mp4") for wish in WISHES] + [(WISHES[k], "webm") for k in (2, 4, 5, 9)],
    ids=str,
)
def test_a_video_is_as_long_as_planned(named, tmp_path, wish, kind):
    animation = descent.animate(named("two runs"), size=(320, 240), **wish)
    timing = animation.scene.timing
    facts, seen = decoded(animation.save(tmp_path / f"a.{kind}"))
    rate, times = video.pictures(timing)
    assert facts["fps"] == pytest.approx(float(rate), abs=0.01)
    assert len(seen) == sum(times)
    assert len(seen) / rate == pytest.approx(timing.durations.sum() / 1000, abs=0.51 / rate)
    assert facts["duration"] == pytest.approx(len(seen) / rate, abs=0.011)


@pytest.mark.parametrize("pace", ["even", "early"])
@pytest.mark.parametrize("wish", [{}, {"fps": 50}, {"fps": 2}, {"seconds": 0.3}, {"seconds": 1, "fps": 20}])
@pytest.mark.parametrize("steps", [1, 24, 999])
def test_a_picture_is_a_tick(steps, wish, pace):
    timing = plan(steps, pace=pace, **wish)
    rate, times = video.pictures(timing)
    assert float(rate) == pytest.approx(1 / timing.delay, rel=1e-5)
    assert times == timing.ticks.tolist()


def test_very_long_ticks_are_divided_so_that_the_hold_is_kept():
    timing = plan(1, fps=0.1, hold=1.5)
    rate, times = video.pictures(timing)
    assert rate == Fraction(2)
    assert times == [20, 23]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["one step", "no runs", "standing still"])
def test_short_runs_and_frames_that_are_equal(named, tmp_path, name, kind):
    animation = descent.animate(named(name), size=SIZE)
    seen = decoded(animation.save(tmp_path / f"a.{kind}"))[1]
    assert len(seen) == sum(video.pictures(animation.scene.timing)[1])
    assert alike(seen[0], animation.frame(0))
    assert alike(seen[-1], animation.frame(-1))


# --- the file


def atoms(data):
    """List the outermost parts of an MP4."""
    place, found = 0, []
    while place < len(data):
        found.append(data[place + 4 : place + 8])
        place += int.from_bytes(data[place : place + 4], "big")
    return found


def test_an_mp4_can_be_played_while_it_loads(animation, tmp_path):
    data = animation.save(tmp_path / "a.mp4").read_bytes()
    names = atoms(data)
    assert names[0] == b"ftyp"
    assert names.index(b"moov") < names.index(b"mdat")


@pytest.mark.parametrize("kind", KINDS)
def test_same_bytes_twice_and_no_version_inside(named, tmp_path, kind):
    files = []
    for number in range(3):
        animation = descent.animate(named("diverging"), size=SIZE, seconds=0.6)
        files.append(animation.save(tmp_path / f"{number}.{kind}").read_bytes())
    assert files[0] == files[1] == files[2]
    assert b"x264 - core" not in files[0]
    assert b"Lavf6" not in files[0]


def test_the_comment_is_the_recipe(animation, path):
    found = json.loads(video.read_recipe(path))
    assert found["made_with"] == "descent-viz"
    assert found["recipe"] == json.loads(json.dumps(animation.scene.recipe))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_any_words_come_back(named, tmp_path, kind, text):
    stage = compile_scene(compose(named("no runs"), size=(320, 240), hold=0.0))
    encoder(kind)(stage, tmp_path / f"a.{kind}", Order(text, title="x = [1; 2] # \\ 'größe'"))
    assert video.read_recipe(tmp_path / f"a.{kind}") == text
    assert "x = [1; 2] # \\ 'größe'" in run_ffmpeg("-i", tmp_path / f"a.{kind}").stderr.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_video_without_a_recipe(named, tmp_path, kind):
    stage = compile_scene(compose(named("no runs"), size=(320, 240), hold=0.0))
    encoder(kind)(stage, tmp_path / f"a.{kind}", Order(""))
    assert video.read_recipe(tmp_path / f"a.{kind}") is None


@pytest.mark.parametrize(
    ("content", "says"), [(None, "No such file"), (b"hello", "cannot read"), (b"", "cannot read")]
)
def test_a_file_that_is_no_video_has_no_recipe(tmp_path, content, says):
    path = tmp_path / "a=b;c.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotPossibleError, match=rf"cannot read .*a=b;c\.mp4: (?s:.*){says}|{says}"):
        video.read_recipe(path)


@pytest.mark.parametrize("name", ["a:b.mp4", "-y.mp4", "it's.mp4", "größe 数.mp4"])
def test_any_name_may_be_given(named, tmp_path, name):
    path = descent.animate(named("no runs"), size=(320, 240)).save(tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert video.read_recipe(path)


def test_ffmpeg_neither_reads_nor_prints(animation, tmp_path, capfd):
    animation.save(tmp_path / "a.mp4")
    assert capfd.readouterr() == ("", "")


# --- what can go wrong


def no_drawing(*arguments):
    raise AssertionError("something was drawn")


def test_without_the_extra_nothing_is_drawn(animation, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setattr(video, "backdrop", no_drawing)
    with pytest.raises(NotPossibleError, match=r"pip install 'descent-viz\[video\]'"):
        animation.save(tmp_path / "a.mp4")
    with pytest.raises(NotPossibleError, match=r"pip install 'descent-viz\[video\]'"):
        video.read_recipe(tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_without_an_ffmpeg_for_this_machine(animation, tmp_path, monkeypatch):
    def none():
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", none)
    with pytest.raises(NotPossibleError, match="videos need ffmpeg"):
        animation.save(tmp_path / "a.webm")


def test_an_ffmpeg_of_ones_own_that_is_not_there(animation, tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "ffmpeg"))
    with pytest.raises(NotPossibleError, match=r"there is no ffmpeg at .*ffmpeg, where IMAGEIO_FFMPEG_EXE"):
        animation.save(tmp_path / "a.mp4")


POSIX = pytest.mark.skipif(os.name != "posix", reason="stands in for ffmpeg with a shell script")
FAILING = {
    "at once": ("exit 3", "it ended with status 3 without a word"),
    "says why": ("echo '[out @ 0x1] Error: No space left' >&2; exit 1", "video: Error: No space left$"),
    "while reading": ("head -c 999999 >/dev/null; echo 'No memory' >&2; exit 1", "No memory"),
    "at the end": ("cat >/dev/null; echo 'Error closing file' >&2; exit 1", "Error closing file"),
    "killed": ("head -c 999999 >/dev/null; kill -9 $$", "it ended with status -9 without a word"),
}


@POSIX
@pytest.mark.parametrize(("script", "says"), FAILING.values(), ids=FAILING)
def test_when_ffmpeg_fails_nothing_stays_behind(animation, tmp_path, monkeypatch, script, says):
    fake = tmp_path / "ffmpeg"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(fake))
    (tmp_path / "out").mkdir()
    with pytest.raises(NotPossibleError, match=f"ffmpeg could not write the video: (?s:.*){says}|{says}"):
        animation.save(tmp_path / "out" / "a.mp4")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk(animation):
    with pytest.raises(NotPossibleError, match="No space left on device"):
        video.webm(compile_scene(animation.scene), Path("/dev/full"), Order("{}"))


class Stop(BaseException):
    """Not an Exception, like KeyboardInterrupt."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, Stop, RuntimeError, OSError])
def test_an_interrupt_ends_ffmpeg_too(animation, tmp_path, monkeypatch, error, kind):
    started = []
    popen = subprocess.Popen

    def remembered(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    def progress(done, total):
        if done == 5:
            assert started[-1].poll() is None
            raise error

    imageio_ffmpeg.get_ffmpeg_exe()  # it tries the program out
    monkeypatch.setattr(subprocess, "Popen", remembered)
    with pytest.raises(descent.DescentError if error is OSError else error):
        animation.save(tmp_path / f"a.{kind}", progress=progress)
    assert started[-1].poll() is not None
    assert not list(tmp_path.iterdir())


def test_progress_counts_every_frame(animation, tmp_path):
    seen = []
    animation.save(tmp_path / "a.mp4", progress=lambda *numbers: seen.append(numbers))
    assert seen == [(k, 25) for k in range(1, 26)]


# --- many frames


def peak_memory(source, target):
    """Return the peak memory of this process in MiB, ffmpeg not counted, once it has saved a video."""
    recording = descent.load(source)
    descent.animate(recording, size=(320, 240), seconds=recording.steps / 50, fps=50).save(target)
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    return int(line.split()[1]) / 2**10


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_memory_does_not_grow_with_the_number_of_frames(make_recording, make_run, tmp_path):
    peaks = []
    for frames in (200, 2000):
        path = np.linspace((1.5, 1.0), (-1.0, 0.2), frames)
        make_recording(make_run(path), make_run(0.9 * path)).save(tmp_path / "a.npz")
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            peaks.append(pool.apply(peak_memory, (tmp_path / "a.npz", tmp_path / f"{frames}.mp4")))
    assert peaks[1] < 1.3 * peaks[0]
