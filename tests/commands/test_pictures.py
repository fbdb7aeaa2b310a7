"""The command line's pictures: every format and look, the words beside them, and pictures made again."""

import json
import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import descent
from descent.cli import cli
from descent.viz.documents.snippet import EMBEDS
from descent.viz.files.formats import FORMATS
from descent.viz.files.recipes import read

SIZE = ("--size", "320x240")
SHORT = ("--steps", "3", *SIZE)
BEALE = ("compare", "beale", "-o", "sgd:lr=0.01", "-o", "adam:lr=0.1", *SHORT)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Run every test in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, code=0):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def out(*names):
    """Options that write these files."""
    return [part for name in names for part in ("--out", name)]


def here():
    return sorted(path.as_posix() for path in Path().rglob("*") if path.is_file())


def pixels(path):
    """All frames of an image."""
    with Image.open(path) as image:
        found = []
        for k in range(getattr(image, "n_frames", 1)):
            image.seek(k)
            found.append(np.asarray(image.convert("RGBA")))
    return found


def differ(one, other):
    """Say whether two stills of the same size are not the same picture."""
    (first,), (second,) = pixels(one), pixels(other)
    assert first.shape == second.shape
    return not np.array_equal(first, second)


def without_notes(text):
    """The lines that are not notes, nor of what a small page has no room for."""
    lines = [line for line in text.splitlines() if line and not line.startswith("note: ")]
    return [line for line in lines if ": no room at " not in line]


def sentence(result):
    """What an error says: one sentence on stderr, and nothing else anywhere."""
    assert not result.stdout
    (line,) = without_notes(result.stderr)
    return line.removeprefix("Error: ")


# --- files


STARTS = {
    ".gif": rb"GIF89a",
    ".mp4": rb"....ftyp",
    ".webm": rb"\x1aE\xdf\xa3",
    ".webp": rb"RIFF....WEBP",
    ".apng": rb"\x89PNG.*acTL",
    ".html": rb"<!DOCTYPE html>",
    ".png": rb"\x89PNG(?!.*acTL)",
    ".svg": rb"<\?xml.*<svg",
    ".pdf": rb"%PDF-",
}


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A folder with a file of each format that one command wrote, and what it said."""
    folder = tmp_path_factory.mktemp("everything")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return folder, run(*BEALE, *out(*(f"a{suffix}" for suffix in FORMATS)))


def test_every_format_is_written_at_once(everything, monkeypatch):
    folder, result = everything
    monkeypatch.chdir(folder)
    names = [f"a{suffix}" for suffix in FORMATS]
    assert here() == sorted(names)
    assert [line for line in result.stdout.splitlines() if line.startswith("wrote")] == [
        f"wrote {name}" for name in names
    ]
    for name in names:
        data = Path(name).read_bytes()
        assert re.match(STARTS[Path(name).suffix], data, re.DOTALL | re.IGNORECASE), name
        assert read(name).recipe["target"] == "beale"


def test_frames_are_files_of_their_own():
    run(*BEALE, "--fps", "5", *out("frames/", "f/%d.pdf", "a.gif", "a.png"))
    assert here() == [
        *("a.gif", "a.png"),
        *(f"f/{k}.pdf" for k in range(4)),
        "f/frames.json",
        "f/timeline.txt",
        *(f"frames/frame-{k:04d}.png" for k in range(4)),
        "frames/frames.json",
        "frames/timeline.txt",
    ]
    assert len(pixels("a.gif")) == 4
    assert not differ("frames/frame-0003.png", "a.png")
    assert differ("frames/frame-0000.png", "a.png")
    assert read("frames").recipe == read("f").recipe == read("a.gif").recipe


# --- looks


WIDE = ("--size", "640x480")  # room for more panels than one; what is said last counts
LOOKS = {
    "panels": ("--panels", "contour,loss,lr,gradient"),
    "three dimensions": ("--panels", "surface3d"),
    "grid": ("--grid", "optimizer,lr"),
    "side by side": ("--grid", "run"),
    "strip": ("--strip", "3"),
    "arrows": ("--arrows", "gradient,step,momentum,adam"),
    "field": ("--field",),
    "slides": ("--theme", "slides"),
    "transparent": ("--theme", "transparent"),
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The picture without any of LOOKS."""
    path = tmp_path_factory.mktemp("plain") / "plain.png"
    run(*BEALE, *WIDE, *out(path))
    return path


@pytest.mark.parametrize("look", LOOKS)
def test_the_look_asked_for_is_drawn_and_carried(plain, look):
    options = LOOKS[look]
    run(*BEALE, *WIDE, *options, *out("a.png"), "--save", "a.npz")
    run("render", "a.npz", *WIDE, *options, *out("b.png"))
    assert differ("a.png", plain)
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    name = options[0].removeprefix("--")
    assert str(read("a.png").look[name]) == (options[1] if len(options) > 1 else "True")


