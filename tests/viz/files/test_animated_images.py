"""Animated WebP and PNG, decoded again: the very pixels of the GIF, each as long as planned."""

import io
import itertools
import json
import re
import shutil
import struct
import subprocess
import tracemalloc
import xml.etree.ElementTree as ElementTree
import zlib
from base64 import b64encode

import numpy as np
import pytest
from PIL import Image, ImageSequence, features

import descent
from descent.surfaces.errors import NotPossibleError
from descent.viz.canvas.frames import backdrop, stream
from descent.viz.canvas.stage import compile_scene
from descent.viz.files import webp as webp_module
from descent.viz.files.apng import apng, write_apng
from descent.viz.files.changes import coloured, indexed, lasting
from descent.viz.files.order import Order
from descent.viz.files.palette import Palette
from descent.viz.files.webp import webp
from descent.viz.scenes.scene import compose

SIZE = (480, 360)
SUFFIXES = [".apng", ".webp"]
ENCODERS = {".apng": apng, ".webp": webp}
NASTY = '<a & b> "\'" ]]> größe 数 🙂 one\ntwo\r\nthree \t  end '


def pictures(path, mode="RGB"):
    """Decode every picture, and how long each stays in ms."""
    with Image.open(path) as image:
        found = [
            (np.asarray(each.convert(mode)), each.info.get("duration"))
            for each in ImageSequence.Iterator(image)
        ]
    return [pixels for pixels, _ in found], [duration for _, duration in found]


