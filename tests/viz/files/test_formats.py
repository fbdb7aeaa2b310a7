"""Every layout in every format, read back by programs that are not this one: the same frames everywhere.

Pillow reads the images, ffmpeg the videos, PDFium the PDF, and a browser the page and the SVG. Three frames
of each are compared with frames drawn whole, and each comparison must fail for another frame.
"""

import io
import re
import shutil
import subprocess

import imageio_ffmpeg
import numpy as np
import pypdfium2
import pytest
from PIL import Image

import descent
from descent.viz.animation import Animation
from descent.viz.files.formats import FORMATS
from descent.viz.scenes.scene import compose

SIZE = (800, 500)
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed to read the file with")

SPECS = ["sgd:lr=0.02,momentum=0.9", "adam:lr=0.3@cosine", "adam:lr=0.1"]
LAYOUTS = {
    "comparison": {},
    "dark, early": {"theme": "dark", "pace": "early"},
    "print": {"theme": "print"},
    "slides": {"theme": "slides"},
    "panels": {"panels": "contour,loss,lr,gradient"},
    "three dimensions": {"panels": "surface3d,loss"},
    "turning": {"panels": "surface3d", "orbit": True},
    "arrows": {"arrows": "gradient,step,momentum,adam", "field": True},
    "grid": {"grid": "optimizer,lr"},
    "side by side": {"grid": "run"},
    "one parameter": {},
    "one parameter, three rates": {"grid": "lr"},
    "network": {},
    "sweep": {},
    "sweep, small panels": {"grid": "optimizer,lr"},
    "basins": {},
}
MOVING = [suffix for suffix, kind in FORMATS.items() if kind.moves]


@pytest.fixture(scope="module")
def pictures(make_network):
    """One animation a layout, each compiled once."""
    surface = descent.record("beale", SPECS, steps=40, start=(1.0, 1.5), resolution=(64, 64))
    swept = descent.sweep("beale", ["sgd", "adam"], "1e-3,1e-2,1e-1", steps=20, resolution=(48, 48))
    subjects = {
        "one parameter": descent.record("double_well", ["sgd:lr=0.02,momentum=0.9", "adam:lr=0.1"], steps=40),
        "one parameter, three rates": descent.record("parabola", "sgd", lr=[0.1, 0.9, 2.1], steps=20),
        "network": make_network("moons", steps=24),
        "sweep": swept,
        "sweep, small panels": swept,
        "basins": descent.basins("himmelblau", ["adam:lr=0.1"], starts=24, steps=30),
    }
    look = {"size": SIZE, "seconds": 0.5, "fps": 12, "hold": 0.5}
    return {
        name: Animation(compose(subjects.get(name, surface), **look, **wishes))
        for name, wishes in LAYOUTS.items()
    }


def in_time(picture, frame):
    """The middle of a frame's time, in ms."""
    durations = picture.scene.timing.durations
    return durations[:frame].sum() + durations[frame] / 2


def from_image(path, picture, frames):
    """Find out what Pillow shows when each of these frames is due."""
    with Image.open(path) as image:
        ends, shown = [], []
        for k in range(image.n_frames):
            image.seek(k)
            shown.append(np.asarray(image.convert("RGB")))
            ends.append((ends[-1] if ends else 0) + image.info["duration"])
    assert ends[-1] == picture.scene.timing.durations.sum()
    return [shown[int(np.searchsorted(ends, in_time(picture, frame)))] for frame in frames]


