"""What users of the command line stumbled over: wishes without effect, lost files, commands that fail."""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

import descent
from descent.cli import cli
from descent.trajectories.experiments.bare_surface import survey
from descent.trajectories.results.whole_files import unused
from descent.viz.files.numbered import named_again
from descent.viz.scenes.scene import check_wishes, compose

SMALL = ("--steps", "3", "--size", "320x240")
BEALE = ("compare", "beale", "-o", "sgd:lr=0.01", *SMALL)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments, code=0):
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == code, (result.output, result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def notes(result):
    return [line.removeprefix("note: ") for line in result.stderr.splitlines() if line.startswith("note: ")]


def test_the_examples_of_the_help_stand_on_lines_of_their_own():
    assert "\n  descent demo\n  descent compare beale -o" in run("--help").stdout


@pytest.mark.parametrize("name", ["frames/", "f/%d.svg", "f/v2-%03d.png"])
def test_the_command_of_numbered_frames_makes_such_frames(name):
    run(*BEALE, "--out", name)
    line = run("recipe", name.partition("/")[0]).stdout
    assert shlex.split(line)[-2:] == ["--out", name]
    before = sorted(Path().rglob("*"))
    run(*shlex.split(line)[1:])
    assert sorted(Path().rglob("*")) == before


def test_a_folder_that_cannot_be_read_is_named_as_frames_usually_are():
    Path("f").mkdir()
    Path("f/frames.json").write_text('{"frames": [{"file": 3}]}')
    assert named_again("f") == "f/"


@pytest.mark.parametrize("command", ["recipe", "again"])
def test_one_frame_of_many_says_that_the_last_is_drawn(command):
    run(*BEALE, "--fps", "5", "--out", "f/%d.png")
    more = () if command == "recipe" else ("--out", "a.png")
    said = "f/1.png is frame 1 of 3; a still of the same runs shows the last, and f/%d.png all of them."
    assert notes(run(command, "f/1.png", *more)) == [said]
    assert notes(run(command, "f/3.png", *more)) == []


def test_the_command_of_a_recording_makes_a_recording():
    run("record", "beale", "-o", "sgd:lr=0.01", "--steps", "3", "--out", "a.npz")
    words = shlex.split(run("recipe", "a.npz").stdout)
    before = descent.load("a.npz")
    Path("a.npz").unlink()
    run(*words[1:])
    assert descent.load("a.npz").recipe == before.recipe


def test_the_root_is_no_folder_for_frames():
    said = run(*BEALE, "--out", "/", code=1).stderr
    assert re.fullmatch(r"Error: cannot write /: .*\n", said)


def test_a_target_of_one_parameter_is_shown_without_runs():
    run("show", "parabola", "--size", "320x240", "--out", "a.png")
    with Image.open("a.png") as image:
        assert image.size == (320, 240)
    bare = survey(descent.surfaces.get("parabola"))
    for panel in ("loss", "lr", "gradient"):
        with pytest.raises(descent.DescentError, match=f"'{panel}' shows runs, and this recording has none"):
            compose(bare, panels=panel)


SURFACE, CURVE, NETWORK = ("beale",), ("parabola",), ("mlp", "--data", "moons")
REFUSED = {
    "orbit": (SURFACE, ("--orbit",), "orbit turns the panel surface3d"),
    "arrows": (SURFACE, ("--panels", "loss", "--arrows", "step"), "arrows are drawn on the contour"),
    "field": (SURFACE, ("--grid", "run", "--field"), "field is drawn on the contour"),
    "heights": (SURFACE, ("--panels", "loss", "--heights", "log"), "heights are those of a contour"),
    "heights of a curve": (CURVE, ("--heights", "log"), "heights are those of a contour"),
    "by run and more": (SURFACE, ("--grid", "run,lr"), "a grid is by run alone"),
    "panel of a curve": (CURVE, ("--panels", "contour"), "'contour' is for recordings of a surface"),
    "panel of a surface": (SURFACE, ("--panels", "fit"), "'fit' is for recordings of a network"),
    "panel of a network": (NETWORK, ("--panels", "curve"), "a target of one parameter"),
    "arrows of a network": (NETWORK, ("--arrows", "adam"), "keeps no optimizer state"),
    "arrows of a curve": (CURVE, ("--arrows", "step"), "a loss of one parameter has none"),
    "frames of a size": (SURFACE, ("--max-size", "1MB", "--out", "f/"), "numbered frames are many"),
    "LaTeX": (SURFACE, ("--embed", "latex", "--out", "a#.pdf"), "LaTeX cannot read a file with #"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_known_before_anything_is_run(nothing_runs, case):
    target, options, says = REFUSED[case]
    more = () if "--out" in options else ("--out", "a.png")
    assert says in run("compare", *target, *options, *more, code=2).stderr
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("command", "option", "says"),
    [
        ("sweep", ("--grid", "lr"), "the grid of a sweep is optimizer,lr"),
        ("sweep", ("--max-size", "1"), "max_size must be at least"),
    ],
)
def test_what_other_pictures_have_not_is_known_before_too(nothing_runs, command, option, says):
    assert says in run(command, "beale", *option, "--out", "a.png", code=2).stderr


def test_wishes_belong():
    with pytest.raises(descent.DescentError, match="panels belong to the picture of a recording"):
        check_wishes("basins", panels="loss")
    with pytest.raises(descent.DescentError, match="strip belongs to the picture of a recording"):
        check_wishes("a sweep", strip=3)


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"loops": 0}, "loops must be 1 to 1000 times, not 0"),
        ({"loops": True}, "loops must be 1 to 1000 times, not True"),
        ({"stops": "1,two"}, "stops are numbers of steps, as 1,5,20, not '1,two'"),
        ({"stops": [-1]}, "stops are numbers of steps"),
        ({"stops": ""}, "stops are numbers of steps"),
        ({"loops": 3, "loop": False}, "loops is 3 and no-loop means 1; leave one of them out"),
    ],
)
def test_wrong_loops_and_stops_are_sentences(named, wishes, says):
    with pytest.raises(descent.DescentError, match=says):
        descent.animate(named("two runs"), **wishes)