def test_a_transparent_picture_has_no_ground():
    run(*BEALE, "--theme", "transparent", *out("a.png", "a.webp"))
    for name in ("a.png", "a.webp"):
        assert all((frame[0, :, 3] == 0).all() and (frame[..., 3] == 255).any() for frame in pixels(name))


def test_a_style_file_is_a_theme():
    Path("my.mplstyle").write_text("axes.facecolor: 112233\nfigure.facecolor: 445566\n")
    run(*BEALE, "--theme", "my.mplstyle", *out("a.png"))
    (picture,) = pixels("a.png")
    assert picture[0, 0].tolist() == [0x44, 0x55, 0x66, 255]
    Path("my.mplstyle").unlink()
    run("again", "a.png", *out("b.png"))  # the picture carries the style itself
    assert not differ("a.png", "b.png")


def test_an_orbit_turns():
    run(*BEALE, "--panels", "surface3d", *out("still/"))
    run(*BEALE, "--panels", "surface3d", "--orbit", *out("turning/"))
    same = [not differ(f"still/frame-{k:04d}.png", f"turning/frame-{k:04d}.png") for k in range(4)]
    assert not all(same)
    assert read("turning").look["orbit"] is True


def test_an_early_pace_gives_the_first_steps_more_time():
    long = ("compare", "sphere", "-o", "sgd:lr=0.1", "--steps", "60", "--seconds", "1", *SIZE)
    run(*long, *out("even/"))
    run(*long, "--pace", "early", *out("early/"))
    steps = {
        name: [frame["step"] for frame in json.loads(Path(name, "frames.json").read_text())["frames"]]
        for name in ("even", "early")
    }
    for each in steps.values():
        assert (each[0], each[-1]) == (0, 60)
    assert np.median(steps["early"]) < np.median(steps["even"]) == 30


def test_a_file_stays_within_its_size():
    run(*BEALE, *out("free.gif", "free.apng"), "--save", "a.npz")
    for suffix in (".gif", ".apng"):
        limit = Path(f"free{suffix}").stat().st_size - 1000
        result = run("render", "a.npz", *SIZE, "--max-size", f"{limit / 1000:g}kB", *out(f"a{suffix}"))
        (line,) = without_notes(result.stderr)
        assert re.fullmatch(rf"a\{suffix}: drawn with \d+ colours, to stay within [\d.]+ kB", line)
        assert Path(f"a{suffix}").stat().st_size <= limit
    assert not without_notes(run("render", "a.npz", *SIZE, "--max-size", "2MB", *out("b.gif")).stderr)
    assert Path("b.gif").read_bytes() != Path("a.gif").read_bytes()


def test_what_cannot_be_so_small_is_not_written():
    said = sentence(run(*BEALE, "--max-size", "2kB", *out("a.svg"), code=1))
    assert re.search("cannot be made smaller than --max-size 2 kB; allowed: a larger --max-size", said)
    assert not here()


def test_a_target_of_one_parameter_takes_one_number_as_a_start_and_two_as_a_view():
    found = json.loads(
        run(
            *("compare", "parabola", "-o", "sgd:lr=0.1", "--start=-2", "--view=-4,4", *SHORT, "--json"),
            *out("a.png"),
        ).stdout
    )
    assert found["start"][0] == -2
    assert found["files"] == ["a.png"]
    assert read("a.png").recipe["view"][0] == [-4, 4]
    run("compare", "parabola", "-o", "sgd:lr=0.1", "--start=-2", *SHORT, *out("b.png"))
    assert differ("a.png", "b.png")


# --- refusals, before anything is run

REFUSED = {
    "kind of document": (("--embed", "word", *out("a.png")), "unknown kind of document 'word'.*markdown"),
    "a strip does not move": (
        ("--strip", "3", *out("a.gif")),
        r"\.gif moves, and this picture is a still; use \.png, \.svg, \.pdf",
    ),
    "a strip has no frames": (("--strip", "3", *out("frames/")), "numbered frames.*is a still; use .png"),
    "a strip of one": (("--strip", "1", *out("a.png")), "strip must be 2 to 8 key frames, not 1"),
    "strip and grid": (("--strip", "3", "--grid", "run", *out("a.png")), "strip.*grid|grid.*strip"),
    "transparent video": (
        ("--theme", "transparent", *out("a.mp4")),
        r"\.mp4 has no half-transparent pixels.*'transparent' needs; use \.webp",
    ),
    "a second file": (("--theme", "transparent", *out("a.png", "a.gif")), r"\.gif has no half-transparent"),
    "grid with panels": (("--grid", "run", "--panels", "loss", *out("a.png")), "cannot be combined"),
    "grid": (("--grid", "optimiser", *out("a.png")), "unknown grid 'optimiser'; did you mean 'optimizer'"),
    "panel": (("--panels", "contur", *out("a.png")), "unknown panel 'contur'; did you mean 'contour'"),
    "panel twice": (("--panels", "loss,loss", *out("a.png")), "'loss' is named twice"),
    "arrow": (("--arrows", "gradiant", *out("a.png")), "unknown arrow 'gradiant'; did you mean 'gradient'"),
    "pace": (("--pace", "erly", *out("a.png")), "unknown pace 'erly'; did you mean 'early'"),
    "size of nonsense": (("--max-size", "much", *out("a.png")), "'much' is not an amount of bytes"),
    "size of nothing": (("--max-size", "10", *out("a.png")), "max_size must be at least 2kB, not '10'"),
    "names of frames": (("--out", "f/%d-%d.png"), "holds one %d"),
    "format of frames": (("--out", "f/%d.gif"), r"unknown suffix '\.gif'"),
}


