"""The command line: what it prints and writes, what it refuses, and what it leaves behind."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import descent
from descent.cli import cli
from descent.cli import main as descent_main
from descent.surfaces.catalogue import CATALOGUE
from descent.trajectories.specs.tables import OPTIMIZERS, SCHEDULES, WRAPPERS
from descent.viz.files.formats import FORMATS
from descent.viz.style.themes import THEMES

SHORT = ("--steps", "4", "--size", "320x240")
PATIENCE = 120  # seconds that a subprocess may take on a busy machine


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Run every test in a folder of its own, which must not change what can be imported afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def run(*arguments, code=0):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    if code is not None:
        assert result.exit_code == code, (result.output, result.exception)
    return result


def here():
    """All files in the current folder and below."""
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


def process(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "descent.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **options,
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A small recording on disk, as bytes."""
    path = tmp_path_factory.mktemp("saved") / "good.npz"
    descent.record("beale", ["sgd:lr=0.01", "adam:lr=0.1"], steps=6, resolution=(24, 24)).save(path)
    return path.read_bytes()


# --- compare


def test_compare_prints_a_table_and_writes_a_gif():
    result = run("compare", "beale", "-o", "sgd:lr=0.01", "-o", "adam:lr=0.1", *SHORT)
    header, *rows, wrote = result.stdout.splitlines()
    for heading in (
        "optimizer",
        "lr",
        "outcome",
        "final loss",
        "distance to minimum",
        "first within 1e-3",
        "stays from",
    ):
        assert heading in header
    assert [row.split()[:2] for row in rows] == [["SGD", "0.01"], ["Adam", "0.1"]]
    assert wrote == f"wrote {Path('outputs/beale.gif')}"
    (told,) = result.stderr.splitlines()
    assert "no room at 320x240" in told
    assert here() == ["outputs/beale.gif"]


def test_compare_without_optimizers_runs_three():
    found = json.loads(run("compare", "beale", "--save", "a.npz", "--json", *SHORT).stdout)
    assert [row["title"] for row in found["runs"]] == ["SGD", "Adam", "RMSprop"]
    assert all(row["lr"] > 0 for row in found["runs"])


def test_compare_crosses_rates_with_optimizers():
    result = run(
        "compare", "beale", "-o", "sgd", "-o", "adam", "--lr", "0.1,0.01", "--save", "a.npz", "--json", *SHORT
    )
    specs = [row["optimizer"].partition(",")[0] for row in json.loads(result.stdout)["runs"]]
    assert specs == ["sgd:lr=0.1", "sgd:lr=0.01", "adam:lr=0.1", "adam:lr=0.01"]


def no_constants(text):
    raise AssertionError(f"{text} is not JSON")


def test_json_is_strict_and_complete_even_when_a_run_is_lost():
    result = run("compare", "rosenbrock", "-o", "sgd:lr=1", "--steps", "30", "--save", "a.npz", "--json")
    found = json.loads(result.stdout, parse_constant=no_constants)
    assert set(found) == {
        *("target", "start", "steps", "seed", "noise", "stop_at", "device", "dtype"),
        *("runs", "minima", "domain", "versions", "files", "alt", "caption", "still_alt"),
    }
    (row,) = found["runs"]
    assert set(row) == {
        *("optimizer", "title", "lr", "outcome", "outcome_step", "steps", "final_point", "final_loss"),
        *("distance_to_minimum", "steps_to_minimum", "where", "left_domain_step", "settled_step"),
        *("above_best", "evaluations"),
    }
    assert row["outcome"].startswith("non-finite at step")
    assert row["final_loss"] is None
    assert found["files"] == ["a.npz"]


def test_json_agrees_with_the_recording_saved():
    result = run(
        "compare", "beale", "-o", "adam:lr=0.1", "--start", "1,1.5", "--save", "a.npz", "--json", *SHORT
    )
    (row,) = json.loads(result.stdout)["runs"]
    (trajectory,) = descent.load("a.npz").trajectories
    assert row["final_point"] == trajectory.points[-1].tolist()
    assert row["final_loss"] == trajectory.losses[-1]
    assert trajectory.points[0].tolist() == [1, 1.5]