def chunks(data):
    """List the chunks of a PNG: (name, content)."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place, found = 8, []
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        body = data[place + 4 : place + 8 + size]
        assert int.from_bytes(data[place + 8 + size : place + 12 + size], "big") == zlib.crc32(body)
        found.append((body[:4], body[4:]))
        place += 12 + size
    return found


@pytest.fixture(scope="module")
def animation(named):
    return descent.animate(named("one leaves"), size=SIZE)


@pytest.fixture(scope="module", params=SUFFIXES)
def path(request, animation, tmp_path_factory):
    return animation.save(tmp_path_factory.mktemp("image") / f"a{request.param}")


# --- pixels


@pytest.mark.parametrize(
    ("kind", "theme"),
    [
        *(("one leaves", "light"), ("one step", "light"), ("no runs", "print"), ("standing still", "dark")),
        *(("diverging", "dark"), ("diverging", "print")),
    ],
)
def test_all_animated_images_are_equal_pixel_for_pixel(named, tmp_path, kind, theme):
    animation = descent.animate(named(kind), size=SIZE, theme=theme, seconds=0.8)
    gif, *others = (animation.save(tmp_path / f"a{suffix}") for suffix in (".gif", *SUFFIXES))
    drawn, durations = pictures(gif)
    for other in others:
        seen, stays = pictures(other)
        assert len(seen) == len(drawn)
        assert all(np.array_equal(one, same) for one, same in zip(seen, drawn, strict=True))
        if len(seen) > 1:  # else it is a still
            assert stays == durations


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_fewer_colours_make_a_smaller_file(animation, tmp_path, suffix):
    stage, sizes = compile_scene(animation.scene), []
    for colours in (255, 64, 16):
        ENCODERS[suffix](stage, tmp_path / "a", Order("{}", colours=colours))
        sizes.append((tmp_path / "a").stat().st_size)
        seen, _ = pictures(tmp_path / "a", "RGBA")
        assert len(np.unique([pixels.view("<u4") for pixels in seen])) <= colours
    assert sizes == sorted(set(sizes), reverse=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_without_a_background_every_colour_and_cover_is_kept(named, tmp_path, suffix):
    animation = descent.animate(named("one leaves"), size=SIZE, theme="transparent", seconds=1.0)
    seen, stays = pictures(animation.save(tmp_path / f"a{suffix}"), "RGBA")
    assert stays == animation.scene.timing.durations.tolist()
    stage = compile_scene(animation.scene)
    covers = set()
    for one, drawn in zip(seen, stream(stage, backdrop(stage)), strict=True):
        assert np.array_equal(one[..., 3], drawn[..., 3])
        visible = drawn[..., 3] > 0
        assert np.array_equal(one[visible], drawn[visible])
        covers |= set(np.unique(drawn[..., 3]).tolist())
    assert {0, 255} < covers


# --- times


@pytest.mark.parametrize(
    "wish",
    [
        {"hold": 0.0},
        {"hold": 3.21},
        {"fps": 50},
        {"fps": 7.3, "hold": 0.5},
        {"seconds": 2.0, "fps": 10},
        {"pace": "early"},
    ],
    ids=str,
)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_times_are_those_planned(named, tmp_path, wish, suffix):
    animation = descent.animate(named("two runs"), size=(320, 240), **wish)
    _, stays = pictures(animation.save(tmp_path / f"a{suffix}"))
    assert stays == animation.scene.timing.durations.tolist()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_picture_may_stay_an_hour(named, tmp_path, suffix):
    animation = descent.animate(named("one step"), size=(320, 240), seconds=3000, hold=600)
    seen, stays = pictures(animation.save(tmp_path / f"a{suffix}"))
    assert sum(stays) == animation.scene.timing.durations.sum() == 3_600_000
    assert not np.array_equal(seen[0], seen[-1])


PLAYS = {
    "endless": ({}, 0),
    "no-loop": ({"loop": False}, 1),
    "once": ({"loops": 1}, 1),
    "thrice": ({"loops": 3}, 3),
}


@pytest.mark.parametrize(("wishes", "plays"), PLAYS.values(), ids=PLAYS)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_loops(named, tmp_path, wishes, plays, suffix):
    path = descent.animate(named("one step"), size=SIZE, **wishes).save(tmp_path / f"a{suffix}")
    with Image.open(path) as image:
        assert image.info["loop"] == plays


_COUNTS = """<p id="counts"></p><script>(async () => {
  const found = {};
  for (const [kind, data] of Object.entries(FILES)) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const decoder = new ImageDecoder({ data: bytes, type: `image/${kind}` });
    await decoder.tracks.ready;
    await decoder.completed;
    found[kind] = String(decoder.tracks.selectedTrack.repetitionCount);
  }
  document.getElementById("counts").textContent = JSON.stringify(found);
})()</script>"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.parametrize(("loops", "again"), [(None, "Infinity"), (1, "0"), (2, "1"), (5, "4")])
def test_a_browser_plays_every_format_as_often(named, tmp_path, loops, again):
    animation = descent.animate(named("one step"), size=(320, 240), loops=loops, fps=10)
    files = {
        kind: b64encode(animation.save(tmp_path / f"a.{suffix}").read_bytes()).decode()
        for kind, suffix in (("gif", "gif"), ("webp", "webp"), ("png", "apng"))
    }
    page = tmp_path / "page.html"
    page.write_text(_COUNTS.replace("FILES", json.dumps(files)))
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    command += ["--virtual-time-budget=3000", "--dump-dom", page.as_uri()]
    for _ in range(8):  # time that is not real does not wait for a decoder
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        if found := re.search(r'<p id="counts">(\{.*\})</p>', done.stdout):
            break
    assert json.loads(found[1]) == dict.fromkeys(files, again)


# --- words


def description(path):
    """Return the description that an image carries, read as any program would."""
    with Image.open(path) as image:
        if path.suffix == ".apng":
            assert image.text["Software"] == "descent-viz"
            return image.text["Description"]
        packet = ElementTree.fromstring(image.info["xmp"])
    (found,) = packet.iterfind(".//{http://purl.org/dc/elements/1.1/}description//{*}li")
    return found.text


