"""The commands that make many runs: sweep, basins, and compare with tuned rates."""

import csv
import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

import descent
from descent.cli import cli

SMALL = ("--size", "480x360")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Run every test in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))


def run(*arguments, code=0):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_sweep_prints_writes_and_names_the_best_rates():
    lines = run(
        *("sweep", "beale", "-o", "sgd", "-o", "adam", "--lr", "1e-4:1:9", "--steps", "50", *SMALL),
        *("--out", "s.png", "--out", "s.gif", "--out", "s.svg", "--csv", "s.csv"),
    ).stdout.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["optimizer", "SGD", "Adam"]
    assert lines[3].startswith("good: ends at most")
    assert lines[4:] == ["wrote s.csv", "wrote s.png", "wrote s.gif", "wrote s.svg"]
    rows = list(csv.DictReader(Path("s.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 18
    found = descent.sweep("beale", ["sgd", "adam"], "1e-4:1:9", steps=50)
    for optimizer, best in enumerate(found.best):
        (row,) = [row for row in rows if row["optimizer"] == found.specs[optimizer] and row["best"] == "1"]
        assert float(row["lr"]) == found.rates[best]
    with Image.open("s.gif") as gif:
        assert gif.n_frames == 51


def test_sweep_as_small_multiples_and_as_json():
    found = json.loads(
        run(
            "sweep",
            "sphere",
            "-o",
            "sgd",
            "--lr",
            "0.01,0.1,2",
            "--grid",
            "optimizer,lr",
            "--out",
            "m.png",
            "--json",
        ).stdout
    )
    assert found["files"] == ["m.png"]
    assert found["rates"] == [0.01, 0.1, 2.0]
    with Image.open("m.png") as picture:
        assert picture.size == (960, 600)


def test_sweep_over_seeds():
    run(
        "sweep",
        "quadratic",
        "-o",
        "sgd",
        "--lr",
        "0.01:1:5",
        "--seeds",
        "4",
        "--noise",
        "0.5",
        "--out",
        "n.png",
        *SMALL,
    )
    assert Path("n.png").exists()


def test_basins_counts_every_start():
    printed = json.loads(
        run(
            *(
                "basins",
                "himmelblau",
                "-o",
                "adam:lr=0.1",
                "-o",
                "sgd:lr=0.01",
                "--starts",
                "24",
                "--steps",
                "120",
            ),
            *("--out", "b.png", "--out", "b.gif", "--json", *SMALL),
        ).stdout
    )
    assert list(printed["optimizers"]) == ["adam:lr=0.1", "sgd:lr=0.01"]
    for found in printed["optimizers"].values():
        assert len(found["basins"]) == 4
        assert all(basin["count"] > 50 for basin in found["basins"])
        total = sum(basin["count"] for basin in found["basins"]) + found["diverged"] + found["unsettled"]
        assert total == 24 * 24
    assert printed["files"] == ["b.png", "b.gif"]


def test_basins_prints_a_table():
    assert "SGD" in run("basins", "booth", "-o", "sgd:lr=0.02", "--starts", "8", "--steps", "60").stdout


def test_tuned_rates_come_from_a_sweep_and_the_picture_says_so():
    result = run(
        "compare",
        "beale",
        "-o",
        "sgd",
        "-o",
        "adam",
        "--tuned",
        "--steps",
        "40",
        "--save",
        "t.npz",
        "--out",
        "t.svg",
        *SMALL,
    )
    protocol = "each optimizer's rate is the best of 25 from 1e-05 to 1 by final loss after 40 steps"
    assert f"note: {protocol}" in result.stderr
    recording = descent.load("t.npz")
    assert recording.recipe.protocol == protocol
    assert recording.recipe.specs == tuple(map(str, descent.tuned("beale", ["sgd", "adam"], steps=40).specs))
    assert protocol in Path("t.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sweep", "beale", "--lr", "1e-3,1e-2", "--start", "100,100"), ["the start 100,100 lies outside"]),
        (("sweep", "expr:x**2 + y**2", "--lr", "1e-3,1e-2"), ["no minimum of"]),
        (("sweep", "sphere", "--lr", "1e-3,1e-2"), []),
        (("basins", "abs", "--starts", "4"), ["not defined everywhere"]),
        (("basins", "himmelblau", "--starts", "4", "--view=9,10,9,10"), []),
    ],
    ids=["start", "no minimum", "nothing", "kink", "view without the start"],
)
def test_notes_on_many_runs_go_to_stderr_only(arguments, says):
    result = run(*arguments, "-o", "sgd", "--steps", "5", "--json")
    assert result.stderr.count("note: ") == len(says)
    assert all(words in result.stderr for words in says)
    json.loads(result.stdout)


BAD = {
    "range upside down": (("sweep", "beale", "--lr", "1e-5:-1:0"), "-1"),
    "range of no points": (("sweep", "beale", "--lr", "1:1e-5:0"), "1:1e-5:0|1e-05"),
    "range of one point": (("sweep", "beale", "--lr", "1e-5:1:1"), "1e-5:1:1"),
    "range of a million": (("sweep", "beale", "--lr", "1e-5:1:1000000"), "100,?000"),
    "negative rate": (("sweep", "beale", "--lr", "-0.1,0.1"), "-0.1"),
    "no rate": (("sweep", "beale", "--lr", "fast"), "fast"),
    "seeds without noise": (("sweep", "beale", "--seeds", "3"), "noise"),
    "memory": (("sweep", "beale", "--memory", "much"), "much"),
    "little memory": (("sweep", "beale", "--memory", "1kB"), "memory"),
    "csv suffix": (("sweep", "beale", "--csv", "a.txt"), r"\.csv"),
    "too many starts": (("basins", "himmelblau", "--starts", "100000"), "4096"),
    "one start": (("basins", "himmelblau", "--starts", "1"), "starts"),
    "too many starts for memory": (("basins", "himmelblau", "--starts", "4000", "--memory", "1MB"), "memory"),
    "no minima": (("basins", "saddle", "--starts", "8"), "minim"),
    "not to be batched": (("basins", "himmelblau", "-o", "lbfgs", "--starts", "64"), "LBFGS must run alone"),
    "unknown optimizer": (("basins", "himmelblau", "-o", "adma"), "adam"),
    "tuned with rates": (("compare", "beale", "--tuned", "--lr", "0.1"), "--lr"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case):
    arguments, says = BAD[case]
    result = CliRunner().invoke(cli, [*arguments, "--out", "bad.png"])
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code in (1, 2)
    assert re.search(says, result.stderr), result.stderr
    assert not result.stdout
    assert not list(Path().iterdir())