SWEEP = ("sweep", "beale", "-o", "sgd", "--lr", "0.01,0.1", "--steps", "3")
IDLE = {
    "no picture": (
        (*SWEEP, "--theme", "dark", "--grid", "optimizer,lr"),
        "--theme and --grid change no",
    ),
    "only saved": ((*BEALE, "--save", "a.npz"), "--size changes nothing: no picture is written"),
    "only shown": (("show", "beale", "--theme", "dark"), "--theme changes nothing"),
    "still": ((*BEALE, "--fps", "3", "--no-loop", "--out", "a.png"), "--fps and --no-loop change animations"),
    "video": (
        (*BEALE, "--chroma", "444", "--out", "a.gif"),
        "--chroma changes .mp4, .webm only, not a.gif",
    ),
    "strip": (
        (*BEALE, "--strip", "2", "--hold", "3", "--size", "480x300", "--out", "a.png"),
        "only, and a strip is none",
    ),
}


@pytest.mark.parametrize("case", IDLE)
def test_a_wish_without_effect_is_said(case):
    arguments, says = IDLE[case]
    (said,) = notes(run(*arguments))
    assert says in said


def test_a_wish_with_effect_is_not_said():
    assert not notes(run(*BEALE, "--fps", "3", "--out", "a.png", "--out", "f/"))
    assert not notes(run(*SWEEP, "--alt", "--theme", "dark"))


@pytest.mark.parametrize(("name", "begins"), [("a.png", "Contour plot"), ("a.gif", "Contour animation")])
def test_the_words_are_those_of_what_was_written(name, begins):
    assert run(*BEALE, "--alt", "--out", name).stdout.startswith(begins)
    assert json.loads(run(*BEALE, "--json", "--out", name).stdout)["alt"].startswith(begins)


def test_json_holds_the_snippet():
    found = json.loads(run(*BEALE, "--json", "--embed", "html", "--out", "a.png").stdout)
    assert found["embed"].startswith("<figure>")


def test_a_video_that_shall_not_loop_does_not():
    assert " loop " in run(*BEALE, "--embed", "html", "--out", "a.mp4").stdout
    assert " loop " not in run(*BEALE, "--embed", "html", "--no-loop", "--out", "a.mp4").stdout


def test_a_still_that_nobody_named_replaces_nothing_of_others(nothing_runs):
    Image.new("RGB", (4, 4)).save("a.png")
    before = Path("a.png").read_bytes()
    said = run(*BEALE, "--embed", "html", "--out", "a.gif", code=1).stderr
    assert "needs the still a.png, and there is such a file that descent did not write" in said
    assert Path("a.png").read_bytes() == before
    assert not Path("a.gif").exists()


def test_a_still_that_nobody_named_is_written_again():
    for _ in range(2):
        run(*BEALE, "--embed", "html", "--out", "a.gif")


def test_a_name_is_free_with_every_suffix():
    Path("beale.png").touch()
    assert unused(Path(), "beale", ".gif", ".png").name == "beale-2.gif"
    assert unused(Path(), "beale", ".gif").name == "beale.gif"


def test_a_sweep_in_a_document_is_called_after_its_target():
    run(*SWEEP, "--size", "320x240", "--embed", "html")
    assert sorted(path.name for path in Path("outputs").iterdir()) == ["beale.gif", "beale.png"]


def test_a_file_that_cannot_be_so_small_is_named():
    assert "Error: a.svg has" in run(*BEALE, "--max-size", "3kB", "--out", "a.svg", code=1).stderr


def test_a_folder_in_place_of_a_file_is_told_how_to_be_written():
    Path("f").mkdir()
    assert "f is a folder; write f/ for numbered frames" in run(*BEALE, "--out", "f", code=2).stderr


@pytest.mark.parametrize(("name", "kind"), [("a.gif", "GIF"), ("a.png", "PNG")])
def test_a_file_with_the_suffix_of_another_is_not_of_its_kind(name, kind):
    Path(name).write_text("nothing")
    assert run("recipe", name, code=1).stderr == f"Error: {name} is not a {kind}, or only a part of one\n"


def test_a_style_sheet_is_called_as_it_was_given():
    Path("bad.mplstyle").write_text("axes.facecolor: nocolour")
    said = run(*BEALE, "--theme", "bad.mplstyle", "--out", "a.png", code=2).stderr
    assert "bad.mplstyle" in said
    assert "PosixPath" not in said


@pytest.mark.parametrize("subject", ["beale", "a.npz", None])
def test_what_is_no_subject_is_said(subject):
    with pytest.raises(
        descent.DescentError, match=f"a recording, a sweep, basins or a diagnosis, not of {subject!r}"
    ):
        descent.animate(subject)


def test_a_still_says_how_it_was_made_smaller():
    said = []
    recording = descent.record("beale", "sgd:lr=0.01", steps=3)
    descent.still(recording, max_size="40kB").save("a.png", say=said.append)
    assert re.fullmatch(r"a\.png: drawn with .* to stay within 40 kB", said[0])
