"""Files: every format can be read again, appears whole or not at all, and needs no torch."""

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import cache

import imageio.v3 as iio
import imageio_ffmpeg
import matplotlib as mpl
import numpy as np
import pypdfium2
import pytest
from PIL import Image

import descent
from descent.viz.files.formats import FORMATS

SIZE = (480, 360)
STILLS = [suffix for suffix, kind in FORMATS.items() if not kind.moves]


@pytest.fixture(scope="module")
def animation(named):
    return descent.animate(named("one leaves"), size=SIZE)


def recipe_of(animation):
    facts = {"kind": "recording", "recipe": animation.scene.recipe, "look": {"size": list(SIZE)}}
    return json.loads(json.dumps({"made_with": "descent-viz", **facts}))


# --- every format shows every path, as other programs read it

THEME_OF = {"diverging": "dark", "all gone": "light", "never in view": "print", "no runs": "light"}
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def last_of_image(path):
    with Image.open(path) as image:
        image.seek(getattr(image, "n_frames", 1) - 1)
        return image.convert("RGB")


def last_of_video(path):
    width, height = SIZE
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-i", path]
    raw = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True
    ).stdout
    return np.frombuffer(raw, np.uint8)[-height * width * 3 :].reshape(height, width, 3)


def page_of_pdf(path):
    return pypdfium2.PdfDocument(path)[0].render(scale=100 / 72).to_pil().convert("RGB")


def seen_in_a_browser(path):
    if BROWSER is None:
        pytest.skip("no Chromium is installed to read the file with")
    page, shot = path.with_name("page.html"), path.with_name("shot.png")
    width, height = SIZE[0], SIZE[1] + 300  # with room for what stands below a picture
    shown = f'<iframe src="{path.name}#frame=-1" width="{width}" height="{height}"></iframe>'
    if path.suffix == ".svg":  # its own size is in points
        shown = f'<img src="{path.name}" width="{width}">'
    style = "<style>body { margin: 0 } img, iframe { display: block; border: 0 }</style>"
    page.write_text(f"<!DOCTYPE html>{style}{shown}")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={path.with_name('profile')}", "--virtual-time-budget=3000"]
    command += [f"--window-size={width},{height}", f"--screenshot={shot}", page.as_uri()]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    return last_of_image(shot)


READERS = {
    **dict.fromkeys((".gif", ".webp", ".apng", ".png"), last_of_image),
    **dict.fromkeys((".mp4", ".webm"), last_of_video),
    **dict.fromkeys((".html", ".svg"), seen_in_a_browser),
    ".pdf": page_of_pdf,
}
# How far off squares of 4 x 4 pixels may be at most, and all of them in the mean: other programs set letters
# and lines in their own way, which few squares show, but all the more. The page on which all runs are lost
# has the most words: as PDF it is 3.54 off in the mean.
LARGEST = {suffix: 255 if suffix in (".svg", ".html", ".pdf") else 35 for suffix in FORMATS}
MEAN = {suffix: 3.6 if suffix in (".svg", ".html", ".pdf") else 1.5 for suffix in FORMATS}