def test_every_file_named_is_written_and_no_other():
    outs = ["a.gif", "b.png", "c.svg", "d.pdf", "new/folder/e.png"]
    options = [part for out in outs for part in ("--out", out)]
    result = run("compare", "beale", "-o", "sgd:lr=0.01", *SHORT, *options, "--save", "f.npz")
    assert here() == sorted([*outs, "f.npz"])
    assert [line for line in result.stdout.splitlines() if line.startswith("wrote")] == [
        f"wrote {name}" for name in ("f.npz", *outs)
    ]


def test_save_alone_draws_nothing():
    run("compare", "beale", "-o", "sgd:lr=0.01", *SHORT, "--save", "f.npz")
    assert here() == ["f.npz"]


def test_the_same_command_gives_the_same_bytes():
    for name in ("a", "b"):
        options = (
            "--noise",
            "0.1",
            "--seed",
            "3",
            "--out",
            f"{name}.gif",
            "--out",
            f"{name}.svg",
            "--save",
            f"{name}.npz",
        )
        run("compare", "beale", "-o", "sgd:lr=0.01", *SHORT, *options)
    for suffix in (".gif", ".svg", ".npz"):
        assert Path(f"a{suffix}").read_bytes() == Path(f"b{suffix}").read_bytes()


def test_a_file_that_nobody_named_is_never_overwritten():
    again = ("compare", "sphere", "-o", "sgd:lr=0.1", *SHORT)
    written = [run(*again).stdout.splitlines()[-1] for _ in range(3)]
    assert written == [
        f"wrote {Path('outputs', name)}" for name in ("sphere.gif", "sphere-2.gif", "sphere-3.gif")
    ]


def test_a_file_that_was_named_is_overwritten():
    Path("a.gif").write_bytes(b"older")
    run("compare", "sphere", "-o", "sgd:lr=0.1", *SHORT, "--out", "a.gif")
    assert Path("a.gif").read_bytes()[:6] == b"GIF89a"


@pytest.mark.parametrize(
    "target", ["quadratic:condition=100,angle=30", "expr:(1-x)**2 + 100*(y-x**2)**2", "Six-Hump-Camel"]
)
def test_outputs_are_named_after_the_target(target):
    run("compare", target, "-o", "sgd:lr=0.001", *SHORT)
    (name,) = here()
    assert re.fullmatch(r"outputs/[a-z0-9-]+\.gif", name)
    assert name[8:12] in re.sub(r"[^a-z0-9]+", "-", target.casefold())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("beale", "-o", "sgd:lr=0.01", "--start", "99,99"),
            "the start 99,99 lies outside the domain of beale",
        ),
        (("beale", "-o", "adam"), "adam runs at torch's default rate 0.001"),
        (("abs", "-o", "sgd:lr=0.1"), "not defined everywhere"),
        (("expr:x**2 + y**2", "-o", "sgd:lr=0.1"), "no minimum of expr:x**2 + y**2 is known"),
    ],
    ids=["start", "rate", "kink", "no minimum"],
)
def test_notes_go_to_stderr_only(arguments, says):
    result = run("compare", *arguments, *SHORT, "--save", "a.npz", "--json")
    assert "note: " in result.stderr
    assert says in result.stderr
    json.loads(result.stdout)


def test_a_function_in_the_current_folder_is_a_target(monkeypatch):
    monkeypatch.setitem(sys.modules, "my_losses", None)  # so that it is forgotten afterwards
    del sys.modules["my_losses"]
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each not in ("", str(Path.cwd()))])
    assert not {"", str(Path.cwd())} & set(sys.path)
    Path("my_losses.py").write_text("def bowl(x, y):\n    return x**2 + 4 * y**2\n")
    found = run("compare", "my_losses:bowl", "-o", "sgd:lr=0.1", *SHORT, "--save", "a.npz", "--json")
    assert json.loads(found.stdout)["target"] == "my_losses:bowl"


# --- record, render, show, list, demo


def test_record_then_render():
    result = run("record", "beale", "-o", "sgd:lr=0.01", "--steps", "4", "--out", "new/a.npz")
    assert "wrote new/a.npz" in result.stdout
    result = run("render", "new/a.npz", "--size", "320x240", "--fps", "5", "--out", "a.gif", "--out", "a.png")
    assert result.stdout.splitlines()[-2:] == ["wrote a.gif", "wrote a.png"]
    with Image.open("a.gif") as image:
        assert (image.n_frames, image.size) == (5, (320, 240))