def test_the_description_is_the_recipe(animation, path):
    found = json.loads(description(path))
    assert found["made_with"] == "descent-viz"
    assert found["recipe"] == json.loads(json.dumps(animation.scene.recipe))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("text", [NASTY, json.dumps({"long": "{value} = 1; " * 3000})], ids=["nasty", "long"])
def test_any_words_come_back(named, tmp_path, suffix, text):
    path = tmp_path / f"a{suffix}"
    ENCODERS[suffix](
        compile_scene(compose(named("no runs"), size=(320, 240))), path, Order(text, title="<&>")
    )
    assert description(path) == text


# --- files


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_same_bytes_twice(named, tmp_path, suffix):
    files = []
    for number in range(3):
        animation = descent.animate(named("diverging"), size=SIZE, seconds=0.6)
        files.append(animation.save(tmp_path / f"{number}{suffix}").read_bytes())
    assert files[0] == files[1] == files[2]


def test_formats_are_what_their_names_say(path):
    data = path.read_bytes()
    with Image.open(path) as image:
        assert image.size == SIZE
        assert image.n_frames == 25
        assert image.format == {".apng": "PNG", ".webp": "WEBP"}[path.suffix]
    if path.suffix == ".webp":
        assert data[:4] + data[8:16] == b"RIFFWEBPVP8X"
        assert b"VP8L" in data
        assert b"VP8 " not in data  # which would be with loss


def test_the_parts_of_an_apng(animation, tmp_path):
    data = animation.save(tmp_path / "a.apng").read_bytes()
    found = chunks(data)
    names = [name for name, _ in found]
    assert names[:4] == [b"IHDR", b"acTL", b"PLTE", b"tRNS"]
    assert names[-1] == b"IEND"
    assert names.index(b"iTXt") < names.index(b"fcTL") < names.index(b"IDAT") < names.index(b"fdAT")
    contents = dict(found)
    assert struct.unpack(">II", contents[b"acTL"]) == (25, 0)
    numbered = [int.from_bytes(body[:4], "big") for name, body in found if name in (b"fcTL", b"fdAT")]
    assert numbered == list(range(49))
    boxes = [struct.unpack(">IIII", body[4:20]) for name, body in found if name == b"fcTL"]
    assert boxes[0] == (*SIZE, 0, 0)
    for width, height, x, y in boxes[1:]:
        assert x + width <= SIZE[0]
        assert y + height <= SIZE[1]
        assert (width, height) != SIZE


def test_a_webp_is_smaller_than_a_gif(animation, tmp_path):
    sizes = [animation.save(tmp_path / f"a{suffix}").stat().st_size for suffix in (".webp", ".apng", ".gif")]
    assert sizes == sorted(sizes)


def test_without_webp_nothing_is_drawn(animation, tmp_path, monkeypatch):
    def no_drawing(stage):
        raise AssertionError("something was drawn")

    monkeypatch.setattr(features, "check", lambda name: False)
    monkeypatch.setattr(webp_module, "backdrop", no_drawing)
    with pytest.raises(NotPossibleError, match="Pillow was built without WebP"):
        animation.save(tmp_path / "a.webp")
    assert not list(tmp_path.iterdir())


