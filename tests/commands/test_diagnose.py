"""The command that diagnoses: its table, its JSON, its picture and its refusals."""

import json

import pytest
from click.testing import CliRunner
from PIL import Image

from descent.cli import cli


def run(*words):
    return CliRunner().invoke(cli, ["diagnose", *words])


def test_it_prints_a_table_and_draws_a_heat_map(tmp_path):
    out = tmp_path / "heat.png"
    found = run("adam", "--tasks", "bowl, scaled loss", "--beside", "sgd", "--out", str(out))
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    assert lines[0].split() == ["task", "steps", "mark", "Adam", "left", "lr", "rates", "SGD"]
    assert lines[1].split()[:4] == ["bowl", "100", "1e-04", "passes"]
    assert lines[2].split()[-1] == "no"
    assert "Adam passes 2 of 2 tasks" in found.stdout
    assert f"wrote {out}" in found.stdout
    with Image.open(out) as picture:
        assert picture.size == (960, 600)


def test_json_has_marks_and_numbers():
    found = run("sgd", "--tasks", "bowl", "--beside", "none", "--lr", "0.5", "--json")
    assert found.exit_code == 0, found.output
    plain = json.loads(found.stdout)
    assert plain["tasks"][0]["mark"] == 1e-4
    assert plain["optimizers"]["sgd:lr=0.5"]["tasks"]["bowl"]["passes"] is True
    assert plain["recipe"]["versions"]["torch"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["adm"], 2, "unknown optimizer 'adm'; did you mean 'adam'"),
        (["adam", "--tasks", "bowls"], 2, "unknown task 'bowls'; did you mean 'bowl'"),
        (["adam", "--out", "heat.gif"], 2, ".gif moves, and this picture is a still"),
        (["lbfgs", "--tasks", "bowl"], 1, "LBFGS asks for the loss again within a step"),
        (["adam", "--lr", "fast", "--tasks", "bowl"], 2, "fast"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(words, code, said):
    found = run(*words)
    assert found.exit_code == code, found.output
    assert said in found.output