def squares(pixels):
    width, height = SIZE
    return pixels.reshape(height // 4, 4, width // 4, 4, 3).mean(axis=(1, 3))


def assert_shows(suffix, seen, drawn, lacking):
    """Check that a picture that was read is the one drawn, and none of those that lack something."""
    seen, drawn = squares(seen), squares(drawn)
    apart = np.abs(seen - drawn).max(axis=-1)
    assert apart.max() <= LARGEST[suffix]
    assert apart.mean() <= MEAN[suffix]
    for number, (there, other) in enumerate(lacking):
        right, wrong = (np.abs(seen - each)[there].mean() for each in (drawn, squares(other)))
        assert right < 0.8 * wrong, f"path {number} is missing"  # which makes the right one by far the larger


def along(path, axes):
    """The squares that a path passes through, but for where it begins."""
    points = path[: next((k for k, point in enumerate(path) if not (np.abs(point) < (2, 1.5)).all()), None)]
    k = np.linspace(0, len(points) - 1, 400)
    between = np.column_stack([np.interp(k, np.arange(len(points)), values) for values in points.T])
    columns, rows = axes.transData.transform(between).T
    passed = np.zeros((SIZE[1] // 4, SIZE[0] // 4), dtype=bool)
    far = np.hypot(columns - columns[0], rows - rows[0]) > 12
    passed[((SIZE[1] - rows[far]) // 4).astype(int), (columns[far] // 4).astype(int)] = True
    return passed


def without_trails(animation):
    """The animation with comets, heads and crosses on its contour, and no trails."""
    stage = animation._stage
    for part in stage.growing:
        if part.artist.axes is stage.figure.axes[0]:
            part.artist.draw = lambda _: None
    return animation


@pytest.fixture(scope="module")
def lookalikes(named):
    """An animation of each kind, its last frame, and what that frame might be without a path or a trail.

    With each of these the squares in which it can be told: where the path is, or only what of the trail lies
    under no comet, which is its early part.
    """

    @cache
    def made(kind):
        recording, look = named(kind), {"size": SIZE, "theme": THEME_OF[kind]}
        look |= {} if kind == "diverging" else {"seconds": 0.3}  # where comets cover the whole path
        whole = descent.animate(recording, **look)
        drawn, lacking = whole.frame(-1).astype(float), []
        bare = without_trails(descent.animate(recording, **look)).frame(-1).astype(float)
        for k, run in enumerate(recording.trajectories if kind != "never in view" else ()):
            runs = list(recording.trajectories)
            runs[k] = replace(run, points=np.broadcast_to(run.points[0], run.points.shape))
            still = descent.animate(replace(recording, trajectories=tuple(runs)), **look).frame(-1)
            for other in (still.astype(float), bare):
                there = along(run.points, whole._stage.figure.axes[0])
                there &= np.abs(squares(drawn) - squares(other)).max(axis=-1) > 20
                if there.sum() > 2:  # else others lie above it
                    lacking.append((there, other))
        trails = sum(other is bare for _, other in lacking)
        assert trails >= (3 if kind == "diverging" else 0)
        assert len(lacking) - trails >= {"diverging": 1, "all gone": 2}.get(kind, 0)
        return whole, drawn, lacking

    return made


# Runs in every format; pages without a path in view in every other one.
SHOWN = [(suffix, kind) for suffix in FORMATS for kind in ("diverging", "all gone")] + [
    (suffix, ("never in view", "no runs")[number % 2]) for number, suffix in enumerate(FORMATS)
]


@pytest.mark.parametrize(("suffix", "kind"), SHOWN)
def test_every_format_shows_every_path(lookalikes, tmp_path, suffix, kind):
    animation, drawn, lacking = lookalikes(kind)
    path = animation.save(tmp_path / f"a{suffix}")
    assert path == tmp_path / f"a{suffix}"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    seen = np.asarray(READERS[suffix](path)).astype(float)[: SIZE[1], : SIZE[0]]
    assert_shows(suffix, seen, drawn, lacking)
    for which, (_, other) in enumerate(lacking):  # and the same check fails for a file that lacks a path
        with pytest.raises(AssertionError):
            assert_shows(suffix, seen - drawn + other, drawn, lacking[which : which + 1])


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_a_file_that_lacks_only_its_trail_does_not_pass(lookalikes, named, tmp_path, suffix):
    _, drawn, lacking = lookalikes("diverging")
    bare = without_trails(descent.still(named("diverging"), size=SIZE, theme=THEME_OF["diverging"]))
    seen = np.asarray(READERS[suffix](bare.save(tmp_path / f"a{suffix}"))).astype(float)
    with pytest.raises(AssertionError, match="is missing"):
        assert_shows(suffix, seen[: SIZE[1], : SIZE[0]], drawn, lacking)


@pytest.fixture(scope="module")
def thrice(named, tmp_path_factory):
    """A folder with three files of each format: of an animation of their own, and of one that writes all."""
    folder, look = tmp_path_factory.mktemp("thrice"), {"size": SIZE, "seconds": 0.3}
    shared = descent.animate(named("one leaves"), **look)
    for suffix in FORMATS:
        descent.animate(named("one leaves"), **look).save(folder / f"0{suffix}")
        shared.save(folder / f"1{suffix}")
    shared.frame(3)
    for suffix in reversed(FORMATS):  # neither frames nor other files asked for before make a difference
        shared.save(folder / f"2{suffix}")
    return folder


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_recipe_gives_the_same_bytes(thrice, suffix):
    assert len({(thrice / f"{k}{suffix}").read_bytes() for k in range(3)}) == 1


# --- PNG


def test_a_png_is_the_last_frame(animation, tmp_path):
    path = animation.save(tmp_path / "a.png")
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.size == SIZE
        assert image.mode == "RGB"
        assert np.array_equal(np.asarray(image), animation.frame(-1))
    assert np.array_equal(iio.imread(path), animation.frame(-1))


def test_a_png_carries_its_recipe(animation, tmp_path):
    with Image.open(animation.save(tmp_path / "a.png")) as image:
        assert json.loads(image.text["Description"]) == recipe_of(animation)
        assert image.text["Software"] == "descent-viz"


# --- SVG and PDF


@pytest.fixture(scope="module")
def drawing(animation, tmp_path_factory):
    return ElementTree.parse(animation.save(tmp_path_factory.mktemp("svg") / "a.svg")).getroot()


def test_an_svg_is_a_drawing_of_the_page(drawing):
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    width, height = (float(side) for side in drawing.get("viewBox").split()[2:])
    assert width / height == pytest.approx(SIZE[0] / SIZE[1])
    assert len(drawing.findall(".//{http://www.w3.org/2000/svg}path")) > 50


def test_an_svg_carries_its_recipe_and_no_date(drawing, animation):
    facts = {element.tag.rpartition("}")[2]: element.text for element in drawing.iter() if element.text}
    assert json.loads(facts["description"]) == recipe_of(animation)
    assert "date" not in facts


def test_an_svg_is_drawn_not_photographed(drawing):
    """The paths and marks are shapes; only the heights may hold pictures, and there are none today."""
    assert not drawing.findall(".//{http://www.w3.org/2000/svg}image")


@pytest.mark.parametrize("kind", ["to nan", "nan between", "diverging", "all gone"])
def test_nothing_in_an_svg_is_nan(named, tmp_path, kind):
    drawn = descent.still(named(kind), size=SIZE).save(tmp_path / "a.svg").read_text(encoding="utf-8")
    places = re.findall(r'(?:\bd|points|transform|[xy][12]?)="([^"]*)"', drawn)
    assert len(places) > 50
    assert not [place for place in places if re.search(r"nan|inf", place, re.IGNORECASE)]


def test_a_pdf_is_a_pdf_with_its_recipe_and_no_date(animation, tmp_path):
    data = animation.save(tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert b"CreationDate" not in data
    assert b"made_with" in data


# --- names


@pytest.mark.parametrize("suffix", [".GIF", ".Png", ".SVG", ".pDf"])
def test_suffixes_may_be_capital(animation, tmp_path, suffix):
    path = animation.save(tmp_path / f"a{suffix}")
    assert path.read_bytes()[:4] in (b"GIF8", b"\x89PNG", b"<?xm", b"%PDF")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a.gfi", r"unknown suffix '.gfi'; did you mean '.gif'\? Allowed: .gif, .mp4, .*, .pdf"),
        ("a.jpeg", "unknown suffix '.jpeg'.*Allowed: .gif"),
        ("a.avi", "unknown suffix '.avi'"),
        ("a", "has no suffix. Allowed: .gif"),
        (".gif", "has no suffix. Allowed: .gif"),
        ("a.gif.", "has no suffix"),
        ("a.npz", "unknown suffix '.npz'"),
    ],
)
def test_an_unknown_suffix_is_refused_before_anything_is_drawn(named, tmp_path, name, says):
    animation = descent.animate(named("two runs"), size=SIZE)
    with pytest.raises(descent.DescentError, match=says):
        animation.save(tmp_path / name)
    assert "_stage" not in animation.__dict__
    assert not list(tmp_path.iterdir())


def test_a_still_does_not_move(named, tmp_path):
    still = descent.still(named("two runs"), size=SIZE)
    with pytest.raises(
        descent.DescentError, match=r"\.gif moves, and this picture is a still; use .png, .svg, .pdf"
    ):
        still.save(tmp_path / "a.gif")


@pytest.mark.parametrize("suffix", STILLS)
def test_a_still_is_the_last_frame_of_the_animation(named, tmp_path, suffix):
    one = descent.still(named("two runs"), size=SIZE).save(tmp_path / f"one{suffix}")
    other = descent.animate(named("two runs"), size=SIZE).save(tmp_path / f"other{suffix}")
    third = descent.animate(named("two runs"), size=SIZE).still().save(tmp_path / f"third{suffix}")
    assert one.read_bytes() == other.read_bytes() == third.read_bytes()


def test_pixels_of_a_still(named):
    animation = descent.animate(named("two runs"), size=SIZE)
    still = descent.still(named("two runs"), size=SIZE)
    assert np.array_equal(still.pixels, animation.frame(-1))
    assert np.array_equal(animation.still().pixels, still.pixels)


def test_missing_folders_are_made(animation, tmp_path):
    path = animation.save(tmp_path / "new" / "newer" / "a.png")
    assert path.exists()


def test_a_path_may_be_text(animation, tmp_path):
    assert animation.save(str(tmp_path / "a.png")) == tmp_path / "a.png"


@pytest.mark.parametrize("what", ["folder", "below a file"])
def test_a_place_that_cannot_be_written(animation, tmp_path, what):
    path = tmp_path / "a.png"
    if what == "folder":
        path.mkdir()
    else:
        path.write_text("mine")
        path = path / "b.png"
    with pytest.raises(descent.DescentError, match="cannot write"):
        animation.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


# --- interrupted


class Stop(BaseException):
    """Not an Exception, like KeyboardInterrupt."""


OLDER = b"an older file"


@pytest.mark.parametrize(
    ("error", "before"),
    [
        *((KeyboardInterrupt, None), (KeyboardInterrupt, OLDER), (SystemExit, None), (Stop, OLDER)),
        *((RuntimeError, None), (RuntimeError, OLDER), (MemoryError, OLDER)),
    ],
    ids=lambda part: part.__name__ if isinstance(part, type) else "existing" if part else "new",
)
def test_an_interrupted_save_leaves_nothing_behind(animation, tmp_path, error, before):
    path = tmp_path / "a.gif"
    if before is not None:
        path.write_bytes(before)
    seen = []

    def progress(done, total):
        seen.append((done, total))
        if done == 5:
            assert len(list(tmp_path.iterdir())) == 1 + (before is not None)  # it is being written
            raise error

    with pytest.raises(error):
        animation.save(path, progress=progress)
    assert seen[-1] == (5, 25)
    assert [file.name for file in tmp_path.iterdir()] == ([] if before is None else ["a.gif"])
    assert before is None or path.read_bytes() == before
    animation.save(path)  # and the animation is as good as before
    assert path.read_bytes()[:6] == b"GIF89a"


def test_progress_counts_every_frame(animation, tmp_path):
    seen = []
    animation.save(tmp_path / "a.gif", progress=lambda *numbers: seen.append(numbers))
    assert seen == [(k, 25) for k in range(1, 26)]


# --- frames


def test_frames_are_counted_from_both_ends(animation):
    assert len(animation) == 25
    assert np.array_equal(animation.frame(-1), animation.frame(24))
    assert np.array_equal(animation.frame(-25), animation.frame(0))
    pixels = animation.frame(3)
    assert pixels.shape == (360, 480, 3)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize("index", [25, -26, 10**9])
def test_frames_that_are_not_there(animation, index):
    with pytest.raises(descent.DescentError, match=f"frame must be between 0 and 24, not {index}"):
        animation.frame(index)


def test_frames_are_copies(animation):
    kept = list(animation.frames())
    assert len(kept) == 25
    assert len({pixels.tobytes() for pixels in kept}) == 25
    before = animation.frame(0)
    kept[0][:] = 0
    before_again = animation.frame(0)
    assert np.array_equal(before, before_again)
    before[:] = 0
    assert before_again.any()
    assert np.array_equal(animation.frame(0), before_again)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"theme": "drak"}, "unknown theme 'drak'; did you mean 'dark'"),
        ({"size": "smal"}, "did you mean 'small'"),
        ({"heights": "lin"}, "unknown height scale 'lin'"),
        ({"fps": 60}, "fps must be"),
        ({"seconds": 0}, "seconds must be"),
        ({"hold": -1}, "hold must be"),
    ],
    ids=str,
)
def test_wishes_that_cannot_be_met(named, wish, says):
    with pytest.raises(descent.DescentError, match=says):
        descent.animate(named("two runs"), **wish)