class Stop(BaseException):
    """Not an Exception, like KeyboardInterrupt."""


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("error", [KeyboardInterrupt, Stop, RuntimeError])
def test_an_interrupted_save_leaves_nothing_behind(animation, tmp_path, error, suffix):
    def progress(done, total):
        if done == 5:
            raise error

    with pytest.raises(error):
        animation.save(tmp_path / f"a{suffix}", progress=progress)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_progress_counts_every_frame(animation, tmp_path, suffix):
    seen = []
    animation.save(tmp_path / f"a{suffix}", progress=lambda *numbers: seen.append(numbers))
    assert seen == [(k, 25) for k in range(1, 26)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_frames_are_not_kept(named, tmp_path, suffix):
    """Of 240 more pages of 320 x 240, 18 MB as a GIF's pixels, next to nothing is held."""
    peaks = []
    for seconds in (0.4, 0.4, 10.0):  # the first loads what is loaded once
        recording = named("two runs")
        scene = compose(recording, size=(320, 240), seconds=seconds, fps=25)
        stage = compile_scene(scene)
        tracemalloc.start()
        ENCODERS[suffix](stage, tmp_path / "a", Order("{}"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + 2**20


# --- the writer itself, on small pages


def page(*spots, size=(24, 16)):
    """A page with one pixel set for each spot: a whole number."""
    pixels = np.full((size[1], size[0], 4), 255, np.uint8)
    for spot in spots:
        pixels[spot // size[0], spot % size[0]] = (200, 30, 10, 255)
    return pixels


def everywhere(pages):
    """Pair pages with the one box outside which nothing differs: all of the page."""
    return ((each, [(0, 0, *each.shape[:2])]) for each in pages)


def written(pages, durations, palette=True, **how):
    file = io.BytesIO()
    chosen = Palette([each.view("<u4")[..., 0] for each in (pages[0], pages[-1])]) if palette else None
    write_apng(file, everywhere(pages), durations, pages[0].shape[:2], chosen, {}, **how)
    return file.getvalue()


@pytest.mark.parametrize("palette", [True, False], ids=["palette", "RGBA"])
def test_equal_pages_become_one_that_stays_longer(palette):
    pages = [page(1), page(1), page(1), page(2), page(2), page(3)]
    seen, stays = pictures(io.BytesIO(written(pages, [100, 50, 20, 70, 30, 10], palette)), "RGBA")
    assert stays == [170, 100, 10]
    assert all(np.array_equal(one, pages[k]) for one, k in zip(seen, (0, 3, 5), strict=True))


@pytest.mark.parametrize("palette", [True, False], ids=["palette", "RGBA"])
def test_equal_pages_stay_longer_than_a_delay_can_say(palette):
    seen, stays = pictures(io.BytesIO(written([page(1)] * 5 + [page(2)], [300_000] * 6, palette)), "RGBA")
    assert stays == [655_350, 655_350, 189_300, 300_000]
    assert all(np.array_equal(one, page(1)) for one in seen[:3])
    assert np.array_equal(seen[3], page(2))


@pytest.mark.parametrize("palette", [True, False], ids=["palette", "RGBA"])
def test_an_animation_of_one_page(palette):
    data = written([page(5)] * 3, [40, 40, 1500], palette)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image.convert("RGBA")), page(5))


@pytest.mark.parametrize(
    ("before", "after", "box"),
    [
        ((0,), (1,), (0, 0, 2, 1)),
        ((30,), (30, 31), (7, 1, 1, 1)),
        ((), (0, 16 * 24 - 1), (0, 0, 24, 16)),
        ((50,), (), (2, 2, 1, 1)),
    ],
    ids=["neighbours", "one pixel", "both corners", "gone"],
)
def test_the_changed_rectangle_and_no_more(before, after, box):
    pages = [page(*before), page(*after)]
    palette = Palette([page(1).view("<u4")[..., 0]])
    for changes in (indexed(everywhere(pages), palette), coloured(everywhere(pages))):
        _, change = changes
        assert (change.left, change.top, *change.part.shape[1::-1]) == box


def test_at_most_one_change_is_held_back():
    taken = []

    def changes():
        canvas = page()
        for k in range(20):
            taken.append(k)
            canvas[...] = page(k)  # one array for all frames, as the renderer has
            yield canvas

    found = lasting(coloured(everywhere(changes())), itertools.repeat(20, 20))
    for k, (change, stays) in enumerate(found):
        assert stays == 20
        assert change.part.shape[2] == 4
        assert len(taken) == min(k + 2, 20)


@pytest.mark.parametrize("count", [2, 4], ids=["too few", "too many"])
def test_frames_and_durations_must_match(count):
    with pytest.raises(ValueError, match="zip"):
        written([page(k) for k in range(count)], [20] * 3)