@pytest.mark.parametrize(
    "arguments",
    [
        BEALE,
        (*BEALE, "--tuned"),
        ("compare", "mlp", "--data", "moons", "--epochs", "1"),
        ("record", "beale", *out("a.npz")),
        ("sweep", "beale"),
        ("basins", "himmelblau"),
        ("demo",),
        ("again", "a.png"),
    ],
    ids=" ".join,
)
def test_what_can_be_drawn_is_run(request, arguments):
    if "again" in arguments:
        run(*BEALE, *out("a.png"))
    request.getfixturevalue("nothing_runs")
    with pytest.raises(pytest.fail.Exception, match="it was run"):
        run(*arguments)


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_refused_before_anything_is_run(nothing_runs, case):
    options, says = REFUSED[case]
    assert re.search(says, sentence(run(*BEALE, *options, code=2)))
    assert not here()


def test_a_style_that_is_not_there_is_missed_before_anything_is_run(nothing_runs):
    said = sentence(run(*BEALE, "--theme", "no.mplstyle", *out("a.png"), code=1))
    assert said == "the style sheet 'no.mplstyle' does not exist"
    assert not here()


@pytest.mark.parametrize("command", ["render", "again"])
def test_files_are_not_drawn_again_as_what_they_cannot_be(command):
    run(*BEALE, *WIDE, "--strip", "2", *out("a.png"), "--save", "a.npz")
    before = here()
    file = "a.png" if command == "again" else "a.npz"
    strip = () if command == "again" else ("--strip", "2")  # the picture carries it
    assert re.search("gif moves", sentence(run(command, file, *strip, *out("b.gif"), code=2)))
    assert re.search("unknown kind", sentence(run(command, file, "--embed", "word", code=2)))
    assert here() == before


# --- words


def test_alt_is_the_text_and_nothing_else():
    result = run(*BEALE, "--alt", *out("a.gif"), "--save", "a.npz")
    scene = descent.animate(descent.load("a.npz"), size=(320, 240))
    assert result.stdout == scene.alt + "\n"
    assert "final loss" not in result.stdout
    assert without_notes(result.stderr) == ["wrote a.npz", "wrote a.gif"]


def test_json_has_the_words():
    found = json.loads(run(*BEALE, "--json", *out("a.gif"), "--save", "a.npz").stdout)
    scene = descent.animate(descent.load("a.npz"), size=(320, 240))
    assert (found["alt"], found["caption"]) == (scene.alt, scene.caption)
    assert found["files"] == ["a.npz", "a.gif"]


TWINS = {"markdown": [".png"], "html": [".png"], "quarto": [".pdf", ".png"], "pptx": [], "revealjs": []}


@pytest.mark.parametrize("kind", EMBEDS)
def test_a_snippet_names_the_files_that_were_written(kind):
    name = "pictures/a.html" if kind == "revealjs" else "pictures/a.gif"
    result = run(*BEALE, "--embed", kind, *out(name))
    names = [name, *(f"pictures/a{suffix}" for suffix in TWINS.get(kind, [".pdf"]))]
    assert here() == sorted(names)
    assert sorted(without_notes(result.stderr)) == sorted(f"wrote {name}" for name in names)
    assert "final loss  distance" not in result.stdout  # no table
    named = set(re.findall(r"pictures/a\.\w+|pictures/a(?=\.\*)", result.stdout))
    assert named
    assert named - {"pictures/a"} <= set(names)
    assert ("pictures/a.pdf" if kind in ("latex", "typst", "beamer") else "pictures/a") in result.stdout


def test_latex_animates_frames():
    result = run(*BEALE, "--embed", "latex", *out("f/"))
    first, last = re.search(r"\{f/frame-\}\{(\d+)\}\{(\d+)\}", result.stdout).groups()
    assert Path(f"f/frame-{first}.png").exists()
    assert Path(f"f/frame-{last}.png").exists()


