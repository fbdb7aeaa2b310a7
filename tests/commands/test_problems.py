"""The commands with problems: what they print, write and refuse, and that recipes make the same bytes."""

import json

import pytest
from click.testing import CliRunner

import descent
from descent.cli import cli

SMALL = ("--size", "320x240", "--steps", "8")


def run(*arguments):
    return CliRunner().invoke(cli, [str(each) for each in arguments])


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("target", "more"),
    [
        ("memory:pairs=4,dim=4", ("-o", "muon:lr=0.05,weight_decay=0", "--seed", "2")),
        ("rosenbrock:dim=6", ("-o", "adam:lr=0.1", "--start=-1,2", "--dtype", "float32")),
        ("factorization", ("-o", "sgd:lr=0.2", "--layer", "right", "--snapshots", "4", "--plane", "random")),
    ],
    ids=["memory", "rosenbrock", "factorization"],
)
def test_a_picture_is_made_again_from_itself_and_from_its_line(tmp_path, target, more):
    done = run("compare", target, *more, *SMALL, "--out", "a.png")
    assert done.exit_code == 0, done.output
    assert "Epoch" not in done.output
    assert run("again", "a.png", "--out", "b.png").exit_code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    line = run("recipe", "a.png").stdout.strip().splitlines()[0]
    words = [word.strip("'") for word in line.split(" ")]
    assert words[:2] == ["descent", "compare"]
    words[words.index("--out") + 1] = "c.png"
    done = run(*words[1:])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "c.png").read_bytes()


def test_a_recording_is_drawn_in_all_panels(tmp_path):
    assert (
        run(
            "record", "factorization", "-o", "sgd:lr=0.2", "--steps", "8", "--sharpness", "--out", "a.npz"
        ).exit_code
        == 0
    )
    panels = "contour,singular_values,layers,hinton,sharpness,gradient,lr"
    done = run("render", "a.npz", "--panels", panels, "--size", "1280x900", "--out", "a.png")
    assert done.exit_code == 0, done.output
    done = run("render", "a.npz", "--panels", "surface3d", "--out", "a.png", "--size", "480x360")
    assert done.exit_code == 0, done.output


def test_the_words_are_those_of_a_problem():
    done = run("compare", "factorization", "-o", "sgd:lr=0.2", *SMALL, "--out", "a.png", "--alt")
    assert done.exit_code == 0, done.output
    for words in (
        "the loss of matrix factorization, 8 x 8, rank 2, 8 steps.",
        "principal components",
        "above the minimum",
        "The lowest loss is 0.139.",
    ):
        assert words in done.stdout, done.stdout
    for words in ("network", "epoch", "sample", "training", "batch"):
        assert words not in done.stdout, done.stdout
    done = run("compare", "memory", "-o", "sgd:lr=1", *SMALL, "--out", "a.png", "--alt")
    assert "The infimum of the loss is 0." in done.stdout