# --- a formula that matplotlib cannot set, as only a file can have


FORMULAS = [r"\nosuchcommand{x}", "x^{2", "x^2$ + $y^2", "$", "{", "%", "\\"]


@pytest.mark.parametrize(
    ("latex", "suffix"), [(latex, ".png") for latex in FORMULAS] + [(FORMULAS[0], ".svg")], ids=str
)
def test_a_formula_that_cannot_be_set_is_left_out(make_recording, make_run, tmp_path, latex, suffix):
    recording = make_recording(make_run("inside"), latex=latex)
    assert descent.still(recording, size=SIZE).save(tmp_path / f"a{suffix}").exists()


@pytest.mark.parametrize("target", ["two\nlines", "x" * 500, "größe", "$x^2", "", ":", "tab\there"], ids=str)
def test_any_target_can_be_drawn(make_recording, make_run, target):
    assert descent.still(make_recording(make_run("inside"), target=target), size=SIZE).pixels.any()


# --- settings and state of matplotlib


HOSTILE = {
    "axes.facecolor": "red",
    "font.size": 30,
    "lines.linewidth": 9,
    "axes.grid": True,
    "savefig.bbox": "tight",
    "savefig.dpi": 30,
    "figure.dpi": 37,
    "text.usetex": False,
    "svg.fonttype": "none",
    "axes.unicode_minus": False,
    "figure.autolayout": True,
    "path.simplify": False,
    "image.cmap": "jet",
}


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_users_settings_are_neither_used_nor_changed(named, tmp_path, suffix):
    look = {"size": SIZE, "seconds": 0.2}
    plain = descent.animate(named("one leaves"), **look).save(tmp_path / f"plain{suffix}")
    with mpl.rc_context(HOSTILE):
        before = dict(mpl.rcParams)
        styled = descent.animate(named("one leaves"), **look).save(tmp_path / f"styled{suffix}")
        assert dict(mpl.rcParams) == before
    assert styled.read_bytes() == plain.read_bytes()