def test_render_draws_what_compare_would_have_drawn():
    run("compare", "beale", "-o", "sgd:lr=0.01", *SHORT, "--save", "a.npz", "--out", "a.gif")
    run("render", "a.npz", "--size", "320x240", "--out", "b.gif")
    assert Path("a.gif").read_bytes() == Path("b.gif").read_bytes()


def test_render_names_its_output_after_the_file(saved):
    Path("My Run.npz").write_bytes(saved)
    run("render", "My Run.npz", "--size", "320x240")
    assert here() == ["My Run.npz", "outputs/my-run.gif"]


@pytest.mark.parametrize(
    ("options", "check"),
    [
        (("--theme", "dark"), lambda image: sum(image.convert("RGB").getpixel((0, 0))) < 100),
        (("--no-loop",), lambda image: "loop" not in image.info),
        (("--loop",), lambda image: image.info["loop"] == 0),
        (("--fps", "50"), lambda image: image.info["duration"] == 20),
        (("--seconds", "0.14"), lambda image: image.n_frames == 3),
        (("--size", "400x300"), lambda image: image.size == (400, 300)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_the_looks_asked_for_are_those_drawn(saved, options, check):
    Path("a.npz").write_bytes(saved)
    size = () if "--size" in options else ("--size", "320x240")
    run("render", "a.npz", "--out", "a.gif", *size, *options)
    with Image.open("a.gif") as image:
        assert check(image)


def test_show_prints_facts():
    shown = run("show", "beale").stdout
    assert re.search(r"(?m)^name +beale$", shown)
    for fact in ("formula", "domain", "minima", "start", "reference"):
        assert re.search(rf"(?m)^{fact} ", shown)
    assert not here()


def test_show_as_json_and_as_a_picture():
    result = run("show", "beale", "--json", "--out", "a.png", "--size", "320x240")
    found = json.loads(result.stdout)
    assert found["name"] == "beale"
    assert found["minima"] == [{"point": [3.0, 0.5], "value": 0.0, "domain_only": False}]
    assert "wrote a.png" in result.stderr
    assert here() == ["a.png"]


@pytest.mark.parametrize("name", ["adjiman", "eggholder"])
def test_a_minimum_on_the_domain_only_is_said_to_be_one(name):
    found = json.loads(run("show", name, "--json").stdout)
    assert [minimum["domain_only"] for minimum in found["minima"]] == [True]
    assert "do not stop there" in found["minimum_on_the_domain"]
    assert re.search(r"(?m)^minima .*, domain only$", run("show", name).stdout)
    assert "on the domain only" in json.loads(run("list", "surfaces", "--json").stdout)[name]
    assert "minimum on the domain" not in run("show", "keane").stdout


def test_show_a_recording(saved):
    Path("a.npz").write_bytes(saved)
    found = json.loads(run("show", "a.npz", "--json").stdout)
    assert [row["title"] for row in found["runs"]] == ["SGD", "Adam"]


@pytest.mark.parametrize("name", CATALOGUE)
def test_show_every_surface(name):
    found = json.loads(run("show", name, "--json").stdout, parse_constant=no_constants)
    assert found["name"] == name
    assert run("show", name).stdout.startswith("name")


OF_OPTIMIZERS = OPTIMIZERS | WRAPPERS
LISTS = {"surfaces": CATALOGUE, "optimizers": OF_OPTIMIZERS, "schedules": SCHEDULES, "themes": THEMES}


@pytest.mark.parametrize("kind", LISTS)
def test_list(kind):
    assert list(json.loads(run("list", kind, "--json").stdout)) == list(LISTS[kind])
    lines = run("list", kind).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(LISTS[kind])
    assert all(len(line.split()) > 2 for line in lines)


def test_demo_writes_one_animation_and_says_where():
    result = run("demo", "--size", "320x240")
    assert result.stdout.splitlines()[-1] == f"wrote {Path('outputs/demo.gif')}"
    assert here() == ["outputs/demo.gif"]


def unwrapped(text):
    """The text without blanks, so that it does not matter where lines are broken."""
    return "".join(text.split())


@pytest.mark.parametrize("name", [None, *cli.commands])
def test_every_command_and_every_option_has_help(name):
    command, words = (cli, ()) if name is None else (cli.commands[name], (name,))
    shown = run(*words, "--help").stdout
    assert shown.startswith(" ".join(["Usage: cli", *words, "[OPTIONS]"]))
    about = command.help.partition("\f")[0]
    assert len(about.split()) >= 5
    assert unwrapped(about.replace("\b\n", "")) in unwrapped(shown)
    context = click.Context(command, info_name=name)
    for option in [each for each in command.params if isinstance(each, click.Option)]:
        assert option.help, option.name
        assert len(option.help.split()) >= 2, option.name
        names, says = option.get_help_record(context)
        assert set(option.opts) <= set(re.findall(r"--?[a-z-]+", names))
        assert option.help.rstrip(".") in says
        assert unwrapped(names + says) in unwrapped(shown), option.name


def test_the_help_names_every_command():
    rows = dict(re.findall(r"(?m)^  (\w+) +(\S.*)$", run("--help").stdout.partition("Commands:")[2]))
    assert rows.keys() == cli.commands.keys()
    assert len(rows) >= 12
    for name, says in rows.items():
        line = " ".join(cli.commands[name].help.split())
        assert line.startswith(says.removesuffix("...").strip()), name


def test_the_version_is_that_of_the_distribution():
    assert run("--version").stdout.strip().endswith(descent.__version__)


# --- bad input: exit 1 or 2, one sentence with what was given and what is allowed, nothing left behind

SPHERE = ("compare", "sphere", "-o", "sgd:lr=0.1", *SHORT)
BAD = {
    # what is compared
    "surface": (
        ("compare", "beal"),
        2,
        r"unknown surface 'beal'; did you mean 'beale'\?.*descent list surfaces",
    ),
    "surface in capitals": (("compare", "Rosenbrok"), 2, "'Rosenbrok'; did you mean 'rosenbrock'"),
    "no surface": (("compare", ""), 2, "no surface is named"),
    "no target": (("compare",), 2, "Missing argument 'TARGET'"),
    "option of a plain surface": (("compare", "sphere:size=1"), 2, "'sphere' has no options.*'size'"),
    "option of a surface": (("compare", "quadratic:conditon=3"), 2, "'conditon'; did you mean 'condition'"),
    "surface option value": (("compare", "quadratic:condition=abc"), 2, "must be a number.*not 'abc'"),
    "surface option range": (("compare", "quadratic:condition=-1"), 2, "must be a number.*not -1"),
    "module": (("compare", "no.such:thing"), 2, "no module 'no'"),
    "name in a module": (("compare", "math:sqrtt"), 2, "'sqrtt'; did you mean 'sqrt'"),
    "function of a number": (("compare", "math:sqrt"), None, "math:sqrt"),
    "function of no numbers": (("compare", "os:system"), None, "os:system"),
    # formulas
    "empty formula": (("compare", "expr:"), 2, "the formula is empty"),
    "unfinished formula": (("compare", "expr:x+"), 2, r"'x\+' cannot be read"),
    "name in a formula": (
        ("compare", "expr:z+1"),
        2,
        "'z' in the formula 'z\\+1' is not known.*Allowed: numbers, x, y",
    ),
    "function in a formula": (("compare", "expr:foo(x)"), 2, "'foo' in .* is not a known function.*sin, cos"),
    "open": (("compare", "expr:open('a')"), 2, "'open' in .* is not a known function"),
    "import": (("compare", "expr:__import__('os').system('touch a')"), 2, "not a function call by name"),
    "attribute": (("compare", "expr:x.__class__"), 2, "is not allowed"),
    "comprehension": (("compare", "expr:[x for x in y]"), 2, "is not allowed"),
    "lambda": (("compare", "expr:(lambda: 0)()"), 2, "not a function call by name"),
    "text in a formula": (("compare", "expr:'a'"), 2, "must be a real number"),
    "arguments": (("compare", "expr:sin(x,y)"), 2, "needs 1 argument, not 2"),
    "long formula": (("compare", "expr:" + "(" * 2600 + "x" + ")" * 2600), 2, "at most 4000 are allowed"),
    "deep formula": (("compare", "expr:" + "-" * 900 + "x"), 2, "the formula"),
    "formula that is infinite": (("compare", "expr:x*0 + 1/0"), None, "formula|not finite"),
    "power tower": (("compare", "expr:x + 9**9**9**9", *SHORT), 2, "not finite|formula"),
    # optimizers and schedules
    "optimizer": (
        (*SPHERE, "-o", "adm"),
        2,
        r"unknown optimizer 'adm'; did you mean 'adam'\? Allowed: adadelta",
    ),
    "option": ((*SPHERE, "-o", "adam:lrr=0.1"), 2, "no option 'lrr'; did you mean 'lr'.*It takes lr, betas"),
    "option value": ((*SPHERE, "-o", "adam:betas=0.9"), 2, "option betas of adam takes two numbers"),
    "option twice": ((*SPHERE, "-o", "adam:lr=0.1,lr=0.2"), 2, "'lr' is given twice"),
    "no name": ((*SPHERE, "-o", ""), 2, "has no name; write it as name:option=value"),
    "no option": ((*SPHERE, "-o", "adam:"), 2, "is not an option; write it as name:option=value"),
    "no value": ((*SPHERE, "-o", "adam:lr"), 2, "'lr' in optimizer 'adam:lr' is not an option"),
    "optimizer's module": ((*SPHERE, "-o", "no.such.Adam:lr=1"), 2, "cannot import 'no.such'"),
    "not a class": ((*SPHERE, "-o", "math.sqrt:lr=1"), 2, "not a class"),
    "schedule": (
        (*SPHERE, "-o", "sgd:lr=1@stp"),
        2,
        r"unknown schedule 'stp'; did you mean 'step'\? Allowed: constant",
    ),
    "schedule option": (
        (*SPHERE, "-o", "sgd:lr=1@step:stepsize=3"),
        2,
        "'stepsize'; did you mean 'step_size'",
    ),
    "schedule without": ((*SPHERE, "-o", "sgd:lr=1@step"), 2, "needs the option step_size"),
    # numbers
    "rate 0": ((*SPHERE, "-o", "sgd:lr=0"), 2, "finite number greater than 0, not 0"),
    "negative rate": ((*SPHERE, "-o", "sgd:lr=-1"), 2, "greater than 0, not -1"),
    "rate nan": ((*SPHERE, "-o", "sgd:lr=nan"), 2, "greater than 0, not nan"),
    "rate inf": ((*SPHERE, "-o", "sgd:lr=inf"), 2, "greater than 0, not inf"),
    "rate abc": ((*SPHERE, "-o", "sgd:lr=abc"), 2, "greater than 0, not 'abc'"),
    "--lr 0": ((*SPHERE, "--lr", "0.1,0"), 2, "greater than 0, not 0"),
    "--lr nan": ((*SPHERE, "--lr", "nan"), 2, "greater than 0, not nan"),
    "--lr abc": ((*SPHERE, "--lr", "abc"), 2, "--lr.*'abc' is not of the form A,B,C"),
    "--lr ,": ((*SPHERE, "--lr", "0.1,,0.2"), 2, "--lr.*not of the form A,B,C"),
    "no steps": ((*SPHERE, "--steps", "0"), 2, "steps must be a whole number of at least 1, not 0"),
    "negative steps": ((*SPHERE, "--steps", "-3"), 2, "at least 1, not -3"),
    "half a step": ((*SPHERE, "--steps", "1.5"), 2, "--steps.*'1.5' is not a valid integer"),
    "start of one": ((*SPHERE, "--start", "1"), 2, "a start is two numbers X,Y, not \\(1.0,\\)"),
    "start of three": (
        (*SPHERE, "--start", "1,2,3"),
        2,
        "a start is two numbers X,Y, not \\(1.0, 2.0, 3.0\\)",
    ),
    "start nan": ((*SPHERE, "--start", "nan,1"), 2, "a start must be finite, not nan,1"),
    "start abc": ((*SPHERE, "--start", "a,b"), 2, "--start.*'a,b' is not of the form X,Y"),
    "seed": ((*SPHERE, "--seed", "-1"), 2, "seed must be a whole number of at least 0, not -1"),
    "noise": ((*SPHERE, "--noise", "-1"), 2, "noise must be a finite number of at least 0, not -1"),
    "noise nan": ((*SPHERE, "--noise", "nan"), 2, "noise must be .* not nan"),
    "stop at": ((*SPHERE, "--stop-at", "-1"), 2, "stop.at must be a finite number of at least 0, not -1"),
    "view of three": ((*SPHERE, "--view", "0,1,2"), 2, "--view.*write X0,X1,Y0,Y1"),
    "view upside down": ((*SPHERE, "--view", "1,0,0,1"), 2, "X0 < X1 and Y0 < Y1, not 1,0,0,1"),
    "view nan": ((*SPHERE, "--view", "nan,1,0,1"), 2, "must be finite.*not nan"),
    # devices
    "device": (
        (*SPHERE, "--device", "gpu"),
        2,
        "unknown device 'gpu'; did you mean 'cpu'.*cpu, cuda, cuda:N, mps, auto",
    ),
    "device that is not there": ((*SPHERE, "--device", "cuda:99"), 1, "cuda|CUDA"),
    "dtype": ((*SPHERE, "--dtype", "float16"), 2, "unknown dtype 'float16'.*Allowed: float64, float32"),
    # looks
    "theme": (
        (*SPHERE, "--theme", "drak"),
        2,
        "unknown theme 'drak'; did you mean 'dark'.*light, dark, print",
    ),
    "size": ((*SPHERE, "--size", "hdd"), 2, "unknown size 'hdd'; did you mean 'hd'.*WIDTHxHEIGHT"),
    "tiny size": ((*SPHERE, "--size", "10x10"), 2, "320 to 4096 pixels wide.*not 10x10"),
    "heights": ((*SPHERE, "--heights", "lg"), 2, "unknown height scale 'lg'; did you mean 'log'"),
    "fps": ((*SPHERE, "--fps", "99"), 2, "fps must be between 0.1 and 50, not 99"),
    "seconds": ((*SPHERE, "--seconds", "0"), 2, "seconds must be between 0.1 and 3600, not 0"),
    "hold": ((*SPHERE, "--hold", "nan"), 2, "hold must be between 0 and 600 seconds, not nan"),
    # files to write
    "suffix": (
        (*SPHERE, "--out", "a.gfi"),
        2,
        r"unknown suffix '.gfi'; did you mean '.gif'\? Allowed: .gif, .mp4",
    ),
    "no suffix": ((*SPHERE, "--out", "a"), 2, "the file 'a' has no suffix. Allowed: .gif"),
    "one suffix of two": ((*SPHERE, "--out", "a.gif", "--out", "a.bmp"), 2, "unknown suffix '.bmp'"),
    "suffix of a recording": ((*SPHERE, "--save", "a.txt"), 2, r"unknown suffix '\.txt'.*\.npz"),
    "no suffix of a recording": ((*SPHERE, "--save", "a"), 2, r"\.npz"),
    "record as a picture": (
        ("record", "sphere", "--out", "a.gif"),
        2,
        "unknown suffix '.gif'.*Allowed: .npz",
    ),
    "record without file": (("record", "sphere"), 2, "Missing option '--out'"),
    "a surface does not move": (
        ("show", "beale", "--out", "a.gif"),
        2,
        ".gif moves, and this picture is a still; use .png, .svg, .pdf",
    ),
    "demo suffix": (("demo", "--out", "a.avi"), 2, "unknown suffix '.avi'"),
    "below a file": ((*SPHERE, "--out", "junk.npz/a.gif"), 1, "cannot write junk.npz/a.gif"),
    "recording below a file": ((*SPHERE, "--save", "junk.npz/a.npz"), 1, "cannot write junk.npz/a.npz"),
    "onto a folder": ((*SPHERE, "--out", "folder.gif"), 1, "cannot write folder.gif: it is a folder"),
    # files to read
    "missing file": (("render", "missing.npz"), 1, "there is no file missing.npz"),
    "junk": (("render", "junk.npz"), 1, "junk.npz is not a recording"),
    "empty file": (("render", "empty.npz"), 1, "empty.npz is not a recording"),
    "truncated": (("render", "truncated.npz"), 1, "truncated.npz is not a recording"),
    "newer": (("render", "newer.npz"), 1, "newer descent.*upgrade"),
    "pickle": (("render", "pickle.npz"), 1, "pickle.npz is not a recording"),
    "folder": (("render", "folder.gif"), 1, "folder.gif is a folder"),
    "render suffix": (("render", "junk.npz", "--out", "a.xyz"), 2, "unknown suffix '.xyz'"),
    "show a missing file": (("show", "missing.npz"), 1, "there is no file missing.npz"),
    # commands
    "command": (("compar", "beale"), 2, "No such command 'compar'"),
    "option of a command": (("compare", "beale", "--stepz", "3"), 2, "No such option.*--stepz"),
    "list": (("list", "surfacess"), 2, "'surfacess' is not one of 'surfaces'"),
}


@pytest.fixture
def bad_files(saved):
    """Files that are not what they should be."""
    Path("junk.npz").write_bytes(b"this is no zip file" * 20)
    Path("empty.npz").write_bytes(b"")
    Path("truncated.npz").write_bytes(saved[: len(saved) // 2])
    Path("folder.gif").mkdir()
    np.savez("pickle.npz", header=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(io.BytesIO(saved)) as old, zipfile.ZipFile("newer.npz", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"format_version": 2', b'"format_version": 9'))


@pytest.mark.parametrize("case", BAD)
def test_bad_input(bad_files, case):
    arguments, code, says = BAD[case]
    before = here()
    result = run(*arguments, code=None)
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code in ((1, 2) if code is None else (code,))
    assert not result.stdout
    words = " ".join(line for line in result.stderr.splitlines() if not line.startswith("note: "))
    assert re.search(says, words), words
    assert "Traceback" not in result.stderr
    assert len(re.findall("Error: ", words)) == 1
    assert here() == before
    assert not Path("outputs").exists()


@pytest.mark.parametrize(
    "wish",
    [("--out", "a.gfi"), ("--theme", "drak"), ("--fps", "99"), ("--save", "a.txt"), ("--size", "x")],
    ids=" ".join,
)
def test_what_cannot_be_drawn_is_refused_before_anything_runs(nothing_runs, wish):
    assert run("compare", "sphere", *wish, code=2).stderr


def test_several_mistakes_leave_nothing_behind():
    run("compare", "sphere", "--out", "new/a.gif", "--theme", "drak", "--save", "b.npz", code=2)
    assert not list(Path().iterdir())


def test_debug_shows_the_traceback():
    result = CliRunner().invoke(cli, ["--debug", "compare", "beal"])
    assert isinstance(result.exception, descent.DescentError)
    found = process("--debug", "compare", "beal")
    assert found.returncode == 1
    assert "Traceback" in found.stderr
    assert "DescentError: unknown surface 'beal'" in found.stderr


@pytest.mark.slow
@pytest.mark.parametrize("case", ["surface", "missing file", "command", "suffix"])
def test_bad_input_of_a_real_process(case):
    arguments, code, says = BAD[case]
    found = process(*arguments)
    assert found.returncode == code
    assert re.search(says, " ".join(found.stderr.split()))
    assert "Traceback" not in found.stderr
    assert not found.stdout
    assert not here()


# --- interrupts


# Children of a suite that runs in the background ignore SIGINT; at a terminal, where it matters, none does.
AT_A_TERMINAL = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("descent.cli", run_name="__main__", alter_sys=True)
"""
LONG = ("--fps", "50", "--seconds", "60", "--size", "hd")
COMPARED = ("compare", "beale", "-o", "sgd:lr=0.01", "--steps", "2000", *LONG)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """A command that draws as long as COMPARED, and starts sooner."""
    path = tmp_path_factory.mktemp("long") / "long.npz"
    descent.record("beale", "sgd:lr=0.01", steps=2000, resolution=(24, 24)).save(path)
    return ("render", str(path), *LONG)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "before", "with_torch"),
    [
        (signal.SIGINT, 1, None, True),
        (signal.SIGINT, 1, b"older", False),
        (signal.SIGTERM, 143, None, False),
        (signal.SIGTERM, 143, b"older", True),
    ],
    ids=["SIGINT, new", "SIGINT, existing", "SIGTERM, new", "SIGTERM, existing"],
)
def test_an_interrupt_leaves_nothing_half_written(tmp_path, rendered, number, code, before, with_torch):
    target = tmp_path / "new" / "a.gif"
    if before is not None:
        target.parent.mkdir()
        target.write_bytes(before)
    command = [sys.executable, "-c", AT_A_TERMINAL, *(COMPARED if with_torch else rendered)]
    command += ["--out", str(target)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: any(part.stat().st_size > 0 for part in tmp_path.glob("new/.*.gif")), running)
        running.send_signal(number)
        stdout, stderr = running.communicate(timeout=PATIENCE)
    finally:
        running.kill()
        running.wait()
    assert running.returncode == code
    assert "Traceback" not in stderr
    assert not stdout
    assert [path.name for path in target.parent.iterdir()] == ([] if before is None else ["a.gif"])
    assert before is None or target.read_bytes() == before


def test_a_polite_kill_that_compiled_code_turns_into_an_error_is_still_a_kill(monkeypatch):
    def swallow(**_):
        try:
            signal.raise_signal(signal.SIGTERM)
        except SystemExit:
            raise TypeError("incompatible function arguments") from None

    monkeypatch.setattr("descent.cli.cli", swallow)
    usual = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as stopped:
            descent_main()
    finally:
        signal.signal(signal.SIGTERM, usual)
    assert stopped.value.code == 128 + signal.SIGTERM


def wait_until(ready, running):
    """Return as soon as something is so; fail when the process ends before, or never gets there."""
    end = time.monotonic() + PATIENCE
    while not ready():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.slow
def test_a_closed_pipe_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)  # nobody reads
    try:
        found = subprocess.run(
            [sys.executable, "-m", "descent.cli", "list", "surfaces"],
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(writer)
    assert not found.stderr


# --- completion and light imports

HEAVY = {"torch", "numpy", "matplotlib", "PIL", "imageio"}
WATCH = f"""
import sys
sys.argv = ["descent", *sys.argv[1:]]
from descent.cli import main
try:
    main()
finally:
    heavy = {{name.partition(".")[0] for name in sys.modules}} & {HEAVY!r}
    print("\\nHEAVY", *sorted(heavy))
"""


def heavy_imports(*arguments, **world):
    found = subprocess.run(
        [sys.executable, "-c", WATCH, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, **world},
    )
    *printed, last = found.stdout.splitlines()
    assert last.startswith("HEAVY"), found.stderr
    return set(last.split()[1:]), "\n".join(printed)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        *((command, "--help") for command in ("compare", "record", "render", "recipe", "again", "list")),
        *(("list", kind) for kind in LISTS),
        ("compare",),
        ("nosuch",),
        ("compare", "beale", "--start", "a,b"),
        ("compare", "beale", "--out", "a.gfi"),
    ],
    ids=" ".join,
)
def test_light_commands_load_nothing_heavy(arguments):
    heavy, _ = heavy_imports(*arguments)
    assert heavy <= ({"numpy"} if "a.gfi" in arguments else set())


def test_the_check_of_imports_would_notice():
    heavy, _ = heavy_imports("record", "sphere", "--steps", "1", "--out", "a.npz")
    assert {"torch", "numpy"} <= heavy
    assert "matplotlib" not in heavy


def complete(words, incomplete):
    line = " ".join(["descent", *words, incomplete])
    heavy, printed = heavy_imports(
        _DESCENT_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) + 1)
    )
    assert not heavy
    return {item.partition(",")[2] for item in printed.splitlines() if item}


@pytest.mark.parametrize(
    ("words", "incomplete", "expected"),
    [
        ((), "co", {"compare"}),
        (("compare",), "ros", {"rosenbrock"}),
        (("compare",), "Schaffer-", {"schaffer_n2", "schaffer_n4"}),
        (("compare",), "xyz", set()),
        (("show",), "be", {"beale"}),
        (("compare", "beale", "-o"), "ada", {"adadelta", "adafactor", "adagrad", "adam", "adamax", "adamw"}),
        (("compare", "beale", "-o"), "rms", {"rmsprop"}),
        (("list",), "th", {"themes"}),
        (("compare", "beale"), "--the", {"--theme"}),
    ],
    ids=lambda part: (
        part if isinstance(part, str) else " ".join(sorted(part) if isinstance(part, set) else part)
    ),
)
def test_the_shell_completes_names(words, incomplete, expected):
    assert complete(words, incomplete) == expected


@pytest.mark.slow
def test_render_never_loads_torch(saved):
    Path("a.npz").write_bytes(saved)
    outs = [part for suffix in FORMATS for part in ("--out", f"b{suffix}")]
    heavy, printed = heavy_imports("render", "a.npz", "--size", "320x240", *outs)
    assert "torch" not in heavy
    assert "matplotlib" in heavy
    assert "wrote b.gif" in printed


@pytest.mark.slow
def test_progress_is_shown_on_terminals_only(saved):
    Path("a.npz").write_bytes(saved)
    found = process("render", "a.npz", "--size", "320x240", "--out", "a.gif")
    assert found.returncode == 0
    assert [line for line in found.stderr.splitlines() if "no room at 320x240" not in line] == []