# --- recipes


MADE = {
    "comparison": (*BEALE, "--theme", "dark", "--arrows", "step", "--seconds", "0.2"),
    "network": (
        "compare",
        "mlp",
        "--data",
        "moons",
        "-o",
        "sgd:lr=0.1",
        "--epochs",
        "2",
        "--fps",
        "5",
        *SIZE,
    ),
    "sweep": ("sweep", "beale", "-o", "sgd", "--lr", "0.001,0.01,0.1", "--seed", "3", *SHORT),
    "basins": ("basins", "himmelblau", "-o", "adam:lr=0.1", "--starts", "12", *SHORT),
    "grid": ("compare", "beale", "-o", "sgd", "--lr", "0.001,0.01", "--grid", "optimizer,lr", *SHORT),
    "strip": (*BEALE, *WIDE, "--strip", "3"),
    "one parameter": ("compare", "parabola", "-o", "sgd:lr=0.1", "--start=-2", "--view=-4,4", *SHORT),
}


def suffix_of(name):
    return ".png" if name == "strip" else ".gif"


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_again_has_the_same_bytes_and_the_command_the_same_picture(name):
    file = f"a{suffix_of(name)}"
    run(*MADE[name], *out(file))
    before = Path(file).read_bytes()

    again = f"b{suffix_of(name)}"
    run("again", file, *out(again))
    assert Path(again).read_bytes() == before

    (line,) = run("recipe", file).stdout.splitlines()
    program, *words = shlex.split(line)
    assert program == "descent"
    assert words[-2:] == ["--out", file]
    was = read(file)
    Path(file).unlink()
    run(*words)
    found = read(file)
    assert (found.kind, found.look) == (was.kind, was.look)
    # The line names a start and a view that were found, which make the same picture.
    assert found.recipe == was.recipe
    for one, other in zip(pixels(again), pixels(file), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("suffix", [suffix for suffix in FORMATS if suffix != ".gif"])
def test_every_format_is_made_again_with_the_same_bytes(everything, suffix):
    file = everything[0] / f"a{suffix}"
    run("again", file, *out(f"b{suffix}"))
    assert file.read_bytes() == Path(f"b{suffix}").read_bytes()


def test_numbered_frames_are_made_again():
    run(*BEALE, *out("a/"))
    run("again", "a", *out("b/"))
    assert [path.name for path in sorted(Path("a").iterdir())] == [
        path.name for path in sorted(Path("b").iterdir())
    ]
    for path in Path("a").iterdir():
        assert path.read_bytes() == Path("b", path.name).read_bytes()


def test_what_is_said_now_replaces_what_the_file_says():
    run(*BEALE, "--theme", "print", "--arrows", "step", *out("a.gif"))
    run(*BEALE, "--theme", "dark", "--arrows", "step", *out("b.png"))
    run("again", "a.gif", "--theme", "dark", *out("x.png"))
    assert Path("x.png").read_bytes() == Path("b.png").read_bytes()
    run("again", "x.png", "--theme", "light", *out("y.png"))  # said, though it is the default
    assert "theme" not in read("y.png").look


def test_again_alone_writes_a_file_of_that_name():
    run(*BEALE, *out("a.png"))
    run("again", "a.png")
    assert here() == ["a.png", "outputs/a.gif"]


def test_a_recipe_is_printed_as_json():
    run(*BEALE, "--theme", "dark", *out("a.gif"))
    found = json.loads(run("recipe", "a.gif", "--json").stdout)
    was = read("a.gif")
    assert set(found) == {"made_with", "kind", "recipe", "look"}
    assert (found["kind"], found["recipe"], found["look"]) == (was.kind, was.recipe, was.look)
    assert found["look"] == {"theme": "dark", "size": "320x240"}


def foreign(name):
    if name.endswith(".gif"):
        Image.new("RGB", (8, 8)).save(name)
    elif name.endswith(".png"):
        Path(name).write_bytes(b"\x89PNG\r\n\x1a\n")
    elif name.endswith(".svg"):
        Path(name).write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    elif name.endswith(".txt"):
        Path(name).write_text("words")


@pytest.mark.parametrize("command", ["again", "recipe"])
@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.svg", "a.txt", "missing.gif"])
def test_what_others_made_has_no_recipe(nothing_runs, command, name):
    foreign(name)
    before = here()
    assert name in sentence(run(command, name, code=1))
    assert here() == before


def test_without_ffmpeg_a_video_is_refused_before_anything_is_run(monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    done = run("compare", "beale", "--steps", "5", "--save", "a.npz", "--out", "a.mp4", code=1)
    assert done.stderr == (
        "Error: videos need ffmpeg, which is not installed; `pip install 'descent-viz[video]'` brings it\n"
    )
    assert not list(Path().iterdir())