def test_streamed_frames_do_not_use_the_users_settings_either(named):
    with mpl.rc_context(HOSTILE):
        styled = list(descent.animate(named("one leaves"), size=SIZE, seconds=0.5).frames())
    for one, other in zip(
        styled, descent.animate(named("one leaves"), size=SIZE, seconds=0.5).frames(), strict=True
    ):
        assert np.array_equal(one, other)


def run_python(code, *arguments):
    found = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert not found.stderr
    return found.stdout.split()


DRAW = """
import sys, descent
from descent.viz.files.formats import FORMATS
recording = descent.load(sys.argv[1])
for suffix in FORMATS:
    descent.animate(recording, size=(320, 240), seconds=0.2).save(sys.argv[2] + suffix)
list(descent.animate(recording, size=(320, 240), seconds=0.2).frames())
print(*sorted({name.partition(".")[0] for name in sys.modules}))
print(*(name for name in sys.modules if name.startswith("matplotlib.")))
"""


@pytest.mark.slow
def test_drawing_a_saved_recording_needs_neither_torch_nor_pyplot(named, tmp_path):
    saved = named("one leaves").save(tmp_path / "a.npz")
    loaded = run_python(DRAW, saved, tmp_path / "b")
    assert "torch" not in loaded
    assert "matplotlib.pyplot" not in loaded
    assert "matplotlib" in loaded
    assert {file.suffix for file in tmp_path.glob("b.*")} == set(FORMATS)


def test_figures_are_not_registered_with_pyplot(named):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    descent.animate(named("two runs"), size=SIZE).frame(0)
    assert plt.get_fignums() == before


def test_a_saved_recording_is_drawn_the_same(named, tmp_path):
    recording = named("diverging")
    recording.save(tmp_path / "a.npz")
    again = descent.load(tmp_path / "a.npz")
    one, other = (descent.animate(made, size=SIZE, seconds=0.4) for made in (recording, again))
    assert one.save(tmp_path / "a.gif").read_bytes() == other.save(tmp_path / "b.gif").read_bytes()
