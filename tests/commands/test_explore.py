"""The command that writes an explorable page."""

import json

import pytest
from click.testing import CliRunner

import descent
from descent.cli import cli
from descent.viz.files.recipes import read

SMALL = ("--starts", "4x3", "--steps", "6", "--lr", "0.01,0.1")


def run(*words, code=0):
    found = CliRunner().invoke(cli, [*words], catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found


def test_a_page_is_written_and_counted(tmp_path):
    out = tmp_path / "a.html"
    found = run("explore", "beale", "-o", "sgd", "-o", "adam", *SMALL, "--out", str(out), "--json")
    said = json.loads(found.stdout)
    assert said["files"] == [str(out)]
    assert said["recipe"]["starts"] == [4, 3]
    made = descent.explore("beale", ["sgd", "adam"], "0.01,0.1", starts="4x3", steps=6)
    for k, spec in enumerate(("sgd", "adam")):
        for j, each in enumerate(said["optimizers"][spec]):
            broken = made.non_finite_at[k, j] >= 0
            assert each["lr"] == made.rates[j]
            assert each["non_finite"] == broken.sum()
            assert each["left_the_view"] == ((made.left_at[k, j] >= 0) & ~broken).sum()


def test_a_table_is_printed_and_the_file_is_named_by_the_target(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run("explore", "sphere", "-o", "sgd", *SMALL)
    assert "median loss" in found.stdout
    assert "wrote outputs/sphere.html" in found.output
    assert (tmp_path / "outputs" / "sphere.html").exists()


def test_its_recipe_is_a_line_that_makes_the_same_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the line names the file alone
    out = tmp_path / "a.html"
    run("explore", "beale", "-o", "sgd:momentum=0.9", *SMALL, "--hide", "about,presets", "--out", str(out))
    line = run("recipe", str(out)).stdout.strip()
    assert line.startswith("descent explore beale -o sgd:momentum=0.9 --lr 0.01,0.1 --starts 4x3 --steps 6")
    before = out.read_bytes()
    out.unlink()
    run(*line.split()[1:])
    assert out.read_bytes() == before
    assert read(out).recipe["hide"] == ["about", "presets"]
    assert "`descent recipe` prints the command" in run("again", str(out), code=1).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explore", "mlp"), "made of a surface, whose starts lie on a plane"),
        (("explore", "parabola"), "has one parameter"),
        (("explore", "beale", "--hide", "lossses"), "did you mean 'losses'"),
        (("explore", "beale", "--out", "a.gif"), "Allowed: .html"),
        (("explore", "beale", "--starts", "1x5"), "at least 2, not 1"),
        (("explore", "beale", "--max-size", "3"), "max_size must be at least 50kB"),
        (("explore", "bale"), "did you mean 'beale'"),
    ],
)
def test_what_cannot_be_made_is_said_before_anything_is_run(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in run(*words, code=2).output
    assert list(tmp_path.iterdir()) == []