def from_video(path, picture, frames):
    """Find out what ffmpeg shows when each of these frames is due."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-nostdin",
        "-i",
        path,
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    fps = float(re.search(r"([\d.]+) fps", done.stderr.decode())[1])
    shown = np.frombuffer(done.stdout, np.uint8).reshape(-1, SIZE[1], SIZE[0], 3)
    assert len(shown) / fps == pytest.approx(picture.scene.timing.durations.sum() / 1000, abs=0.1)
    return [shown[int(in_time(picture, frame) / 1000 * fps)] for frame in frames]


def from_browser(path, picture, frames):
    """Take one screenshot of each of these frames below each other, or of the only one of a still."""
    width, height = SIZE[0], SIZE[1] + 300  # with room for what stands below a picture
    if path.suffix == ".svg":  # its own size is in points
        shown = f'<img src="{path.name}" width="{width}">'
    else:
        shown = "".join(
            f'<iframe src="{path.name}#frame={frame}" width="{width}" height="{height}"></iframe>'
            for frame in frames
        )
    page, out = path.with_name("page.html"), path.with_name("shot.png")
    style = "<style>body { margin: 0 } img, iframe { display: block; border: 0 }</style>"
    page.write_text(f"<!DOCTYPE html>{style}{shown}")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={path.with_name('profile')}", "--virtual-time-budget=3000"]
    command += [f"--window-size={width},{height * len(frames)}", f"--screenshot={out}"]
    subprocess.run([*command, page.as_uri()], capture_output=True, timeout=120, check=True)
    with Image.open(out) as image:
        pixels = np.asarray(image.convert("RGB"))
    return [pixels[k * height :][: SIZE[1], :width] for k in range(len(frames))]


def from_pdf(path, picture, frames):
    page = pypdfium2.PdfDocument(path)[0]
    return [np.asarray(page.render(scale=100 / 72).to_pil().convert("RGB"))[: SIZE[1], : SIZE[0]]]


def from_png(path, picture, frames):
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        return [np.asarray(image.convert("RGB"))]


READERS = {
    **dict.fromkeys((".gif", ".webp", ".apng"), from_image),
    **dict.fromkeys((".mp4", ".webm"), from_video),
    **dict.fromkeys((".html", ".svg"), from_browser),
    ".pdf": from_pdf,
    ".png": from_png,
}
# Other programs smooth edges in their own way, which the mean over squares of 4 x 4 pixels evens out.
LARGEST = {".png": 0, **dict.fromkeys((".gif", ".webp", ".apng"), 30), **dict.fromkeys((".mp4", ".webm"), 35)}
# Where letters and lines are set by another program so far apart are at most so many squares: those of the
# letters of titles and of how each run ended, which a wrong frame multiplies.
FAR, MANY = 75, 25


def apart(seen, drawn):
    """How far apart squares of two pictures are, of 255."""
    pictures = [
        np.asarray(each)[: SIZE[1] // 4 * 4, : SIZE[0] // 4 * 4].astype(float) for each in (seen, drawn)
    ]
    one, other = (each.reshape(SIZE[1] // 4, 4, SIZE[0] // 4, 4, 3).mean(axis=(1, 3)) for each in pictures)
    return np.abs(one - other).max(axis=-1)


def assert_is(suffix, seen, drawn, others):
    """Check that a picture that was read is a frame, and that it would not pass for others."""
    right, wrong = apart(seen, drawn), [apart(seen, other) for other in others if (other != drawn).any()]
    if suffix in LARGEST:
        assert right.max() <= LARGEST[suffix]
        assert all(each.max() > LARGEST[suffix] for each in wrong)
    else:
        assert (right > FAR).sum() <= MANY
        assert right.mean() < 2.3  # edges of lines lie a part of a pixel elsewhere in a PDF
    assert all(1.1 * right.mean() < each.mean() for each in wrong)


def chosen(picture):
    return [0, len(picture) // 2, len(picture) - 1]


# A page with a player draws each layout itself. The other formats are given pixels, whatever these show: each
# layout as an image and as a video, each format with five layouts or more.
IMAGES, VIDEOS = (".gif", ".webp", ".apng"), (".mp4", ".webm")
MOVES = [pytest.param(".html", layout, marks=browser) for layout in LAYOUTS] + [
    (suffixes[number % len(suffixes)], layout)
    for suffixes in (IMAGES, VIDEOS)
    for number, layout in enumerate(LAYOUTS)
]


def test_every_format_that_moves_is_shown():
    assert {".html", *IMAGES, *VIDEOS} == set(MOVING)


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "layout"), MOVES)
def test_every_layout_moves_in_every_format(pictures, tmp_path, suffix, layout):
    picture = pictures[layout]
    path = picture.save(tmp_path / f"a{suffix}")
    frames = chosen(picture)
    drawn = [picture.frame(frame) for frame in frames]
    for k, seen in enumerate(READERS[suffix](path, picture, frames)):
        assert_is(suffix, seen, drawn[k], drawn)


# Each layout as a drawing, in PDF and every other one in SVG too; pixels, in PNG, of every third.
STILLS = [*LAYOUTS, "strip", "strip of one parameter"]
STANDS = [
    *((".pdf", layout) for layout in STILLS),
    *(pytest.param(".svg", layout, marks=browser) for layout in STILLS[::2]),
    *((".png", layout) for layout in STILLS[1::3]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "layout"), STANDS)
def test_every_layout_is_a_still_in_every_format(pictures, tmp_path, suffix, layout):
    if layout.startswith("strip"):
        source = pictures["one parameter" if "one" in layout else "comparison"].scene.recording
        picture, other = descent.still(source, size=SIZE, strip=5), descent.still(source, size=SIZE, strip=4)
        drawn, wrong = picture.pixels, other.pixels
    else:
        picture = pictures[layout]
        drawn, wrong = picture.frame(-1), picture.frame(0)
    path = picture.save(tmp_path / f"a{suffix}")
    (seen,) = READERS[suffix](path, picture, [0])
    assert_is(suffix, seen, drawn, [wrong])


@pytest.mark.slow
def test_numbered_frames_are_the_frames(pictures, tmp_path):
    picture = pictures["comparison"]
    picture.save(f"{tmp_path}/frames/")
    for frame in chosen(picture):
        (seen,) = from_png(tmp_path / "frames" / f"frame-{frame:04d}.png", picture, [frame])
        assert np.array_equal(seen, picture.frame(frame))


def test_every_format_has_a_reader():
    assert set(READERS) == set(FORMATS)