def test_show_and_list_tell_what_is_known():
    done = run("show", "rosenbrock:dim=4")
    assert done.exit_code == 0, done.output
    for words in ("rosenbrock:dim=4", "(-1.2, 1, -1.2, 1)", "minimum", "sgd:lr=", "10.1093/comjnl"):
        assert words in done.stdout
    found = json.loads(run("show", "memory:pairs=4", "--json").stdout)
    assert (found["parameters"], found["shapes"], found["infimum"]) == (256, {"weight": "16 x 16"}, 0.0)
    assert "arXiv:2509.26030" in found["reference"]
    assert list(json.loads(run("list", "problems", "--json").stdout)) == [
        "factorization",
        "procrustes",
        "memory",
    ]
    surfaces = json.loads(run("list", "surfaces", "--json").stdout)
    assert surfaces["levy"].endswith("; also with dim=N")
    assert "dim=N" not in surfaces["beale"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "memory", "--out", "a.png"), "a problem is drawn where optimizers run on it"),
        (("show", "memory", "--data", "moons"), "--data and --data-dir are for networks"),
        (("compare", "factorisation"), "did you mean the problem 'factorization'?"),
        (("compare", "factorization:rank=9"), "rank of problem 'factorization' is at most 8"),
        (
            ("compare", "sphere:dim=0"),
            "dim of surface 'sphere' must be a whole number from 2 to 10,000, not 0",
        ),
        (("compare", "sphere:dim=1e9"), "not 1000000000.0"),
        (
            ("compare", "memory", "--tuned", "--lr", "1"),
            "--tuned finds the rates by full runs; leave out --lr",
        ),
        (("compare", "memory", "--epochs", "3"), "only for networks; how long a problem is descended"),
        (("compare", "memory", "--panels", "fit"), "a recording of a problem of many parameters has contour"),
        (("compare", "sphere:dim=3", "--panels", "singular_values"), "needs a matrix among its parameters"),
        (("compare", "beale", "--panels", "singular_values"), "is for recordings of a problem"),
        (
            ("compare", "memory", "--arrows", "momentum"),
            "a recording of a problem of many parameters keeps no",
        ),
        (("compare", "memory", "--stops", "300"), "no frame can stop at step 300"),
        (("compare", "beale", "--start", "1,2,3"), "a start is two numbers X,Y, not (1.0, 2.0, 3.0)"),
        (("sweep", "sphere:dim=3", "--noise", "1"), "noise cannot be given for a problem, only for surfaces"),
        (("sweep", "memory", "--epochs", "3"), "epochs cannot be given for a problem, only for networks"),
        (("basins", "sphere:dim=3"), "a surface in more dimensions than two"),
        (("basins", "memory"), "problem of many parameters, and here a surface is needed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_one_sentence(arguments, words):
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert words in done.stderr
    assert "Traceback" not in done.output


def test_a_sweep_is_drawn_and_made_again(tmp_path):
    rates = ("--lr", "0.01:1:4", "--steps", "10")
    done = run(
        "sweep", "memory:pairs=4,dim=4", "-o", "sgd", "-o", "muon", *rates, "--out", "a.png", "--csv", "a.csv"
    )
    assert done.exit_code == 0, done.output
    assert "epoch" not in done.output
    assert "training" not in done.output
    head, *rows = (tmp_path / "a.csv").read_text().splitlines()
    assert "validation" not in head
    assert len(rows) == 8
    assert run("again", "a.png", "--out", "b.png").exit_code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    line = run("recipe", "a.png").stdout.strip().splitlines()[0]
    words = line.split(" ")
    words[words.index("--out") + 1] = "c.png"
    assert run(*words[1:]).exit_code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "c.png").read_bytes()
    done = run("sweep", "rosenbrock:dim=5", "-o", "adam", *rates, "--start=-1,1", "--out", "d.png", "--alt")
    assert done.exit_code == 0, done.output
    assert "on the loss of Rosenbrock in 5 dimensions, start -1/1" in done.stdout
    assert "All runs begin with the same parameters." in done.stdout


def test_each_optimizer_can_have_its_best_rate():
    done = run(
        "compare",
        "rosenbrock:dim=4",
        "-o",
        "adam",
        "--tuned",
        "--start=-1,1",
        *SMALL,
        "--out",
        "a.png",
        "--json",
    )
    assert done.exit_code == 0, done.output
    panels = ("--panels", "contour,singular_values", "--size", "640x400", "--steps", "3", "--out", "b.png")
    assert run("compare", "factorization", "-o", "sgd", "--tuned", *panels).exit_code == 0
    (one,) = json.loads(done.stdout)["runs"]
    swept = descent.sweep("rosenbrock:dim=4", "adam", steps=8, start=(-1, 1))
    assert one["lr"] == swept.rates[swept.best[0]]
    assert "the best of 25 from 1e-05 to 1 by final loss after 8 steps" in done.stderr
